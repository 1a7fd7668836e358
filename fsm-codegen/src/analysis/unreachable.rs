//! FSM0101: states that no sequence of events reaches.
//!
//! A lint over [`super::facts`]. Of a subtree that is unreachable as a whole only the outermost state is reported; its
//! transitions are not reported at all. The message says which transitions lead there and why none of them works.

use super::facts::{Facts, Fate};
use super::{MOST_LABELS, dead, shape};
use crate::diag::{Code, Diagnostic, Diagnostics, Severity, shown};
use crate::ir::{History, Id, IndexVec, Machine, StateId, StateKind, TransitionId};
use fsm_model::gather::Gather as _;

pub(super) fn report(facts: &Facts<'_>, severity: Severity, diagnostics: &mut Diagnostics) {
    let machine = facts.machine;
    let outermost = outermost(facts);
    let mut ways: IndexVec<StateId, Vec<TransitionId>> = machine.states.ids().map(|_| Vec::new()).gather();
    for (id, transition) in machine.transitions.enumerated() {
        for state in transition.targets.iter().filter_map(|target| outermost[facts.landing[*target]]) {
            let inside = transition.source == state || machine.is_descendant(transition.source, state);
            if !inside && ways[state].last() != Some(&id) {
                ways[state].push(id);
            }
        }
    }
    let defaults = defaults_in_vain(facts, &outermost);
    for state in machine.states.ids().filter(|state| outermost[*state] == Some(*state)) {
        diagnostics.push(complaint(facts, state, &ways[state], &defaults[state], severity));
    }
}

/// For each unreachable state the outermost unreachable state in which it lies.
fn outermost(facts: &Facts<'_>) -> IndexVec<StateId, Option<StateId>> {
    let mut outermost: IndexVec<StateId, Option<StateId>> = IndexVec::default();
    for (id, state) in facts.machine.states.enumerated() {
        let around = state.parent.and_then(|parent| outermost[parent]);
        outermost.push(around.or((!facts.reachable[id]).then_some(id)));
    }
    outermost
}

fn complaint(
    facts: &Facts<'_>,
    state: StateId,
    ways: &[TransitionId],
    defaults: &[StateId],
    severity: Severity,
) -> Diagnostic {
    let machine = facts.machine;
    let why = match ways {
        [] => "no transition leads to it",
        [_] => "the only transition that leads to it is never taken",
        _ => "none of the transitions that lead to it is ever taken",
    };
    let subject = subject(machine, state);
    let is_history = shape::is_history(machine, state);
    let mut diagnostic =
        Diagnostic::new(Code::UnreachableState, severity, machine.states[state].name.span, format!("{subject}: {why}"));
    for way in ways.iter().take(MOST_LABELS) {
        diagnostic = diagnostic.label(machine.transitions[*way].span, why_not(facts, *way));
    }
    for owner in defaults.iter().take(MOST_LABELS) {
        let path = shown(&machine.path(*owner));
        let (what, span) = match &machine.states[*owner].kind {
            StateKind::Compound(initial) => (format!("`{path}` itself is a target"), initial.span),
            StateKind::History(History { default: Some(default), .. }) => {
                (format!("the history state `{path}` is a target"), default.span)
            }
            _ => continue,
        };
        diagnostic = diagnostic.label(span, format!("leads here only where {what}, which never happens"));
    }
    diagnostic.help(if ways.is_empty() && is_history {
        "let a transition lead to it instead of its parent, or remove it"
    } else if ways.is_empty() {
        "name it as the target of a transition, or remove it"
    } else {
        "mend one of the transitions that lead to it, or remove it"
    })
}

fn subject(machine: &Machine, state: StateId) -> String {
    let path = shown(&machine.path(state));
    if shape::is_history(machine, state) {
        return format!("the history state `{path}` is unused");
    }
    match machine.states[state].end.index() - state.index() - 1 {
        0 => format!("the state `{path}` is unreachable"),
        1 => format!("the state `{path}` and the state in it are unreachable"),
        inner => format!("the state `{path}` and the {inner} states in it are unreachable"),
    }
}

/// Why a transition to an unreachable state is never taken.
fn why_not(facts: &Facts<'_>, way: TransitionId) -> String {
    match facts.fate(way) {
        Fate::SourceUnreachable => {
            let source = facts.machine.transitions[way].source;
            format!("starts in `{}`, which is unreachable itself", shown(&facts.machine.path(source)))
        }
        Fate::Shadowed(_) | Fate::NeverOffered | Fate::Taken => format!("never taken: {}", dead::reason(facts, way)),
    }
}

/// For each unreachable state the states whose default, an initial transition or that of a history state, leads there in
/// vain: they are active, or could be, but are never entered by default.
fn defaults_in_vain(
    facts: &Facts<'_>,
    outermost: &IndexVec<StateId, Option<StateId>>,
) -> IndexVec<StateId, Vec<StateId>> {
    let machine = facts.machine;
    let mut defaults: IndexVec<StateId, Vec<StateId>> = machine.states.ids().map(|_| Vec::new()).gather();
    for (id, state) in machine.states.enumerated() {
        let targets = match &state.kind {
            StateKind::Compound(initial) => &initial.targets,
            StateKind::History(History { default: Some(default), .. }) => &default.targets,
            _ => continue,
        };
        for state in targets.iter().filter_map(|target| outermost[*target]) {
            let inside = state == id || machine.is_descendant(id, state);
            if !inside && defaults[state].last() != Some(&id) {
                defaults[state].push(id);
            }
        }
    }
    defaults
}
