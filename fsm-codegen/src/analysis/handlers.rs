//! The transitions of one state on one trigger, as a group: what selection asks as a whole.
//!
//! Above [`super::guard`], below [`super::flow`]. A pattern counts as each of its events, and what a state defers as a
//! group that lets nothing pass. Invariants: groups stand in document order of their states; `inner` holds the nearest
//! groups of the same trigger below, so that all `inner` lists together are no longer than `groups`; no group is made
//! for more than [`MOST_EXPANDED`] pairs of a state and an event that are not written as such.

use fsm_model::gather::Gather as _;
use std::collections::HashMap;

use super::guard::{self, Verdict};
use crate::ir::{Id, IndexVec, Machine, StateId, TransitionId, Trigger};

/// So many pairs of a state and an event may patterns and `defer` stand for. Beyond it patterns are taken as triggers
/// of their own and deferral is left out: fewer faults are seen then, and still no wrong ones.
const MOST_EXPANDED: usize = 50_000;

/// The transitions of one state on one trigger.
#[derive(Debug)]
pub(super) struct Group {
    /// Whose they are.
    pub(super) state: StateId,
    /// What sets them off; a pattern only in a machine that is [`is_rough`].
    pub(super) trigger: Trigger,
    /// In the order in which they are tried.
    pub(super) transitions: Vec<TransitionId>,
    /// What their guards say about each.
    pub(super) verdicts: Vec<Verdict>,
    /// The places in `transitions` of those that can be taken when the event is offered, as far as their guards tell.
    pub(super) open: Vec<usize>,
    /// The transition with which one of them is surely taken; `None`: the event can pass on to the parent.
    pub(super) closer: Option<TransitionId>,
    /// Whether the event waits where none of them takes it.
    pub(super) defers: bool,
    /// The nearest ancestor's group on the same trigger.
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

    /// Whether what comes as far as this group never comes further.
    pub(super) fn closes(&self) -> bool {
        self.closer.is_some() || self.defers
    }

    /// Whether every region of a parallel state must let the trigger pass before the state itself is asked; eventless
    /// transitions are sought from each leaf for itself.
    pub(super) fn needs_all_regions(&self) -> bool {
        self.trigger != Trigger::Always
    }
}

/// Whether there is too much behind the patterns and deferrals of a machine to look at each event.
pub(super) fn is_rough(machine: &Machine) -> bool {
    let patterns = machine.transitions.iter().map(|transition| match transition.trigger {
        Trigger::Pattern(pattern) => machine.patterns[pattern].events.len(),
        _ => 0,
    });
    let deferred = machine.states.iter().map(|state| state.defer.len());
    patterns.chain(deferred).sum::<usize>() > MOST_EXPANDED
}

/// All groups of a machine.
pub(super) fn groups(machine: &Machine) -> Vec<Group> {
    let rough = is_rough(machine);
    let mut groups: Vec<Group> = machine.states.ids().flat_map(|state| groups_of(machine, state, rough)).gather();
    nest(machine, &mut groups);
    groups
}

fn groups_of(machine: &Machine, state: StateId, rough: bool) -> Vec<Group> {
    // An entry without a transition is a deferral.
    let mut entries: Vec<(Trigger, Option<TransitionId>)> = Vec::new();
    for id in &machine.states[state].transitions {
        match machine.transitions[*id].trigger {
            Trigger::Pattern(pattern) if !rough => {
                let events = machine.patterns[pattern].events.iter();
                entries.extend(events.map(|event| (Trigger::Event(*event), Some(*id))));
            }
            trigger => entries.push((trigger, Some(*id))),
        }
    }
    if !rough {
        entries.extend(machine.states[state].defer.iter().map(|event| (Trigger::Event(*event), None)));
    }
    // The sort is stable: within one trigger the order of the document stays.
    entries.sort_by_key(|(trigger, _)| rank(*trigger));
    let runs = entries.chunk_by(|a, b| a.0 == b.0);
    runs.map(|run| {
        let ids: Vec<TransitionId> = run.iter().filter_map(|(_, id)| *id).gather();
        let defers = ids.len() < run.len();
        Group { defers, ..group(machine, state, run[0].0, ids) }
    })
    .gather()
}

/// A total order over triggers.
fn rank(trigger: Trigger) -> (u8, usize) {
    match trigger {
        Trigger::Event(id) => (0, id.index()),
        Trigger::Pattern(id) => (1, id.index()),
        Trigger::Error => (2, 0),
        Trigger::Always => (3, 0),
        Trigger::Done => (4, 0),
        Trigger::Timer(id) => (5, id.index()),
        Trigger::InvokeDone(id) => (6, id.index()),
        Trigger::InvokeError(id) => (7, id.index()),
    }
}

fn group(machine: &Machine, state: StateId, trigger: Trigger, transitions: Vec<TransitionId>) -> Group {
    let guards = transitions.iter().map(|transition| machine.transitions[*transition].guard.as_ref());
    let judged = guard::judge(machine, state, trigger, guards);
    let closer = judged.closer.map(|index| transitions[index]);
    let places = 0..transitions.len();
    let open = places.filter(|place| judged.verdicts[*place] == Verdict::Open).gather();
    let verdicts = judged.verdicts;
    Group { state, trigger, transitions, verdicts, open, closer, defers: false, outer: None, inner: Vec::new() }
}

/// Finds for each group the nearest one outside it on the same trigger. What belongs to one state alone has none.
fn nest(machine: &Machine, groups: &mut [Group]) {
    // For each trigger the groups around the present state, outermost first.
    let mut around: HashMap<Trigger, Vec<usize>> = HashMap::new();
    for index in 0..groups.len() {
        let Group { state, trigger, .. } = groups[index];
        if trigger == Trigger::Done {
            continue;
        }
        let around = around.entry(trigger).or_default();
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

/// For each transition its groups, and its place in each; several for a pattern.
pub(super) fn places(machine: &Machine, groups: &[Group]) -> IndexVec<TransitionId, Vec<(usize, usize)>> {
    let mut places: IndexVec<TransitionId, Vec<(usize, usize)>> =
        machine.transitions.ids().map(|_| Vec::new()).gather();
    for (index, group) in groups.iter().enumerate() {
        for (place, transition) in group.transitions.iter().enumerate() {
            places[*transition].push((index, place));
        }
    }
    places
}
