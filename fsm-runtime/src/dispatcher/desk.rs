//! The dispatcher's side of the mailbox: the batch that is being worked off, and the account of it.
//!
//! Part of [`super`]. Dropping it is the end of the machine for everybody else.

use std::sync::Arc;
use std::task::{Context, Poll};

use super::URGENT_IN_A_ROW;
use super::guard::caught;
use super::steps::Aside;
use crate::core::Machine;
use crate::dead_letter::Undelivered;
use crate::mailbox::{Batch, Ring};
use crate::meter::Metering as _;
use crate::rare::Rare;
use crate::report::{Reason, Report};
use crate::shared::{Control, Envelope, Reply, Shared};
use crate::trace::TARGET;

/// What an event of the batch came by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    Urgent,
    Events,
}

pub(crate) struct Desk<M: Machine> {
    pub(super) shared: Arc<Shared<M>>,
    pub(super) batch: Batch<Envelope<M>, Control<M>>,
    /// In whose lane the event of the step that is running stands first, and stays until the step is over: moving it
    /// would cost a small step a tenth.
    current: Option<Lane>,
    /// What the step is about where it is about no event.
    pub(super) aside: Aside,
    /// How many urgent events were handled since the last that was not.
    in_a_row: u32,
    pub(super) handled: u64,
    pub(super) notable: Rare<Notable<M::Output>>,
}

/// What goes into the report beside the number of events, if it ever happens.
pub(super) struct Notable<O> {
    pub(super) failed: u64,
    /// How many events wait in the machine until its state changes.
    pub(super) deferred: u64,
    pub(super) restarts: u64,
    /// The message of the last panic.
    pub(super) panic: Option<String>,
    /// Written at the end of the work; not there if the task is dropped before.
    pub(super) report: Option<Box<Report<O>>>,
}

impl<O> Default for Notable<O> {
    fn default() -> Self {
        Self { failed: 0, deferred: 0, restarts: 0, panic: None, report: None }
    }
}

impl<M: Machine> Desk<M> {
    pub(crate) fn new(shared: Arc<Shared<M>>) -> Self {
        Self {
            shared,
            batch: Batch::default(),
            current: None,
            aside: Aside::Start,
            in_a_row: 0,
            handled: 0,
            notable: Rare::new(),
        }
    }

    /// Takes all that is in the mailbox; `Some` is the reason why there will be nothing more.
    pub(super) fn poll_take(&mut self, context: &Context<'_>) -> Poll<Option<Reason>> {
        let taken = self.shared.mailbox.poll_take(&mut self.batch, context);
        if taken == Poll::Ready(None) {
            self.shared.meter.depth(self.batch.events.len() + self.batch.urgent().map_or(0, Ring::len));
        }
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
        let has_urgent = self.batch.urgent().is_some_and(|urgent| !urgent.is_empty());
        if has_urgent && self.in_a_row < URGENT_IN_A_ROW {
            self.in_a_row += 1;
            self.current = Some(Lane::Urgent);
        } else if self.batch.events.is_empty() {
            self.current = None;
        } else {
            self.in_a_row = 0;
            self.current = Some(Lane::Events);
        }
        self.current.is_some()
    }

    /// Makes the next event the current one where it is plain: whoever asked for it wants no look at the machine, its
    /// sender told nothing of it, and nothing goes before it. Counts it; says whether anybody asked.
    pub(super) fn plain(&mut self) -> Option<(&M::Event, bool)> {
        if !self.batch.is_plain() || self.shared.mailbox.has_attention() {
            return None;
        }
        let next = self.batch.events.front()?;
        let asked = match next.reply {
            None => false,
            Some(Reply::Result(_) | Reply::Request(_)) => true,
            Some(_) => return None,
        };
        self.in_a_row = 0;
        self.handled += 1;
        self.current = Some(Lane::Events);
        Some((&next.event, asked))
    }

    /// The plain event is done with.
    pub(super) fn put_plain_away(&mut self) {
        self.current = None;
        self.batch.events.drop_front();
    }

    /// The event of the step that is running.
    pub(super) fn current(&self) -> Option<&Envelope<M>> {
        match self.current? {
            Lane::Urgent => self.batch.urgent()?.front(),
            Lane::Events => self.batch.events.front(),
        }
    }

    /// Takes whoever asked for the current event.
    pub(super) fn take_reply(&mut self) -> Option<Reply<M>> {
        let current = match self.current? {
            Lane::Urgent => self.batch.urgent_mut()?.front_mut(),
            Lane::Events => self.batch.events.front_mut(),
        }?;
        // Most have none, and a look is cheaper than taking it out.
        current.reply.as_ref()?;
        match current.reply.take() {
            Some(Reply::From(from)) => from.1,
            reply => reply,
        }
    }

    /// The current event is done with; one that was not handled is a dead letter.
    pub(super) fn put_away(&mut self, undelivered: Option<Undelivered>) {
        let queue = match self.current.take() {
            Some(Lane::Urgent) => self.batch.urgent_mut(),
            Some(Lane::Events) => Some(&mut self.batch.events),
            None => None,
        };
        let Some(queue) = queue else { return };
        let Some(why) = undelivered else {
            queue.drop_front();
            return;
        };
        if let Some(Envelope { event, .. }) = queue.pop_front() {
            self.shared.bury(event, why);
        }
    }

    /// What can be said without the machine.
    pub(super) fn account(&self, reason: Reason) -> Report<M::Output> {
        let mut report = Report { handled: self.handled, ..Report::new(reason) };
        if let Some(Notable { failed, deferred, restarts, panic, .. }) = self.notable.get() {
            (report.failed, report.deferred, report.restarts) = (*failed, *deferred, *restarts);
            report.panic.clone_from(panic);
            // What a delayed `send` brought can be deferred too, and is no event of the mailbox.
            report.handled = self.handled.saturating_sub(*deferred);
        }
        report
    }
}

impl<M: Machine> Drop for Desk<M> {
    fn drop(&mut self) {
        // The task is gone in the middle of a step: its event was handled in part, and its asker is told so.
        self.put_away(None);
        let written = self.notable.get_mut().and_then(|notable| notable.report.take());
        let mut report = written.unwrap_or_else(|| Box::new(self.account(Reason::Aborted)));
        self.shared.mailbox.end(report.reason);
        let (mut waiting, _) = self.shared.mailbox.take_rest();
        report.overflowed = self.shared.mailbox.overflowed();
        let rest = self.batch.drain().chain(waiting.drain());
        for Envelope { event, reply } in rest {
            // Whoever asked is told by the reply that goes.
            drop(reply);
            report.dropped += 1;
            // Whoever waits for the report must get it, whatever the keeper of dead letters does.
            let _ = caught(|| self.shared.bury(event, Undelivered::Ended(report.reason)));
        }
        self.shared.meter.dropped(report.dropped);
        self.shared.meter.ended(report.reason);
        if report.dropped > 0 {
            let Report { dropped, reason, .. } = *report;
            tracing::warn!(target: TARGET, machine = M::DEFINITION.name, dropped, reason = reason.name(), "events dropped");
        }
        // Nobody else sets it, and a desk is dropped once.
        self.shared.report.set(report);
    }
}
