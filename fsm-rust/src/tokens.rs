//! Questions about tokens of Rust.
//!
//! Part of the Rust back-end: which names an expression or a type mentions decides what is bound or imported.

use fsm_model::gather::Gather as _;
use std::collections::HashSet;

use proc_macro2::{Group, Ident, Literal, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;

/// Whether `syntax` names the variable `name`: a field or a method of that name behind a dot does not count.
pub(super) fn mentions(syntax: &impl ToTokens, name: &str) -> bool {
    stream_mentions(syntax.to_token_stream(), name)
}

/// `code` that was made around `written`, the tokens of the user: what was generated of it gets the place of the first of
/// these, so that rustc's errors point there and not at the whole macro. What it can see stays as it is.
pub(super) fn at(written: &impl ToTokens, code: TokenStream) -> TokenStream {
    placed(written.to_token_stream().into_iter().next().map(|first| first.span()), code)
}

/// `code` whose generated tokens get the place of a token of the user's, where one is known.
pub(super) fn placed(place: Option<Span>, code: TokenStream) -> TokenStream {
    match place {
        Some(place) if has_places() => moved(code, place.resolved_at(Span::call_site())),
        // Generated tokens cannot be told from others: all stays as it is.
        _ => code,
    }
}

/// `ident` where the user wrote what it stands for, so that editors find one from the other. For rustc only the place is
/// the user's: what the identifier can see, and what lints make of it, stays as generated. rust-analyzer renames nothing
/// but what is the user's altogether.
pub(super) fn written_at(mut ident: Ident, token: Span) -> Ident {
    ident.set_span(if has_places() { token.resolved_at(ident.span()) } else { token });
    ident
}

/// Whether one place can be told from another by line and column: not in a build script, and not in rust-analyzer.
pub(super) fn has_places() -> bool {
    let macro_call = Span::call_site();
    macro_call.start() != macro_call.end()
}

/// Generated code stands where the macro begins; no token of a user does.
fn moved(code: TokenStream, place: Span) -> TokenStream {
    let generated = Span::call_site().start();
    let each = |mut tree: TokenTree| {
        if let TokenTree::Group(group) = &tree {
            let mut inner = Group::new(group.delimiter(), moved(group.stream(), place));
            inner.set_span(group.span());
            tree = inner.into();
        }
        if tree.span().start() == generated {
            tree.set_span(place);
        }
        tree
    };
    code.into_iter().map(each).gather()
}

/// An integer as people write it: `500_000_000`.
pub(super) fn grouped(number: u64) -> Literal {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    // Digits and underscores are an integer.
    text.parse().unwrap_or_else(|_| Literal::u64_unsuffixed(number))
}

/// Whether code names the variable `name`: a module of that name does not count.
pub(super) fn mentions_tokens(code: &TokenStream, name: &str) -> bool {
    let mut tokens = code.clone().into_iter().peekable();
    while let Some(tree) = tokens.next() {
        let found = match &tree {
            TokenTree::Ident(ident) => ident == name && !matches!(tokens.peek(), Some(next) if is_path(next)),
            TokenTree::Group(group) => mentions_tokens(&group.stream(), name),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        };
        if found {
            return true;
        }
    }
    false
}

/// The first half of `::`.
fn is_path(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == ':' && punct.spacing() == Spacing::Joint)
}

fn stream_mentions(stream: TokenStream, name: &str) -> bool {
    let mut behind_dot = false;
    for tree in stream {
        let found = match &tree {
            TokenTree::Ident(ident) => !behind_dot && ident == name,
            TokenTree::Group(group) => stream_mentions(group.stream(), name),
            // `"{name}"` in a formatting macro captures the variable.
            TokenTree::Literal(literal) => captures(&literal.to_string(), name),
            TokenTree::Punct(_) => false,
        };
        if found {
            return true;
        }
        behind_dot = matches!(&tree, TokenTree::Punct(punct) if punct.as_char() == '.');
    }
    false
}

fn captures(literal: &str, name: &str) -> bool {
    literal.starts_with('"')
        && literal.split('{').skip(1).any(|rest| {
            let rest = rest.strip_prefix(name);
            rest.is_some_and(|rest| rest.starts_with(['}', ':']))
        })
}

/// Adds every identifier of `stream` to `found`.
pub(super) fn collect_idents(stream: TokenStream, found: &mut HashSet<String>) {
    for tree in stream {
        match tree {
            TokenTree::Ident(ident) => {
                found.insert(ident.to_string());
            }
            TokenTree::Group(group) => collect_idents(group.stream(), found),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::mentions;

    #[test]
    fn a_field_of_the_same_name_is_not_the_variable() {
        for (expression, expected) in [
            ("event.code > 3", true),
            ("context.event > 3", false),
            ("matches!(event.kind, Kind::A)", true),
            ("format!(\"{event:?}\").is_empty()", true),
            ("\"event\" == context.name", false),
        ] {
            let syntax: syn::Expr = syn::parse_str(expression).expect("valid Rust");
            assert_eq!(mentions(&syntax, "event"), expected, "{expression}");
        }
    }
}
