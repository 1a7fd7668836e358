//! FSM0112: history states that do not say where to go while nothing is remembered; FSM0117: those of a machine that is
//! never left, which remember nothing.
//!
//! Two lints over the machine alone. The first is silent unless a spec asks for it: entering the parent by default is well
//! defined, and SCXML asks for a default all the same.

use super::facts::Facts;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity, shown};
use crate::ir::{StateId, StateKind};

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

/// What is remembered of a state is what was active when it was left; the machine itself is left by what enters it anew.
pub(super) fn report_empty(facts: &Facts<'_>, severity: Severity, diagnostics: &mut Diagnostics) {
    let machine = facts.machine;
    if machine.transitions.iter().any(|transition| machine.domain(transition).is_none()) {
        return;
    }
    for id in machine.states[StateId::ROOT].histories.iter().filter(|id| facts.reachable[**id]) {
        let state = &machine.states[*id];
        let message = format!("the history state `{}` never remembers anything", shown(&state.name.value));
        let diagnostic = Diagnostic::new(Code::EmptyHistory, severity, state.name.span, message);
        diagnostics.push(diagnostic.help(
            "what it remembers is kept when the machine itself is left: put it into a state around those that it is for",
        ));
    }
}
