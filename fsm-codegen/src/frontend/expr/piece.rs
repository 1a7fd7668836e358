//! A piece of Rust as tokens, and what syn makes of it: where text and the macro's tokens meet.
//!
//! Behind the lexer. Every parse goes through [`limits`], so syn never sees what would overflow its stack.

use fsm_model::gather::Gather as _;
use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, Parser};
use syn::punctuated::Punctuated;

use super::text::ends;
use super::{Places, classify, fields, limits};
use crate::ast::Assignment;
use crate::diag::{Code, Diagnostic, Diagnostics, shown};
use crate::rust::{Arg, Expr, Import, Placed, Syntax, Type, placed};
use crate::source::{Span, Spanned};

/// What a piece should be, in messages; both hold types from the first token on.
const TYPE: &str = "a Rust type";
pub(super) const GENERICS: &str = "a list of generic parameters";

/// Tokens with their places.
pub(in crate::frontend) struct Piece<'p> {
    /// The Rust.
    pub(in crate::frontend) tokens: TokenStream,
    /// As it is written.
    pub(in crate::frontend) text: &'p str,
    /// The place of all of it.
    pub(in crate::frontend) whole: Span,
    /// The place behind its last token.
    pub(in crate::frontend) end: Span,
    /// Where its tokens stand.
    pub(in crate::frontend) places: &'p dyn Places,
}

/// Any expression.
pub(in crate::frontend) fn expression(piece: Piece<'_>, diagnostics: &mut Diagnostics) -> Option<Expr> {
    let (text, span) = (piece.text.to_owned(), piece.whole);
    let syntax = Syntax::new(syntax(piece, <syn::Expr as Parse>::parse, "a Rust expression", diagnostics)?);
    Some(Expr { syntax, text, span })
}

/// A type.
pub(in crate::frontend) fn ty(piece: Piece<'_>, diagnostics: &mut Diagnostics) -> Option<Type> {
    let span = piece.whole;
    Some(Type { syntax: Syntax::new(syntax(piece, <syn::Type as Parse>::parse, TYPE, diagnostics)?), span })
}

/// What stands between `use` and the semicolon.
pub(in crate::frontend) fn use_tree(piece: Piece<'_>, diagnostics: &mut Diagnostics) -> Option<Placed<Import>> {
    let span = piece.whole;
    Some(placed(syntax(piece, <Import as Parse>::parse, "a path to use", diagnostics)?, span))
}

/// What stands between the angle brackets of a generic machine, and a `where` clause behind it.
pub(in crate::frontend) fn generics(piece: Piece<'_>, diagnostics: &mut Diagnostics) -> Option<Placed<syn::Generics>> {
    let (places, span) = (piece.places, piece.whole);
    let generics = syntax(piece, super::generics::parse, GENERICS, diagnostics)?;
    super::generics::lower(generics, places, diagnostics).map(|generics| placed(generics, span))
}

/// Who sees an item.
pub(in crate::frontend) fn visibility(
    piece: Piece<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Placed<syn::Visibility>> {
    let span = piece.whole;
    Some(placed(syntax(piece, <syn::Visibility as Parse>::parse, "a visibility", diagnostics)?, span))
}

/// Attributes of an item.
pub(in crate::frontend) fn attributes(
    piece: Piece<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Placed<syn::Attribute>>> {
    let places = piece.places;
    let attributes = syntax(piece, syn::Attribute::parse_outer, "an attribute", diagnostics)?;
    Some(attributes.into_iter().map(|attribute| placed(attribute.clone(), places.over(&attribute))).gather())
}

/// What stands between the brackets of a call.
pub(in crate::frontend) fn args(piece: Piece<'_>, diagnostics: &mut Diagnostics) -> Option<Vec<Arg>> {
    let places = piece.places;
    let parser = Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated;
    let args = syntax(piece, parser, "the arguments of a call", diagnostics)?;
    Some(classify::args(&args, places, diagnostics))
}

/// `field: expression`, separated by commas.
pub(in crate::frontend) fn assignments(mut piece: Piece<'_>, diagnostics: &mut Diagnostics) -> Option<Vec<Assignment>> {
    let places = piece.places;
    piece.tokens = fields::raw_keys(piece.tokens);
    let parser = Punctuated::<syn::FieldValue, syn::Token![,]>::parse_terminated;
    let fields = syntax(piece, parser, "the payload of an event", diagnostics)?;
    Some(fields.into_iter().filter_map(|field| assignment(field, places, diagnostics)).gather())
}

/// The piece through limits and syn.
pub(in crate::frontend) fn syntax<F: Parser>(
    piece: Piece<'_>,
    parser: F,
    what: &str,
    diagnostics: &mut Diagnostics,
) -> Option<F::Output> {
    let types = what == TYPE || what == GENERICS;
    if let Err(excess) = limits::check(&piece.tokens, types) {
        let place = piece.places.place(excess.span);
        diagnostics.push(Diagnostic::error(Code::ExpressionTooLarge, place, excess.message).help(limits::HELP));
        return None;
    }
    let parsed = parser.parse2(fields::raw(piece.tokens));
    parsed.map_err(|error| diagnostics.push(syntax_error(&error, (piece.whole, piece.end), piece.places, what))).ok()
}

fn assignment(field: syn::FieldValue, places: &dyn Places, diagnostics: &mut Diagnostics) -> Option<Assignment> {
    let syn::Member::Named(ident) = &field.member else {
        let message = "fields of an event have names";
        diagnostics.push(Diagnostic::error(Code::ExpressionSyntax, places.over(&field), message));
        return None;
    };
    let span = places.over(&field.expr);
    let written = ends(&field.expr).and_then(|(first, last)| places.written(first, last));
    let text = written.map_or_else(|| field.expr.to_token_stream().to_string(), str::to_owned);
    let name = Spanned::new(ident.unraw().to_string(), places.place(ident.span()));
    Some(Assignment { field: name, value: Expr { text, span, syntax: Syntax::new(field.expr) } })
}

fn syntax_error(error: &syn::Error, (whole, end): (Span, Span), places: &dyn Places, what: &str) -> Diagnostic {
    let found = places.known(error.span());
    let token = found.and_then(|_| places.written(error.span(), error.span()));
    let reason = reason(error, token);
    // At the end syn has no token to point at.
    let at_end = reason.starts_with("unexpected end of input").then_some(end);
    let place = found.or(at_end).unwrap_or(whole);
    let colon = if reason.is_empty() { "" } else { ": " };
    let help = match token {
        Some("and") => Some("Rust writes `&&`".to_owned()),
        Some("or") => Some("Rust writes `||`".to_owned()),
        _ => None,
    };
    Diagnostic::error(Code::ExpressionSyntax, place, format!("this is not {what}{colon}{reason}")).maybe_help(help)
}

/// What syn says, shorter where it lists whole grammars, longer where it leaves out the token.
fn reason(error: &syn::Error, token: Option<&str>) -> String {
    let said = error.to_string();
    let short = said.split("expected one of: `for`").next().unwrap_or_default().trim_end_matches([',', ' ']);
    match token {
        Some(token) if short == "unexpected token" && !token.is_empty() => format!("unexpected `{}`", shown(token)),
        _ => short.to_owned(),
    }
}
