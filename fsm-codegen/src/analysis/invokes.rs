//! FSM0115: invokes that can fail although nothing waits for their failure.
//!
//! A lint over [`super::facts`]. Tasks can fail where the machine has an `error` type. A failure without `onError` becomes
//! the event `error`; where no state handles that at the time, the step of the machine fails.

use super::facts::Facts;
use super::shape;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity, shown};
use crate::ir::{IndexVec, InvokeId, StateId, Trigger};

pub(super) fn report(facts: &Facts<'_>, severity: Severity, diagnostics: &mut Diagnostics) {
    let machine = facts.machine;
    if machine.error.is_none() {
        return;
    }
    let mut awaited: IndexVec<InvokeId, bool> = machine.invokes.ids().map(|_| false).collect();
    let mut handlers = Vec::new();
    for transition in &machine.transitions {
        match transition.trigger {
            Trigger::InvokeError(invoke) => awaited[invoke] = true,
            Trigger::Error => handlers.push(transition.source),
            _ => {}
        }
    }
    let parallels = shape::outermost_parallels(machine);
    // Active together with the invoke's state at least at times.
    let may_hear = |state: StateId, handler: StateId| {
        let related = |a: StateId, b: StateId| a == b || machine.is_descendant(a, b) || machine.is_descendant(b, a);
        related(state, handler) || parallels[state].is_some() && parallels[state] == parallels[handler]
    };
    for (id, invoke) in machine.invokes.enumerated().filter(|(id, _)| !awaited[*id]) {
        let heard = handlers.iter().any(|handler| may_hear(invoke.state, *handler));
        if !heard && facts.reachable[invoke.state] {
            let message = format!("nothing waits for the failure of `{}`", shown(&machine.invokes[id].id.value));
            let diagnostic = Diagnostic::new(Code::UnhandledFailure, severity, invoke.span, message);
            diagnostics.push(diagnostic.help("add `onError` to it, or handle the event `error` in a state around it"));
        }
    }
}
