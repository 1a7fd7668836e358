//! Guards, which both notations read alike: `frontend::expr::guard`. Here `/` and `=>` end one, so a division stands in
//! parentheses.

use proc_macro2::{Span as RustSpan, TokenTree};

use super::parser::Parser;
use crate::ast::Guard;
use crate::frontend::expr::guard::{self, Spelling};

impl Parser<'_, '_> {
    /// A guard of these tokens; `here` is where it should begin.
    pub(super) fn guard(&mut self, trees: Vec<TokenTree>, here: RustSpan) -> Option<Guard> {
        if trees.is_empty() {
            let span = self.place(here);
            self.error_help(span, "expected a guard", "write a name, a call, or a Rust expression");
            return None;
        }
        self.rust(trees, here, "a guard", |piece, diagnostics| guard::guard(&piece, Spelling::Tokens, diagnostics))
    }
}
