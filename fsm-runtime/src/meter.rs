//! Where the runtime says what is to be counted: the [`Meter`] of a machine.
//!
//! Behind the feature `metrics` it is [`recording`]; without it a value without size whose methods do nothing, so that no
//! place that counts asks which of the two it has. Invariant: without the feature, and without a recorder, nobody reads
//! the clock for it.

#[cfg(feature = "metrics")]
mod recording;

use crate::core::Outcome;
use crate::report::Reason;
#[cfg(feature = "metrics")]
pub(crate) use recording::{Label, Meter};

/// What became of an event whose step came to its end, or did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Settled(Outcome),
    Failed,
    Panicked,
}

/// What happens to a timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timing {
    Started,
    Cancelled,
    Fired,
}

/// What a machine's surroundings say to whoever counts. Nothing happens by default.
pub(crate) trait Metering {
    /// When a step began, if anybody wants to know how long it takes.
    type Began;

    /// A step begins.
    fn begin(&self) -> Self::Began;

    /// The step that began then is over.
    fn end(&self, began: Self::Began);

    /// An event had its step.
    fn event(&self, fate: Fate) {
        let _ = fate;
    }

    /// So many events waited when the dispatcher took them.
    fn depth(&self, events: usize) {
        let _ = events;
    }

    /// The mailbox had no room for an event.
    fn overflowed(&self) {}

    /// A timer was started, was cancelled, or is due.
    fn timer(&self, timing: Timing) {
        let _ = timing;
    }

    /// The machine was made anew.
    fn restarted(&self, reason: Reason) {
        let _ = reason;
    }

    /// The machine ended, before the turn of so many events.
    fn ended(&self, reason: Reason, dropped: u64) {
        let _ = (reason, dropped);
    }
}

/// Counts nothing.
#[cfg(not(feature = "metrics"))]
#[derive(Clone)]
pub(crate) struct Meter;

#[cfg(not(feature = "metrics"))]
impl Metering for Meter {
    type Began = Untimed;

    fn begin(&self) -> Untimed {
        Untimed
    }

    fn end(&self, _: Untimed) {}
}

/// No look at the clock.
#[cfg(not(feature = "metrics"))]
pub(crate) struct Untimed;
