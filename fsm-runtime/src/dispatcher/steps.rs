//! The steps that are more than plain: each with its span, its observers and its account.
//!
//! Part of [`super`], which boxes these futures, since most machines are idle most of the time and their tasks would be as
//! large as the largest of them.

use std::ops::ControlFlow::{self, Continue};
use std::panic::resume_unwind;
use std::pin::pin;

use tokio::task::coop::consume_budget;

use super::guard::within;
use super::{Dispatcher, Exit, Runnable};
use crate::core::{Machine, Outcome, Service, Status};
use crate::meter::{Metering as _, Timing};
use crate::surroundings::Ended;
use crate::trace::Cause;

/// A step that is about no event.
#[derive(Debug, Clone, Copy)]
pub(super) enum Aside {
    Start,
    Timer,
    Invoke,
}

impl Aside {
    /// What stands where an event's name would.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Timer => "(timer)",
            Self::Invoke => "(invoke)",
        }
    }
}

impl<S> Dispatcher<S>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
{
    /// Enters the initial state, unless the machine comes from a snapshot and is there already.
    pub(super) async fn start(&mut self) -> ControlFlow<Exit> {
        if !matches!(self.service.machine().status(), Status::Stopped | Status::Suspended) {
            self.show();
            return self.reason_to_end();
        }
        let span = self.world.begin(self.service.machine(), Cause::Start);
        self.desk.aside = Aside::Start;
        let began = self.world.meter.begin();
        let result = match self.world.tracer.turns() {
            None => self.service.start(&mut self.world).await,
            Some(turns) => within(&span, turns, pin!(self.service.start(&mut self.world))).await,
        };
        self.world.meter.end(began);
        let goes_on = matches!(result, Ok(Outcome::Handled));
        let flow = self.conclude(Aside::Start.name(), &span, result, None);
        if goes_on {
            self.show();
        }
        flow
    }

    /// One event, one step. The event stays on the desk, since a future that takes it by value holds it twice.
    pub(super) async fn handle(&mut self) -> ControlFlow<Exit> {
        self.desk.handled += 1;
        self.remember();
        let Some(current) = self.desk.current() else { return Continue(()) };
        let index = S::Machine::event_index(&current.event);
        let cause = Cause::Event { event: index, message: self.desk.handled };
        let span = self.world.begin_from(self.service.machine(), cause, current.origin());
        let began = self.world.meter.begin();
        let result = match self.world.tracer.turns() {
            None => self.service.handle(&mut self.world, &current.event).await,
            Some(turns) => within(&span, turns, pin!(self.service.handle(&mut self.world, &current.event))).await,
        };
        self.world.meter.end(began);
        self.conclude_event(index, &span, result)
    }

    /// Keeps the machine as it is before a step, where the supervisor wants to.
    pub(super) fn remember(&mut self) {
        if let Some(supervisor) = &mut self.supervisor {
            supervisor.remember(&self.service, &self.world.timers);
        }
    }

    /// One timer that is due, one step.
    pub(super) async fn fire(&mut self, timer: <S::Machine as Machine>::Timer, generation: u32) -> ControlFlow<Exit> {
        self.desk.aside = Aside::Timer;
        self.remember();
        let span = self.world.begin(self.service.machine(), Cause::Timer);
        self.world.meter.timer(Timing::Fired);
        let began = self.world.meter.begin();
        let result = match self.world.tracer.turns() {
            None => self.service.fire(&mut self.world, timer, generation).await,
            Some(turns) => within(&span, turns, pin!(self.service.fire(&mut self.world, timer, generation))).await,
        };
        self.world.meter.end(began);
        self.conclude(Aside::Timer.name(), &span, result, None)?;
        consume_budget().await;
        Continue(())
    }

    /// One invoke that came to its end, one step.
    pub(super) async fn complete(&mut self, ended: Ended<S::Machine>) -> ControlFlow<Exit> {
        self.desk.aside = Aside::Invoke;
        self.remember();
        let (generation, done) = ended.unwrap_or_else(|panic| resume_unwind(panic));
        let span = self.world.begin(self.service.machine(), Cause::Invoke);
        let began = self.world.meter.begin();
        let result = match self.world.tracer.turns() {
            None => self.service.complete(&mut self.world, generation, done).await,
            Some(turns) => within(&span, turns, pin!(self.service.complete(&mut self.world, generation, done))).await,
        };
        self.world.meter.end(began);
        self.conclude(Aside::Invoke.name(), &span, result, None)?;
        consume_budget().await;
        Continue(())
    }
}
