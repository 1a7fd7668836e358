//! FSM0116: transitions of one state on one event whose guards can hold together, so that their order decides.
//!
//! A lint over [`super::facts`], silent unless a spec asks for it: that the first one counts is a rule of the language, and
//! an unguarded last one is the ordinary "otherwise". What only may overlap, because named guards play a part, stays a
//! warning even where the lint is denied.

use std::collections::HashSet;

use super::facts::Facts;
use super::guard;
use super::handlers::Group;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity, shown};

pub(super) fn report(facts: &Facts<'_>, severity: Severity, diagnostics: &mut Diagnostics) {
    // What stands for several events is reported once.
    let mut seen = HashSet::new();
    for (index, group) in facts.groups.iter().enumerate() {
        if group.open.len() < 2 || !facts.reachable[group.state] || !facts.is_offered(index) {
            continue;
        }
        let transitions = &facts.machine.transitions;
        let guards = group.transitions.iter().map(|id| transitions[*id].guard.as_ref());
        for found in guard::overlaps(facts.machine, group.state, group.trigger, guards, &group.verdicts) {
            let pair = [found.earlier, found.later].map(|place| &transitions[group.transitions[place]]);
            // An exact name comes before a pattern because it is meant to.
            if pair[0].trigger == pair[1].trigger
                && seen.insert(pair.map(|transition| (transition.source, transition.span)))
            {
                diagnostics.push(complaint(facts, group, &found, severity));
            }
        }
    }
}

fn complaint(facts: &Facts<'_>, group: &Group, found: &guard::Overlap, severity: Severity) -> Diagnostic {
    let machine = facts.machine;
    let [earlier, later] = [found.earlier, found.later].map(|place| &machine.transitions[group.transitions[place]]);
    let trigger = super::dead::trigger(machine, later.trigger);
    let source = shown(&machine.path(group.state));
    let (verb, link, severity) =
        if found.certain { ("can", "where", severity) } else { ("may", "if", Severity::Warning) };
    let when = if found.example.is_empty() { String::new() } else { format!(", {link} {}", found.example) };
    let message =
        format!("this transition of `{source}` {trigger} and an earlier one {verb} be enabled together{when}");
    Diagnostic::new(Code::OverlappingGuards, severity, later.span, message)
        .label(earlier.span, "holds then as well, and comes first")
        .help("let the guards exclude each other, or leave the guard of the last one away")
}
