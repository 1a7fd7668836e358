//! FSM0111: eventless transitions that surely lead to each other without end.
//!
//! A lint over [`super::facts`], an error unless a spec says otherwise. Only what is certain counts: from each leaf the
//! first eventless transition that is tried must have nothing to ask, and where regions run beside the cycle nothing
//! outside of its region may be eventless. Whether transitions with guards go on for ever only a run can tell.

use super::facts::Facts;
use super::guard::Verdict;
use super::ways::Ways;
use super::{MOST_LABELS, shape};
use crate::diag::{Code, Diagnostic, Diagnostics, Severity, shown};
use crate::ir::{IndexVec, Machine, StateId, StateKind, TransitionId, Trigger};

pub(super) fn report(facts: &Facts<'_>, severity: Severity, diagnostics: &mut Diagnostics) {
    let cycles = certain(facts);
    let ways = (!cycles.is_empty()).then(|| Ways::of(facts));
    for cycle in cycles {
        let way = ways.as_ref().and_then(|ways| ways.to_one_of(cycle.iter().map(|(leaf, _)| *leaf)));
        diagnostics.push(complaint(facts.machine, &cycle, way, severity));
    }
}

/// The cycles that surely never end: their leaves, each with the transition that leads on.
pub(super) fn certain(facts: &Facts<'_>) -> Vec<Vec<(StateId, TransitionId)>> {
    let mut cycles = cycles(facts, &Next::of(facts));
    cycles.retain(|cycle| is_alone(facts, cycle));
    cycles
}

/// From one leaf surely to the next.
#[derive(Debug, Clone, Copy)]
struct Step {
    by: TransitionId,
    to: StateId,
}

/// For each leaf the step that is surely taken before anything else happens.
struct Next(IndexVec<StateId, Option<Step>>);

impl Next {
    fn of(facts: &Facts<'_>) -> Self {
        // For each state the eventless transition that is surely taken while it is active and nothing inside takes one;
        // a guard that may hold hides what lies further out.
        let machine = facts.machine;
        let mut tried: IndexVec<StateId, Option<Option<TransitionId>>> = machine.states.ids().map(|_| None).collect();
        for group in facts.groups.iter().filter(|group| group.trigger == Trigger::Always && !group.open.is_empty()) {
            let first = group.open[0];
            let is_sure = group.closer == Some(group.transitions[first]);
            tried[group.state] = Some(is_sure.then_some(group.transitions[first]));
            debug_assert_eq!(group.verdicts[first], Verdict::Open, "the first open one");
        }
        for (id, state) in machine.states.enumerated() {
            if tried[id].is_none() {
                tried[id] = state.parent.and_then(|parent| tried[parent]);
            }
        }
        let step = |leaf| {
            // A final state may end the machine.
            let goes_on = shape::is_resting_place(machine, leaf) && machine.states[leaf].kind != StateKind::Final;
            let by = tried[leaf].flatten().filter(|_| goes_on)?;
            Some(Step { by, to: lands(facts, leaf, by)? })
        };
        Self(machine.states.ids().map(step).collect())
    }
}

/// The leaf in which the machine surely is after a transition; `None` where that depends on history, or where regions
/// begin or end.
fn lands(facts: &Facts<'_>, from: StateId, by: TransitionId) -> Option<StateId> {
    let machine = facts.machine;
    let transition = &machine.transitions[by];
    let to = match transition.targets.as_slice() {
        [] => from,
        [target] => facts.landing[*target],
        _ => return None,
    };
    (shape::is_resting_place(machine, to) && facts.regions[from] == facts.regions[to]).then_some(to)
}

/// All cycles, each beginning with its first leaf in document order.
fn cycles(facts: &Facts<'_>, next: &Next) -> Vec<Vec<(StateId, TransitionId)>> {
    let mut cycles = Vec::new();
    // The number of the walk that came by.
    let mut seen: IndexVec<StateId, Option<StateId>> = facts.machine.states.ids().map(|_| None).collect();
    for start in facts.reachable_leaves() {
        let (mut at, mut path) = (start, Vec::new());
        while let (None, Some(step)) = (seen[at], next.0[at]) {
            seen[at] = Some(start);
            path.push((at, step.by));
            at = step.to;
        }
        if seen[at] == Some(start)
            && let Some(entrance) = path.iter().position(|(leaf, _)| *leaf == at)
        {
            path.drain(..entrance);
            let first = path.iter().enumerate().min_by_key(|(_, (leaf, _))| *leaf).map_or(0, |(index, _)| index);
            path.rotate_left(first);
            cycles.push(path);
        }
    }
    cycles.sort_by_key(|cycle| cycle[0].0);
    cycles
}

/// Whether nothing beside the region of a cycle can end it: everything else waits for eventless transitions.
fn is_alone(facts: &Facts<'_>, cycle: &[(StateId, TransitionId)]) -> bool {
    let machine = facts.machine;
    let Some(region) = facts.regions[cycle[0].0] else { return true };
    let inside = |state: StateId| state == region || machine.is_descendant(state, region);
    let eventless = machine.transitions.iter().filter(|transition| transition.trigger == Trigger::Always);
    // What leads out of the region ends the cycle too; none of the cycle's own does.
    eventless.map(|transition| transition.source).all(inside)
        && cycle.iter().all(|(_, by)| machine.transitions[*by].targets.iter().all(|target| inside(*target)))
}

fn complaint(
    machine: &Machine,
    cycle: &[(StateId, TransitionId)],
    way: Option<String>,
    severity: Severity,
) -> Diagnostic {
    let path = |state: StateId| format!("`{}`", shown(&machine.path(state)));
    let shown_states: Vec<_> = cycle.iter().take(MOST_LABELS).map(|(leaf, _)| path(*leaf)).collect();
    let more = cycle.len().saturating_sub(MOST_LABELS);
    let message = match cycle {
        [(only, _)] => {
            format!("the machine never comes to rest in {}: this transition is always taken again", path(*only))
        }
        [(first, _), ..] if more > 0 => {
            format!(
                "the machine goes round from {} over {more} more states to {} without end",
                shown_states.join(", "),
                path(*first)
            )
        }
        _ => format!("the machine goes round from {} to {} without end", shown_states.join(" to "), path(cycle[0].0)),
    };
    let span = machine.transitions[cycle[0].1].span;
    let mut diagnostic = Diagnostic::new(Code::EventlessCycle, severity, span, message);
    for (_, by) in cycle.iter().skip(1).filter(|(_, by)| *by != cycle[0].1).take(MOST_LABELS) {
        diagnostic = diagnostic.label(machine.transitions[*by].span, "always taken next");
    }
    let way = way.map_or_else(String::new, |way| format!("; {way}"));
    diagnostic.help(format!("give one of them a guard or an event{way}"))
}
