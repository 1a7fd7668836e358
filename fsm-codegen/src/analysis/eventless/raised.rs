//! Loops of states that raise an event when they are entered, which surely leads to the next one.
//!
//! Part of [`super`]. What is certain rests on this: while the machine is in a leaf of the loop, the event that its entry
//! raised waits last in the queue of internal events. Whatever waits before it, of all the events that the machine ever
//! raises, either changes nothing or leads to another leaf of the loop, whose event then waits last; so the queue is never
//! empty, and no event from outside is taken. Only machines without regions, deferral and methods that fill the queue are
//! looked at.

use fsm_model::gather::Gather as _;
use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens as _;

use super::goes_on;
use super::rounds::{self, Cycle, Step, Steps};
use crate::analysis::facts::Facts;
use crate::analysis::handlers;
use crate::analysis::pure;
use crate::analysis::uses::Uses;
use crate::ir::{
    Action, ArgKind, EventId, Expr, IndexVec, LogPart, Machine, Root, StateId, StateKind, TransitionId, Trigger, Wait,
};

/// So many groups of transitions are looked at; beyond, fewer loops are seen.
const MOST_GROUPS: usize = 100_000;

/// The cycles that surely never end.
pub(crate) fn certain(facts: &Facts<'_>) -> Vec<Cycle> {
    let machine = facts.machine;
    let raising = raising(machine);
    let can_be_followed = !raising.is_empty()
        && !handlers::is_rough(machine)
        && machine.states.iter().all(|state| state.defer.is_empty() && state.kind != StateKind::Parallel)
        && !blocks(machine).flat_map(rounds::all_of).any(fills_the_queue);
    if !can_be_followed {
        return Vec::new();
    }
    let mut of_states: IndexVec<StateId, Vec<usize>> = machine.states.ids().map(|_| Vec::new()).gather();
    for (index, group) in facts.groups.iter().enumerate() {
        of_states[group.state].push(index);
    }
    let mut search = Search { facts, of_states, raised: Uses::of(machine).raised, left: MOST_GROUPS };
    let steps: Steps =
        machine.states.ids().map(|leaf| raising.get(&leaf).and_then(|event| search.step(leaf, *event))).gather();
    let mut cycles = rounds::cycles(facts, &steps);
    cycles.retain(|cycle| search.never_leaves(cycle));
    cycles
}

/// The leaves whose entry surely raises one event and no other, each with that event.
fn raising(machine: &Machine) -> BTreeMap<StateId, EventId> {
    let raises = |leaf: StateId| {
        let entry = &machine.states[leaf].entry;
        let place = entry.iter().position(|action| matches!(action, Action::Raise(_)))?;
        let Action::Raise(event) = &entry[place] else { return None };
        let others = entry[..place].iter().chain(&entry[place + 1..]);
        let is_only = is_quiet(others) && !entry[..=place].iter().any(|action| can_fail(machine, action));
        is_only.then_some((leaf, event.kind))
    };
    machine.states.ids().filter(|leaf| goes_on(machine, *leaf)).filter_map(raises).gather()
}

/// All blocks of actions of a machine.
fn blocks(machine: &Machine) -> impl Iterator<Item = &[Action]> {
    let of_states = machine.states.iter().flat_map(|state| {
        let initial = match &state.kind {
            StateKind::Compound(initial) => Some(&*initial.actions),
            StateKind::History(history) => history.default.as_ref().map(|initial| &*initial.actions),
            _ => None,
        };
        [&*state.entry, &*state.exit].into_iter().chain(initial)
    });
    of_states.chain(machine.transitions.iter().map(|transition| &*transition.actions))
}

/// Whether a method gets the queue: what it raises nobody knows.
fn fills_the_queue(action: &Action) -> bool {
    let Action::Call(_, call) = action else { return false };
    call.args.iter().any(|arg| matches!(&arg.kind, ArgKind::Path { root: Root::Queue, .. }))
}

/// Whether no event comes of these actions.
fn is_quiet<'a>(actions: impl Iterator<Item = &'a Action>) -> bool {
    let mut all = actions.flat_map(|action| rounds::all_of(std::slice::from_ref(action)));
    !all.any(|action| matches!(action, Action::Raise(_) | Action::Send { .. }))
}

/// Whether an action can end its block.
fn can_fail(machine: &Machine, action: &Action) -> bool {
    let overflows = |expr: &Expr| pure::can_overflow(&expr.syntax.to_token_stream());
    match action {
        Action::Call(..) => machine.error.is_some(),
        Action::Assign(all) => all.iter().any(|assignment| overflows(&assignment.value)),
        Action::Raise(event) => event.fields.iter().any(|field| overflows(&field.value)),
        Action::Emit(message) => message.fields.iter().any(|field| overflows(&field.value)),
        Action::Log(parts) => parts.iter().any(|part| matches!(part, LogPart::Value(value, _) if overflows(value))),
        Action::Cancel(_) => false,
        Action::Send { .. } | Action::Reply(..) | Action::If { .. } => true,
    }
}

struct Search<'f, 'm> {
    facts: &'f Facts<'m>,
    /// For each state its groups.
    of_states: IndexVec<StateId, Vec<usize>>,
    /// Which events are ever raised or sent.
    raised: IndexVec<EventId, bool>,
    /// How many groups may still be looked at.
    left: usize,
}

impl Search<'_, '_> {
    /// The groups that can be asked in a leaf, innermost first; nothing where there are too many.
    fn groups_around(&mut self, leaf: StateId) -> Option<Vec<usize>> {
        let around = self.facts.machine.chain(leaf).flat_map(|state| &self.of_states[state]).copied();
        let around: Vec<usize> = around.take(self.left + 1).gather();
        self.left = self.left.checked_sub(around.len())?;
        Some(around)
    }

    /// The step that is surely taken when the event comes to the leaf.
    fn step(&mut self, leaf: StateId, event: EventId) -> Option<Step> {
        let facts = self.facts;
        let around = self.groups_around(leaf)?;
        let mut on_event = around.into_iter().map(|index| &facts.groups[index]);
        let group = on_event.find(|group| group.trigger == Trigger::Event(event) && !group.open.is_empty())?;
        let by = group.open().next().filter(|first| group.closer == Some(*first))?;
        let to = rounds::lands(facts, leaf, by)?;
        self.leads_on(leaf, by, to).then_some(Step { by, to })
    }

    /// Whether a transition enters a leaf and raises nothing on the way.
    fn leads_on(&self, from: StateId, by: TransitionId, to: StateId) -> bool {
        let machine = self.facts.machine;
        rounds::enters(machine, from, by, to)
            && !rounds::gives_data(machine, by, to)
            && rounds::trip(machine, from, by, to).all(|block| is_quiet(block.iter()))
    }

    /// Whether nothing that the machine raises leads out of a cycle, and nothing else happens in it.
    fn never_leaves(&mut self, cycle: &Cycle) -> bool {
        let inside: BTreeSet<StateId> = cycle.iter().map(|(leaf, _)| *leaf).gather();
        inside.iter().all(|leaf| self.stays(*leaf, &inside))
    }

    /// Whether a leaf is only left for others of its cycle.
    fn stays(&mut self, leaf: StateId, inside: &BTreeSet<StateId>) -> bool {
        let (facts, machine) = (self.facts, self.facts.machine);
        let Some(around) = self.groups_around(leaf) else { return false };
        let mut closed: BTreeSet<EventId> = BTreeSet::new();
        for group in around.into_iter().map(|index| &facts.groups[index]) {
            let event = match group.trigger {
                Trigger::Event(event) if self.raised[event] => event,
                // Failures, completions and eventless transitions come before events from outside.
                Trigger::Error | Trigger::Done | Trigger::Always | Trigger::Pattern(_) if !group.open.is_empty() => {
                    return false;
                }
                Trigger::Timer(timer) if !is_later(machine, machine.timers[timer].wait) => return false,
                _ => continue,
            };
            if closed.contains(&event) {
                continue;
            }
            let goes_on = |by: TransitionId| match rounds::lands(facts, leaf, by) {
                _ if machine.transitions[by].targets.is_empty() => is_quiet(machine.transitions[by].actions.iter()),
                Some(to) => inside.contains(&to) && self.leads_on(leaf, by, to),
                None => false,
            };
            if !group.open().all(goes_on) {
                return false;
            }
            if group.closer.is_some() {
                closed.insert(event);
            }
        }
        true
    }
}

/// Whether a delay is surely longer than nothing.
fn is_later(machine: &Machine, wait: Wait) -> bool {
    match wait {
        Wait::Fixed(length) => !length.is_zero(),
        Wait::Named(delay) => machine.delays[delay].duration.is_some_and(|length| !length.is_zero()),
    }
}
