//! Which transitions an event can set off at all, and where it finds its answer for certain.

use fsm_model::gather::Gather as _;
use std::collections::HashMap;

use super::Search;
use fsm_model::ir::{EventId, Guard, Id as _, IndexVec, Machine, StateId, StateKind, TransitionId, Trigger};

/// The transitions of one state for one event that can be taken at all, in the order in which they are tried.
pub(crate) struct Group {
    pub(crate) event: EventId,
    /// Up to the first without a guard.
    pub(crate) transitions: Vec<TransitionId>,
    /// Whether the last of them has no guard.
    pub(crate) certain: bool,
}

/// The groups of one state, in the order of their first transition.
pub(crate) fn groups(machine: &Machine, state: StateId) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut known = HashMap::new();
    for id in &machine.states[state].transitions {
        for event in machine.trigger_events(machine.transitions[*id].trigger) {
            let at = *known.entry(event).or_insert_with(|| {
                groups.push(Group { event, transitions: Vec::new(), certain: false });
                groups.len() - 1
            });
            let group = &mut groups[at];
            match machine.transitions[*id].guard {
                _ if group.certain => {}
                Some(Guard::Bool(false)) => {}
                None | Some(Guard::Bool(true)) => {
                    group.transitions.push(*id);
                    group.certain = true;
                }
                Some(_) => group.transitions.push(*id),
            }
        }
    }
    groups
}

/// The states in which every event finds its answer, at the state itself or below it: nothing outside of them is asked,
/// and code behind theirs would be unreachable.
pub(super) struct Settled(pub(super) IndexVec<StateId, bool>);

impl Settled {
    pub(super) fn new(machine: &Machine) -> Self {
        Self::of(machine, false, |id| {
            let groups = groups(machine, id);
            let mut answered = vec![false; machine.events.len()];
            for event in &machine.states[id].defer {
                answered[event.index()] = true;
            }
            for Group { event, certain, .. } in groups {
                answered[event.index()] |= certain || !is_asked_further(machine, id, event);
            }
            !answered.is_empty() && answered.into_iter().all(|answered| answered)
        })
    }

    /// In regions what is rejected is asked further, and a parallel state is asked itself as long as none of its regions
    /// has answered.
    pub(super) fn in_regions(machine: &Machine) -> Self {
        Self::of(machine, true, |id| {
            let certain: Vec<EventId> =
                groups(machine, id).iter().filter(|group| group.certain).map(|group| group.event).gather();
            let answered = |event: EventId| certain.contains(&event) || defers(machine, id, event);
            !machine.events.is_empty() && machine.events.ids().all(answered)
        })
    }

    /// For errors and for what no event sets off.
    pub(super) fn without_event(machine: &Machine, regions: bool, search: Search) -> Self {
        Self::of(machine, regions, |id| {
            machine.states[id].transitions.iter().map(|it| &machine.transitions[*it]).any(|transition| {
                search.finds(transition.trigger) && matches!(transition.guard, None | Some(Guard::Bool(true)))
            })
        })
    }

    fn of(machine: &Machine, regions: bool, own: impl Fn(StateId) -> bool) -> Self {
        let mut settled = Self(machine.states.iter().map(|_| false).gather());
        for id in machine.states.ids().rev() {
            let apart = regions && machine.states[id].kind == StateKind::Parallel;
            settled.0[id] = own(id) || (!apart && settled.below(machine, id));
        }
        settled
    }

    /// Whether all children are settled.
    pub(super) fn below(&self, machine: &Machine, id: StateId) -> bool {
        let state = &machine.states[id];
        !state.is_leaf() && state.children.iter().all(|child| self.0[*child])
    }
}

/// Whether a state around `id` has transitions for the event too, or defers it.
pub(super) fn is_asked_further(machine: &Machine, id: StateId, event: EventId) -> bool {
    machine.chain(id).skip(1).any(|outer| handles(machine, outer, event) || defers(machine, outer, event))
}

fn handles(machine: &Machine, state: StateId, event: EventId) -> bool {
    machine.states[state].transitions.iter().any(|id| match machine.transitions[*id].trigger {
        Trigger::Event(own) => own == event,
        Trigger::Pattern(pattern) => machine.patterns[pattern].events.binary_search(&event).is_ok(),
        _ => false,
    })
}

pub(super) fn defers(machine: &Machine, state: StateId, event: EventId) -> bool {
    machine.states[state].defer.contains(&event)
}
