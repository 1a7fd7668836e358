//! The two traits of a generated machine: [`Machine`] names its types, [`Service`] drives it.

use core::future::Future;

use super::{Definition, Driver, Error, Outcome};

/// The type of what a machine does not have: timers, invokes, messages, replies.
pub type Never = core::convert::Infallible;

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

    /// The active states without children, in document order: indices into [`Definition::states`].
    fn active(&self) -> impl Iterator<Item = usize>;
}

/// Where a machine is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
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
}

impl Status {
    /// What a machine that is not ready answers to an event, or to another start.
    ///
    /// # Errors
    /// [`Error::Stopped`] before the start, [`Error::Poisoned`] after a step that was dropped half-way.
    #[cold]
    pub const fn refuse<E>(self) -> Result<Outcome, Error<E>> {
        match self {
            Self::Stopped => Err(Error::Stopped),
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
}

/// What a step of machine `M` gives.
pub type StepResult<M> = Result<Outcome, Error<<M as Machine>::Error>>;
