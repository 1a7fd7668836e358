//! Where the spec names its states, events and messages: what editors follow from a use to the declaration.
//!
//! Part of the IR, filled by `resolve` wherever it looks a name up. Places are not part of what a machine is: all
//! references are equal, as all spans are.

use super::{EventId, MessageId, StateId};
use crate::source::Span;

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Referent {
    /// A target, or the state of an `in`.
    State(StateId),
    /// What a transition waits for, or what is raised, sent or deferred.
    Event(EventId),
    /// What is emitted.
    Message(MessageId),
}

/// All uses of names, in the order in which they were looked up.
#[derive(Debug, Clone, Default)]
pub struct References(Vec<(Span, Referent)>);

impl References {
    /// Adds the use of a name at `place`.
    pub fn push(&mut self, place: Span, referent: Referent) {
        self.0.push((place, referent));
    }

    /// Each use: where it stands, and for what.
    pub fn iter(&self) -> impl Iterator<Item = (Span, Referent)> + '_ {
        self.0.iter().copied()
    }
}

impl PartialEq for References {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
