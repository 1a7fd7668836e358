//! Events, which come as messages and wait in snapshots, and messages to the outside.
//!
//! Part of [`super`].

use std::collections::{HashMap, HashSet};

use super::fields::{self, Owner};
use super::machine::attributes;
use super::{Change, Group, Sign, origin};
use crate::backend::rust::Held;
use crate::ir::{Event, Machine};
use crate::labels;

pub(super) fn compare(old: &Machine, new: &Machine, changes: &mut Vec<Change>) {
    let waits: HashSet<&str> =
        Held::new(old).events.into_iter().map(|event| old.events[event].name.value.as_str()).collect();
    let (before, after): (Vec<&Event>, Vec<&Event>) = (old.events.iter().collect(), new.events.iter().collect());
    pairs(&before, &after, Group::Events, new.generics.is_none(), &|event| waits.contains(event), changes);
    let (before, after): (Vec<&Event>, Vec<&Event>) = (old.emits.iter().collect(), new.emits.iter().collect());
    pairs(&before, &after, Group::Emits, false, &|_| false, changes);
}

/// Events or messages by their names; `filled` says whether defaults take the place of fields that are missing,
/// `waits` which can be part of a snapshot.
fn pairs(
    old: &[&Event],
    new: &[&Event],
    group: Group,
    filled: bool,
    waits: &dyn Fn(&str) -> bool,
    changes: &mut Vec<Change>,
) {
    let before: HashMap<&str, &Event> = old.iter().map(|event| (event.name.value.as_str(), *event)).collect();
    let names: HashSet<&str> = new.iter().map(|event| event.name.value.as_str()).collect();
    let gone: Vec<&Event> = old.iter().copied().filter(|event| !names.contains(event.name.value.as_str())).collect();
    let gone_names: Vec<&str> = gone.iter().map(|event| event.name.value.as_str()).collect();
    let sent = group == Group::Events;
    for event in new {
        let name = event.name.value.as_str();
        let Some(was) = before.get(name) else {
            let origin = origin::of(name, &gone_names).map(str::to_owned);
            changes.push(Change { origin, ..Change::new(group, Sign::Added, line(event)) });
            continue;
        };
        let owner = Owner { group, name, stored: waits(name), sent, filled };
        fields::compare(&was.fields, &event.fields, owner, changes);
        let what = format!("attributes of {name}");
        changes.extend(attributes(group, &what, &was.attributes, &event.attributes).map(|change| {
            let why = "what serde's attributes do to an old one is not known";
            let change = if sent { change.messages(why) } else { change };
            if waits(name) { change.snapshots(why) } else { change }
        }));
        let reply = |event: &Event| event.reply.as_ref().map_or_else(|| "none".to_owned(), labels::ty);
        if was.reply != event.reply {
            let line = format!("{name}, its answer: {} -> {}", reply(was), reply(event));
            changes.push(Change::new(group, Sign::Changed, line).note("whoever asks gets the new one"));
        }
    }
    changes.extend(gone.into_iter().map(|event| {
        let change = Change::new(group, Sign::Removed, line(event));
        let change = if sent { change.messages("an old one is not known any more") } else { change };
        if waits(&event.name.value) { change.snapshots("one may wait in it") } else { change }
    }));
}

/// `Start { job: String, speed: f32 = 1.0 }`.
fn line(event: &Event) -> String {
    let fields: Vec<String> = event.fields.iter().map(labels::field).collect();
    let name = labels::one_line(&event.name.value);
    if fields.is_empty() { name } else { format!("{name} {{ {} }}", fields.join(", ")) }
}
