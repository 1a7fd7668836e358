//! Rust in a spec: expressions as they were written, types and calls from their syntax.
//!
//! What stands here is read again by `frontend::expr`, so that is whom this asks whether a text means what it shall.

use quote::ToTokens;

use super::text::{Map, Node};
use crate::diag::Diagnostics;
use crate::frontend::expr::{self, Condition, Text};
use crate::ir::{Arg, ArgKind, Borrow, Call, Expr, Field, Type};
use crate::names;
use crate::resolve::type_text;
use crate::source::Span;

/// Reads a text as the YAML front-end does.
fn read<T>(text: &str, read: impl FnOnce(&Text<'_>, &mut Diagnostics) -> Option<T>) -> Option<T> {
    read(&Text::new(text, Span::default(), Vec::new()), &mut Diagnostics::default())
}

/// An expression as it was written, where that still gives the expression.
///
/// It does not where the spec had a JSON value in place of Rust. A field may have another spelling in the syntax than
/// in the text, since names become Rust's in between.
pub(super) fn expression(expr: &Expr) -> String {
    let written = read(&expr.text, expr::expression);
    if written.is_some_and(|written| written == *expr || spelt_alike(&written, expr)) {
        return expr.text.clone();
    }
    expr.syntax.to_token_stream().to_string()
}

/// An expression as a value of its own; a number needs no quotes, since it is read as it is written.
pub(super) fn value(expr: &Expr) -> Node {
    let text = expression(expr);
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let is_number = digits.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    let is_bool = matches!(text.as_str(), "true" | "false");
    if (is_number && digits.split('.').count() <= 2) || is_bool { Node::Plain(text) } else { Node::Text(text) }
}

fn spelt_alike(one: &Expr, other: &Expr) -> bool {
    let words = |expr: &Expr| names::snake(&expr.syntax.to_token_stream().to_string().replace("r#", ""));
    words(one) == words(other)
}

/// A type in the usual spacing.
pub(super) fn ty(ty: &Type) -> String {
    spaced(&*ty.syntax, |text| read(text, expr::ty).is_some_and(|read| read == *ty))
}

/// A path of `use:`.
pub(super) fn use_tree(tree: &syn::UseTree) -> String {
    spaced(tree, |text| read(text, expr::use_tree).is_some_and(|read| read.value == *tree))
}

/// What stands between the angle brackets of a generic machine.
pub(super) fn generics(generics: &syn::Generics) -> String {
    let clause = generics.where_clause.as_ref().map(|clause| format!(" {}", type_text(clause)));
    let whole = spaced(&generics.params, |text| read(text, expr::generics).is_some());
    whole + &clause.unwrap_or_default()
}

/// Tokens in the usual spacing, or where that would mean something else as they come.
fn spaced(tokens: &dyn ToTokens, means_it: impl FnOnce(&str) -> bool) -> String {
    let text = type_text(&tokens.to_token_stream());
    if means_it(&text) { text } else { tokens.to_token_stream().to_string() }
}

/// `Type = default`.
pub(super) fn field(field: &Field) -> Node {
    let ty = ty(&field.ty);
    match &field.default {
        Some(default) => Node::Text(format!("{ty} = {}", expression(default))),
        None => Node::Text(ty),
    }
}

/// A field's name where Rust's syntax asks for an identifier.
pub(super) fn ident(name: &str) -> String {
    let is_ident = syn::parse_str::<syn::Ident>(name).is_ok() || names::is_keyword(name);
    names::raw(if is_ident { name.to_owned() } else { names::snake(name) })
}

/// The call of an action: a name, `name(arguments)`, or XState's form where the name is not one of Rust's.
pub(super) fn action(call: &Call) -> Node {
    let text = self::text(call);
    if read(&text, expr::call).as_ref() == Some(call) { Node::Text(text) } else { typed(call) }
}

/// The same of a guard, whose text could also be an expression.
pub(super) fn guard(call: &Call) -> Node {
    let text = self::text(call);
    match read(&text, expr::condition) {
        Some(Condition::Call(found)) if found == *call => Node::Text(text),
        _ => typed(call),
    }
}

/// `name(arguments)`, or the name where there are none.
pub(super) fn text(call: &Call) -> String {
    if call.args.is_empty() {
        return call.name.value.clone();
    }
    let args: Vec<String> = call.args.iter().map(arg).collect();
    format!("{}({})", call.name.value, args.join(", "))
}

fn arg(arg: &Arg) -> String {
    match &arg.kind {
        ArgKind::Path { borrow, root, fields } => {
            let borrow = match borrow {
                Borrow::Value => "",
                Borrow::Shared => "&",
                Borrow::Mutable => "&mut ",
            };
            let names = fields.iter().map(|field| path_field(&field.value));
            let path: Vec<String> = std::iter::once(root.name().to_owned()).chain(names).collect();
            format!("{borrow}{}", path.join("."))
        }
        ArgKind::Literal(literal) => signed(&literal.syntax),
    }
}

/// Behind a dot the front-end takes keywords as they are.
fn path_field(name: &str) -> String {
    if names::is_keyword(name) && name != "await" { name.to_owned() } else { ident(name) }
}

/// A literal with its sign, without a space between them.
fn signed(literal: &syn::Expr) -> String {
    match literal {
        syn::Expr::Unary(unary) => format!("{}{}", unary.op.to_token_stream(), signed(&unary.expr)),
        other => other.to_token_stream().to_string(),
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
