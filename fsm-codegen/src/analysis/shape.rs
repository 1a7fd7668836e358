//! Questions about regions and history that several analyses ask.
//!
//! Below [`super::flow`] and the lints; pure functions of the machine.

use crate::ir::{IndexVec, Machine, StateId, StateKind};

/// Whether a machine can rest in this state: it has no children and is no stand-in.
pub(super) fn is_resting_place(machine: &Machine, state: StateId) -> bool {
    machine.states[state].is_leaf() && !is_history(machine, state)
}

pub(super) fn is_history(machine: &Machine, state: StateId) -> bool {
    matches!(machine.states[state].kind, StateKind::History(_))
}

pub(super) fn is_parallel(machine: &Machine, state: StateId) -> bool {
    machine.states[state].kind == StateKind::Parallel
}

/// For each state the innermost region in which it lies, itself if it is one.
pub(super) fn regions(machine: &Machine) -> IndexVec<StateId, Option<StateId>> {
    let mut regions: IndexVec<StateId, Option<StateId>> = IndexVec::default();
    for (id, state) in machine.states.enumerated() {
        let region = match state.parent {
            Some(parent) if is_parallel(machine, parent) && !is_history(machine, id) => Some(id),
            Some(parent) => regions[parent],
            None => None,
        };
        regions.push(region);
    }
    regions
}

/// For each state the outermost parallel state in which it lies, itself if it is one.
pub(super) fn outermost_parallels(machine: &Machine) -> IndexVec<StateId, Option<StateId>> {
    let mut outermost: IndexVec<StateId, Option<StateId>> = IndexVec::default();
    for (id, state) in machine.states.enumerated() {
        let around = state.parent.and_then(|parent| outermost[parent]);
        outermost.push(around.or_else(|| is_parallel(machine, id).then_some(id)));
    }
    outermost
}

/// The innermost state that stays active while a transition from `source` is taken whose targets are these; `None` when
/// even the root is left. A history state counts as something below its parent.
pub(super) fn domain(machine: &Machine, source: StateId, targets: &[StateId], reenter: bool) -> Option<StateId> {
    let below = |ancestor: StateId, target: StateId| machine.is_descendant(target, ancestor);
    let inside = targets.iter().all(|target| *target == source || below(source, *target));
    if inside && !reenter {
        return Some(source);
    }
    let common = machine.chain(source).skip(1).find(|ancestor| targets.iter().all(|target| below(*ancestor, *target)));
    common.or((!reenter).then_some(StateId::ROOT))
}
