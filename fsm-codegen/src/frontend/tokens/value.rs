//! Values without meaning to the compiler, as JSON has them.

use proc_macro2::{Delimiter, TokenTree};

use super::cursor::Cursor;
use super::parser::Parser;
use crate::ast::Value;
use crate::diag::{Code, Diagnostic};
use crate::frontend::expr::limits;
use crate::source::Span;

impl Parser<'_, '_> {
    /// `null`, `true`, `-1.5`, `"text"`, `[…]`, `{ "key": … }`; in a mapping a key may be an identifier.
    pub(super) fn value(&mut self, cursor: &mut Cursor, depth: usize) -> Option<Value> {
        if depth > limits::MAX_NESTING {
            let span = self.place(cursor.here());
            self.push(Diagnostic::error(Code::TooLarge, span, "this value is nested too deeply"));
            return None;
        }
        if let Some(group) = cursor.group(Delimiter::Bracket) {
            let mut inside = Cursor::inside(&group);
            return Some(Value::List(self.list(&mut inside, |parser, cursor| parser.value(cursor, depth + 1))));
        }
        if let Some(group) = cursor.group(Delimiter::Brace) {
            let entries = self.list(&mut Cursor::inside(&group), |parser, cursor| parser.entry(cursor, depth));
            return Some(Value::Map(self.distinct(entries)));
        }
        if let Some(text) = self.string(cursor) {
            return Some(Value::String(text.value));
        }
        let word = cursor.ident().map(|ident| ident.to_string());
        match word.as_deref() {
            Some("null") => return Some(Value::Null),
            Some("true") => return Some(Value::Bool(true)),
            Some("false") => return Some(Value::Bool(false)),
            _ => {}
        }
        let minus = cursor.eat_punct('-');
        let number = match cursor.peek() {
            Some(TokenTree::Literal(literal)) => number(&literal.to_string(), minus),
            _ => None,
        };
        if number.is_none() {
            self.expected(cursor, "a value as in JSON", "write `null`, `true`, a number, \"text\", `[…]` or `{ … }`");
            return None;
        }
        cursor.next();
        number
    }

    fn entry(&mut self, cursor: &mut Cursor, depth: usize) -> Option<(String, Span, Value)> {
        let key = self.name(cursor, "a key")?;
        if !cursor.eat_punct(':') {
            self.expected(cursor, "`:`", "");
            return None;
        }
        Some((key.value, key.span, self.value(cursor, depth + 1)?))
    }

    fn distinct(&mut self, entries: Vec<(String, Span, Value)>) -> Vec<(String, Value)> {
        let mut known: Vec<(String, Value)> = Vec::with_capacity(entries.len());
        let mut places: std::collections::HashMap<String, Span> = std::collections::HashMap::new();
        for (key, span, value) in entries {
            if let Some(first) = places.insert(key.clone(), span) {
                let message = format!("`{}` stands here a second time", crate::diag::shown(&key));
                let diagnostic = Diagnostic::error(Code::DuplicateKey, span, message);
                self.push(diagnostic.label(first, "first written here"));
            } else {
                known.push((key, value));
            }
        }
        known
    }
}

fn number(text: &str, minus: bool) -> Option<Value> {
    let text = text.replace('_', "");
    let text = if minus { format!("-{text}") } else { text };
    let float = || text.parse().ok().map(Value::Float);
    text.parse().ok().map(Value::Int).or_else(float)
}
