//! What a running machine counts, for the facade of the `metrics` crate: names, labels and meanings.
//!
//! A machine, or a fleet, counts if a recorder is installed by the time it is spawned; a recorder without any data of its
//! own counts as none. Names follow Prometheus: a unit at the end, `_total` for what only ever grows. Each series has the
//! label `machine`, the name in the spec, and those of [`crate::Options::label`] or [`crate::fleet::Builder::label`]. The
//! name of [`crate::Options::name`] and the key in a fleet are no labels, because a program may have a million of them.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

/// Events by what became of them: label `outcome`, with the names of [`crate::Outcome::name`], `failed` and `panicked`.
pub const EVENTS: &str = "fsm_events_total";
/// Events that no step ever got: label `reason`, `overflow` for a full mailbox, `ended` for a machine or a fleet that ended
/// before; in a fleet also `refused` where no machine was for it, and `repeated` where its message had been handled before.
pub const EVENTS_DROPPED: &str = "fsm_events_dropped_total";
/// How long a step took, from its event, timer or invoke to its end, handlers included.
pub const STEP_DURATION: &str = "fsm_step_duration_seconds";
/// How many events waited in the mailbox, each time the dispatcher took them; in a fleet with the label `shard`, a number.
pub const MAILBOX_DEPTH: &str = "fsm_mailbox_depth";
/// Timers: label `change`, `started`, `cancelled` or `fired`.
pub const TIMERS: &str = "fsm_timers_total";
/// Machines that were made anew after a failure: label `reason`, `failed` or `panicked`.
pub const RESTARTS: &str = "fsm_restarts_total";
/// Machines that were spawned, or made by the factory of a fleet.
pub const MACHINES_STARTED: &str = "fsm_machines_started_total";
/// Machines that ended: label `reason`, with the names of [`crate::Reason::name`].
pub const MACHINES_ENDED: &str = "fsm_machines_ended_total";
/// Machines of a fleet that are in memory: a gauge.
pub const MACHINES_LIVE: &str = "fsm_fleet_machines_live";
/// Machines of a fleet that are in its journal and not in memory, and would come back: a gauge. There is none without a
/// journal, and where the store cannot say how many machines it has (`Store::machines`).
pub const MACHINES_PASSIVE: &str = "fsm_fleet_machines_passive";
/// Machines of a fleet that left memory, because they were idle, and can come back.
pub const MACHINES_PASSIVATED: &str = "fsm_fleet_machines_passivated_total";
/// Machines of a fleet that were brought back from its journal.
pub const MACHINES_BROUGHT_BACK: &str = "fsm_fleet_machines_brought_back_total";
/// How many commits became durable together.
pub const JOURNAL_GROUP_SIZE: &str = "fsm_journal_group_size";
/// How long the store took to make a group of commits durable.
pub const JOURNAL_COMMIT_DURATION: &str = "fsm_journal_commit_duration_seconds";

/// Tells the recorder what the names mean. To be called once it is installed, by programs whose exporter shows it.
pub fn describe() {
    describe_counter!(EVENTS, Unit::Count, "Events by what became of them.");
    describe_counter!(EVENTS_DROPPED, Unit::Count, "Events that no step ever got.");
    describe_histogram!(STEP_DURATION, Unit::Seconds, "How long a step took, handlers included.");
    describe_histogram!(MAILBOX_DEPTH, Unit::Count, "How many events waited each time the dispatcher took them.");
    describe_counter!(TIMERS, Unit::Count, "Timers that were started, were cancelled, or fired.");
    describe_counter!(RESTARTS, Unit::Count, "Machines that were made anew after a failure.");
    describe_counter!(MACHINES_STARTED, Unit::Count, "Machines that were spawned, or made by the factory of a fleet.");
    describe_counter!(MACHINES_ENDED, Unit::Count, "Machines that ended.");
    describe_gauge!(MACHINES_LIVE, Unit::Count, "Machines of a fleet that are in memory.");
    describe_gauge!(MACHINES_PASSIVE, Unit::Count, "Machines of a fleet that are in its journal and not in memory.");
    describe_counter!(MACHINES_PASSIVATED, Unit::Count, "Idle machines of a fleet that left memory and can come back.");
    describe_counter!(
        MACHINES_BROUGHT_BACK,
        Unit::Count,
        "Machines of a fleet that were brought back from its journal."
    );
    describe_histogram!(JOURNAL_GROUP_SIZE, Unit::Count, "How many commits became durable together.");
    describe_histogram!(JOURNAL_COMMIT_DURATION, Unit::Seconds, "How long a group of commits took to become durable.");
}
