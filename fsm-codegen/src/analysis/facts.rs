//! What is true of a machine, computed once; every lint reads it and decides nothing by itself.
//!
//! Above [`super::flow`], below the lints. All facts are exact for machines without regions, history and internal events
//! whose guards are independent of each other between states; elsewhere fewer faults are seen and never wrong ones.

use fsm_model::gather::Gather as _;
use std::cell::OnceCell;

use super::MOST_LABELS;
use super::flow::{Flow, Nodes};
use super::guard::Verdict;
use super::handlers::{self, Group};
use super::shape;
use crate::ir::{IndexVec, Machine, StateId, StateKind, TransitionId, Trigger};
use crate::source::Notation;

/// What becomes of a transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It can be taken.
    Taken,
    /// Its source is never active.
    SourceUnreachable,
    /// Its own guard or those before it keep it from being taken.
    Shadowed(Verdict),
    /// Its event never comes as far as its source, or its source is never complete.
    NeverOffered,
}

/// The facts.
pub(super) struct Facts<'m> {
    /// The machine itself.
    pub(super) machine: &'m Machine,
    /// The notation in which to speak of it.
    pub(super) words: Notation,
    /// Its transitions, in groups of one state and one trigger.
    pub(super) groups: Vec<Group>,
    /// For each state where entering it leads first: a leaf, a parallel state or a history state.
    pub(super) landing: IndexVec<StateId, StateId>,
    /// For each state the innermost region in which it lies, itself if it is one.
    pub(super) regions: IndexVec<StateId, Option<StateId>>,
    /// How it moves.
    pub(super) flow: Flow,
    /// Whether each state can be active.
    pub(super) reachable: IndexVec<StateId, bool>,
    /// Whether each state is reachable although the machine can never end from within it; nowhere where it has no final
    /// state in reach at all.
    pub(super) trapped: IndexVec<StateId, bool>,
    places: IndexVec<TransitionId, Vec<(usize, usize)>>,
    passed: IndexVec<StateId, bool>,
    /// For each group what [`Facts::closers`] gives, once it was asked.
    closers: Vec<OnceCell<Vec<TransitionId>>>,
    reached: Nodes,
}

impl<'m> Facts<'m> {
    /// Computes them.
    pub(super) fn of(machine: &'m Machine) -> Self {
        let groups = handlers::groups(machine);
        let landing = landing(machine);
        let flow = Flow::of(machine, &groups);
        let reached = flow.reached();
        let reachable = any_below(machine, |state| reached.contains(flow.entry(state)));

        let ends: Vec<_> = flow.end_nodes().filter(|end| reached.contains(*end)).gather();
        let before_end = flow.before(ends.iter().copied());
        let ends_from = |state| reached.contains(flow.entry(state)) && before_end.contains(flow.entry(state));
        let can_end = any_below(machine, |state| shape::is_resting_place(machine, state) && ends_from(state));
        let mut trapped: IndexVec<StateId, bool> = IndexVec::default();
        for (id, state) in machine.states.enumerated() {
            // A history state leads back into its parent.
            let around = state.parent.filter(|_| shape::is_history(machine, id));
            let cannot_end = around.map_or(!can_end[id], |parent| trapped[parent]);
            trapped.push(!ends.is_empty() && reachable[id] && cannot_end);
        }

        let places = handlers::places(machine, &groups);
        let passed = passed(machine, &groups);
        let closers = groups.iter().map(|_| OnceCell::new()).gather();
        let regions = shape::regions(machine);
        let words = Notation::default();
        Self { machine, words, groups, landing, regions, flow, reachable, trapped, places, passed, closers, reached }
    }

    /// What becomes of a transition: of one with a pattern, whether any of the events can set it off.
    pub(super) fn fate(&self, transition: TransitionId) -> Fate {
        let fate = |(group, place): &(usize, usize)| {
            if !self.reachable[self.groups[*group].state] {
                Fate::SourceUnreachable
            } else if !self.is_offered(*group) {
                Fate::NeverOffered
            } else if self.groups[*group].verdicts[*place] == Verdict::Open {
                Fate::Taken
            } else {
                Fate::Shadowed(self.groups[*group].verdicts[*place])
            }
        };
        let mut fates = self.places[transition].iter().map(fate);
        // What has no place is a pattern without events: a fault of another kind.
        let Some(first) = fates.next() else { return Fate::Taken };
        if first == Fate::Taken || fates.any(|fate| fate == Fate::Taken) { Fate::Taken } else { first }
    }

    /// The group of a transition that is not taken, by its index; with a pattern, that of the first event.
    pub(super) fn group_of(&self, transition: TransitionId) -> usize {
        self.places[transition].first().map_or(0, |place| place.0)
    }

    /// The place of a transition in that group.
    pub(super) fn place_of(&self, transition: TransitionId) -> usize {
        self.places[transition].first().map_or(0, |place| place.1)
    }

    /// Whether a transition is open in a group that `holds`.
    pub(super) fn is_open_in(&self, transition: TransitionId, holds: impl Fn(usize) -> bool) -> bool {
        let open = |(group, place): &(usize, usize)| self.groups[*group].verdicts[*place] == Verdict::Open;
        self.places[transition].iter().any(|at| open(at) && holds(at.0))
    }

    /// Where the event of a group never comes as far as its state: the inner transitions that are taken first, in document
    /// order, the first few of them.
    pub(super) fn closers(&self, group: usize) -> &[TransitionId] {
        self.closers[group].get_or_init(|| self.find_closers(group))
    }

    fn find_closers(&self, group: usize) -> Vec<TransitionId> {
        let mut found = Vec::new();
        let mut waiting: Vec<usize> = self.groups[group].inner.iter().rev().copied().gather();
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
        let leaves = self.machine.states.ids().filter(|state| shape::is_resting_place(self.machine, *state));
        leaves.filter(|leaf| self.reachable[*leaf])
    }

    /// Whether the state of a group can be active without the machine being at its end.
    pub(super) fn is_ever_asked(&self, group: usize) -> bool {
        let state = self.groups[group].state;
        let mut leaves = self.machine.subtree(state).filter(|at| shape::is_resting_place(self.machine, *at));
        leaves.any(|leaf| self.reachable[leaf] && !self.machine.is_top_final(leaf))
    }

    /// Whether the machine never waits in a leaf: an eventless transition surely leads on.
    pub(super) fn is_passed(&self, leaf: StateId) -> bool {
        self.passed[leaf]
    }
}

/// For each state whether an eventless transition of itself or of a state around it is always enabled.
fn passed(machine: &Machine, groups: &[Group]) -> IndexVec<StateId, bool> {
    let mut passed: IndexVec<StateId, bool> = machine.states.ids().map(|_| false).gather();
    for group in groups.iter().filter(|group| group.trigger == Trigger::Always && group.closer.is_some()) {
        passed[group.state] = true;
    }
    for (id, state) in machine.states.enumerated() {
        passed[id] |= state.parent.is_some_and(|parent| passed[parent]);
    }
    passed
}

/// For each state where entering it leads first.
fn landing(machine: &Machine) -> IndexVec<StateId, StateId> {
    let mut landing: IndexVec<StateId, StateId> = machine.states.ids().gather();
    // Descendants have greater ids, so the landing of an initial state is known before that of its parent.
    for (id, state) in machine.states.enumerated().rev() {
        if let StateKind::Compound(initial) = &state.kind
            && let [first, ..] = initial.targets.as_slice()
        {
            landing[id] = landing[*first];
        }
    }
    landing
}

/// For each state whether `holds` is true of a leaf or a history state in it, or of itself if it is one.
fn any_below(machine: &Machine, holds: impl Fn(StateId) -> bool) -> IndexVec<StateId, bool> {
    let mut found: IndexVec<StateId, bool> = machine.states.ids().map(|_| false).gather();
    // Backwards every state comes after all its descendants.
    for (id, state) in machine.states.enumerated().rev() {
        found[id] |= state.is_leaf() && holds(id);
        if let Some(parent) = state.parent {
            // A stand-in is not active.
            found[parent] |= found[id] && !shape::is_history(machine, id);
        }
    }
    found
}
