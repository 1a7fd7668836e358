//! The two traits of a generated machine: [`Machine`] names its types, [`Service`] drives it.

use core::fmt;
use core::future::Future;
use core::time::Duration;

use super::{Definition, Driver, Error, Outcome, RestoreError};

/// The type of what a machine does not have: timers, invokes, messages, replies. As the standard library's `Infallible`,
/// which serde does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Never {}

impl fmt::Display for Never {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl core::error::Error for Never {}

/// Plain data of a generated machine: state, context and queues, without handlers.
pub trait Machine: Sized {
    /// The configuration: nested enums that mirror the hierarchy.
    type State;
    /// Everything it can be sent.
    type Event;
    /// The extended state.
    type Context;
    /// What its actions fail with.
    type Error;
    /// Its timers.
    type Timer;
    /// What it starts beside itself, with owned inputs.
    type Invoke;
    /// What an invoke comes to its end with.
    type Done;
    /// What the whole machine gives at its end.
    type Output;
    /// What it emits to the outside.
    type Message;
    /// What it answers.
    type Reply;

    /// The spec as static data.
    const DEFINITION: &'static Definition;

    /// The configuration; the last one once the machine is finished.
    fn state(&self) -> &Self::State;

    /// The extended state.
    fn context(&self) -> &Self::Context;

    /// Where it is in its life.
    fn status(&self) -> Status;

    /// The index of the event in [`Definition::events`].
    fn event_index(event: &Self::Event) -> usize;

    /// The active states without active children, in document order: indices into [`Definition::states`].
    fn active(&self) -> impl Iterator<Item = usize>;

    /// What it gave at its end; `None` before, and where the spec has no output.
    fn output(&self) -> Option<&Self::Output> {
        None
    }

    /// Whether the state with that dotted path is active (19.2).
    fn matches(&self, path: &str) -> bool {
        let state = Self::DEFINITION.state(path);
        state.is_some_and(|state| self.active().any(|leaf| Self::DEFINITION.contains(state, leaf)))
    }

    /// The events for which an active state has a transition, guards not asked (19.1): indices into
    /// [`Definition::events`].
    fn accepted(&self) -> impl Iterator<Item = usize> {
        let definition = Self::DEFINITION;
        let ready = self.status() == Status::Ready;
        (0..definition.events.len()).filter(move |event| {
            ready
                && definition.transitions.iter().any(|transition| {
                    transition.trigger.is_event(*event)
                        && self.active().any(|leaf| definition.contains(transition.source as usize, leaf))
                })
        })
    }
}

/// `event` of a transition on the end of a state or of an invoke: `event.output`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Done<T> {
    /// What it gave.
    pub output: T,
}

/// `event` of a transition on an error: `event.error`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Failed<E> {
    /// What went wrong.
    pub error: E,
}

/// An integer left the range of its type, or was divided by zero. Where a machine reads `event.error` of its own
/// errors and has arithmetic that can overflow, its error type is made from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Overflow;

/// Where a machine is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Status {
    /// Not started.
    #[default]
    Stopped,
    /// At rest between two steps.
    Ready,
    /// In a step; outside of one: poisoned, a step was dropped half-way.
    Stepping,
    /// At its end.
    Finished,
    /// Restored from a snapshot: the next start goes on from there.
    Suspended,
}

impl Status {
    /// What a machine that is not ready answers to an event, or to another start.
    ///
    /// # Errors
    /// [`Error::Stopped`] before the start, [`Error::Poisoned`] after a step that was dropped half-way.
    #[cold]
    pub const fn refuse<E>(self) -> Result<Outcome, Error<E>> {
        match self {
            Self::Stopped | Self::Suspended => Err(Error::Stopped),
            Self::Ready => Ok(Outcome::Handled),
            Self::Stepping => Err(Error::Poisoned),
            Self::Finished => Ok(Outcome::Finished),
        }
    }
}

/// A machine with its handlers, as a dispatcher owns it.
pub trait Service {
    /// Its plain data.
    type Machine: Machine;

    /// The plain data.
    fn machine(&self) -> &Self::Machine;

    /// Enters the initial state.
    ///
    /// # Errors
    /// What the entry actions fail with, or [`Error::Poisoned`].
    fn start<D: Driver<Self::Machine> + Send>(
        &mut self,
        driver: &mut D,
    ) -> impl Future<Output = StepResult<Self::Machine>> + Send;

    /// Handles one event to completion.
    ///
    /// # Errors
    /// See [`Error`]; the machine goes on after all of them but [`Error::Poisoned`].
    fn handle<D: Driver<Self::Machine> + Send>(
        &mut self,
        driver: &mut D,
        event: &<Self::Machine as Machine>::Event,
    ) -> impl Future<Output = StepResult<Self::Machine>> + Send;

    /// A timer is due. Does nothing where `generation` is no longer wanted, and in a machine without timers.
    ///
    /// # Errors
    /// As [`Service::handle`].
    fn fire<D: Driver<Self::Machine> + Send>(
        &mut self,
        driver: &mut D,
        timer: <Self::Machine as Machine>::Timer,
        generation: u32,
    ) -> impl Future<Output = StepResult<Self::Machine>> + Send {
        let _ = (driver, timer, generation);
        async { Ok(Outcome::Handled) }
    }

    /// An invoke came to its end. Does nothing where `generation` is no longer wanted, and in a machine without invokes.
    ///
    /// # Errors
    /// As [`Service::handle`].
    fn complete<D: Driver<Self::Machine> + Send>(
        &mut self,
        driver: &mut D,
        generation: u32,
        done: <Self::Machine as Machine>::Done,
    ) -> impl Future<Output = StepResult<Self::Machine>> + Send {
        let _ = (driver, generation, done);
        async { Ok(Outcome::Handled) }
    }

    /// Runs what a step asked to start, beside the machine: on a clone of the handlers.
    fn run(
        &self,
        invoke: <Self::Machine as Machine>::Invoke,
    ) -> impl Future<Output = <Self::Machine as Machine>::Done> + Send + 'static;
}

/// A service that can be laid down between two steps and taken up again: in another process, on another day.
///
/// Generated code implements it by the pair's own `snapshot` and `restore`; here they have the same form for all machines.
pub trait Persist: Service + Sized {
    /// The plain data with what its timers have left.
    type Snapshot;

    /// The service as it is; `left` tells what is left of a timer, by its generation.
    fn snapshot(&self, left: impl FnMut(<Self::Machine as Machine>::Timer, u32) -> Duration) -> Self::Snapshot;

    /// Goes on from a snapshot that was made so long ago, with the handlers of `self`. Its timers and invokes start with
    /// [`Service::start`].
    ///
    /// # Errors
    /// A snapshot of another version, or of another spec.
    fn restore(self, snapshot: Self::Snapshot, ago: Duration) -> Result<Self, RestoreError>;
}

/// What a step of machine `M` gives.
pub type StepResult<M> = Result<Outcome, Error<<M as Machine>::Error>>;
