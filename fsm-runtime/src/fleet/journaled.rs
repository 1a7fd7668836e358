//! A fleet with a journal, as a program sees it.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::oneshot;

use super::builder::Builder;
use super::codec::{Codec, Json, Migration, ReadMessage, read};
use super::committer::{Committer, Inbox};
use super::desk::Shared;
use super::keeping::Keeping;
use super::letters::Asker;
use super::{Fleet, Key};
use crate::core::{Machine, Persist, Service};
use crate::dispatcher::Runnable;
use crate::error::SendError;
use crate::journal::{Journal, MessageId, Store, StoreError};
use crate::meter::FleetMeter;
use crate::trace::Origin;

/// How a fleet is to keep its machines.
pub(super) struct Plan<K, S: Service> {
    store: Box<dyn Store>,
    codec: Arc<dyn Codec<K, S>>,
    read_message: ReadMessage<S::Machine>,
}

impl<K, S> Builder<K, S>
where
    K: Serialize + DeserializeOwned + 'static,
    S: Persist<Snapshot: Serialize + DeserializeOwned> + 'static,
    S::Machine: Machine<Event: Serialize, Message: Serialize + DeserializeOwned>,
{
    /// Keeps the machines in a journal: each step is committed with all that came of it, and acknowledged, answered and let
    /// out only then. Machines that are not in memory are brought back when something comes for them. docs/fleet.md says
    /// what is guaranteed.
    ///
    /// Keys, events, messages and snapshots are written as JSON, by serde's traits.
    pub fn journal(self, journal: Journal) -> Self {
        self.plan(journal, None)
    }

    /// The same, where snapshots of older versions may be in the journal: `restore` is given the machine as the factory
    /// makes it and a snapshot in JSON, of any version, and takes it up, by the generated `restore_any` say. The time that
    /// has passed since is taken off its timers afterwards. docs/versions.md shows it.
    pub fn journal_with(
        self,
        journal: Journal,
        restore: impl Fn(S, &[u8]) -> Result<S, String> + Send + Sync + 'static,
    ) -> Self {
        self.plan(journal, Some(Box::new(restore)))
    }

    fn plan(mut self, journal: Journal, migration: Option<Migration<S>>) -> Self {
        let (store, codec) = (journal.into_store(), Arc::new(Json { migration }));
        self.journal = Some(Plan { store, codec, read_message: read });
        self
    }
}

impl<K, S: Service> Plan<K, S> {
    /// How many machines are there already, if the store can say it and somebody counts.
    #[cfg(feature = "metrics")]
    pub(super) fn machines(&mut self) -> Option<u64> {
        // What cannot be read now cannot be read by the fleet either, which tells it.
        if crate::meter::is_counting() { self.store.machines().ok().flatten() } else { None }
    }
}

/// Sets the committer going, where there is a journal; gives each shard its side of it.
pub(super) fn start<K: Key, S>(
    plan: Option<Plan<K, S>>,
    shared: &Arc<Shared<K, S::Machine>>,
    meter: FleetMeter,
) -> Vec<Keeping<K, S>>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
{
    let shards = shared.shards.len();
    let Some(Plan { store, codec, read_message }) = plan else {
        return (0..shards).map(|_| Keeping::off()).collect();
    };
    let window = store.window();
    let (inbox, news) = (Arc::new(Inbox::new(shards)), (0..shards).map(|_| Arc::default()).collect::<Vec<_>>());
    let keeping = news
        .iter()
        .enumerate()
        .map(|(number, news)| Keeping::on(number, Arc::clone(&codec), Arc::clone(&inbox), Arc::clone(news), window));
    let keeping = keeping.collect();
    let shared = Arc::clone(shared);
    let spawned = Committer { store, codec, read_message, shared, inbox, news, meter }.spawn();
    // As for the tasks of a runtime: there is nothing to go on with.
    spawned.expect("a thread for the journal");
    keeping
}

impl<K: Key, M: Runnable> Fleet<K, M> {
    /// Sends an event that has an id: if its machine has handled one with that id, among the last ones that the journal
    /// keeps, it is not handled again. So a sender that does not know whether its event arrived sends it once more. Gives
    /// whether it was handled now. Without a journal all are.
    ///
    /// # Errors
    /// As [`Fleet::send`].
    ///
    /// # Panics
    /// If the shard was lost to a panic in a `Hash`, `Eq` or `Clone` of its keys.
    pub async fn send_with_id(
        &self,
        key: K,
        id: MessageId,
        event: impl Into<M::Event>,
    ) -> Result<bool, SendError<M::Event>> {
        self.send_known(key, event.into(), Some(id), None).await
    }

    /// What the journal failed with, once it has: then the fleet has ended with [`crate::Reason::Journal`].
    #[must_use]
    pub fn journal_error(&self) -> Option<&StoreError> {
        self.shared.broken.get()
    }

    /// Sends an event and, where there is a journal, waits until it is durable; whether it was handled now.
    pub(super) async fn send_known(
        &self,
        key: K,
        event: M::Event,
        id: Option<MessageId>,
        origin: Option<Origin>,
    ) -> Result<bool, SendError<M::Event>> {
        if !self.shared.journaled {
            return self.push(self.envelope(key, event, origin)).await.map(|()| true);
        }
        let (asker, answer) = oneshot::channel();
        let (envelope, still) = self.asking(key, event, Asker::Sent(asker), id, origin);
        self.push(envelope).await?;
        // Whoever holds an asker answers it, with the event wherever that is not handled.
        let answer = answer.await;
        drop(still);
        answer.unwrap_or_else(|_| panic!("a shard of the fleet was lost to a panic of its keys"))
    }
}
