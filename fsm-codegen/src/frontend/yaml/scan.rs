//! Brackets, quotes and comments of a text that is no YAML, up to where the reader gave up.
//!
//! Asked by `syntax` alone: the reader says where it stopped, and people want to know what they left open. A scanner of
//! its own, which knows as much of YAML as that takes. One pass over the text, nothing recursive.

use crate::source::Span;

/// What is open, and what was seen.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// The brackets that are open, outermost first.
    pub(super) open: Vec<usize>,
    /// A bracket that closes another kind, and the one that it closes.
    pub(super) mismatch: Option<(usize, usize)>,
    /// Comments inside of open brackets, each from its `#` to the end of its line.
    pub(super) comments: Vec<Span>,
    /// The quoted text that ended last, with its quotes.
    pub(super) quoted: Option<Span>,
    /// Where the entry of the innermost bracket begins that the text ends in.
    pub(super) entry: usize,
    /// Anchors and aliases with their signs, `&a` and `*a`.
    pub(super) references: Vec<Span>,
}

/// Looks at `text` up to `end`.
pub(super) fn scan(text: &str, end: usize) -> Scan {
    let mut scanner =
        Scanner { bytes: text.get(..end).unwrap_or(text).as_bytes(), at: 0, plain: false, found: Scan::default() };
    while scanner.at < scanner.bytes.len() && scanner.found.mismatch.is_none() {
        scanner.step();
    }
    scanner.found
}

struct Scanner<'s> {
    bytes: &'s [u8],
    at: usize,
    /// Whether it stands in text without quotes.
    plain: bool,
    found: Scan,
}

impl Scanner<'_> {
    fn step(&mut self) {
        let byte = self.bytes[self.at];
        let flow = !self.found.open.is_empty();
        let behind_blank = self.at == 0 || self.bytes[self.at - 1].is_ascii_whitespace();
        let before_blank = self
            .bytes
            .get(self.at + 1)
            .is_none_or(|next| next.is_ascii_whitespace() || (flow && b",[]{}".contains(next)));
        match byte {
            b'\n' => self.plain &= flow,
            b'#' if behind_blank => return self.comment(),
            b' ' | b'\t' | b'\r' => {}
            b'{' | b'[' if flow || !self.plain => {
                self.found.open.push(self.at);
                self.fresh();
            }
            b'}' | b']' if flow => self.close(),
            b',' if flow => self.fresh(),
            b':' if before_blank => self.plain = false,
            b'-' | b'?' if !self.plain && before_blank => {}
            b'"' | b'\'' if !self.plain => return self.quoted(),
            b'|' | b'>' if !flow && !self.plain => return self.block(),
            b'&' | b'*' if !self.plain => return self.reference(),
            _ => self.plain = true,
        }
        self.at += 1;
    }

    /// An anchor, behind which its value stands, or an alias.
    fn reference(&mut self) {
        let name = self.bytes[self.at + 1..].iter();
        let length = name.take_while(|byte| !byte.is_ascii_whitespace() && !b",[]{}".contains(byte)).count();
        self.found.references.push(Span::new(self.at, self.at + 1 + length));
        self.at += 1 + length;
    }

    /// A new entry begins behind this byte.
    fn fresh(&mut self) {
        self.plain = false;
        self.found.entry = self.at + 1;
    }

    fn close(&mut self) {
        let fits = |open: u8| (open == b'{') == (self.bytes[self.at] == b'}');
        match self.found.open.pop() {
            Some(open) if !fits(self.bytes[open]) => self.found.mismatch = Some((open, self.at)),
            _ => {}
        }
        if self.found.open.is_empty() {
            self.found.comments.clear();
        }
        // What follows can only be a comma or another bracket.
        self.fresh();
    }

    fn comment(&mut self) {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        if !self.found.open.is_empty() {
            self.found.comments.push(Span::new(self.at, self.at + length));
        }
        self.at += length;
    }

    fn quoted(&mut self) {
        let (first, quote) = (self.at, self.bytes[self.at]);
        self.at += 1;
        while let Some(byte) = self.bytes.get(self.at) {
            let doubled = quote == b'\'' && self.bytes.get(self.at + 1) == Some(&quote);
            if *byte == quote && !doubled {
                self.at += 1;
                self.found.quoted = Some(Span::new(first, self.at));
                return;
            }
            self.at += if (*byte == b'\\' && quote == b'"') || (*byte == quote && doubled) { 2 } else { 1 };
        }
    }

    /// A block of text: all lines that are empty or indented deeper than the one that it begins in.
    fn block(&mut self) {
        let line = self.bytes[..self.at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let depth = indentation(&self.bytes[line..]);
        loop {
            let rest = &self.bytes[self.at..];
            let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
                self.at = self.bytes.len();
                return;
            };
            let next = &rest[end + 1..];
            let empty = next.get(indentation(next)).is_none_or(|byte| matches!(byte, b'\n' | b'\r'));
            if !empty && indentation(next) <= depth {
                self.at += end;
                return;
            }
            self.at += end + 1;
        }
    }
}

/// How many blanks a line begins with.
fn indentation(line: &[u8]) -> usize {
    line.iter().take_while(|byte| **byte == b' ').count()
}

/// A line of a mapping, as far as indentation goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    /// How many blanks it begins with.
    pub(super) indentation: usize,
    /// What stands in it, without blanks and a comment of its own.
    pub(super) span: Span,
}

/// The line that `at` stands in.
pub(super) fn line(text: &str, at: usize) -> Line {
    let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let rest = text.get(start..).unwrap_or_default();
    let rest = rest.lines().next().unwrap_or_default();
    let indentation = indentation(rest.as_bytes());
    Line { indentation, span: Span::new(start + indentation, start + rest.trim_end().len().max(indentation)) }
}

/// The line above that is neither empty nor a comment.
pub(super) fn above(text: &str, below: Line) -> Option<Line> {
    let mut below = below;
    loop {
        let start = (below.span.lo as usize).checked_sub(below.indentation + 1)?;
        below = line(text, start);
        let content = text.get(below.span.range()).unwrap_or_default();
        if !content.is_empty() && !content.starts_with('#') {
            return Some(below);
        }
    }
}

/// The lines above whose blocks are still open there, innermost first; each is indented less than the one before it.
pub(super) fn enclosing(text: &str, below: Line) -> Vec<Line> {
    let (mut lines, mut at): (Vec<Line>, _) = (Vec::new(), below);
    while let Some(line) = above(text, at) {
        if lines.last().is_none_or(|last: &Line| line.indentation < last.indentation) {
            lines.push(line);
        }
        if line.indentation == 0 {
            break;
        }
        at = line;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(text: &str) -> String {
        scan(text, text.len()).open.iter().map(|at| text[*at..].chars().take(3).collect::<String>()).collect()
    }

    #[test]
    fn brackets_in_text_quotes_comments_and_blocks_are_none() {
        assert_eq!(open("a: { b: 'x { y', c: \"\\\" {\" # {\n, d: it's["), "{ b[");
        assert_eq!(open("a: f[0 {\nb: |\n  {\n\n  [\nc: x - {\nd: [ x, {"), "[ x{");
        assert_eq!(open("a: 'it''s {'\nb: {c: [d, e], f: {}}\n- {"), "{");
    }

    #[test]
    fn a_bracket_of_another_kind_is_found() {
        assert_eq!(scan("a: { b: [c }", 12).mismatch, Some((8, 11)));
    }

    #[test]
    fn open_blocks_are_found_by_their_indentation() {
        let text = "a:\n  b:\n    c: d\n  # no\n    e:\n      f: g\n   h: i\n";
        let below = line(text, text.find('h').expect("it is there"));
        let found: Vec<_> =
            enclosing(text, below).iter().map(|line| (line.indentation, &text[line.span.range()])).collect();
        assert_eq!(found, [(6, "f: g"), (4, "e:"), (2, "b:"), (0, "a:")]);
    }
}
