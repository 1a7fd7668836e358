//! A file's tokens cut into items, and those that hold items again cut open.
//!
//! Part of [`super`]. A cut in the wrong place, as an item like `impl X<{ N }> {}` causes, gives pieces that do not
//! parse; the file is then formatted in one piece.

use fsm_model::gather::Gather as _;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::quote;

/// What can hold items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    Module,
    Impl,
    Trait,
}

impl Body {
    /// What stands before the braces of the simplest of its kind; one line when formatted.
    pub(super) fn wrapper(self) -> TokenStream {
        match self {
            Self::Module => quote!(mod wrapper),
            Self::Impl => quote!(impl Wrapper),
            Self::Trait => quote!(trait Wrapper),
        }
    }
}

/// One item.
#[derive(Debug)]
pub(super) struct Piece {
    /// All of it, or what stands before the body.
    pub(super) head: TokenStream,
    /// The items that it holds.
    pub(super) body: Option<(Body, TokenStream)>,
}

/// The items among `tokens`, one after the other.
pub(super) fn split(tokens: TokenStream) -> impl Iterator<Item = Piece> {
    let mut tokens = tokens.into_iter();
    std::iter::from_fn(move || next(&mut tokens))
}

/// Items end with a semicolon or with braces, values and paths with a semicolon alone.
fn next(tokens: &mut impl Iterator<Item = TokenTree>) -> Option<Piece> {
    let mut head: Vec<TokenTree> = Vec::new();
    let mut keyword = String::new();
    for token in tokens {
        match &token {
            TokenTree::Ident(word) if !settles(&keyword) => keyword = word.to_string(),
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && !ends_with_semicolon(&keyword) => {
                let body = match keyword.as_str() {
                    "mod" => Body::Module,
                    "impl" => Body::Impl,
                    "trait" => Body::Trait,
                    _ => {
                        head.push(token);
                        break;
                    }
                };
                return Some(Piece { head: head.into_iter().gather(), body: Some((body, group.stream())) });
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => {
                head.push(token);
                break;
            }
            _ => {}
        }
        head.push(token);
    }
    (!head.is_empty()).then(|| Piece { head: head.into_iter().gather(), body: None })
}

/// Whether a word says what kind of item it is; before it stand `pub`, `async`, `unsafe` and the like. `const` does
/// not, as `const fn` shows: it is the word after it that counts, a name or `fn`.
fn settles(keyword: &str) -> bool {
    !matches!(keyword, "" | "pub" | "async" | "unsafe" | "default" | "extern" | "const")
}

/// Whether braces can stand in the middle of such an item. Anything that is no keyword is the name of a constant.
fn ends_with_semicolon(keyword: &str) -> bool {
    !matches!(keyword, "mod" | "impl" | "trait" | "fn" | "struct" | "enum" | "union" | "macro_rules" | "extern")
}
