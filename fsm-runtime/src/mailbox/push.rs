//! The senders' side of the mailbox: at once, or waiting in line for room.
//!
//! Part of [`super`], whose invariants hold here. What comes back of a push that worked is the event that was lost for
//! it, if one was: with [`Overflow::DropOldest`] the one that gave way, with [`Overflow::DropNewest`] the new one.

use std::cell::Cell;
use std::pin::Pin;
use std::sync::MutexGuard;
use std::task::{Context, Poll, ready};
use std::vec;

use tokio::task::coop;

use super::waiting::Ticket;
use super::{Inner, Mailbox, Overflow, Phase, release_and_wake};
use crate::error::{Refused, SendError};

/// So many pushes of a thread cost a unit of the budget after which tokio lets others run: a unit is meant for a look at a
/// channel, and a push is a quarter of that.
const PUSHES_A_UNIT: u32 = 4;

thread_local! {
    /// How often this thread polled a push.
    static PUSHES: Cell<u32> = const { Cell::new(0) };
}

/// Whether this push is one that costs a unit.
fn costs_a_unit() -> bool {
    let pushes = PUSHES.get().wrapping_add(1);
    PUSHES.set(pushes);
    pushes.is_multiple_of(PUSHES_A_UNIT)
}

impl<T, C> Mailbox<T, C> {
    /// Puts an event in if there is room, or if one can give way.
    pub(crate) fn try_push(&self, event: T) -> Result<Option<T>, SendError<T>> {
        let mut inner = self.lock();
        let why = match inner.phase.closed() {
            Some(reason) => Refused::Closed(reason),
            None if inner.has_room() || inner.overflow == Overflow::DropOldest => {
                let lost = inner.make_room();
                inner.events.push_back(event);
                release_and_wake(inner);
                return Ok(lost);
            }
            None => Refused::Full,
        };
        drop(inner);
        Err(SendError { event, why })
    }

    /// Puts in as many events, from the front, as there is room for, under one lock; nobody waits.
    pub(crate) fn push_some(&self, events: &mut vec::IntoIter<T>) -> Result<(), Refused> {
        let mut inner = self.lock();
        if let Some(reason) = inner.phase.closed() {
            return Err(Refused::Closed(reason));
        }
        // Whoever waits in line has the first claim: then there is no room.
        let room = (inner.capacity as usize).saturating_sub(inner.events.len() + inner.granted as usize);
        if room == 0 {
            return Ok(());
        }
        inner.events.extend(events, room);
        release_and_wake(inner);
        Ok(())
    }

    /// Puts an event in, waiting for room where that is what the mailbox does when it is full.
    pub(crate) fn push(&self, event: T) -> Push<'_, T, C> {
        Push { mailbox: self, event: Some(event), ticket: None }
    }
}

impl<T, C> Inner<T, C> {
    /// Takes out the oldest event of a full queue.
    fn make_room(&mut self) -> Option<T> {
        if self.has_room() {
            return None;
        }
        self.overflowed += 1;
        self.events.pop_front()
    }
}

/// An event on its way into the mailbox.
///
/// What comes of it is small, because it is handed through several hands: `Ok(true)` says that an event was lost, and that
/// event, or the one that was refused, stands in here until it is taken ([`Push::take`]).
#[derive(Debug)]
#[must_use = "futures do nothing unless they are awaited"]
pub(crate) struct Push<'a, T, C> {
    mailbox: &'a Mailbox<T, C>,
    /// Until it is in the mailbox; after that the one that was lost for it.
    event: Option<T>,
    /// While it waits in line.
    ticket: Option<Ticket>,
}

// The event is moved and never pinned.
impl<T, C> Unpin for Push<'_, T, C> {}

impl<T, C> Push<'_, T, C> {
    /// The event that was refused, or lost.
    pub(crate) fn take(&mut self) -> Option<T> {
        self.event.take()
    }

    /// What [`Future::poll`] does where there is more to it than to put the event in.
    fn poll_further(
        &mut self,
        mut inner: MutexGuard<'_, Inner<T, C>>,
        context: &mut Context<'_>,
    ) -> Poll<Result<bool, Refused>> {
        if let Some(reason) = inner.phase.closed() {
            self.ticket = None;
            drop(inner);
            return Poll::Ready(Err(Refused::Closed(reason)));
        }
        let mut oldest = None;
        match self.ticket {
            None if inner.has_room() => {}
            None => match inner.overflow {
                Overflow::Wait if inner.is_own_task() => return Poll::Ready(Err(Refused::Deadlock)),
                Overflow::Wait => {
                    self.ticket = Some(inner.waiting.make().join(context.waker().clone()));
                    return Poll::Pending;
                }
                Overflow::Reject => return Poll::Ready(Err(Refused::Full)),
                Overflow::DropOldest => oldest = inner.make_room(),
                Overflow::DropNewest => {
                    inner.overflowed += 1;
                    return Poll::Ready(Ok(true));
                }
            },
            Some(ticket) if inner.waiting.make().is_granted(ticket) => inner.granted -= 1,
            Some(ticket) => {
                let old = inner.waiting.make().update(ticket, context.waker());
                drop((inner, old));
                return Poll::Pending;
            }
        }
        self.ticket = None;
        inner.events.take_back(&mut self.event);
        release_and_wake(inner);
        let lost = oldest.is_some();
        if lost {
            self.event = oldest;
        }
        Poll::Ready(Ok(lost))
    }

    /// The place in line, or the one that was granted, goes to others.
    fn give_up(&self, ticket: Ticket) {
        let mut inner = self.mailbox.lock();
        if inner.phase != Phase::Open {
            return;
        }
        if !inner.waiting.make().is_granted(ticket) {
            let waker = inner.waiting.make().leave(ticket);
            drop((inner, waker));
            return;
        }
        // The place goes to the next in line, or is free again.
        match inner.waiting.make().grant() {
            Some(next) => {
                drop(inner);
                next.wake();
            }
            None => inner.granted -= 1,
        }
    }
}

impl<T, C> Future for Push<'_, T, C> {
    type Output = Result<bool, Refused>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        // A sender that never has to wait must yield to its neighbours now and then.
        let budget = if costs_a_unit() { Some(ready!(coop::poll_proceed(context))) } else { None };
        let mut inner = this.mailbox.lock();
        let at_once = this.ticket.is_none() && inner.phase == Phase::Open && inner.has_room();
        let polled = if at_once {
            inner.events.take_back(&mut this.event);
            release_and_wake(inner);
            Poll::Ready(Ok(false))
        } else {
            this.poll_further(inner, context)
        };
        if let Some(budget) = budget.filter(|_| polled.is_ready()) {
            budget.made_progress();
        }
        polled
    }
}

impl<T, C> Drop for Push<'_, T, C> {
    #[inline]
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            self.give_up(ticket);
        }
    }
}
