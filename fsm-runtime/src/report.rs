//! How a running machine ended.

use std::fmt;
use std::sync::Arc;

use crate::records::Record;

/// Why a running machine ended, or takes nothing new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// It reached a top-level final state.
    Finished,
    /// It was asked to work off its mailbox and end, by [`crate::Handle::close`] or [`crate::Handle::shutdown`].
    Shutdown,
    /// It was asked to end after the step that was running, by [`crate::Handle::stop`].
    Stopped,
    /// The last handle was dropped.
    Abandoned,
    /// A handler, or an observer, panicked.
    Panicked,
    /// An action failed, and the policy is to end then ([`crate::Supervision`]).
    Failed,
    /// An earlier step was interrupted; the machine takes no further event.
    Poisoned,
    /// The journal of its fleet failed ([`crate::Fleet`]).
    Journal,
    /// Its task was dropped: by [`crate::Handle::abort`], or because the tokio runtime was shut down.
    Aborted,
}

impl Reason {
    /// The name in records: `finished`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Shutdown => "shutdown",
            Self::Stopped => "stopped",
            Self::Abandoned => "abandoned",
            Self::Panicked => "panicked",
            Self::Failed => "failed",
            Self::Poisoned => "poisoned",
            Self::Journal => "journal",
            Self::Aborted => "aborted",
        }
    }
}

impl Reason {
    /// What to do about it, for errors.
    pub(crate) const fn advice(self) -> &'static str {
        match self {
            Self::Finished => "its output is in the report that `join` gives",
            Self::Shutdown | Self::Stopped => "spawn another one to go on",
            Self::Abandoned => "keep a handle as long as it is to run",
            Self::Panicked => {
                "`on_failure` is told what it said; supervised it is made anew, and `Fleet::forget` lets go of it"
            }
            Self::Failed => "`on_failure` is told the error; `Then::Restart` starts it anew",
            Self::Poisoned => "restore it from a snapshot, or make a new one",
            Self::Journal => "`Fleet::journal_error` says why; start the fleet anew when that is seen to",
            Self::Aborted => "unless `abort` was called, keep the tokio runtime until the machine has ended",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Finished => "it is finished",
            Self::Shutdown => "it was shut down",
            Self::Stopped => "it was stopped",
            Self::Abandoned => "its last handle was dropped",
            Self::Panicked => "a handler panicked",
            Self::Failed => "an action failed",
            Self::Poisoned => "an earlier step was interrupted",
            Self::Journal => "the journal failed",
            Self::Aborted => "its task was dropped",
        })
    }
}

/// The end of a running machine, and the account of its events: `handled + deferred + dropped` is how many the mailbox
/// had taken, but for those that [`crate::Overflow`] took out of it again.
///
/// `O` is what the machine gives at its end, `output` in the spec.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report<O> {
    /// Why it ended.
    pub reason: Reason,
    /// What it gave at its end. Only a machine that is [`Reason::Finished`] gives something.
    pub output: Option<O>,
    /// The message of the panic, where it was one and the message is text.
    pub panic: Option<String>,
    /// How many events the machine handled, the failed ones among them.
    pub handled: u64,
    /// How many of these failed.
    pub failed: u64,
    /// How many events it had deferred, and never came to handle.
    pub deferred: u64,
    /// How many events the mailbox had taken and the machine never got, because it ended before.
    pub dropped: u64,
    /// How many events were lost because the mailbox was full ([`crate::Overflow`]).
    pub overflowed: u64,
    /// How often it was started anew after a failure ([`crate::Supervision`]).
    pub restarts: u64,
    /// The last configuration: the paths of the active states without children, in document order. Empty where the
    /// task was dropped from outside.
    pub configuration: Vec<&'static str>,
    /// The last transitions, oldest first, where [`crate::Options::records`] keeps them.
    pub records: Vec<Arc<Record>>,
}

impl<O> Report<O> {
    /// Of a machine of which nothing is known.
    pub(crate) const fn new(reason: Reason) -> Self {
        Self {
            reason,
            output: None,
            panic: None,
            handled: 0,
            failed: 0,
            deferred: 0,
            dropped: 0,
            overflowed: 0,
            restarts: 0,
            configuration: Vec::new(),
            records: Vec::new(),
        }
    }
}

impl<O> fmt::Display for Report<O> {
    /// `it was shut down (3 handled, 1 failed, 0 dropped)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reason, handled, failed, deferred, dropped, overflowed, restarts, .. } = self;
        write!(f, "{reason} ({handled} handled, {failed} failed, {dropped} dropped")?;
        for (count, what) in
            [(deferred, "still deferred"), (overflowed, "lost to a full mailbox"), (restarts, "restarts")]
        {
            if *count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        f.write_str(")")
    }
}
