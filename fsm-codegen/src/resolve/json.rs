//! JSON values as defaults: XState's `context: { count: 0, list: [] }`.
//!
//! Needs nothing. A bool or a number has the Rust type that JSON has no word for; `null`, a list and a
//! mapping are a `serde_json::Value`.

use crate::ast::Value;
use crate::diag::{Code, Diagnostic, shown};
use crate::ir::{Expr, Syntax, Type};
use crate::json;
use crate::source::{Span, Spanned};

/// The type and the Rust of a JSON value.
pub(super) fn lower(value: &Spanned<Value>) -> Result<(Type, Expr), Diagnostic> {
    let span = value.span;
    let (ty, text) = match &value.value {
        Value::Bool(value) => ("bool", value.to_string()),
        Value::Int(value) => ("i64", value.to_string()),
        Value::Float(value) => ("f64", json::float(*value)),
        Value::Null | Value::List(_) | Value::Map(_) => (json::TYPE, json::call(&value.value, span)?),
        Value::String(_) => {
            let diagnostic = Diagnostic::error(Code::WrongType, span, "a default of this kind has no Rust type");
            return Err(diagnostic.help("write type and default in Rust: `String = \"…\"`"));
        }
    };
    parse_constant(ty, &text, span)
        .ok_or_else(|| Diagnostic::error(Code::WrongType, span, format!("`{}` is no default", shown(&text))))
}

fn parse_constant(ty: &str, text: &str, span: Span) -> Option<(Type, Expr)> {
    let ty = Type { syntax: Syntax::new(syn::parse_str(ty).ok()?), span };
    let syntax = Syntax::new(syn::parse_str(text).ok()?);
    Some((ty, Expr { syntax, text: text.to_owned(), span }))
}
