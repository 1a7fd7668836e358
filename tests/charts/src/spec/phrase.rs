//! Guards, values and actions of a chart as they stand in its spec.

use super::{EVENTS, Printer, Scope, WITH_PAYLOAD};
use crate::chart::{Act, Guard, Value};

/// How many methods there are for actions.
const METHODS: usize = 24;

impl Printer {
    pub(super) fn guard(&mut self, guard: &Guard, scope: Scope) -> String {
        let mut list = |name: &str, guards: &[Guard]| {
            let guards: Vec<String> = guards.iter().map(|guard| self.guard(guard, scope)).collect();
            format!("{{ {name}: [{}] }}", guards.join(", "))
        };
        match guard {
            Guard::And(guards) => list("and", guards),
            Guard::Or(guards) => list("or", guards),
            Guard::Not(guard) => format!("{{ not: {} }}", self.guard(guard, scope)),
            Guard::Named(name) => format!("g{name}"),
            Guard::Low => "context.n < 150".to_owned(),
            Guard::High => "context.n + 100 > 150".to_owned(),
            Guard::Payload => format!("{} > 100", self.value(Value::Payload, scope)),
            Guard::Data => format!("{} > 100", self.value(Value::Data, scope)),
            Guard::In(index) => {
                let index = usize::from(*index) % self.states.len();
                let state = if self.states[index].history { 0 } else { index };
                format!("{{ in: '#{}' }}", self.states[state].name)
            }
        }
    }

    pub(super) fn value(&self, value: Value, scope: Scope) -> String {
        match value {
            Value::Constant(constant) => constant.to_string(),
            Value::Sum => "context.n + 100".to_owned(),
            Value::Other => "context.p".to_owned(),
            Value::Payload => scope.event.unwrap_or("context.p").to_owned(),
            Value::Data => {
                let mut chain = std::iter::successors(Some(scope.state), |at| self.states[*at].parent);
                chain.find(|at| self.states[*at].data).map_or("context.p".to_owned(), |at| format!("state.d{at}"))
            }
        }
    }

    pub(super) fn block(&mut self, key: &str, actions: &[Act], scope: Scope, depth: usize) {
        if !actions.is_empty() {
            let line = format!("{key}: {}", self.actions(actions, scope));
            self.line(depth, &line);
        }
    }

    pub(super) fn actions(&mut self, actions: &[Act], scope: Scope) -> String {
        let actions: Vec<String> = actions.iter().map(|act| self.act(act, scope)).collect();
        format!("[{}]", actions.join(", "))
    }

    pub(super) fn act(&mut self, act: &Act, scope: Scope) -> String {
        match act {
            Act::Call => {
                self.calls += 1;
                format!("f{}", self.calls % METHODS)
            }
            Act::Assign(value) => format!("{{ assign: {{ n: {} }} }}", self.value(*value, scope)),
            Act::Swap => "{ assign: { n: context.p, p: context.n } }".to_owned(),
            Act::Raise(event, true) => format!("{{ raise: {} }}", self.event(*event, scope)),
            Act::Raise(event, false) => fuelled(&format!("{{ raise: {} }}", self.event(*event, scope))),
            Act::Send(event, id) => {
                let id = id.map_or_else(String::new, |id| format!(", id: x{id}"));
                fuelled(&format!("{{ send: {}{id} }}", self.event(*event, scope)))
            }
            Act::Later(event, delay, id) => {
                let id = id.map_or_else(String::new, |id| format!(", id: x{id}"));
                fuelled(&format!("{{ send: {}, delay: {delay}ms{id} }}", self.event(*event, scope)))
            }
            Act::Cancel(id) => format!("{{ cancel: x{id} }}"),
            Act::If(guard, then, other) => {
                let guard = self.guard(guard, scope);
                let (then, other) = (self.actions(then, scope), self.actions(other, scope));
                format!("{{ if: {guard}, then: {then}, else: {other} }}")
            }
            Act::Emit(Some(value)) => format!("{{ emit: 'Full {{ n: {} }}' }}", self.value(*value, scope)),
            Act::Emit(None) => "{ emit: Empty }".to_owned(),
            Act::Reply(value) if scope.answers => format!("{{ reply: {} }}", self.value(*value, scope)),
            Act::Log | Act::Reply(_) => "{ log: 'n is {context.n}' }".to_owned(),
        }
    }

    fn event(&self, event: u8, scope: Scope) -> String {
        let name = EVENTS[usize::from(event)];
        if event < WITH_PAYLOAD {
            format!("'{name} {{ k: {} }}'", self.value(Value::Payload, scope))
        } else {
            name.to_owned()
        }
    }
}

/// What keeps a machine going takes fuel.
fn fuelled(act: &str) -> String {
    format!("{{ if: context.fuel > 0, then: [{{ assign: {{ fuel: context.fuel - 1 }} }}, {act}] }}")
}
