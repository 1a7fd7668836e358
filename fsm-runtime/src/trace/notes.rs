//! What is written down of a step while it runs.
//!
//! Part of [`super`]. It is there once somebody has listened, and is used again and again. Invariant: a deferred event whose
//! message stands in `waiting` waits in the machine, or was handled for good in the step that is running.

use std::sync::Arc;

use tokio::time::Instant;
use tracing::Span;

use super::{Linker, Origin, TraceParent, Turns};
use crate::core::Token;

/// What is known of a step.
pub(super) struct Notes {
    pub(super) message: Message,
    pub(super) began: Option<Instant>,
    pub(super) from: Vec<usize>,
    pub(super) taken: Vec<Taken>,
    pub(super) to: Vec<usize>,
    pub(super) span: Span,
    pub(super) turns: Arc<Turns>,
    /// The deferred event that what follows belongs to; `None` for the event of the step.
    pub(super) retried: Option<Token>,
    /// The events that wait in the machine, as far as anybody listened when they came.
    pub(super) waiting: Waiting,
    /// Those of them that are handled for good, and stand in `waiting` until the step is told.
    pub(super) settled: Vec<Token>,
    pub(super) linker: Option<Linker>,
}

/// The messages of events that wait in a machine.
pub(crate) type Waiting = Vec<(Token, Message)>;

/// What a step, or a transition of it, is about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Message {
    pub(super) cause: Cause,
    pub(super) origin: Option<Origin>,
}

/// A transition of the step, an index into [`crate::Definition::transitions`], and the deferred event that set it off, if one did.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken {
    pub(super) index: usize,
    pub(super) retried: Option<Token>,
}

impl Default for Notes {
    fn default() -> Self {
        Self {
            message: Message::default(),
            began: None,
            from: Vec::new(),
            taken: Vec::new(),
            to: Vec::new(),
            span: Span::none(),
            turns: Arc::default(),
            retried: None,
            waiting: Vec::new(),
            settled: Vec::new(),
            linker: None,
        }
    }
}

impl Notes {
    /// The message that set off what happens now.
    pub(super) fn message(&self, retried: Option<Token>) -> &Message {
        let waiting = retried.and_then(|token| self.waiting.iter().find(|waiting| waiting.0 == token));
        waiting.map_or(&self.message, |(_, message)| message)
    }
}

impl Message {
    pub(super) fn id(&self) -> Option<&str> {
        self.origin.as_ref().and_then(Origin::message_id)
    }

    pub(super) fn trace(&self) -> Option<TraceParent> {
        self.origin.as_ref().and_then(Origin::trace_parent)
    }
}

/// What a step begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Cause {
    /// The machine enters its initial state.
    #[default]
    Start,
    /// An event: an index into [`crate::Definition::events`], and its number among those of this machine.
    Event { event: usize, message: u64 },
    /// A timer is due.
    Timer,
    /// An invoke came to its end.
    Invoke,
}

impl Cause {
    pub(super) const fn event(self) -> Option<usize> {
        match self {
            Self::Event { event, .. } => Some(event),
            Self::Start | Self::Timer | Self::Invoke => None,
        }
    }

    pub(super) const fn message(self) -> Option<u64> {
        match self {
            Self::Event { message, .. } => Some(message),
            Self::Start | Self::Timer | Self::Invoke => None,
        }
    }
}
