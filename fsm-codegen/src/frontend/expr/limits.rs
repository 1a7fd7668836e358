//! Limits on Rust before syn sees it: syn, and every walk over its trees, recurses.
//!
//! Works on tokens, so that YAML text and the macro's tokens pass the same gate. A tree gets a level deeper by a
//! bracket, or, without brackets, by an operator, a keyword, a field or a call that is chained to what stands before
//! it (`!!!a`, `a.b.c`, `a + b + c`, `A<A<A<…`, `|x| |y| …`). Such tokens are the *weight* of a run of tokens; a comma
//! or semicolon begins a new run, since what follows is a neighbour and not a child. The depth of a tree is at most
//! the weight of the runs that enclose any point of it, in sum.
//! Invariant, proven by the tests of this module on the stack of a test thread, unoptimised: what passes can be
//! parsed, cloned, compared, printed and dropped.

use std::ops::Range;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::Fault;
use crate::diag::Code;

/// The largest number of tokens of one expression.
pub const MAX_TOKENS: usize = 4_096;

/// The deepest nesting of brackets.
pub const MAX_NESTING: usize = 64;

/// The largest weight: a bound on the depth of the syntax tree.
pub const MAX_WEIGHT: usize = 128;

/// Keywords that begin a nested expression, type or pattern without a bracket.
const NESTING_KEYWORDS: &[&str] = &[
    "as", "async", "await", "become", "box", "break", "const", "dyn", "else", "fn", "for", "gen", "if", "impl", "in",
    "let", "loop", "match", "move", "mut", "raw", "ref", "return", "static", "try", "unsafe", "where", "while",
    "yield",
];

/// What is too large.
pub(crate) struct Excess {
    /// Where the limit is passed.
    pub(crate) span: proc_macro2::Span,
    /// Which limit.
    pub(crate) message: String,
}

/// Whether syn may see `tokens`.
pub(crate) fn check(tokens: &TokenStream) -> Result<(), Excess> {
    Walk { tokens: 0 }.stream(tokens.clone(), 0, 0)
}

struct Walk {
    tokens: usize,
}

impl Walk {
    /// `weight` is that of the runs around this stream.
    fn stream(&mut self, stream: TokenStream, nesting: usize, outer: usize) -> Result<(), Excess> {
        let mut run = outer;
        let mut angles = 0_usize;
        for token in stream {
            let span = token.span();
            self.tokens += 1;
            if self.tokens > MAX_TOKENS {
                return Err(Excess { span, message: tokens_message() });
            }
            match token {
                TokenTree::Punct(punct) => match punct.as_char() {
                    // Inside of generics a comma is no end: `A<B, A<B, A<…`.
                    ',' if angles == 0 => run = outer,
                    ';' => run = outer,
                    // Paths are flat.
                    ':' | ',' | '\'' => {}
                    '<' => (run, angles) = (run + 1, angles + 1),
                    '>' => angles = angles.saturating_sub(1),
                    _ => run += 1,
                },
                TokenTree::Ident(ident) if NESTING_KEYWORDS.iter().any(|keyword| ident == keyword) => run += 1,
                TokenTree::Ident(_) | TokenTree::Literal(_) => {}
                TokenTree::Group(group) => {
                    run += 1;
                    let nesting = nesting + usize::from(group.delimiter() != Delimiter::None);
                    if nesting > MAX_NESTING {
                        return Err(Excess { span: group.span_open(), message: nesting_message() });
                    }
                    if run > MAX_WEIGHT {
                        return Err(Excess { span: group.span_open(), message: weight_message() });
                    }
                    self.stream(group.stream(), nesting, run)?;
                }
            }
            if run > MAX_WEIGHT {
                return Err(Excess { span, message: weight_message() });
            }
        }
        Ok(())
    }
}

fn tokens_message() -> String {
    format!("this expression has more than {MAX_TOKENS} tokens")
}

fn nesting_message() -> String {
    format!("brackets are nested more than {MAX_NESTING} deep")
}

fn weight_message() -> String {
    format!("more than {MAX_WEIGHT} operators are chained")
}

/// What to do about any of them.
pub(crate) const HELP: &str = "move this into a method of `Actions`";

pub(crate) fn too_many_tokens(at: Range<usize>) -> Fault {
    Fault::new(Code::ExpressionTooLarge, at, tokens_message()).help(HELP)
}

pub(crate) fn too_deep(at: Range<usize>) -> Fault {
    Fault::new(Code::ExpressionTooLarge, at, nesting_message()).help(HELP)
}
