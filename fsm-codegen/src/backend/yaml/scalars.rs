//! Rust in a spec, as nodes.

use super::text::{Map, Node};
use crate::ast::GuardKind;
use crate::backend::spelling::rust::{self, expression, read, signed, ty};
use crate::frontend::expr;
use crate::ir::{ArgKind, Call, Expr, Field};

/// An expression as a value of its own; a number needs no quotes, since it is read as it is written.
pub(super) fn value(expr: &Expr) -> Node {
    let text = expression(expr);
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let is_number = digits.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    let is_bool = matches!(text.as_str(), "true" | "false");
    if (is_number && digits.split('.').count() <= 2) || is_bool { Node::Plain(text) } else { Node::Text(text) }
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

/// A call in the simplest form that means it.
fn method(call: &Call, means_it: impl Fn(&str) -> bool) -> Node {
    let simple = Some(rust::text(call)).filter(|text| means_it(text));
    let text = simple.or_else(|| Some(quoted(call)).filter(|text| !call.args.is_empty() && means_it(text)));
    text.map_or_else(|| typed(call), Node::Text)
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

/// `{ type: name, params: … }`, which holds any name, but literals only.
fn typed(call: &Call) -> Node {
    let mut map = Map::default();
    map.set("type", Node::text(&call.name.value));
    let mut params = Map::default();
    for (index, arg) in call.args.iter().enumerate() {
        let ArgKind::Literal(literal) = &arg.kind else { continue };
        let value = match &*literal.syntax {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Node::Text(text.value()),
            other => Node::Plain(signed(other)),
        };
        params.name(&format!("arg{}", index + 1), value);
    }
    if !params.is_empty() {
        map.set("params", Node::Map(params));
    }
    Node::Map(map)
}
