//! What a piece of syntax is to a state machine: an argument, a literal or JSON, a path over the four names.
//!
//! Works on syn's trees alone, so that YAML and the macro classify alike; places come from [`Places`].

use fsm_model::gather::Gather as _;
use syn::ext::IdentExt;

use super::Places;
use crate::diag::{Code, Diagnostic, Diagnostics, did_you_mean};
use crate::json;
use crate::rust::{Arg, ArgKind, Borrow, Literal, Name, Root, Syntax};
use crate::source::Spanned;

/// Advice on arguments, which `resolve` replaces where the name before a path is that of a field.
pub(crate) const ARGUMENT: &str = "an argument is a path over `event`, `context`, `state` or `queue`, or a literal; \
                                   store anything richer by `assign` first";

const ROOTS: [Root; 4] = [Root::Event, Root::Context, Root::State, Root::Queue];

/// Which of the four names this is.
#[must_use]
pub fn root(name: &str) -> Option<Root> {
    ROOTS.into_iter().find(|root| root.name() == name)
}

/// The arguments of a call; what is neither path nor literal is reported and left out.
pub fn args<'a>(
    args: impl IntoIterator<Item = &'a syn::Expr>,
    places: &dyn Places,
    diagnostics: &mut Diagnostics,
) -> Vec<Arg> {
    args.into_iter().filter_map(|expr| arg(expr, places, diagnostics)).gather()
}

fn arg(expr: &syn::Expr, places: &dyn Places, diagnostics: &mut Diagnostics) -> Option<Arg> {
    let span = places.over(expr);
    let kind = literal(expr).map(ArgKind::Literal).or_else(|| borrowed_path(expr, places));
    if kind.is_none() {
        diagnostics.push(invalid_argument(expr, span));
    }
    kind.map(|kind| Arg { kind, span })
}

fn invalid_argument(expr: &syn::Expr, span: crate::source::Span) -> Diagnostic {
    let message = "this argument is neither a path nor a literal";
    let misspelt = path_root(expr).and_then(|name| did_you_mean(&name, ROOTS.iter().map(|root| root.name())));
    Diagnostic::error(Code::InvalidArgument, span, message).help(misspelt.unwrap_or_else(|| ARGUMENT.into()))
}

/// The first name of a path that does not begin with one of the four.
fn path_root(expr: &syn::Expr) -> Option<String> {
    match expr {
        syn::Expr::Path(path) => path.path.get_ident().map(|ident| ident.unraw().to_string()),
        syn::Expr::Field(field) => path_root(&field.base),
        syn::Expr::Reference(reference) => path_root(&reference.expr),
        _ => None,
    }
    .filter(|name| root(name).is_none() && name.starts_with(|char: char| char.is_lowercase() || char == '_'))
}

fn borrowed_path(expr: &syn::Expr, places: &dyn Places) -> Option<ArgKind> {
    let (borrow, inner) = match expr {
        syn::Expr::Reference(reference) if reference.attrs.is_empty() => {
            let borrow = if reference.mutability.is_some() { Borrow::Mutable } else { Borrow::Shared };
            (borrow, &*reference.expr)
        }
        _ => (Borrow::Value, expr),
    };
    let mut fields = Vec::new();
    let root = path(inner, places, &mut fields)?;
    Some(ArgKind::Path { borrow, root, fields })
}

/// The root of a path of fields; the fields below it are added to `fields`, outermost first.
fn path(expr: &syn::Expr, places: &dyn Places, fields: &mut Vec<Name>) -> Option<Root> {
    match expr {
        syn::Expr::Path(path) => path.path.get_ident().and_then(|ident| root(&ident.to_string())),
        syn::Expr::Field(field) => {
            let root = path(&field.base, places, fields)?;
            let syn::Member::Named(ident) = &field.member else { return None };
            fields.push(Spanned::new(ident.unraw().to_string(), places.place(ident.span())));
            Some(root)
        }
        _ => None,
    }
}

/// A literal with its type, the sign of a number included; JSON in `json!(…)` is one as well.
#[must_use]
pub fn literal(expr: &syn::Expr) -> Option<Literal> {
    let lit = match expr {
        syn::Expr::Lit(lit) => &lit.lit,
        syn::Expr::Unary(syn::ExprUnary { op: syn::UnOp::Neg(_), expr: inner, .. }) => match &**inner {
            syn::Expr::Lit(syn::ExprLit { lit: lit @ (syn::Lit::Int(_) | syn::Lit::Float(_)), .. }) => lit,
            _ => return None,
        },
        call => {
            let ty = json::read(call).and_then(|_| syn::parse_str(json::TYPE).ok())?;
            return Some(Literal { syntax: Syntax::new(call.clone()), ty: Syntax::new(ty) });
        }
    };
    let ty = match lit {
        syn::Lit::Int(int) => number_type(int.suffix(), "i64")?,
        syn::Lit::Float(float) => number_type(float.suffix(), "f64")?,
        syn::Lit::Bool(_) => syn::parse_quote!(bool),
        syn::Lit::Str(_) => syn::parse_quote!(&str),
        syn::Lit::Char(_) => syn::parse_quote!(char),
        syn::Lit::Byte(_) => syn::parse_quote!(u8),
        syn::Lit::ByteStr(_) => syn::parse_quote!(&[u8]),
        _ => return None,
    };
    Some(Literal { syntax: Syntax::new(expr.clone()), ty: Syntax::new(ty) })
}

fn number_type(suffix: &str, default: &str) -> Option<syn::Type> {
    const SUFFIXES: &[&str] =
        &["i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize", "f32", "f64"];
    let name = if suffix.is_empty() { default } else { suffix };
    let ident = syn::Ident::new(SUFFIXES.iter().find(|known| **known == name)?, proc_macro2::Span::call_site());
    Some(syn::parse_quote!(#ident))
}
