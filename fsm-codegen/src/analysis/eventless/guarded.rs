//! Loops of eventless transitions with guards that ask for fields of the context which nothing on the way changes: whoever
//! takes one of them once takes it for ever.
//!
//! Part of [`super`]. A field of a plain type changes by an `assign`, or by a method to which it is lent; a guard that asks
//! methods, or values that could change by themselves, is not looked at. All guards of one loop are the same, and those that
//! are tried before them ask for unchanged fields too, so what was false stays false.

use fsm_model::gather::Gather as _;
use std::collections::{BTreeSet, HashMap};

use super::rounds::{self, Cycle, Step, Steps};
use super::{goes_on, is_alone, tried};
use crate::analysis::facts::Facts;
use crate::analysis::guard;
use crate::analysis::handlers::Group;
use crate::ir::{Action, ArgKind, Borrow, IndexVec, Machine, Root, StateId, TransitionId};
use crate::names;

/// The cycles that never end once they are entered; none that [`super::certain`] finds.
pub(super) fn certain(facts: &Facts<'_>) -> Vec<Cycle> {
    let tried = tried(facts);
    // For each transition what its guard asks; nothing where that is more than unchanged fields.
    let mut asks: HashMap<TransitionId, Vec<usize>> = HashMap::new();
    let groups: BTreeSet<usize> = tried.iter().flatten().copied().gather();
    for group in groups.into_iter().map(|index| &facts.groups[index]) {
        for id in group.open() {
            let guard = facts.machine.transitions[id].guard.as_ref();
            let Some(fields) = guard::context_asked(facts.machine, group.state, group.trigger, guard) else { break };
            asks.insert(id, fields);
        }
    }
    let mut found = rounds::cycles(facts, &first_steps(facts, &tried, &asks));
    found.retain(|cycle| is_guarded(facts.machine, cycle) && stays(facts.machine, cycle, &asks));
    let behind =
        tried.enumerated().filter_map(|(leaf, index)| later_loop(facts, leaf, &facts.groups[(*index)?], &asks));
    found.extend(behind);
    found.retain(|cycle| is_alone(facts, cycle));
    found.sort();
    // An inherited transition goes round in every leaf.
    let mut seen: BTreeSet<TransitionId> = BTreeSet::new();
    found.retain(|cycle| seen.insert(cycle[0].1));
    found
}

/// For each leaf the first transition that is asked, if its guard can be followed.
fn first_steps(
    facts: &Facts<'_>,
    tried: &IndexVec<StateId, Option<usize>>,
    asks: &HashMap<TransitionId, Vec<usize>>,
) -> Steps {
    let step = |leaf: StateId| {
        let group = &facts.groups[tried[leaf].filter(|_| goes_on(facts.machine, leaf))?];
        let by = group.open().next().filter(|first| asks.contains_key(first))?;
        Some(Step { by, to: rounds::lands(facts, leaf, by)? })
    };
    facts.machine.states.ids().map(step).gather()
}

/// A transition of a leaf behind others that goes round in it.
fn later_loop(
    facts: &Facts<'_>,
    leaf: StateId,
    group: &Group,
    asks: &HashMap<TransitionId, Vec<usize>>,
) -> Option<Cycle> {
    let machine = facts.machine;
    if group.state != leaf || !facts.reachable[leaf] || !goes_on(machine, leaf) {
        return None;
    }
    let mut fields = Vec::new();
    for (place, id) in group.open().enumerate() {
        fields.extend(asks.get(&id)?);
        let goes_round = place > 0 && rounds::lands(facts, leaf, id) == Some(leaf);
        if goes_round && !changes(machine, leaf, id, leaf, &fields) {
            return Some(vec![(leaf, id)]);
        }
    }
    None
}

/// Whether a cycle has guards, and one only.
fn is_guarded(machine: &Machine, cycle: &Cycle) -> bool {
    let mut guards = cycle.iter().filter_map(|(_, by)| machine.transitions[*by].guard.as_ref());
    guards.next().is_some_and(|first| guards.all(|guard| guard == first))
}

/// Whether nothing in a cycle changes what its guards ask.
fn stays(machine: &Machine, cycle: &Cycle, asks: &HashMap<TransitionId, Vec<usize>>) -> bool {
    let fields: Vec<usize> = cycle.iter().flat_map(|(_, by)| &asks[by]).copied().gather();
    let next = cycle.iter().cycle().skip(1);
    !fields.is_empty()
        && !cycle.iter().zip(next).any(|((from, by), (to, _))| changes(machine, *from, *by, *to, &fields))
}

/// Whether a step changes one of these fields of the context.
fn changes(machine: &Machine, from: StateId, by: TransitionId, to: StateId, fields: &[usize]) -> bool {
    let lent = |name: &str| fields.iter().any(|field| same(&machine.context[*field].name.value, name));
    let entry = rounds::enters(machine, from, by, to).then(|| &*machine.states[to].entry);
    let blocks = rounds::trip(machine, from, by, to).chain(entry);
    blocks.flat_map(rounds::all_of).any(|action| match action {
        Action::Assign(all) => all.iter().any(|assignment| fields.contains(&assignment.field)),
        Action::Call(_, call) => call.args.iter().any(|arg| match &arg.kind {
            ArgKind::Path { borrow: Borrow::Mutable, root: Root::Context, fields } => {
                fields.first().is_none_or(|field| lent(&field.value))
            }
            _ => false,
        }),
        _ => false,
    })
}

fn same(one: &str, other: &str) -> bool {
    one == other || names::snake(one) == names::snake(other)
}
