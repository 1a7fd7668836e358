//! What generated state machines run on.
//!
//! [`core`] is what generated code names: `no_std`, without allocation. Everything above it stands behind a feature:
//! `tokio` (mailbox, dispatcher, handle) and `macros` (`fsm!`). Nothing here knows the compiler.
//!
//! On tokio, in the order in which a message travels:
//!
//! - a listener holds a [`Handle`] and sends ([`Handle::send`], [`Handle::try_send`], [`Handle::ask`],
//!   [`Handle::ask_with`], [`Handle::request`]);
//! - the mailbox is bounded and makes senders wait;
//! - the dispatcher, one task to one machine, takes whole batches and handles event after event;
//! - observers ([`Options::on_transition`]), watchers ([`Handle::watch`]) and `tracing` see what happens;
//! - a [`Report`] is what remains.
//!
//! Beside it, behind features of their own: `coverage` counts which states and transitions have run, `metrics` counts
//! events, steps, timers and restarts, `testing` drives machines in tests.
#![cfg_attr(not(any(feature = "tokio", feature = "coverage")), no_std)]

pub mod core;

#[cfg(feature = "coverage")]
pub mod coverage;
#[cfg(feature = "tokio")]
mod dead_letter;
#[cfg(feature = "tokio")]
mod dispatcher;
#[cfg(feature = "tokio")]
mod ending;
#[cfg(feature = "tokio")]
mod error;
#[cfg(feature = "tokio")]
pub mod fleet;
#[cfg(feature = "tokio")]
mod handle;
#[cfg(feature = "journal")]
pub mod journal;
#[cfg(feature = "tokio")]
mod mailbox;
#[cfg(feature = "tokio")]
mod meter;
#[cfg(feature = "metrics")]
pub mod metrics;
#[cfg(feature = "tokio")]
mod options;
#[cfg(feature = "tokio")]
mod question;
#[cfg(feature = "tokio")]
mod rare;
#[cfg(feature = "tokio")]
mod records;
#[cfg(feature = "tokio")]
mod report;
#[cfg(feature = "tokio")]
mod shared;
#[cfg(feature = "tokio")]
mod supervision;
#[cfg(feature = "tokio")]
mod surroundings;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "tokio")]
pub mod timers;
#[cfg(feature = "tokio")]
pub mod trace;
#[cfg(feature = "tokio")]
mod watching;

pub use crate::core::{Definition, Driver, Error, Machine, Outcome, Service, Status};

#[cfg(feature = "tokio")]
pub use crate::{
    dead_letter::{DeadLetter, Undelivered},
    dispatcher::Runnable,
    error::{AskError, Refused, SendError},
    fleet::Fleet,
    handle::{Asking, Handle, Sending, Traced, WeakHandle},
    mailbox::Overflow,
    options::{DEFAULT_CAPACITY, Options, options, spawn},
    records::{Record, Seen, Subscription},
    report::{Reason, Report},
    supervision::{Backoff, Cause, Failure, Restart, Supervision, Then},
    trace::Transition,
};

#[cfg(feature = "macros")]
pub use fsm_macros::fsm;

/// Includes what a build script generated from a spec: `fsm_runtime::include_fsm!("robot")` stands for `pub mod robot`,
/// compiled from `robot.yaml`. The name is the spec file's stem.
#[macro_export]
macro_rules! include_fsm {
    ($stem:literal $(,)?) => {
        ::core::include!(::core::concat!(::core::env!("OUT_DIR"), "/", $stem, ".rs"));
    };
}
