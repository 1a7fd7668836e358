//! Where in a spec's file the expressions of generated code come from, for whoever reads rustc's errors.
//!
//! Part of the Rust back-end. Tokens of a macro carry their places with them; a spec in a file has none that rustc
//! knows. In a generated file each expression gets a comment, carried as an attribute until the tokens become text
//! ([`crate::format`]). Where `fsm!` reads a file, the code stands in a macro of its own whose name is the
//! place: rustc's errors tell in which macro they originate. Invariant: code that differs by its places alone is the
//! same code, so it is compared by [`key`].

use fsm_model::gather::Gather as _;
use std::iter::Peekable;

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{format_ident, quote};

use super::scope::Scope;
use fsm_model::config::Places;
use fsm_model::ir::{Action, Guard, LogPart};
use fsm_model::source::Span;

/// What a comment's text begins with, as the text of a `#[doc]`.
pub(crate) const MARK: &str = "@@ ";

/// Statements, with the place of the expression in them.
pub(super) fn statements(scope: &Scope<'_>, expression: Option<Span>, code: TokenStream) -> TokenStream {
    let Some(span) = expression.filter(|_| !code.is_empty()) else { return code };
    let comment = comment(scope, span);
    let code = if scope.config.places == Places::Macros { quote!({ #code }) } else { code };
    let code = value(scope, span, code);
    quote!(#comment #code)
}

/// An expression. There is no room for a comment in the midst of a line.
pub(super) fn value(scope: &Scope<'_>, span: Span, code: TokenStream) -> TokenStream {
    if scope.config.places != Places::Macros {
        return code;
    }
    let position = scope.source.position(span.lo);
    let file = scope.source.name().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    let name = format_ident!("in_{file}_line_{}_column_{}", position.line, position.column);
    quote!({ macro_rules! #name { () => { #code } } #name!() })
}

/// The comment in front of what is built around an expression: a statement or an arm.
pub(super) fn comment(scope: &Scope<'_>, span: Span) -> TokenStream {
    if scope.config.places != Places::Comments {
        return TokenStream::new();
    }
    let position = scope.source.position(span.lo);
    let name: String = scope.source.name().chars().filter(|c| !c.is_control()).gather();
    let text = format!("{MARK}{name}:{}:{}", position.line, position.column);
    quote!(#[doc = #text])
}

/// The first expression of an action; calls have none.
pub(super) fn of_action(action: &Action) -> Option<Span> {
    let assigned = |all: &[fsm_model::ir::Assignment]| all.first().map(|one| one.value.span);
    match action {
        Action::Assign(all) => assigned(all),
        Action::Raise(record) | Action::Send { event: record, .. } => assigned(&record.fields),
        Action::Emit(record) => assigned(&record.fields),
        Action::Reply(_, expr) => Some(expr.span),
        Action::Log(parts) => parts.iter().find_map(|part| match part {
            LogPart::Value(expr, _) => Some(expr.span),
            LogPart::Text(_) => None,
        }),
        Action::Call(..) | Action::Cancel(_) | Action::If { .. } => None,
    }
}

/// The first expression of a guard.
pub(super) fn of_guard(guard: &Guard) -> Option<Span> {
    match guard {
        Guard::Expr(expr) => Some(expr.span),
        Guard::And(all) | Guard::Or(all) => all.iter().find_map(of_guard),
        Guard::Not(inner) => of_guard(inner),
        Guard::Call(..) | Guard::Bool(_) | Guard::In(_) => None,
    }
}

/// Code as a text that is equal where the code is, wherever it comes from.
pub(super) fn key(scope: &Scope<'_>, code: &TokenStream) -> String {
    if scope.config.places == Places::Unknown { code.to_string() } else { without(code.clone()).to_string() }
}

fn without(code: TokenStream) -> TokenStream {
    let mut tokens = code.into_iter().peekable();
    let mut kept = TokenStream::new();
    while let Some(tree) = tokens.next() {
        if is_comment(&tree, tokens.peek()) {
            tokens.next();
            continue;
        }
        let is_macro = matches!(&tree, TokenTree::Ident(ident) if ident == "macro_rules");
        kept.extend([match tree {
            TokenTree::Group(group) => Group::new(group.delimiter(), without(group.stream())).into(),
            other => other,
        }]);
        if is_macro {
            nameless(&mut tokens, &mut kept);
        }
    }
    kept
}

/// What follows on `macro_rules` up to the call of the macro, without its name.
fn nameless(tokens: &mut Peekable<impl Iterator<Item = TokenTree>>, kept: &mut TokenStream) {
    // `!`, the name, the rules, the name again.
    for tree in tokens.take(4) {
        match tree {
            TokenTree::Ident(_) => {}
            TokenTree::Group(group) => kept.extend(without(group.stream())),
            other => kept.extend([other]),
        }
    }
}

/// Whether a `#` and what stands behind it are a comment of ours.
fn is_comment(hash: &TokenTree, attribute: Option<&TokenTree>) -> bool {
    let (TokenTree::Punct(hash), Some(TokenTree::Group(group))) = (hash, attribute) else { return false };
    let is_mark = |tree: TokenTree| tree.to_string().starts_with(&format!("\"{MARK}"));
    hash.as_char() == '#' && group.stream().into_iter().nth(2).is_some_and(is_mark)
}
