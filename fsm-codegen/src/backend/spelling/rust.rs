//! Rust as it is written in a spec: expressions as they were, types, calls and generic parameters from their syntax.
//!
//! What stands here is read again by `frontend::expr`, so that is whom this asks whether a text means what it shall.

use proc_macro2::TokenStream;
use quote::ToTokens;

use crate::diag::Diagnostics;
use crate::frontend::expr::{self, Text};
use crate::ir::{Arg, ArgKind, Call, Expr, Type};
use crate::json;
use crate::names;
use crate::resolve::type_text;
use crate::rust::{Import, same};
use crate::source::Span;

/// Reads a text as the YAML front-end does.
pub(in crate::backend) fn read<T>(
    text: &str,
    read: impl FnOnce(&Text<'_>, &mut Diagnostics) -> Option<T>,
) -> Option<T> {
    read(&Text::new(text, Span::default(), Vec::new()), &mut Diagnostics::default())
}

/// An expression as it was written, where that still gives the expression.
///
/// It does not where the spec had a JSON value in place of Rust. A field may have another spelling in the syntax than
/// in the text, since names become Rust's in between.
pub(in crate::backend) fn expression(expr: &Expr) -> String {
    let written = read(&expr.text, expr::expression);
    if written.is_some_and(|written| written == *expr || spelt_alike(&written, expr)) {
        return expr.text.clone();
    }
    spaced(&*expr.syntax, |text| read(text, expr::expression).is_some_and(|read| read.syntax == expr.syntax))
}

fn spelt_alike(one: &Expr, other: &Expr) -> bool {
    let words = |expr: &Expr| names::snake(&expr.syntax.to_token_stream().to_string().replace("r#", ""));
    words(one) == words(other)
}

/// A type in the usual spacing.
pub(in crate::backend) fn ty(ty: &Type) -> String {
    spaced(&*ty.syntax, |text| read(text, expr::ty).is_some_and(|read| read == *ty))
}

/// A path of `use:`.
pub(in crate::backend) fn use_tree(tree: &Import) -> String {
    spaced(tree, |text| read(text, expr::use_tree).is_some_and(|read| same(&read.value, tree)))
}

/// What stands between the angle brackets of a generic machine.
pub(in crate::backend) fn generics(generics: &syn::Generics) -> String {
    spaced(&generics.params, |text| read(text, expr::generics).is_some())
}

/// A visibility, where it is not `pub`.
pub(in crate::backend) fn visibility(visibility: &syn::Visibility) -> Option<String> {
    match visibility {
        syn::Visibility::Public(_) => None,
        syn::Visibility::Inherited => Some("private".to_owned()),
        syn::Visibility::Restricted(_) => Some(type_text(visibility)),
    }
}

/// An attribute in the usual spacing.
pub(in crate::backend) fn attribute(attribute: &syn::Attribute) -> String {
    let text = type_text(attribute);
    let means_it = read(&text, expr::attributes).is_some_and(|read| read.len() == 1 && same(&read[0].value, attribute));
    if means_it { text } else { format!("#[{}]", attribute.meta.to_token_stream()) }
}

/// Tokens in the usual spacing, or where that would mean something else as they come.
fn spaced(tokens: &dyn ToTokens, means_it: impl FnOnce(&str) -> bool) -> String {
    let text = type_text(&tokens.to_token_stream());
    if means_it(&text) { text } else { tokens.to_token_stream().to_string() }
}

/// A field's name where Rust's syntax asks for an identifier.
pub(in crate::backend) fn ident(name: &str) -> String {
    let is_ident = syn::parse_str::<syn::Ident>(name).is_ok() || names::is_keyword(name);
    names::raw(if is_ident { name.to_owned() } else { names::snake(name) })
}

/// An expression on one line, with more to follow: as it was written, where that can be.
///
/// A comment at its end, `ready // for now`, would swallow what follows.
pub(in crate::backend) fn one_line(expr: &Expr) -> String {
    let text = expression(expr);
    let can_be = !text.contains('\n') && format!("({text})").parse::<TokenStream>().is_ok();
    if can_be {
        text
    } else {
        spaced(&*expr.syntax, |text| read(text, expr::expression).is_some_and(|read| read == *expr))
    }
}

/// `(arguments)`; nothing where there are none.
pub(in crate::backend) fn args(call: &Call) -> String {
    if call.args.is_empty() {
        return String::new();
    }
    format!("({})", call.args.iter().map(arg).collect::<Vec<_>>().join(", "))
}

/// `name(arguments)`, or the name where there are none.
pub(in crate::backend) fn text(call: &Call) -> String {
    format!("{}{}", call.name.value, args(call))
}

fn arg(arg: &Arg) -> String {
    match &arg.kind {
        ArgKind::Path { borrow, root, fields } => {
            let borrow = borrow.prefix();
            let names = fields.iter().map(|field| path_field(&field.value));
            let path: Vec<String> = std::iter::once(root.name().to_owned()).chain(names).collect();
            format!("{borrow}{}", path.join("."))
        }
        ArgKind::Literal(literal) => self::literal(&literal.syntax),
    }
}

/// Behind a dot the front-end takes keywords as they are.
fn path_field(name: &str) -> String {
    if names::is_keyword(name) && name != "await" { name.to_owned() } else { ident(name) }
}

/// A literal with its sign, without a space between them; JSON in the usual spacing.
pub(in crate::backend) fn literal(literal: &syn::Expr) -> String {
    match literal {
        syn::Expr::Unary(unary) => format!("{}{}", unary.op.to_token_stream(), self::literal(&unary.expr)),
        syn::Expr::Macro(_) => {
            let usual = json::read(literal).and_then(|value| json::call(&value, Span::default()).ok());
            let means_it = |text: &str| read(text, expr::expression).is_some_and(|read| same(&read.syntax, literal));
            usual.filter(|text| means_it(text)).unwrap_or_else(|| literal.to_token_stream().to_string())
        }
        other => other.to_token_stream().to_string(),
    }
}
