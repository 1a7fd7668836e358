//! Which states were entered for certain, by the transitions that were taken.
//!
//! A record names the targets of a transition and where the machine came to rest. What is entered by default on the
//! way from a target to a leaf, and left again in the same step, follows from the spec. What a history state restores
//! does not, and is left out.

use super::Counts;
use crate::ir::{IndexVec, Machine, StateId, StateKind};

/// For each state how often it was entered at least.
pub(super) fn certain(machine: &Machine, counts: &Counts) -> IndexVec<StateId, u64> {
    let nothing = || machine.states.ids().map(|_| 0).collect();
    let mut entries = Entries { machine, entered: nothing(), defaults: nothing() };
    let started = counts.transitions.iter().chain(&counts.states).any(|count| *count > 0);
    entries.defaults[StateId::ROOT] = u64::from(started);
    for (id, transition) in machine.transitions.enumerated() {
        if counts.transitions[id] > 0 {
            entries.enter(&transition.targets, machine.domain(transition), counts.transitions[id]);
        }
    }
    // What is entered by default lies below, and comes later in document order: one way through suffices, whatever the
    // number of transitions.
    for state in machine.states.ids() {
        let count = entries.defaults[state];
        if count > 0 {
            entries.add(state, count);
            entries.below(state, count);
        }
    }
    entries.entered
}

struct Entries<'m> {
    machine: &'m Machine,
    /// The states that were entered on the way to others.
    entered: IndexVec<StateId, u64>,
    /// Those that were entered with what they enter by default.
    defaults: IndexVec<StateId, u64>,
}

impl Entries<'_> {
    /// Enters targets: what is between them and the domain, and by default what is in them and beside them.
    fn enter(&mut self, targets: &[StateId], domain: Option<StateId>, count: u64) {
        let machine = self.machine;
        let holds = |state: StateId, target: &StateId| *target == state || machine.is_descendant(*target, state);
        for (at, target) in targets.iter().enumerate() {
            if Some(*target) == domain && !machine.states[*target].is_leaf() {
                // It is not left, and its children are entered anew.
                self.below(*target, count);
                continue;
            }
            let is_new = |state: StateId| !targets[..at].iter().any(|other| holds(state, other));
            for state in machine.chain(*target).take_while(|state| Some(*state) != domain && is_new(*state)) {
                if matches!(machine.states[state].kind, StateKind::History(_)) {
                    continue;
                }
                if state == *target {
                    self.defaults[state] = self.defaults[state].saturating_add(count);
                    continue;
                }
                self.add(state, count);
                if machine.states[state].kind == StateKind::Parallel {
                    let regions = machine.states[state].children.iter();
                    for region in regions.filter(|region| !targets.iter().any(|target| holds(**region, target))) {
                        self.defaults[*region] = self.defaults[*region].saturating_add(count);
                    }
                }
            }
        }
    }

    /// Enters by default what is in a state.
    fn below(&mut self, state: StateId, count: u64) {
        match &self.machine.states[state].kind {
            StateKind::Compound(initial) => self.enter(&initial.targets, Some(state), count),
            StateKind::Parallel => {
                for region in &self.machine.states[state].children {
                    self.defaults[*region] = self.defaults[*region].saturating_add(count);
                }
            }
            StateKind::Atomic | StateKind::Final | StateKind::History(_) => {}
        }
    }

    fn add(&mut self, state: StateId, count: u64) {
        self.entered[state] = self.entered[state].saturating_add(count);
    }
}
