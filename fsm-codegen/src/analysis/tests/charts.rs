//! Small random statecharts from a seed: regions, history, final states, eventless transitions, raised and deferred
//! events, timers and patterns.

use super::builder::{method, name};
use super::random::Random;
use crate::ir::{
    Action, Call, Event, Guard, GuardId, History, Id, Initial, Machine, Pattern, PatternId, Record, State, StateId,
    StateKind, Timer, Transition, TransitionId, Trigger, Wait,
};
use crate::source::Span;

/// How many events, and as many guards less one, there are.
const EVENTS: usize = 3;

/// The most states of a chart.
const MOST_STATES: usize = 11;

/// The atoms of guards: `g0` and `g1`.
pub(super) const GUARDS: usize = 2;

pub(super) fn chart(random: &mut Random) -> Machine {
    let mut machine = Machine::new(name("M"));
    for event in 0..EVENTS {
        let name = name(&format!("E{event}"));
        machine.events.push(Event { name, fields: Vec::new(), reply: None, declared: true, attributes: Vec::new() });
    }
    machine.patterns.push(Pattern { name: name("*"), events: machine.events.ids().collect() });
    machine.guards = (0..GUARDS).map(|guard| method(name(&format!("g{guard}")))).collect();
    let mut maker = Maker { machine, random };
    maker.grow(None, 0);
    maker.defaults();
    maker.transitions();
    maker.machine
}

struct Maker<'r> {
    machine: Machine,
    random: &'r mut Random,
}

impl Maker<'_> {
    fn grow(&mut self, parent: Option<StateId>, depth: usize) -> StateId {
        let is_child = parent.is_some_and(|parent| self.machine.states[parent].kind != StateKind::Parallel);
        let is_leaf = depth > 0 && (depth > 3 || self.machine.states.len() > MOST_STATES / 2 || self.random.chance(45));
        let kind = match (is_leaf, is_child) {
            (true, true) if self.random.chance(if depth == 1 { 50 } else { 25 }) => StateKind::Final,
            (true, _) => StateKind::Atomic,
            (false, _) if self.random.chance(if depth == 0 { 15 } else { 45 }) => StateKind::Parallel,
            (false, _) => StateKind::Compound(initial(Vec::new())),
        };
        let id = self.machine.states.push(State::new(
            name(&format!("S{}", self.machine.states.len())),
            parent,
            kind.clone(),
        ));
        if !is_leaf {
            let children = if kind == StateKind::Parallel { 2 } else { 1 + self.random.below(3) };
            for _ in 0..children {
                let child = self.grow(Some(id), depth + 1);
                self.machine.states[id].children.push(child);
            }
            if self.random.chance(30) {
                let history = History { deep: self.random.chance(50), default: None };
                let kind = StateKind::History(history);
                let history = self.machine.states.push(State::new(name("H"), Some(id), kind));
                self.machine.states[history].end = StateId::new(self.machine.states.len());
                self.machine.states[id].histories.push(history);
            }
        }
        self.machine.states[id].end = StateId::new(self.machine.states.len());
        id
    }

    /// Initial states, and the defaults of history states.
    fn defaults(&mut self) {
        for id in self.machine.states.ids() {
            match self.machine.states[id].kind.clone() {
                StateKind::Compound(_) => {
                    let first = self.machine.states[id].children[0];
                    let target = if self.random.chance(65) { first } else { self.below(id) };
                    self.machine.states[id].kind = StateKind::Compound(initial(vec![target]));
                }
                StateKind::History(history) if self.random.chance(60) => {
                    let parent = self.machine.states[id].parent.expect("history has a parent");
                    let default = Some(initial(vec![self.below(parent)]));
                    self.machine.states[id].kind = StateKind::History(History { default, ..history });
                }
                _ => {}
            }
        }
    }

    /// Some state below, but no history state.
    fn below(&mut self, state: StateId) -> StateId {
        let inside: Vec<_> = self.machine.subtree(state).skip(1).filter(|at| !self.is_history(*at)).collect();
        inside[self.random.below(inside.len())]
    }

    fn is_history(&self, state: StateId) -> bool {
        matches!(self.machine.states[state].kind, StateKind::History(_))
    }

    fn transitions(&mut self) {
        for id in self.machine.states.ids() {
            if self.is_history(id) || self.machine.states[id].kind == StateKind::Final {
                continue;
            }
            if self.random.chance(12) {
                let event = Id::new(self.random.below(EVENTS));
                self.machine.states[id].defer.push(event);
            }
            let mut own = Vec::new();
            for _ in 0..self.random.below(if id == StateId::ROOT { 3 } else { 5 }) {
                own.push(self.transition(id));
            }
            // Patterns are tried last.
            own.sort_by_key(|id: &TransitionId| matches!(self.machine.transitions[*id].trigger, Trigger::Pattern(_)));
            self.machine.states[id].transitions = own;
        }
    }

    fn transition(&mut self, source: StateId) -> TransitionId {
        let has_children = !self.machine.states[source].children.is_empty();
        let trigger = match self.random.below(20) {
            0 | 1 => Trigger::Pattern(PatternId::new(0)),
            2..=4 => Trigger::Always,
            5..=8 if has_children => Trigger::Done,
            9 | 10 => {
                let wait = Wait::Fixed(std::time::Duration::from_secs(1));
                let timer =
                    self.machine.timers.push(Timer { state: source, wait, repeats: false, span: Span::default() });
                self.machine.states[source].timers.push(timer);
                Trigger::Timer(timer)
            }
            _ => Trigger::Event(Id::new(self.random.below(EVENTS))),
        };
        let guard = self.random.chance(45).then(|| self.guard(2));
        let number = self.machine.transitions.len();
        let mut transition = Transition::new(source, trigger, Span::new(number, number + 1));
        transition.targets = self.targets();
        transition.guard = guard;
        transition.reenter = self.random.chance(30) && !transition.targets.is_empty();
        if self.random.chance(10) {
            let kind = Id::new(self.random.below(EVENTS));
            transition.actions.push(Action::Raise(Record { kind, fields: Vec::new() }));
        }
        self.machine.transitions.push(transition)
    }

    /// None, one, or two in different regions.
    fn targets(&mut self) -> Vec<StateId> {
        if self.random.chance(10) {
            return Vec::new();
        }
        let all: Vec<_> = self.machine.states.ids().skip(1).collect();
        let first = all[self.random.below(all.len())];
        let second = all[self.random.below(all.len())];
        let meet = self.machine.chain(first).skip(1).find(|at| self.machine.is_descendant(second, *at));
        let apart = meet.is_some_and(|meet| self.machine.states[meet].kind == StateKind::Parallel)
            && ![first, second].iter().any(|at| self.is_history(*at))
            && !self.machine.is_descendant(second, first)
            && !self.machine.is_descendant(first, second);
        if apart && first != second { vec![first, second] } else { vec![first] }
    }

    fn guard(&mut self, depth: usize) -> Guard {
        match self.random.below(if depth == 0 { 5 } else { 8 }) {
            0..=2 => {
                let guard = self.random.below(GUARDS);
                let call = Call { name: name(&format!("g{guard}")), args: Vec::new(), span: Span::default() };
                Guard::Call(GuardId::new(guard), call)
            }
            3 => loop {
                let state = StateId::new(self.random.below(self.machine.states.len()));
                if !self.is_history(state) {
                    break Guard::In(state);
                }
            },
            4 => Guard::Bool(self.random.chance(50)),
            5 | 6 => Guard::Not(Box::new(self.guard(depth - 1))),
            _ => Guard::And(vec![self.guard(depth - 1), self.guard(depth - 1)]),
        }
    }
}

fn initial(targets: Vec<StateId>) -> Initial {
    Initial { targets, actions: Vec::new(), data: Vec::new(), span: Span::default() }
}

/// A chart in a few lines, for messages.
pub(super) fn described(machine: &Machine) -> String {
    let mut lines = Vec::new();
    for (id, state) in machine.states.enumerated() {
        let depth = "  ".repeat(machine.chain(id).count());
        let kind = match &state.kind {
            StateKind::Compound(initial) => format!("compound -> {:?}", initial.targets),
            StateKind::History(history) => {
                format!("history deep={} {:?}", history.deep, history.default.as_ref().map(|default| &default.targets))
            }
            other => format!("{other:?}"),
        };
        lines.push(format!("{depth}{} {kind} defer {:?}", id.index(), state.defer));
        for id in &state.transitions {
            let transition = &machine.transitions[*id];
            let guard = transition.guard.as_ref().map(|guard| crate::labels::guard(machine, guard));
            let reenter = if transition.reenter { " reenter" } else { "" };
            lines.push(format!(
                "{depth}  - {} {:?} {guard:?} -> {:?}{reenter} {} actions",
                id.index(),
                transition.trigger,
                transition.targets,
                transition.actions.len()
            ));
        }
    }
    format!("\n{}", lines.join("\n"))
}
