//! Steps from leaf to leaf, the cycles that they make, and what is done on the way.
//!
//! Part of [`super`]: what all three kinds of endless loops are made of.

use crate::analysis::facts::Facts;
use crate::analysis::shape;
use crate::ir::{Action, IndexVec, Machine, StateId, StateKind, TransitionId};
use fsm_model::gather::Gather as _;

/// The leaves of a loop, each with the transition that leads on; the first one in document order stands first.
pub(super) type Cycle = Vec<(StateId, TransitionId)>;

/// For each leaf the step that is taken there, if one surely is.
pub(super) type Steps = IndexVec<StateId, Option<Step>>;

/// From one leaf to the next.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) by: TransitionId,
    pub(super) to: StateId,
}

/// The leaf in which the machine surely is after a transition; `None` where that depends on history, or where regions
/// begin or end.
pub(super) fn lands(facts: &Facts<'_>, from: StateId, by: TransitionId) -> Option<StateId> {
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
pub(super) fn cycles(facts: &Facts<'_>, next: &Steps) -> Vec<Cycle> {
    let mut cycles = Vec::new();
    // The number of the walk that came by.
    let mut seen: IndexVec<StateId, Option<StateId>> = facts.machine.states.ids().map(|_| None).gather();
    for start in facts.reachable_leaves() {
        let (mut at, mut path) = (start, Vec::new());
        while let (None, Some(step)) = (seen[at], next[at]) {
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

/// Whether a transition enters the leaf `to` in which it lands while the leaf `from` is active: an atomic state that is its
/// own target is not left.
pub(super) fn enters(machine: &Machine, from: StateId, by: TransitionId, to: StateId) -> bool {
    let transition = &machine.transitions[by];
    !transition.targets.is_empty() && (from != to || machine.domain(transition) != Some(to))
}

/// All that can be done on the way from one leaf to another, but what the entry of the last one does.
pub(super) fn trip(
    machine: &Machine,
    from: StateId,
    by: TransitionId,
    to: StateId,
) -> impl Iterator<Item = &[Action]> + '_ {
    let transition = &machine.transitions[by];
    let moves = !transition.targets.is_empty();
    let domain = machine.domain(transition);
    let below = move |leaf| machine.chain(leaf).take_while(move |state| moves && Some(*state) != domain);
    let left = below(from).map(|state| &*machine.states[state].exit);
    let entered = below(to).skip(1).map(|state| &*machine.states[state].entry);
    let initial = below(to).chain(domain.filter(|_| moves)).filter_map(|state| match &machine.states[state].kind {
        StateKind::Compound(initial) => Some(&*initial.actions),
        _ => None,
    });
    left.chain(std::iter::once(&*transition.actions)).chain(entered).chain(initial)
}

/// Whether states with data are entered on the way: what gives it to them can fail.
pub(super) fn gives_data(machine: &Machine, by: TransitionId, to: StateId) -> bool {
    let domain = machine.domain(&machine.transitions[by]);
    machine.chain(to).take_while(|state| Some(*state) != domain).any(|state| !machine.states[state].data.is_empty())
}

/// All actions of a block, those of choices included.
pub(super) fn all_of(block: &[Action]) -> impl Iterator<Item = &Action> {
    let mut waiting: Vec<&Action> = block.iter().rev().gather();
    std::iter::from_fn(move || {
        let action = waiting.pop()?;
        if let Action::If { then, otherwise, .. } = action {
            waiting.extend(then.iter().chain(otherwise).rev());
        }
        Some(action)
    })
}
