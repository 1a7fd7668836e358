//! The meter of a fleet: what its shards and its committer count beside what single machines do.
//!
//! Part of [`super`]. Each shard has one of its own, but the series are those of the fleet, and only the depth of the
//! mailbox is told by shard.

use std::sync::Arc;

use metrics::{Counter, Gauge, Histogram};
use tokio::time::Instant;

use super::FleetMetering;
use super::recording::{Label, Meter, Registry, recorded};
use crate::metrics::{
    EVENTS_DROPPED, JOURNAL_COMMIT_DURATION, JOURNAL_GROUP_SIZE, MACHINES_BROUGHT_BACK, MACHINES_LIVE,
    MACHINES_PASSIVATED, MACHINES_PASSIVE,
};

/// Counts what the machines of a shard do, and what the shard does with them.
#[derive(Clone)]
pub(crate) struct FleetMeter {
    /// What is counted as for single machines.
    pub(crate) steps: Meter,
    own: Option<Arc<Series>>,
}

struct Series {
    refused: Counter,
    repeated: Counter,
    live: Gauge,
    /// Where it is known how many there were when the fleet began.
    passive: Option<Gauge>,
    passivated: Counter,
    brought_back: Counter,
    group: Histogram,
    commit: Histogram,
}

impl FleetMeter {
    /// For a shard of machines with that name in their spec, and more labels of the fleet's own; whether it is known how many
    /// machines its journal has.
    pub(crate) fn new(machine: &'static str, labels: Vec<Label>, shard: usize, is_known: bool) -> Self {
        let counting = recorded(|recorder| {
            let mut registry = Registry::new(recorder, machine, labels);
            registry.shard = Some(shard);
            Self { steps: Meter::of(&registry), own: Some(Arc::new(Series::new(&registry, is_known))) }
        });
        counting.unwrap_or(Self { steps: Meter::off(), own: None })
    }
}

impl Series {
    fn new(registry: &Registry<'_>, is_known: bool) -> Self {
        Self {
            refused: registry.counter(EVENTS_DROPPED, Some(("reason", "refused"))),
            repeated: registry.counter(EVENTS_DROPPED, Some(("reason", "repeated"))),
            live: registry.gauge(MACHINES_LIVE),
            passive: is_known.then(|| registry.gauge(MACHINES_PASSIVE)),
            passivated: registry.counter(MACHINES_PASSIVATED, None),
            brought_back: registry.counter(MACHINES_BROUGHT_BACK, None),
            group: registry.histogram(JOURNAL_GROUP_SIZE, None),
            commit: registry.histogram(JOURNAL_COMMIT_DURATION, None),
        }
    }
}

/// More than 2³² of anything are more than any memory holds.
fn count(of: usize) -> f64 {
    u32::try_from(of).unwrap_or(u32::MAX).into()
}

impl FleetMetering for FleetMeter {
    type Began = Option<Instant>;

    fn refused(&self) {
        if let Some(series) = &self.own {
            series.refused.increment(1);
        }
    }

    fn repeated(&self) {
        if let Some(series) = &self.own {
            series.repeated.increment(1);
        }
    }

    fn live(&self, before: usize, now: usize) {
        if let Some(series) = &self.own
            && before != now
        {
            series.live.increment(count(now) - count(before));
        }
    }

    fn passive(&self, more: i32) {
        if let Some(passive) = self.own.as_ref().and_then(|series| series.passive.as_ref()) {
            passive.increment(f64::from(more));
        }
    }

    fn passivated(&self) {
        if let Some(series) = &self.own {
            series.passivated.increment(1);
        }
    }

    fn brought_back(&self) {
        if let Some(series) = &self.own {
            series.brought_back.increment(1);
        }
    }

    fn begin_group(&self) -> Option<Instant> {
        self.own.as_ref().map(|_| Instant::now())
    }

    fn end_group(&self, began: Option<Instant>, commits: usize) {
        if let (Some(series), Some(began)) = (&self.own, began) {
            series.group.record(count(commits));
            series.commit.record(began.elapsed());
        }
    }
}
