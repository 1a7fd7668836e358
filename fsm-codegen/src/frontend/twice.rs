//! What is declared a second time: that is the mistake, and whatever either of the two declares may be meant.
//!
//! Used by both front-ends, so that no use of a field is wrong besides.

use fsm_model::gather::Gather as _;
use std::collections::HashSet;

use crate::ast::{Event, Field};

/// Makes one event of two: it has the fields of both, of types that nobody knows.
pub(super) fn unite_events(event: &mut Event, again: Event) {
    let mut known = HashSet::new();
    let all = std::mem::take(&mut event.fields).into_iter().chain(again.fields);
    let distinct = all.filter(|field| known.insert(field.name.value.clone()));
    event.fields = distinct.map(|field| Field::unreadable(field.name)).gather();
    event.reply = event.reply.take().or(again.reply);
}

/// Makes one field of two, of a type that nobody knows.
pub(super) fn unite_fields(field: &mut Field, _again: Field) {
    (field.ty, field.default) = (None, None);
}
