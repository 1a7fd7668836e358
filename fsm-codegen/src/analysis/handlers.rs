//! The transitions of one state on one event, as a group: what selection asks as a whole.
//!
//! Above [`super::guard`], below [`super::flow`]. Invariants: groups stand in document order of their states; `inner`
//! holds the nearest groups of the same event below, so that all `inner` lists together are no longer than `groups`.

use super::guard::{self, Verdict};
use crate::ir::{EventId, IndexVec, Machine, StateId, TransitionId};

/// The transitions of one state on one event.
#[derive(Debug)]
pub(super) struct Group {
    /// Whose they are.
    pub(super) state: StateId,
    /// What sets them off.
    pub(super) event: EventId,
    /// In the order in which they are tried.
    pub(super) transitions: Vec<TransitionId>,
    /// What their guards say about each.
    pub(super) verdicts: Vec<Verdict>,
    /// The places in `transitions` of those that can be taken when the event is offered, as far as their guards tell.
    pub(super) open: Vec<usize>,
    /// The transition with which one of them is surely taken; `None`: the event can pass on to the parent.
    pub(super) closer: Option<TransitionId>,
    /// The nearest ancestor's group on the same event.
    pub(super) outer: Option<usize>,
    /// The groups of which this is the `outer` one.
    pub(super) inner: Vec<usize>,
}

impl Group {
    /// The transitions at the places `open`.
    pub(super) fn open(&self) -> impl Iterator<Item = TransitionId> + '_ {
        self.open.iter().map(|place| self.transitions[*place])
    }

    /// Of the open transitions before `place` the last ones, at most `most`.
    pub(super) fn open_before(&self, place: usize, most: usize) -> impl Iterator<Item = TransitionId> + '_ {
        let end = self.open.partition_point(|open| *open < place);
        self.open[end.saturating_sub(most)..end].iter().map(|place| self.transitions[*place])
    }
}

/// All groups of a machine.
pub(super) fn groups(machine: &Machine) -> Vec<Group> {
    let mut groups: Vec<Group> = machine.states.ids().flat_map(|state| groups_of(machine, state)).collect();
    nest(machine, &mut groups);
    groups
}

fn groups_of(machine: &Machine, state: StateId) -> Vec<Group> {
    let mut transitions: Vec<(EventId, TransitionId)> = Vec::new();
    for id in &machine.states[state].transitions {
        transitions.extend(machine.trigger_events(machine.transitions[*id].trigger).iter().map(|event| (*event, *id)));
    }
    // The sort is stable: within one event the order of the document stays.
    transitions.sort_by_key(|(event, _)| *event);
    let runs = transitions.chunk_by(|a, b| a.0 == b.0);
    runs.map(|run| {
        let ids: Vec<TransitionId> = run.iter().map(|(_, id)| *id).collect();
        group(machine, state, run[0].0, &ids)
    })
    .collect()
}

fn group(machine: &Machine, state: StateId, event: EventId, run: &[TransitionId]) -> Group {
    let guards = run.iter().map(|transition| machine.transitions[*transition].guard.as_ref());
    let judged = guard::judge(machine, state, guards);
    let closer = judged.closer.map(|index| run[index]);
    let places = 0..run.len();
    let open = places.filter(|place| judged.verdicts[*place] == Verdict::Open).collect();
    let transitions = run.to_vec();
    Group { state, event, transitions, verdicts: judged.verdicts, open, closer, outer: None, inner: Vec::new() }
}

/// Finds for each group the nearest one outside it on the same event.
fn nest(machine: &Machine, groups: &mut [Group]) {
    // For each event the groups around the present state, outermost first.
    let mut around: IndexVec<EventId, Vec<usize>> = machine.events.ids().map(|_| Vec::new()).collect();
    for index in 0..groups.len() {
        let Group { state, event, .. } = groups[index];
        let around = &mut around[event];
        while around.last().is_some_and(|outer| machine.states[groups[*outer].state].end <= state) {
            around.pop();
        }
        if let Some(outer) = around.last().copied() {
            groups[index].outer = Some(outer);
            groups[outer].inner.push(index);
        }
        around.push(index);
    }
}

/// For each transition its group and its place in it.
pub(super) fn places(machine: &Machine, groups: &[Group]) -> IndexVec<TransitionId, (usize, usize)> {
    let mut places: IndexVec<TransitionId, (usize, usize)> = machine.transitions.ids().map(|_| (0, 0)).collect();
    for (index, group) in groups.iter().enumerate() {
        for (place, transition) in group.transitions.iter().enumerate() {
            places[*transition] = (index, place);
        }
    }
    places
}
