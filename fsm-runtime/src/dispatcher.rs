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
use std::sync::atomic::AtomicUsize;
use std::task::Poll;

use tokio::sync::{SetOnce, oneshot};
use tokio::task::coop::consume_budget;
use tracing::Span;

use crate::core::{Error, Machine, Outcome, Service, Status, StepResult};
use crate::mailbox::{Batch, Mailbox};
use crate::report::{Reason, Report};
use crate::trace::{self, TARGET, Tracer};

/// A machine that can live in a task of its own: its events and errors go from task to task, and an error that nobody
/// asked for can be shown. Every such machine is `Runnable` by itself.
///
/// Events are `Sync` because handlers borrow them while they wait.
pub trait Runnable: Machine<Event: Send + Sync + 'static, Error: fmt::Debug + Send + 'static> + 'static {}

impl<M> Runnable for M where M: Machine<Event: Send + Sync + 'static, Error: fmt::Debug + Send + 'static> + 'static {}

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
    /// To [`crate::Handle::ask_with`], past the machine.
    Look(Look<M>),
}

/// Looks at the machine after a step; gives the result back where nobody waits for it any more.
pub(crate) type Look<M> = Box<dyn FnOnce(&M, StepResult<M>) -> Option<StepResult<M>> + Send>;

/// Something to do with the machine between two steps.
pub(crate) type Control<M> = Box<dyn FnOnce(&M, &mut Vec<Publisher<M>>) + Send>;

/// Tells watchers of a new state; `false` when the last of them is gone.
pub(crate) type Publisher<M> = Box<dyn FnMut(&M) -> bool + Send>;

/// One task, one machine. The desk is the last field because it is to be dropped last.
pub(crate) struct Dispatcher<S: Service> {
    service: S,
    tracer: Tracer,
    publishers: Vec<Publisher<S::Machine>>,
    desk: Desk<S::Machine>,
}

impl<S> Dispatcher<S>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
{
    pub(crate) fn new(service: S, tracer: Tracer, desk: Desk<S::Machine>) -> Self {
        Self { service, tracer, publishers: Vec::new(), desk }
    }

    /// The life of the task; to be dropped afterwards.
    pub(crate) async fn live(&mut self) {
        let shared = Arc::clone(&self.desk.shared);
        shared.mailbox.adopt();
        let end = {
            let end = guard(pin!(self.run())).await;
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
                tracing::error!(target: TARGET, machine = self.tracer.name(), panic = report.panic, "a handler panicked");
            }
        }
        let active = self.service.machine().active();
        report.configuration = active.map(|state| trace::path(S::Machine::DEFINITION, state)).collect();
        tracing::debug!(target: TARGET, machine = self.tracer.name(), reason = report.reason.name(), "ended");
        report
    }

    /// Starts the machine and works until there is a reason to end.
    async fn run(&mut self) -> Reason {
        if let Some(reason) = self.start().await {
            return reason;
        }
        loop {
            let Desk { batch, shared, .. } = &mut self.desk;
            if let Some(reason) = poll_fn(|context| shared.mailbox.poll_take(batch, context)).await {
                return reason;
            }
            self.answer_control();
            while let Some(mut envelope) = self.desk.batch.events.pop_front() {
                if let Some(reason) = self.handle(&mut envelope).await {
                    return reason;
                }
                if self.desk.shared.mailbox.take_control(&mut self.desk.batch.control) {
                    self.answer_control();
                }
                consume_budget().await;
            }
        }
    }

    /// Enters the initial state, unless the machine comes from a snapshot and is there already.
    async fn start(&mut self) -> Option<Reason> {
        if self.service.machine().status() == Status::Stopped {
            let span = self.tracer.begin(self.service.machine(), None);
            let result = within(&span, pin!(self.service.start(&mut self.tracer))).await;
            span.in_scope(|| self.conclude(&result));
            if let Err(error) = &result {
                self.trace_error("start", error);
            }
        }
        self.reason_to_end()
    }

    /// One event, one step. The event comes by reference, since a future that takes it by value holds it twice.
    async fn handle(&mut self, envelope: &mut Envelope<S::Machine>) -> Option<Reason> {
        let Envelope { event, reply } = envelope;
        let index = S::Machine::event_index(event);
        self.desk.handled += 1;
        let span = self.tracer.begin(self.service.machine(), Some(index));
        let result = within(&span, pin!(self.service.handle(&mut self.tracer, event))).await;
        span.in_scope(|| self.conclude(&result));
        self.desk.failed += u64::from(result.is_err());
        let unheard = match reply.take() {
            Some(Reply::Result(reply)) => reply.send(result).err(),
            Some(Reply::Look(look)) => look(self.service.machine(), result),
            None => Some(result),
        };
        if let Some(Err(error)) = unheard {
            self.trace_error(trace::event_name(S::Machine::DEFINITION, index), &error);
        }
        self.reason_to_end()
    }

    /// Tells observers and watchers what came of a step.
    fn conclude(&mut self, result: &StepResult<S::Machine>) {
        let machine = self.service.machine();
        let outcome = result.as_ref().ok().copied();
        self.tracer.end(machine, outcome);
        // The configuration may have changed although an action failed.
        let changed = matches!(outcome, None | Some(Outcome::Transitioned | Outcome::Finished));
        if changed && !self.publishers.is_empty() {
            self.publishers.retain_mut(|publish| publish(machine));
        }
    }

    /// An error that nobody asked for must be seen all the same.
    fn trace_error(&self, event: &str, error: &Error<<S::Machine as Machine>::Error>) {
        tracing::error!(target: TARGET, machine = self.tracer.name(), event, ?error, "the step failed");
    }

    fn answer_control(&mut self) {
        for control in self.desk.batch.control.drain(..) {
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

/// Runs `future` and gives its panic as a value, with the future not yet dropped.
async fn guard<F: Future>(mut future: Pin<&mut F>) -> Result<F::Output, Box<dyn Any + Send>> {
    // What the future borrowed may be half-way changed after a panic: the caller looks at nothing but the machine's
    // configuration, which is always a whole value.
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

/// The text that a panic was called with.
fn message(panic: &(dyn Any + Send)) -> Option<String> {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).map(str::to_owned)
}
