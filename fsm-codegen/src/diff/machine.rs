//! The machine as a whole: its name and version, what its snapshots hold besides, and its context.
//!
//! Part of [`super`].

use quote::ToTokens;

use super::fields::{self, Owner};
use super::{Change, Group, Sign};
use crate::backend::rust::Held;
use crate::ir::{Machine, Mode, Type, Unhandled};
use crate::labels;
use crate::rust::Placed;

pub(super) fn compare(old: &Machine, new: &Machine, changes: &mut Vec<Change>) {
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
    changes.extend(changed("name", &old.name.value, &new.name.value));
    changes.extend(changed("version", &text(&old.version), &text(&new.version)));
    changes.extend(changed("mode", mode(old.mode), mode(new.mode)));
    changes.extend(changed("unhandled", unhandled(old.unhandled), unhandled(new.unhandled)));
    let generics = |machine: &Machine| machine.generics.as_ref().map(|it| it.value.to_token_stream().to_string());
    let generics = changed("generics", &text(&generics(old)), &text(&generics(new)));
    changes.extend(generics.map(|change| change.snapshots("an old one was made with other parameters")));
    let error = changed("error", &ty(old.error.as_ref()), &ty(new.error.as_ref()));
    changes.extend(error);
    changes.extend(output(old, new));
    queues(old, new, changes);
    for (what, old, new) in [
        ("attributes of the states", &old.attributes, &new.attributes),
        ("attributes of the context", &old.context_attributes, &new.context_attributes),
    ] {
        let change = attributes(Group::Machine, what, old, new);
        changes.extend(change.map(|change| change.snapshots("what serde's attributes do to an old one is not known")));
    }
    let owner = Owner { group: Group::Context, name: "", stored: true, sent: false, filled: false };
    fields::compare(&old.context, &new.context, owner, changes);
}

fn changed(what: &str, old: &str, new: &str) -> Option<Change> {
    (old != new).then(|| Change::new(Group::Machine, Sign::Changed, format!("{what}: {old} -> {new}")))
}

const fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Async => "async",
        Mode::Sync => "sync",
    }
}

const fn unhandled(unhandled: Unhandled) -> &'static str {
    match unhandled {
        Unhandled::Report => "report",
        Unhandled::Error => "error",
        Unhandled::Ignore => "ignore",
        Unhandled::Defer => "defer",
    }
}

fn ty(ty: Option<&Type>) -> String {
    ty.map_or_else(|| "none".to_owned(), labels::ty)
}

fn output(old: &Machine, new: &Machine) -> Option<Change> {
    let change = changed("output", &ty(old.output.as_ref()), &ty(new.output.as_ref()))?;
    Some(match (&old.output, &new.output) {
        (None, _) => change.note("a machine that had ended has none"),
        (_, None) => change.note("what a machine gave at its end is dropped"),
        _ => change.snapshots("a machine that had ended gave the old type"),
    })
}

/// What waits inside of a machine between two steps.
fn queues(old: &Machine, new: &Machine, changes: &mut Vec<Change>) {
    let (before, after) = (Held::new(old), Held::new(new));
    let mut held = |sign, what: &str, why: &str| {
        changes.push(Change::new(Group::Machine, sign, what).snapshots(why));
    };
    match (before.deferred, after.deferred) {
        (None, Some(_)) => held(Sign::Added, "deferred events", "an old one has no place for them"),
        (Some(_), None) => held(Sign::Removed, "deferred events", "those of an old one would be lost"),
        (Some(old), Some(new)) if new < old => {
            held(Sign::Changed, &format!("defer_capacity: {old} -> {new}"), "in an old one more may wait");
        }
        _ => {}
    }
    match (before.delayed, after.delayed) {
        (None, Some(_)) => held(Sign::Added, "delayed events", "an old one has no place for them"),
        (Some(_), None) => held(Sign::Removed, "delayed events", "those of an old one would be lost"),
        (Some(from), Some(to)) => {
            if from != to {
                held(Sign::Changed, &format!("queue: {from} -> {to}"), "an old one has another number of delays");
            }
            let names = |machine: &Machine| machine.sends.iter().map(|it| it.value.clone()).collect::<Vec<_>>();
            if !names(new).starts_with(&names(old)) {
                let what = "names of delayed events";
                held(Sign::Changed, what, "an old one knows them by their numbers, which are others now");
            }
        }
        (None, None) => {}
    }
    match (before.history, after.history) {
        (false, true) => held(Sign::Added, "history", "an old one remembers nothing"),
        (true, false) => {
            let change = Change::new(Group::Machine, Sign::Removed, "history");
            changes.push(change.note("what an old snapshot remembers is dropped"));
        }
        _ => {}
    }
}

/// Attributes for serde that are not the same.
pub(super) fn attributes(
    group: Group,
    what: &str,
    old: &[Placed<syn::Attribute>],
    new: &[Placed<syn::Attribute>],
) -> Option<Change> {
    let of = |all: &[Placed<syn::Attribute>]| -> Vec<String> {
        let texts = all.iter().map(|attribute| attribute.value.to_token_stream().to_string());
        texts.filter(|text| text.contains("serde")).collect()
    };
    (of(old) != of(new)).then(|| Change::new(group, Sign::Changed, what))
}
