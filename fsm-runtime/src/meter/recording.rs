//! The meter that counts.
//!
//! Part of [`super`]. All series are registered when the machine, or the fleet, is spawned: so they are there with 0 before
//! anything happened, and an event costs no lookup by name. Without a recorder there are none, and an event costs a test.

use std::sync::Arc;

pub(crate) use metrics::Label;
use metrics::{Counter, Gauge, Histogram, Key, Level, Metadata, Recorder, with_recorder};
use tokio::time::Instant;

use super::{Fate, Metering, Timing};
use crate::core::Outcome;
use crate::metrics::{
    EVENTS, EVENTS_DROPPED, MACHINES_ENDED, MACHINES_STARTED, MAILBOX_DEPTH, RESTARTS, STEP_DURATION, TIMERS,
};
use crate::report::Reason;

/// Where all series say that they come from.
const METADATA: Metadata<'static> = Metadata::new("fsm_runtime", Level::INFO, Some("fsm_runtime"));

/// Counts what one machine does, or those of a shard, where a recorder was installed when it was spawned.
#[derive(Clone)]
pub(crate) struct Meter(Option<Arc<Series>>);

struct Series {
    /// By [`fate`].
    events: [Counter; FATES.len()],
    overflowed: Counter,
    dropped: Counter,
    duration: Histogram,
    depth: Histogram,
    /// By [`timing`].
    timers: [Counter; 3],
    failed: Counter,
    panicked: Counter,
    started: Counter,
    /// By [`end`].
    ended: [Counter; ENDS.len()],
}

/// The values of the label `outcome`.
const FATES: [&str; 8] = [
    Outcome::Transitioned.name(),
    Outcome::Handled.name(),
    Outcome::Rejected.name(),
    "deferred",
    Outcome::Unhandled.name(),
    Outcome::Finished.name(),
    "failed",
    "panicked",
];

/// The values of the label `change`.
const TIMINGS: [&str; 3] = ["started", "cancelled", "fired"];

const fn fate(fate: Fate) -> usize {
    match fate {
        Fate::Settled(Outcome::Transitioned) => 0,
        Fate::Settled(Outcome::Handled) => 1,
        Fate::Settled(Outcome::Rejected) => 2,
        Fate::Settled(Outcome::Deferred(_)) => 3,
        Fate::Settled(Outcome::Unhandled) => 4,
        Fate::Settled(Outcome::Finished) => 5,
        Fate::Failed => 6,
        Fate::Panicked => 7,
    }
}

const fn timing(timing: Timing) -> usize {
    match timing {
        Timing::Started => 0,
        Timing::Cancelled => 1,
        Timing::Fired => 2,
    }
}

/// Why a machine ends.
const ENDS: [Reason; 8] = [
    Reason::Finished,
    Reason::Shutdown,
    Reason::Stopped,
    Reason::Abandoned,
    Reason::Panicked,
    Reason::Failed,
    Reason::Poisoned,
    Reason::Aborted,
];

const fn end(reason: Reason) -> Option<usize> {
    Some(match reason {
        Reason::Finished => 0,
        Reason::Shutdown => 1,
        Reason::Stopped => 2,
        Reason::Abandoned => 3,
        Reason::Panicked => 4,
        Reason::Failed => 5,
        Reason::Poisoned => 6,
        Reason::Aborted => 7,
        // That of a fleet, whose machines are in the journal as they were.
        Reason::Journal => return None,
    })
}

impl Meter {
    /// For a machine with that name in its spec, and more labels of its own.
    pub(crate) fn new(machine: &'static str, labels: Vec<Label>) -> Self {
        recorded(|recorder| Self::of(&Registry::new(recorder, machine, labels))).unwrap_or(Self(None))
    }

    /// For series that are registered there.
    pub(super) fn of(registry: &Registry<'_>) -> Self {
        Self(Some(Arc::new(Series::new(registry))))
    }

    /// Where nobody counts.
    pub(super) const fn off() -> Self {
        Self(None)
    }
}

/// With the recorder, if there is one.
pub(super) fn recorded<T>(act: impl FnOnce(&dyn Recorder) -> T) -> Option<T> {
    // What has no data cannot keep anything: it is the one that stands in for none.
    with_recorder(|recorder| (size_of_val(recorder) > 0).then(|| act(recorder)))
}

/// Whether there is a recorder.
#[cfg(feature = "journal")]
pub(crate) fn is_counting() -> bool {
    recorded(|_| ()).is_some()
}

/// A recorder, and the labels of all that one machine, or one fleet, registers there.
pub(super) struct Registry<'a> {
    recorder: &'a dyn Recorder,
    labels: Vec<Label>,
    /// The number of a shard, which tells the queues of a fleet apart.
    pub(super) shard: Option<usize>,
}

impl<'a> Registry<'a> {
    pub(super) fn new(recorder: &'a dyn Recorder, machine: &'static str, mut labels: Vec<Label>) -> Self {
        labels.insert(0, Label::from_static_parts("machine", machine));
        Self { recorder, labels, shard: None }
    }

    fn key(&self, name: &'static str, own: Option<Label>) -> Key {
        Key::from_parts(name, self.labels.iter().cloned().chain(own).collect::<Vec<_>>())
    }

    pub(super) fn counter(&self, name: &'static str, own: Option<(&'static str, &'static str)>) -> Counter {
        let own = own.map(|(label, value)| Label::from_static_parts(label, value));
        self.recorder.register_counter(&self.key(name, own), &METADATA)
    }

    pub(super) fn histogram(&self, name: &'static str, own: Option<Label>) -> Histogram {
        self.recorder.register_histogram(&self.key(name, own), &METADATA)
    }

    pub(super) fn gauge(&self, name: &'static str) -> Gauge {
        self.recorder.register_gauge(&self.key(name, None), &METADATA)
    }
}

impl Series {
    fn new(registry: &Registry<'_>) -> Self {
        let counter = |name, label, value| registry.counter(name, Some((label, value)));
        let shard = registry.shard.map(|shard| Label::new("shard", shard.to_string()));
        Self {
            events: FATES.map(|outcome| counter(EVENTS, "outcome", outcome)),
            overflowed: counter(EVENTS_DROPPED, "reason", "overflow"),
            dropped: counter(EVENTS_DROPPED, "reason", "ended"),
            duration: registry.histogram(STEP_DURATION, None),
            depth: registry.histogram(MAILBOX_DEPTH, shard),
            timers: TIMINGS.map(|change| counter(TIMERS, "change", change)),
            failed: counter(RESTARTS, "reason", Reason::Failed.name()),
            panicked: counter(RESTARTS, "reason", Reason::Panicked.name()),
            started: registry.counter(MACHINES_STARTED, None),
            ended: ENDS.map(|reason| counter(MACHINES_ENDED, "reason", reason.name())),
        }
    }
}

impl Metering for Meter {
    type Began = Option<Instant>;

    fn begin(&self) -> Option<Instant> {
        self.0.as_ref().map(|_| Instant::now())
    }

    fn end(&self, began: Option<Instant>) {
        if let (Some(series), Some(began)) = (&self.0, began) {
            series.duration.record(began.elapsed());
        }
    }

    fn event(&self, what: Fate) {
        if let Some(series) = &self.0 {
            series.events[fate(what)].increment(1);
        }
    }

    fn depth(&self, events: usize) {
        if let Some(series) = &self.0
            && events > 0
        {
            // More than 2³² events are more than any memory holds.
            series.depth.record(u32::try_from(events).unwrap_or(u32::MAX));
        }
    }

    fn overflowed(&self) {
        if let Some(series) = &self.0 {
            series.overflowed.increment(1);
        }
    }

    fn timer(&self, what: Timing) {
        if let Some(series) = &self.0 {
            series.timers[timing(what)].increment(1);
        }
    }

    fn restarted(&self, reason: Reason) {
        if let Some(series) = &self.0 {
            let counter = if reason == Reason::Panicked { &series.panicked } else { &series.failed };
            counter.increment(1);
        }
    }

    fn started(&self) {
        if let Some(series) = &self.0 {
            series.started.increment(1);
        }
    }

    fn ended(&self, reason: Reason) {
        if let (Some(series), Some(end)) = (&self.0, end(reason)) {
            series.ended[end].increment(1);
        }
    }

    fn dropped(&self, events: u64) {
        if let Some(series) = &self.0 {
            series.dropped.increment(events);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ENDS, FATES, Fate, TIMINGS, Timing, end, fate, timing};
    use crate::core::{Outcome, Token};

    #[test]
    fn each_place_has_the_label_that_stands_there() {
        assert!(ENDS.iter().enumerate().all(|(at, reason)| end(*reason) == Some(at)));
        for outcome in [
            Outcome::Transitioned,
            Outcome::Handled,
            Outcome::Rejected,
            Outcome::Deferred(Token(1)),
            Outcome::Unhandled,
            Outcome::Finished,
        ] {
            assert_eq!(FATES[fate(Fate::Settled(outcome))], outcome.name());
        }
        assert_eq!((FATES[fate(Fate::Failed)], FATES[fate(Fate::Panicked)]), ("failed", "panicked"));
        let timings = [Timing::Started, Timing::Cancelled, Timing::Fired].map(|it| TIMINGS[timing(it)]);
        assert_eq!(timings, ["started", "cancelled", "fired"]);
    }
}
