//! How a running machine ended.

use std::fmt;

/// Why a running machine ended, or takes nothing new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// It reached a top-level final state.
    Finished,
    /// It was asked to, by [`crate::Handle::close`] or [`crate::Handle::shutdown`].
    Shutdown,
    /// The last handle was dropped.
    Abandoned,
    /// A handler, or an observer, panicked.
    Panicked,
    /// An earlier step was interrupted; the machine takes no further event.
    Poisoned,
    /// Its task was dropped, as a rule because the tokio runtime was shut down.
    Aborted,
}

impl Reason {
    /// The name in records: `finished`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Shutdown => "shutdown",
            Self::Abandoned => "abandoned",
            Self::Panicked => "panicked",
            Self::Poisoned => "poisoned",
            Self::Aborted => "aborted",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Finished => "it is finished",
            Self::Shutdown => "it was shut down",
            Self::Abandoned => "its last handle was dropped",
            Self::Panicked => "a handler panicked",
            Self::Poisoned => "an earlier step was interrupted",
            Self::Aborted => "its task was dropped",
        })
    }
}

/// The end of a running machine.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Why it ended.
    pub reason: Reason,
    /// The message of the panic, where it was one and the message is text.
    pub panic: Option<String>,
    /// How many events the machine handled, the failed ones among them.
    pub handled: u64,
    /// How many of these failed.
    pub failed: u64,
    /// How many events the mailbox had taken and the machine never got, because it ended before.
    pub dropped: u64,
    /// The last configuration: the paths of the active states without children, in document order. Empty where the
    /// task was dropped from outside.
    pub configuration: Vec<&'static str>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reason, handled, failed, dropped, .. } = self;
        write!(f, "{reason} ({handled} handled, {failed} failed, {dropped} dropped)")
    }
}
