//! What runs beside the machines of a shard: one wheel with all their timers, one set of tasks with all their invokes.
//!
//! Part of [`super`]. Invariant: a timer or an invoke that was cancelled, or whose machine is gone, never comes back.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::task::{AbortHandle, Id, JoinError, JoinSet};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::core::Machine;
use crate::dispatcher::Payload;
use crate::timers::{Chain, Wheel};

/// The timers of all machines of a shard, on tokio's clock.
pub(super) struct Clockwork<T> {
    wheel: Wheel<(u32, T)>,
    /// From when the wheel counts.
    start: Instant,
    /// Set to an earlier time where that is needed; one that comes too early does no harm.
    sleep: Option<Pin<Box<Sleep>>>,
}

impl<T> Clockwork<T> {
    pub(super) fn new() -> Self {
        Self { wheel: Wheel::new(), start: Instant::now(), sleep: None }
    }

    /// The time.
    pub(super) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    pub(super) fn start(&mut self, owner: u32, chain: &mut Chain, timer: T, generation: u32, delay: Duration) {
        // A delay beyond the clock's end never comes.
        if let Some(deadline) = self.now().checked_add(delay) {
            self.wheel.insert(chain, generation, deadline, (owner, timer));
        }
    }

    pub(super) fn cancel(&mut self, chain: &mut Chain, generation: u32) {
        self.wheel.cancel(chain, generation);
    }

    pub(super) fn cancel_all(&mut self, chain: &mut Chain) {
        self.wheel.cancel_all(chain);
    }

    /// When a pending timer is due.
    #[cfg(feature = "journal")]
    pub(super) fn deadline(&self, chain: &Chain, generation: u32) -> Option<Duration> {
        self.wheel.deadline(chain, generation)
    }

    /// When the first timer of a machine is due.
    #[cfg(feature = "journal")]
    pub(super) fn earliest(&self, chain: &Chain) -> Option<Duration> {
        self.wheel.earliest(chain)
    }

    pub(super) fn is_running(&self) -> bool {
        !self.wheel.is_empty()
    }

    /// Takes the next timer that is due by `now`: its owner, itself and its generation.
    pub(super) fn take_due<'a>(
        &mut self,
        now: Duration,
        chain: impl FnOnce(u32) -> &'a mut Chain,
    ) -> Option<(u32, T, u32)> {
        let due = self.wheel.take_due(now, |(owner, _)| chain(*owner))?;
        Some((due.item.0, due.item.1, due.generation))
    }

    /// Ready when a timer may be due, unless timers have to wait, or at another time.
    pub(super) fn poll_due(&mut self, timers: bool, other: Option<Duration>, context: &mut Context<'_>) -> Poll<()> {
        let timer = if timers { self.wheel.next_wake() } else { None };
        let wake = timer.into_iter().chain(other).min();
        // What the clock cannot show never comes.
        let Some(wake) = wake.and_then(|wake| self.start.checked_add(wake)) else { return Poll::Pending };
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(wake)));
        if sleep.is_elapsed() || sleep.deadline() > wake {
            sleep.as_mut().reset(wake);
        }
        sleep.as_mut().poll(context)
    }
}

/// The invokes of all machines of a shard.
pub(super) struct Invokes<D> {
    tasks: JoinSet<D>,
    /// Whose task it is, and under which generation.
    owners: HashMap<Id, (u32, u32)>,
    running: HashMap<u32, Vec<(u32, AbortHandle)>>,
}

/// How an invoke ended: its owner, its generation and its result, or the panic of its task.
pub(super) type Ended<D> = (u32, u32, Result<D, Payload>);

impl<D: Send + 'static> Invokes<D> {
    pub(super) fn new() -> Self {
        Self { tasks: JoinSet::new(), owners: HashMap::new(), running: HashMap::new() }
    }

    pub(super) fn start(&mut self, owner: u32, generation: u32, run: impl Future<Output = D> + Send + 'static) {
        let task = self.tasks.spawn(run);
        self.owners.insert(task.id(), (owner, generation));
        self.running.entry(owner).or_default().push((generation, task));
    }

    pub(super) fn cancel(&mut self, owner: u32, generation: u32) {
        let Some(running) = self.running.get_mut(&owner) else { return };
        if let Some(at) = running.iter().position(|running| running.0 == generation) {
            let (_, task) = running.swap_remove(at);
            task.abort();
            self.owners.remove(&task.id());
        }
        if running.is_empty() {
            self.running.remove(&owner);
        }
    }

    pub(super) fn cancel_all(&mut self, owner: u32) {
        if self.running.is_empty() {
            return;
        }
        for (_, task) in self.running.remove(&owner).unwrap_or_default() {
            task.abort();
            self.owners.remove(&task.id());
        }
    }

    /// The next one that ended and is still wanted.
    pub(super) fn poll_ended(&mut self, context: &mut Context<'_>) -> Poll<Ended<D>> {
        loop {
            let Poll::Ready(Some(result)) = self.tasks.poll_join_next_with_id(context) else { return Poll::Pending };
            let id = result.as_ref().map_or_else(JoinError::id, |done| done.0);
            let Some((owner, generation)) = self.owners.remove(&id) else { continue };
            if let Some(running) = self.running.get_mut(&owner) {
                running.retain(|running| running.0 != generation);
                if running.is_empty() {
                    self.running.remove(&owner);
                }
            }
            match result.map_err(JoinError::try_into_panic) {
                Ok((_, done)) => return Poll::Ready((owner, generation, Ok(done))),
                Err(Ok(panic)) => return Poll::Ready((owner, generation, Err(panic))),
                // It was aborted by the runtime, which goes away.
                Err(Err(_)) => {}
            }
        }
    }
}

/// The type of what invokes end with.
pub(super) type InvokesOf<M> = Invokes<<M as Machine>::Done>;
