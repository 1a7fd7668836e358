//! A position in the tokens of one pair of brackets.
//!
//! Knows what ends a statement: `;`, the end, or a keyword of the grammar at the beginning of a line, which is where
//! a `;` was forgotten.

use fsm_model::gather::Gather as _;
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

/// The words that begin a statement of a machine or of a state.
pub(super) const KEYWORDS: &[&str] = &[
    "action",
    "after",
    "allow",
    "always",
    "blocking",
    "context",
    "data",
    "deep",
    "defer",
    "defer_capacity",
    "delay",
    "deny",
    "done",
    "entry",
    "error",
    "event",
    "every",
    "exit",
    "final",
    "guard",
    "history",
    "initial",
    "invoke",
    "message",
    "mode",
    "on",
    "output",
    "parallel",
    "queue",
    "send_futures",
    "state",
    "tags",
    "unhandled",
    "use",
    "version",
    "warn",
];

/// Tokens, and the next one to read.
pub(super) struct Cursor {
    trees: Vec<TokenTree>,
    at: usize,
    /// Where the end is shown.
    close: Span,
}

impl Cursor {
    pub(super) fn new(tokens: TokenStream, close: Span) -> Self {
        Self { trees: tokens.into_iter().gather(), at: 0, close }
    }

    /// What a group holds.
    pub(super) fn inside(group: &Group) -> Self {
        Self::new(group.stream(), group.span_close())
    }

    pub(super) fn peek(&self) -> Option<&TokenTree> {
        self.trees.get(self.at)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<&TokenTree> {
        self.trees.get(self.at + ahead)
    }

    pub(super) fn is_end(&self) -> bool {
        self.at >= self.trees.len()
    }

    /// The next token, or the closing bracket.
    pub(super) fn here(&self) -> Span {
        self.peek().map_or(self.close, TokenTree::span)
    }

    /// The token read last.
    pub(super) fn last(&self) -> Option<Span> {
        self.at.checked_sub(1).map(|last| self.trees[last].span())
    }

    /// The same, with what it is.
    pub(super) fn before(&self) -> Option<&TokenTree> {
        self.at.checked_sub(1).map(|last| &self.trees[last])
    }

    pub(super) fn next(&mut self) -> Option<TokenTree> {
        let tree = self.trees.get(self.at).cloned();
        self.at += usize::from(tree.is_some());
        tree
    }

    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// The tokens read since `from`.
    pub(super) fn since(&self, from: usize) -> &[TokenTree] {
        &self.trees[from.min(self.at)..self.at]
    }

    pub(super) fn is_punct(&self, char: char) -> bool {
        self.is_punct_at(0, char)
    }

    pub(super) fn is_punct_at(&self, ahead: usize, char: char) -> bool {
        matches!(self.peek_at(ahead), Some(TokenTree::Punct(punct)) if punct.as_char() == char)
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(TokenTree::Ident(ident)) if ident == word)
    }

    /// `=>`.
    pub(super) fn is_arrow(&self) -> bool {
        self.is_punct('=') && self.is_punct_at(1, '>')
    }

    pub(super) fn eat_punct(&mut self, char: char) -> bool {
        let found = self.is_punct(char);
        self.at += usize::from(found);
        found
    }

    /// The next token, where it is that word.
    pub(super) fn eat_word(&mut self, word: &str) -> Option<Span> {
        if !self.is_word(word) {
            return None;
        }
        self.next().map(|tree| tree.span())
    }

    /// `=>` or another sign of two characters.
    pub(super) fn eat_pair(&mut self, first: char, second: char) -> bool {
        let found = self.is_punct(first) && self.is_punct_at(1, second);
        self.at += 2 * usize::from(found);
        found
    }

    pub(super) fn ident(&mut self) -> Option<Ident> {
        let Some(TokenTree::Ident(ident)) = self.peek() else { return None };
        let ident = ident.clone();
        self.at += 1;
        Some(ident)
    }

    /// The next token, where it is such a group.
    pub(super) fn group(&mut self, delimiter: Delimiter) -> Option<Group> {
        let Some(TokenTree::Group(group)) = self.peek() else { return None };
        let group = (group.delimiter() == delimiter).then(|| group.clone())?;
        self.at += 1;
        Some(group)
    }

    pub(super) fn is_group(&self, delimiter: Delimiter) -> bool {
        matches!(self.peek(), Some(TokenTree::Group(group)) if group.delimiter() == delimiter)
    }

    /// Whether a target begins there.
    pub(super) fn is_target_at(&self, ahead: usize) -> bool {
        match self.peek_at(ahead) {
            Some(TokenTree::Ident(_) | TokenTree::Literal(_)) => true,
            Some(TokenTree::Punct(punct)) => matches!(punct.as_char(), '#' | '.'),
            Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Bracket,
            None => false,
        }
    }

    /// The tokens of a type: up to `as`, a brace, or the end of the statement.
    pub(super) fn ty(&mut self) -> Vec<TokenTree> {
        let (from, mut open, mut arrow) = (self.at, 0_usize, false);
        while !self.ends() && !self.is_group(Delimiter::Brace) && (open > 0 || !self.is_word("as")) {
            let opens = self.is_punct('<');
            let closes = self.is_punct('>') && !arrow;
            open = (open + usize::from(opens)).saturating_sub(usize::from(closes));
            arrow = self.is_punct('-');
            self.at += 1;
        }
        self.trees[from..self.at].to_vec()
    }

    /// Whether a statement ends here, with a `;` or where one was forgotten.
    pub(super) fn ends(&self) -> bool {
        self.is_end() || self.is_punct(';') || self.begins_statement()
    }

    /// A word that begins a statement, wherever in its line.
    pub(super) fn is_keyword(&self) -> bool {
        matches!(self.peek(), Some(TokenTree::Ident(word)) if KEYWORDS.binary_search(&word.to_string().as_str()).is_ok())
    }

    /// A keyword, or the attribute of a statement, at the beginning of a line.
    fn begins_statement(&self) -> bool {
        let Some(last) = self.last() else { return false };
        let begins_line = self.here().start().line > last.end().line;
        let is_path = self.is_punct_at(1, '.') || self.is_punct_at(1, ':');
        let keyword = match self.peek() {
            Some(TokenTree::Ident(_)) => self.is_keyword() && !is_path,
            Some(TokenTree::Punct(punct)) => {
                let bracket =
                    matches!(self.peek_at(1), Some(TokenTree::Group(it)) if it.delimiter() == Delimiter::Bracket);
                punct.as_char() == '#' && bracket
            }
            _ => false,
        };
        begins_line && keyword
    }

    /// The tokens up to the end of the statement, or up to where `stop` holds.
    pub(super) fn until(&mut self, stop: impl Fn(&Self) -> bool) -> Vec<TokenTree> {
        let from = self.at;
        while !self.ends() && !stop(self) {
            self.at += 1;
        }
        self.trees[from..self.at].to_vec()
    }

    /// Goes behind the next `;` or brace group, or in front of the next statement.
    pub(super) fn recover(&mut self) {
        while let Some(tree) = self.peek() {
            let is_end = match tree {
                TokenTree::Punct(punct) => punct.as_char() == ';',
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                _ => false,
            };
            self.at += 1;
            if is_end || self.begins_statement() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::KEYWORDS;

    #[test]
    fn keywords_can_be_searched() {
        assert!(KEYWORDS.is_sorted());
    }
}
