//! Events that a machine does not handle, for whoever wants to keep them: logs, alarms, a queue to look through.

use std::fmt;

use crate::report::Reason;

/// An event that the machine did not handle, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeadLetter<E> {
    /// The event.
    pub event: E,
    /// Why it was not handled.
    pub why: Undelivered,
}

impl<E> DeadLetter<E> {
    pub(crate) const fn new(event: E, why: Undelivered) -> Self {
        Self { event, why }
    }
}

/// Why an event was not handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Undelivered {
    /// No active state has a transition for it.
    Unhandled,
    /// The mailbox was full, and it was this one that was dropped ([`crate::Overflow`]).
    Overflow,
    /// Its step failed or panicked, or it had been deferred and failed when it was tried again.
    Failed,
    /// There is no machine for its key, and the factory of the [`crate::Fleet`] makes none.
    Unknown,
    /// A handler of its own machine waits for what becomes of it, and so for itself ([`crate::Refused::Deadlock`]).
    Deadlock,
    /// The mailbox had taken it, and the machine ended before its turn.
    Ended(Reason),
}

impl fmt::Display for Undelivered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unhandled => f.write_str("no active state has a transition for it"),
            Self::Overflow => f.write_str("the mailbox was full"),
            Self::Failed => f.write_str("its step failed"),
            Self::Unknown => f.write_str("there is no machine for its key, and none is made"),
            Self::Deadlock => f.write_str("its sender, a handler of its machine, waits for itself"),
            Self::Ended(reason) => write!(f, "the machine ended before its turn: {reason}"),
        }
    }
}
