//! A machine as `fsm! { … }`, such that reading it again gives an equal machine.
//!
//! The inverse of `frontend::tokens` and `resolve`: a line for each statement, what is inferred left out. Comments and
//! places are lost.

mod actions;
mod guards;
mod states;
mod words;

use std::fmt::Write as _;

use super::spelling::patterns::Patterns;
use super::spelling::targets::Names;
use super::spelling::{self, rust};
use crate::ir::{DEFER_CAPACITY, Event, Field, Machine, Method, Mode, QUEUE, StateId, StateKind, Unhandled};
use crate::rust::Placed;

/// The machine in the macro's notation, the macro's name and brackets around it.
#[must_use]
pub fn emit(machine: &Machine) -> String {
    let mut printer = Printer {
        machine,
        names: Names::new(machine),
        patterns: Patterns::new(machine),
        text: String::new(),
        depth: 0,
    };
    printer.open("fsm!");
    printer.machine();
    printer.close();
    printer.text
}

/// Prints one machine.
struct Printer<'m> {
    machine: &'m Machine,
    names: Names<'m>,
    patterns: Patterns<'m>,
    text: String,
    depth: usize,
}

impl Printer<'_> {
    /// A line of its own.
    fn line(&mut self, text: &str) {
        self.text.extend(std::iter::repeat_n(' ', self.depth * 4));
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// A blank line, unless something begins here.
    fn blank(&mut self) {
        if !self.text.ends_with("{\n") && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// A line, and a level deeper what stands in its braces.
    fn open(&mut self, head: &str) {
        self.line(&format!("{head} {{"));
        self.depth += 1;
    }

    fn close(&mut self) {
        self.depth -= 1;
        self.line("}");
    }

    fn machine(&mut self) {
        let machine = self.machine;
        let root = &machine.states[StateId::ROOT];
        self.docs(root.description.as_deref());
        self.meta(root.meta.as_ref());
        self.attributes(&machine.attributes);
        let mut head = match rust::visibility(&machine.visibility.value).as_deref() {
            None => "pub ".to_owned(),
            Some("private") => String::new(),
            Some(restricted) => format!("{restricted} "),
        };
        if root.kind == StateKind::Parallel {
            head += "parallel ";
        }
        let _ = write!(head, "machine {}", words::name(&machine.name.value));
        if let Some(id) = &root.id {
            let _ = write!(head, " as {}", words::name(&id.value));
        }
        if let Some(generics) = &machine.generics {
            let _ = write!(head, "<{}>", rust::generics(&generics.value));
        }
        self.open(&head);
        self.settings();
        self.declarations();
        self.blank();
        self.content(StateId::ROOT);
        self.close();
    }

    fn settings(&mut self) {
        let machine = self.machine;
        if let Some(version) = &machine.version {
            self.line(&format!("version {};", words::version(version)));
        }
        if machine.mode == Mode::Sync {
            self.line("mode sync;");
        }
        if !machine.send_futures {
            self.line("send_futures false;");
        }
        for tree in &machine.uses {
            self.line(&format!("use {};", rust::use_tree(&tree.value)));
        }
        if let Some(ty) = &machine.error {
            self.line(&format!("error {};", rust::ty(ty)));
        }
        if let Some(ty) = &machine.output {
            self.line(&format!("output {};", rust::ty(ty)));
        }
        match machine.unhandled {
            Unhandled::Report => {}
            Unhandled::Error => self.line("unhandled error;"),
            Unhandled::Ignore => self.line("unhandled ignore;"),
            Unhandled::Defer => self.line("unhandled defer;"),
        }
        if machine.queue != QUEUE {
            self.line(&format!("queue {};", machine.queue));
        }
        if machine.defer_capacity != DEFER_CAPACITY {
            self.line(&format!("defer_capacity {};", machine.defer_capacity));
        }
        for (code, level) in &machine.lints {
            self.line(&format!("{} {};", level.name(), code.name()));
        }
    }

    fn declarations(&mut self) {
        let machine = self.machine;
        if !machine.context.is_empty() {
            self.attributes(&machine.context_attributes);
            self.line(&format!("context {}", fields(&machine.context)));
        }
        self.events("event", machine.events.iter());
        self.events("message", machine.emits.iter());
        machine.actions.iter().for_each(|action| self.method("action", action));
        machine.guards.iter().for_each(|guard| self.method("guard", guard));
        for delay in machine.delays.iter().filter(|delay| delay.declared) {
            let length = delay.duration.map(|length| format!(" = {}", spelling::duration(length)));
            self.line(&format!("delay {}{};", words::name(&delay.name.value), length.unwrap_or_default()));
        }
    }

    /// Declared events, or messages; those that are names alone share a line.
    fn events<'e>(&mut self, word: &str, events: impl Iterator<Item = &'e Event>) {
        let mut plain: Vec<String> = Vec::new();
        for event in events.filter(|event| event.declared) {
            let is_plain = event.fields.is_empty() && event.reply.is_none() && event.attributes.is_empty();
            if is_plain {
                plain.push(words::name(&event.name.value));
            } else {
                self.plain_events(word, &mut plain);
                self.event(word, event);
            }
        }
        self.plain_events(word, &mut plain);
    }

    fn plain_events(&mut self, word: &str, names: &mut Vec<String>) {
        for names in std::mem::take(names).chunks(8) {
            self.line(&format!("{word} {};", names.join(", ")));
        }
    }

    fn event(&mut self, word: &str, event: &Event) {
        self.attributes(&event.attributes);
        let mut line = format!("{word} {}", words::name(&event.name.value));
        if !event.fields.is_empty() {
            let _ = write!(line, " {}", fields(&event.fields));
        }
        if let Some(reply) = &event.reply {
            let _ = write!(line, " -> {}", rust::ty(reply));
        }
        let ends_itself = !event.fields.is_empty() && event.reply.is_none();
        self.line(&(line + if ends_itself { "" } else { ";" }));
    }

    /// Attributes of a generated type, doc comments among them.
    fn attributes(&mut self, attributes: &[Placed<syn::Attribute>]) {
        for attribute in attributes {
            match words::documentation(&attribute.value) {
                Some(text) => self.docs(Some(&text)),
                None => self.line(&rust::attribute(&attribute.value)),
            }
        }
    }

    fn method(&mut self, word: &str, method: &Method) {
        if !method.declared {
            return;
        }
        self.docs(method.description.as_deref());
        let blocking = if method.blocking { "blocking " } else { "" };
        self.line(&format!("{blocking}{word} {};", words::name(&method.name.value)));
    }
}

/// `{ field: Type = default }`.
fn fields(fields: &[Field]) -> String {
    let fields = fields.iter().map(|field| {
        let default = field.default.as_ref().map(|default| format!(" = {}", rust::one_line(default)));
        format!("{}: {}{}", words::name(&field.name.value), rust::ty(&field.ty), default.unwrap_or_default())
    });
    format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
}
