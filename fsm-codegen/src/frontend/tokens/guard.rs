//! Guards, which both notations read alike: `frontend::expr::guard`. Here `/` and `=>` end one, so a division stands in
//! parentheses.

use proc_macro2::{Delimiter, Span as RustSpan, TokenTree};

use super::parser::Parser;
use crate::ast::Guard;
use crate::diag::Help;
use crate::frontend::expr::guard::{self, Spelling};
use crate::source::Span;

impl Parser<'_, '_> {
    /// A guard of these tokens; `here` is where it should begin.
    pub(super) fn guard(&mut self, trees: Vec<TokenTree>, here: RustSpan) -> Option<Guard> {
        if trees.is_empty() {
            let span = self.place(here);
            self.error_help(span, "expected a guard", "write a name, a call, or a Rust expression");
            return None;
        }
        if self.has_bare_not(&trees) {
            return None;
        }
        self.rust(trees, here, "a guard", |piece, diagnostics| guard::guard(&piece, Spelling::Tokens, diagnostics))
    }

    /// Reports `not ready`: the operator is `!`, and the word takes parentheses.
    fn has_bare_not(&mut self, trees: &[TokenTree]) -> bool {
        let before = self.diagnostics.iter().len();
        for pair in trees.windows(2) {
            let [TokenTree::Ident(word), next] = pair else { continue };
            let operand = match next {
                TokenTree::Group(group) => group.delimiter() != Delimiter::Parenthesis,
                TokenTree::Punct(punct) => punct.as_char() == '!',
                TokenTree::Ident(_) | TokenTree::Literal(_) => true,
            };
            if word == "not" && operand {
                let (span, place) = (self.place(word.span()), self.place(next.span()));
                let behind = self.source.slice(place);
                let mut help = Help::from(format!("write `!{behind}`, or `not({behind})`"));
                if place.lo == span.hi + 1 {
                    help = help.replacing("not ", "!");
                }
                self.error_help(Span { lo: span.lo, hi: place.lo }, "`not` takes parentheses", help);
            }
        }
        self.diagnostics.iter().len() > before
    }
}
