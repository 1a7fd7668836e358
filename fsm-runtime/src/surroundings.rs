//! What surrounds a running machine: its timers, what runs beside it, and whom a step has to tell.
//!
//! The [`Driver`] of the dispatcher. During a step it writes down what the machine asks for; between two steps the
//! dispatcher starts what is to start and takes out what is due. Invariants: a timer or an invoke that was cancelled
//! never comes back; dropping this ends everything that runs beside the machine.

mod answers;
mod invokes;

use std::fmt;
use std::future::{Future, pending};
use std::panic::resume_unwind;
use std::time::Duration;

use tokio::task::{JoinError, spawn_blocking};
use tracing::Span;

use crate::core::{Driver, Dropped, Machine};
use crate::meter::{Meter, Metering as _, Timing};
use crate::timers::Timers;
use crate::trace::{Cause, Origin, TARGET, Tracer};
pub(crate) use answers::{Answers, Gone};
pub(crate) use invokes::Ended;
use invokes::Invokes;

/// What drivers on tokio have alike: the methods of [`Driver`] by which `answers` and `tracer` know whom an answer and a
/// transition belong to, and the place where actions block.
macro_rules! keeps_answers {
    () => {
        fn deferred(&mut self, token: $crate::core::Token) {
            self.answers.defer(token);
            self.tracer.deferred(token);
        }

        fn retried(&mut self, token: $crate::core::Token) {
            self.answers.turn_to(Some(token));
            self.tracer.turn_to(Some(token));
        }

        fn resumed(&mut self) {
            self.answers.turn_to(None);
            self.tracer.turn_to(None);
        }

        fn settled(&mut self, token: $crate::core::Token, outcome: $crate::core::Outcome) {
            self.answers.settle(token, outcome);
            self.tracer.settled(token);
        }

        fn failed(&mut self, token: $crate::core::Token, event: M::Event, error: $crate::core::Error<M::Error>) {
            self.answers.fail(token, event, error);
            self.tracer.settled(token);
        }

        fn block<T: Send + 'static>(
            &mut self,
            work: impl FnOnce() -> T + Send + 'static,
        ) -> impl Future<Output = T> + Send {
            $crate::surroundings::block(work)
        }
    };
}
pub(crate) use keeps_answers;

/// Where messages to the outside go, each with the origin of the message whose step emits it.
pub(crate) type Sink<M> = Box<dyn FnMut(<M as Machine>::Message, Option<&Origin>) + Send>;

/// The driver of one machine.
pub(crate) struct Surroundings<M: Machine> {
    pub(crate) tracer: Tracer<M>,
    pub(crate) meter: Meter,
    pub(crate) timers: Timers<M::Timer>,
    pub(crate) invokes: Invokes<M>,
    sink: Option<Box<Sink<M>>>,
    pub(crate) answers: Answers<M>,
}

impl<M: Machine> Surroundings<M> {
    pub(crate) fn new(tracer: Tracer<M>, meter: Meter, sink: Option<Sink<M>>) -> Self {
        Self {
            tracer,
            meter,
            timers: Timers::new(),
            invokes: Invokes::new(),
            sink: sink.map(Box::new),
            answers: Answers::new(),
        }
    }

    /// Whether anything runs beside the machine, so that there may be something to take from it.
    pub(crate) fn is_busy(&self) -> bool {
        self.timers.is_running() || self.invokes.is_running()
    }

    /// Whether the step that was leaves nothing to do and nothing to tell.
    pub(crate) fn is_quiet(&self) -> bool {
        !self.tracer.is_on() && self.answers.is_quiet() && !self.invokes.has_wanted()
    }

    /// Ends everything that runs beside the machine, which is to be made anew.
    pub(crate) fn clear(&mut self) {
        self.timers = Timers::new();
        self.invokes = Invokes::new();
        self.answers = Answers::new();
        self.tracer.clear();
    }

    /// Begins a step to which nobody listens.
    pub(crate) fn begin_plain(&mut self) {
        self.answers.begin();
        self.tracer.begin_plain();
    }

    /// Begins a step; gives its span.
    pub(crate) fn begin(&mut self, machine: &M, cause: Cause) -> Span {
        self.begin_from(machine, cause, None)
    }

    /// Begins a step, perhaps by an event of which is known where it comes from; gives its span.
    pub(crate) fn begin_from(&mut self, machine: &M, cause: Cause, origin: Option<&Origin>) -> Span {
        self.answers.begin();
        self.tracer.begin_from(machine, cause, origin)
    }
}

impl<M: Machine> Driver<M> for Surroundings<M>
where
    M::Done: Send + 'static,
{
    fn transition(&mut self, index: usize) {
        self.tracer.taken(index);
    }

    fn start_timer(&mut self, timer: M::Timer, generation: u32, delay: Duration) {
        self.meter.timer(Timing::Started);
        self.timers.start(timer, generation, delay);
    }

    fn cancel_timer(&mut self, _: M::Timer, generation: u32) {
        self.meter.timer(Timing::Cancelled);
        self.timers.cancel(generation);
    }

    fn start_invoke(&mut self, invoke: M::Invoke, generation: u32) {
        self.invokes.want(generation, invoke);
    }

    fn cancel_invoke(&mut self, generation: u32) {
        self.invokes.cancel(generation);
    }

    fn emit(&mut self, message: M::Message) {
        if let Some(sink) = &mut self.sink {
            sink(message, self.tracer.origin());
        }
    }

    fn reply(&mut self, reply: M::Reply) {
        self.answers.reply(reply);
    }

    fn log(&mut self, text: fmt::Arguments<'_>) {
        tracing::info!(target: TARGET, machine = M::DEFINITION.name, key = self.tracer.key(), "{text}");
    }

    fn dropped(&mut self, event: Dropped) {
        tracing::debug!(target: TARGET, machine = M::DEFINITION.name, key = self.tracer.key(), ?event, "nobody took it");
    }

    keeps_answers!();
}

/// Runs on the pool of threads for what blocks.
pub(crate) fn block<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> impl Future<Output = T> + Send {
    let span = Span::current();
    let task = spawn_blocking(move || span.in_scope(work));
    async move {
        match task.await.map_err(JoinError::try_into_panic) {
            Ok(value) => value,
            Err(Ok(panic)) => resume_unwind(panic),
            // It was never begun, since the runtime goes away; the step goes with it.
            Err(Err(_)) => pending().await,
        }
    }
}
