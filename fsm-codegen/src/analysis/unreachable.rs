//! FSM0101: states that no sequence of events reaches.
//!
//! A lint over [`super::facts`]. Of a subtree that is unreachable as a whole only the outermost state is reported; its
//! transitions are not reported at all. The message says which transitions lead there and why none of them works.

use super::facts::{Facts, Fate};
use super::{MOST_LABELS, dead, shape};
use crate::diag::{Code, Diagnostic, Diagnostics, Severity, shown};
use crate::ir::{Id, IndexVec, Machine, StateId, StateKind, TransitionId};

pub(super) fn report(facts: &Facts<'_>, severity: Severity, diagnostics: &mut Diagnostics) {
    let machine = facts.machine;
    let outermost = outermost(facts);
    let mut ways: IndexVec<StateId, Vec<TransitionId>> = machine.states.ids().map(|_| Vec::new()).collect();
    for (id, transition) in machine.transitions.enumerated() {
        for state in transition.targets.iter().filter_map(|target| outermost[facts.landing[*target]]) {
            let inside = transition.source == state || machine.is_descendant(transition.source, state);
            if !inside && ways[state].last() != Some(&id) {
                ways[state].push(id);
            }
        }
    }
    for state in machine.states.ids().filter(|state| outermost[*state] == Some(*state)) {
        diagnostics.push(complaint(facts, state, &ways[state], severity));
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

fn complaint(facts: &Facts<'_>, state: StateId, ways: &[TransitionId], severity: Severity) -> Diagnostic {
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
    if let Some((parent, span)) = initial_in_vain(facts, state) {
        diagnostic =
            diagnostic.label(span, format!("leads here only where `{parent}` itself is a target, which never happens"));
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

/// The initial transition that leads to `state` in vain, with the path of its parent: the parent is active at times, but
/// always by way of another child.
fn initial_in_vain(facts: &Facts<'_>, state: StateId) -> Option<(String, crate::source::Span)> {
    let machine = facts.machine;
    let parent = machine.states[state].parent.filter(|parent| facts.reachable[*parent])?;
    let StateKind::Compound(initial) = &machine.states[parent].kind else { return None };
    let leads_here = |target: &StateId| *target == state || machine.is_descendant(*target, state);
    initial.targets.iter().any(leads_here).then(|| (shown(&machine.path(parent)), initial.span))
}
