//! A first look at Rust text: tokens with their offsets, brackets matched.
//!
//! Runs before anything recursive. It finds torn brackets where they stand, and lets the callers split text at `=` or
//! `->` outside of brackets. What it takes for one token may be several to Rust; the limits on recursion are checked
//! on real tokens by [`super::limits`].

use std::ops::Range;

use super::{Fault, limits};
use crate::diag::Code;

/// A token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    /// Where it begins.
    pub(crate) lo: usize,
    /// The character, for punctuation and brackets; `a` for words, numbers and quoted things.
    pub(crate) what: u8,
    /// How many brackets are open around it.
    pub(crate) depth: usize,
}

/// The tokens of `text`, brackets balanced and within the limits.
pub(crate) fn scan(text: &str) -> Result<Vec<Token>, Fault> {
    scan_up_to(text, limits::MAX_TOKENS, limits::MAX_NESTING)
}

/// What is wrong with the brackets or the quotes of `text`, however long it is.
pub(crate) fn fault(text: &str) -> Option<Fault> {
    scan_up_to(text, usize::MAX, usize::MAX).err()
}

fn scan_up_to(text: &str, most: usize, deepest: usize) -> Result<Vec<Token>, Fault> {
    let mut scanner = Scanner { text, bytes: text.as_bytes(), at: 0 };
    let (mut tokens, mut open) = (Vec::new(), Vec::new());
    while let Some(token) = scanner.next_token()? {
        let (what, lo) = (token.0, token.1);
        if tokens.len() == most {
            return Err(limits::too_many_tokens(lo..lo + 1));
        }
        match what {
            b'(' | b'[' | b'{' => {
                if open.len() == deepest {
                    return Err(limits::too_deep(lo..lo + 1));
                }
                tokens.push(Token { lo, what, depth: open.len() });
                open.push((what, lo));
            }
            b')' | b']' | b'}' => {
                match open.pop() {
                    Some((opening, _)) if closing(opening) == what => {}
                    Some((opening, at)) => return Err(mismatch(opening, at, what, lo)),
                    None => return Err(unbalanced(lo, what, "is never opened")),
                }
                tokens.push(Token { lo, what, depth: open.len() });
            }
            _ => tokens.push(Token { lo, what, depth: open.len() }),
        }
    }
    open.pop().map_or(Ok(tokens), |(what, lo)| Err(unbalanced(lo, what, "is never closed")))
}

const fn closing(opening: u8) -> u8 {
    match opening {
        b'(' => b')',
        b'[' => b']',
        _ => b'}',
    }
}

fn unbalanced(lo: usize, what: u8, why: &str) -> Fault {
    Fault::new(Code::UnbalancedBrackets, lo..lo + 1, format!("the bracket `{}` {why}", what as char))
}

fn mismatch(opening: u8, at: usize, found: u8, lo: usize) -> Fault {
    let message = format!("the bracket `{}` is closed by `{}`", opening as char, found as char);
    Fault::new(Code::UnbalancedBrackets, lo..lo + 1, message).label(at..at + 1, "opened here")
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    /// The next token's character and offset.
    fn next_token(&mut self) -> Result<Option<(u8, usize)>, Fault> {
        self.skip_blank()?;
        let Some(&byte) = self.bytes.get(self.at) else { return Ok(None) };
        let lo = self.at;
        match byte {
            b'"' => self.string(lo)?,
            b'\'' => self.quote(lo)?,
            b'0'..=b'9' => self.number(),
            _ if is_word(byte) => self.word(lo)?,
            _ => {
                self.at += 1;
                return Ok(Some((byte, lo)));
            }
        }
        Ok(Some((b'a', lo)))
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn skip_blank(&mut self) -> Result<(), Fault> {
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(byte), _) if byte.is_ascii_whitespace() => self.at += 1,
                (Some(b'/'), Some(b'/')) => {
                    self.at = self.text[self.at..].find('\n').map_or(self.bytes.len(), |end| self.at + end);
                }
                (Some(b'/'), Some(b'*')) => self.comment()?,
                _ => return Ok(()),
            }
        }
    }

    fn comment(&mut self) -> Result<(), Fault> {
        let (lo, mut depth) = (self.at, 0_usize);
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(b'/'), Some(b'*')) => (depth, self.at) = (depth + 1, self.at + 2),
                (Some(b'*'), Some(b'/')) => (depth, self.at) = (depth - 1, self.at + 2),
                (Some(_), _) => self.at += 1,
                (None, _) => return Err(unclosed("comment", lo..lo + 2)),
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// A string with escapes; `at` is at its first quote.
    fn string(&mut self, lo: usize) -> Result<(), Fault> {
        let opening = self.at;
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                return Ok(());
            }
        }
        Err(unclosed("string", lo..opening + 1))
    }

    /// A raw string; `at` is at its hashes or its quote.
    fn raw_string(&mut self, lo: usize) -> Result<(), Fault> {
        let hashes = self.bytes[self.at..].iter().take_while(|byte| **byte == b'#').count();
        let end = format!("\"{}", "#".repeat(hashes));
        let body = self.at + hashes + 1;
        let Some(length) = self.text.get(body..).and_then(|rest| rest.find(&end)) else {
            return Err(unclosed("string", lo..body));
        };
        self.at = body + length + end.len();
        Ok(())
    }

    /// A character, or a lifetime.
    fn quote(&mut self, lo: usize) -> Result<(), Fault> {
        let mut rest = self.text[lo + 1..].chars();
        let first = rest.next();
        if first != Some('\\') && rest.next() != Some('\'') {
            // No closing quote after one character: a lifetime.
            self.at += 1;
            self.skip_word();
            return Ok(());
        }
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'\'' {
                return Ok(());
            }
        }
        Err(unclosed("character", lo..lo + 1))
    }

    fn number(&mut self) {
        self.skip_word();
        if self.peek(0) == Some(b'.') && self.peek(1).is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
            self.skip_word();
        }
        let before = self.bytes.get(self.at.wrapping_sub(1));
        if matches!(before, Some(b'e' | b'E')) && matches!(self.peek(0), Some(b'+' | b'-')) {
            self.at += 1;
            self.skip_word();
        }
    }

    /// A word, which may turn out to be the prefix of a string.
    fn word(&mut self, lo: usize) -> Result<(), Fault> {
        self.skip_word();
        let raw = matches!(&self.text[lo..self.at], "r" | "br" | "cr");
        match self.peek(0) {
            Some(b'"') if raw => self.raw_string(lo),
            Some(b'#') if raw && self.bytes[self.at..].iter().find(|byte| **byte != b'#') == Some(&b'"') => {
                self.raw_string(lo)
            }
            Some(b'"') if matches!(&self.text[lo..self.at], "b" | "c") => self.string(lo),
            Some(b'\'') if &self.text[lo..self.at] == "b" => self.quote(self.at),
            _ => Ok(()),
        }
    }

    fn skip_word(&mut self) {
        while self.peek(0).is_some_and(is_word) {
            self.at += 1;
        }
    }
}

/// Bytes beyond ASCII count as parts of words: whether they are is syn's business.
const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn unclosed(what: &str, at: Range<usize>) -> Fault {
    Fault::new(Code::ExpressionSyntax, at, format!("this {what} is never closed"))
}

/// Where `=` stands alone outside of brackets and generics: between a type and its default.
pub(crate) fn assignment(tokens: &[Token]) -> Option<usize> {
    let mut angles = 0_usize;
    for (index, token) in tokens.iter().enumerate().filter(|(_, token)| token.depth == 0) {
        let arrow = index > 0 && tokens[index - 1].what == b'-' && tokens[index - 1].lo + 1 == token.lo;
        match token.what {
            b'<' => angles += 1,
            b'>' if !arrow => angles = angles.saturating_sub(1),
            b'=' if angles == 0 => return Some(token.lo),
            _ => {}
        }
    }
    None
}

/// Where `->` stands outside of brackets.
pub(crate) fn arrow(tokens: &[Token]) -> Option<usize> {
    let pairs = tokens.windows(2);
    let found = pairs.into_iter().find(|pair| {
        pair[0].depth == 0 && pair[0].what == b'-' && pair[1].what == b'>' && pair[0].lo + 1 == pair[1].lo
    });
    found.map(|pair| pair[0].lo)
}
