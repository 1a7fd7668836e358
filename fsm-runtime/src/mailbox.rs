//! The mailbox: many senders put events in, one dispatcher takes the whole queue at once.
//!
//! Three queues behind one short lock: `events`, bounded; `urgent`, bounded too, for the events that go first; and
//! `control`, for questions about the machine, which go before both and are not counted. Taking swaps a full queue for
//! the dispatcher's empty one, so that the lock is held for a few pointers, a message costs no allocation once both
//! queues have grown, and the machine runs without the lock. Stop, control and priority are part of
//! [`Mailbox::poll_take`]; the dispatcher has nothing else to wait for. [`push`] is the senders' side.
//!
//! Invariants:
//! - `events.len() + granted <= capacity`, where `granted` counts places kept for senders whose turn has come.
//! - While somebody waits in line, that sum *is* the capacity: nobody overtakes the line.
//! - An event is put in by the very poll that says so to its sender. A dropped [`Push`] therefore took its event with
//!   it, and a place granted to it goes to the next in line.
//! - Wakers are called, and events dropped, only after the lock is released.

mod batch;
mod life;
mod lock;
mod push;
mod ring;
mod waiting;

use std::sync::MutexGuard;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};

use tokio::task::{self, AbortHandle};

use crate::error::{Refused, SendError};
use crate::question::{Abandoned, Pile};
use crate::rare::Rare;
use crate::report::Reason;
pub(crate) use batch::Batch;
use batch::First;
use life::{Owner, Phase};
use lock::Lock;
pub(crate) use push::Push;
pub(crate) use ring::Ring;
use waiting::Waiting;

/// What happens to an event for which the mailbox has no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Overflow {
    /// Its sender waits. Nothing is lost.
    #[default]
    Wait,
    /// It is given back with [`Refused::Full`].
    Reject,
    /// The event that has waited longest gives way to it: for measurements, where the newest is worth most.
    DropOldest,
    /// It is dropped, and its sender goes on: for what can do without.
    DropNewest,
}

/// So many events are in a mailbox at most, whatever its capacity.
const MOST: u32 = 1 << 31;

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
    /// How often the task was polled that empties the mailbox; it alone counts and reads. Here is room for it.
    polls: AtomicU32,
    inner: Lock<Inner<T, C>>,
}

/// Seldom used first, touched by each push last; see [`Mailbox`].
#[derive(Debug)]
#[repr(C)]
struct Inner<T, C> {
    /// Whatever waits in this task for the mailbox waits for itself.
    owner: Owner,
    waiting: Rare<Waiting>,
    first: Rare<First<T, C>>,
    /// How many events gave way, or were dropped, for want of room.
    overflowed: u64,
    capacity: u32,
    granted: u32,
    phase: Phase,
    overflow: Overflow,
    /// The dispatcher, while it sleeps.
    receiver: Option<Waker>,
    events: Ring<T>,
}

impl<T, C> Mailbox<T, C> {
    /// An empty mailbox; a capacity of 0 counts as 1.
    pub(crate) fn new(capacity: usize, overflow: Overflow) -> Self {
        Self {
            inner: Lock::new(Inner {
                owner: Owner::None,
                events: Ring::default(),
                first: Rare::new(),
                overflow,
                overflowed: 0,
                capacity: u32::try_from(capacity).unwrap_or(u32::MAX).clamp(1, MOST),
                granted: 0,
                waiting: Rare::new(),
                receiver: None,
                phase: Phase::Open,
            }),
            attention: AtomicBool::new(false),
            polls: AtomicU32::new(0),
        }
    }

    /// Names the current task as the one that empties the mailbox.
    pub(crate) fn adopt(&self) {
        let mut inner = self.lock();
        if matches!(inner.owner, Owner::None) {
            inner.owner = task::try_id().map_or(Owner::None, Owner::Known);
        }
    }

    /// Names the task that empties the mailbox, which can be aborted from now on.
    pub(crate) fn bind(&self, task: AbortHandle) {
        let mut inner = self.lock();
        if !matches!(inner.phase, Phase::Ended(_)) {
            inner.owner = Owner::Bound(task);
        }
    }

    /// Drops the task that empties the mailbox, wherever it waits.
    pub(crate) fn abort(&self) {
        let inner = self.lock();
        if let Owner::Bound(task) = &inner.owner {
            let task = task.clone();
            drop(inner);
            task.abort();
        }
    }

    /// The task that empties the mailbox is polled.
    pub(crate) fn count_poll(&self) {
        self.polls.store(self.polls().wrapping_add(1), Ordering::Relaxed);
    }

    /// How often the task that empties the mailbox was polled, around the end of the type.
    pub(crate) fn polls(&self) -> u32 {
        self.polls.load(Ordering::Relaxed)
    }

    /// Whether the current task is the one that empties the mailbox.
    pub(crate) fn is_own_task(&self) -> bool {
        self.lock().is_own_task()
    }

    /// Puts in an event that goes before all those that wait, if the lane has room.
    pub(crate) fn push_urgent(&self, event: T) -> Result<(), SendError<T>> {
        let mut inner = self.lock();
        let why = match inner.phase.closed() {
            Some(reason) => Refused::Closed(reason),
            None if inner.first.get().map_or(0, |first| first.urgent.len()) < inner.capacity as usize => {
                inner.first.make().urgent.push_back(event);
                self.attention.store(true, Ordering::Release);
                release_and_wake(inner);
                return Ok(());
            }
            None => Refused::Full,
        };
        drop(inner);
        Err(SendError { event, why })
    }

    /// Puts a control in; there is always room, since those that nobody waits for any more are swept out.
    pub(crate) fn push_control(&self, control: C) -> Result<(), Refused>
    where
        C: Abandoned,
    {
        let mut inner = self.lock();
        if let Some(reason) = inner.phase.closed() {
            drop(inner);
            return Err(Refused::Closed(reason));
        }
        let abandoned = inner.first.make().control.push(control);
        self.attention.store(true, Ordering::Release);
        release_and_wake(inner);
        drop(abandoned);
        Ok(())
    }

    /// Why nothing new is taken, once this is so.
    pub(crate) fn closed(&self) -> Option<Reason> {
        self.lock().phase.closed()
    }

    /// Takes nothing new from here on. The first reason stays.
    pub(crate) fn close(&self, reason: Reason) {
        let inner = self.lock();
        if inner.phase == Phase::Open {
            advance(inner, Phase::Draining(reason));
        }
    }

    /// Takes nothing new from here on, and nothing out: the dispatcher ends after the step that is running.
    pub(crate) fn halt(&self, reason: Reason) {
        let inner = self.lock();
        if matches!(inner.phase, Phase::Open | Phase::Draining(_)) {
            self.attention.store(true, Ordering::Release);
            advance(inner, Phase::Halting(reason));
        }
    }

    /// The dispatcher goes: lets `reason` stand over the one it was closed with. The first end stays.
    pub(crate) fn end(&self, reason: Reason) {
        let mut inner = self.lock();
        if !matches!(inner.phase, Phase::Ended(_)) {
            let owner = std::mem::replace(&mut inner.owner, Owner::None);
            advance(inner, Phase::Ended(reason));
            drop(owner);
        }
    }

    /// How many events were lost for want of room.
    pub(crate) fn overflowed(&self) -> u64 {
        self.lock().overflowed
    }

    /// What is still there, which after the end nobody will handle any more.
    pub(crate) fn take_rest(&self) -> (Ring<T>, Pile<C>) {
        let mut inner = self.lock();
        let First { mut urgent, control } = inner.first.take().map(|first| *first).unwrap_or_default();
        urgent.append(&mut inner.events);
        (urgent, control)
    }

    /// Takes out the events that `wanted` names, whose places go to those in line.
    pub(crate) fn take_out(&self, wanted: impl Fn(&T) -> bool) -> Vec<T> {
        let (mut inner, mut taken, mut wakers) = (self.lock(), Vec::new(), Rare::<Vec<Waker>>::new());
        if !inner.events.iter().any(&wanted) {
            return taken;
        }
        for _ in 0..inner.events.len() {
            match inner.events.pop_front() {
                Some(event) if wanted(&event) => taken.push(event),
                Some(event) => inner.events.push_back(event),
                None => break,
            }
        }
        inner.grant(&mut wakers);
        drop(inner);
        if let Some(wakers) = wakers.get_mut() {
            wakers.drain(..).for_each(Waker::wake);
        }
        taken
    }

    /// Takes all there is into `batch`, where at most urgent events are left. `Some` is the reason why nothing will come
    /// any more.
    ///
    /// Cancel-safe: what was not taken stays.
    pub(crate) fn poll_take(&self, batch: &mut Batch<T, C>, context: &Context<'_>) -> Poll<Option<Reason>> {
        debug_assert!(batch.events.is_empty(), "a batch is worked off before the next");
        let mut inner = self.lock();
        if let Some(reason) = inner.phase.halted() {
            return Poll::Ready(Some(reason));
        }
        if inner.is_empty() && batch.is_plain() {
            if let Some(reason) = inner.phase.closed() {
                return Poll::Ready(Some(reason));
            }
            return sleep(inner, context);
        }
        std::mem::swap(&mut inner.events, &mut batch.events);
        self.take_first(&mut inner, batch);
        inner.grant(&mut batch.wakers);
        drop(inner);
        if let Some(wakers) = batch.wakers.get_mut() {
            wakers.drain(..).for_each(Waker::wake);
        }
        Poll::Ready(None)
    }

    /// Whether something came into the lanes that go first, or the mailbox was halted.
    pub(crate) fn has_attention(&self) -> bool {
        self.attention.load(Ordering::Acquire)
    }

    /// Takes what came into the lanes that go first, with no lock where nothing did. `Some` is the reason to end now.
    pub(crate) fn take_attention(&self, batch: &mut Batch<T, C>) -> Option<Reason> {
        if !self.has_attention() {
            return None;
        }
        let mut inner = self.lock();
        self.take_first(&mut inner, batch);
        inner.phase.halted()
    }

    /// Ready when nothing is to be taken out any more, with the reason.
    pub(crate) fn poll_halt(&self, context: &Context<'_>) -> Poll<Reason> {
        let inner = self.lock();
        match inner.phase.halted() {
            Some(reason) => Poll::Ready(reason),
            None => sleep(inner, context),
        }
    }

    fn take_first(&self, inner: &mut Inner<T, C>, batch: &mut Batch<T, C>) {
        // All that goes first is put in with this set, under the lock.
        if self.has_attention() {
            if let Some(first) = inner.first.get_mut() {
                let taken = batch.first.make();
                taken.control.append(&mut first.control);
                taken.urgent.append(&mut first.urgent);
            }
            self.attention.store(inner.phase.halted().is_some(), Ordering::Release);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner<T, C>> {
        // No code of users runs under the lock but the cloning of wakers, and each change is whole before that.
        self.inner.lock()
    }
}

impl<T, C> Inner<T, C> {
    fn is_empty(&self) -> bool {
        self.events.is_empty() && self.first.get().is_none_or(First::is_empty)
    }

    fn has_room(&self) -> bool {
        self.events.len() + (self.granted as usize) < self.capacity as usize
    }

    fn is_own_task(&self) -> bool {
        self.owner.id().is_some_and(|id| Some(id) == task::try_id())
    }

    /// Lets as many senders go as there is room for.
    fn grant(&mut self, wakers: &mut Rare<Vec<Waker>>) {
        while self.has_room() {
            let Some(waker) = self.waiting.get_mut().and_then(Waiting::grant) else { break };
            self.granted += 1;
            wakers.make().push(waker);
        }
    }
}

/// On to a phase in which nobody waits for room.
fn advance<T, C>(mut inner: MutexGuard<'_, Inner<T, C>>, phase: Phase) {
    inner.phase = phase;
    inner.granted = 0;
    let waiting = inner.waiting.take();
    let receiver = inner.receiver.take();
    drop(inner);
    if let Some(mut waiting) = waiting {
        waiting.dissolve().for_each(Waker::wake);
    }
    if let Some(receiver) = receiver {
        receiver.wake();
    }
}

/// Remembers whom to wake.
fn sleep<T, C, R>(mut inner: MutexGuard<'_, Inner<T, C>>, context: &Context<'_>) -> Poll<R> {
    if !inner.receiver.as_ref().is_some_and(|waker| waker.will_wake(context.waker())) {
        let old = inner.receiver.replace(context.waker().clone());
        drop((inner, old));
    }
    Poll::Pending
}

/// Releases the lock, then wakes the dispatcher if it sleeps.
fn release_and_wake<T, C>(mut inner: MutexGuard<'_, Inner<T, C>>) {
    let receiver = inner.receiver.take();
    drop(inner);
    if let Some(waker) = receiver {
        waker.wake();
    }
}
