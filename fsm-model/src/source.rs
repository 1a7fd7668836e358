//! The text of a spec and places in it.
//!
//! Below every stage: a front-end makes [`Span`]s, only the faces of [`crate::diag`] turn them into lines and columns.
//! Invariant: a [`Source`] is valid UTF-8 of at most [`MAX_BYTES`], so that offsets fit in a `u32`.

use crate::gather::Gather as _;
use std::ops::Range;

use crate::diag::{Code, Diagnostic};

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

/// In which notation a machine is written, so that whoever speaks of it uses the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Notation {
    /// YAML, or JSON.
    #[default]
    Yaml,
    /// The tokens of `fsm! { … }`.
    Rust,
}

/// The text of one spec, with the name under which messages show it.
#[derive(Debug, Clone)]
pub struct Source {
    name: String,
    text: String,
    notation: Notation,
    lines: Vec<u32>,
    /// How many lines of the file stand before the text.
    before: usize,
    /// The tokens of a macro's input, in the order of the text; empty where the text came from a file.
    tokens: Vec<Token>,
}

/// A token of a macro's input.
#[derive(Debug, Clone, Copy)]
pub struct Token {
    /// Its place in the text.
    pub place: Span,
    /// Its place as rustc knows it.
    pub rust: proc_macro2::Span,
}

/// What tells the place of a token from all others, also where there are no lines and columns: in rust-analyzer every
/// token stands in line 1. Stable Rust compares spans by nothing else. For spans of one host only.
#[must_use]
pub fn identity(token: proc_macro2::Span) -> String {
    format!("{token:?}")
}

impl Source {
    /// A spec that is text already. `name` is what messages call it, usually its path; what ends in `.rs` is Rust.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let (name, text) = (name.into(), text.into());
        let in_rust = std::path::Path::new(&name).extension().is_some_and(|extension| extension == "rs");
        let notation = if in_rust { Notation::Rust } else { Notation::Yaml };
        let starts =
            text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| Span::new(at + 1, at + 1).lo);
        let lines = std::iter::once(0).chain(starts).gather();
        Self { name, text, notation, lines, before: 0, tokens: Vec::new() }
    }

    /// The same as Rust, whatever its name says.
    #[must_use]
    pub fn in_rust(self) -> Self {
        Self { notation: Notation::Rust, ..self }
    }

    /// The text of a macro's input: `before` lines of its file stand before it, and rustc knows its tokens, which come
    /// in the order of the text.
    #[must_use]
    pub fn of_tokens(self, before: usize, tokens: Vec<Token>) -> Self {
        Self { notation: Notation::Rust, before, tokens, ..self }
    }

    /// A spec as it was read from a file: not larger than [`MAX_BYTES`], UTF-8, without a byte order mark.
    ///
    /// # Errors
    ///
    /// [`Code::TooLarge`] and [`Code::InvalidUtf8`], with the part of the text that can be shown.
    pub fn from_bytes(name: impl Into<String>, bytes: &[u8]) -> Result<Self, Box<Unreadable>> {
        let name = name.into();
        if bytes.len() > MAX_BYTES {
            // Its size is not known: the shells read no more than needed to find out that it is too much.
            let message = format!("the file is larger than {} MiB", MAX_BYTES >> 20);
            let diagnostic = Diagnostic::error(Code::TooLarge, Span::default(), message).help("split the machine");
            return Err(Box::new(Unreadable { source: Self::new(name, ""), diagnostic }));
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Self::new(name, text)),
            Err(error) => Err(Box::new(Unreadable::not_utf8(name, bytes, error.valid_up_to()))),
        }
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

    /// In which notation it is written.
    #[must_use]
    pub const fn notation(&self) -> Notation {
        self.notation
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
        Position { line: line + self.before, column: self.text[start..offset].chars().count() + 1 }
    }

    /// Whether the text is a macro's input, whose tokens rustc knows.
    #[must_use]
    pub const fn has_tokens(&self) -> bool {
        !self.tokens.is_empty()
    }

    /// Where rustc sees what stands at `span`: its first and its last token. `None` where no token is known.
    #[must_use]
    pub fn rust(&self, span: Span) -> Option<(proc_macro2::Span, proc_macro2::Span)> {
        let from = self.tokens.partition_point(|token| token.place.hi <= span.lo);
        let until = self.tokens.partition_point(|token| token.place.lo < span.hi);
        // An empty place lies behind the token before it.
        let from = from.min(until.saturating_sub(1)).min(self.tokens.len().checked_sub(1)?);
        let last = until.saturating_sub(1).max(from);
        Some((self.tokens[from].rust, self.tokens[last].rust))
    }

    /// Where a token of the macro's input stands that lies in `within`.
    #[must_use]
    pub fn place_of(&self, token: proc_macro2::Span, within: Span) -> Option<Span> {
        let from = self.tokens.partition_point(|token| token.place.hi <= within.lo);
        let mut inside = self.tokens[from..].iter().take_while(|token| token.place.lo < within.hi);
        let identity = identity(token);
        inside.find(|known| self::identity(known.rust) == identity).map(|known| known.place)
    }

    /// The byte offset of a 1-based line and column; the nearest one where there is no such place.
    #[must_use]
    pub fn offset(&self, line: usize, column: usize) -> usize {
        let line = line.saturating_sub(self.before);
        let start = self.lines.get(line.saturating_sub(1)).map_or(self.text.len(), |start| *start as usize);
        let rest = &self.text[start..];
        let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
        start + line.char_indices().nth(column.saturating_sub(1)).map_or(line.len(), |(at, _)| at)
    }

    /// The name of the file without folders and extensions (`specs/robot.fsm.yaml` gives `robot`).
    #[must_use]
    pub fn stem(&self) -> &str {
        let file = self.name.rsplit(['/', '\\']).next().unwrap_or_default();
        file.split('.').find(|part| !part.is_empty()).unwrap_or(file)
    }
}

/// Bytes that are no [`Source`], and why.
#[derive(Debug)]
pub struct Unreadable {
    /// What can be shown of the file; the places of `diagnostic` lie in it.
    pub source: Source,
    /// The reason.
    pub diagnostic: Diagnostic,
}

impl Unreadable {
    fn not_utf8(name: String, bytes: &[u8], at: usize) -> Self {
        // Every bad byte becomes one replacement character, the first of them at the offset of the bad byte.
        let source = Source::new(name, String::from_utf8_lossy(bytes));
        let byte = bytes.get(at).copied().unwrap_or_default();
        let message = format!("the byte {byte:#04x} is not UTF-8");
        let span = Span::new(at, at + char::REPLACEMENT_CHARACTER.len_utf8());
        let diagnostic = Diagnostic::error(Code::InvalidUtf8, span, message).help("save the file as UTF-8");
        Self { source, diagnostic }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_byte_is_shown_at_its_line_and_column() {
        let error = Source::from_bytes("a.yaml", b"machine: M\nid: \xc3\xa4\xff!\n").expect_err("it cannot be read");
        let place = error.source.position(error.diagnostic.span.lo);
        assert_eq!((error.diagnostic.code, place), (Code::InvalidUtf8, Position { line: 2, column: 6 }));
        assert_eq!(error.source.slice(error.diagnostic.span), "\u{fffd}");
    }

    #[test]
    fn machines_in_rust_files_are_written_in_rust() {
        let of = |name: &str| Source::new(name, "").notation();
        assert_eq!(
            [of("src/door.rs"), of("door.yaml"), of("rs"), of("")],
            [Notation::Rust, Notation::Yaml, Notation::Yaml, Notation::Yaml]
        );
        assert_eq!(Source::new("", "").of_tokens(0, Vec::new()).notation(), Notation::Rust);
    }

    #[test]
    fn a_byte_order_mark_is_no_text() {
        assert_eq!(Source::from_bytes("a", b"\xef\xbb\xbfid: a").expect("it is UTF-8").text(), "id: a");
    }

    #[test]
    fn a_file_beyond_the_limit_is_not_read() {
        let error = Source::from_bytes("a", &vec![b'#'; MAX_BYTES + 1]).expect_err("it cannot be read");
        assert_eq!(error.diagnostic.code, Code::TooLarge);
    }

    #[test]
    fn offsets_and_positions_are_inverse() {
        let source = Source::new("a", "äb\nç: d\n");
        assert_eq!((source.offset(2, 4), source.offset(1, 9), source.offset(9, 1)), (8, 3, 10));
    }

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
