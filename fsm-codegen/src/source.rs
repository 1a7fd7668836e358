//! The text of a spec and places in it.
//!
//! Below every stage: a front-end makes [`Span`]s, only the faces of [`crate::diag`] turn them into lines and columns.
//! Invariant: a [`Source`] is valid UTF-8 of at most [`MAX_BYTES`], so that offsets fit in a `u32`.

use std::ops::Range;

/// The largest spec that is read, in bytes: 100,000 states take about 12 MB.
pub const MAX_BYTES: usize = 32 << 20;

/// A range of bytes in a [`Source`]. Empty spans mark a place between two characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// The offset of the first byte.
    pub lo: u32,
    /// The offset after the last byte.
    pub hi: u32,
}

impl Span {
    /// The bytes from `lo` up to `hi`; offsets beyond `u32` cannot occur in a [`Source`] and are cut.
    #[must_use]
    pub fn new(lo: usize, hi: usize) -> Self {
        let cut = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { lo: cut(lo), hi: cut(hi.max(lo)) }
    }

    /// The range of bytes.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.lo as usize..self.hi as usize
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn to(self, end: Self) -> Self {
        Self { lo: self.lo.min(end.lo), hi: self.hi.max(end.hi) }
    }
}

/// A value and the place where it stands.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spanned<T> {
    /// What is written.
    pub value: T,
    /// Where.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// `value`, found at `span`.
    pub const fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// The same place, another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: f(self.value), span: self.span }
    }
}

/// Equal values are equal wherever they stand: two notations of one machine compare equal.
impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Spanned<T> {}

/// A place as people read it: 1-based line, and 1-based column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// The text of one spec, with the name under which messages show it.
#[derive(Debug, Clone)]
pub struct Source {
    name: String,
    text: String,
    lines: Vec<u32>,
}

impl Source {
    /// A spec that is text already. `name` is what messages call it, usually its path.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let starts =
            text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| Span::new(at + 1, at + 1).lo);
        let lines = std::iter::once(0).chain(starts).collect();
        Self { name: name.into(), text, lines }
    }

    /// The name that messages show.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What stands at `span`; empty where the span does not lie on character borders of this text.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Line and column of a byte offset; an offset beyond the end is the end.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.lines.partition_point(|start| *start as usize <= offset);
        // `lines` begins with 0, so at least one start lies at or before every offset.
        let start = self.lines[line.saturating_sub(1)] as usize;
        Position { line, column: self.text[start..offset].chars().count() + 1 }
    }

    /// The name of the file without folders and extensions (`specs/robot.fsm.yaml` gives `robot`).
    #[must_use]
    pub fn stem(&self) -> &str {
        let file = self.name.rsplit(['/', '\\']).next().unwrap_or_default();
        file.split('.').find(|part| !part.is_empty()).unwrap_or(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters() {
        let source = Source::new("specs/über.fsm.yaml", "äb\nç: d\n");
        let d = source.text().find('d').map(|at| Span::new(at, at + 1)).unwrap_or_default();
        assert_eq!(source.position(d.lo), Position { line: 2, column: 4 });
        assert_eq!(source.position(99), Position { line: 3, column: 1 });
        assert_eq!(source.slice(d), "d");
        assert_eq!(source.stem(), "über");
    }
}
