//! The dispatcher: one task that owns one machine and works off its mailbox.
//!
//! It takes a whole batch, answers what came in the control lane, hands the events to the machine one after the other,
//! and yields by tokio's budget, so that a flood starves nobody. Invariants: a panic of a handler ends in [`guard`];
//! however the task ends, even by being dropped, [`Desk`] closes the mailbox and leaves a [`Report`], so nobody waits
//! for ever; the service is dropped before the report is seen.

use std::any::Any;
use std::fmt;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};

use tokio::sync::{SetOnce, oneshot};
use tokio::task::coop::consume_budget;
use tracing::Span;

use crate::core::{Error, Machine, Outcome, Service, Status, StepResult, Token};
use crate::mailbox::{Batch, Mailbox};
use crate::report::{Reason, Report};
use crate::surroundings::Surroundings;
use crate::trace::{self, Cause, TARGET};

/// A machine that can live in a task of its own: its events and errors go from task to task, and an error that nobody
/// asked for can be shown. Every such machine is `Runnable` by itself.
///
/// Events are `Sync` because handlers borrow them while they wait.
pub trait Runnable:
    Machine<
        Event: Send + Sync + 'static,
        Error: fmt::Debug + Send + 'static,
        Timer: Send + 'static,
        Invoke: Send + 'static,
        Done: Send + 'static,
        Message: Send + 'static,
        Reply: Send + 'static,
    > + 'static
{
}

impl<M> Runnable for M where
    M: Machine<
            Event: Send + Sync + 'static,
            Error: fmt::Debug + Send + 'static,
            Timer: Send + 'static,
            Invoke: Send + 'static,
            Done: Send + 'static,
            Message: Send + 'static,
            Reply: Send + 'static,
        > + 'static
{
}

/// What handles and dispatcher share.
pub(crate) struct Shared<M: Machine> {
    pub(crate) mailbox: Mailbox<Envelope<M>, Control<M>>,
    /// How many handles keep the machine running.
    pub(crate) handles: AtomicUsize,
    pub(crate) report: SetOnce<Box<Report>>,
}

/// An event in the mailbox.
pub(crate) struct Envelope<M: Machine> {
    pub(crate) event: M::Event,
    /// Who asked.
    pub(crate) reply: Option<Reply<M>>,
}

/// Where the result of a step goes.
pub(crate) enum Reply<M: Machine> {
    /// To [`crate::Handle::ask`].
    Result(oneshot::Sender<StepResult<M>>),
    /// To [`crate::Handle::request`], with the machine's own answer.
    Request(oneshot::Sender<(StepResult<M>, Option<M::Reply>)>),
    /// To [`crate::Handle::ask_with`], past the machine.
    Look(Look<M>),
}

/// Looks at the machine after a step; gives the result back where nobody waits for it any more.
pub(crate) type Look<M> = Box<dyn FnOnce(&M, StepResult<M>) -> Option<StepResult<M>> + Send>;

/// Something to do with the machine between two steps.
pub(crate) type Control<M> = Box<dyn FnOnce(&M, &mut Vec<Publisher<M>>) + Send>;

/// Tells watchers of a new state, if there is one; `false` when the last of them is gone.
pub(crate) type Publisher<M> = Box<dyn FnMut(Option<&M>) -> bool + Send>;

/// One task, one machine. The desk is the last field because it is to be dropped last.
pub(crate) struct Dispatcher<S: Service> {
    service: S,
    world: Surroundings<S::Machine>,
    /// Who asked for events that are deferred.
    waiting: Vec<(Token, Reply<S::Machine>)>,
    publishers: Vec<Publisher<S::Machine>>,
    desk: Desk<S::Machine>,
}

impl<S> Dispatcher<S>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
{
    pub(crate) fn new(service: S, world: Surroundings<S::Machine>, desk: Desk<S::Machine>) -> Self {
        Self { service, world, waiting: Vec::new(), publishers: Vec::new(), desk }
    }

    /// The life of the task; to be dropped afterwards.
    pub(crate) async fn live(&mut self) {
        let shared = Arc::clone(&self.desk.shared);
        shared.mailbox.adopt();
        let end = {
            let polls = AtomicUsize::new(0);
            let end = guard(&polls, pin!(self.run(&polls))).await;
            // Before the step that panicked is dropped, and with it the channel of its asker.
            shared.mailbox.end(*end.as_ref().unwrap_or(&Reason::Panicked));
            end
        };
        self.desk.report = Some(Box::new(self.report(end)));
    }

    fn report(&self, end: Result<Reason, Box<dyn Any + Send>>) -> Report {
        let mut report = Report { reason: Reason::Panicked, ..self.desk.bare_report() };
        match end {
            Ok(reason) => report.reason = reason,
            Err(panic) => {
                report.panic = message(&*panic);
                tracing::error!(target: TARGET, machine = self.world.tracer.name(), panic = report.panic, "a handler panicked");
            }
        }
        let active = self.service.machine().active();
        report.configuration = active.map(|state| trace::path(S::Machine::DEFINITION, state)).collect();
        tracing::debug!(target: TARGET, machine = self.world.tracer.name(), reason = report.reason.name(), "ended");
        report
    }

    /// Starts the machine and works until there is a reason to end.
    async fn run(&mut self, polls: &AtomicUsize) -> Reason {
        if let Some(reason) = self.start().await {
            return reason;
        }
        loop {
            if let Some(reason) = poll_fn(|context| self.poll_wake(context)).await {
                return reason;
            }
            loop {
                if let Some(reason) = self.catch_up(polls).await {
                    return reason;
                }
                self.answer_control();
                let Some(mut envelope) = self.desk.batch.events.pop_front() else { break };
                if let Some(reason) = self.handle(&mut envelope).await {
                    return reason;
                }
                consume_budget().await;
            }
        }
    }

    /// Ready when there is something to do; `Some` is the reason why there will be nothing more.
    ///
    /// The mailbox is looked at even if a timer is due: one that always is must not keep anybody from being heard.
    fn poll_wake(&mut self, context: &mut Context<'_>) -> Poll<Option<Reason>> {
        let due = self.world.timers.poll_due(context).is_ready();
        let done = self.world.invokes.poll_done(context).is_ready();
        let Desk { batch, shared, .. } = &mut self.desk;
        match shared.mailbox.poll_take(batch, context) {
            Poll::Pending if due || done => Poll::Ready(None),
            taken => taken,
        }
    }

    /// What goes before the next event (SEMANTICS.md, 14.8): the timers that are due by now, then the result of an
    /// invoke. Whatever comes due meanwhile waits for the event after that, so that neither keeps the mailbox waiting
    /// for ever.
    async fn catch_up(&mut self, polls: &AtomicUsize) -> Option<Reason> {
        if let Some(now) = self.world.timers.look(polls.load(Relaxed)) {
            while let Some((timer, generation)) = self.world.timers.take_due(now) {
                if let Some(reason) = self.fire(timer, generation).await {
                    return Some(reason);
                }
                consume_budget().await;
            }
        }
        let (generation, done) = self.world.invokes.take_done()?;
        let end = self.complete(generation, done).await;
        consume_budget().await;
        end
    }

    /// A timer is due.
    async fn fire(&mut self, timer: <S::Machine as Machine>::Timer, generation: u32) -> Option<Reason> {
        let span = self.world.begin(self.service.machine(), Cause::Timer);
        let result = within(&span, pin!(self.service.fire(&mut self.world, timer, generation))).await;
        span.in_scope(|| self.conclude(&result));
        self.unheard("(timer)", result);
        self.reason_to_end()
    }

    /// An invoke came to its end.
    async fn complete(&mut self, generation: u32, done: <S::Machine as Machine>::Done) -> Option<Reason> {
        let span = self.world.begin(self.service.machine(), Cause::Invoke);
        let result = within(&span, pin!(self.service.complete(&mut self.world, generation, done))).await;
        span.in_scope(|| self.conclude(&result));
        self.unheard("(invoke)", result);
        self.reason_to_end()
    }

    /// Enters the initial state, unless the machine comes from a snapshot and is there already.
    async fn start(&mut self) -> Option<Reason> {
        if matches!(self.service.machine().status(), Status::Stopped | Status::Suspended) {
            let span = self.world.begin(self.service.machine(), Cause::Start);
            let result = within(&span, pin!(self.service.start(&mut self.world))).await;
            span.in_scope(|| self.conclude(&result));
            self.unheard("start", result);
        }
        self.reason_to_end()
    }

    /// One event, one step. The event comes by reference, since a future that takes it by value holds it twice.
    async fn handle(&mut self, envelope: &mut Envelope<S::Machine>) -> Option<Reason> {
        let Envelope { event, reply } = envelope;
        let index = S::Machine::event_index(event);
        self.desk.handled += 1;
        let span = self.world.begin(self.service.machine(), Cause::Event(index));
        let result = within(&span, pin!(self.service.handle(&mut self.world, event))).await;
        let mut reply = reply.take();
        // Whoever asks is told when the event is handled for good, which may be in this very step.
        if let Some(token) = self.world.deferred() {
            self.waiting.extend(reply.take().map(|reply| (token, reply)));
        }
        span.in_scope(|| self.conclude(&result));
        self.desk.failed += u64::from(result.is_err());
        let name = trace::event_name(S::Machine::DEFINITION, index);
        match reply {
            None => self.unheard(name, result),
            Some(reply) => self.answer(name, reply, result, None),
        }
        self.reason_to_end()
    }

    /// Tells whoever asked, for the event of the step or a deferred one.
    fn answer(
        &mut self,
        event: &str,
        reply: Reply<S::Machine>,
        result: StepResult<S::Machine>,
        deferred: Option<Token>,
    ) {
        let unheard = match reply {
            Reply::Result(reply) => reply.send(result).err(),
            Reply::Request(reply) => {
                reply.send((result, self.world.take_reply(deferred))).err().map(|(result, _)| result)
            }
            Reply::Look(look) => look(self.service.machine(), result),
        };
        if let Some(result) = unheard {
            self.unheard(event, result);
        }
    }

    /// An error that nobody asked for must be seen all the same.
    fn unheard(&self, event: &str, result: StepResult<S::Machine>) {
        if let Err(error) = result {
            self.trace_error(event, &error);
        }
    }

    /// Whoever asked for deferred events that are handled for good.
    fn settle(&mut self) {
        for (token, outcome) in std::mem::take(&mut self.world.settled) {
            if let Some(at) = self.waiting.iter().position(|waiting| waiting.0 == token) {
                let (_, reply) = self.waiting.swap_remove(at);
                self.answer("(deferred)", reply, Ok(outcome), Some(token));
            }
        }
    }

    /// Tells observers and watchers what came of a step, and starts the invokes that it asked for.
    fn conclude(&mut self, result: &StepResult<S::Machine>) {
        let machine = self.service.machine();
        let outcome = result.as_ref().ok().copied();
        self.world.tracer.end(machine, outcome);
        // The configuration may have changed although an action failed.
        let changed = matches!(outcome, None | Some(Outcome::Transitioned | Outcome::Finished));
        if changed && !self.publishers.is_empty() {
            self.publishers.retain_mut(|publish| publish(Some(machine)));
        }
        if !self.world.settled.is_empty() {
            self.settle();
        }
        let service = &self.service;
        self.world.invokes.start(|invoke| service.run(invoke));
    }

    fn trace_error(&self, event: &str, error: &Error<<S::Machine as Machine>::Error>) {
        tracing::error!(target: TARGET, machine = self.world.tracer.name(), event, ?error, "the step failed");
    }

    /// Answers the questions about the machine that came until now.
    fn answer_control(&mut self) {
        let Desk { batch, shared, .. } = &mut self.desk;
        if batch.control.is_empty() {
            shared.mailbox.take_control(&mut batch.control);
        }
        for control in batch.control.drain(..) {
            control(self.service.machine(), &mut self.publishers);
        }
    }

    fn reason_to_end(&self) -> Option<Reason> {
        match self.service.machine().status() {
            Status::Finished => Some(Reason::Finished),
            Status::Stepping => Some(Reason::Poisoned),
            Status::Stopped | Status::Ready | Status::Suspended => None,
        }
    }
}

/// The dispatcher's side of the mailbox. Dropping it is the end of the machine for everybody else.
pub(crate) struct Desk<M: Machine> {
    shared: Arc<Shared<M>>,
    batch: Batch<Envelope<M>, Control<M>>,
    handled: u64,
    failed: u64,
    /// Written at the end of the work; not there if the task is dropped before.
    report: Option<Box<Report>>,
}

impl<M: Machine> Desk<M> {
    pub(crate) fn new(shared: Arc<Shared<M>>) -> Self {
        Self { shared, batch: Batch::default(), handled: 0, failed: 0, report: None }
    }

    /// What can be said without the machine.
    fn bare_report(&self) -> Report {
        Report {
            reason: Reason::Aborted,
            panic: None,
            handled: self.handled,
            failed: self.failed,
            dropped: 0,
            configuration: Vec::new(),
        }
    }
}

impl<M: Machine> Drop for Desk<M> {
    fn drop(&mut self) {
        let mut report = self.report.take().unwrap_or_else(|| Box::new(self.bare_report()));
        self.shared.mailbox.end(report.reason);
        let rest = self.shared.mailbox.take_rest();
        report.dropped = (self.batch.events.len() + rest.0.len()) as u64;
        if report.dropped > 0 {
            let Report { dropped, reason, .. } = *report;
            tracing::warn!(target: TARGET, machine = M::DEFINITION.name, dropped, reason = reason.name(), "events dropped");
        }
        // Nobody else sets it, and a desk is dropped once.
        let _ = self.shared.report.set(report);
    }
}

/// Runs `future` inside of `span`, without moving either.
async fn within<F: Future>(span: &Span, mut future: Pin<&mut F>) -> F::Output {
    poll_fn(|context| span.in_scope(|| future.as_mut().poll(context))).await
}

/// Runs `future` and gives its panic as a value, with the future not yet dropped; counts how often it is polled.
async fn guard<F: Future>(polls: &AtomicUsize, mut future: Pin<&mut F>) -> Result<F::Output, Box<dyn Any + Send>> {
    // What the future borrowed may be half-way changed after a panic: the caller looks at nothing but the machine's
    // configuration, which is always a whole value.
    poll_fn(|context| {
        polls.fetch_add(1, Relaxed);
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(panic) => Poll::Ready(Err(panic)),
        }
    })
    .await
}

/// The text that a panic was called with.
fn message(panic: &(dyn Any + Send)) -> Option<String> {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).map(str::to_owned)
}
