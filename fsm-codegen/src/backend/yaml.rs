//! A machine as a spec in YAML, such that reading it again gives an equal machine.
//!
//! The inverse of the YAML front-end and `resolve`, in the short forms of the language: a bare target where a transition
//! has nothing else, a value instead of a list of one, what is inferred left out. Comments and places are lost; a block
//! such as `events:` stands where its names were declared, since with it no others exist.

mod actions;
pub(crate) mod quoting;
mod scalars;
mod states;
mod text;

use super::spelling::patterns::Patterns;
use super::spelling::targets::Names;
use super::spelling::{self, rust};
use crate::ir::{DEFER_CAPACITY, Delay, Event, Machine, Method, Mode, QUEUE, StateId, Unhandled};
use crate::rust::Placed;
use text::{Map, Node};

/// The spec of a machine.
#[must_use]
pub fn emit(machine: &Machine) -> String {
    let mut printer = Printer { machine, names: Names::new(machine), patterns: Patterns::new(machine) };
    text::document(&printer.machine())
}

/// Prints one machine.
struct Printer<'m> {
    machine: &'m Machine,
    names: Names<'m>,
    patterns: Patterns<'m>,
}

impl Printer<'_> {
    fn machine(&mut self) -> Map {
        let mut map = Map::default();
        let root = &self.machine.states[StateId::ROOT];
        // With `id` alone the machine's name is the root's id too.
        let key = if root.id.as_ref() == Some(&self.machine.name) { "id" } else { "machine" };
        map.set(key, Node::text(&self.machine.name.value));
        self.header(StateId::ROOT, &mut map);
        self.settings(&mut map);
        self.declarations(&mut map);
        self.content(StateId::ROOT, &mut map);
        map
    }

    fn settings(&self, map: &mut Map) {
        let machine = self.machine;
        map.maybe("visibility", rust::visibility(&machine.visibility.value).map(|text| Node::text(&text)));
        map.maybe("attributes", some(attributes(machine)));
        map.maybe("version", machine.version.as_deref().map(version));
        map.maybe("mode", (machine.mode == Mode::Sync).then(|| Node::text("sync")));
        map.maybe("send_futures", (!machine.send_futures).then(|| Node::Plain("false".to_owned())));
        map.maybe("generics", machine.generics.as_ref().map(|generics| Node::Text(rust::generics(&generics.value))));
        let uses = machine.uses.iter().map(|tree| Node::Text(rust::use_tree(&tree.value)));
        map.maybe("use", Node::one_or_many(uses.collect()));
        map.maybe("error", machine.error.as_ref().map(|ty| Node::Text(rust::ty(ty))));
        map.maybe("output", machine.output.as_ref().map(|ty| Node::Text(rust::ty(ty))));
        let unhandled = match machine.unhandled {
            Unhandled::Report => None,
            Unhandled::Error => Some("error"),
            Unhandled::Ignore => Some("ignore"),
            Unhandled::Defer => Some("defer"),
        };
        map.maybe("unhandled", unhandled.map(Node::text));
        map.maybe("queue", (machine.queue != QUEUE).then(|| Node::Plain(machine.queue.to_string())));
        let capacity = machine.defer_capacity;
        map.maybe("defer_capacity", (capacity != DEFER_CAPACITY).then(|| Node::Plain(capacity.to_string())));
        let mut lints = Map::default();
        for (code, level) in &machine.lints {
            lints.set(code.name(), Node::text(level.name()));
        }
        map.maybe("lints", some(lints));
    }

    fn declarations(&self, map: &mut Map) {
        let machine = self.machine;
        let mut context = Map::default();
        for field in &machine.context {
            context.name(&field.name.value, scalars::field(field));
        }
        map.maybe("context", some(context));
        map.maybe("events", events(machine.events.iter()));
        map.maybe("emits", events(machine.emits.iter()));
        map.maybe("actions", methods(machine.actions.iter()));
        map.maybe("guards", methods(machine.guards.iter()));
        map.maybe("delays", delays(machine.delays.iter()));
    }
}

fn some(map: Map) -> Option<Node> {
    (!map.is_empty()).then_some(Node::Map(map))
}

/// The attributes of generated types.
fn attributes(machine: &Machine) -> Map {
    let mut map = Map::default();
    let mut add = |name: &str, attributes: &[Placed<syn::Attribute>]| {
        let nodes = attributes.iter().map(|attribute| Node::Text(rust::attribute(&attribute.value)));
        if let Some(node) = Node::one_or_many(nodes.collect()) {
            map.name(name, node);
        }
    };
    add("State", &machine.attributes);
    add("Context", &machine.context_attributes);
    for event in &machine.events {
        add(&format!("event.{}", event.name.value), &event.attributes);
    }
    for message in &machine.emits {
        add(&format!("message.{}", message.name.value), &message.attributes);
    }
    map
}

/// A version: an integer, or text. `1.10` without quotes is the number 1.1 to other readers.
fn version(text: &str) -> Node {
    let is_number =
        !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if is_number { Node::Plain(text.to_owned()) } else { Node::text(text) }
}

/// The declared ones of events, or of messages.
fn events<'e>(events: impl Iterator<Item = &'e Event>) -> Option<Node> {
    let mut map = Map::default();
    for event in events.filter(|event| event.declared) {
        let mut fields = Map::default();
        for field in &event.fields {
            fields.name(&field.name.value, scalars::field(field));
        }
        fields.maybe("reply", event.reply.as_ref().map(|ty| Node::Text(rust::ty(ty))));
        map.name(&event.name.value, Node::Map(fields));
    }
    some(map)
}

/// The declared ones of methods; a list of names where nothing more is known of them.
fn methods<'e>(methods: impl Iterator<Item = &'e Method>) -> Option<Node> {
    let declared: Vec<&Method> = methods.filter(|method| method.declared).collect();
    if declared.iter().all(|method| !method.blocking && method.description.is_none()) {
        let names: Vec<Node> = declared.iter().map(|method| Node::text(&method.name.value)).collect();
        return (!names.is_empty()).then_some(Node::List(names));
    }
    let mut map = Map::default();
    for method in declared {
        let mut known = Map::default();
        known.maybe("blocking", method.blocking.then(|| Node::Plain("true".to_owned())));
        known.maybe("description", method.description.as_deref().map(Node::text));
        map.name(&method.name.value, Node::Map(known));
    }
    some(map)
}

/// The declared delays; one without a value is a method of the handlers.
fn delays<'e>(delays: impl Iterator<Item = &'e Delay>) -> Option<Node> {
    let mut map = Map::default();
    for delay in delays.filter(|delay| delay.declared) {
        let length = delay.duration.map_or_else(|| "null".to_owned(), spelling::duration);
        map.name(&delay.name.value, Node::Plain(length));
    }
    some(map)
}
