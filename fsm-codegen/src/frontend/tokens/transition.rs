//! Transitions: what follows a trigger, `if guard => Target { data } / actions;`.

use proc_macro2::{Delimiter, Spacing, Span as RustSpan, TokenTree};

use super::attributes::Attributes;
use super::cursor::Cursor;
use super::parser::Parser;
use crate::ast::{Delay, Handler, Initial, Invoke, State, Transition};
use crate::diag::Help;
use crate::frontend::expr::piece;
use crate::source::{Span, Spanned};

impl Parser<'_, '_> {
    /// What follows the trigger, up to the end of the statement, which began at `first`.
    pub(super) fn transition(
        &mut self,
        cursor: &mut Cursor,
        mut attributes: Attributes,
        first: RustSpan,
    ) -> Transition {
        self.no_others(&mut attributes, "a transition");
        let mut transition =
            Transition { description: attributes.description(), meta: attributes.meta(), ..Transition::default() };
        if cursor.eat_word("if").is_some() || self.is_mistaken_if(cursor) {
            let here = cursor.here();
            let trees = cursor.until(|cursor| cursor.is_arrow() || cursor.is_punct('/'));
            transition.guard = self.guard(trees, here);
        }
        let mut arrow = Some(cursor.here());
        if cursor.eat_pair('=', '>') || self.is_mistaken_arrow(cursor) {
            self.destination(cursor, &mut transition);
        } else if !cursor.ends() && !cursor.is_punct('/') {
            self.no_transition(cursor, &mut transition);
        } else {
            arrow = None;
        }
        let slash = cursor.is_punct('/').then(|| cursor.here());
        transition.actions = self.actions(cursor, true);
        self.misplaced(cursor, &mut transition, arrow, slash);
        transition.span = self.since(first, cursor);
        self.end(cursor);
        transition
    }

    /// Passes over `->`, as in diagrams, `:`, as in YAML, `=` and the like in the place of `=>`, and reports it: what is
    /// meant is clear, so the rest is read too.
    fn is_mistaken_arrow(&mut self, cursor: &mut Cursor) -> bool {
        const SIGNS: [&str; 8] = ["->", "-->", ">=", "==", "=", ">", "~>", ":"];
        let (sign, span) = self.sign(cursor);
        if !SIGNS.contains(&&*sign) || !cursor.is_target_at(sign.len()) {
            return false;
        }
        let help = Help::from("a transition is written `on Event => Target`").replacing(sign.as_str(), "=>");
        self.error_help(span, format!("expected `=>`, found `{sign}`"), help);
        for _ in sign.chars() {
            cursor.next();
        }
        true
    }

    /// The punctuation that stands next, without blanks between, and its place.
    fn sign(&self, cursor: &Cursor) -> (String, Span) {
        let (mut sign, mut span) = (String::new(), self.place(cursor.here()));
        while let Some(TokenTree::Punct(punct)) = cursor.peek_at(sign.len()) {
            // None of the signs of the grammar is as long.
            if !punct.as_char().is_ascii() || sign.len() > 3 {
                break;
            }
            sign.push(punct.as_char());
            span = span.to(self.place(punct.span()));
            if punct.spacing() == Spacing::Alone {
                break;
            }
        }
        (sign, span)
    }

    /// Reports what stands where a transition goes on, and passes over it.
    fn no_transition(&mut self, cursor: &mut Cursor, transition: &mut Transition) {
        let help = match cursor.peek() {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => {
                "a guard stands behind `if`: `on Event if guard => Target`"
            }
            Some(TokenTree::Group(_)) => {
                "a payload is not taken apart here; guards and actions see it as `event.field`"
            }
            Some(TokenTree::Ident(word)) if word == "unless" => {
                "a guard stands behind `if`: `on Event if !guard => Target`"
            }
            _ => "a transition is written `on Event if guard => Target / action;`",
        };
        self.expected(cursor, "`if`, `=>`, `/` or `;`", help);
        cursor.until(|cursor| cursor.is_arrow() || cursor.is_punct('/'));
        if cursor.eat_pair('=', '>') {
            self.destination(cursor, transition);
        }
    }

    /// `reenter Target { data }`.
    pub(super) fn destination(&mut self, cursor: &mut Cursor, transition: &mut Transition) {
        if cursor.is_word("reenter") && cursor.is_target_at(1) {
            transition.reenter = cursor.eat_word("reenter").map(|word| Spanned::new(true, self.place(word)));
        }
        match self.targets(cursor) {
            Some(targets) => {
                transition.targets = Some(targets);
                transition.data = self.values(cursor);
            }
            None => drop(cursor.until(|cursor| cursor.is_punct('/'))),
        }
    }

    /// `on A | B …`.
    pub(super) fn on(&mut self, cursor: &mut Cursor, attributes: Attributes, first: RustSpan, state: &mut State) {
        let mut events = Vec::new();
        loop {
            match self.pattern(cursor) {
                Some(event) => events.push(event),
                None => return cursor.recover(),
            }
            if !cursor.eat_punct('|') && !self.is_mistaken_bar(cursor) {
                break;
            }
        }
        let transition = self.transition(cursor, attributes, first);
        for event in events {
            match state.on.iter_mut().rev().find(|handler| handler.event.value == event.value) {
                Some(handler) => handler.transitions.push(transition.clone()),
                None => state.on.push(Handler { event, transitions: vec![transition.clone()] }),
            }
        }
    }

    /// `after 30s …`, `every 1s …`: those of one delay belong to one timer.
    pub(super) fn timer(
        &mut self,
        cursor: &mut Cursor,
        attributes: Attributes,
        first: RustSpan,
        timers: &mut Vec<(Delay, Vec<Transition>)>,
    ) {
        let Some(delay) = self.delay(cursor) else { return cursor.recover() };
        let transition = self.transition(cursor, attributes, first);
        match timers.iter_mut().find(|(known, _)| *known == delay) {
            Some((_, transitions)) => transitions.push(transition),
            None => timers.push((delay, vec![transition])),
        }
    }

    /// `initial Target { data } / actions;`.
    pub(super) fn initial(&mut self, cursor: &mut Cursor, first: RustSpan) -> Option<Initial> {
        let Some(targets) = self.targets(cursor) else {
            cursor.recover();
            return None;
        };
        let data = self.values(cursor);
        let actions = self.actions(cursor, false);
        let span = self.since(first, cursor);
        self.end(cursor);
        Some(Initial { targets, actions, data, span })
    }

    /// What a history state stands for while it remembers nothing: `=> Target { data } / actions;`.
    pub(super) fn default(&mut self, cursor: &mut Cursor) -> Option<Transition> {
        let first = cursor.here();
        let mut transition = Transition::default();
        let arrow = cursor.eat_pair('=', '>');
        if arrow {
            self.destination(cursor, &mut transition);
        }
        if !arrow && cursor.is_group(Delimiter::Brace) {
            self.expected(
                cursor,
                "`=>`, `/` or `;`",
                "a history state has a default and no body: `history Last => Idle;`",
            );
            cursor.recover();
            return None;
        }
        let slash = cursor.is_punct('/');
        transition.actions = self.actions(cursor, false);
        transition.span = self.since(first, cursor);
        self.end(cursor);
        (arrow || slash).then_some(transition)
    }

    /// `invoke run(context.jobs) -> Report as job { done => Idle; error => Failed; }`.
    pub(super) fn invoke(&mut self, cursor: &mut Cursor, first: RustSpan, state: &mut State) {
        let Some(src) = self.call(cursor) else { return cursor.recover() };
        let output = cursor.eat_pair('-', '>').then(|| {
            let (here, trees) = (cursor.here(), cursor.ty());
            self.rust(trees, here, "a type", piece::ty)
        });
        let id = cursor.eat_word("as").and_then(|_| self.name(cursor, "an id"));
        let mut invoke = Invoke {
            src,
            output: output.flatten(),
            id,
            on_done: Vec::new(),
            on_error: Vec::new(),
            span: self.since(first, cursor),
        };
        match cursor.group(Delimiter::Brace) {
            Some(group) => self.results(&mut Cursor::inside(&group), &mut invoke),
            None => self.end(cursor),
        }
        state.invoke.push(invoke);
    }

    fn results(&mut self, cursor: &mut Cursor, invoke: &mut Invoke) {
        while !cursor.is_end() {
            let attributes = self.attributes(cursor);
            let first = cursor.here();
            if cursor.eat_word("done").is_some() {
                invoke.on_done.push(self.transition(cursor, attributes, first));
            } else if cursor.eat_word("error").is_some() {
                invoke.on_error.push(self.transition(cursor, attributes, first));
            } else {
                self.expected(cursor, "`done` or `error`", "write `done => Target;` and `error => Target;`");
                cursor.recover();
            }
        }
    }
}
