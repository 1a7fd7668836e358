//! Actions: `begin(&event.job), assign jobs = context.jobs + 1, raise Done`.

use fsm_model::gather::Gather as _;
use proc_macro2::{Delimiter, TokenTree};

use super::cursor::Cursor;
use super::parser::Parser;
use super::slips::FORMS;
use crate::ast::{Action, ActionKind, Assignment, EventValue, Guard};
use crate::diag::{Code, Diagnostic, shown};
use crate::frontend::expr::piece;
use crate::frontend::expr::{self, Text, is_behind_self};
use crate::rust::{Call, Expr};

impl Parser<'_, '_> {
    /// `/ a, b`, where there is one. Those of a transition may end where its guard or its target stands too late.
    pub(super) fn actions(&mut self, cursor: &mut Cursor, of_transition: bool) -> Vec<Action> {
        if !cursor.is_punct('/') {
            return Vec::new();
        }
        cursor.eat_punct('/');
        if cursor.ends() {
            self.expected(cursor, "an action", "leave the `/` out where there is none");
            return Vec::new();
        }
        self.action_list(cursor, of_transition)
    }

    /// Actions with commas between them, up to the end of the statement.
    pub(super) fn action_list(&mut self, cursor: &mut Cursor, of_transition: bool) -> Vec<Action> {
        let mut actions = Vec::new();
        while !cursor.ends() {
            let action = self.action(cursor);
            let failed = action.is_none();
            actions.extend(action);
            if cursor.ends() {
                break;
            }
            if of_transition && (cursor.is_arrow() || cursor.is_word("if") || cursor.is_word("when")) {
                break;
            }
            if !cursor.eat_punct(',') {
                if !failed {
                    self.expected(cursor, "`,` or `;`", "between actions stand commas, and `;` behind the last one");
                }
                cursor.until(|cursor| cursor.is_punct(','));
                cursor.eat_punct(',');
            }
        }
        actions
    }

    fn action(&mut self, cursor: &mut Cursor) -> Option<Action> {
        let first = cursor.here();
        let form = match cursor.peek() {
            Some(TokenTree::Ident(word)) => FORMS.iter().find(|form| word == **form),
            _ => None,
        };
        let kind = match form {
            Some(form) => {
                cursor.next();
                self.form(form, cursor)
            }
            None => match self.mistaken_form(cursor) {
                Some(form) => self.form(form, cursor),
                None if self.is_bare_assignment(cursor) => self.assign(cursor).map(ActionKind::Assign),
                None => self.call(cursor).map(ActionKind::Call),
            },
        };
        kind.map(|kind| Action { kind, span: self.since(first, cursor) })
    }

    fn form(&mut self, form: &str, cursor: &mut Cursor) -> Option<ActionKind> {
        match form {
            "assign" => self.assign(cursor).map(ActionKind::Assign),
            "raise" => self.event_value(cursor, "an event").map(ActionKind::Raise),
            "emit" => self.event_value(cursor, "a message").map(ActionKind::Emit),
            "send" => self.send(cursor),
            "cancel" => self.name(cursor, "the id of a `send`").map(ActionKind::Cancel),
            "reply" => self.action_value(cursor).map(ActionKind::Reply),
            "log" => self.log(cursor),
            _ => {
                let span = self.place(cursor.last().unwrap_or_else(|| cursor.here()));
                let read = self.deeper(span, |parser| parser.conditional(cursor));
                read.unwrap_or_else(|| {
                    cursor.until(|cursor| cursor.is_punct(','));
                    None
                })
            }
        }
    }

    /// An expression up to the next comma.
    fn action_value(&mut self, cursor: &mut Cursor) -> Option<Expr> {
        let here = cursor.here();
        let trees = cursor.until(|cursor| cursor.is_punct(',') || cursor.is_arrow());
        self.rust(trees, here, "an expression", piece::expression)
    }

    /// `field = expr`, or several of them in braces, which read the old values.
    fn assign(&mut self, cursor: &mut Cursor) -> Option<Vec<Assignment>> {
        match cursor.group(Delimiter::Brace) {
            Some(group) => {
                let all = self.list(&mut Cursor::inside(&group), Self::assignment);
                if all.is_empty() {
                    let span = self.place(group.span());
                    self.push(Diagnostic::error(Code::EmptyValue, span, "nothing is assigned here"));
                }
                (!all.is_empty()).then_some(all)
            }
            None => Some(vec![self.assignment(cursor)?]),
        }
    }

    fn assignment(&mut self, cursor: &mut Cursor) -> Option<Assignment> {
        let field = self.name(cursor, "a field of the context")?;
        if !cursor.is_punct('=') || cursor.is_arrow() {
            let sign =
                ['+', '-', '*', '%'].into_iter().find(|sign| cursor.is_punct(*sign) && cursor.is_punct_at(1, '='));
            let help = sign.map_or_else(
                || "write `assign field = expression`".to_owned(),
                |sign| {
                    let name = shown(field.value.strip_prefix("context.").unwrap_or(&field.value));
                    format!("write `assign {name} = context.{name} {sign} …`")
                },
            );
            self.expected(cursor, "`=`", &help);
            return None;
        }
        cursor.eat_punct('=');
        let here = cursor.here();
        let trees = cursor.until(|cursor| cursor.is_punct(',') || cursor.is_arrow() || cursor.begins_entry('='));
        Some(Assignment { field, value: self.rust(trees, here, "an expression", piece::expression)? })
    }

    /// `Fault { code: 7 }`.
    fn event_value(&mut self, cursor: &mut Cursor, wanted: &str) -> Option<EventValue> {
        let event = self.name(cursor, wanted)?;
        if cursor.is_group(Delimiter::Parenthesis) {
            let help = format!("a payload stands in braces: `{} {{ field: … }}`", shown(&event.value));
            self.expected(cursor, "`{`", &help);
            return None;
        }
        Some(EventValue { event, fields: self.values(cursor) })
    }

    /// `{ field: expression, … }`, where it stands there.
    pub(super) fn values(&mut self, cursor: &mut Cursor) -> Vec<Assignment> {
        let Some(group) = cursor.group(Delimiter::Brace) else { return Vec::new() };
        let fields = self.list(&mut Cursor::inside(&group), |parser, cursor| {
            let field = parser.name(cursor, "a field")?;
            if !cursor.eat_punct(':') {
                parser.expected(cursor, "`:` and an expression", "write `field: expression`");
                return None;
            }
            let here = cursor.here();
            let trees = cursor.until(|cursor| cursor.is_punct(',') || cursor.begins_entry(':'));
            Some(Assignment { field, value: parser.rust(trees, here, "an expression", piece::expression)? })
        });
        self.distinct_names(fields, |assignment| &assignment.field)
    }

    /// `send E after 5s as x`.
    fn send(&mut self, cursor: &mut Cursor) -> Option<ActionKind> {
        let event = self.event_value(cursor, "an event");
        let delay = match cursor.eat_word("after") {
            Some(_) => Some(self.delay(cursor)?),
            None => None,
        };
        let id = match cursor.eat_word("as") {
            Some(_) => Some(self.name(cursor, "an id")?),
            None => None,
        };
        Some(ActionKind::Send { event: event?, delay, id })
    }

    /// `log "text {context.jobs}"`.
    fn log(&mut self, cursor: &mut Cursor) -> Option<ActionKind> {
        let Some(text) = self.string(cursor) else {
            self.expected(cursor, "text", "write `log \"jobs: {context.jobs}\"`");
            return None;
        };
        // Where the literal has no escapes its text stands in the source.
        let (lo, written) = (text.span.lo as usize, self.source.slice(text.span));
        let plain = written.len() == text.value.len() + 2;
        let runs = if plain { vec![(0, lo + 1)] } else { Vec::new() };
        expr::log(&Text::new(&text.value, text.span, runs), self.diagnostics).map(ActionKind::Log)
    }

    /// `if guard { a } else { b }`.
    fn conditional(&mut self, cursor: &mut Cursor) -> Option<ActionKind> {
        let here = cursor.here();
        let trees = cursor.until(|cursor| cursor.is_group(Delimiter::Brace));
        let guard = self.guard(trees, here);
        let then = self.branch(cursor)?;
        let otherwise = match cursor.eat_word("else") {
            Some(_) if cursor.is_word("if") => self.action(cursor).into_iter().gather(),
            Some(_) => self.branch(cursor)?,
            None => Vec::new(),
        };
        let guard = guard.unwrap_or_else(|| Guard::unreadable(self.place(here)));
        Some(ActionKind::If { guard, then, otherwise })
    }

    fn branch(&mut self, cursor: &mut Cursor) -> Option<Vec<Action>> {
        let Some(group) = cursor.group(Delimiter::Brace) else {
            self.expected(cursor, "actions in braces", "write `if guard { first, second } else { third }`");
            return None;
        };
        Some(self.action_list(&mut Cursor::inside(&group), false))
    }

    /// `name`, `name(args)`.
    pub(super) fn call(&mut self, cursor: &mut Cursor) -> Option<Call> {
        let first = cursor.here();
        let is_quoted = matches!(cursor.peek(), Some(TokenTree::Literal(_)));
        let name = self.name(cursor, "an action or a method")?;
        if !is_quoted && is_behind_self(&name.value, name.span, self.diagnostics) {
            return None;
        }
        let args = match cursor.group(Delimiter::Parenthesis) {
            None => Vec::new(),
            Some(group) if group.stream().is_empty() => Vec::new(),
            Some(group) => {
                let trees: Vec<TokenTree> = group.stream().into_iter().gather();
                let close = group.span_close();
                self.rust(trees, close, "an argument", piece::args)?
            }
        };
        Some(Call { name, args, span: self.since(first, cursor) })
    }
}
