//! Where each byte of a scalar stands in the file, so that an error inside of an expression is shown there.

use std::borrow::Cow;

use super::node::{Kind, Node};
use crate::frontend::expr::Text;
use crate::source::{Source, Span};

/// A scalar as a piece of Rust; `None` for what is no scalar.
pub(super) fn of<'n>(source: &'n Source, node: &'n Node<'_>) -> Option<Text<'n>> {
    let written = source.slice(node.span);
    let value: &str = match &node.kind {
        Kind::Text(text) => text,
        Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) => written,
        Kind::Null | Kind::Seq(_) | Kind::Map(_) | Kind::Broken => return None,
    };
    Some(Text::new(value, node.span, runs(value, written, node.span).unwrap_or_default()))
}

/// The text of a scalar, as it was meant: numbers and booleans as they are written.
pub(super) fn value<'n>(source: &'n Source, node: &'n Node<'_>) -> Option<Cow<'n, str>> {
    match &node.kind {
        Kind::Text(text) => Some(Cow::Borrowed(text)),
        Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) => Some(Cow::Borrowed(source.slice(node.span))),
        Kind::Null | Kind::Seq(_) | Kind::Map(_) | Kind::Broken => None,
    }
}

/// Offsets in `value` beside offsets in the source, a pair for each run of equal bytes.
fn runs(value: &str, written: &str, span: Span) -> Option<Vec<(usize, usize)>> {
    let lo = span.lo as usize;
    if value == written {
        return Some(vec![(0, lo)]);
    }
    let quote = written.chars().next().filter(|first| matches!(first, '"' | '\''));
    let start = usize::from(quote.is_some());
    if written.get(start..written.len() - start) == Some(value) {
        return Some(vec![(0, lo + start)]);
    }
    let mut align = Align { runs: vec![(0, lo + start)], lo, written, at: start };
    for (index, char) in value.char_indices() {
        align.next(index, char, quote)?;
    }
    align.push(value.len());
    Some(align.runs)
}

struct Align<'a> {
    runs: Vec<(usize, usize)>,
    lo: usize,
    written: &'a str,
    at: usize,
}

impl Align<'_> {
    /// Steps over what `char`, at `index` of the value, is written as.
    fn next(&mut self, index: usize, char: char, quote: Option<char>) -> Option<()> {
        self.skip_indentation(char);
        let rest = &self.written[self.at..];
        let first = rest.chars().next()?;
        self.push(index);
        let length = match quote {
            Some('\'') if rest.starts_with("''") => 2,
            Some('"') if first == '\\' => escape(rest)?,
            _ if first == char => first.len_utf8(),
            // A fold: a line break and what surrounds it became a space or a shorter break.
            _ if char == ' ' || char == '\n' => {
                let end = rest.find(|char: char| !char.is_whitespace()).unwrap_or(rest.len());
                if end == 0 {
                    return None;
                }
                end
            }
            _ => return None,
        };
        self.at += length;
        Some(())
    }

    /// Indentation of the lines of a block, and escaped line breaks, are not in the value.
    fn skip_indentation(&mut self, char: char) {
        while let Some(rest) = self.written[self.at..].strip_prefix("\\\n") {
            self.at = self.written.len() - rest.trim_start_matches([' ', '\t']).len();
        }
        if !char.is_whitespace() {
            let rest = &self.written[self.at..];
            self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
        }
    }

    fn push(&mut self, index: usize) {
        let place = self.lo + self.at;
        let expected = self.runs.last().map(|(start, run)| run + (index - start));
        if expected != Some(place) {
            self.runs.push((index, place));
        }
    }
}

/// The length of an escape of a double-quoted scalar.
fn escape(rest: &str) -> Option<usize> {
    let kind = rest[1..].chars().next()?;
    let length = match kind {
        'x' => 4,
        'u' => 6,
        'U' => 10,
        _ => 1 + kind.len_utf8(),
    };
    rest.is_char_boundary(length).then_some(length)
}
