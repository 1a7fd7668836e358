//! Counts for people and for programs: how much has run, and what never has, each with its place in the spec.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::words::{describe, path, trigger};
use super::{Counts, Share, countable};
use crate::ir::Machine;
use crate::labels;
use crate::source::{Source, Span};

impl Counts {
    /// Two percentages, then what never ran, a line each.
    #[must_use]
    pub fn text(&self, machine: &Machine, source: &Source) -> String {
        let (states, transitions) = (self.states(machine), self.transitions());
        let mut text = format!("{}: {}\n", labels::one_line(&machine.name.value), self.summary(machine));
        let place = |span: Span| {
            let at = source.position(span.lo);
            format!("{}:{}:{}", source.name(), at.line, at.column)
        };
        if states.covered < states.total {
            text += "\nnever entered\n";
            for state in countable(machine).filter(|state| self.states[*state] == 0) {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "  {}: {}", place(machine.states[state].name.span), path(machine, state));
            }
        }
        if transitions.covered < transitions.total {
            text += "\nnever taken\n";
            for (_, transition) in machine.transitions.enumerated().filter(|(id, _)| self.transitions[*id] == 0) {
                let _ = writeln!(text, "  {}: {}", place(transition.span), describe(machine, transition));
            }
        }
        text
    }

    /// `3 of 4 states (75 %), 4 of 7 transitions (57.1 %)`.
    #[must_use]
    pub fn summary(&self, machine: &Machine) -> String {
        let share = |share: Share, what: &str| {
            let Share { covered, total } = share;
            format!("{covered} of {total} {what} ({} %)", share.percent())
        };
        format!("{}, {}", share(self.states(machine), "states"), share(self.transitions(), "transitions"))
    }

    /// A JSON object on a line, without its end: the shares, and every state and transition with its count and place.
    #[must_use]
    pub fn json(&self, machine: &Machine, source: &Source) -> String {
        let place = |span: Span, mut entry: Value| {
            let at = source.position(span.lo);
            entry["line"] = at.line.into();
            entry["column"] = at.column.into();
            entry
        };
        let states = countable(machine).map(|state| {
            let entry = json!({ "path": machine.path(state), "count": self.states[state] });
            place(machine.states[state].name.span, entry)
        });
        let transitions = machine.transitions.enumerated().map(|(id, transition)| {
            let targets: Vec<String> = transition.targets.iter().map(|target| machine.path(*target)).collect();
            let entry = json!({
                "source": machine.path(transition.source),
                "trigger": trigger(machine, transition),
                "guard": transition.guard.as_ref().map(|guard| labels::guard(machine, guard)),
                "targets": targets,
                "count": self.transitions[id],
            });
            place(transition.span, entry)
        });
        let share = |share: Share, entries: Vec<Value>| {
            let percent: f64 = share.percent().parse().unwrap_or_default();
            json!({ "covered": share.covered, "total": share.total, "percent": percent, "entries": entries })
        };
        let document = json!({
            "machine": machine.name.value,
            "version": machine.version,
            "file": source.name(),
            "states": share(self.states(machine), states.collect()),
            "transitions": share(self.transitions(), transitions.collect()),
        });
        document.to_string()
    }
}
