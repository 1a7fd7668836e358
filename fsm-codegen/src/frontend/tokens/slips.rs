//! Slips of the pen whose meaning is clear: a guard behind the target, a `,` for a `|`, a comma left out.
//!
//! Each is reported with what to write, and what stands there is read as it was meant, so that names in it are looked
//! up too. Invariant: what is taken as a slip could not be read otherwise.

use proc_macro2::{Delimiter, Span as RustSpan, TokenTree};

use super::cursor::{Cursor, KEYWORDS};
use super::parser::Parser;
use crate::ast::Transition;
use crate::diag::{Help, did_you_mean};
use crate::source::Span;

/// The words that begin an action which is no call; a method of that name stands in quotes.
pub(super) const FORMS: &[&str] = &["assign", "cancel", "emit", "if", "log", "raise", "reply", "send"];

/// What other dialects call an action, where a word follows.
const OTHER_FORMS: &[(&str, &str)] = &[
    ("dispatch", "raise"),
    ("fire", "raise"),
    ("let", "assign"),
    ("print", "log"),
    ("println", "log"),
    ("return", "reply"),
    ("set", "assign"),
    ("throw", "raise"),
    ("trigger", "raise"),
    ("update", "assign"),
];

/// The words in which other dialects write a guard.
const GUARDS: &[&str] = &["if", "when", "where"];

/// Words of Rust behind which an expression goes on.
const GO_ON: &[&str] = &["as", "break", "dyn", "else", "impl", "in", "let", "move", "mut", "ref", "return", "unsafe"];

impl Parser<'_, '_> {
    /// Guard, target and actions that stand in another order; `arrow` and `slash` are where the target and the actions
    /// begin that were read.
    pub(super) fn misplaced(
        &mut self,
        cursor: &mut Cursor,
        transition: &mut Transition,
        arrow: Option<RustSpan>,
        mut slash: Option<RustSpan>,
    ) {
        loop {
            let (here, last) = (cursor.here(), cursor.last());
            let begun = arrow.or(slash).zip(last);
            if let Some((first, last)) = begun
                && GUARDS.iter().any(|word| cursor.is_word(word))
                && transition.guard.is_none()
            {
                let before = self.over(first, last);
                self.late_guard(cursor, transition, before);
            } else if cursor.is_arrow() && transition.targets.is_none() && slash.is_some() {
                self.late_target(cursor, transition, slash);
            } else if slash.is_none() && cursor.is_punct(',') && cursor.begins_action(1) {
                let help = Help::from("actions stand behind `/`: `=> Target / first, second;`").replacing(",", " /");
                self.error_help(self.place(here), "expected `/`, found `,`", help);
                cursor.eat_punct(',');
                slash = Some(here);
                transition.actions = self.action_list(cursor, true);
            } else {
                return;
            }
            if cursor.is_punct('/') {
                let more = self.actions(cursor, true);
                transition.actions.extend(more);
            }
        }
    }

    /// `=> B if ready`, `/ creak if ready => B`.
    fn late_guard(&mut self, cursor: &mut Cursor, transition: &mut Transition, before: Span) {
        let first = cursor.here();
        cursor.next();
        let here = cursor.here();
        let trees = cursor.until(|cursor| cursor.is_arrow() || cursor.is_punct('/'));
        transition.guard = self.guard(trees, here);
        let condition = self.since(here, cursor);
        let mut new = format!("if {}", self.source.slice(condition));
        if cursor.is_arrow() && transition.targets.is_none() {
            let arrow = cursor.here();
            cursor.eat_pair('=', '>');
            self.destination(cursor, transition);
            new = format!("{new} {}", self.source.slice(self.since(arrow, cursor)));
        }
        let late = self.since(first, cursor);
        let (whole, new) = (before.to(late), format!("{new} {}", self.source.slice(before)));
        self.reordered(whole, late, "a guard stands in front of the target and the actions", &new);
    }

    /// `/ creak => B`.
    fn late_target(&mut self, cursor: &mut Cursor, transition: &mut Transition, slash: Option<RustSpan>) {
        let (first, last) = (cursor.here(), cursor.last());
        cursor.eat_pair('=', '>');
        self.destination(cursor, transition);
        let late = self.since(first, cursor);
        let Some(before) = slash.zip(last).map(|(slash, last)| self.over(slash, last)) else { return };
        let new = format!("{} {}", self.source.slice(late), self.source.slice(before));
        self.reordered(before.to(late), late, "the target stands in front of the actions", &new);
    }

    /// Reports what stands too late; where all is in one line, the order that is meant is the help.
    fn reordered(&mut self, whole: Span, late: Span, message: &str, new: &str) {
        let old = self.source.slice(whole);
        if old.contains('\n') {
            self.error_help(late, message, "a transition is written `on Event if guard => Target / action;`");
        } else {
            self.error_help(whole, message, Help::from(format!("write `{new}`")).replacing(old, new));
        }
    }

    /// Passes over `when` and `where` in the place of `if`, and reports it.
    pub(super) fn is_mistaken_if(&mut self, cursor: &mut Cursor) -> bool {
        let Some(TokenTree::Ident(word)) = cursor.peek() else { return false };
        if !GUARDS.iter().any(|it| word == it) {
            return false;
        }
        let (word, span) = (word.to_string(), self.place(word.span()));
        let help = Help::from("a guard stands behind `if`: `on Event if guard => Target`").replacing(&*word, "if");
        self.error_help(span, format!("expected `if`, found `{word}`"), help);
        cursor.next().is_some()
    }

    /// Passes over a comma between two events of `on`, and reports it.
    pub(super) fn is_mistaken_bar(&mut self, cursor: &mut Cursor) -> bool {
        let follows = matches!(cursor.peek_at(1), Some(TokenTree::Ident(_) | TokenTree::Literal(_)));
        if !(cursor.is_punct(',') && (follows || cursor.is_punct_at(1, '*'))) {
            return false;
        }
        let help = Help::from("between the events of one transition stands `|`: `on A | B`").replacing(",", " |");
        self.error_help(self.place(cursor.here()), "expected `|`, found `,`", help);
        cursor.eat_punct(',')
    }

    /// The form of an action that is misspelt, or called as elsewhere: `rase Go`, `set n = 1`; reported and passed over.
    pub(super) fn mistaken_form(&mut self, cursor: &mut Cursor) -> Option<&'static str> {
        let Some(TokenTree::Ident(word)) = cursor.peek() else { return None };
        let follower = matches!(cursor.peek_at(1), Some(TokenTree::Ident(next)) if !GUARDS.iter().any(|it| next == it));
        if !follower && !matches!(cursor.peek_at(1), Some(TokenTree::Literal(_))) {
            return None;
        }
        let (word, span) = (word.to_string(), self.place(word.span()));
        let other = OTHER_FORMS.iter().find(|(other, _)| *other == word);
        let help = match other {
            Some((_, form)) => Help::from(format!("write `{form}`")).replacing(word.as_str(), *form),
            None => did_you_mean(&word, FORMS.iter().copied())?,
        };
        let meant = other.map(|(_, form)| *form);
        let form =
            meant.or_else(|| FORMS.iter().copied().find(|form| help.text == format!("did you mean `{form}`?")))?;
        self.error_help(span, format!("`{word}` begins no action"), help);
        cursor.next();
        Some(form)
    }

    /// Whether an assignment stands here without its `assign`; then that is reported.
    pub(super) fn is_bare_assignment(&mut self, cursor: &Cursor) -> bool {
        let mut end = 0;
        while matches!(cursor.peek_at(end), Some(TokenTree::Ident(_))) {
            end += 1;
            if !cursor.is_punct_at(end, '.') {
                break;
            }
            end += 1;
        }
        let operator = usize::from(['+', '-', '*', '%'].iter().any(|sign| cursor.is_punct_at(end, *sign)));
        let sign = cursor.is_punct_at(end + operator, '=');
        let other = ['>', '='].iter().any(|sign| cursor.is_punct_at(end + operator + 1, *sign));
        if end == 0 || !sign || other {
            return false;
        }
        let Some(TokenTree::Ident(word)) = cursor.peek() else { return false };
        let (name, span) = (word.to_string(), self.place(word.span()));
        let new = format!("assign {name}");
        let help = Help::from("write `assign field = expression`").replacing(name, new);
        self.error_help(span, "an assignment begins with `assign`", help);
        true
    }

    /// Whether a comma was forgotten in front of the next item; then that is reported.
    pub(super) fn is_missing_comma(&mut self, cursor: &Cursor) -> bool {
        let item = matches!(cursor.peek(), Some(TokenTree::Ident(_) | TokenTree::Literal(_)));
        let Some(last) = cursor.last().filter(|_| item) else { return false };
        let end = self.place(last).hi;
        let help = Help::from("between them stand commas").replacing("", ",");
        self.error_help(Span { lo: end, hi: end }, "a `,` is missing here", help);
        true
    }
}

impl Cursor {
    /// Whether `field:` or `field =` begins behind an expression or a type that is complete: a comma was forgotten.
    pub(super) fn begins_entry(&self, sign: char) -> bool {
        let complete = match self.before() {
            Some(TokenTree::Ident(word)) => !GO_ON.iter().any(|it| word == it),
            Some(TokenTree::Punct(punct)) => punct.as_char() == '>',
            Some(TokenTree::Group(_) | TokenTree::Literal(_)) => true,
            None => false,
        };
        let word = matches!(self.peek(), Some(TokenTree::Ident(word)) if !GO_ON.iter().any(|it| word == it));
        let longer = self.is_punct_at(2, sign) || self.is_punct_at(2, '>');
        complete && word && self.is_punct_at(1, sign) && !longer
    }

    /// Whether what stands in this line goes on with another declaration: `event Go { … } Stop;`.
    pub(super) fn begins_declaration(&self) -> bool {
        let Some(TokenTree::Ident(word)) = self.peek() else { return false };
        let same_line = self.last().is_some_and(|last| last.end().line == self.here().start().line);
        let behind = match self.peek_at(1) {
            Some(TokenTree::Punct(punct)) => matches!(punct.as_char(), ';' | ',' | '-'),
            Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Brace,
            _ => false,
        };
        same_line && behind && KEYWORDS.binary_search(&word.to_string().as_str()).is_err()
    }

    /// Whether a call or another action begins there.
    fn begins_action(&self, ahead: usize) -> bool {
        let Some(TokenTree::Ident(word)) = self.peek_at(ahead) else { return false };
        let call = match self.peek_at(ahead + 1) {
            Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Parenthesis,
            // A single name may as well be a second target.
            Some(TokenTree::Punct(punct)) => {
                matches!(punct.as_char(), ';' | ',') && word.to_string().starts_with(char::is_lowercase)
            }
            _ => false,
        };
        call || FORMS.iter().any(|form| word == form)
    }
}
