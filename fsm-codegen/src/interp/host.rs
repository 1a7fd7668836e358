//! What a step gives, and what it tells and asks the outside meanwhile.

use std::fmt;
use std::time::Duration;

use super::Value;
use crate::ir::{ActionId, Call, DelayId, EventId, GuardId, InvokeId, MessageId, TransitionId};
use crate::source::Span;

/// What became of an event, as in fsm-runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A state was left or entered.
    Transitioned,
    /// A transition was taken and no state was left or entered.
    Handled,
    /// There are transitions for the event, and every guard was false.
    Rejected,
    /// The event waits until the state changes; the token names it.
    Deferred(u32),
    /// No active state has a transition for the event.
    Unhandled,
    /// The machine is at its end.
    Finished,
}

impl Outcome {
    /// The name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Transitioned => "transitioned",
            Self::Handled => "handled",
            Self::Rejected => "rejected",
            Self::Deferred(_) => "deferred",
            Self::Unhandled => "unhandled",
            Self::Finished => "finished",
        }
    }
}

/// Why a step failed, as in fsm-runtime.
#[derive(Debug, Clone, PartialEq)]
pub enum Error {
    /// The machine was not started.
    Stopped,
    /// Nobody handles the event, and the spec says `unhandled: error`.
    Unhandled,
    /// An action or an invoke failed with this, and nothing took the event `error`.
    Action(Value),
    /// An integer left the range of its type, or was divided by zero.
    Overflow,
    /// The step did not come to rest; the transitions that go round.
    Livelock(Vec<TransitionId>),
    /// A queue of events was full.
    QueueFull,
    /// The queue of deferred events was full.
    DeferFull,
    /// An earlier step could not be simulated to its end.
    Poisoned,
}

impl Error {
    /// The name in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Unhandled => "unhandled",
            Self::Action(_) => "action",
            Self::Overflow => "overflow",
            Self::Livelock(_) => "livelock",
            Self::QueueFull => "queue_full",
            Self::DeferFull => "defer_full",
            Self::Poisoned => "poisoned",
        }
    }

    /// What `event.error` is.
    pub(super) fn value(&self) -> Value {
        match self {
            Self::Action(value) => value.clone(),
            other => Value::Opaque(other.name().to_owned()),
        }
    }
}

/// What a step gives.
pub type Step = Result<Outcome, Error>;

/// Why the simulation cannot go on: something that only the real program knows.
#[derive(Debug, Clone, PartialEq)]
pub struct Stuck {
    /// What is missing.
    pub message: String,
    /// Where the spec asks for it.
    pub span: Option<Span>,
}

impl Stuck {
    pub(super) fn at(span: Span, message: impl Into<String>) -> Self {
        Self { message: message.into(), span: Some(span) }
    }
}

impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Stuck {}

/// The result of whatever may need something that only the real program knows.
pub type Run<T = ()> = Result<T, Stuck>;

/// The user's methods, and whoever watches.
pub trait Host {
    /// Whether a guard holds.
    ///
    /// # Errors
    /// Where that is not known.
    fn guard(&mut self, guard: GuardId, call: &Call) -> Run<bool>;

    /// Runs an action.
    ///
    /// # Errors
    /// What the action fails with.
    fn action(&mut self, action: ActionId, call: &Call) -> Result<(), Value>;

    /// How long a delay is that a method gives.
    ///
    /// # Errors
    /// Where that is not known.
    fn delay(&mut self, delay: DelayId) -> Run<Duration>;

    /// Something happened.
    fn note(&mut self, note: Note<'_>) {
        let _ = note;
    }
}

/// What a [`Host`] is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Note<'n> {
    /// A transition is about to be taken.
    Transition(TransitionId),
    /// The hook `on_unhandled`.
    Unhandled(EventId),
    /// The hook `on_error`.
    Error(&'n Error),
    /// An internal or sent event that nobody takes.
    Dropped(EventId),
    /// An event waits under a token.
    Deferred(u32, EventId),
    /// The event of a token has come to its end, with this.
    Settled(u32, EventId, &'n Step),
    /// An invoke starts.
    InvokeStarted(InvokeId),
    /// An invoke is cancelled.
    InvokeCancelled(InvokeId),
    /// A message to the outside, a value for each of its fields.
    Emitted(MessageId, &'n [Value]),
    /// The answer to the event.
    Reply(&'n Value),
    /// Text for the log.
    Log(&'n str),
}
