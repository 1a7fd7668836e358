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
    pub(super) fn stream(&mut self, most: u32) -> impl Future<Output = ControlFlow<Exit, bool>> + Send {
        let (own, mut left) = (self, most);
        async move {
            if !own.is_unwatched() {
                return Continue(false);
            }
            let mut any = false;
            while left > 0
                && let Some((event, asked)) = own.desk.plain()
            {
                left -= 1;
                any = true;
                own.world.begin_plain();
                let began = own.world.meter.begin();
                // The result is gone before the task yields: what is held meanwhile makes every task larger.
                let outcome = match own.service.handle(&mut own.world, event).await {
                    Ok(outcome) if own.is_quiet(outcome) => outcome,
                    result => {
                        own.world.meter.end(began);
                        return own.after_other(result);
                    }
                };
                own.world.meter.end(began);
                own.world.meter.event(Fate::Settled(outcome));
                if asked && let Some(reply) = own.desk.take_reply() {
                    own.answer("", reply, Ok(outcome), None);
                }
                own.desk.put_plain_away();
                if own.desk.handled.is_multiple_of(EVENTS_A_UNIT) {
                    consume_budget().await;
                }
                if own.world.is_busy() {
                    break;
                }
            }
            Continue(any)
        }
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
