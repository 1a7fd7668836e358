//! FSM0111: transitions that surely lead to each other without end, and without an event from outside.
//!
//! A lint over [`super::facts`], an error unless a spec says otherwise. Only what is certain counts: from each leaf the
//! first eventless transition that is tried must have nothing to ask, and where regions run beside the cycle nothing
//! outside of its region may be eventless. Two more kinds are certain: [`guarded`] and [`raised`]. Whether other guards go
//! on for ever only a run can tell.

mod guarded;
mod raised;
mod rounds;

use super::facts::Facts;
use super::ways::Ways;
use super::{MOST_LABELS, shape};
use crate::diag::{Code, Diagnostic, Diagnostics, Severity, shown};
use crate::ir::{IndexVec, Machine, StateId, StateKind, TransitionId, Trigger};
use fsm_model::gather::Gather as _;
use rounds::{Cycle, Step, Steps};

pub(super) fn report(facts: &Facts<'_>, severity: Severity, diagnostics: &mut Diagnostics) {
    let of_kind = |kind, cycles: Vec<Cycle>| cycles.into_iter().map(move |cycle| (kind, cycle));
    let cycles = of_kind(Kind::Sure, certain(facts))
        .chain(of_kind(Kind::Guarded, guarded::certain(facts)))
        .chain(of_kind(Kind::Raised, raised::certain(facts)));
    let mut cycles: Vec<_> = cycles.gather();
    cycles.sort_by_key(|(_, cycle)| cycle[0]);
    let ways = (!cycles.is_empty()).then(|| Ways::of(facts));
    for (kind, cycle) in cycles {
        let way = ways.as_ref().and_then(|ways| ways.to_one_of(cycle.iter().map(|(leaf, _)| *leaf)));
        diagnostics.push(complaint(facts.machine, kind, &cycle, way, severity));
    }
}

/// What drives a loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Eventless transitions that have nothing to ask.
    Sure,
    /// Eventless transitions whose guards ask for what nothing on the way changes.
    Guarded,
    /// Events that are raised at entry.
    Raised,
}

/// All leaves in which the machine surely never rests.
#[cfg(test)]
pub(super) fn endless(facts: &Facts<'_>) -> Vec<StateId> {
    certain(facts).into_iter().chain(raised::certain(facts)).flatten().map(|(leaf, _)| leaf).gather()
}

/// The cycles of eventless transitions that surely never end.
fn certain(facts: &Facts<'_>) -> Vec<Cycle> {
    let mut cycles = rounds::cycles(facts, &sure_steps(facts));
    cycles.retain(|cycle| is_alone(facts, cycle));
    cycles
}

/// For each leaf the step that is surely taken before anything else happens.
fn sure_steps(facts: &Facts<'_>) -> Steps {
    let tried = tried(facts);
    let step = |leaf: StateId| {
        let group = &facts.groups[tried[leaf].filter(|_| goes_on(facts.machine, leaf))?];
        let by = group.open().next().filter(|first| group.closer == Some(*first))?;
        Some(Step { by, to: rounds::lands(facts, leaf, by)? })
    };
    facts.machine.states.ids().map(step).gather()
}

/// For each state the group of eventless transitions that is asked first while it is active and nothing inside has one: a
/// guard that may hold hides what lies further out.
fn tried(facts: &Facts<'_>) -> IndexVec<StateId, Option<usize>> {
    let mut tried: IndexVec<StateId, Option<usize>> = facts.machine.states.ids().map(|_| None).gather();
    for (index, group) in facts.groups.iter().enumerate() {
        if group.trigger == Trigger::Always && !group.open.is_empty() {
            tried[group.state] = Some(index);
        }
    }
    for (id, state) in facts.machine.states.enumerated() {
        tried[id] = tried[id].or_else(|| state.parent.and_then(|parent| tried[parent]));
    }
    tried
}

/// Whether a machine goes on from this leaf: a final state may end it.
fn goes_on(machine: &Machine, leaf: StateId) -> bool {
    shape::is_resting_place(machine, leaf) && machine.states[leaf].kind != StateKind::Final
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
    kind: Kind,
    cycle: &[(StateId, TransitionId)],
    way: Option<String>,
    severity: Severity,
) -> Diagnostic {
    let path = |state: StateId| format!("`{}`", shown(&machine.path(state)));
    let shown_states: Vec<_> = cycle.iter().take(MOST_LABELS).map(|(leaf, _)| path(*leaf)).gather();
    let more = cycle.len().saturating_sub(MOST_LABELS);
    let round = match cycle {
        [(only, _)] => format!("never comes to rest in {}", path(*only)),
        [(first, _), ..] if more > 0 => {
            let first = path(*first);
            format!("goes round from {} over {more} more states to {first} without end", shown_states.join(", "))
        }
        _ => format!("goes round from {} to {} without end", shown_states.join(" to "), path(cycle[0].0)),
    };
    let message = match kind {
        Kind::Sure if cycle.len() == 1 => format!("the machine {round}: this transition is always taken again"),
        Kind::Sure => format!("the machine {round}"),
        Kind::Guarded => {
            format!("the machine {round}, once this transition is taken: nothing on the way changes what it asks")
        }
        Kind::Raised => format!("the machine {round}: its entry raises the event that leads on"),
    };
    let span = machine.transitions[cycle[0].1].span;
    let mut diagnostic = Diagnostic::new(Code::EventlessCycle, severity, span, message);
    for (_, by) in cycle.iter().skip(1).filter(|(_, by)| *by != cycle[0].1).take(MOST_LABELS) {
        diagnostic = diagnostic.label(machine.transitions[*by].span, "always taken next");
    }
    let advice = match kind {
        Kind::Sure => "give one of them a guard or an event",
        Kind::Guarded => "assign to what the guard asks, or give it an event",
        Kind::Raised => "give one of them a guard, or raise the event elsewhere",
    };
    let way = way.map_or_else(String::new, |way| format!("; {way}"));
    diagnostic.help(format!("{advice}{way}"))
}
