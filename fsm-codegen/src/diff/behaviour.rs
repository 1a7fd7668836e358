//! What happens in a machine: transitions, timers, invokes.
//!
//! Part of [`super`]. A transition is known by its source and what sets it off; several of these are compared in their
//! order. Nothing of a transition is stored. Of timers and invokes a snapshot holds one place each, in the order in which
//! the spec has them.

use std::collections::BTreeMap;

use super::states::{Pairs, squeezed};
use fsm_rust::matching;

use super::{Change, Group, Sign};
use crate::ir::{IndexVec, Machine, StateId, Transition, TransitionId};
use crate::labels;

pub(super) fn compare(old: &Machine, new: &Machine, changes: &mut Vec<Change>) {
    let pairs = Pairs::new(old, new);
    for (was, is) in pairs.both() {
        transitions((old, &pairs.old_paths, was), (new, &pairs.paths, is), changes);
    }
    delays(old, new, changes);
    places(&timers(old, &pairs.old_paths), &timers(new, &pairs.paths), Group::Timers, changes);
    places(&invokes(old, &pairs.old_paths), &invokes(new, &pairs.paths), Group::Invokes, changes);
}

type Of<'m> = (&'m Machine, &'m IndexVec<StateId, String>, StateId);

/// Those of a state that both machines have.
fn transitions(old: Of<'_>, new: Of<'_>, changes: &mut Vec<Change>) {
    let (before, after) = (by_trigger(old), by_trigger(new));
    let names =
        |groups: &[(String, Vec<TransitionId>)]| groups.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    let (matched, gone) = matching::equal(&names(&before), &names(&after));
    let source = &new.1[new.2];
    for ((_, ids), was) in after.iter().zip(matched) {
        let was = was.map_or(&[][..], |at| &before[at].1);
        differences(source, &texts(old, was), &texts(new, ids), changes);
    }
    for at in gone {
        differences(source, &texts(old, &before[at].1), &[], changes);
    }
}

/// The transitions of a state by what sets them off, in the order in which the triggers come.
fn by_trigger((machine, _, state): Of<'_>) -> Vec<(String, Vec<TransitionId>)> {
    let mut at: BTreeMap<String, usize> = BTreeMap::new();
    let mut groups: Vec<(String, Vec<TransitionId>)> = Vec::new();
    for id in &machine.states[state].transitions {
        let trigger = labels::trigger(machine, machine.transitions[*id].trigger);
        let group = *at.entry(trigger.clone()).or_insert_with(|| {
            groups.push((trigger, Vec::new()));
            groups.len() - 1
        });
        groups[group].1.push(*id);
    }
    groups
}

/// A transition as text: all but where it leads to, and that.
#[derive(PartialEq, Eq)]
struct Text {
    label: String,
    target: String,
}

impl Text {
    fn key(&self) -> String {
        squeezed(&format!("{}->{}", self.label, self.target))
    }

    fn whole(&self) -> String {
        if self.target.is_empty() { self.label.clone() } else { format!("{} -> {}", self.label, self.target) }
    }
}

fn texts((machine, paths, _): Of<'_>, ids: &[TransitionId]) -> Vec<Text> {
    ids.iter().map(|id| text(machine, paths, &machine.transitions[*id])).collect()
}

fn text(machine: &Machine, paths: &IndexVec<StateId, String>, transition: &Transition) -> Text {
    let mut label = labels::transition(machine, transition);
    if label.trigger.is_empty() {
        "always".clone_into(&mut label.trigger);
    }
    let targets: Vec<&str> = transition.targets.iter().map(|target| paths[*target].as_str()).collect();
    let reenter = if transition.reenter { " (reenter)" } else { "" };
    Text { label: label.to_string(), target: format!("{}{reenter}", targets.join(", ")) }
}

/// Equal ones aside, the first of the old ones became the first of the new ones, and so on.
fn differences(source: &str, old: &[Text], new: &[Text], changes: &mut Vec<Change>) {
    let keys = |all: &[Text]| -> Vec<String> { all.iter().map(Text::key).collect() };
    let (before, after) = (keys(old), keys(new));
    if before == after {
        return;
    }
    let source = labels::one_line(source);
    let (matched, gone) = matching::equal(&before, &after);
    let gone: Vec<&Text> = gone.into_iter().map(|at| &old[at]).collect();
    let came: Vec<&Text> = new.iter().zip(matched).filter(|(_, was)| was.is_none()).map(|(text, _)| text).collect();
    if gone.is_empty() && came.is_empty() {
        let lines: Vec<String> = new.iter().map(Text::whole).collect();
        let line = format!("{source}: another order, now {}", lines.join("; "));
        return changes.push(Change::new(Group::Transitions, Sign::Changed, line));
    }
    for (was, is) in gone.iter().zip(&came) {
        let now = if squeezed(&was.label) != squeezed(&is.label) {
            is.whole()
        } else if is.target.is_empty() {
            "without a target".to_owned()
        } else {
            format!("-> {}", is.target)
        };
        let line = format!("{source}: {}, now {now}", was.whole());
        changes.push(Change::new(Group::Transitions, Sign::Changed, line));
    }
    let paired = gone.len().min(came.len());
    for (sign, rest) in [(Sign::Added, &came[paired..]), (Sign::Removed, &gone[paired..])] {
        let one = |text: &&Text| Change::new(Group::Transitions, sign, format!("{source}: {}", text.whole()));
        changes.extend(rest.iter().map(one));
    }
}

/// Named delays whose length is another one.
fn delays(old: &Machine, new: &Machine, changes: &mut Vec<Change>) {
    let before: BTreeMap<&str, _> =
        old.delays.iter().map(|delay| (delay.name.value.as_str(), delay.duration)).collect();
    let text = |duration: Option<_>| duration.map_or_else(|| "by a method".to_owned(), labels::duration);
    for delay in &new.delays {
        let Some(was) = before.get(delay.name.value.as_str()).filter(|was| **was != delay.duration) else { continue };
        let line = format!("delay {}: {} -> {}", labels::one_line(&delay.name.value), text(*was), text(delay.duration));
        changes.push(Change::new(Group::Timers, Sign::Changed, line).note("what runs keeps what it has left"));
    }
}

/// Something that has a place of its own in a snapshot.
struct Place {
    /// Of the same kind in the same state, these two are one.
    owner: String,
    /// What it is.
    name: String,
}

fn timers(machine: &Machine, paths: &IndexVec<StateId, String>) -> Vec<Place> {
    let place = |timer: &crate::ir::Timer| {
        let what = if timer.repeats { "every" } else { "after" };
        let owner = format!("{}: {what}", labels::one_line(&paths[timer.state]));
        Place { owner, name: labels::wait(machine, timer.wait) }
    };
    machine.timers.iter().map(place).collect()
}

fn invokes(machine: &Machine, paths: &IndexVec<StateId, String>) -> Vec<Place> {
    let place = |invoke: &crate::ir::Invoke| {
        let owner = format!("{}:", labels::one_line(&paths[invoke.state]));
        Place { owner, name: labels::invoke(machine, invoke) }
    };
    machine.invokes.iter().map(place).collect()
}

/// Timers or invokes: a snapshot knows them by their order.
fn places(old: &[Place], new: &[Place], group: Group, changes: &mut Vec<Change>) {
    let line = |place: &Place| format!("{} {}", place.owner, place.name);
    let keys = |all: &[Place]| all.iter().map(|place| squeezed(&line(place))).collect::<Vec<_>>();
    let (mut kept, gone) = matching::equal(&keys(old), &keys(new));
    let came: Vec<usize> = (0..new.len()).filter(|at| kept[*at].is_none()).collect();
    let owners = |all: &[Place], at: &[usize]| at.iter().map(|at| all[*at].owner.clone()).collect::<Vec<_>>();
    let (became, removed) = matching::equal(&owners(old, &gone), &owners(new, &came));
    let [lacks, holds, keeps] = match group {
        Group::Timers => [
            "an old one does not say what is left of it",
            "what is left of it has no place",
            "what runs keeps what it has left",
        ],
        _ => ["an old one does not say whether it runs", "whether it runs has no place", "it starts anew"],
    };
    for (at, was) in came.into_iter().zip(became) {
        let is = &new[at];
        if let Some(was) = was.map(|was| gone[was]) {
            kept[at] = Some(was);
            let text = format!("{}, now {}", line(&old[was]), is.name);
            changes.push(Change::new(group, Sign::Changed, text).note(keeps));
        } else {
            changes.push(Change::new(group, Sign::Added, line(is)).snapshots(lacks));
        }
    }
    let one = |was: &usize| Change::new(group, Sign::Removed, line(&old[gone[*was]])).snapshots(holds);
    changes.extend(removed.iter().map(one));
    if removed.is_empty() && kept.iter().all(Option::is_some) && !kept.is_sorted() {
        let change = Change::new(group, Sign::Changed, "their order");
        changes.push(change.snapshots("an old one knows them by their numbers"));
    }
}
