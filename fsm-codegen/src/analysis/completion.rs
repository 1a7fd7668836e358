//! FSM0114: states with a final child whose completion nobody waits for.
//!
//! A lint over [`super::facts`]. The end of a machine needs no transition; the completion of a region is part of that of
//! its parallel state.

use super::facts::Facts;
use super::{MOST_LABELS, shape};
use crate::diag::{Code, Diagnostic, Diagnostics, Severity, shown};
use crate::ir::{Machine, StateId, StateKind, Trigger};
use fsm_model::gather::Gather as _;

pub(super) fn report(facts: &Facts<'_>, severity: Severity, diagnostics: &mut Diagnostics) {
    let machine = facts.machine;
    for state in machine.states.ids().filter(|state| !is_awaited(machine, *state)) {
        let finals = machine.states[state].children.iter().copied();
        let finals = finals.filter(|child| machine.states[*child].kind == StateKind::Final && facts.reachable[*child]);
        let finals: Vec<_> = finals.take(MOST_LABELS).gather();
        if finals.is_empty() {
            continue;
        }
        let path = shown(&machine.path(state));
        let message = format!("nothing happens when `{path}` is complete");
        let span = machine.states[state].name.span;
        let mut diagnostic = Diagnostic::new(Code::IgnoredCompletion, severity, span, message);
        for child in finals {
            diagnostic = diagnostic.label(machine.states[child].name.span, "completes it");
        }
        diagnostics
            .push(diagnostic.help(format!("{}, or make the final state an ordinary one", facts.words.add_done())));
    }
}

/// Whether the completion of a state is the end of the machine, sets off a transition, or counts in a parallel state
/// whose completion does.
fn is_awaited(machine: &Machine, state: StateId) -> bool {
    let waits = |state: StateId| {
        let mut own = machine.states[state].transitions.iter();
        own.any(|id| machine.transitions[*id].trigger == Trigger::Done)
    };
    let mut at = state;
    loop {
        if at == StateId::ROOT || waits(at) {
            return true;
        }
        match machine.states[at].parent.filter(|parent| shape::is_parallel(machine, *parent)) {
            Some(parallel) => at = parallel,
            None => return false,
        }
    }
}
