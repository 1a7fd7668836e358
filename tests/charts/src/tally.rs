//! How often each part of the language took part in the charts of a run: charts on which nothing happens would agree
//! with anything.
//!
//! What is counted is what was taken, visited or told while sequences were played, not what is written.

use std::collections::BTreeMap;
use std::fmt;

use fsm_codegen::ir::{Action, Guard, History, Machine, State, StateKind, Transition, Trigger};

use crate::check::Played;

/// What every run has to meet, each of them at least once in five charts.
const WANTED: [&str; 54] = [
    "outcome transitioned",
    "outcome handled",
    "outcome rejected",
    "outcome unhandled",
    "outcome deferred",
    "outcome finished",
    "outcome action",
    "outcome overflow",
    "outcome livelock",
    "outcome queue_full",
    "outcome defer_full",
    "on an event",
    "on a pattern",
    "on error",
    "on done",
    "on after",
    "on every",
    "on an invoke's success",
    "on an invoke's failure",
    "always",
    "guard call",
    "guard expression",
    "guard in",
    "guard and",
    "guard or",
    "guard not",
    "target none",
    "target several",
    "target inside without reenter",
    "target inside with reenter",
    "target above",
    "target elsewhere",
    "target shallow history with a default",
    "target shallow history without a default",
    "target deep history with a default",
    "target deep history without a default",
    "target data",
    "action call",
    "action assign",
    "action raise",
    "action send",
    "action send later",
    "action cancel",
    "action if",
    "action log",
    "action emit",
    "action reply",
    "state in a parallel state",
    "state final",
    "state final with an output",
    "an answer",
    "an output of the machine",
    "state with data",
    "state that defers",
];

/// How often what was met.
#[derive(Debug, Default)]
pub(crate) struct Tally(BTreeMap<String, usize>);

impl Tally {
    /// Counts what one sequence met.
    pub(crate) fn add(&mut self, machine: &Machine, played: &Played) {
        for output in &played.outputs {
            self.note(&format!("outcome {}", output["outcome"].as_str().unwrap_or_default()));
            if !output["reply"].is_null() {
                self.note("an answer");
            }
            if !output["output"].is_null() {
                self.note("an output of the machine");
            }
        }
        for transition in played.transitions.iter().flatten() {
            self.transition(machine, &machine.transitions[*transition]);
        }
        for state in played.visited.iter().flatten() {
            let state = &machine.states[*state];
            self.state(machine, state);
        }
    }

    /// What was met too seldom for that many charts.
    pub(crate) fn rare(&self, charts: usize) -> Vec<&'static str> {
        let rare = |name: &&str| self.0.get(*name).copied().unwrap_or_default() * 5 < charts;
        WANTED.into_iter().filter(rare).collect()
    }

    fn note(&mut self, name: &str) {
        *self.0.entry(name.to_owned()).or_default() += 1;
    }

    fn state(&mut self, machine: &Machine, state: &State) {
        let parent = state.parent.map(|parent| &machine.states[parent]);
        if parent.is_some_and(|parent| parent.kind == StateKind::Parallel) {
            self.note("state in a parallel state");
        }
        if state.kind == StateKind::Final {
            self.note("state final");
            if state.output.is_some() {
                self.note("state final with an output");
            }
        }
        if !state.data.is_empty() {
            self.note("state with data");
        }
        if !state.defer.is_empty() {
            self.note("state that defers");
        }
    }

    fn transition(&mut self, machine: &Machine, transition: &Transition) {
        self.note(match transition.trigger {
            Trigger::Event(_) => "on an event",
            Trigger::Pattern(_) => "on a pattern",
            Trigger::Error => "on error",
            Trigger::Always => "always",
            Trigger::Done => "on done",
            Trigger::Timer(timer) if machine.timers[timer].repeats => "on every",
            Trigger::Timer(_) => "on after",
            Trigger::InvokeDone(_) => "on an invoke's success",
            Trigger::InvokeError(_) => "on an invoke's failure",
        });
        transition.guard.iter().for_each(|guard| self.guard(guard));
        self.actions(&transition.actions);
        if !transition.data.is_empty() {
            self.note("target data");
        }
        match &transition.targets[..] {
            [] => self.note("target none"),
            [target] => {
                let source = transition.source;
                let below = *target == source || machine.is_descendant(*target, source);
                self.note(match &machine.states[*target].kind {
                    StateKind::History(History { deep, default }) => match (deep, default) {
                        (false, Some(_)) => "target shallow history with a default",
                        (false, None) => "target shallow history without a default",
                        (true, Some(_)) => "target deep history with a default",
                        (true, None) => "target deep history without a default",
                    },
                    _ if below && transition.reenter => "target inside with reenter",
                    _ if below => "target inside without reenter",
                    _ if machine.is_descendant(source, *target) => "target above",
                    _ => "target elsewhere",
                });
            }
            _ => self.note("target several"),
        }
    }

    fn guard(&mut self, guard: &Guard) {
        let (name, inner) = match guard {
            Guard::Call(..) => ("guard call", &[][..]),
            Guard::Expr(_) => ("guard expression", &[][..]),
            Guard::Bool(_) => ("guard constant", &[][..]),
            Guard::In(_) => ("guard in", &[][..]),
            Guard::And(all) => ("guard and", &all[..]),
            Guard::Or(all) => ("guard or", &all[..]),
            Guard::Not(one) => ("guard not", std::slice::from_ref(&**one)),
        };
        self.note(name);
        for guard in inner {
            self.guard(guard);
        }
    }

    fn actions(&mut self, actions: &[Action]) {
        for action in actions {
            let name = match action {
                Action::Call(..) => "action call",
                Action::Assign(_) => "action assign",
                Action::Raise(_) => "action raise",
                Action::Send { delay: None, .. } => "action send",
                Action::Send { .. } => "action send later",
                Action::Cancel(_) => "action cancel",
                Action::If { then, otherwise, .. } => {
                    self.actions(then);
                    self.actions(otherwise);
                    "action if"
                }
                Action::Log(_) => "action log",
                Action::Emit(_) => "action emit",
                Action::Reply(..) => "action reply",
            };
            self.note(name);
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(name, count)| writeln!(f, "{count:>9} {name}"))
    }
}
