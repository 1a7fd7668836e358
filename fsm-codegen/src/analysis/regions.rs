//! FSM0113: transitions that start in one region and leave all regions of their parallel state, to enter them again.
//!
//! A lint over [`super::facts`]. It is what UML and SCXML ask for where a transition crosses from region to region, and
//! seldom what was meant: the other regions start anew, and the handlers of the parallel state itself do not run.

use super::facts::{Facts, Fate};
use super::shape;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity, shown};

pub(super) fn report(facts: &Facts<'_>, severity: Severity, diagnostics: &mut Diagnostics) {
    let machine = facts.machine;
    for (id, transition) in machine.transitions.enumerated().filter(|(_, transition)| !transition.targets.is_empty()) {
        let Some(domain) = shape::domain(machine, transition.source, &transition.targets, transition.reenter) else {
            continue;
        };
        let crosses = shape::is_parallel(machine, domain) && domain != transition.source;
        if crosses && facts.fate(id) == Fate::Taken {
            let parallel = shown(&machine.path(domain));
            let message =
                format!("this transition leaves and enters all regions of `{parallel}`, but not `{parallel}` itself");
            let diagnostic = Diagnostic::new(Code::RegionCrossing, severity, transition.span, message);
            diagnostics.push(diagnostic.help(
                "let the other region react to an event that this one raises, or move the transition to the parallel state",
            ));
        }
    }
}
