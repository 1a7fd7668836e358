//! The dispatcher: one task that owns one machine and works off its mailbox.
//!
//! It takes a whole batch, answers what came in the control lane, hands the events to the machine one after the other,
//! and yields by tokio's budget, so that a flood starves nobody. What came of a step goes to whoever asked, to observers
//! and watchers, and if it failed to the [`Supervisor`], who says whether the machine goes on, ends, or is made anew.
//!
//! Invariants: a panic of a handler ends in [`guard`], and a machine that was interrupted in a step never gets another
//! event; between two events everything that is more urgent has its turn, and after [`URGENT_IN_A_ROW`] urgent events one
//! of the others does; however the task ends, even by being dropped, [`Desk`] closes the mailbox and leaves a report, so
//! nobody waits for ever; the service is dropped before the report is seen.

mod desk;
mod failures;
mod guard;
mod runnable;
mod steps;
mod stream;

use std::convert::Infallible;
use std::future::poll_fn;
use std::ops::ControlFlow::{self, Break, Continue};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::task::coop::consume_budget;
use tracing::Span;

use crate::core::{Machine, Outcome, Service, Status, StepResult, Token};
use crate::dead_letter::Undelivered;
use crate::meter::{Fate, Metering as _};
use crate::rare::Rare;
use crate::report::{Reason, Report};
use crate::shared::Reply;
use crate::supervision::{Cause as Failed, Supervisor};
use crate::surroundings::Surroundings;
use crate::trace::{self, TARGET};
use crate::watching::{Inside, Publisher};
pub(crate) use desk::Desk;
pub(crate) use guard::Payload;
use guard::guard;
pub(crate) use guard::{Panic, caught, message};
pub use runnable::Runnable;

/// So many urgent events are handled before one of the others has its turn.
pub(crate) const URGENT_IN_A_ROW: u32 = 16;

/// So many events cost a unit of the budget after which tokio lets others run: a unit is meant for a look at a channel.
const EVENTS_A_UNIT: u64 = 4;

/// One task, one machine. The desk is the last field because it is to be dropped last.
pub(crate) struct Dispatcher<S: Service> {
    service: S,
    world: Surroundings<S::Machine>,
    company: Rare<Company<S::Machine>>,
    supervisor: Option<Box<Supervisor<S>>>,
    desk: Desk<S::Machine>,
}

/// Who is told of more than the outcome of one event.
struct Company<M: Machine> {
    /// Who asked for events that are deferred.
    waiting: Vec<(Token, Reply<M>)>,
    publishers: Vec<Publisher<M>>,
}

impl<M: Machine> Default for Company<M> {
    fn default() -> Self {
        Self { waiting: Vec::new(), publishers: Vec::new() }
    }
}

impl<M: Machine> Company<M> {
    /// Whoever asked for a deferred event.
    fn take_asker(&mut self, token: Token) -> Option<Reply<M>> {
        let at = self.waiting.iter().position(|waiting| waiting.0 == token)?;
        Some(self.waiting.swap_remove(at).1)
    }
}

/// Why the machine does not go on.
enum Exit {
    /// It is at its end.
    End(Reason),
    /// It is to be made anew, because of a failure.
    Restart(Reason),
}

impl<S> Dispatcher<S>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
{
    pub(crate) fn new(
        service: S,
        world: Surroundings<S::Machine>,
        supervisor: Option<Box<Supervisor<S>>>,
        desk: Desk<S::Machine>,
    ) -> Self {
        Self { service, world, company: Rare::new(), supervisor, desk }
    }

    /// The life of the task.
    pub(crate) fn live(self) -> impl Future<Output = ()> + Send {
        // Here and below a block that captures: an `async fn` would hold its argument twice.
        let mut own = self;
        async move {
            own.desk.shared.mailbox.adopt();
            let reason = loop {
                let exit = {
                    let worked = guard(Arc::clone(&own.desk.shared), pin!(own.work())).await;
                    worked.map_or_else(|panic| own.interrupted(&*panic), |Break(exit)| exit)
                };
                let reason = match exit {
                    Exit::End(reason) => break reason,
                    Exit::Restart(reason) => reason,
                };
                if let Break(reason) = own.restarted(reason).await {
                    break reason;
                }
            };
            own.desk.shared.mailbox.end(reason);
            own.desk.notable.make().report = Some(Box::new(own.report(reason)));
        }
    }

    fn report(&self, reason: Reason) -> Report<<S::Machine as Machine>::Output> {
        let machine = self.service.machine();
        let configuration = machine.active().map(|state| trace::path(S::Machine::DEFINITION, state)).collect();
        let output = machine.output().filter(|_| reason == Reason::Finished).cloned();
        tracing::debug!(target: TARGET, machine = S::Machine::DEFINITION.name, key = self.world.tracer.key(), reason = reason.name(), "ended");
        let records = self.world.tracer.records();
        Report { output, configuration, records, ..self.desk.account(reason) }
    }

    /// Starts the machine and works until it does not go on.
    ///
    /// What is seldom is boxed: the task of an idle machine is as large as the largest future that stands in here.
    fn work(&mut self) -> impl Future<Output = ControlFlow<Exit, Infallible>> + Send {
        let own = self;
        async move {
            Box::pin(own.start()).await?;
            loop {
                loop {
                    let mut most = u32::MAX;
                    if own.world.is_busy() {
                        own.catch_up().await?;
                        most = 1;
                    }
                    if own.stream(most).await? {
                        continue;
                    }
                    if !own.pick()? {
                        break;
                    }
                    Box::pin(own.handle()).await?;
                    if own.desk.handled.is_multiple_of(EVENTS_A_UNIT) {
                        consume_budget().await;
                    }
                }
                if let Some(reason) = poll_fn(|context| own.poll_wake(context)).await {
                    return Break(Exit::End(reason));
                }
            }
        }
    }

    /// Ready when there is something to do; `Some` is the reason why there will be nothing more.
    ///
    /// The mailbox is looked at even if a timer is due: one that always is must not keep anybody from being heard.
    fn poll_wake(&mut self, context: &mut Context<'_>) -> Poll<Option<Reason>> {
        if !self.world.is_busy() {
            return self.desk.poll_take(context);
        }
        let due = self.world.timers.poll_due(context).is_ready();
        let done = self.world.invokes.poll_done(context).is_ready();
        match self.desk.poll_take(context) {
            Poll::Pending if due || done => Poll::Ready(None),
            taken => taken,
        }
    }

    /// What goes before the next event (SEMANTICS.md, 14.8): the timers that are due by now, then the result of an
    /// invoke. Whatever comes due meanwhile waits for the event after that, so that neither keeps the mailbox waiting
    /// for ever.
    async fn catch_up(&mut self) -> ControlFlow<Exit> {
        if let Some(now) = self.world.timers.look(self.desk.shared.mailbox.polls()) {
            while let Some((timer, generation)) = self.world.timers.take_due(now) {
                Box::pin(self.fire(timer, generation)).await?;
            }
        }
        match self.world.invokes.take_done() {
            Some(ended) => Box::pin(self.complete(ended)).await,
            None => Continue(()),
        }
    }

    /// Answers the questions that came, and puts the next event on the desk; false where there is none.
    fn pick(&mut self) -> ControlFlow<Exit, bool> {
        if let Some(reason) = self.desk.look_up() {
            return Break(Exit::End(reason));
        }
        while let Some(control) = self.desk.batch.pop_control() {
            (control.into_act())(Inside {
                machine: self.service.machine(),
                service: &self.service,
                timers: &self.world.timers,
                publishers: &mut self.company.make().publishers,
                tracer: &mut self.world.tracer,
            });
        }
        Continue(self.desk.pick())
    }

    /// What follows from the step of an event.
    fn conclude_event(&mut self, index: usize, span: &Span, result: StepResult<S::Machine>) -> ControlFlow<Exit> {
        self.world.meter.event(result.as_ref().map_or(Fate::Failed, |outcome| Fate::Settled(*outcome)));
        let reply = self.desk.take_reply();
        if reply.is_none() && result.as_ref().is_ok_and(|outcome| self.is_quiet(*outcome)) {
            self.desk.put_away(None);
            return self.reason_to_end();
        }
        if result.is_err() {
            self.desk.notable.make().failed += 1;
        }
        let undelivered = match &result {
            Ok(Outcome::Unhandled) => Some(Undelivered::Unhandled),
            Ok(_) => None,
            Err(_) => Some(Undelivered::Failed),
        };
        let flow = self.conclude(trace::event_name(S::Machine::DEFINITION, index), span, result, reply);
        self.desk.put_away(undelivered);
        flow
    }

    /// Whether somebody watches the machine.
    fn is_published(&self) -> bool {
        self.company.get().is_some_and(|company| !company.publishers.is_empty())
    }

    /// Whether nobody is to be told of a step.
    fn is_quiet(&self, outcome: Outcome) -> bool {
        matches!(outcome, Outcome::Transitioned | Outcome::Handled | Outcome::Rejected)
            && !self.is_published()
            && self.world.is_quiet()
    }

    /// What follows from a step: tells observers and watchers, answers whoever asked, starts the invokes that it asked
    /// for, and asks the supervisor where it failed.
    fn conclude(
        &mut self,
        event: &'static str,
        span: &Span,
        result: StepResult<S::Machine>,
        reply: Option<Reply<S::Machine>>,
    ) -> ControlFlow<Exit> {
        let deferred = self.world.answers.deferred();
        if deferred.is_some() {
            self.desk.notable.make().deferred += 1;
        }
        // Whoever asks is told when the event is handled for good, which may be in this very step.
        let reply = match (deferred, reply) {
            (Some(token), Some(reply)) => {
                self.company.make().waiting.push((token, reply));
                None
            }
            (_, reply) => reply,
        };
        let settled = span.in_scope(|| self.publish(&result));
        let mut flow = match &result {
            Ok(_) => Continue(()),
            Err(error) => self.judge(event, &Failed::Error(error), Reason::Failed),
        };
        if flow.is_continue() {
            if matches!(settled, Break(Exit::Restart(_))) {
                // The step counts: from before it the event that failed would be tried again for ever.
                self.remember();
            }
            flow = settled;
        }
        match reply {
            Some(reply) => self.answer(event, reply, result, None),
            None => self.unheard(event, result),
        }
        flow?;
        self.reason_to_end()
    }

    /// Tells whoever asked, for the event of the step or a deferred one.
    fn answer(
        &mut self,
        event: &'static str,
        reply: Reply<S::Machine>,
        result: StepResult<S::Machine>,
        deferred: Option<Token>,
    ) {
        let unheard = match reply {
            Reply::Result(reply) => reply.send(Ok(result)).err().and_then(Result::ok),
            Reply::Request(reply) => {
                let own = self.world.answers.take_reply(deferred);
                reply.send(Ok((result, own))).err().and_then(Result::ok).map(|(result, _)| result)
            }
            Reply::Look(look) => look(Ok((self.service.machine(), result))),
            // `Desk::take_reply` takes it out.
            Reply::From(from) => match from.1 {
                Some(reply) => return self.answer(event, reply, result, deferred),
                None => Some(result),
            },
        };
        if let Some(result) = unheard {
            self.unheard(event, result);
        }
    }

    /// An error that nobody asked for must be seen all the same.
    fn unheard(&self, event: &str, result: StepResult<S::Machine>) {
        if let Err(error) = result {
            tracing::error!(target: TARGET, machine = S::Machine::DEFINITION.name, key = self.world.tracer.key(), event, ?error, "the step failed");
        }
    }

    /// Tells observers and watchers what came of a step, and starts the invokes that it asked for. Says what follows from
    /// the deferred events that failed in it.
    fn publish(&mut self, result: &StepResult<S::Machine>) -> ControlFlow<Exit> {
        let machine = self.service.machine();
        let outcome = result.as_ref().ok().copied();
        self.world.tracer.end(machine, outcome);
        // The configuration may have changed although an action failed.
        let changed = matches!(outcome, None | Some(Outcome::Transitioned | Outcome::Finished));
        if changed {
            self.show();
        }
        let flow = if self.world.answers.is_quiet() { Continue(()) } else { self.settle() };
        let service = &self.service;
        self.world.invokes.start(self.world.tracer.key(), |invoke| service.run(invoke));
        flow
    }

    /// Shows the machine to its watchers: after a step that moved it, and after a restart, which may put it anywhere.
    fn show(&mut self) {
        let machine = self.service.machine();
        if let Some(company) = self.company.get_mut() {
            company.publishers.retain_mut(|publish| publish(Some(machine)));
        }
    }

    /// Whoever asked for deferred events that are handled for good.
    fn settle(&mut self) -> ControlFlow<Exit> {
        let mut flow = Continue(());
        for (token, settled) in self.world.answers.take_settled() {
            if token != Token::OWN {
                let deferred = &mut self.desk.notable.make().deferred;
                *deferred = deferred.saturating_sub(1);
            }
            let asker = self.company.get_mut().and_then(|company| company.take_asker(token));
            match settled {
                Ok(outcome) => {
                    if let Some(reply) = asker {
                        self.answer("(deferred)", reply, Ok(outcome), Some(token));
                    }
                }
                Err(gone) => {
                    let follows = self.lose_deferred(token, gone, asker);
                    if flow.is_continue() {
                        flow = follows;
                    }
                }
            }
        }
        flow
    }

    fn reason_to_end(&self) -> ControlFlow<Exit> {
        match self.service.machine().status() {
            Status::Finished => Break(Exit::End(Reason::Finished)),
            Status::Stepping => Break(Exit::End(Reason::Poisoned)),
            Status::Stopped | Status::Ready | Status::Suspended => Continue(()),
        }
    }
}
