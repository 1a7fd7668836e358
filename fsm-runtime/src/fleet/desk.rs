//! A shard's side of its mailbox, and what it shares with the fleet's handles.
//!
//! Part of [`super`]. Dropping a [`Desk`] is the end of its shard for everybody else: the mailbox is closed, events
//! that were not handled are dead letters, and the report is there. So nobody waits for ever, also where the task is
//! dropped from outside.

use std::hash::{BuildHasher as _, Hash};
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use hashbrown::DefaultHashBuilder;
use tokio::sync::{Notify, SetOnce};

use super::Key;
use super::job::{Audience, Lost, LostStep};
use super::letters::{Control, Envelope};
use super::report::FleetReport;
use crate::core::Machine;
use crate::dead_letter::{DeadLetter, Undelivered};
use crate::dispatcher::caught;
use crate::mailbox::{Batch, Mailbox};
use crate::meter::{FleetMeter, FleetMetering as _, Metering as _};
use crate::report::Reason;
use crate::supervision::Failure;
use crate::trace::{Origin, TARGET};

/// What handles and shards share.
pub(super) struct Shared<K, M: Machine> {
    pub(super) hasher: DefaultHashBuilder,
    pub(super) shards: Vec<Door<K, M>>,
    /// How many handles keep the fleet running.
    pub(super) handles: AtomicUsize,
    pub(super) hooks: Hooks<K, M>,
    /// Whether events are acknowledged when they are durable.
    #[cfg(feature = "journal")]
    pub(super) journaled: bool,
    /// What the journal failed with.
    #[cfg(feature = "journal")]
    pub(super) broken: SetOnce<crate::journal::StoreError>,
    /// Set once the journal is closed.
    #[cfg(feature = "journal")]
    pub(super) closed: SetOnce<()>,
}

/// The way into one shard.
pub(super) struct Door<K, M: Machine> {
    pub(super) mailbox: Mailbox<Envelope<K, M>, Control<K, M>>,
    /// How many machines are in memory.
    pub(super) len: AtomicUsize,
    pub(super) report: SetOnce<FleetReport>,
    /// Tells handlers that wait for room that one of them keeps the mailbox from being emptied.
    pub(super) jam: Notify,
}

/// Is told something about the machine of a key.
pub(super) type Hook<K, T> = Box<dyn Fn(&K, T) + Send + Sync>;

/// Is given a message, with where that of its step comes from.
pub(super) type EmitHook<K, T> = Box<dyn Fn(&K, T, Option<&Origin>) + Send + Sync>;

/// Is told of a failure.
pub(super) type FailureHook<K, E> = Box<dyn Fn(&K, &Failure<'_, E>) + Send + Sync>;

/// Names the machine of a key.
pub(super) type Naming<K> = Box<dyn Fn(&K) -> String + Send + Sync>;

/// Whom a fleet tells.
pub(super) struct Hooks<K, M: Machine> {
    pub(super) dead_letters: Option<Hook<K, DeadLetter<M::Event>>>,
    pub(super) on_emit: Option<EmitHook<K, M::Message>>,
    pub(super) on_failure: Option<FailureHook<K, M::Error>>,
    pub(super) audience: Audience,
    pub(super) name: Option<Naming<K>>,
}

impl<K, M: Machine> Default for Hooks<K, M> {
    fn default() -> Self {
        Self { dead_letters: None, on_emit: None, on_failure: None, audience: Audience::default(), name: None }
    }
}

impl<K, M: Machine> Hooks<K, M> {
    /// No machine handles an event.
    pub(super) fn bury(&self, key: &K, event: M::Event, why: Undelivered) {
        if let Some(dead_letters) = &self.dead_letters {
            // Nobody else is to suffer from its panic.
            let _ = caught(|| dead_letters(key, DeadLetter::new(event, why)));
        }
    }

    /// The name that the program gives a machine.
    pub(super) fn name(&self, key: &K) -> Option<String> {
        // Without one it goes by its key, or by that of its spec.
        self.name.as_ref().and_then(|name| caught(|| name(key)).ok())
    }
}

impl<K: Key, M: Machine> Hooks<K, M> {
    /// What a machine is known by in traces: its name, or else its key.
    pub(super) fn key(&self, key: &K) -> String {
        self.name(key).unwrap_or_else(|| caught(|| format!("{key:?}")).unwrap_or_else(|_| "?".to_owned()))
    }

    /// A message to the outside; whether it was delivered.
    pub(super) fn emit(&self, key: &K, message: M::Message, origin: Option<&Origin>) -> bool {
        let Some(on_emit) = &self.on_emit else { return true };
        match caught(|| on_emit(key, message, origin)) {
            Ok(()) => true,
            Err(panic) => {
                let (panic, key) = (crate::dispatcher::message(&*panic), self.key(key));
                tracing::error!(target: TARGET, machine = M::DEFINITION.name, key, panic, "`on_emit` panicked");
                false
            }
        }
    }
}

impl<K: Hash, M: Machine> Shared<K, M> {
    pub(super) fn hash(&self, key: &K) -> u64 {
        self.hasher.hash_one(key)
    }
}

impl<K, M: Machine> Shared<K, M> {
    /// Which shard a key belongs to. The index of the shard goes by other bits.
    pub(super) fn shard(&self, hash: u64) -> usize {
        let bits = hash & u64::from(u32::MAX);
        // Below the number of shards.
        usize::try_from((bits * self.shards.len() as u64) >> 32).unwrap_or_default()
    }
}

/// What a shard works off.
pub(super) struct Desk<K, M: Machine> {
    pub(super) shared: Arc<Shared<K, M>>,
    pub(super) number: usize,
    pub(super) batch: Batch<Envelope<K, M>, Control<K, M>>,
    pub(super) meter: FleetMeter,
    /// How many more machines are in the journal alone than there were before the fleet, by what this shard knows.
    passive: i32,
    /// Events that waited for a machine that was away when the shard ended.
    pub(super) rest: Vec<(K, M::Event)>,
    pub(super) report: FleetReport,
}

impl<K, M: Machine> Desk<K, M> {
    pub(super) fn new(shared: Arc<Shared<K, M>>, number: usize, meter: FleetMeter) -> Self {
        let report = FleetReport::new(Reason::Aborted);
        Self { shared, number, batch: Batch::default(), meter, passive: 0, rest: Vec::new(), report }
    }

    /// Takes all that is in the mailbox; `Some` is the reason why there will be nothing more.
    pub(super) fn poll_take(&mut self, context: &Context<'_>) -> Poll<Option<Reason>> {
        let taken = self.shared.shards[self.number].mailbox.poll_take(&mut self.batch, context);
        if taken == Poll::Ready(None) {
            self.meter.steps.depth(self.batch.events.len());
        }
        taken
    }

    /// Takes the questions out of the mailbox; `Some` is the reason to end now.
    pub(super) fn look_up(&mut self) -> Option<Reason> {
        self.shared.shards[self.number].mailbox.take_attention(&mut self.batch)
    }

    /// Tells how many machines are in memory.
    pub(super) fn tell_len(&self, now: usize) {
        let len = &self.door().len;
        // Nobody else writes it.
        let before = len.load(Ordering::Relaxed);
        len.store(now, Ordering::Relaxed);
        self.meter.live(before, now);
    }

    /// So many machines more are in the journal and not in memory, or so many fewer.
    pub(super) fn tell_passive(&mut self, more: i32) {
        // More than 2³¹ are in no journal.
        self.passive = self.passive.saturating_add(more);
        self.meter.passive(more);
    }

    pub(super) fn door(&self) -> &Door<K, M> {
        // There are as many doors as shards.
        &self.shared.shards[self.number]
    }
}

/// Takes what a step was about that came to no result.
pub(super) fn take_lost<M: Machine>(lost: &Lost<M>) -> Vec<LostStep<M>> {
    std::mem::take(&mut *lost.lock().unwrap_or_else(PoisonError::into_inner))
}

impl<K, M: Machine> Drop for Desk<K, M> {
    fn drop(&mut self) {
        let reason = self.report.reason;
        self.door().mailbox.end(reason);
        let (mut waiting, _) = self.door().mailbox.take_rest();
        let events = self.batch.events.drain().chain(waiting.drain());
        let events = events.filter_map(|Envelope { key, event, asker, .. }| {
            let back = match asker {
                Some(asker) => asker.lose(reason, Some(event)),
                None => Some(event),
            };
            back.map(|event| (key, event))
        });
        let hooks = &self.shared.hooks;
        for (key, event) in self.rest.drain(..).chain(events) {
            self.report.dropped += 1;
            hooks.bury(&key, event, Undelivered::Ended(reason));
        }
        if self.report.dropped > 0 {
            let dropped = self.report.dropped;
            tracing::warn!(target: TARGET, machine = M::DEFINITION.name, dropped, reason = reason.name(), "events dropped");
        }
        self.meter.steps.dropped(self.report.dropped);
        self.tell_len(0);
        // What nobody could bring back any more is not counted.
        self.tell_passive(self.passive.saturating_neg());
        let door = &self.shared.shards[self.number];
        // Nobody else sets it, and a desk is dropped once.
        let _ = door.report.set(self.report.clone());
    }
}
