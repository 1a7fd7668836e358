//! Rust text in a spec becomes syntax.
//!
//! The order is: `scan` (brackets, on text), [`limits`] (recursion, on tokens), syn, [`classify`] (what the syntax
//! is to a machine). [`limits`] and [`classify`] know nothing of text; a front-end with real tokens enters there.
//! Invariant: syn never sees what [`limits`] did not pass. Whatever is wrong is reported at its place in the spec.

pub mod classify;
mod fields;
mod generics;
pub(crate) mod guard;
pub mod limits;
mod log;
mod name;
mod parse;
pub(super) mod piece;
mod scan;
mod text;

use std::ops::Range;

pub use log::log;
pub(super) use name::is_behind_self;
#[cfg(feature = "yaml")]
pub(super) use name::{has_path, is_free_text};
pub use parse::{
    attributes, call, event_value, expression, field, generics, guard_text, source_call, ty, use_tree, visibility,
};
#[cfg(feature = "yaml")]
pub use parse::{call_in_json, guard_in_json, source_call_in_json};
pub use text::{Places, Text};

use crate::diag::{Code, Diagnostic};
use crate::source::Span;

/// What is wrong with a text, with offsets in it.
#[derive(Debug)]
pub(crate) struct Fault {
    code: Code,
    at: Range<usize>,
    message: String,
    label: Option<(Range<usize>, &'static str)>,
    help: Option<String>,
}

impl Fault {
    fn new(code: Code, at: Range<usize>, message: impl Into<String>) -> Self {
        Self { code, at, message: message.into(), label: None, help: None }
    }

    fn label(mut self, at: Range<usize>, text: &'static str) -> Self {
        self.label = Some((at, text));
        self
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with places in the spec.
    fn diagnostic(self, text: &Text<'_>) -> Diagnostic {
        let diagnostic = Diagnostic::error(self.code, text.at(self.at), self.message).maybe_help(self.help);
        match self.label {
            Some((at, label)) => diagnostic.label(text.at(at), label),
            None => diagnostic,
        }
    }
}

/// What keeps the whole `text` of a file from being taken apart into tokens, as far as its brackets and quotes tell.
pub(crate) fn torn(text: &str) -> Option<Diagnostic> {
    let fault = Fault { code: Code::MacroSyntax, ..scan::fault(text)? };
    Some(fault.diagnostic(&Text::new(text, Span::new(0, text.len()), vec![(0, 0)])))
}

/// How many more brackets `text` opens than it closes, outside of quotes as far as can be told; negative where it
/// closes more. For finding the pieces of an expression that YAML tore apart.
#[must_use]
pub fn bracket_balance(text: &str) -> isize {
    let (mut balance, mut quoted) = (0, false);
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' if quoted => drop(bytes.next()),
            b'"' => quoted = !quoted,
            b'(' | b'[' | b'{' if !quoted => balance += 1,
            b')' | b']' | b'}' if !quoted => balance -= 1,
            _ => {}
        }
    }
    balance
}
