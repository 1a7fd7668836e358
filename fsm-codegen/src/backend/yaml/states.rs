//! States, their transitions, timers and invokes.

use super::Printer;
use super::scalars;
use super::text::{Map, Node};
use crate::backend::spelling::rust;
use crate::ir::{Initial, InvokeId, StateId, StateKind, TimerId, TransitionId, Trigger};

impl Printer<'_> {
    /// A state below the machine.
    fn state(&mut self, id: StateId) -> Node {
        let mut map = Map::default();
        self.header(id, &mut map);
        self.content(id, &mut map);
        Node::Map(map)
    }

    /// What the state does, and its children.
    pub(super) fn content(&mut self, id: StateId, map: &mut Map) {
        self.behaviour(id, map);
        let state = &self.machine.states[id];
        let mut children: Vec<StateId> = state.children.iter().chain(&state.histories).copied().collect();
        children.sort_unstable();
        let mut states = Map::default();
        for child in children {
            let node = self.state(child);
            states.name(&self.machine.states[child].name.value, node);
        }
        if !states.is_empty() {
            map.set("states", Node::Map(states));
        }
    }

    /// What the state is.
    pub(super) fn header(&self, id: StateId, map: &mut Map) {
        let state = &self.machine.states[id];
        if id != StateId::ROOT || state.id.as_ref() != Some(&self.machine.name) {
            map.maybe("id", state.id.as_ref().map(|id| Node::text(&id.value)));
        }
        let kind = match &state.kind {
            StateKind::Atomic | StateKind::Compound(_) => None,
            StateKind::Parallel => Some("parallel"),
            StateKind::Final => Some("final"),
            StateKind::History(_) => Some("history"),
        };
        map.maybe("type", kind.map(Node::text));
        map.maybe("description", state.description.as_deref().map(Node::text));
        map.maybe("tags", Node::one_or_many(state.tags.iter().map(|tag| Node::text(&tag.value)).collect()));
        map.maybe("meta", state.meta.as_ref().map(Node::data));
        let mut data = Map::default();
        for field in &state.data {
            data.name(&field.name.value, scalars::field(field));
        }
        if !data.is_empty() {
            map.set("data", Node::Map(data));
        }
    }

    fn behaviour(&mut self, id: StateId, map: &mut Map) {
        let state = &self.machine.states[id];
        match &state.kind {
            StateKind::Compound(initial) => map.set("initial", self.initial(id, initial)),
            StateKind::History(history) => {
                if history.deep {
                    map.set("history", Node::text("deep"));
                }
                if let Some(default) = &history.default {
                    self.default(id, default, map);
                }
            }
            _ => {}
        }
        map.maybe("entry", self.block(id, &state.entry));
        map.maybe("exit", self.block(id, &state.exit));
        map.maybe("invoke", Node::one_or_many(state.invokes.iter().map(|invoke| self.invoke(*invoke)).collect()));
        let mut on = Map::default();
        for (event, transitions) in self.patterns.handlers(id) {
            let nodes = transitions.iter().map(|transition| self.transition(*transition)).collect();
            on.name(&event, Node::one_or_many(nodes).unwrap_or(Node::List(Vec::new())));
        }
        map.maybe("on", super::some(on));
        map.maybe("always", self.transitions(id, Trigger::Always));
        map.maybe("after", self.timers(id, false));
        map.maybe("every", self.timers(id, true));
        map.maybe("onDone", self.transitions(id, Trigger::Done));
        let deferred = self.patterns.defer(id);
        map.maybe("defer", Node::one_or_many(deferred.into_iter().map(Node::text).collect()));
        map.maybe("output", state.output.as_ref().map(scalars::value));
    }

    /// `initial:`.
    fn initial(&self, parent: StateId, initial: &Initial) -> Node {
        let targets = initial.targets.iter().map(|target| Node::Text(self.names.initial(parent, *target)));
        let mut map = Map::default();
        map.maybe("target", Node::one_or_many(targets.collect()));
        map.maybe("data", self.supplies(&initial.data));
        map.maybe("actions", self.block(parent, &initial.actions));
        map.only("target").unwrap_or_else(Node::Map)
    }

    /// The default of a history state, whose guards see what its parent sees.
    fn default(&self, history: StateId, default: &Initial, map: &mut Map) {
        let parent = self.machine.states[history].parent.unwrap_or(StateId::ROOT);
        let targets = default.targets.iter().map(|target| Node::Text(self.names.target(history, *target)));
        map.maybe("target", Node::one_or_many(targets.collect()));
        map.maybe("data", self.supplies(&default.data));
        map.maybe("actions", self.block(parent, &default.actions));
    }

    /// All transitions of a state with one trigger.
    fn transitions(&self, state: StateId, trigger: Trigger) -> Option<Node> {
        let ids = self.machine.states[state].transitions.iter();
        let ids = ids.filter(|id| self.machine.transitions[**id].trigger == trigger);
        Node::one_or_many(ids.map(|id| self.transition(*id)).collect())
    }

    /// A transition: its target alone where there is nothing else.
    pub(super) fn transition(&self, id: TransitionId) -> Node {
        let transition = &self.machine.transitions[id];
        let source = transition.source;
        let targets = transition.targets.iter().map(|target| Node::Text(self.names.target(source, *target)));
        let mut map = Map::default();
        map.maybe("guard", transition.guard.as_ref().map(|guard| self.guard(source, guard)));
        map.maybe("target", Node::one_or_many(targets.collect()));
        map.maybe("reenter", transition.reenter.then(|| Node::Plain("true".to_owned())));
        map.maybe("data", self.supplies(&transition.data));
        map.maybe("actions", self.block(source, &transition.actions));
        map.maybe("description", transition.description.as_deref().map(Node::text));
        map.maybe("meta", transition.meta.as_ref().map(Node::data));
        match map.only("target") {
            Ok(target @ Node::Text(_)) => target,
            // A list alone would be a list of transitions.
            Ok(targets) => {
                let mut map = Map::default();
                map.set("target", targets);
                Node::Map(map)
            }
            Err(map) => Node::Map(map),
        }
    }

    /// `after:` or `every:`.
    fn timers(&self, state: StateId, repeats: bool) -> Option<Node> {
        let timers = self.machine.states[state].timers.iter();
        let timers = timers.filter(|timer| self.machine.timers[**timer].repeats == repeats);
        let mut map = Map::default();
        for timer in timers {
            let node = self.timer(state, *timer);
            match self.delay(self.machine.timers[*timer].wait) {
                Node::Plain(delay) => map.set_plain(delay, node),
                Node::Text(name) => map.name(&name, node),
                // A delay is a scalar.
                Node::List(_) | Node::Map(_) => {}
            }
        }
        (!map.is_empty()).then_some(Node::Map(map))
    }

    fn timer(&self, state: StateId, timer: TimerId) -> Node {
        self.transitions(state, Trigger::Timer(timer)).unwrap_or(Node::List(Vec::new()))
    }

    /// An entry of `invoke:`: its method alone where there is nothing else.
    fn invoke(&self, id: InvokeId) -> Node {
        let invoke = &self.machine.invokes[id];
        let task = &self.machine.tasks[invoke.task];
        let mut src = scalars::task(&invoke.call);
        if let Some(output) = &task.output {
            src = format!("{src} -> {}", rust::ty(output));
        }
        let mut map = Map::default();
        map.set("src", Node::Text(src));
        map.maybe("id", invoke.named.then(|| Node::text(&invoke.id.value)));
        map.maybe("onDone", self.transitions(invoke.state, Trigger::InvokeDone(id)));
        map.maybe("onError", self.transitions(invoke.state, Trigger::InvokeError(id)));
        map.only("src").unwrap_or_else(Node::Map)
    }
}
