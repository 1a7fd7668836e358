//! What is true of a machine, computed once; every lint reads it and decides nothing by itself.
//!
//! Above [`super::flow`], below the lints. All facts are exact for machines whose guards are independent of each other
//! between states; where they are not, fewer faults are seen and never wrong ones.

use std::cell::OnceCell;

use super::MOST_LABELS;
use super::flow::{Flow, Nodes};
use super::guard::Verdict;
use super::handlers::{self, Group};
use crate::ir::{IndexVec, Machine, StateId, StateKind, TransitionId};

/// What becomes of a transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It can be taken.
    Taken,
    /// Its source is never active.
    SourceUnreachable,
    /// Its own guard or those before it keep it from being taken.
    Shadowed(Verdict),
    /// Its event never comes as far as its source.
    NeverOffered,
}

/// The facts.
pub(super) struct Facts<'m> {
    /// The machine itself.
    pub(super) machine: &'m Machine,
    /// Its transitions, in groups of one state and one event.
    pub(super) groups: Vec<Group>,
    /// For each state the leaf in which the machine rests after entering it.
    pub(super) landing: IndexVec<StateId, StateId>,
    /// How it moves.
    pub(super) flow: Flow,
    /// Whether each state can be active.
    pub(super) reachable: IndexVec<StateId, bool>,
    /// Whether each state is reachable although the machine can never end from within it; nowhere where it has no final
    /// state in reach at all.
    pub(super) trapped: IndexVec<StateId, bool>,
    places: IndexVec<TransitionId, (usize, usize)>,
    /// For each group what [`Facts::closers`] gives, once it was asked.
    closers: Vec<OnceCell<Vec<TransitionId>>>,
    reached: Nodes,
}

impl<'m> Facts<'m> {
    /// Computes them.
    pub(super) fn of(machine: &'m Machine) -> Self {
        let groups = handlers::groups(machine);
        let landing = landing(machine);
        let flow = Flow::of(machine, &landing, &groups);
        let reached = flow.after(flow.leaf(landing[StateId::ROOT]));
        let leaf_in = |leaf, nodes: &Nodes| flow.leaf(leaf).is_some_and(|node| nodes.contains(node));
        let reachable = any_below(machine, |leaf| leaf_in(leaf, &reached));

        let finals = machine.leaves().filter(|leaf| machine.is_top_final(*leaf) && reachable[*leaf]);
        let finals: Vec<_> = finals.filter_map(|leaf| flow.leaf(leaf)).collect();
        let before_end = flow.before(finals.iter().copied());
        let can_end = any_below(machine, |leaf| leaf_in(leaf, &reached) && leaf_in(leaf, &before_end));
        let trapped = |state| !finals.is_empty() && reachable[state] && !can_end[state];
        let trapped = machine.states.ids().map(trapped).collect();

        let places = handlers::places(machine, &groups);
        let closers = groups.iter().map(|_| OnceCell::new()).collect();
        Self { machine, groups, landing, flow, reachable, trapped, places, closers, reached }
    }

    /// What becomes of a transition.
    pub(super) fn fate(&self, transition: TransitionId) -> Fate {
        let (group, place) = self.places[transition];
        if !self.reachable[self.groups[group].state] {
            Fate::SourceUnreachable
        } else if !self.is_offered(group) {
            Fate::NeverOffered
        } else if self.groups[group].verdicts[place] == Verdict::Open {
            Fate::Taken
        } else {
            Fate::Shadowed(self.groups[group].verdicts[place])
        }
    }

    /// The group of a transition, by its index.
    pub(super) fn group_of(&self, transition: TransitionId) -> usize {
        self.places[transition].0
    }

    /// The place of a transition in its group.
    pub(super) fn place_of(&self, transition: TransitionId) -> usize {
        self.places[transition].1
    }

    /// Where the event of a group never comes as far as its state: the inner transitions that are taken first, in document
    /// order, the first few of them.
    pub(super) fn closers(&self, group: usize) -> &[TransitionId] {
        self.closers[group].get_or_init(|| self.find_closers(group))
    }

    fn find_closers(&self, group: usize) -> Vec<TransitionId> {
        let mut found = Vec::new();
        let mut waiting: Vec<usize> = self.groups[group].inner.iter().rev().copied().collect();
        while let Some(inner) = waiting.pop().filter(|_| found.len() < MOST_LABELS) {
            match self.groups[inner].closer {
                Some(closer) if self.is_offered(inner) => found.push(closer),
                _ if self.reachable[self.groups[inner].state] => waiting.extend(self.groups[inner].inner.iter().rev()),
                _ => {}
            }
        }
        found
    }

    /// Whether the event of a group can come as far as its state.
    pub(super) fn is_offered(&self, group: usize) -> bool {
        self.reached.contains(self.flow.offered(group))
    }

    /// The reachable leaves, in document order.
    pub(super) fn reachable_leaves(&self) -> impl Iterator<Item = StateId> + '_ {
        self.machine.leaves().filter(|leaf| self.reachable[*leaf])
    }
}

/// For each state the leaf in which the machine rests after entering it.
fn landing(machine: &Machine) -> IndexVec<StateId, StateId> {
    let mut landing: IndexVec<StateId, StateId> = machine.states.ids().collect();
    // Descendants have greater ids, so the landing of an initial state is known before that of its parent.
    for (id, state) in machine.states.enumerated().rev() {
        if let StateKind::Compound(initial) = &state.kind {
            landing[id] = landing[initial.target()];
        }
    }
    landing
}

/// For each state whether `holds` is true of a leaf in it.
fn any_below(machine: &Machine, holds: impl Fn(StateId) -> bool) -> IndexVec<StateId, bool> {
    let mut found: IndexVec<StateId, bool> = machine.states.ids().map(|_| false).collect();
    // Backwards every state comes after all its descendants.
    for (id, state) in machine.states.enumerated().rev() {
        found[id] |= state.is_leaf() && holds(id);
        if let Some(parent) = state.parent {
            found[parent] |= found[id];
        }
    }
    found
}
