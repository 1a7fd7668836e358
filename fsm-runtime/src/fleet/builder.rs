//! How a fleet is set going.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::thread::available_parallelism;
use std::time::Duration;

use hashbrown::DefaultHashBuilder;
use tokio::runtime;
use tokio::sync::{Notify, SetOnce};
use tracing::Span;

use super::desk::{Desk, Door, Hooks, Shared};
use super::idle::Idle;
use super::job::step;
use super::shard::{Factory, Shard};
use super::supervising::{Policy, Restart};
use super::{Fleet, Key};
use crate::core::{Machine, Service};
use crate::dead_letter::DeadLetter;
use crate::dispatcher::Runnable;
use crate::mailbox::{Mailbox, Overflow};
use crate::meter::FleetMeter;
use crate::supervision::{Failure, Supervision};
use crate::trace::{Origin, Transition};

/// The capacity of a shard unless [`Builder::capacity`] says otherwise.
const CAPACITY: usize = 4096;

/// The defaults of a fleet, to be changed: `Fleet::builder(factory).shards(4).spawn()`.
#[must_use = "a fleet does nothing until `spawn` is called"]
pub struct Builder<K, S: Service> {
    factory: Factory<K, S>,
    shards: Option<usize>,
    capacity: usize,
    passivate_after: Option<Duration>,
    pub(super) hooks: Hooks<K, S::Machine>,
    policy: Policy<K, S>,
    #[cfg(feature = "metrics")]
    labels: Vec<crate::meter::Label>,
    #[cfg(feature = "journal")]
    pub(super) journal: Option<super::journaled::Plan<K, S>>,
}

impl<K, S: Service> Builder<K, S> {
    pub(super) fn new(factory: Factory<K, S>) -> Self {
        Self {
            factory,
            shards: None,
            capacity: CAPACITY,
            passivate_after: None,
            hooks: Hooks::default(),
            policy: Policy::default(),
            #[cfg(feature = "metrics")]
            labels: Vec::new(),
            #[cfg(feature = "journal")]
            journal: None,
        }
    }

    /// How many tasks share the machines: as many as there are processors by default, and at least one.
    pub fn shards(mut self, shards: usize) -> Self {
        self.shards = Some(shards.max(1));
        self
    }

    /// How many events wait in the mailbox of each shard before senders wait, and how many may wait inside of it for machines
    /// whose handlers are busy before it takes no more. With a journal it takes no more either while twice as many steps are
    /// not durable yet. 0 counts as 1.
    pub fn capacity(mut self, capacity: usize) -> Self {
        self.capacity = capacity.max(1);
        self
    }

    /// Lets machines leave memory that have had no event for that long, or a quarter longer. With a journal they are brought
    /// back by the next event, timer or result; without, only those leave that are at their end, and the next event for such
    /// a key makes a new machine. By default all stay.
    pub fn passivate_after(mut self, idle: Duration) -> Self {
        self.passivate_after = Some(idle);
        self
    }

    /// What a machine is called in traces and failures, by its key. Without it traces have the key as [`fmt::Debug`](std::fmt::Debug)
    /// shows it.
    pub fn name(mut self, name: impl Fn(&K) -> String + Send + Sync + 'static) -> Self {
        self.hooks.name = Some(Box::new(name));
        self
    }

    /// Calls `observer` for every transition of every machine, after its step, in the task of its shard. It should be
    /// quick.
    pub fn on_transition(mut self, observer: impl Fn(&Transition<'_>) + Send + Sync + 'static) -> Self {
        self.hooks.audience.observer = Some(Arc::new(observer));
        self
    }

    /// Calls `link` with the span of each step whose message came with an [`Origin`] ([`Fleet::traced`]), before anything
    /// happens in it, while `tracing` listens; as [`crate::Options::link_spans`] does.
    pub fn link_spans(mut self, link: impl Fn(&Span, &Origin) + Send + Sync + 'static) -> Self {
        self.hooks.audience.linker = Some(Arc::new(link));
        self
    }

    /// Calls `messages` with each message that a machine emits, after its step and before the next event of that machine,
    /// in the task of its shard. It should be quick. Without it they are lost.
    pub fn on_emit(self, messages: impl Fn(&K, <S::Machine as Machine>::Message) + Send + Sync + 'static) -> Self {
        self.on_emit_traced(move |key, message, _| messages(key, message))
    }

    /// As [`Builder::on_emit`], with the [`Origin`] of the message whose step emits, where its sender told: what is sent on
    /// belongs to the same trace. Messages that a journal had kept when the fleet started have none.
    pub fn on_emit_traced(
        mut self,
        messages: impl Fn(&K, <S::Machine as Machine>::Message, Option<&Origin>) + Send + Sync + 'static,
    ) -> Self {
        self.hooks.on_emit = Some(Box::new(messages));
        self
    }

    /// Calls `keep` with each event that no machine handles, and why: no state asks for it, its step failed, its machine
    /// has ended, the factory makes none, the fleet ended before its turn. It should be quick.
    pub fn dead_letters(
        mut self,
        keep: impl Fn(&K, DeadLetter<<S::Machine as Machine>::Event>) + Send + Sync + 'static,
    ) -> Self {
        self.hooks.dead_letters = Some(Box::new(keep));
        self
    }

    /// Calls `hook` with each failed step, in the task of its shard. Unless [`Builder::supervise`] says otherwise the machine
    /// goes on after an error; after a panic it is gone, and [`Fleet::forget`] makes room for a new one.
    pub fn on_failure(
        mut self,
        hook: impl Fn(&K, &Failure<'_, <S::Machine as Machine>::Error>) + Send + Sync + 'static,
    ) -> Self {
        self.hooks.on_failure = Some(Box::new(hook));
        self
    }

    /// What is done when a step of a machine fails. One that is made anew begins in its initial state, by the factory; with
    /// a journal it goes on from where it was before the step that failed, as the journal has it, and of that step nothing
    /// counts. Until then what comes for it waits. Whoever asked for the event that failed is told so in any case.
    ///
    /// [`Then::Stop`](crate::Then::Stop) closes its key until [`Fleet::forget`], and [`Then::Escalate`](crate::Then::Escalate)
    /// ends the fleet, with [`Reason::Failed`](crate::Reason::Failed) or [`Reason::Panicked`](crate::Reason::Panicked).
    pub fn supervise(mut self, policy: Supervision) -> Self {
        self.policy.supervision = Some(policy);
        self
    }

    /// As [`Builder::supervise`], with machines made anew by `make`: from the initial state by `Robot::new`, from a snapshot by
    /// `Robot::restore`, from a state of your choice. `None` ends the machine. It is called in the task of the shard and
    /// should be quick. With a journal the start of the new machine is a step that is committed, and so is the one that
    /// gave an error.
    pub fn supervise_with(
        mut self,
        policy: Supervision,
        make: impl Fn(&Restart<'_, K, S::Machine>) -> Option<S> + Send + Sync + 'static,
    ) -> Self {
        self.policy.make = Some(Arc::new(make));
        self.supervise(policy)
    }

    /// Keeps a copy of each machine while it is in a step, for [`Restart::last`]. Costs a clone of the machine a step.
    pub fn remember(mut self) -> Self
    where
        S::Machine: Clone,
    {
        self.policy.keep = Some(S::Machine::clone);
        self
    }
}

#[cfg(feature = "metrics")]
impl<K, S: Service> Builder<K, S> {
    /// A label of the fleet's [metrics](crate::metrics), beside `machine`. There should be few values of it: each makes
    /// series of its own.
    pub fn label(mut self, label: &'static str, value: impl Into<String>) -> Self {
        self.labels.push(crate::meter::Label::new(label, value.into()));
        self
    }
}

impl<K, S: Service> Builder<K, S> {
    /// What counts for each shard, and how many machines the journal has, if that is counted.
    #[cfg_attr(
        not(feature = "metrics"),
        expect(clippy::unused_self, reason = "the labels, which it has, are for metrics")
    )]
    fn meters(&mut self, shards: usize) -> (Vec<FleetMeter>, Option<u64>) {
        #[cfg(all(feature = "journal", feature = "metrics"))]
        let passive = self.journal.as_mut().and_then(super::journaled::Plan::machines);
        #[cfg(not(all(feature = "journal", feature = "metrics")))]
        let passive = None;
        #[cfg(feature = "metrics")]
        let meter = |shard| FleetMeter::new(S::Machine::DEFINITION.name, self.labels.clone(), shard, passive.is_some());
        #[cfg(not(feature = "metrics"))]
        let meter = |_| FleetMeter { steps: crate::meter::Meter };
        ((0..shards).map(meter).collect(), passive)
    }
}

impl<K: Key, S> Builder<K, S>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
{
    /// Sets the fleet going, without a machine yet.
    ///
    /// # Panics
    /// Outside of a tokio runtime, as [`tokio::spawn`] does; if there is a journal, and no thread for it to be had.
    #[must_use = "a fleet ends when its last handle is dropped"]
    pub fn spawn(self) -> Fleet<K, S::Machine> {
        self.spawn_on(&runtime::Handle::current())
    }

    /// Sets the fleet going on a given runtime.
    ///
    /// # Panics
    /// If there is a journal, and no thread for it to be had.
    #[must_use = "a fleet ends when its last handle is dropped"]
    pub fn spawn_on(mut self, runtime: &runtime::Handle) -> Fleet<K, S::Machine> {
        let shards = self.shards.unwrap_or_else(|| available_parallelism().map_or(1, usize::from));
        let capacity = self.capacity;
        let door = |_| Door {
            mailbox: Mailbox::new(capacity, Overflow::Wait),
            len: AtomicUsize::new(0),
            report: SetOnce::new(),
            jam: Notify::new(),
        };
        let (meters, passive) = self.meters(shards);
        let shared = Arc::new(Shared {
            hasher: DefaultHashBuilder::default(),
            shards: (0..shards).map(door).collect(),
            handles: AtomicUsize::new(1),
            hooks: self.hooks,
            #[cfg(feature = "journal")]
            journaled: self.journal.is_some(),
            #[cfg(feature = "journal")]
            broken: SetOnce::new(),
            #[cfg(feature = "journal")]
            closed: SetOnce::new(),
        });
        #[cfg(feature = "journal")]
        let keeping = super::journaled::start(self.journal, &shared, meters[0].clone());
        #[cfg(not(feature = "journal"))]
        let keeping = (0..shards).map(|_| super::keeping::Keeping::off());
        let _entered = runtime.enter();
        for (number, (keeping, meter)) in keeping.into_iter().zip(meters).enumerate() {
            let mut desk = Desk::new(Arc::clone(&shared), number, meter);
            if let (0, Some(passive)) = (number, passive) {
                desk.tell_passive(i32::try_from(passive).unwrap_or(i32::MAX));
            }
            let idle = Idle::after(self.passivate_after);
            runtime.spawn(Shard::new(
                desk,
                Arc::clone(&self.factory),
                step::<S>,
                capacity,
                idle,
                keeping,
                self.policy.clone(),
            ));
        }
        Fleet::first(shared)
    }
}
