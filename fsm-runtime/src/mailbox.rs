//! The mailbox: many senders put events in, one dispatcher takes the whole queue at once.
//!
//! Two queues behind one short lock: `events`, bounded, and `control`, for questions about the machine, which go first
//! and are not counted. Taking swaps a full queue for the dispatcher's empty one, so that the lock is held for a few
//! pointers, a message costs no allocation once both queues have grown, and the machine runs without the lock. Stop and
//! control are part of [`Mailbox::poll_take`]; the dispatcher has nothing else to wait for.
//!
//! Invariants:
//! - `events.len() + granted <= capacity`, where `granted` counts places kept for senders whose turn has come.
//! - While somebody waits in line, that sum *is* the capacity: nobody overtakes the line.
//! - An event is put in by the very poll that says so to its sender. A dropped [`Push`] therefore took its event with
//!   it, and a place granted to it goes to the next in line.
//! - Wakers are called, and events dropped, only after the lock is released.

mod waiting;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use tokio::task;

use crate::error::{Refused, SendError};
use crate::report::Reason;
use waiting::{Ticket, Waiting};

/// A bounded queue of events `T` with a second lane of controls `C`.
///
/// The dispatcher reads `attention` for every event, while senders write what a push touches. So that these do not
/// share a line of the processor's cache, the order of fields here and in [`Inner`] is fixed, with what is seldom used
/// in between.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Mailbox<T, C> {
    /// The control lane holds something: lets the dispatcher look between two events without the lock.
    attention: AtomicBool,
    /// The task that empties the mailbox: whatever waits there for the mailbox waits for itself.
    owner: OnceLock<task::Id>,
    inner: Mutex<Inner<T, C>>,
}

/// Seldom used first, touched by each push last; see [`Mailbox`].
#[derive(Debug)]
#[repr(C)]
struct Inner<T, C> {
    waiting: Waiting,
    control: Vec<C>,
    capacity: usize,
    granted: usize,
    phase: Phase,
    /// The dispatcher, while it sleeps.
    receiver: Option<Waker>,
    events: VecDeque<T>,
}

/// The life of a mailbox; it only ever goes forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    /// Nothing new comes in, what is there is still taken out.
    Draining(Reason),
    /// The dispatcher is gone.
    Ended(Reason),
}

impl Phase {
    fn closed(self) -> Option<Reason> {
        match self {
            Self::Open => None,
            Self::Draining(reason) | Self::Ended(reason) => Some(reason),
        }
    }
}

/// What the dispatcher takes, and the buffers that it lends to the mailbox in exchange.
#[derive(Debug)]
pub(crate) struct Batch<T, C> {
    /// Oldest first.
    pub(crate) events: VecDeque<T>,
    /// Oldest first; to be looked at before the events.
    pub(crate) control: Vec<C>,
    /// Senders whose turn has come.
    wakers: Vec<Waker>,
}

impl<T, C> Default for Batch<T, C> {
    fn default() -> Self {
        Self { events: VecDeque::new(), control: Vec::new(), wakers: Vec::new() }
    }
}

impl<T, C> Mailbox<T, C> {
    /// An empty mailbox; a capacity of 0 counts as 1.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            inner: Mutex::new(Inner {
                events: VecDeque::new(),
                control: Vec::new(),
                capacity: capacity.max(1),
                granted: 0,
                waiting: Waiting::default(),
                receiver: None,
                phase: Phase::Open,
            }),
            attention: AtomicBool::new(false),
            owner: OnceLock::new(),
        }
    }

    /// Names the current task as the one that empties the mailbox.
    pub(crate) fn adopt(&self) {
        if let Some(id) = task::try_id() {
            // Set once by the dispatcher, at its start.
            let _ = self.owner.set(id);
        }
    }

    /// Whether the current task is the one that empties the mailbox.
    pub(crate) fn is_own_task(&self) -> bool {
        self.owner.get().is_some_and(|owner| task::try_id().as_ref() == Some(owner))
    }

    /// Puts an event in if there is room.
    pub(crate) fn try_push(&self, event: T) -> Result<(), SendError<T>> {
        let mut inner = self.lock();
        let refused = match inner.phase.closed() {
            Some(reason) => Refused::Closed(reason),
            None if inner.has_room() => {
                inner.events.push_back(event);
                release_and_wake(inner);
                return Ok(());
            }
            None => Refused::Full,
        };
        drop(inner);
        Err(SendError { event, why: refused })
    }

    /// Puts an event in, waiting for room.
    pub(crate) fn push(&self, event: T) -> Push<'_, T, C> {
        Push { mailbox: self, event: Some(event), ticket: None }
    }

    /// Puts a control in; there is always room.
    pub(crate) fn push_control(&self, control: C) -> Result<(), Refused> {
        let mut inner = self.lock();
        if let Some(reason) = inner.phase.closed() {
            drop(inner);
            return Err(Refused::Closed(reason));
        }
        inner.control.push(control);
        self.attention.store(true, Ordering::Release);
        release_and_wake(inner);
        Ok(())
    }

    /// Why nothing new is taken, once this is so.
    pub(crate) fn closed(&self) -> Option<Reason> {
        self.lock().phase.closed()
    }

    /// Takes nothing new from here on. The first reason stays.
    pub(crate) fn close(&self, reason: Reason) {
        let mut inner = self.lock();
        if inner.phase != Phase::Open {
            return;
        }
        inner.phase = Phase::Draining(reason);
        inner.granted = 0;
        let waiting = inner.waiting.dissolve();
        let receiver = inner.receiver.take();
        drop(inner);
        waiting.chain(receiver).for_each(Waker::wake);
    }

    /// The dispatcher goes: closes, and lets `reason` stand over the one it was closed with. The first end stays.
    pub(crate) fn end(&self, reason: Reason) {
        self.close(reason);
        let mut inner = self.lock();
        if !matches!(inner.phase, Phase::Ended(_)) {
            inner.phase = Phase::Ended(reason);
        }
    }

    /// What is still there, which after the end nobody will handle any more.
    pub(crate) fn take_rest(&self) -> (VecDeque<T>, Vec<C>) {
        let mut inner = self.lock();
        (std::mem::take(&mut inner.events), std::mem::take(&mut inner.control))
    }

    /// Takes all there is into the empty `batch`. `Some` is the reason why nothing will come any more.
    ///
    /// Cancel-safe: what was not taken stays.
    pub(crate) fn poll_take(&self, batch: &mut Batch<T, C>, context: &Context<'_>) -> Poll<Option<Reason>> {
        let mut inner = self.lock();
        if inner.events.is_empty() && inner.control.is_empty() {
            if let Some(reason) = inner.phase.closed() {
                return Poll::Ready(Some(reason));
            }
            if !inner.receiver.as_ref().is_some_and(|waker| waker.will_wake(context.waker())) {
                let old = inner.receiver.replace(context.waker().clone());
                drop((inner, old));
            }
            return Poll::Pending;
        }
        debug_assert!(batch.events.is_empty() && batch.control.is_empty(), "a batch is worked off before the next");
        std::mem::swap(&mut inner.events, &mut batch.events);
        self.swap_control(&mut inner, &mut batch.control);
        inner.grant(&mut batch.wakers);
        drop(inner);
        batch.wakers.drain(..).for_each(Waker::wake);
        Poll::Ready(None)
    }

    /// Takes what came into the control lane since, into the empty `control`; there is no lock when nothing did.
    pub(crate) fn take_control(&self, control: &mut Vec<C>) {
        if self.attention.load(Ordering::Acquire) {
            self.swap_control(&mut self.lock(), control);
        }
    }

    fn swap_control(&self, inner: &mut Inner<T, C>, control: &mut Vec<C>) {
        std::mem::swap(&mut inner.control, control);
        self.attention.store(false, Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, Inner<T, C>> {
        // No code of users runs under the lock but the cloning of wakers, and each change is whole before that.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T, C> Inner<T, C> {
    fn has_room(&self) -> bool {
        self.events.len() + self.granted < self.capacity
    }

    /// Lets as many senders go as there is room for.
    fn grant(&mut self, wakers: &mut Vec<Waker>) {
        while self.has_room() {
            let Some(waker) = self.waiting.grant() else { break };
            self.granted += 1;
            wakers.push(waker);
        }
    }
}

/// Releases the lock, then wakes the dispatcher if it sleeps.
fn release_and_wake<T, C>(mut inner: MutexGuard<'_, Inner<T, C>>) {
    let receiver = inner.receiver.take();
    drop(inner);
    if let Some(waker) = receiver {
        waker.wake();
    }
}

/// An event on its way into the mailbox.
#[derive(Debug)]
#[must_use = "futures do nothing unless they are awaited"]
pub(crate) struct Push<'a, T, C> {
    mailbox: &'a Mailbox<T, C>,
    /// Until it is in the mailbox, or given back.
    event: Option<T>,
    /// While it waits in line.
    ticket: Option<Ticket>,
}

// The event is moved and never pinned.
impl<T, C> Unpin for Push<'_, T, C> {}

impl<T, C> Push<'_, T, C> {
    fn refuse(&mut self, why: Refused) -> Poll<Result<(), SendError<T>>> {
        self.ticket = None;
        match self.event.take() {
            Some(event) => Poll::Ready(Err(SendError { event, why })),
            None => Poll::Pending,
        }
    }
}

impl<T, C> Future for Push<'_, T, C> {
    type Output = Result<(), SendError<T>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        // A sender whose every send finds room must yield to its neighbours now and then.
        let budget = ready!(task::coop::poll_proceed(context));
        let mut inner = this.mailbox.lock();
        if let Some(reason) = inner.phase.closed() {
            drop(inner);
            budget.made_progress();
            return this.refuse(Refused::Closed(reason));
        }
        match this.ticket {
            None if inner.has_room() => {}
            None => {
                if this.mailbox.is_own_task() {
                    drop(inner);
                    return this.refuse(Refused::Deadlock);
                }
                this.ticket = Some(inner.waiting.join(context.waker().clone()));
                return Poll::Pending;
            }
            Some(ticket) if inner.waiting.is_granted(ticket) => inner.granted -= 1,
            Some(ticket) => {
                let old = inner.waiting.update(ticket, context.waker());
                drop((inner, old));
                return Poll::Pending;
            }
        }
        this.ticket = None;
        if let Some(event) = this.event.take() {
            inner.events.push_back(event);
        }
        release_and_wake(inner);
        budget.made_progress();
        Poll::Ready(Ok(()))
    }
}

impl<T, C> Drop for Push<'_, T, C> {
    fn drop(&mut self) {
        let Some(ticket) = self.ticket else { return };
        let mut inner = self.mailbox.lock();
        if inner.phase != Phase::Open {
            return;
        }
        if !inner.waiting.is_granted(ticket) {
            let waker = inner.waiting.leave(ticket);
            drop((inner, waker));
            return;
        }
        // The place goes to the next in line, or is free again.
        match inner.waiting.grant() {
            Some(next) => {
                drop(inner);
                next.wake();
            }
            None => inner.granted -= 1,
        }
    }
}
