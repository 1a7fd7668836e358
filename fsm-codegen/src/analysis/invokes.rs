//! FSM0115: invokes that can fail although nothing waits for their failure.
//!
//! A lint over [`super::facts`]. Tasks can fail where the machine has an `error` type. A failure without `onError` becomes
//! the event `error`; where no state handles that at the time, the step of the machine fails.

use super::facts::Facts;
use super::shape;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity, shown};
use crate::ir::{IndexVec, InvokeId, Machine, StateId, Trigger};
use fsm_model::gather::Gather as _;

pub(super) fn report(facts: &Facts<'_>, severity: Severity, diagnostics: &mut Diagnostics) {
    let machine = facts.machine;
    if machine.error.is_none() {
        return;
    }
    let mut awaited: IndexVec<InvokeId, bool> = machine.invokes.ids().map(|_| false).gather();
    let mut handlers: IndexVec<StateId, bool> = machine.states.ids().map(|_| false).gather();
    for transition in &machine.transitions {
        match transition.trigger {
            Trigger::InvokeError(invoke) => awaited[invoke] = true,
            Trigger::Error => handlers[transition.source] = true,
            _ => {}
        }
    }
    let heard = heard(machine, &handlers);
    for (id, invoke) in machine.invokes.enumerated().filter(|(id, _)| !awaited[*id]) {
        if !heard[invoke.state] && facts.reachable[invoke.state] {
            let message = format!("nothing waits for the failure of `{}`", shown(&machine.invokes[id].id.value));
            let diagnostic = Diagnostic::new(Code::UnhandledFailure, severity, invoke.span, message);
            let add = facts.words.add_error();
            diagnostics.push(diagnostic.help(format!("{add}, or handle the event `error` in a state around it")));
        }
    }
}

/// For each state whether one with a handler can be active together with it: around it, inside of it, or in the same
/// parallel state.
fn heard(machine: &Machine, handlers: &IndexVec<StateId, bool>) -> IndexVec<StateId, bool> {
    let mut heard = handlers.clone();
    for (id, state) in machine.states.enumerated().rev() {
        if let Some(parent) = state.parent {
            heard[parent] |= heard[id];
        }
    }
    // Around a parallel state as a whole, or with a handler of their own, states hand on what holds for them.
    let parallels = shape::outermost_parallels(machine);
    let mut around: IndexVec<StateId, bool> = IndexVec::default();
    for (id, state) in machine.states.enumerated() {
        let inherited = state.parent.is_some_and(|parent| around[parent]);
        around.push(inherited || handlers[id] || parallels[id] == Some(id) && heard[id]);
        heard[id] |= around[id];
    }
    heard
}
