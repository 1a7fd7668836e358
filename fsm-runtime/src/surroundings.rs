//! What surrounds a running machine: its timers, what runs beside it, and whom a step has to tell.
//!
//! The [`Driver`] of the dispatcher. During a step it writes down what the machine asks for; between two steps the
//! dispatcher starts what is to start and takes out what is due. Invariants: a timer or an invoke that was cancelled
//! never comes back; dropping this ends everything that runs beside the machine.

mod answers;

use std::fmt;
use std::future::{Future, pending};
use std::panic::resume_unwind;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::task::{AbortHandle, Id, JoinError, JoinSet, spawn_blocking};
use tracing::{Instrument as _, Span, debug_span};

use crate::core::{Driver, Dropped, Machine, Outcome, Token};
use crate::dispatcher::Payload;
use crate::meter::{Meter, Metering as _, Timing};
use crate::timers::Timers;
use crate::trace::{Cause, Origin, TARGET, Tracer};
pub(crate) use answers::Answers;

/// Where messages to the outside go.
pub(crate) type Sink<M> = Box<dyn FnMut(<M as Machine>::Message) + Send>;

/// The driver of one machine.
pub(crate) struct Surroundings<M: Machine> {
    pub(crate) tracer: Tracer,
    pub(crate) meter: Meter,
    pub(crate) timers: Timers<M::Timer>,
    pub(crate) invokes: Invokes<M>,
    sink: Option<Sink<M>>,
    pub(crate) answers: Answers<M::Reply>,
    /// The transition of the step that was taken last.
    last: Option<usize>,
}

impl<M: Machine> Surroundings<M> {
    pub(crate) fn new(tracer: Tracer, meter: Meter, sink: Option<Sink<M>>) -> Self {
        Self {
            tracer,
            meter,
            timers: Timers::new(),
            invokes: Invokes::new(),
            sink,
            answers: Answers::new(),
            last: None,
        }
    }

    /// Whether anything runs beside the machine, so that there may be something to take from it.
    pub(crate) fn is_busy(&self) -> bool {
        self.timers.is_running() || self.invokes.is_running()
    }

    /// Whether the step that was leaves nothing to do and nothing to tell.
    pub(crate) fn is_quiet(&self) -> bool {
        !self.tracer.is_on() && self.answers.is_quiet() && self.invokes.wanted.is_empty()
    }

    /// Ends everything that runs beside the machine, which is to be made anew.
    pub(crate) fn clear(&mut self) {
        self.timers = Timers::new();
        self.invokes = Invokes::new();
        self.answers.settled.clear();
        self.tracer.clear();
    }

    /// Begins a step to which nobody listens.
    pub(crate) fn begin_plain(&mut self) {
        self.forget_step();
        self.tracer.begin_plain();
    }

    fn forget_step(&mut self) {
        self.answers.begin();
        self.last = None;
    }

    /// Begins a step; gives its span.
    pub(crate) fn begin(&mut self, machine: &M, cause: Cause) -> Span {
        self.begin_from(machine, cause, None)
    }

    /// Begins a step, perhaps by an event of which is known where it comes from; gives its span.
    pub(crate) fn begin_from(&mut self, machine: &M, cause: Cause, origin: Option<&Origin>) -> Span {
        self.forget_step();
        self.tracer.begin_from(machine, cause, origin)
    }

    /// The last transition of the step that was: an index into [`crate::Definition::transitions`].
    pub(crate) const fn last_transition(&self) -> Option<usize> {
        self.last
    }
}

impl<M: Machine> Driver<M> for Surroundings<M>
where
    M::Done: Send + 'static,
{
    fn transition(&mut self, index: usize) {
        self.last = Some(index);
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
        self.invokes.wanted.push((generation, invoke));
    }

    fn cancel_invoke(&mut self, generation: u32) {
        self.invokes.cancel(generation);
    }

    fn emit(&mut self, message: M::Message) {
        if let Some(sink) = &mut self.sink {
            sink(message);
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

    fn deferred(&mut self, token: Token) {
        self.answers.defer(token);
        self.tracer.deferred(token);
    }

    fn retried(&mut self, token: Token) {
        self.answers.turn_to(Some(token));
        self.tracer.turn_to(Some(token));
    }

    fn resumed(&mut self) {
        self.answers.turn_to(None);
        self.tracer.turn_to(None);
    }

    fn settled(&mut self, token: Token, outcome: Outcome) {
        self.answers.settled.push((token, outcome));
        self.tracer.settled(token);
    }

    fn block<T: Send + 'static>(
        &mut self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = T> + Send {
        block(work)
    }
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

/// What runs beside one machine.
pub(crate) struct Invokes<M: Machine> {
    /// To be started when the step is over.
    wanted: Vec<(u32, M::Invoke)>,
    running: Vec<(u32, AbortHandle)>,
    tasks: JoinSet<M::Done>,
    /// The next result, from when the dispatcher was woken by it.
    next: Option<Ended<M>>,
}

/// How an invoke ended: its generation and its result, or the panic of its task.
type Ended<M> = Result<(u32, <M as Machine>::Done), Payload>;

impl<M: Machine> Invokes<M> {
    fn new() -> Self {
        Self { wanted: Vec::new(), running: Vec::new(), tasks: JoinSet::new(), next: None }
    }

    fn cancel(&mut self, generation: u32) {
        self.wanted.retain(|wanted| wanted.0 != generation);
        if let Some(at) = self.running.iter().position(|running| running.0 == generation) {
            self.running.swap_remove(at).1.abort();
        }
        self.next.take_if(|next| matches!(next, Ok(done) if done.0 == generation));
    }

    /// Starts what waits for it.
    pub(crate) fn start<F>(&mut self, key: Option<&str>, mut run: impl FnMut(M::Invoke) -> F)
    where
        F: Future<Output = M::Done> + Send + 'static,
        M::Done: Send + 'static,
    {
        for (generation, invoke) in self.wanted.drain(..) {
            let (task, span) =
                (run(invoke), debug_span!(target: TARGET, "invoke", machine = M::DEFINITION.name, key, generation));
            let handle = if span.is_none() { self.tasks.spawn(task) } else { self.tasks.spawn(task.instrument(span)) };
            self.running.push((generation, handle));
        }
    }

    /// Whether there is, or will be, a result.
    fn is_running(&self) -> bool {
        self.next.is_some() || !self.tasks.is_empty()
    }

    /// Ready when there is a result.
    pub(crate) fn poll_done(&mut self, context: &mut Context<'_>) -> Poll<()>
    where
        M::Done: 'static,
    {
        while self.next.is_none() {
            let Some(result) = ready!(self.tasks.poll_join_next_with_id(context)) else { return Poll::Pending };
            self.next = self.accept(result);
        }
        Poll::Ready(())
    }

    /// Takes the next result, if there is one. One that was cancelled does not come.
    pub(crate) fn take_done(&mut self) -> Option<Ended<M>>
    where
        M::Done: 'static,
    {
        while self.next.is_none() {
            let result = self.tasks.try_join_next_with_id()?;
            self.next = self.accept(result);
        }
        self.next.take()
    }

    /// The result of an invoke that is still wanted.
    fn accept(&mut self, result: Result<(Id, M::Done), JoinError>) -> Option<Ended<M>> {
        let id = result.as_ref().map_or_else(JoinError::id, |done| done.0);
        let at = self.running.iter().position(|running| running.1.id() == id)?;
        let (generation, _) = self.running.swap_remove(at);
        match result.map_err(JoinError::try_into_panic) {
            Ok((_, done)) => Some(Ok((generation, done))),
            Err(Ok(panic)) => Some(Err(panic)),
            // It was aborted by the runtime, which goes away.
            Err(Err(_)) => None,
        }
    }
}
