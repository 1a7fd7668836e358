//! The plain events of a batch, one after the other.
//!
//! Part of [`super`]. Most events of most machines are such: nobody wants more than the outcome, nobody observes, nothing
//! is remembered, nothing runs beside the machine. What `handle` finds out before and after each event is asked once here,
//! and each event costs its step and little more. Invariant: whatever comes of a step that somebody has to hear of ends
//! the run, and is concluded as always.

use std::ops::ControlFlow::{self, Continue};

use tokio::task::coop::consume_budget;
use tracing::Span;

use super::{Dispatcher, EVENTS_A_UNIT, Exit, Runnable};
use crate::core::{Machine as _, Service, StepResult};
use crate::meter::{Fate, Metering as _};

impl<S> Dispatcher<S>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
{
    /// Works off plain events, so many at most, until the next one is none or something else has its turn; whether there
    /// was any.
    pub(super) async fn stream(&mut self, most: u32) -> ControlFlow<Exit, bool> {
        if !self.is_unwatched() {
            return Continue(false);
        }
        let mut left = most;
        while left > 0
            && let Some((event, asked)) = self.desk.plain()
        {
            left -= 1;
            self.world.begin_plain();
            let began = self.world.meter.begin();
            // The result is gone before the task yields: what is held meanwhile makes every task larger.
            let outcome = match self.service.handle(&mut self.world, event).await {
                Ok(outcome) if self.is_quiet(outcome) => outcome,
                result => {
                    self.world.meter.end(began);
                    return self.after_other(result);
                }
            };
            self.world.meter.end(began);
            self.world.meter.event(Fate::Settled(outcome));
            if asked && let Some(reply) = self.desk.take_reply() {
                self.answer("", reply, Ok(outcome), None);
            }
            self.desk.put_plain_away();
            if self.desk.handled.is_multiple_of(EVENTS_A_UNIT) {
                consume_budget().await;
            }
            if self.world.is_busy() {
                break;
            }
        }
        Continue(left < most)
    }

    /// What follows from the step of a plain event of which somebody has to hear.
    #[cold]
    fn after_other(&mut self, result: StepResult<S::Machine>) -> ControlFlow<Exit, bool> {
        let index = self.desk.current().map_or(0, |current| S::Machine::event_index(&current.event));
        self.conclude_event(index, &Span::none(), result)?;
        Continue(true)
    }

    /// Whether a step concerns the machine alone, where nobody asked for its event.
    fn is_unwatched(&self) -> bool {
        let remembers = self.supervisor.as_ref().is_some_and(|supervisor| supervisor.remembers());
        !self.is_published() && !remembers && !self.world.tracer.is_wanted()
    }
}
