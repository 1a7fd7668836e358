//! How a fleet ended.

use std::fmt;

use crate::report::Reason;

/// The end of a fleet, and the account of its events: `handled + deferred + refused + repeated + dropped` is how many its
/// shards had taken.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FleetReport {
    /// Why it ended.
    pub reason: Reason,
    /// How many machines were in memory at the end.
    pub machines: u64,
    /// How many came to their end.
    pub finished: u64,
    /// How many were lost to a panic.
    pub panicked: u64,
    /// How many were ended after an error, as [`super::Builder::supervise`] said.
    pub stopped: u64,
    /// How often a machine was made anew after a failure.
    pub restarts: u64,
    /// How many events machines handled, the failed ones among them.
    pub handled: u64,
    /// How many of these failed.
    pub failed: u64,
    /// How many events machines had deferred, and never came to handle.
    pub deferred: u64,
    /// How many events no machine was for: it had ended, the factory made none, or a handler would have waited for itself.
    pub refused: u64,
    /// How many events had a message that their machine had handled before ([`super::Fleet::send_with_id`]).
    pub repeated: u64,
    /// How many events were taken and never reached a machine, because the fleet ended before.
    pub dropped: u64,
}

impl FleetReport {
    pub(super) const fn new(reason: Reason) -> Self {
        Self {
            reason,
            machines: 0,
            finished: 0,
            panicked: 0,
            stopped: 0,
            restarts: 0,
            handled: 0,
            failed: 0,
            deferred: 0,
            refused: 0,
            repeated: 0,
            dropped: 0,
        }
    }

    /// Of two shards. A reason that is out of the ordinary stays.
    pub(super) fn and(mut self, other: &Self) -> Self {
        if matches!(self.reason, Reason::Shutdown | Reason::Abandoned) {
            self.reason = other.reason;
        }
        self.machines += other.machines;
        self.finished += other.finished;
        self.panicked += other.panicked;
        self.stopped += other.stopped;
        self.restarts += other.restarts;
        self.handled += other.handled;
        self.failed += other.failed;
        self.deferred += other.deferred;
        self.refused += other.refused;
        self.repeated += other.repeated;
        self.dropped += other.dropped;
        self
    }
}

impl fmt::Display for FleetReport {
    /// `it was shut down (2 machines; 3 handled, 1 failed, 0 refused, 0 dropped)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reason, machines, handled, failed, refused, dropped, .. } = self;
        write!(
            f,
            "{reason} ({machines} machines; {handled} handled, {failed} failed, {refused} refused, {dropped} dropped"
        )?;
        for (count, what) in [
            (self.deferred, "still deferred"),
            (self.repeated, "repeated"),
            (self.finished, "machines finished"),
            (self.panicked, "panicked"),
            (self.stopped, "stopped after an error"),
            (self.restarts, "restarts"),
        ] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        f.write_str(")")
    }
}
