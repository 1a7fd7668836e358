//! Many events at a time: one lock a shard.

use std::error;
use std::fmt;
use std::sync::Arc;
use std::vec;

use super::entering::Entering;
use super::keeping::NO_ID;
use super::letters::{Asker, Envelope};
use super::{Fleet, Key, within};
use crate::dispatcher::Runnable;
use crate::error::Refused;

/// A batch that was not sent as a whole, and why.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BatchError<K, E> {
    /// How many of its events were sent.
    pub sent: usize,
    /// Those that were not, by shard; for each key in their order.
    pub rest: Vec<(K, E)>,
    /// Why.
    pub why: Refused,
}

// Written by hand, so that a result can be unwrapped whatever keys and events are.
impl<K, E> fmt::Debug for BatchError<K, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchError").field("sent", &self.sent).field("why", &self.why).finish_non_exhaustive()
    }
}

impl<K, E> fmt::Display for BatchError<K, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} events were sent: {}", self.sent, self.sent + self.rest.len(), self.why)
    }
}

impl<K, E> error::Error for BatchError<K, E> {}

/// The events of a batch by shard, and what is held until it is known what became of them.
type Sorted<K, M> = (Vec<vec::IntoIter<Envelope<K, M>>>, Vec<Arc<()>>);

impl<K: Key, M: Runnable> Fleet<K, M> {
    /// Sends many events, waiting where the mailbox of a shard is full; gives how many. Events for one key are handled in
    /// the order in which they stand there. Each shard is visited once, so events in batches of 64 and more cost far less
    /// than each by itself.
    ///
    /// If the future is dropped before it is ready, some of the events are sent and others are not.
    ///
    /// An event that was sent need not find a machine: one for a key that the factory refuses, or for a machine that has
    /// ended, is counted here as the others are, and is a dead letter, as for [`Fleet::send`]. In a fleet with a journal it is
    /// ready when all that came of the events is durable, and gives how many of them were acknowledged; the others are dead
    /// letters.
    ///
    /// # Errors
    /// [`BatchError`], with the events that were not sent, if the fleet takes no more, and if a handler sends and would wait
    /// for its own machine ([`Refused::Deadlock`]).
    pub async fn send_batch<E: Into<M::Event>>(
        &self,
        events: impl IntoIterator<Item = (K, E)>,
    ) -> Result<usize, BatchError<K, M::Event>> {
        #[cfg(feature = "journal")]
        let tally = self.shared.journaled.then(Arc::<super::letters::Tally>::default);
        #[cfg(feature = "journal")]
        let (mut shards, still) = self.sort(events.into_iter(), || Some(Asker::Counted(tally.as_ref()?.count())));
        #[cfg(not(feature = "journal"))]
        let (mut shards, still) = self.sort(events.into_iter(), || None);
        let mut sent = 0;
        for number in 0..shards.len() {
            while shards[number].len() > 0 {
                if let Err((next, why)) = self.send_some(number, &mut shards[number], &mut sent).await {
                    let rest = next.into_iter().chain(shards.into_iter().flatten());
                    let rest = rest.map(|envelope| (envelope.key, envelope.event)).collect();
                    return Err(BatchError { sent, rest, why });
                }
            }
        }
        #[cfg(feature = "journal")]
        if let Some(tally) = tally {
            let handled = tally.wait().await;
            drop(still);
            return Ok(handled);
        }
        drop(still);
        Ok(sent)
    }

    /// Sends what finds room in a shard, and the next one after that, which waits in line. The latter comes back if it is
    /// refused.
    async fn send_some(
        &self,
        number: usize,
        events: &mut vec::IntoIter<Envelope<K, M>>,
        sent: &mut usize,
    ) -> Result<(), (Option<Envelope<K, M>>, Refused)> {
        let door = &self.shared.shards[number];
        let is_asked = events.as_slice().first().is_some_and(|envelope| envelope.asker.is_some());
        if is_asked && within::jams(door) {
            return Err((None, Refused::Deadlock));
        }
        let before = events.len();
        let pushed = door.mailbox.push_some(events);
        *sent += before - events.len();
        pushed.map_err(|why| (None, why))?;
        let Some(next) = events.next() else { return Ok(()) };
        let mut entering = Entering::new(door, next);
        match (&mut entering).await {
            Ok(()) => *sent += 1,
            Err(why) => return Err((entering.take(), why)),
        }
        Ok(())
    }

    /// Sorts the events by shard.
    fn sort<E: Into<M::Event>>(
        &self,
        events: impl Iterator<Item = (K, E)>,
        mut asker: impl FnMut() -> Option<Asker<M>>,
    ) -> Sorted<K, M> {
        let shards = self.shared.shards.len();
        // A little more than an equal share, so that few of them grow.
        let share = events.size_hint().0 / shards;
        let mut sorted: Vec<_> = (0..shards).map(|_| Vec::with_capacity(share + share / 4)).collect();
        let mut held = Vec::new();
        for (key, event) in events {
            // A handler that waits for a batch would wait for what its own machine does with it.
            let envelope = match asker() {
                Some(asker) => {
                    let (envelope, still) = self.asking(key, event.into(), asker, NO_ID, None);
                    held.extend(still);
                    envelope
                }
                None => self.envelope(key, event.into(), None),
            };
            sorted[self.shared.shard(envelope.hash)].push(envelope);
        }
        (sorted.into_iter().map(Vec::into_iter).collect(), held)
    }
}
