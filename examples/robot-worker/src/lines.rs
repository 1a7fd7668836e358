//! Lines from a socket, each of bounded length.
//!
//! Invariants: memory is bounded by [`MAX_LINE`] and one read buffer, whatever comes in; a line that is too long is
//! skipped up to its end, and the next one is read as usual; [`Lines::next`] is cancel-safe, since all that was
//! read stays in `self`.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// How many bytes a line may have, its end not counted.
pub(crate) const MAX_LINE: usize = 4096;

/// What was found where a line was expected.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A line, without its end.
    Text(String),
    /// More than [`MAX_LINE`] bytes.
    TooLong,
    /// Bytes that are no UTF-8; the first of them stands at this place, counted from 1.
    NotUtf8(usize),
    /// The stream ended within a line.
    Unfinished,
}

/// Cuts a stream into lines.
pub(crate) struct Lines<R> {
    reader: BufReader<R>,
    /// The line so far.
    line: Vec<u8>,
    /// Whether the line is too long already, and the rest of it is skipped.
    skipping: bool,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(crate) fn new(stream: R) -> Self {
        Self { reader: BufReader::new(stream), line: Vec::new(), skipping: false }
    }

    /// The next line; `None` at the end of the stream. Cancel-safe.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            let bytes = self.reader.fill_buf().await?;
            if bytes.is_empty() {
                let unfinished = self.skipping || !self.line.is_empty();
                self.reset();
                return Ok(unfinished.then_some(Line::Unfinished));
            }
            let end = bytes.iter().position(|&byte| byte == b'\n');
            let piece = &bytes[..end.unwrap_or(bytes.len())];
            let (taken, ended) = (piece.len() + usize::from(end.is_some()), end.is_some());
            self.skipping |= self.line.len() + piece.len() > MAX_LINE;
            if !self.skipping {
                self.line.extend_from_slice(piece);
            }
            self.reader.consume(taken);
            if ended {
                return Ok(Some(self.finish()));
            }
        }
    }

    /// Reads to the end of the stream and keeps nothing.
    pub(crate) async fn discard(&mut self) -> io::Result<()> {
        loop {
            let bytes = self.reader.fill_buf().await?.len();
            if bytes == 0 {
                return Ok(());
            }
            self.reader.consume(bytes);
        }
    }

    fn finish(&mut self) -> Line {
        let line = if self.skipping {
            Line::TooLong
        } else {
            // As `telnet` ends its lines.
            let bytes = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
            match std::str::from_utf8(bytes) {
                Ok(text) => Line::Text(text.to_owned()),
                Err(error) => Line::NotUtf8(error.valid_up_to() + 1),
            }
        };
        self.reset();
        line
    }

    fn reset(&mut self) {
        self.line.clear();
        self.skipping = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn lines(bytes: &[u8]) -> Vec<Line> {
        let mut lines = Lines::new(bytes);
        let mut found = Vec::new();
        while let Some(line) = lines.next().await.expect("a slice can be read") {
            found.push(line);
        }
        found
    }

    fn text(line: &str) -> Line {
        Line::Text(line.to_owned())
    }

    #[tokio::test]
    async fn lines_are_cut_at_their_ends() {
        assert_eq!(lines(b"a\r\n\nb\nc").await, [text("a"), text(""), text("b"), Line::Unfinished]);
        assert_eq!(lines(b"").await, []);
    }

    #[tokio::test]
    async fn a_line_has_as_many_bytes_as_allowed_and_no_more() {
        let longest = "x".repeat(MAX_LINE);
        let stream = format!("{longest}\n{longest}y\nnext\n{}", "z".repeat(100 * MAX_LINE));
        assert_eq!(lines(stream.as_bytes()).await, [text(&longest), Line::TooLong, text("next"), Line::Unfinished]);
    }

    #[tokio::test]
    async fn bytes_that_are_no_text_are_found() {
        assert_eq!(lines(b"ab\xff\nc\n").await, [Line::NotUtf8(3), text("c")]);
    }
}
