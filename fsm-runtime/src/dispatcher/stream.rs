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
use crate::core::{Machine as _, Service};
use crate::meter::{Fate, Metering as _};
use crate::shared::Reply;

impl<S> Dispatcher<S>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
{
    /// Works off plain events until the next one is none, or something else has its turn.
    pub(super) async fn stream(&mut self) -> ControlFlow<Exit> {
        if !self.is_unwatched() {
            return Continue(());
        }
        while let Some((event, asked)) = self.desk.plain() {
            self.world.begin_plain();
            let began = self.world.meter.begin();
            let result = self.service.handle(&mut self.world, event).await;
            self.world.meter.end(began);
            if !self.is_quiet(&result) {
                let index = self.desk.current().map_or(0, |current| S::Machine::event_index(&current.event));
                return self.conclude_event(index, &Span::none(), result);
            }
            self.world.meter.event(result.as_ref().map_or(Fate::Failed, |outcome| Fate::Settled(*outcome)));
            if asked && let Some(Reply::Result(reply)) = self.desk.take_reply() {
                // Nobody misses an outcome that nobody waits for any more.
                drop(reply.send(Ok(result)));
            }
            self.desk.put_plain_away();
            if self.desk.handled.is_multiple_of(EVENTS_A_UNIT) {
                consume_budget().await;
            }
            if self.world.is_busy() {
                break;
            }
        }
        Continue(())
    }

    /// Whether a step concerns the machine alone, where nobody asked for its event.
    fn is_unwatched(&self) -> bool {
        let remembers = self.supervisor.as_ref().is_some_and(|supervisor| supervisor.remembers());
        self.publishers.is_empty() && !remembers && !self.world.tracer.is_wanted()
    }
}
