//! What goes wrong between a caller and a running machine: an event was not taken, or its answer never came.
//!
//! [`crate::core::Error`] is what the machine itself reports about a step; everything here is about the way to it.

use std::error;
use std::fmt;

use crate::core::Error;
use crate::report::Reason;

/// Why the mailbox did not take something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refused {
    /// The mailbox is full, and the sender does not wait: [`crate::Handle::try_send`], or [`crate::Overflow::Reject`].
    Full,
    /// The mailbox was full, and it was this event that was dropped ([`crate::Overflow`]).
    Overflow,
    /// The machine came to its end, or is on its way there and takes nothing new.
    Closed(Reason),
    /// A handler of the machine would wait for its own machine, and so for ever: for an answer of it, or for room that is
    /// only made when its step is over. In a [`crate::Fleet`] that is also where so many events wait for its machine that
    /// the shard takes no others before. What does not wait goes on working: `try_send`, which gives the event back where
    /// there is no room, `raise` or a `send` in the spec, which go to the machine itself, and a task that the handler
    /// spawns and that sends, or asks, by itself.
    Deadlock,
    /// A snapshot was asked for with other handlers than the machine has ([`crate::Handle::snapshot`]).
    OtherService,
    /// There is no machine for the key, and the factory of the [`crate::Fleet`] makes none.
    Unknown,
    /// What the journal of a fleet has of the machine cannot be read: as a rule it is the snapshot of another version. What
    /// exactly is wrong is traced at level ERROR, with the key.
    Unreadable,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("the mailbox is full; send later, or wait with `send`"),
            Self::Overflow => f.write_str(
                "the mailbox was full and dropped the event; where none may be lost, set `Overflow::Wait` or a larger \
                 capacity",
            ),
            Self::Closed(reason) => write!(f, "the machine takes no more events: {reason}; {}", reason.advice()),
            Self::Deadlock => f.write_str(
                "a handler cannot wait for its own machine; use `try_send`, which does not wait, `raise` in the spec, or a \
                 task that sends",
            ),
            Self::OtherService => f.write_str(
                "the machine runs with other handlers; ask for the snapshot of what was spawned, `snapshot::<Robot<Arm>>()`",
            ),
            Self::Unknown => {
                f.write_str("there is no machine for the key, and the fleet's factory makes none; check the key")
            }
            Self::Unreadable => f.write_str(
                "what the journal has of the machine cannot be read, and `tracing` says why; `journal_with` takes snapshots of \
                 older versions over (docs/versions.md)",
            ),
        }
    }
}

impl error::Error for Refused {}

/// An event that was not sent, and why.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SendError<T> {
    /// What was to be sent.
    pub event: T,
    /// Why it was not.
    pub why: Refused,
}

// Written by hand, so that a result can be unwrapped whatever the event is.
impl<T> fmt::Debug for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendError").field("why", &self.why).finish_non_exhaustive()
    }
}

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.why.fmt(f)
    }
}

impl<T> error::Error for SendError<T> {}

/// Why a question has no outcome. `E` is the spec's `error:` type.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AskError<E> {
    /// The event was handled, and this is what the machine reports.
    Machine(Error<E>),
    /// The event never reached the machine.
    Refused(Refused),
    /// The event was taken, and the machine ended, or was started anew, before it had answered. With
    /// [`Reason::Panicked`] or [`Reason::Aborted`] it may have been handled in part, otherwise not at all.
    Lost(Reason),
}

impl<E: fmt::Display> fmt::Display for AskError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Machine(error) => error.fmt(f),
            Self::Refused(refused) => refused.fmt(f),
            Self::Lost(reason) => write!(f, "the machine did not come to answer: {reason}; {}", reason.advice()),
        }
    }
}

impl<E: error::Error + 'static> error::Error for AskError<E> {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Machine(error) => error.source(),
            Self::Refused(_) | Self::Lost(_) => None,
        }
    }
}
