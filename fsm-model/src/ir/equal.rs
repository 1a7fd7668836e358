//! Equality of what has a place: two notations of one machine are equal wherever things stand.
//!
//! Part of the IR. Each function takes its type apart field by field, so that a new field is not forgotten.

use super::{Initial, Invoke, Timer, Transition};

impl PartialEq for Initial {
    fn eq(&self, other: &Self) -> bool {
        let Self { targets, actions, data, span: _ } = self;
        *targets == other.targets && *actions == other.actions && *data == other.data
    }
}

impl PartialEq for Transition {
    fn eq(&self, other: &Self) -> bool {
        let Self { source, trigger, guard, targets, reenter, actions, data, description, meta, span: _ } = self;
        *source == other.source
            && *trigger == other.trigger
            && *guard == other.guard
            && *targets == other.targets
            && *reenter == other.reenter
            && *actions == other.actions
            && *data == other.data
            && *description == other.description
            && *meta == other.meta
    }
}

impl PartialEq for Invoke {
    fn eq(&self, other: &Self) -> bool {
        let Self { state, task, call, id, named, span: _ } = self;
        *state == other.state && *task == other.task && *call == other.call && *id == other.id && *named == other.named
    }
}

impl PartialEq for Timer {
    fn eq(&self, other: &Self) -> bool {
        let Self { state, wait, repeats, span: _ } = self;
        *state == other.state && *wait == other.wait && *repeats == other.repeats
    }
}
