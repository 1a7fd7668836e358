//! JSON values as defaults: XState's `context: { count: 0, list: [] }`.
//!
//! Needs nothing. A bool or a number has the Rust type that JSON has no word for; `null`, a list and a
//! mapping are a `serde_json::Value`. Both size and depth are bounded, since the text is parsed as Rust.

use crate::ast::Value;
use crate::diag::{Code, Diagnostic, shown};
use crate::ir::{Expr, Syntax, Type};
use crate::source::{Span, Spanned};

/// How many values one default may hold, and how deep they may stand.
const MOST_VALUES: usize = 1_000;
const DEEPEST: usize = 32;

/// The type and the Rust of a JSON value.
pub(super) fn lower(value: &Spanned<Value>) -> Result<(Type, Expr), Diagnostic> {
    let span = value.span;
    let (ty, text) = match &value.value {
        Value::Bool(value) => ("bool", value.to_string()),
        Value::Int(value) => ("i64", value.to_string()),
        Value::Float(value) => ("f64", float_text(*value)),
        Value::Null | Value::List(_) | Value::Map(_) => ("::serde_json::Value", json(&value.value, span)?),
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

fn json(value: &Value, span: Span) -> Result<String, Diagnostic> {
    let mut text = String::from("::serde_json::json!(");
    let mut left = MOST_VALUES;
    if write(value, DEEPEST, &mut left, &mut text).is_none() {
        let message = format!("a default holds at most {MOST_VALUES} values, {DEEPEST} levels deep");
        return Err(Diagnostic::error(Code::TooLarge, span, message).help("read it when the machine starts"));
    }
    text.push(')');
    Ok(text)
}

/// A value as the macro `json!` reads it; `None` where there are too many.
fn write(value: &Value, depth: usize, left: &mut usize, text: &mut String) -> Option<()> {
    *left = left.checked_sub(1)?;
    let depth = depth.checked_sub(1)?;
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Int(value) => text.push_str(&value.to_string()),
        Value::Float(value) => text.push_str(&float_text(*value)),
        Value::String(value) => quote(value, text),
        Value::List(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index > 0 { ", " } else { "" });
                write(item, depth, left, text)?;
            }
            text.push(']');
        }
        Value::Map(entries) => {
            text.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                text.push_str(if index > 0 { ", " } else { "" });
                quote(key, text);
                text.push_str(": ");
                write(value, depth, left, text)?;
            }
            text.push('}');
        }
    }
    Some(())
}

fn quote(value: &str, text: &mut String) {
    let quoted = format!("{value:?}");
    text.push_str(&quoted);
}

/// A number as Rust spells it, with a point.
fn float_text(value: f64) -> String {
    if value.is_nan() {
        "f64::NAN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "f64::INFINITY" } else { "f64::NEG_INFINITY" }.to_owned()
    } else {
        format!("{value:?}")
    }
}
