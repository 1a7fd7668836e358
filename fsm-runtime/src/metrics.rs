//! What a running machine counts, for the facade of the `metrics` crate: names, labels and meanings.
//!
//! A machine counts if a recorder is installed by the time it is spawned; a recorder without any data of its own counts
//! as none. Names follow Prometheus: a unit at the end, `_total` for what only ever grows. Each series has the label
//! `machine`, the name in the spec, and those of [`crate::Options::label`]. The name of [`crate::Options::name`] is no
//! label, because a program may have a million of them.

use metrics::{Unit, describe_counter, describe_histogram};

/// Events by what became of them: label `outcome`, with the names of [`crate::Outcome::name`], `failed` and `panicked`.
pub const EVENTS: &str = "fsm_events_total";
/// Events that no step ever got: label `reason`, `overflow` for a full mailbox, `ended` for a machine that ended before.
pub const EVENTS_DROPPED: &str = "fsm_events_dropped_total";
/// How long a step took, from its event, timer or invoke to its end, handlers included.
pub const STEP_DURATION: &str = "fsm_step_duration_seconds";
/// How many events waited in the mailbox, each time the dispatcher took them.
pub const MAILBOX_DEPTH: &str = "fsm_mailbox_depth";
/// Timers: label `change`, `started`, `cancelled` or `fired`.
pub const TIMERS: &str = "fsm_timers_total";
/// Machines that were made anew after a failure: label `reason`, `failed` or `panicked`.
pub const RESTARTS: &str = "fsm_restarts_total";
/// Machines that were spawned.
pub const MACHINES_STARTED: &str = "fsm_machines_started_total";
/// Machines that ended: label `reason`, with the names of [`crate::Reason::name`].
pub const MACHINES_ENDED: &str = "fsm_machines_ended_total";

/// Tells the recorder what the names mean. To be called once it is installed, by programs whose exporter shows it.
pub fn describe() {
    describe_counter!(EVENTS, Unit::Count, "Events by what became of them.");
    describe_counter!(EVENTS_DROPPED, Unit::Count, "Events that no step ever got.");
    describe_histogram!(STEP_DURATION, Unit::Seconds, "How long a step took, handlers included.");
    describe_histogram!(MAILBOX_DEPTH, Unit::Count, "How many events waited each time the dispatcher took them.");
    describe_counter!(TIMERS, Unit::Count, "Timers that were started, were cancelled, or fired.");
    describe_counter!(RESTARTS, Unit::Count, "Machines that were made anew after a failure.");
    describe_counter!(MACHINES_STARTED, Unit::Count, "Machines that were spawned.");
    describe_counter!(MACHINES_ENDED, Unit::Count, "Machines that ended.");
}
