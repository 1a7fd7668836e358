//! The world around a machine, as a step sees it.

use core::fmt;
use core::future::Future;
use core::time::Duration;

use super::{Error, Machine, Outcome, Token};

/// What a step asks of its surroundings. A step touches neither clock nor executor: it calls these methods, and the
/// driver (tokio, a simulator, a test) acts on them during or after the step.
///
/// Every method does nothing unless it is overridden, so a driver says only what it cares about. `()` is the driver
/// that ignores everything.
///
/// A *generation* names one start of one timer or invoke: no two starts of a machine have the same. What comes back
/// with a generation that is no longer wanted is ignored by the machine, so a driver may be late with a cancellation.
pub trait Driver<M: Machine> {
    /// A transition is about to be taken: an index into [`super::Definition::transitions`].
    fn transition(&mut self, index: usize) {
        let _ = index;
    }

    /// Start a timer; when it is due it comes back through [`super::Service::fire`]. The delay is never zero.
    fn start_timer(&mut self, timer: M::Timer, generation: u32, delay: Duration) {
        let _ = (timer, generation, delay);
    }

    /// The timer that was started under `generation` is no longer wanted.
    fn cancel_timer(&mut self, timer: M::Timer, generation: u32) {
        let _ = (timer, generation);
    }

    /// Run `invoke` beside the machine; its result comes back through [`super::Service::complete`].
    fn start_invoke(&mut self, invoke: M::Invoke, generation: u32) {
        let _ = (invoke, generation);
    }

    /// What was started under `generation` is no longer wanted.
    fn cancel_invoke(&mut self, generation: u32) {
        let _ = generation;
    }

    /// A message to the outside.
    fn emit(&mut self, message: M::Message) {
        let _ = message;
    }

    /// The answer to the event of the step, or to the deferred event that was retried last. The last answer counts.
    fn reply(&mut self, reply: M::Reply) {
        let _ = reply;
    }

    /// A line for the log.
    fn log(&mut self, text: fmt::Arguments<'_>) {
        let _ = text;
    }

    /// An internal event that nobody took.
    fn dropped(&mut self, event: Dropped) {
        let _ = event;
    }

    /// The event of the step is kept until the state changes, under this token. The outcome of the step need not say so:
    /// it is the strongest of what happened.
    fn deferred(&mut self, token: Token) {
        let _ = token;
    }

    /// An event that was deferred is taken after all: what follows belongs to it, until the next such call,
    /// [`Driver::resumed`] or the end of the step.
    fn retried(&mut self, token: Token) {
        let _ = token;
    }

    /// What follows belongs to the event of the step again.
    fn resumed(&mut self) {}

    /// What became, in the end, of an event that was deferred. Where that is an error, it is [`Driver::failed`].
    fn settled(&mut self, token: Token, outcome: Outcome) {
        let _ = (token, outcome);
    }

    /// An event that was deferred is gone with an error, which is its own and not that of the step (16.7). Under
    /// [`Token::OWN`] it is one that the machine had raised or sent itself.
    fn failed(&mut self, token: Token, event: M::Event, error: Error<M::Error>) {
        let _ = (token, event, error);
    }

    /// Runs an action that blocks its thread; here and now unless the driver has a better place.
    fn block<T: Send + 'static>(
        &mut self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = T> + Send {
        core::future::ready(work())
    }
}

/// An internal event that nobody took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dropped {
    /// One that was raised, sent or due: an index into [`super::Definition::events`].
    Event(u32),
    /// The completion of a state: an index into [`super::Definition::states`].
    Done(u32),
    /// An action failed.
    Error,
    /// A timer was due: an index into [`super::Definition::timers`].
    Timer(u32),
    /// An invoke came to its end: an index into [`super::Definition::invokes`].
    Invoke(u32),
}

impl<M: Machine> Driver<M> for () {}

/// A driver that outlives the step is lent to it.
impl<M: Machine, D: Driver<M>> Driver<M> for &mut D {
    fn transition(&mut self, index: usize) {
        (**self).transition(index);
    }

    fn start_timer(&mut self, timer: M::Timer, generation: u32, delay: Duration) {
        (**self).start_timer(timer, generation, delay);
    }

    fn cancel_timer(&mut self, timer: M::Timer, generation: u32) {
        (**self).cancel_timer(timer, generation);
    }

    fn start_invoke(&mut self, invoke: M::Invoke, generation: u32) {
        (**self).start_invoke(invoke, generation);
    }

    fn cancel_invoke(&mut self, generation: u32) {
        (**self).cancel_invoke(generation);
    }

    fn emit(&mut self, message: M::Message) {
        (**self).emit(message);
    }

    fn reply(&mut self, reply: M::Reply) {
        (**self).reply(reply);
    }

    fn log(&mut self, text: fmt::Arguments<'_>) {
        (**self).log(text);
    }

    fn dropped(&mut self, event: Dropped) {
        (**self).dropped(event);
    }

    fn deferred(&mut self, token: Token) {
        (**self).deferred(token);
    }

    fn resumed(&mut self) {
        (**self).resumed();
    }

    fn retried(&mut self, token: Token) {
        (**self).retried(token);
    }

    fn settled(&mut self, token: Token, outcome: Outcome) {
        (**self).settled(token, outcome);
    }

    fn failed(&mut self, token: Token, event: M::Event, error: Error<M::Error>) {
        (**self).failed(token, event, error);
    }

    fn block<T: Send + 'static>(
        &mut self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = T> + Send {
        (**self).block(work)
    }
}
