//! Names, targets, delays, capacities: the words of a statement.
//!
//! A name is an identifier, several with dots between them, or a string literal, which can be any text. In a target
//! `#` and a dot stand in front.

use fsm_model::gather::Gather as _;
use proc_macro2::{Delimiter, TokenTree};

use super::cursor::Cursor;
use super::parser::Parser;
use crate::ast::{Delay, Name, Text};
use crate::diag::{Code, Diagnostic, Help, did_you_mean, shown};
use crate::frontend::{delay, words};
use crate::source::{Notation, Spanned};

impl Parser<'_, '_> {
    /// A name; `wanted` says what of.
    pub(super) fn name(&mut self, cursor: &mut Cursor, wanted: &str) -> Option<Name> {
        self.text(cursor, wanted, "")
    }

    /// An event, or a pattern: `*`, `a.*`.
    pub(super) fn pattern(&mut self, cursor: &mut Cursor) -> Option<Name> {
        let first = cursor.here();
        if cursor.eat_punct('*') {
            return Some(Spanned::new("*".to_owned(), self.place(first)));
        }
        let mut name = self.text(cursor, "an event", "")?;
        if cursor.is_punct('.') && cursor.is_punct_at(1, '*') {
            cursor.eat_pair('.', '*');
            name.value.push_str(".*");
            name.span = self.since(first, cursor);
        }
        Some(name)
    }

    /// `Working`, `.child`, `#id.child`, `"go-up"`.
    pub(super) fn target(&mut self, cursor: &mut Cursor) -> Option<Text> {
        let (first, mut prefix) = (cursor.here(), "");
        if cursor.eat_punct('#') {
            prefix = "#";
        } else if cursor.eat_punct('.') {
            prefix = ".";
        }
        let mut name = self.text(cursor, "a state", prefix)?;
        name.span = self.since(first, cursor);
        Some(name)
    }

    /// A target, or one for each region: `[A, B]`.
    pub(super) fn targets(&mut self, cursor: &mut Cursor) -> Option<Vec<Text>> {
        let Some(group) = cursor.group(Delimiter::Bracket) else { return Some(vec![self.target(cursor)?]) };
        let mut inside = Cursor::inside(&group);
        let targets = self.list(&mut inside, Self::target);
        if targets.is_empty() && inside.is_end() && inside.last().is_none() {
            let span = self.place(group.span());
            self.push(Diagnostic::error(Code::EmptyValue, span, "this list of targets is empty"));
        }
        (!targets.is_empty()).then_some(targets)
    }

    /// What stands between commas, up to the end.
    pub(super) fn list<T>(
        &mut self,
        cursor: &mut Cursor,
        read: impl Fn(&mut Self, &mut Cursor) -> Option<T>,
    ) -> Vec<T> {
        let mut items = Vec::new();
        while !cursor.is_end() {
            let found = read(self, cursor);
            let failed = found.is_none();
            items.extend(found);
            if !cursor.is_end() && !cursor.eat_punct(',') {
                if !failed && self.is_missing_comma(cursor) {
                    continue;
                }
                if !failed {
                    self.expected(cursor, "`,`", "");
                }
                cursor.until(|cursor| cursor.is_punct(','));
                if !cursor.eat_punct(',') {
                    break;
                }
            }
        }
        items
    }

    fn text(&mut self, cursor: &mut Cursor, wanted: &str, prefix: &str) -> Option<Name> {
        let first = cursor.here();
        let mut text = prefix.to_owned();
        if let Some(literal) = self.string(cursor) {
            text.push_str(&literal.value);
            return Some(Spanned::new(text, literal.span));
        }
        loop {
            let Some(ident) = cursor.ident() else {
                self.expected(cursor, wanted, without_name(cursor, wanted));
                return None;
            };
            let ident = ident.to_string();
            text.push_str(ident.strip_prefix("r#").unwrap_or(&ident));
            // What follows the dot of a pattern is no name.
            if !cursor.is_punct('.') || cursor.is_punct_at(1, '*') {
                return Some(Spanned::new(text, self.since(first, cursor)));
            }
            cursor.eat_punct('.');
            text.push('.');
        }
    }

    /// A string literal.
    pub(super) fn string(&mut self, cursor: &mut Cursor) -> Option<Text> {
        let Some(TokenTree::Literal(literal)) = cursor.peek() else { return None };
        let syn::Lit::Str(text) = syn::Lit::new(literal.clone()) else { return None };
        let span = self.place(literal.span());
        cursor.next();
        Some(Spanned::new(text.value(), span))
    }

    /// `30s`, `1.5s`, a number of milliseconds, or a name.
    pub(super) fn delay(&mut self, cursor: &mut Cursor) -> Option<Delay> {
        let text = self.delay_text(cursor)?;
        delay::delay(text, Notation::Rust, self.diagnostics)
    }

    /// A delay that is written out.
    pub(super) fn fixed_delay(&mut self, cursor: &mut Cursor) -> Option<Spanned<std::time::Duration>> {
        let text = self.delay_text(cursor)?;
        delay::fixed(text, self.diagnostics)
    }

    fn delay_text(&mut self, cursor: &mut Cursor) -> Option<Name> {
        let first = cursor.here();
        let minus = cursor.eat_punct('-');
        if let Some(TokenTree::Literal(literal)) = cursor.peek()
            && !literal.to_string().starts_with(['"', '\'', 'r', 'b', 'c'])
        {
            let sign = if minus { "-" } else { "" };
            let mut text = format!("{sign}{}", literal.to_string().replace('_', ""));
            cursor.next();
            if let Some(unit) = delay::unit(|unit| cursor.is_word(unit)) {
                cursor.next();
                let (span, written) = (self.since(first, cursor), self.source.slice(self.since(first, cursor)));
                text.push_str(unit);
                let help = Help::from(format!("write `{text}`")).replacing(written, text.as_str());
                self.error_help(span, "a delay is one word", help);
            }
            return Some(Spanned::new(text, self.since(first, cursor)));
        }
        self.text(cursor, "a delay", "")
    }

    /// An integer from 0 that fits.
    pub(super) fn number(&mut self, cursor: &mut Cursor) -> Option<Spanned<u32>> {
        let first = cursor.here();
        let number = match cursor.peek() {
            Some(TokenTree::Literal(literal)) => literal.to_string().replace('_', "").parse::<u32>().ok(),
            _ => None,
        };
        let Some(number) = number else {
            self.expected(cursor, "a number of entries", "a capacity lies between 1 and 65535");
            return None;
        };
        cursor.next();
        Some(Spanned::new(number, self.place(first)))
    }

    /// One of several words.
    pub(super) fn choice<T: Copy>(&mut self, cursor: &mut Cursor, choices: &[(&str, T)]) -> Option<Spanned<T>> {
        let names = || choices.iter().map(|(name, _)| *name);
        let wanted = names().map(|name| format!("`{name}`")).gather::<Vec<_>>().join(", ");
        let Some(word) = cursor.ident() else {
            self.expected(cursor, &format!("one of {wanted}"), "");
            return None;
        };
        let (text, span) = (word.to_string(), self.place(word.span()));
        if let Some((_, value)) = choices.iter().find(|(name, _)| *name == text) {
            return Some(Spanned::new(*value, span));
        }
        let message = format!("`{}` is none of {wanted}", shown(&text));
        let meant = || {
            let word = words::meant(&text).filter(|word| names().any(|name| name == *word))?;
            Some(Help::from(format!("did you mean `{word}`?")).replacing(&*text, word))
        };
        let help = did_you_mean(&text, names()).or_else(meant);
        self.push(Diagnostic::error(Code::InvalidValue, span, message).maybe_help(help));
        None
    }
}

/// Advice where a name should stand and does not.
fn without_name(cursor: &Cursor, wanted: &str) -> &'static str {
    match (cursor.peek(), wanted) {
        (Some(TokenTree::Punct(punct)), _) if !matches!(punct.as_char(), ';' | ',' | '=' | '/' | '|' | '>' | ':') => {
            "a name that is no identifier stands in quotes: `\"go-up\"`"
        }
        (Some(TokenTree::Literal(_)), _) => "a name that is no identifier stands in quotes: `\"go-up\"`",
        (_, "a state") => "name the state, or leave the `=>` out where the state stays the same",
        (_, "a delay") => "write the length in front of the arrow: `after 5s => Target;`",
        (_, "an event") => "write `on Event => Target;`",
        (_, "the name of the machine") => "write `machine Name { … }`",
        _ => "",
    }
}
