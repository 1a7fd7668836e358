//! Where tokens stand: a text in which they stand as they do in their file, and the way back from rustc's spans.
//!
//! rustc tells lines and columns of each token, but neither offsets nor the text between. So the text is laid out anew:
//! the same lines and columns, blanks in place of comments. Tokens that come from elsewhere (out of another macro) do
//! not fit there and stand one after the other. So do all of them in rust-analyzer, which has one line and column for
//! everything; there tokens are known by what their spans say of themselves.

use fsm_model::gather::Gather as _;
use std::collections::HashMap;

use proc_macro2::{Delimiter, LineColumn, TokenStream, TokenTree};

use crate::source::{Source, Span, Token, identity};

/// How many lines may lie between two tokens that belong together.
const MAX_GAP: usize = 10_000;

/// The places of tokens, found by their lines and columns, or by their identities where those are all the same.
#[derive(Debug, Default)]
pub struct Layout {
    starts: HashMap<LineColumn, u32>,
    ends: HashMap<LineColumn, u32>,
    identities: HashMap<String, Span>,
}

impl Layout {
    /// The text of a macro's input; `name` is that of its file.
    #[must_use]
    pub fn new(name: &str, tokens: &TokenStream) -> (Source, Self) {
        let mut text = Text::default();
        walk(tokens.clone(), &mut |written, span| text.token(written, span));
        let Text { written, mut layout, tokens: known, first, .. } = text;
        if layout.starts.len() == 1 && known.len() > 1 {
            layout.identify(tokens, &known);
        }
        let before = first.unwrap_or(1).saturating_sub(1);
        (Source::new(name, written).of_tokens(before, known), layout)
    }

    /// Tokens that were read from the text of a file.
    #[must_use]
    pub fn in_file(tokens: &TokenStream) -> Self {
        let mut layout = Self::default();
        walk(tokens.clone(), &mut |_, span| {
            let range = span.byte_range();
            layout.note(span, Span::new(range.start, range.end));
        });
        layout
    }

    /// The place of a token, or of several that rustc has one span for.
    #[must_use]
    pub fn find(&self, span: proc_macro2::Span) -> Option<Span> {
        if !self.identities.is_empty() {
            return self.identities.get(&identity(span)).copied();
        }
        let (lo, hi) = (self.starts.get(&span.start())?, self.ends.get(&span.end())?);
        Some(Span { lo: *lo, hi: (*hi).max(*lo) })
    }

    fn note(&mut self, span: proc_macro2::Span, place: Span) {
        self.starts.entry(span.start()).or_insert(place.lo);
        self.ends.insert(span.end(), place.hi);
    }

    /// Tells the tokens of `tokens` apart, whose places are `known` in their order, and so the groups of them.
    fn identify(&mut self, tokens: &TokenStream, known: &[Token]) {
        self.identities = known.iter().map(|token| (identity(token.rust), token.place)).gather();
        let mut open: Vec<_> = tokens.clone().into_iter().gather();
        while let Some(token) = open.pop() {
            let TokenTree::Group(group) = token else { continue };
            let place = |bracket| self.identities.get(&identity(bracket)).copied();
            if let (Some(from), Some(until)) = (place(group.span_open()), place(group.span_close())) {
                self.identities.insert(identity(group.span()), from.to(until));
            }
            open.extend(group.stream());
        }
    }
}

/// A text in the making.
#[derive(Default)]
struct Text {
    written: String,
    tokens: Vec<Token>,
    layout: Layout,
    /// The line of the first token.
    first: Option<usize>,
    line: usize,
    column: usize,
}

impl Text {
    fn token(&mut self, written: &str, span: proc_macro2::Span) {
        let (start, end) = (span.start(), span.end());
        if self.first.is_none() {
            (self.first, self.line) = (Some(start.line), start.line);
        }
        self.blank(start);
        let lo = self.written.len();
        self.written.push_str(written);
        let place = Span::new(lo, self.written.len());
        self.tokens.push(Token { place, rust: span });
        self.layout.note(span, place);
        (self.line, self.column) = (end.line, end.column);
    }

    /// Goes to where the next token begins, or a blank further where that lies behind.
    fn blank(&mut self, start: LineColumn) {
        let lines = start.line.saturating_sub(self.line);
        if lines > 0 && lines <= MAX_GAP {
            self.written.extend(std::iter::repeat_n('\n', lines));
            self.column = 0;
        }
        let fits = start.line >= self.line && lines <= MAX_GAP && start.column >= self.column;
        let columns = if fits { start.column - self.column } else { 1 };
        self.written.extend(std::iter::repeat_n(' ', columns));
    }
}

/// All tokens in their order, brackets too. Not recursive: nobody has looked yet how deep they are nested.
fn walk(tokens: TokenStream, visit: &mut dyn FnMut(&str, proc_macro2::Span)) {
    let mut open = vec![(tokens.into_iter(), None)];
    while let Some((rest, close)) = open.last_mut() {
        match rest.next() {
            Some(TokenTree::Group(group)) => {
                let (before, behind) = brackets(group.delimiter());
                if !before.is_empty() {
                    visit(before, group.span_open());
                }
                open.push((group.stream().into_iter(), Some((behind, group.span_close()))));
            }
            Some(token) => visit(&token.to_string(), token.span()),
            None => {
                if let Some((behind, span)) = close.take().filter(|(behind, _)| !behind.is_empty()) {
                    visit(behind, span);
                }
                open.pop();
            }
        }
    }
}

const fn brackets(delimiter: Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_laid_out_as_they_stand_in_their_file() {
        let text = "\n\nmachine Door { // a comment\n    state A; /* one */ state\n  B; }";
        let tokens: TokenStream = text.parse().expect("tokens");
        let (source, layout) = Layout::new("src/door.rs", &tokens);
        assert_eq!(source.text(), "machine Door {\n    state A;           state\n  B; }");
        let last = tokens.into_iter().last().expect("a group");
        let place = layout.find(last.span()).expect("it is known");
        assert_eq!(source.slice(place), "{\n    state A;           state\n  B; }");
        let position = source.position(place.hi);
        assert_eq!((position.line, position.column), (5, 7));
        assert_eq!(source.offset(5, 3), source.text().find("B;").expect("it is there"));
    }

    #[test]
    fn tokens_from_elsewhere_stand_one_after_the_other() {
        let tokens = quote::quote!(machine Door { state A; });
        let (source, _) = Layout::new("src/door.rs", &tokens);
        assert_eq!(source.text().split_whitespace().collect::<Vec<_>>().concat(), "machineDoor{stateA;}");
    }
}
