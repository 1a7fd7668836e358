//! Rust in a spec, as nodes.

use super::text::{Map, Node};
use crate::ast::{GuardKind, Value};
use crate::backend::spelling::rust::{self, expression, read, ty};
use crate::frontend::expr;
use crate::ir::{Arg, ArgKind, Call, Expr, Field};
use crate::json;
use crate::rust::Literal;
use crate::source::Span;

/// An expression as a value of its own; a number needs no quotes, since it is read as it is written.
pub(super) fn value(expr: &Expr) -> Node {
    let text = expression(expr);
    if is_plain(&text) { Node::Plain(text) } else { Node::Text(text) }
}

/// Whether YAML has this literal as well, with the same meaning.
fn is_plain(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = digits.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    (is_number && digits.split('.').count() <= 2) || matches!(text, "true" | "false")
}

/// `Type = default`.
pub(super) fn field(field: &Field) -> Node {
    let ty = ty(&field.ty);
    match &field.default {
        Some(default) => Node::Text(format!("{ty} = {}", expression(default))),
        None => Node::Text(ty),
    }
}

/// The call of an action: a name, `name(arguments)`, or XState's form where the name is not one of Rust's.
pub(super) fn action(call: &Call) -> Node {
    method(call, |text| read(text, expr::call).as_ref() == Some(call))
}

/// The same of a guard, where some words combine guards; in quotes they are names.
pub(super) fn guard(call: &Call) -> Node {
    method(call, |text| matches!(read(text, expr::guard_text), Some(GuardKind::Call(found)) if found == *call))
}

/// The call of a task, which is always text.
pub(super) fn task(call: &Call) -> String {
    let text = rust::text(call);
    if read(&text, expr::call).as_ref() == Some(call) { text } else { quoted(call) }
}

/// A call in the simplest form that means it; JSON is simplest in XState's.
fn method(call: &Call, means_it: impl Fn(&str) -> bool) -> Node {
    let has_json = |arg: &Arg| matches!(&arg.kind, ArgKind::Literal(literal) if json::read(&literal.syntax).is_some());
    let json = call.args.iter().any(has_json).then(|| typed(call)).flatten();
    let simple = || Some(rust::text(call)).filter(|text| means_it(text));
    let in_quotes = || Some(quoted(call)).filter(|text| !call.args.is_empty() && means_it(text));
    json.or_else(|| simple().or_else(in_quotes).map(Node::Text))
        .or_else(|| typed(call))
        .unwrap_or_else(|| Node::Text(quoted(call)))
}

fn quoted(call: &Call) -> String {
    format!("{:?}{}", call.name.value, rust::args(call))
}

/// An expression as a guard: one that would be read as a combination of guards stands in `rust(…)`.
pub(super) fn condition(expr: &Expr) -> Node {
    let text = expression(expr);
    let means_it = match read(&text, expr::guard_text) {
        // One pair of parentheses around everything would be no part of the expression.
        Some(GuardKind::Expr(found)) => found == *expr || !matches!(&*expr.syntax, syn::Expr::Paren(_)),
        _ => false,
    };
    if means_it {
        return Node::Text(text);
    }
    // A comment at its end would swallow the bracket.
    Node::Text(format!("rust({})", rust::one_line(expr)))
}

/// `{ type: name, params: … }`, which holds any name, but only arguments that JSON has.
fn typed(call: &Call) -> Option<Node> {
    let mut map = Map::default();
    map.set("type", Node::text(&call.name.value));
    let mut params = Map::default();
    for (index, arg) in call.args.iter().enumerate() {
        let ArgKind::Literal(literal) = &arg.kind else { return None };
        params.name(&format!("arg{}", index + 1), param(literal)?);
    }
    if !params.is_empty() {
        map.set("params", Node::Map(params));
    }
    Some(Node::Map(map))
}

/// A literal as a value of YAML that is read as this literal again.
fn param(literal: &Literal) -> Option<Node> {
    if let Some(value) = json::read(&literal.syntax) {
        // `json!(1)` is no `1`.
        if !matches!(value, Value::Null | Value::List(_) | Value::Map(_)) {
            return None;
        }
        let again = json::call(&value, Span::default()).ok().and_then(|text| read(&text, expr::expression));
        return Some(Node::data(&value)).filter(|_| again.is_some_and(|again| again.syntax == literal.syntax));
    }
    let text = rust::literal(&literal.syntax);
    if is_plain(&text) {
        return Some(Node::Plain(text));
    }
    let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(found), .. }) = &*literal.syntax else { return None };
    let value = found.value();
    (proc_macro2::Literal::string(&value).to_string() == text).then_some(Node::Text(value))
}
