//! FSM0108: for each state the events that it does not handle, neither itself nor by an ancestor.
//!
//! A lint over [`super::facts`], silent unless a spec asks for it. Only states in which the machine can wait count, and
//! only events that some state handles: of the others the lint for unused events speaks once. A parallel state counts as
//! a whole, since what one region leaves another may take.

use fsm_model::gather::Gather as _;
use std::collections::BTreeSet;

use super::facts::Facts;
use super::handlers;
use super::{shape, uses};
use crate::diag::{Code, Diagnostic, Diagnostics, Severity, shown};
use crate::ir::{EventId, IndexVec, Machine, StateId, StateKind, Trigger};

/// How many events one message names.
const MOST_NAMES: usize = 8;

pub(super) fn report(facts: &Facts<'_>, severity: Severity, diagnostics: &mut Diagnostics) {
    let machine = facts.machine;
    if handlers::is_rough(machine) {
        return;
    }
    let mut line = Line::new(machine);
    let waits = |leaf: &StateId| machine.states[*leaf].kind != StateKind::Final && !facts.is_passed(*leaf);
    let mut last = None;
    for leaf in facts.reachable_leaves().filter(waits) {
        line.advance(facts, leaf);
        let leaf = line.parallels[leaf].unwrap_or(leaf);
        if last.replace(leaf) == Some(leaf) {
            continue;
        }
        if !line.missing.is_empty() {
            let names = line.missing.iter().take(MOST_NAMES);
            let mut names: Vec<_> = names.map(|id| format!("`{}`", shown(&machine.events[*id].name.value))).gather();
            if let more @ 1.. = line.missing.len().saturating_sub(MOST_NAMES) {
                names.push(format!("{more} more"));
            }
            let message = format!("the state `{}` does not handle {}", shown(&machine.path(leaf)), listed(&names));
            let diagnostic = Diagnostic::new(Code::UnhandledEvent, severity, machine.states[leaf].name.span, message);
            let forbid = facts.words.forbid();
            let help =
                format!("handle what is missing here or in an ancestor; {forbid} takes an event and does nothing");
            diagnostics.push(diagnostic.help(help));
        }
    }
}

/// `a`, `a and b`, `a, b and c`.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The groups on the way from the root to one state, kept while the states are walked in document order.
struct Line {
    /// For each event how many of these groups are on it.
    depth: IndexVec<EventId, usize>,
    /// The events that some state handles, but none of these.
    missing: BTreeSet<EventId>,
    /// The outermost parallel state around each state.
    parallels: IndexVec<StateId, Option<StateId>>,
    /// The groups themselves, outermost first, each with its event.
    open: Vec<(usize, EventId)>,
    /// The first group that was not passed yet.
    next: usize,
}

impl Line {
    /// Before the first state.
    fn new(machine: &Machine) -> Self {
        let handled = uses::handled(machine);
        let missing = machine.events.ids().filter(|event| handled[*event]).gather();
        Self {
            depth: machine.events.ids().map(|_| 0).gather(),
            missing,
            parallels: shape::outermost_parallels(machine),
            open: Vec::new(),
            next: 0,
        }
    }

    /// Goes on to `state`, which must stand after the last one.
    fn advance(&mut self, facts: &Facts<'_>, state: StateId) {
        while let Some(group) = facts.groups.get(self.next).filter(|group| self.start(group.state) <= state) {
            self.close(facts, group.state);
            if let Trigger::Event(event) = group.trigger {
                self.depth[event] += 1;
                self.missing.remove(&event);
                self.open.push((self.next, event));
            }
            self.next += 1;
        }
        self.close(facts, state);
    }

    /// From which state on what a state handles counts.
    fn start(&self, state: StateId) -> StateId {
        self.parallels[state].unwrap_or(state)
    }

    /// Leaves the groups whose states, or parallel states around them, end before `state`.
    fn close(&mut self, facts: &Facts<'_>, state: StateId) {
        while let Some((open, event)) = self.open.last().copied() {
            if facts.machine.states[self.start(facts.groups[open].state)].end > state {
                break;
            }
            self.depth[event] -= 1;
            if self.depth[event] == 0 {
                self.missing.insert(event);
            }
            self.open.pop();
        }
    }
}
