//! FSM0112: history states that do not say where to go while nothing is remembered.
//!
//! A lint over the machine alone, silent unless a spec asks for it: entering the parent by default is well defined, and
//! SCXML asks for a default all the same.

use super::facts::Facts;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity, shown};
use crate::ir::StateKind;

pub(super) fn report(facts: &Facts<'_>, severity: Severity, diagnostics: &mut Diagnostics) {
    let machine = facts.machine;
    for (id, state) in machine.states.enumerated().filter(|(id, _)| facts.reachable[*id]) {
        if let (StateKind::History(history), Some(parent)) = (&state.kind, state.parent)
            && history.default.is_none()
        {
            let (path, parent) = (shown(&machine.path(id)), shown(&machine.path(parent)));
            let message = format!("the history state `{path}` has no default");
            let diagnostic = Diagnostic::new(Code::HistoryWithoutDefault, severity, state.name.span, message);
            let default = facts.words.default_target();
            let help = format!("give it {default}; without it `{parent}` is entered as if it had no history");
            diagnostics.push(diagnostic.help(help));
        }
    }
}
