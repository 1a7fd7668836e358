//! States and their statements.

use proc_macro2::{Delimiter, Span as RustSpan};

use super::attributes::Attributes;
use super::cursor::{Cursor, KEYWORDS};
use super::parser::Parser;
use crate::ast::{History, Kind, State, StateKey};
use crate::diag::{Code, Diagnostic, Help, did_you_mean, shown};
use crate::frontend::expr::piece;
use crate::source::{Span, Spanned};

/// The words of a machine alone.
const MACHINE_ONLY: &[&str] = &[
    "action",
    "allow",
    "blocking",
    "context",
    "defer_capacity",
    "delay",
    "deny",
    "error",
    "event",
    "guard",
    "message",
    "mode",
    "queue",
    "send_futures",
    "unhandled",
    "use",
    "version",
    "warn",
];

impl Parser<'_, '_> {
    /// The statements of a state.
    fn body(&mut self, cursor: &mut Cursor, state: &mut State) {
        while !cursor.is_end() {
            let attributes = self.attributes(cursor);
            let first = cursor.here();
            let Some(word) = cursor.ident() else {
                self.expected(cursor, "a statement", "write `state`, `on`, `entry`, …; docs/macro.md has the grammar");
                cursor.recover();
                continue;
            };
            self.statement(&word.to_string(), cursor, attributes, first, state);
        }
    }

    /// A statement that a state can have; its first word was read.
    pub(super) fn statement(
        &mut self,
        word: &str,
        cursor: &mut Cursor,
        attributes: Attributes,
        first: RustSpan,
        state: &mut State,
    ) {
        let span = self.place(first);
        match word {
            "state" => self.child(cursor, attributes, None, first, state),
            "parallel" => self.child(cursor, attributes, Some(Kind::Parallel), first, state),
            "final" => self.child(cursor, attributes, Some(Kind::Final), first, state),
            "history" => self.history(cursor, attributes, History::Shallow, first, state),
            "deep" if cursor.eat_word("history").is_some() => {
                self.history(cursor, attributes, History::Deep, first, state);
            }
            "on" => {
                note(state, StateKey::On, span);
                self.on(cursor, attributes, first, state);
            }
            "always" => {
                note(state, StateKey::Always, span);
                let transition = self.transition(cursor, attributes, first);
                state.always.push(transition);
            }
            "after" => {
                note(state, StateKey::After, span);
                self.timer(cursor, attributes, first, &mut state.after);
            }
            "every" => {
                note(state, StateKey::Every, span);
                self.timer(cursor, attributes, first, &mut state.every);
            }
            "done" => {
                note(state, StateKey::OnDone, span);
                let transition = self.transition(cursor, attributes, first);
                state.on_done.push(transition);
            }
            _ => {
                self.no_attributes(attributes, &format!("`{word}`"));
                self.plain(word, cursor, first, state);
            }
        }
    }

    /// A statement in front of which nothing stands.
    fn plain(&mut self, word: &str, cursor: &mut Cursor, first: RustSpan, state: &mut State) {
        let span = self.place(first);
        let once = |parser: &mut Self, state: &mut State, key: StateKey| {
            let known = state.key(key);
            if let Some(known) = known {
                let message = format!("`{word}` stands here a second time");
                let help = matches!(key, StateKey::Entry | StateKey::Exit)
                    .then(|| "write one list, its actions separated by commas".to_owned());
                let diagnostic = Diagnostic::error(Code::DuplicateKey, span, message).maybe_help(help);
                parser.push(diagnostic.label(known, "first written here"));
            }
            note(state, key, span);
            known.is_none()
        };
        match word {
            "initial" => {
                let fresh = once(self, state, StateKey::Initial);
                let initial = self.initial(cursor, first);
                if fresh {
                    state.initial = initial;
                }
            }
            "entry" | "exit" => {
                let key = if word == "entry" { StateKey::Entry } else { StateKey::Exit };
                once(self, state, key);
                if !cursor.is_punct('/') {
                    self.expected(cursor, "`/` and actions", &format!("write `{word} / first, second;`"));
                    return cursor.recover();
                }
                let actions = self.actions(cursor, false);
                self.end(cursor);
                let block = if word == "entry" { &mut state.entry } else { &mut state.exit };
                if block.is_empty() {
                    *block = actions;
                }
            }
            "invoke" => {
                note(state, StateKey::Invoke, span);
                self.invoke(cursor, first, state);
            }
            "defer" => {
                note(state, StateKey::Defer, span);
                let events = self.series(cursor, Self::pattern);
                state.defer.extend(events);
            }
            "tags" => {
                note(state, StateKey::Tags, span);
                let tags = self.words(cursor, "a tag");
                state.tags.extend(tags);
            }
            "data" => {
                once(self, state, StateKey::Data);
                let fields = self.block(cursor);
                if state.data.is_empty() {
                    state.data = fields;
                }
            }
            "output" => {
                once(self, state, StateKey::Output);
                let (here, trees) = (cursor.here(), cursor.until(|_| false));
                let output = self.rust(trees, here, "an expression", piece::expression);
                self.end(cursor);
                state.output = output.or(state.output.take());
            }
            _ => {
                let alone = cursor.is_punct(';') || cursor.is_group(Delimiter::Parenthesis);
                if self.unknown(word, span, alone).is_some_and(|help| help.text == "did you mean `initial`?") {
                    // Nobody misses what only is misspelt.
                    note(state, StateKey::Initial, span);
                }
                cursor.recover();
            }
        }
    }

    /// Reports a word that begins no statement; `alone`: it could be an action.
    fn unknown(&mut self, word: &str, span: Span, alone: bool) -> Option<Help> {
        if MACHINE_ONLY.contains(&word) {
            self.error_help(span, format!("`{word}` belongs to the machine"), "move it out of the state");
            return None;
        }
        let help = match word {
            "id" => Some("an id stands behind the name: `state Working as work { … }`".into()),
            "then" | "goto" | "target" | "transition" | "transitions" => {
                Some("a transition is written `on Event => Target;`".into())
            }
            "onDone" => Some(Help::from("write `done => Target;`").replacing(word, "done")),
            "onError" => Some("the failure of an invoke is handled in it: `invoke run { error => Target; }`".into()),
            "meta" => Some("write `#[meta(…)]` in front of the state".into()),
            "emit" => Some(Help::from("a message is declared by `message Done { … }`").replacing(word, "message")),
            "emits" | "messages" => Some("a message is declared by `message Done { … }`".into()),
            "events" => Some("an event is declared by `event Start { … }`".into()),
            "actions" => Some("an action is declared by `action creak;`".into()),
            "guards" => Some("a guard is declared by `guard ready;`".into()),
            "states" => Some("a state is written `state Idle { … }`".into()),
            "delays" => Some("a delay is declared by `delay patience = 5s;`".into()),
            "lints" => Some("the level of a lint is written `deny trap;`".into()),
            "fn" | "struct" | "enum" | "impl" | "let" | "const" | "static" | "mod" | "trait" | "pub" | "async" => Some(
                "what is Rust's stands outside of `fsm!`; a method of `Actions` is declared by `action creak;`".into(),
            ),
            _ => did_you_mean(word, KEYWORDS.iter().copied()).or_else(|| {
                alone.then(|| "several actions stand behind one `/`, commas between: `/ first, second;`".into())
            }),
        };
        let message = format!("`{}` begins no statement", shown(word));
        self.push(Diagnostic::error(Code::MacroSyntax, span, message).maybe_help(help.clone()));
        help
    }

    /// `state Name as id { … }`; its first word was read.
    fn child(
        &mut self,
        cursor: &mut Cursor,
        attributes: Attributes,
        kind: Option<Kind>,
        first: RustSpan,
        parent: &mut State,
    ) {
        let Some(mut child) = self.named_state(cursor, attributes, first, parent) else { return };
        child.kind = kind.map(|kind| Spanned::new(kind, self.place(first)));
        match cursor.group(Delimiter::Brace) {
            Some(group) => {
                let span = child.name.span;
                self.deeper(span, |parser| parser.body(&mut Cursor::inside(&group), &mut child));
            }
            None if !cursor.ends() => {
                let help = format!("what a state does stands in braces: `state {} {{ … }}`", shown(&child.name.value));
                self.expected(cursor, "`{` or `;`", &help);
                cursor.recover();
            }
            None => self.end(cursor),
        }
        parent.states.push(child);
    }

    /// `history Name => Target / actions;`; its first words were read.
    fn history(
        &mut self,
        cursor: &mut Cursor,
        attributes: Attributes,
        history: History,
        first: RustSpan,
        parent: &mut State,
    ) {
        let Some(mut child) = self.named_state(cursor, attributes, first, parent) else { return };
        let span = self.place(first);
        child.kind = Some(Spanned::new(Kind::History, span));
        child.history = Some(Spanned::new(history, span));
        child.keys.extend([(StateKey::Type, span), (StateKey::History, span)]);
        child.default = self.default(cursor);
        parent.states.push(child);
    }

    fn named_state(
        &mut self,
        cursor: &mut Cursor,
        mut attributes: Attributes,
        first: RustSpan,
        parent: &mut State,
    ) -> Option<State> {
        self.no_others(&mut attributes, "a state");
        note(parent, StateKey::States, self.place(first));
        let Some(name) = self.name(cursor, "the name of a state") else {
            cursor.recover();
            return None;
        };
        let id = cursor.eat_word("as").and_then(|_| self.name(cursor, "an id"));
        let (description, meta) = (attributes.description(), attributes.meta());
        Some(State { name, id, description, meta, ..State::default() })
    }
}

/// Notes where a key was written, the first time.
fn note(state: &mut State, key: StateKey, span: Span) {
    if state.key(key).is_none() {
        state.keys.push((key, span));
    }
}
