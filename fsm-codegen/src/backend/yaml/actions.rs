//! Guards, actions, events with their payloads, values, delays: what stands inside of transitions and states.

use super::Printer;
use super::scalars;
use super::text::{Map, Node};
use crate::backend::spelling::{self, rust};
use crate::ir::{Action, Assignment, Event, Field, Guard, Id, Record, StateId, Supply, Wait};

impl Printer<'_> {
    /// A block of `source`; nothing where it is empty.
    pub(super) fn block(&self, source: StateId, actions: &[Action]) -> Option<Node> {
        Node::one_or_many(self.actions(source, actions))
    }

    fn actions(&self, source: StateId, actions: &[Action]) -> Vec<Node> {
        actions.iter().map(|action| self.action(source, action)).collect()
    }

    fn action(&self, source: StateId, action: &Action) -> Node {
        let mut map = Map::default();
        match action {
            Action::Call(_, call) => return scalars::action(call),
            Action::Assign(assignments) => {
                map.set("assign", Node::Map(values(&self.machine.context, assignments)));
            }
            Action::Raise(record) => map.set("raise", self.event(record)),
            Action::Send { event, delay, id } => {
                map.set("send", self.event(event));
                map.maybe("delay", delay.map(|delay| self.delay(delay)));
                map.maybe("id", id.map(|id| Node::text(&self.machine.sends[id].value)));
            }
            Action::Cancel(id) => map.set("cancel", Node::text(&self.machine.sends[*id].value)),
            Action::Emit(message) => map.set("emit", record(&self.machine.emits[message.kind], &message.fields)),
            Action::Reply(_, value) => map.set("reply", scalars::value(value)),
            Action::Log(parts) => map.set("log", Node::Text(spelling::log(parts))),
            Action::If { guard, then, otherwise } => {
                map.set("if", self.guard(source, guard));
                if !then.is_empty() || otherwise.is_empty() {
                    map.set("then", self.block(source, then).unwrap_or(Node::List(Vec::new())));
                }
                map.maybe("else", self.block(source, otherwise));
            }
        }
        Node::Map(map)
    }

    fn event<I: Id>(&self, event: &Record<I>) -> Node {
        let id = crate::ir::EventId::new(event.kind.index());
        record(&self.machine.events[id], &event.fields)
    }

    /// A guard; `source` is from where the targets of `in` are looked up.
    pub(super) fn guard(&self, source: StateId, guard: &Guard) -> Node {
        let mut map = Map::default();
        let list = |guards: &[Guard]| Node::List(guards.iter().map(|guard| self.guard(source, guard)).collect());
        match guard {
            Guard::Call(_, call) => return scalars::guard(call),
            Guard::Expr(expr) => return scalars::condition(expr),
            Guard::Bool(value) => return Node::Plain(value.to_string()),
            Guard::And(guards) => map.set("and", list(guards)),
            Guard::Or(guards) => map.set("or", list(guards)),
            Guard::Not(guard) => map.set("not", self.guard(source, guard)),
            Guard::In(state) => map.set("in", Node::Text(self.names.target(source, *state))),
        }
        Node::Map(map)
    }

    /// `data:` of a transition.
    pub(super) fn supplies(&self, supplies: &[Supply]) -> Option<Node> {
        let mut map = Map::default();
        for supply in supplies {
            let field = &self.machine.states[supply.state].data[supply.field];
            map.name(&field.name.value, scalars::value(&supply.value));
        }
        (!map.is_empty()).then_some(Node::Map(map))
    }

    /// A delay where it is used.
    pub(super) fn delay(&self, wait: Wait) -> Node {
        match wait {
            Wait::Fixed(length) => Node::Plain(spelling::duration(length)),
            Wait::Named(delay) => Node::text(&self.machine.delays[delay].name.value),
        }
    }
}

/// `{ field: expression }`.
fn values(fields: &[Field], assignments: &[Assignment]) -> Map {
    let mut map = Map::default();
    for assignment in assignments {
        map.name(&fields[assignment.field].name.value, scalars::value(&assignment.value));
    }
    map
}

/// `Stop`, `Fault { code: 7 }`; an event whose name looks like neither stands in a mapping.
fn record(event: &Event, fields: &[Assignment]) -> Node {
    let name = &event.name.value;
    if fields.is_empty() {
        if !name.contains(['{', '(']) && name.trim() == name {
            return Node::text(name);
        }
        let mut map = Map::default();
        map.set("type", Node::text(name));
        return Node::Map(map);
    }
    let fields = fields.iter().map(|assignment| {
        let field = rust::ident(&event.fields[assignment.field].name.value);
        format!("{field}: {}", rust::expression(&assignment.value))
    });
    Node::Text(format!("{name} {{ {} }}", fields.collect::<Vec<_>>().join(", ")))
}
