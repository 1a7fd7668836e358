//! Where the runtime says what is to be counted: the [`Meter`] of a machine, the [`FleetMeter`] of a shard.
//!
//! Behind the feature `metrics` they are [`recording`] and [`fleet`]; without it a value without size whose methods do nothing, so that no
//! place that counts asks which of the two it has. Invariant: without the feature, and without a recorder, nobody reads
//! the clock for it.

#[cfg(feature = "metrics")]
mod fleet;
#[cfg(feature = "metrics")]
mod recording;

use crate::core::Outcome;
use crate::report::Reason;
#[cfg(feature = "metrics")]
pub(crate) use fleet::FleetMeter;
#[cfg(all(feature = "journal", feature = "metrics"))]
pub(crate) use recording::is_counting;
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

    /// A machine was made.
    fn started(&self) {}

    /// A machine ended.
    fn ended(&self, reason: Reason) {
        let _ = reason;
    }

    /// So many events were taken, and their turn never came.
    fn dropped(&self, events: u64) {
        let _ = events;
    }
}

/// When a step began, if anybody wants to know.
pub(crate) type Began = <Meter as Metering>::Began;

/// What the shards of a fleet and its committer say besides. Nothing happens by default.
#[cfg_attr(not(feature = "journal"), allow(dead_code, reason = "some of it a journal alone has to say"))]
pub(crate) trait FleetMetering {
    /// When a group of commits began, if anybody wants to know how long it takes.
    type Began;

    /// No machine was for an event.
    fn refused(&self) {}

    /// The message of an event had been handled before.
    fn repeated(&self) {}

    /// A shard has so many machines in memory, and had so many when it said so last.
    fn live(&self, before: usize, now: usize) {
        let _ = (before, now);
    }

    /// So many machines more are in the journal and not in memory, or so many fewer.
    fn passive(&self, more: i32) {
        let _ = more;
    }

    /// A machine left memory.
    fn passivated(&self) {}

    /// A machine came back from the journal.
    fn brought_back(&self) {}

    /// A group of commits begins.
    fn begin_group(&self) -> Self::Began;

    /// A group of so many commits that began then is durable.
    fn end_group(&self, began: Self::Began, commits: usize);
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

/// The meter of a fleet that counts nothing.
#[cfg(not(feature = "metrics"))]
#[derive(Clone)]
pub(crate) struct FleetMeter {
    pub(crate) steps: Meter,
}

#[cfg(not(feature = "metrics"))]
impl FleetMetering for FleetMeter {
    type Began = Untimed;

    fn begin_group(&self) -> Untimed {
        Untimed
    }

    fn end_group(&self, _: Untimed, _: usize) {}
}

/// No look at the clock.
#[cfg(not(feature = "metrics"))]
pub(crate) struct Untimed;
