//! Rust in a spec, as nodes.

use super::text::{Map, Node};
use crate::backend::spelling::rust::{self, expression, read, signed, ty};
use crate::frontend::expr::{self, Condition};
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
    let text = rust::text(call);
    if read(&text, expr::call).as_ref() == Some(call) { Node::Text(text) } else { typed(call) }
}

/// The same of a guard, whose text could also be an expression.
pub(super) fn guard(call: &Call) -> Node {
    let text = rust::text(call);
    match read(&text, expr::condition) {
        Some(Condition::Call(found)) if found == *call => Node::Text(text),
        _ => typed(call),
    }
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
