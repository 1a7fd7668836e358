//! The macro's tokens become an [`crate::ast::Machine`].
//!
//! docs/macro.md has the grammar. [`layout`] turns tokens into a [`Source`], so that every later stage works with places
//! in a text, whoever wrote it; the other modules read one construct each, token by token, and recover at `;` and `}`:
//! several mistakes give several errors. Rust in the tokens goes through [`super::expr`] as it does from YAML, with its
//! real tokens, so that rustc's own errors point into them.
//! Invariant: whatever is left out of the AST was reported.

mod action;
mod attributes;
mod cursor;
mod declare;
pub mod file;
mod guard;
pub mod layout;
mod machine;
mod names;
mod parser;
mod slips;
mod state;
mod transition;
mod value;

use proc_macro2::{Span, TokenStream};

use crate::ast;
use crate::diag::Diagnostics;
use crate::source::Source;
use layout::Layout;
use parser::Parser;

/// Reads a machine; `close` is the bracket behind it. `None` where there is none in the tokens; whatever is wrong is in `diagnostics`.
pub fn parse(
    tokens: TokenStream,
    close: Span,
    source: &Source,
    layout: &Layout,
    diagnostics: &mut Diagnostics,
) -> Option<ast::Machine> {
    Parser { source, layout, diagnostics, depth: 0 }.input(tokens, close)
}
