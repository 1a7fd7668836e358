//! The dispatcher's side of the mailbox: the batch that is being worked off, and the account of it.
//!
//! Part of [`super`]. Dropping it is the end of the machine for everybody else.

use std::sync::Arc;
use std::task::{Context, Poll};

use super::URGENT_IN_A_ROW;
use super::guard::caught;
use crate::core::Machine;
use crate::dead_letter::Undelivered;
use crate::mailbox::Batch;
use crate::report::{Reason, Report};
use crate::shared::{Control, Envelope, Shared};
use crate::trace::TARGET;

pub(crate) struct Desk<M: Machine> {
    pub(super) shared: Arc<Shared<M>>,
    pub(super) batch: Batch<Envelope<M>, Control<M>>,
    /// The event of the step that is running.
    pub(super) current: Option<Envelope<M>>,
    /// How many urgent events were handled since the last that was not.
    in_a_row: u32,
    pub(super) handled: u64,
    pub(super) failed: u64,
    /// How many events wait in the machine until its state changes.
    pub(super) deferred: u64,
    pub(super) restarts: u64,
    /// The message of the last panic.
    pub(super) panic: Option<String>,
    /// Written at the end of the work; not there if the task is dropped before.
    pub(super) report: Option<Box<Report<M::Output>>>,
}

impl<M: Machine> Desk<M> {
    pub(crate) fn new(shared: Arc<Shared<M>>) -> Self {
        Self {
            shared,
            batch: Batch::default(),
            current: None,
            in_a_row: 0,
            handled: 0,
            failed: 0,
            deferred: 0,
            restarts: 0,
            panic: None,
            report: None,
        }
    }

    /// Takes all that is in the mailbox; `Some` is the reason why there will be nothing more.
    pub(super) fn poll_take(&mut self, context: &Context<'_>) -> Poll<Option<Reason>> {
        let taken = self.shared.mailbox.poll_take(&mut self.batch, context);
        if self.batch.events.is_empty() {
            // None of the others is there to have a turn.
            self.in_a_row = 0;
        }
        taken
    }

    /// Takes what goes first out of the mailbox; `Some` is the reason to end now.
    pub(super) fn look_up(&mut self) -> Option<Reason> {
        self.shared.mailbox.take_attention(&mut self.batch)
    }

    /// Makes the next event the current one; false where there is none, or where those in the mailbox have their turn.
    pub(super) fn pick(&mut self) -> bool {
        if !self.batch.urgent.is_empty() && self.in_a_row < URGENT_IN_A_ROW {
            self.in_a_row += 1;
            self.current = self.batch.urgent.pop_front();
        } else {
            self.current = self.batch.events.pop_front();
            if self.current.is_some() {
                self.in_a_row = 0;
            }
        }
        self.current.is_some()
    }

    /// The current event is done with; one that was not handled is a dead letter.
    pub(super) fn put_away(&mut self, undelivered: Option<Undelivered>) {
        if let Some(envelope) = self.current.take()
            && let Some(why) = undelivered
        {
            self.shared.bury(envelope.event, why);
        }
    }

    /// What can be said without the machine.
    pub(super) fn account(&self, reason: Reason) -> Report<M::Output> {
        Report {
            panic: self.panic.clone(),
            handled: self.handled - self.deferred,
            failed: self.failed,
            deferred: self.deferred,
            restarts: self.restarts,
            ..Report::new(reason)
        }
    }
}

impl<M: Machine> Drop for Desk<M> {
    fn drop(&mut self) {
        let mut report = self.report.take().unwrap_or_else(|| Box::new(self.account(Reason::Aborted)));
        self.shared.mailbox.end(report.reason);
        let (waiting, _) = self.shared.mailbox.take_rest();
        report.overflowed = self.shared.mailbox.overflowed();
        let rest = self.batch.urgent.drain(..).chain(self.batch.events.drain(..)).chain(waiting);
        for Envelope { event, reply } in rest {
            // Whoever asked is told by the reply that goes.
            drop(reply);
            report.dropped += 1;
            // Whoever waits for the report must get it, whatever the keeper of dead letters does.
            let _ = caught(|| self.shared.bury(event, Undelivered::Ended(report.reason)));
        }
        if report.dropped > 0 {
            let Report { dropped, reason, .. } = *report;
            tracing::warn!(target: TARGET, machine = M::DEFINITION.name, dropped, reason = reason.name(), "events dropped");
        }
        // Nobody else sets it, and a desk is dropped once.
        let _ = self.shared.report.set(report);
    }
}
