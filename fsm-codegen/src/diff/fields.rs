//! Fields of the context, of data and of payloads.
//!
//! Part of [`super`]. All three are structs with names on the wire, so what is missing matters, what is too much does
//! not, and order does not either.

use fsm_rust::fit::{holds, is_option};
use fsm_rust::matching;

use super::{Change, Group, Sign, origin};
use crate::ir::Field;
use crate::labels;

/// Whose fields they are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner<'a> {
    pub(super) group: Group,
    /// In front of a field: `Start`; nothing for the context.
    pub(super) name: &'a str,
    /// Whether a snapshot of the old machine can hold them.
    pub(super) stored: bool,
    /// Whether messages to the old machine can.
    pub(super) sent: bool,
    /// Whether a field that is missing on the wire gets its default.
    pub(super) filled: bool,
}

/// All differences.
pub(super) fn compare(old: &[Field], new: &[Field], owner: Owner<'_>, changes: &mut Vec<Change>) {
    let names = |fields: &[Field]| fields.iter().map(|field| field.name.value.clone()).collect::<Vec<_>>();
    let (matched, gone) = matching::equal(&names(old), &names(new));
    let gone_names: Vec<&str> = gone.iter().map(|at| old[*at].name.value.as_str()).collect();
    for (field, was) in new.iter().zip(matched) {
        if let Some(at) = was {
            changes.extend(changed(&old[at], field, owner));
        } else {
            let origin = origin::of(&field.name.value, &gone_names).map(str::to_owned);
            changes.push(Change { origin, ..added(field, owner) });
        }
    }
    changes.extend(gone.into_iter().map(|at| removed(&old[at], owner)));
}

fn added(field: &Field, owner: Owner<'_>) -> Change {
    let change = Change::new(owner.group, Sign::Added, owner.line(&labels::field(field)));
    if is_option(&field.ty.syntax) {
        return change.note("where it is missing it is `None`");
    }
    match (&field.default, owner.filled) {
        (Some(_), true) => change.note("where it is missing it has its default"),
        (Some(_), false) => {
            owner.broken(change, "has no value for it, and none is made up: its default is for new ones")
        }
        (None, _) => owner.broken(change, "has no value for it"),
    }
}

fn removed(field: &Field, owner: Owner<'_>) -> Change {
    let change = Change::new(owner.group, Sign::Removed, owner.line(&labels::field(field)));
    change.note("old values are dropped")
}

fn changed(old: &Field, new: &Field, owner: Owner<'_>) -> Option<Change> {
    if old.ty != new.ty {
        let line = format!("{}: {} -> {}", new.name.value, labels::ty(&old.ty), labels::ty(&new.ty));
        let change = Change::new(owner.group, Sign::Changed, owner.line(&line));
        return Some(if holds(&new.ty.syntax, &old.ty.syntax) {
            change.note("every old value is one of the new type")
        } else {
            owner.broken(change, "has a value of the old type")
        });
    }
    if old.default == new.default {
        return None;
    }
    let text = |field: &Field| {
        let default = field.default.as_ref();
        default.map_or_else(|| "no default".to_owned(), |value| labels::one_line(&value.text))
    };
    let line = owner.line(&format!("{} = {} -> {}", new.name.value, text(old), text(new)));
    let change = Change::new(owner.group, Sign::Changed, line);
    Some(if owner.filled && owner.sent && old.default.is_some() && new.default.is_none() {
        change.messages("an old message may leave it out")
    } else {
        change.note("old values stay as they are")
    })
}

impl Owner<'_> {
    /// `Start { speed: f32 }`, `jobs: u32`.
    fn line(&self, field: &str) -> String {
        if self.name.is_empty() { field.to_owned() } else { format!("{} {{ {field} }}", self.name) }
    }

    fn broken(&self, mut change: Change, why: &str) -> Change {
        change.snapshots = self.stored.then(|| format!("an old one {why}"));
        change.messages = self.sent.then(|| format!("an old one {why}"));
        change
    }
}
