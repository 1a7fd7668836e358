//! The tools of the parser: places, complaints, pieces of Rust, ends of statements.

use fsm_model::gather::Gather as _;
use proc_macro2::{Span as RustSpan, TokenTree};

use super::cursor::Cursor;
use super::layout::Layout;
use crate::diag::{Code, Diagnostic, Diagnostics, Help};
use crate::frontend::expr::Places;
use crate::frontend::expr::piece::Piece;
use crate::source::{Source, Span};

/// How many states and conditional actions may lie in one another. Each is two collections of the 256 that YAML takes;
/// what remains is for transitions and for the innermost action.
const MAX_DEPTH: usize = 120;

/// Reads one machine.
pub(super) struct Parser<'s, 'd> {
    pub(super) source: &'s Source,
    pub(super) layout: &'s Layout,
    pub(super) diagnostics: &'d mut Diagnostics,
    /// How many states and conditional actions are open.
    pub(super) depth: usize,
}

/// The places of a piece of Rust.
struct Spot<'s> {
    source: &'s Source,
    layout: &'s Layout,
    whole: Span,
}

impl Places for Spot<'_> {
    fn known(&self, span: RustSpan) -> Option<Span> {
        self.layout.find(span)
    }

    fn written(&self, first: RustSpan, last: RustSpan) -> Option<&str> {
        let place = self.known(first)?.to(self.known(last)?);
        Some(self.source.slice(place)).filter(|text| !text.is_empty())
    }

    fn all(&self) -> Span {
        self.whole
    }
}

impl Parser<'_, '_> {
    pub(super) fn place(&self, span: RustSpan) -> Span {
        self.layout.find(span).unwrap_or_default()
    }

    /// From one token to another.
    pub(super) fn over(&self, first: RustSpan, last: RustSpan) -> Span {
        self.place(first).to(self.place(last))
    }

    /// From a token up to the one that was read last.
    pub(super) fn since(&self, first: RustSpan, cursor: &Cursor) -> Span {
        self.over(first, cursor.last().unwrap_or(first))
    }

    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    pub(super) fn error(&mut self, span: Span, message: impl Into<String>) {
        self.push(Diagnostic::error(Code::MacroSyntax, span, message));
    }

    pub(super) fn error_help(&mut self, span: Span, message: impl Into<String>, help: impl Into<Help>) {
        self.push(Diagnostic::error(Code::MacroSyntax, span, message).help(help));
    }

    /// Says what should stand here.
    pub(super) fn expected(&mut self, cursor: &Cursor, wanted: &str, help: &str) {
        let span = self.place(cursor.here());
        let message = match cursor.peek() {
            Some(tree) => format!("expected {wanted}, found {}", self.described(tree)),
            None => format!("expected {wanted}"),
        };
        self.push(
            Diagnostic::error(Code::MacroSyntax, span, message).maybe_help((!help.is_empty()).then(|| help.to_owned())),
        );
    }

    /// Reads what lies in a state or a conditional action, unless that lies too deep; `span` is where it is reported.
    pub(super) fn deeper<T>(&mut self, span: Span, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= MAX_DEPTH {
            let message = format!("states and conditional actions lie in one another at most {MAX_DEPTH} deep");
            self.push(
                Diagnostic::error(Code::TooLarge, span, message).help("split the machine, or name the inner part"),
            );
            return None;
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        Some(read)
    }

    fn described(&self, tree: &TokenTree) -> String {
        match tree {
            TokenTree::Group(group) => {
                let open = self.source.slice(self.place(group.span_open()));
                format!("`{open}`")
            }
            other => format!("`{}`", crate::diag::shown(&other.to_string())),
        }
    }

    /// The end of a statement.
    pub(super) fn end(&mut self, cursor: &mut Cursor) {
        if cursor.eat_punct(';') {
            return;
        }
        if cursor.ends() || cursor.is_keyword() {
            let last = cursor.last().map_or_else(|| self.place(cursor.here()), |last| self.place(last));
            let help = Help::from("a statement ends with `;`").replacing("", ";");
            self.error_help(Span { lo: last.hi, hi: last.hi }, "a `;` is missing here", help);
            return;
        }
        self.expected(cursor, "`;`", "");
        cursor.recover();
    }

    /// Tokens as a piece of Rust; `here` is where it should begin.
    pub(super) fn rust<T>(
        &mut self,
        trees: Vec<TokenTree>,
        here: RustSpan,
        wanted: &str,
        read: impl FnOnce(Piece<'_>, &mut Diagnostics) -> Option<T>,
    ) -> Option<T> {
        let (Some(first), Some(last)) = (trees.first(), trees.last()) else {
            let span = self.place(here);
            self.error(span, format!("expected {wanted}"));
            return None;
        };
        let whole = self.over(first.span(), last.span());
        let spot = Spot { source: self.source, layout: self.layout, whole };
        let (text, end) = (self.source.slice(whole), Span { lo: whole.hi, hi: whole.hi });
        read(Piece { tokens: trees.into_iter().gather(), text, whole, end, places: &spot }, self.diagnostics)
    }
}
