//! A piece of Rust as text, and where each byte of it stands in the spec.

use std::ops::Range;

use quote::ToTokens;

use crate::source::Span;

/// Tells where syntax stands; the one thing that text and real tokens do differently.
pub trait Places {
    /// The place of a token, or of tokens that follow one another, where it is known.
    fn known(&self, span: proc_macro2::Span) -> Option<Span>;

    /// What is written from one token up to another, where that is known.
    fn written(&self, first: proc_macro2::Span, last: proc_macro2::Span) -> Option<&str>;

    /// The place of everything.
    fn all(&self) -> Span;

    /// The place of a span that syn reports.
    fn place(&self, span: proc_macro2::Span) -> Span {
        self.known(span).unwrap_or_else(|| self.all())
    }

    /// The place of some syntax.
    fn over(&self, syntax: &dyn ToTokens) -> Span {
        ends(syntax).map_or_else(|| self.all(), |(first, last)| self.place(first).to(self.place(last)))
    }
}

/// The first and the last token of some syntax: rustc's own spans cannot be joined.
pub(super) fn ends(syntax: &dyn ToTokens) -> Option<(proc_macro2::Span, proc_macro2::Span)> {
    let mut tokens = syntax.to_token_stream().into_iter();
    let first = tokens.next()?.span();
    Some((first, tokens.last().map_or(first, |last| last.span())))
}

/// Text with its place. Undoing YAML's quotes and folds moves bytes, so the place is a list of runs.
#[derive(Debug, Clone)]
pub struct Text<'a> {
    /// The Rust, without surrounding white space.
    rust: &'a str,
    /// The whole scalar, shown where no better place is known.
    whole: Span,
    /// Offsets in the text, ascending, and the offsets in the source that they come from. Empty where unknown.
    runs: Vec<(usize, usize)>,
    /// What to add to an offset of `rust` to get an offset of `runs`.
    skipped: usize,
}

impl<'a> Text<'a> {
    /// Text whose bytes stand at `runs`; an empty list makes every place the `whole`.
    #[must_use]
    pub fn new(text: &'a str, whole: Span, runs: Vec<(usize, usize)>) -> Self {
        Self { rust: text, whole, runs, skipped: 0 }.trimmed()
    }

    /// The Rust.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.rust
    }

    /// The place of all of it.
    #[must_use]
    pub fn whole(&self) -> Span {
        if self.runs.is_empty() { self.whole } else { self.at(0..self.rust.len()) }
    }

    /// The place of some bytes of it.
    #[must_use]
    pub fn at(&self, range: Range<usize>) -> Span {
        match (self.offset(range.start), self.offset(range.end)) {
            (Some(lo), Some(hi)) => Span::new(lo, hi.max(lo)),
            _ => self.whole,
        }
    }

    /// A part of it, without surrounding white space. The range lies on character borders: it comes from the scanner.
    #[must_use]
    pub fn part(&self, range: Range<usize>) -> Self {
        let rust = self.rust.get(range.clone()).unwrap_or_default();
        Self { rust, whole: self.whole, runs: self.runs.clone(), skipped: self.skipped + range.start }.trimmed()
    }

    fn trimmed(mut self) -> Self {
        let start = self.rust.trim_start();
        self.skipped += self.rust.len() - start.len();
        self.rust = start.trim_end();
        self
    }

    fn offset(&self, at: usize) -> Option<usize> {
        let at = at + self.skipped;
        let run = self.runs.partition_point(|(start, _)| *start <= at).checked_sub(1)?;
        let (start, place) = self.runs[run];
        Some(place + (at - start))
    }
}

impl Places for Text<'_> {
    fn known(&self, span: proc_macro2::Span) -> Option<Span> {
        // Inside a procedural macro the stable compiler does not know offsets and says 0..0.
        let range = span.byte_range();
        (!range.is_empty() && range.end <= self.rust.len()).then(|| self.at(range))
    }

    fn written(&self, first: proc_macro2::Span, last: proc_macro2::Span) -> Option<&str> {
        self.rust.get(first.byte_range().start..last.byte_range().end).filter(|text| !text.is_empty())
    }

    fn all(&self) -> Span {
        self.whole()
    }
}
