//! The head of a machine, and what belongs to it as a whole.

use proc_macro2::{Delimiter, Span as RustSpan, TokenStream, TokenTree};

use super::attributes::Attributes;
use super::cursor::Cursor;
use super::parser::Parser;
use crate::ast::{Event, Kind, Machine, Mode, Name, Text, Unhandled};
use crate::diag::{Code, Diagnostic, Level};
use crate::frontend::expr::piece;
use crate::frontend::twice;
use crate::rust::{Placed, placed};
use crate::source::{Span, Spanned};

/// The statements of a machine that stand at most once.
const ONCE: &[&str] =
    &["context", "defer_capacity", "error", "mode", "output", "queue", "send_futures", "unhandled", "version"];

/// Generated types with their attributes.
type Attributed = Vec<(Name, Vec<Placed<syn::Attribute>>)>;

const UNHANDLED: &[(&str, Unhandled)] = &[
    ("report", Unhandled::Report),
    ("error", Unhandled::Error),
    ("ignore", Unhandled::Ignore),
    ("defer", Unhandled::Defer),
];

impl Parser<'_, '_> {
    /// `pub machine Robot<M: Motor> { … }`.
    pub(super) fn input(&mut self, tokens: TokenStream, close: RustSpan) -> Option<Machine> {
        let mut cursor = Cursor::new(tokens, close);
        let mut attributes = self.attributes(&mut cursor);
        let mut machine = Machine::default();
        let states = attributes.others();
        machine.root.description = attributes.description();
        machine.root.meta = attributes.meta();
        machine.visibility = self.visibility(&mut cursor);
        if let Some(word) = cursor.eat_word("parallel") {
            machine.root.kind = Some(Spanned::new(Kind::Parallel, self.place(word)));
        }
        if cursor.eat_word("machine").is_none() {
            let help = "write `machine Name { … }`, or the path of a file: `fsm!(\"specs/robot.yaml\")`";
            self.expected(&cursor, "`machine`", help);
            return None;
        }
        let name = self.name(&mut cursor, "the name of the machine")?;
        machine.attributes.push((Spanned::new("State".to_owned(), name.span), states));
        machine.root.name = name.clone();
        machine.name = Some(name);
        machine.root.id = cursor.eat_word("as").and_then(|_| self.name(&mut cursor, "an id"));
        machine.generics = self.generics(&mut cursor);
        let Some(group) = cursor.group(Delimiter::Brace) else {
            self.expected(&cursor, "the body of the machine in braces", "write `machine Name { … }`");
            return None;
        };
        self.machine_body(&mut Cursor::inside(&group), &mut machine);
        if !cursor.is_end() {
            self.expected(&cursor, "nothing behind the machine", "each machine has a `fsm!` of its own");
        }
        Some(machine)
    }

    fn visibility(&mut self, cursor: &mut Cursor) -> Option<Placed<syn::Visibility>> {
        let (first, from) = (cursor.here(), cursor.position());
        if cursor.eat_word("pub").is_some() {
            cursor.group(Delimiter::Parenthesis);
        }
        let trees = cursor.since(from).to_vec();
        if trees.is_empty() {
            return Some(placed(syn::Visibility::Inherited, self.place(first)));
        }
        self.rust(trees, first, "a visibility", piece::visibility)
    }

    /// `<M: Motor> where M::Speed: Copy`.
    fn generics(&mut self, cursor: &mut Cursor) -> Option<Placed<syn::Generics>> {
        let first = cursor.here();
        let mut trees = Vec::new();
        if cursor.eat_punct('<') {
            let (mut open, mut arrow) = (1_usize, false);
            while !cursor.is_group(Delimiter::Brace) || open > 1 {
                let closes = cursor.is_punct('>') && !arrow;
                open = open + usize::from(cursor.is_punct('<')) - usize::from(closes);
                arrow = cursor.is_punct('-');
                let Some(tree) = cursor.next() else { break };
                if open == 0 {
                    break;
                }
                trees.push(tree);
            }
        }
        trees.extend(cursor.until(|cursor| cursor.is_group(Delimiter::Brace)));
        if trees.is_empty() {
            return None;
        }
        self.rust(trees, first, "generic parameters", piece::generics)
    }

    fn machine_body(&mut self, cursor: &mut Cursor, machine: &mut Machine) {
        let mut seen: Vec<(&'static str, Span)> = Vec::new();
        while !cursor.is_end() {
            let attributes = self.attributes(cursor);
            let first = cursor.here();
            let Some(word) = cursor.ident() else {
                self.expected(cursor, "a statement", "write `state`, `on`, `event`, …; docs/macro.md has the grammar");
                cursor.recover();
                continue;
            };
            let word = word.to_string();
            if let Some(known) = ONCE.iter().find(|known| **known == word) {
                let span = self.place(first);
                if let Some((_, earlier)) = seen.iter().find(|(seen, _)| seen == known) {
                    let message = format!("`{word}` stands here a second time");
                    let diagnostic = Diagnostic::error(Code::DuplicateKey, span, message);
                    self.push(diagnostic.label(*earlier, "first written here"));
                }
                seen.push((known, span));
            }
            self.machine_statement(&word, cursor, attributes, first, machine);
        }
        let (events, emits) = (machine.events.take(), machine.emits.take());
        machine.events = events.map(|events| self.united(events, |event| &event.name, twice::unite_events));
        machine.emits = emits.map(|emits| self.united(emits, |message| &message.name, twice::unite_events));
        for methods in [&mut machine.actions, &mut machine.guards] {
            *methods = methods.take().map(|methods| self.distinct_names(methods, |method| &method.name));
        }
        machine.delays = machine.delays.take().map(|delays| self.distinct_names(delays, |delay| &delay.name));
    }

    fn machine_statement(
        &mut self,
        word: &str,
        cursor: &mut Cursor,
        mut attributes: Attributes,
        first: RustSpan,
        machine: &mut Machine,
    ) {
        match word {
            "event" => {
                let owned = attributes.all();
                let events = self.events(cursor, attributes, "an event");
                own(&mut machine.attributes, "event", &events, &owned);
                machine.events.get_or_insert_default().extend(events);
            }
            "message" => {
                let owned = attributes.all();
                let messages = self.events(cursor, attributes, "a message");
                own(&mut machine.attributes, "message", &messages, &owned);
                machine.emits.get_or_insert_default().extend(messages);
            }
            "blocking" if cursor.eat_word("action").is_some() => {
                let methods = self.methods(cursor, attributes, Some(self.place(first)));
                machine.actions.get_or_insert_default().extend(methods);
            }
            "action" => {
                let methods = self.methods(cursor, attributes, None);
                machine.actions.get_or_insert_default().extend(methods);
            }
            "guard" => {
                let methods = self.methods(cursor, attributes, None);
                machine.guards.get_or_insert_default().extend(methods);
            }
            "context" => {
                let name = Spanned::new("Context".to_owned(), self.place(first));
                machine.attributes.push((name, attributes.all()));
                self.no_attributes(attributes, "`context`");
                machine.context = self.block(cursor);
            }
            _ if self.setting(word, cursor, machine) => self.no_attributes(attributes, &format!("`{word}`")),
            _ => self.statement(word, cursor, attributes, first, &mut machine.root),
        }
    }

    /// Takes a statement in front of which nothing stands; `false` where it is one of a state.
    fn setting(&mut self, word: &str, cursor: &mut Cursor, machine: &mut Machine) -> bool {
        let before = self.diagnostics.iter().len();
        match word {
            "version" => machine.version = self.version(cursor),
            "mode" => machine.mode = self.choice(cursor, &[("async", Mode::Async), ("sync", Mode::Sync)]),
            "send_futures" => machine.send_futures = self.choice(cursor, &[("true", true), ("false", false)]),
            "unhandled" => machine.unhandled = self.choice(cursor, UNHANDLED),
            "queue" => machine.queue = self.number(cursor),
            "defer_capacity" => machine.defer_capacity = self.number(cursor),
            "use" => {
                let (here, trees) = (cursor.here(), cursor.until(|_| false));
                let tree = self.rust(trees, here, "a path to use", piece::use_tree);
                machine.uses.extend(tree);
            }
            "error" | "output" => {
                let (here, trees) = (cursor.here(), cursor.until(|_| false));
                let ty = self.rust(trees, here, "a type", piece::ty);
                if word == "error" { machine.error = ty } else { machine.output = ty }
            }
            "delay" => {
                let delays = self.delays(cursor);
                machine.delays.get_or_insert_default().extend(delays);
                return true;
            }
            "allow" | "warn" | "deny" => {
                let level = match word {
                    "allow" => Level::Allow,
                    "warn" => Level::Warn,
                    _ => Level::Deny,
                };
                let lints = self.words(cursor, "the name of a lint");
                machine.lints.extend(lints.into_iter().map(|lint| (lint, level)));
                return true;
            }
            _ => return false,
        }
        if self.diagnostics.iter().len() > before && !cursor.ends() {
            // What could not be read has its complaint, and is no missing `;` as well.
            cursor.recover();
        } else {
            self.end(cursor);
        }
        true
    }

    /// `2`, `2.1`, `"2.1-beta"`.
    fn version(&mut self, cursor: &mut Cursor) -> Option<Text> {
        if let Some(text) = self.string(cursor) {
            return Some(text);
        }
        let Some(TokenTree::Literal(literal)) = cursor.peek() else {
            self.expected(cursor, "a version", "write a number, or text: `version \"2.1-beta\";`");
            return None;
        };
        let version = Spanned::new(literal.to_string(), self.place(literal.span()));
        cursor.next();
        Some(version)
    }
}

/// The attributes in front of events are those of each of them.
fn own(all: &mut Attributed, kind: &str, events: &[Event], attributes: &[Placed<syn::Attribute>]) {
    if !attributes.is_empty() {
        let name = |event: &Event| Spanned::new(format!("{kind}.{}", event.name.value), event.name.span);
        all.extend(events.iter().map(|event| (name(event), attributes.to_vec())));
    }
}
