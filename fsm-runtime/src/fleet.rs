//! Machines by key, as many as fit in memory: a fleet.
//!
//! A [`Fleet`] is a handle to a fixed number of *shards*, tasks each of which owns all machines whose keys fall to it. An
//! event for a key goes into the bounded mailbox of its shard; where there is no machine for the key yet, a factory
//! makes it. A machine costs a few dozen bytes beside its state and its key, no task, no mailbox and no timer of its own.
//!
//! ```no_run
//! # use std::time::Duration;
//! # use fsm_runtime::{Fleet, Service};
//! # use fsm_runtime::core::Machine;
//! # async fn f<S: Service + Send + 'static>(robot: fn() -> S, start: <S::Machine as Machine>::Event)
//! # where S::Machine: fsm_runtime::Runnable {
//! let fleet = Fleet::builder(move |_key: &u64| Some(robot())).shards(4).passivate_after(Duration::from_secs(600)).spawn();
//! let outcome = fleet.ask(17, start).await;
//! let report = fleet.shutdown().await;
//! # }
//! ```
//!
//! In the order in which an event travels: [`letters`] is what it travels in, [`shard`] the task that takes it,
//! [`machines`] where that finds the machine, [`job`] the step as a future, [`flight`] those that are not ready at
//! once, [`within`] whose handler runs, [`after`] what follows from a step, [`supervising`] what from one that failed,
//! [`beside`] their timers and invokes, [`idle`] which of them leave memory.
//! docs/fleet.md has what is guaranteed, each with its test.

mod after;
mod ahead;
mod asking;
mod batch;
mod beside;
mod builder;
mod chunk;
#[cfg(feature = "journal")]
mod codec;
#[cfg(feature = "journal")]
mod committer;
mod deferred;
mod desk;
mod entering;
mod failures;
mod flight;
mod idle;
mod index;
mod job;
#[cfg(feature = "journal")]
mod journaled;
#[cfg_attr(not(feature = "journal"), path = "fleet/unkept.rs")]
mod keeping;
mod letters;
mod machines;
mod post;
mod report;
mod rush;
mod shard;
mod steps;
mod supervising;
mod traced;
mod visits;
mod within;

use std::fmt;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::oneshot;

use crate::core::{Machine, Service};
use crate::dispatcher::Runnable;
use crate::error::{Refused, SendError};
use crate::question::{Question, answer, answered};
use crate::report::Reason;
use crate::trace::Origin;
pub use batch::BatchError;
pub use builder::Builder;
use desk::{Door, Shared};
use entering::Entering;
use keeping::NO_ID;
use letters::{Asker, Control, Envelope, Label, Look};
pub use report::FleetReport;
pub use supervising::Restart;
pub use traced::Traced;

/// By what machines are known in a fleet. Every such type is one by itself. It is shown in traces, where
/// [`Builder::name`] gives no other name.
///
/// Senders and shards hash and compare keys. A key has the same hash at all times and is equal to itself, as in any map, and a panic
/// of its `Hash`, `Eq` or `Clone` ends the shard in whose task it happens.
pub trait Key: Hash + Eq + Clone + fmt::Debug + Send + Sync + 'static {}

impl<K: Hash + Eq + Clone + fmt::Debug + Send + Sync + 'static> Key for K {}

/// Running machines, by key. Handles keep the fleet running: when the last one is dropped, the shards work off what their
/// mailboxes had taken, and end.
pub struct Fleet<K: Key, M: Machine> {
    shared: Arc<Shared<K, M>>,
}

impl<K: Key, M: Runnable> Fleet<K, M> {
    /// A fleet whose machines `factory` makes, each when the first event for its key comes; `None` refuses the event. It
    /// is called in the tasks of the shards and should be quick. A machine that is not started yet is started.
    pub fn builder<S>(factory: impl Fn(&K) -> Option<S> + Send + Sync + 'static) -> Builder<K, S>
    where
        S: Service<Machine = M>,
    {
        Builder::new(Arc::new(factory))
    }

    /// Sends an event, waiting while the mailbox of its shard is full. Events of one sender for one key are handled in the
    /// order in which they were sent.
    ///
    /// `Ok` says that the mailbox has the event, and no more: whether there is a machine for it is found out later, in the
    /// shard. So an event for a key that the factory refuses, or for a machine that has ended or was lost, is a dead letter
    /// ([`Builder::dead_letters`]) and counted as refused, and its sender is told nothing; [`Fleet::ask`] tells it.
    ///
    /// Cancel-safe: an event whose future was dropped before it was ready is not sent. In a fleet with a journal it is
    /// ready when the event was handled and all that came of it is durable; dropped before, it may have been sent or not.
    ///
    /// # Errors
    /// [`SendError`], with the event, if the fleet takes no more events, and if a handler sends and would wait for its own
    /// machine ([`Refused::Deadlock`]): for room in a shard that the events for its machine fill, with a journal also for
    /// what becomes of the event there. With a journal besides if the machine has ended or was lost, if there is none for
    /// the key, and if it is not known whether what came of it is durable ([`Reason::Journal`]).
    pub async fn send(&self, key: K, event: impl Into<M::Event>) -> Result<(), SendError<M::Event>> {
        self.send_from(key, event.into(), None).await
    }

    /// Sends an event if the mailbox of its shard has room for it now. It is not acknowledged, also with a journal: `Ok` says
    /// no more than it does for [`Fleet::send`] without one.
    ///
    /// # Errors
    /// [`SendError`], with the event, if there is no room, or if the fleet takes no more events.
    pub fn try_send(&self, key: K, event: impl Into<M::Event>) -> Result<(), SendError<M::Event>> {
        self.try_send_from(key, event.into(), None)
    }

    async fn send_from(&self, key: K, event: M::Event, origin: Option<Origin>) -> Result<(), SendError<M::Event>> {
        #[cfg(feature = "journal")]
        return self.send_known(key, event, None, origin).await.map(drop);
        #[cfg(not(feature = "journal"))]
        self.push(self.envelope(key, event, origin)).await
    }

    fn try_send_from(&self, key: K, event: M::Event, origin: Option<Origin>) -> Result<(), SendError<M::Event>> {
        let envelope = self.envelope(key, event, origin);
        match self.door(envelope.hash).mailbox.try_push(envelope) {
            // A mailbox whose senders wait never makes room by itself.
            Ok(_) => Ok(()),
            Err(SendError { event: Envelope { event, .. }, why }) => Err(SendError { event, why }),
        }
    }

    /// Lets `look` see the machine of a key between two of its steps, ahead of the events that wait in the mailbox, and
    /// gives its result; `None` if there is no machine. `look` runs in the task of the shard and should be quick.
    ///
    /// # Errors
    /// [`Refused`] if the fleet has ended, if the machine was lost to a panic, or if its own handler wants to look.
    pub async fn inspect<R: Send + 'static>(
        &self,
        key: K,
        look: impl FnOnce(&M) -> R + Send + 'static,
    ) -> Result<Option<R>, Refused> {
        let (asker, seen) = oneshot::channel();
        let look = move |seen: Result<Option<&M>, Refused>| seen.map(|seen| seen.map(look));
        let (look, _waiting): (Look<M>, _) = Question::new(Box::new(move |seen| answer(asker, seen, look)));
        let hash = self.shared.hash(&key);
        let door = self.door(hash);
        door.mailbox.push_control(Control::Look(hash, key, look, within::entry(door)))?;
        seen.await.map_or_else(|_| Err(Refused::Closed(reason(door))), answered)
    }

    /// The state that the machine of a key is in; see [`Fleet::inspect`].
    ///
    /// # Errors
    /// As for [`Fleet::inspect`].
    pub async fn state(&self, key: K) -> Result<Option<M::State>, Refused>
    where
        M::State: Clone + Send + 'static,
    {
        self.inspect(key, |machine| machine.state().clone()).await
    }

    /// Whether there is a machine for a key.
    ///
    /// # Errors
    /// As for [`Fleet::inspect`].
    pub async fn contains(&self, key: K) -> Result<bool, Refused> {
        Ok(self.inspect(key, |_| ()).await?.is_some())
    }

    /// Lets go of the machine of a key, with its timers and what runs beside it, unless it is in the middle of a step; gives
    /// whether it did. The next event for the key makes a new one, also where the old one was lost to a panic.
    ///
    /// # Errors
    /// [`Refused`] if the fleet has ended.
    pub async fn forget(&self, key: K) -> Result<bool, Refused> {
        let (told, answer) = oneshot::channel();
        let hash = self.shared.hash(&key);
        let door = self.door(hash);
        door.mailbox.push_control(Control::Forget(hash, key, told))?;
        answer.await.map_err(|_| Refused::Closed(reason(door)))
    }

    /// An event for whose step nobody waits.
    fn envelope(&self, key: K, event: M::Event, origin: Option<Origin>) -> Envelope<K, M> {
        let label = |origin| Label { id: NO_ID, origin: Some(origin), within: None, asker: None };
        let asker = origin.map(|origin| Asker::Labelled(Box::new(label(origin))));
        Envelope { hash: self.shared.hash(&key), key, event, asker }
    }

    async fn push(&self, envelope: Envelope<K, M>) -> Result<(), SendError<M::Event>> {
        let mut entering = Entering::new(self.door(envelope.hash), envelope);
        match (&mut entering).await {
            Ok(()) => Ok(()),
            Err(why) => match entering.take() {
                Some(Envelope { event, .. }) => Err(SendError { event, why }),
                None => std::future::pending().await,
            },
        }
    }

    fn door(&self, hash: u64) -> &Door<K, M> {
        &self.shared.shards[self.shared.shard(hash)]
    }
}

/// Why an answer did not come.
fn reason<K, M: Machine>(door: &Door<K, M>) -> Reason {
    door.mailbox.closed().unwrap_or(Reason::Aborted)
}

impl<K: Key, M: Machine> Fleet<K, M> {
    /// The handle that is already counted in `shared`.
    fn first(shared: Arc<Shared<K, M>>) -> Self {
        Self { shared }
    }

    /// How many machines are in memory, as of the last turn of each shard.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared.shards.iter().map(|shard| shard.len.load(Ordering::Relaxed)).sum()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes no new events from now on; the shards end when they have handled those that they had taken, and the steps that
    /// are running are over. Returns at once, so a handler may call it.
    pub fn close(&self) {
        self.shared.shards.iter().for_each(|shard| shard.mailbox.close(Reason::Shutdown));
    }

    /// Ends the fleet now: steps that wait are dropped half-way, and what waits is dropped, counted and given to
    /// [`Builder::dead_letters`]. Returns at once; [`Fleet::join`] waits for the end.
    pub fn stop(&self) {
        self.shared.shards.iter().for_each(|shard| shard.mailbox.halt(Reason::Stopped));
    }

    /// [`Fleet::close`], and waits for the end.
    pub async fn shutdown(&self) -> FleetReport {
        self.close();
        self.join().await
    }

    /// Waits for the end of the fleet, whatever its reason. This handle keeps it running meanwhile.
    pub async fn join(&self) -> FleetReport {
        let mut report: Option<FleetReport> = None;
        for shard in &self.shared.shards {
            let next = shard.report.wait().await;
            report = Some(report.map_or_else(|| next.clone(), |report| report.and(next)));
        }
        #[cfg(feature = "journal")]
        if self.shared.journaled {
            self.shared.closed.wait().await;
        }
        // There is at least one shard.
        report.unwrap_or_else(|| FleetReport::new(Reason::Shutdown))
    }
}

impl<K: Key, M: Machine> Clone for Fleet<K, M> {
    fn clone(&self) -> Self {
        self.shared.handles.fetch_add(1, Ordering::Relaxed);
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<K: Key, M: Machine> Drop for Fleet<K, M> {
    fn drop(&mut self) {
        if self.shared.handles.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.shared.shards.iter().for_each(|shard| shard.mailbox.close(Reason::Abandoned));
        }
    }
}

impl<K: Key, M: Machine> fmt::Debug for Fleet<K, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Fleet").field(&M::DEFINITION.name).finish()
    }
}
