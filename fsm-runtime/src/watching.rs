//! Looking at a running machine from outside: its state now and later, its transitions, its readiness.
//!
//! Everything here is a question in the mailbox's control lane, answered between two steps ahead of the events that
//! wait. Invariant: what is seen is a machine at rest, never one in the middle of a step.

use std::any::Any;
use std::sync::Arc;

use tokio::sync::{oneshot, watch};

use crate::core::{Machine, Persist};
use crate::error::Refused;
use crate::handle::Handle;
use crate::question::{Question, answer, answered};
use crate::records::{Record, Subscription};
use crate::shared::Control;
use crate::timers::Timers;
use crate::trace::Tracer;

/// Tells watchers of a new state, if there is one; `false` when the last of them is gone.
pub(crate) type Publisher<M> = Box<dyn FnMut(Option<&M>) -> bool + Send>;

/// What a question can see and change.
pub(crate) struct Inside<'a, M: Machine> {
    pub(crate) machine: &'a M,
    /// The machine with its handlers: what [`Handle::snapshot`] names the type of.
    pub(crate) service: &'a dyn Any,
    pub(crate) timers: &'a Timers<M::Timer>,
    pub(crate) publishers: &'a mut Vec<Publisher<M>>,
    pub(crate) tracer: &'a mut Tracer<M>,
}

impl<M: Machine> Handle<M> {
    /// Lets `look` see the machine between two events, ahead of those that wait in the mailbox, and gives its result. If
    /// `look` panics, that is a panic of whoever asks, and the machine goes on.
    ///
    /// # Errors
    /// [`Refused`] if the machine ended, or if its own handler asks.
    pub async fn inspect<R: Send + 'static>(&self, look: impl FnOnce(&M) -> R + Send + 'static) -> Result<R, Refused> {
        self.control(move |inside| look(inside.machine)).await
    }

    /// The state it is in now; see [`Handle::inspect`].
    ///
    /// # Errors
    /// As for [`Handle::inspect`].
    pub async fn state(&self) -> Result<M::State, Refused>
    where
        M::State: Clone + Send + 'static,
    {
        self.inspect(|machine| machine.state().clone()).await
    }

    /// The machine as it is between two events, ahead of those that wait in the mailbox, with what its timers have left. `S` is
    /// what was spawned, the generated pair of machine and handlers:
    ///
    /// `let snapshot = handle.snapshot::<Robot<Arm>>().await?`
    ///
    /// `spawn(Robot::restore(Arm, snapshot)?)` goes on from there, in another task or another process: its timers with what
    /// was left of them, its invokes anew. What waits in the mailbox is not part of it, events that the machine defers
    /// are.
    ///
    /// # Errors
    /// As for [`Handle::inspect`], and [`Refused::OtherService`] if it was not `S` that was spawned.
    pub async fn snapshot<S>(&self) -> Result<S::Snapshot, Refused>
    where
        S: Persist<Machine = M> + 'static,
        S::Snapshot: Send + 'static,
    {
        let snapshot = self.control(|Inside { service, timers, .. }: Inside<'_, M>| {
            let service = service.downcast_ref::<S>()?;
            Some(service.snapshot(|_, generation| timers.left(generation)))
        });
        snapshot.await?.ok_or(Refused::OtherService)
    }

    /// Waits until the machine has entered its initial state and takes events, as it does once it is spawned.
    ///
    /// # Errors
    /// As for [`Handle::inspect`].
    pub async fn ready(&self) -> Result<(), Refused> {
        self.inspect(|_| ()).await
    }

    /// A receiver that always holds the latest state, from the one now to the last one; after that its `changed` fails.
    ///
    /// # Errors
    /// As for [`Handle::inspect`].
    pub async fn watch(&self) -> Result<watch::Receiver<M::State>, Refused>
    where
        M::State: Clone + Send + Sync + 'static,
    {
        self.control(|Inside { machine, publishers, .. }: Inside<'_, M>| {
            let (sender, receiver) = watch::channel(machine.state().clone());
            // A machine that stays where it is has nothing to tell them; those that have gone away go now.
            publishers.retain_mut(|publish| publish(None));
            publishers.push(Box::new(move |machine| match machine {
                Some(machine) => sender.send(machine.state().clone()).is_ok(),
                None => !sender.is_closed(),
            }));
            receiver
        })
        .await
    }

    /// Waits until the machine is in a state that `wanted` holds for, the one now or a later one, and gives it. A state
    /// that the machine passes through while nobody looks may be missed: [`Handle::subscribe`] misses none.
    ///
    /// # Errors
    /// As for [`Handle::inspect`], also if the machine ends without getting there.
    pub async fn wait_for(&self, wanted: impl FnMut(&M::State) -> bool) -> Result<M::State, Refused>
    where
        M::State: Clone + Send + Sync + 'static,
    {
        let mut states = self.watch().await?;
        match states.wait_for(wanted).await {
            Ok(state) => Ok(state.clone()),
            Err(_) => Err(Refused::Closed(self.shared.reason())),
        }
    }

    /// Each transition from now on. A subscriber that falls behind by more than `capacity`, at most a million, loses the
    /// oldest and is told how many; it holds up nobody.
    ///
    /// # Errors
    /// As for [`Handle::inspect`].
    pub async fn subscribe(&self, capacity: usize) -> Result<Subscription, Refused> {
        self.control(move |inside| inside.tracer.recorder().subscribe(capacity)).await
    }

    /// The last transitions, oldest first, where [`crate::Options::records`] keeps them. Those of a machine that has
    /// ended stand in its report.
    ///
    /// # Errors
    /// As for [`Handle::inspect`].
    pub async fn records(&self) -> Result<Vec<Arc<Record>>, Refused> {
        self.control(|inside| inside.tracer.records()).await
    }

    async fn control<R: Send + 'static>(
        &self,
        act: impl FnOnce(Inside<'_, M>) -> R + Send + 'static,
    ) -> Result<R, Refused> {
        let mailbox = &self.shared.mailbox;
        if mailbox.is_own_task() {
            return Err(Refused::Deadlock);
        }
        let (reply, seen) = oneshot::channel();
        let (control, _waiting): (Control<M>, _) = Question::new(Box::new(move |inside| answer(reply, inside, act)));
        mailbox.push_control(control)?;
        seen.await.map(answered).map_err(|_| Refused::Closed(self.shared.reason()))
    }
}
