//! Fields that are called like keywords: `event.type` becomes `event.r#type` before syn sees it.
//!
//! Between the limits and syn. Names of the spec may be Rust's keywords, which generated code spells as raw identifiers;
//! behind a dot no keyword but `await` means anything, so the spec need not know.

use fsm_model::gather::Gather as _;
use proc_macro2::{Group, Ident, Punct, Spacing, TokenStream, TokenTree};

use crate::names;

/// The same tokens at the same places, keywords behind a dot made raw. Nesting is bounded by the limits.
pub(super) fn raw(tokens: TokenStream) -> TokenStream {
    let mut dots = 0;
    let replace = |tree: TokenTree| {
        let behind_dot = dots == 1;
        dots = if matches!(&tree, TokenTree::Punct(punct) if punct.as_char() == '.') { dots + 1 } else { 0 };
        match tree {
            TokenTree::Ident(ident) if behind_dot && is_field(&ident) => {
                Ident::new_raw(&ident.to_string(), ident.span()).into()
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), raw(group.stream()));
                inner.set_span(group.span());
                inner.into()
            }
            other => other,
        }
    };
    tokens.into_iter().map(replace).gather()
}

/// The same of keywords before a colon, which name the fields of a payload.
pub(super) fn raw_keys(tokens: TokenStream) -> TokenStream {
    let mut rest = tokens.into_iter().peekable();
    let mut made = TokenStream::new();
    while let Some(tree) = rest.next() {
        let is_key = matches!(rest.peek(), Some(TokenTree::Punct(punct)) if is_colon(punct));
        made.extend([match tree {
            TokenTree::Ident(ident) if is_key && names::is_keyword(&ident.to_string()) => {
                TokenTree::from(Ident::new_raw(&ident.to_string(), ident.span()))
            }
            other => other,
        }]);
    }
    made
}

/// A colon that is no half of `::`.
fn is_colon(punct: &Punct) -> bool {
    punct.as_char() == ':' && punct.spacing() == Spacing::Alone
}

fn is_field(ident: &Ident) -> bool {
    ident != "await" && names::is_keyword(&ident.to_string())
}

#[cfg(test)]
mod tests {
    use super::{raw, raw_keys};

    #[test]
    fn keys_that_are_keywords_become_raw() {
        for (text, expected) in
            [("move: 1, type: a::b, x: self.y", "r#move: 1, r#type: a::b, x: self.y"), ("x: crate::y", "x: crate::y")]
        {
            let [tokens, expected] = [text, expected].map(|text| text.parse().expect("tokens"));
            let expected: proc_macro2::TokenStream = expected;
            assert_eq!(raw_keys(tokens).to_string(), expected.to_string());
        }
    }

    #[test]
    fn only_keywords_behind_one_dot_become_raw() {
        for (text, expected) in [
            ("event.type > 1 && (context.match)", "event.r#type > 1 && (context.r#match)"),
            ("if event.a { 1 } else { 2 }", "if event.a { 1 } else { 2 }"),
            ("task.await", "task.await"),
            ("0..loop", "0..loop"),
        ] {
            let [tokens, expected] = [text, expected].map(|text| text.parse().expect("tokens"));
            let expected: proc_macro2::TokenStream = expected;
            assert_eq!(raw(tokens).to_string(), expected.to_string());
        }
    }
}
