//! What a failed step leads to: the supervisor is asked, and the machine goes on, ends, or is made anew.
//!
//! Part of [`super`]. Invariant: whoever asked for an event whose step came to no result is told so before anything else
//! happens to the machine.

use std::future::poll_fn;
use std::ops::ControlFlow::{self, Break, Continue};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use tokio::time::sleep;

use super::guard::{self, Panic, message};
use super::{Dispatcher, Exit, Runnable};
use crate::core::{Machine, Service, Status, Token};
use crate::dead_letter::Undelivered;
use crate::meter::{Fate, Metering as _};
use crate::report::Reason;
use crate::shared::{Reply, Unanswered};
use crate::supervision::{Cause as Failed, Then};
use crate::surroundings::Gone;
use crate::trace::{self, TARGET};

impl<S> Dispatcher<S>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
{
    /// A handler panicked, or an observer. Whoever asked for the event of the step is told by what is left of it.
    pub(super) fn interrupted(&mut self, panic: Panic<'_>) -> Exit {
        self.note_panic(panic);
        let event = self.desk.current().map(|current| S::Machine::event_index(&current.event));
        // Where it was an observer that panicked, the step was over and is counted.
        if event.is_some() && self.service.machine().status() == Status::Stepping {
            self.world.meter.event(Fate::Panicked);
        }
        let event = event.map_or(self.desk.aside.name(), |event| trace::event_name(S::Machine::DEFINITION, event));
        if let Some(reply) = self.desk.take_reply() {
            reply.give_up(Unanswered::Lost(Reason::Panicked));
        }
        let flow = guard::caught(|| self.judge(event, &Failed::Panic(message(panic).as_deref()), Reason::Panicked));
        self.desk.put_away(Some(Undelivered::Failed));
        match flow {
            Ok(Break(exit)) => exit,
            Ok(Continue(())) | Err(_) => Exit::End(Reason::Panicked),
        }
    }

    /// A deferred event is gone with an error, which is no error of the step. Whoever asked for it is told.
    #[cold]
    pub(super) fn lose_deferred(
        &mut self,
        token: Token,
        gone: Gone<S::Machine>,
        asker: Option<Reply<S::Machine>>,
    ) -> ControlFlow<Exit> {
        let Gone { event, error: Some(error) } = gone else { return Continue(()) };
        let name = trace::event_name(S::Machine::DEFINITION, S::Machine::event_index(&event));
        let flow = self.judge(name, &Failed::Error(&error), Reason::Failed);
        match asker {
            Some(reply) => self.answer(name, reply, Err(error), Some(token)),
            None => self.unheard(name, Err(error)),
        }
        // What the machine had raised or sent itself came from nobody.
        if token != Token::OWN {
            self.desk.notable.make().failed += 1;
            self.desk.shared.bury(event, Undelivered::Failed);
        }
        flow
    }

    pub(super) fn note_panic(&mut self, panic: Panic<'_>) {
        let text = message(panic);
        tracing::error!(target: TARGET, machine = S::Machine::DEFINITION.name, key = self.world.tracer.key(), panic = text, "a handler panicked");
        self.desk.notable.make().panic = text;
    }

    /// What the supervisor says to a failure. A machine that was interrupted in a step cannot go on.
    pub(super) fn judge(
        &mut self,
        event: &'static str,
        cause: &Failed<'_, <S::Machine as Machine>::Error>,
        reason: Reason,
    ) -> ControlFlow<Exit> {
        let transition = self.world.tracer.last();
        let then = self
            .supervisor
            .as_mut()
            .and_then(|supervisor| supervisor.judge(self.world.tracer.name(), event, transition, cause));
        match then {
            Some(Then::Restart) => Break(Exit::Restart(reason)),
            Some(Then::Stop | Then::Escalate) => Break(Exit::End(reason)),
            None if reason == Reason::Panicked => Break(Exit::End(reason)),
            None => Continue(()),
        }
    }

    /// Makes the machine anew; the reason to end where that does not come about. Boxed as a whole, since it is seldom.
    pub(super) fn restarted(&mut self, reason: Reason) -> Pin<Box<impl Future<Output = ControlFlow<Reason>> + Send>> {
        Box::pin(async move {
            let shared = Arc::clone(&self.desk.shared);
            let restarted = guard::guard(shared, pin!(self.restart(reason))).await;
            restarted.unwrap_or_else(|panic| {
                self.note_panic(&*panic);
                Break(Reason::Panicked)
            })
        })
    }

    /// Waits as long as the supervisor says, and puts a new machine in the place of the one that failed.
    async fn restart(&mut self, reason: Reason) -> ControlFlow<Reason> {
        if let Some(company) = self.company.get_mut() {
            company.waiting.drain(..).for_each(|(_, reply)| reply.give_up(Unanswered::Lost(reason)));
        }
        self.world.clear();
        let wait = self.supervisor.as_mut().and_then(|supervisor| supervisor.wait());
        let Some(wait) = wait else {
            tracing::error!(target: TARGET, machine = S::Machine::DEFINITION.name, key = self.world.tracer.key(), "it failed too often, and ends");
            return Break(reason);
        };
        if !wait.is_zero() {
            let mut pause = pin!(sleep(wait));
            let mailbox = &self.desk.shared.mailbox;
            let stopped = poll_fn(|context| match mailbox.poll_halt(context) {
                Poll::Ready(reason) => Poll::Ready(Some(reason)),
                Poll::Pending => pause.as_mut().poll(context).map(|()| None),
            });
            if let Some(reason) = stopped.await {
                return Break(reason);
            }
        }
        let notable = self.desk.notable.make();
        notable.restarts += 1;
        let restarts = notable.restarts;
        self.world.meter.restarted(reason);
        let machine = self.service.machine();
        if let Some(supervisor) = &mut self.supervisor
            && let Some(service) = supervisor.make(restarts, reason, machine)
        {
            self.service = service;
        }
        tracing::warn!(target: TARGET, machine = S::Machine::DEFINITION.name, key = self.world.tracer.key(), restarts, "restarted");
        Continue(())
    }
}
