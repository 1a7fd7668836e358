//! An event on its way into the mailbox of a shard, also where a handler of that shard sends it.
//!
//! Part of [`super`]. While the events that wait for a machine fill its shard, nothing is taken from the mailbox until its
//! step is over ([`within::jams`]). So its handler is not to wait for room there, nor, where it wants to know what becomes
//! of the event, to put it in. Invariant: whoever is told so has the event back, and all others wait their turn.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::futures::Notified;

use super::desk::Door;
use super::letters::{Asker, Control, Envelope};
use super::within;
use crate::core::Machine;
use crate::error::Refused;
use crate::mailbox::Push;

/// The event is in the mailbox when this is ready, or is taken back ([`Entering::take`]).
#[must_use = "futures do nothing unless they are awaited"]
pub(super) struct Entering<'a, K, M: Machine> {
    door: &'a Door<K, M>,
    push: Push<'a, Envelope<K, M>, Control<K, M>>,
    /// Whether its sender wants to know what becomes of it.
    is_asked: bool,
    /// While a handler waits for room: tells it that it waits in vain.
    jam: Option<Pin<Box<Notified<'a>>>>,
}

// The event is moved and never pinned.
impl<K, M: Machine> Unpin for Entering<'_, K, M> {}

impl<'a, K, M: Machine> Entering<'a, K, M> {
    pub(super) fn new(door: &'a Door<K, M>, envelope: Envelope<K, M>) -> Self {
        let is_asked = envelope.asker.as_ref().is_some_and(Asker::waits);
        Self { door, push: door.mailbox.push(envelope), is_asked, jam: None }
    }

    /// The event that was refused.
    pub(super) fn take(&mut self) -> Option<Envelope<K, M>> {
        self.push.take()
    }

    /// There is no room now.
    #[cold]
    fn wait(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Refused>> {
        if !within::is_entered(self.door) {
            return Poll::Pending;
        }
        loop {
            let door = self.door;
            let jam = self.jam.get_or_insert_with(|| Box::pin(door.jam.notified()));
            let is_told = jam.as_mut().poll(context).is_ready();
            if within::jams(door) {
                return Poll::Ready(Err(Refused::Deadlock));
            }
            if !is_told {
                return Poll::Pending;
            }
            // It was another machine, or it is over.
            self.jam = None;
        }
    }
}

impl<K, M: Machine> Future for Entering<'_, K, M> {
    type Output = Result<(), Refused>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.is_asked && within::jams(self.door) {
            return Poll::Ready(Err(Refused::Deadlock));
        }
        match Pin::new(&mut self.push).poll(context) {
            // A mailbox whose senders wait loses none.
            Poll::Ready(result) => Poll::Ready(result.map(drop)),
            Poll::Pending => self.wait(context),
        }
    }
}
