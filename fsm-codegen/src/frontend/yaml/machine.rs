//! The top of a spec: what belongs to the machine as a whole.

use super::lower::{Entry, Lower, Named};
use super::node::{Kind, Node};
use super::state::{StateParts, note_misspelt};
use super::{choices, keys};
use crate::ast::{self, Machine};
use crate::diag::{Code, Level};
use crate::frontend::{expr, twice};
use crate::rust::{Import, Placed};
use crate::source::Span;
use fsm_model::gather::Gather as _;

impl Lower<'_, '_> {
    /// The whole spec.
    pub(super) fn machine(mut self, node: &Node<'_>) -> Machine {
        let mut machine = Machine::default();
        let mut parts = StateParts::default();
        let entries = self.entries(node, "a mapping", keys::MACHINE);
        let output = entries.iter().find(|entry| entry.key == "output");
        self.types_output = output.is_some_and(|entry| matches!(entry.value.kind, Kind::Text(_)));
        for entry in &entries {
            if let Some(key) = keys::state_key(entry.key) {
                machine.root.keys.push((key, entry.span));
            }
            if !self.machine_entry(&mut machine, entry) {
                self.state_entry(&mut machine.root, &mut parts, entry);
            }
        }
        if let Some(output) = output.filter(|_| !self.types_output && self.is_json()) {
            self.output_of_all(output, &mut machine.root.states);
        }
        note_misspelt(&mut machine.root, node, keys::MACHINE);
        machine.root.default = parts.into_default();
        // `machine` names; beside it `id` is the root's id, without it `id` names too.
        if !entries.iter().any(|entry| entry.key == "machine") {
            machine.name.clone_from(&machine.root.id);
        }
        if let Some(name) = &machine.name {
            machine.root.name = name.clone();
        } else {
            self.source.stem().clone_into(&mut machine.root.name.value);
        }
        machine
    }

    /// Takes an entry that only a machine has; `false` where it is one of a state.
    fn machine_entry(&mut self, machine: &mut Machine, entry: &Entry<'_, '_>) -> bool {
        let (value, key) = (entry.value, entry.span);
        match entry.key {
            "machine" => machine.name = self.name(value, key, "the name of the machine"),
            "visibility" => {
                machine.visibility = self.rust(value, key, "a visibility such as `pub(crate)`", expr::visibility);
            }
            "attributes" => self.attributes(value, key, machine),
            "version" => machine.version = self.name(value, key, "a version"),
            "mode" => machine.mode = self.choice(value, key, choices::MODES),
            "send_futures" => machine.send_futures = self.boolean(value, key),
            "generics" => machine.generics = self.rust(value, key, "generic parameters", expr::generics),
            "use" => machine.uses = self.uses(value, key),
            "context" => machine.context = self.fields(value, key, true),
            "error" => machine.error = self.rust(value, key, "a Rust type", expr::ty),
            // XState's value stands for what the final states give.
            "output" if self.is_json() && !self.types_output => {}
            "output" => machine.output = self.rust(value, key, "a Rust type", expr::ty),
            "events" => machine.events = self.events(value, key),
            "emits" => machine.emits = self.events(value, key),
            "actions" => machine.actions = self.methods(value, key),
            "guards" => machine.guards = self.methods(value, key),
            "delays" => machine.delays = self.delays(value, key),
            "unhandled" => machine.unhandled = self.choice(value, key, choices::UNHANDLED),
            "queue" => machine.queue = self.capacity(value, key),
            "defer_capacity" => machine.defer_capacity = self.capacity(value, key),
            "lints" => machine.lints = self.lints(value, key),
            _ => return false,
        }
        true
    }

    /// `attributes:`, by the name of the generated type: `State`, `Context`, `event.Start`.
    fn attributes(&mut self, node: &Node<'_>, key: Span, machine: &mut Machine) {
        if self.is_empty(node, key) {
            return;
        }
        for ty in self.named(node, "a mapping of generated types to their attributes") {
            let key = ty.name.span;
            let read = self.each(ty.value, |lower, item| lower.rust(item, key, "an attribute", expr::attributes));
            let attributes = read.into_iter().flatten().gather();
            machine.attributes.push((ty.name, attributes));
        }
    }

    /// The output of XState's machine, which is that of whatever final state it ends in.
    fn output_of_all(&mut self, entry: &Entry<'_, '_>, states: &mut [ast::State]) {
        let output = self.output(entry.value, entry.span);
        for state in states {
            if state.kind.as_ref().is_some_and(|kind| kind.value == ast::Kind::Final) {
                state.output.clone_from(&output);
            }
        }
    }

    fn uses(&mut self, node: &Node<'_>, key: Span) -> Vec<Placed<Import>> {
        self.each(node, |lower, item| lower.rust(item, key, "a path to use", expr::use_tree))
    }

    fn lints(&mut self, node: &Node<'_>, key: Span) -> Vec<(ast::Name, Level)> {
        if self.is_empty(node, key) {
            return Vec::new();
        }
        let lints = self.named(node, "a mapping of lints to levels");
        lints
            .into_iter()
            .filter_map(|lint| {
                let level = self.choice(lint.value, lint.name.span, choices::LEVELS)?;
                Some((lint.name, level.value))
            })
            .gather()
    }

    /// `actions:` and `guards:`; a list of names, or names with what is known of them.
    fn methods(&mut self, node: &Node<'_>, key: Span) -> Option<Vec<ast::Method>> {
        if self.is_empty(node, key) {
            return None;
        }
        if let Kind::Seq(items) = &node.kind {
            let names = items.iter().filter_map(|item| self.name(item, key, "the name of a method"));
            return Some(names.map(|name| ast::Method { name, blocking: None, description: None }).gather());
        }
        let methods = self.named(node, "a mapping or a list of names");
        Some(
            methods
                .into_iter()
                .map(|method| {
                    let mut lowered = ast::Method { name: method.name, blocking: None, description: None };
                    if matches!(method.value.kind, Kind::Null) && self.swallowed(method.value).is_none() {
                        return lowered;
                    }
                    for entry in self.entries(method.value, "a mapping such as `{ blocking: true }`", keys::METHOD) {
                        match entry.key {
                            "blocking" => lowered.blocking = self.boolean(entry.value, entry.span),
                            _ => lowered.description = self.name(entry.value, entry.span, "a description"),
                        }
                    }
                    lowered
                })
                .gather(),
        )
    }

    fn delays(&mut self, node: &Node<'_>, key: Span) -> Option<Vec<ast::DelayDeclaration>> {
        if self.is_empty(node, key) {
            return None;
        }
        if let Kind::Seq(items) = &node.kind {
            let names = items.iter().filter_map(|item| self.name(item, key, "the name of a delay"));
            return Some(names.map(|name| ast::DelayDeclaration { name, duration: None }).gather());
        }
        let delays = self.named(node, "a mapping of names to delays");
        Some(
            delays
                .into_iter()
                .map(|delay| {
                    let method = matches!(delay.value.kind, Kind::Null) && self.swallowed(delay.value).is_none();
                    let duration = if method { None } else { self.duration(delay.value, delay.name.span) };
                    ast::DelayDeclaration { name: delay.name, duration }
                })
                .gather(),
        )
    }

    /// `events:` and `emits:`.
    fn events(&mut self, node: &Node<'_>, key: Span) -> Option<Vec<ast::Event>> {
        if self.is_empty(node, key) {
            return None;
        }
        let wanted = "a mapping of events to their payloads";
        if !matches!(node.kind, Kind::Map(_)) {
            self.no_mapping(node, wanted, (key, "Event", "{}"));
            return Some(Vec::new());
        }
        let events = self.named(node, wanted);
        Some(events.into_iter().map(|named| self.united_event(named)).gather())
    }

    fn united_event(&mut self, named: Named<'_, '_>) -> ast::Event {
        let mut event = self.event(named.name, named.value);
        for again in named.again {
            let again = self.event(event.name.clone(), again);
            twice::unite_events(&mut event, again);
        }
        event
    }

    fn event(&mut self, name: ast::Name, node: &Node<'_>) -> ast::Event {
        let mut event = ast::Event { name, fields: Vec::new(), reply: None };
        if event.name.value.starts_with("xstate.") {
            self.foreign_event(event.name.span);
        }
        if matches!(node.kind, Kind::Null) && self.swallowed(node).is_none() {
            return event;
        }
        if self.is_empty(node, event.name.span) {
            return event;
        }
        for field in self.named(node, "a mapping of fields to their types") {
            if field.name.value == "reply" {
                event.reply = self.rust(field.value, field.name.span, "a Rust type", expr::ty);
            } else {
                event.fields.push(self.united_field(field, false));
            }
        }
        event
    }

    /// An event that XState makes itself.
    pub(super) fn foreign_event(&mut self, span: Span) {
        let help = "write `onDone`, `onError` or `after` for what XState's own events tell";
        self.error_help(Code::ForeignForm, span, "events of XState itself have no meaning here", help);
    }
}
