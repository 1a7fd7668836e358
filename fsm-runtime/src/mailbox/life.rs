//! How far a mailbox is in its life, and the task that empties it.
//!
//! Part of [`super`], plain data behind its lock.

use tokio::task::{self, AbortHandle};

use crate::report::Reason;

/// The task that empties a mailbox.
#[derive(Debug)]
pub(super) enum Owner {
    None,
    /// It has begun, and whoever spawned it did not say so yet.
    Known(task::Id),
    Bound(AbortHandle),
}

impl Owner {
    pub(super) fn id(&self) -> Option<task::Id> {
        match self {
            Self::None => None,
            Self::Known(id) => Some(*id),
            Self::Bound(task) => Some(task.id()),
        }
    }
}

/// The life of a mailbox; it only ever goes forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Open,
    /// Nothing new comes in, what is there is still taken out.
    Draining(Reason),
    /// Nothing new comes in, and nothing is taken out any more.
    Halting(Reason),
    /// The dispatcher is gone.
    Ended(Reason),
}

impl Phase {
    pub(super) fn closed(self) -> Option<Reason> {
        match self {
            Self::Open => None,
            Self::Draining(reason) | Self::Halting(reason) | Self::Ended(reason) => Some(reason),
        }
    }

    /// Why what is there is not to be worked off.
    pub(super) fn halted(self) -> Option<Reason> {
        match self {
            Self::Halting(reason) => Some(reason),
            Self::Open | Self::Draining(_) | Self::Ended(_) => None,
        }
    }
}
