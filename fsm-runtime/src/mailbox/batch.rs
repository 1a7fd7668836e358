//! What the dispatcher takes out of the mailbox at once.
//!
//! Part of [`super`]. The lanes that go first come into being with the first that goes there.

use std::task::Waker;

use super::Ring;
use crate::question::Pile;
use crate::rare::Rare;

/// What the dispatcher takes, and the buffers that it lends to the mailbox in exchange.
#[derive(Debug)]
pub(crate) struct Batch<T, C> {
    /// Oldest first.
    pub(crate) events: Ring<T>,
    pub(super) first: Rare<First<T, C>>,
    /// Senders whose turn has come.
    pub(super) wakers: Rare<Vec<Waker>>,
}

impl<T, C> Default for Batch<T, C> {
    fn default() -> Self {
        Self { events: Ring::default(), first: Rare::new(), wakers: Rare::new() }
    }
}

impl<T, C> Batch<T, C> {
    /// Those that go before the events, if there ever were any.
    pub(crate) fn urgent(&self) -> Option<&Ring<T>> {
        self.first.get().map(|first| &first.urgent)
    }

    /// Those that go before the events, if there ever were any.
    pub(crate) fn urgent_mut(&mut self) -> Option<&mut Ring<T>> {
        self.first.get_mut().map(|first| &mut first.urgent)
    }

    /// Whether nothing goes before the events.
    pub(crate) fn is_plain(&self) -> bool {
        self.first.get().is_none_or(First::is_empty)
    }

    /// Takes the next question out.
    pub(crate) fn pop_control(&mut self) -> Option<C> {
        self.first.get_mut()?.control.pop()
    }

    /// Takes all events out, in the order in which they would be handled.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = T> + '_ {
        self.first.get_mut().into_iter().flat_map(|first| first.urgent.drain()).chain(self.events.drain())
    }
}

impl<T, C> First<T, C> {
    pub(super) fn is_empty(&self) -> bool {
        self.urgent.is_empty() && self.control.is_empty()
    }
}

/// The lanes that go first.
#[derive(Debug)]
pub(super) struct First<T, C> {
    /// Oldest first; to be looked at before all events.
    pub(super) control: Pile<C>,
    /// Those that go before the events, oldest first.
    pub(super) urgent: Ring<T>,
}

impl<T, C> Default for First<T, C> {
    fn default() -> Self {
        Self { control: Pile::default(), urgent: Ring::default() }
    }
}
