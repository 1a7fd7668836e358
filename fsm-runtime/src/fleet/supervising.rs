//! Machines of a fleet that fail: they go on, end, are made anew, or end the fleet.
//!
//! Part of [`super::shard`]. The policy is the one of single machines; here it is kept for all machines of a fleet, and only
//! those that have failed cost anything. One that is to be made anew is away until then, in a slot in which waits what
//! comes for it. Invariants: a machine that was interrupted in a step never gets another event; what had been on its way
//! to the machine that failed, timers and results of invokes, never reaches the new one.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Key;
use super::flight::First;
use super::job::{Step, Work};
use super::machines::Body;
use super::shard::Shard;
use crate::core::{Error, Machine, Service, Status};
use crate::dispatcher::{Runnable, caught, message};
use crate::meter::Metering as _;
use crate::report::Reason;
use crate::supervision::{Cause, Keep, Restarts, Supervision, Then};
use crate::trace::TARGET;

/// From where a machine of a fleet is made anew, for [`super::Builder::supervise_with`].
#[non_exhaustive]
pub struct Restart<'a, K, M> {
    /// The key of the machine.
    pub key: &'a K,
    /// The number of this restart of the machine, from 1.
    pub count: u64,
    /// Why: [`Reason::Failed`] or [`Reason::Panicked`].
    pub reason: Reason,
    /// The machine as it was before the step that failed, where [`super::Builder::remember`] keeps it.
    pub last: Option<&'a M>,
}

impl<K: fmt::Debug, M> fmt::Debug for Restart<'_, K, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Restart")
            .field("key", self.key)
            .field("count", &self.count)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// Makes the machine of a key anew.
pub(super) type Anew<K, S> = Arc<dyn Fn(&Restart<'_, K, <S as Service>::Machine>) -> Option<S> + Send + Sync>;

/// What is done with machines that fail.
pub(super) struct Policy<K, S: Service> {
    pub(super) supervision: Option<Supervision>,
    /// By the factory, or as the journal has it, where this is not there.
    pub(super) make: Option<Anew<K, S>>,
    /// Keeps a copy of a machine.
    pub(super) keep: Option<Keep<S::Machine>>,
}

impl<K, S: Service> Default for Policy<K, S> {
    fn default() -> Self {
        Self { supervision: None, make: None, keep: None }
    }
}

impl<K, S: Service> Clone for Policy<K, S> {
    fn clone(&self) -> Self {
        Self { supervision: self.supervision, make: self.make.clone(), keep: self.keep }
    }
}

impl<K, S: Service> Policy<K, S> {
    /// What follows a failure; `None` if the machine goes on.
    pub(super) fn follows(&self, cause: &Cause<'_, <S::Machine as Machine>::Error>) -> Option<Then> {
        match &self.supervision {
            Some(supervision) => supervision.follows(cause),
            None => Supervision::new().on_panic(Then::Stop).follows(cause),
        }
    }

    /// A copy of a machine, where one is kept, and unless its `Clone` panics: then there is none.
    pub(super) fn copy(&self, machine: &S::Machine) -> Option<S::Machine> {
        let keep = self.keep?;
        match caught(|| keep(machine)) {
            Ok(copy) => Some(copy),
            Err(panic) => {
                let (panic, machine) = (message(&*panic), S::Machine::DEFINITION.name);
                tracing::error!(target: TARGET, machine, panic, "the `Clone` of a machine panicked");
                None
            }
        }
    }
}

/// How a machine failed, and what follows.
pub(super) struct Doom<M> {
    pub(super) reason: Reason,
    pub(super) then: Then,
    /// The machine before the step.
    pub(super) last: Option<M>,
}

/// The machines of a shard that have failed and were, or are to be, made anew.
pub(super) struct Troubles<M> {
    /// By machine.
    known: HashMap<u32, Trouble<M>>,
    /// When which slot gets its new machine.
    due: BTreeSet<(Duration, u32)>,
}

struct Trouble<M> {
    restarts: Restarts,
    count: u64,
    reason: Reason,
    last: Option<M>,
}

impl<M> Troubles<M> {
    pub(super) fn new() -> Self {
        Self { known: HashMap::new(), due: BTreeSet::new() }
    }

    /// When the next machine is to be made anew.
    pub(super) fn next(&self) -> Option<Duration> {
        self.due.first().map(|due| due.0)
    }

    /// A machine leaves the shard.
    pub(super) fn forget(&mut self, at: u32) {
        self.known.remove(&at);
    }

    fn take_due(&mut self, now: impl FnOnce() -> Duration) -> Option<u32> {
        let first = *self.due.first()?;
        if first.0 > now() {
            return None;
        }
        self.due.remove(&first);
        Some(first.1)
    }

    /// How long a machine that failed has to wait; `None` if it failed too often.
    fn wait(&mut self, at: u32, policy: &Supervision, reason: Reason, last: Option<M>) -> Option<Duration> {
        let fresh = || Trouble { restarts: Restarts::default(), count: 0, reason, last: None };
        let trouble = self.known.entry(at).or_insert_with(fresh);
        trouble.reason = reason;
        trouble.last = last;
        trouble.restarts.wait(policy)
    }
}

impl<K: Key, S, G> Shard<K, S, G>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
    G: Step<S>,
{
    /// A step gave an error that nobody in its machine took: what follows.
    pub(super) fn judge_error(
        &self,
        at: u32,
        event: &'static str,
        transition: Option<usize>,
        error: &Error<<S::Machine as Machine>::Error>,
    ) -> Option<Then> {
        let cause = Cause::Error(error);
        let then = self.policy.follows(&cause);
        self.tell_failure(at, event, transition, &cause, then);
        then
    }

    /// A machine has failed and does not go on. `slot` is the one that it is away in; whether that one is done with.
    pub(super) fn fail(&mut self, at: u32, slot: Option<u32>, doom: Doom<S::Machine>) -> bool {
        let Doom { reason, then, last } = doom;
        self.end_beside(at);
        self.forget_beside(at);
        self.origins.remove(&at);
        for (_, asker) in self.waiting.remove(&at).unwrap_or_default() {
            drop(asker.lose(reason, None));
        }
        if let Some(slot) = slot {
            // Timers and results were those of the machine that failed.
            self.flight.slot(slot).first.clear();
        }
        if then == Then::Restart && self.put_off(at, slot, reason, last) {
            return false;
        }
        self.desk.meter.steps.ended(reason);
        match reason {
            Reason::Panicked => self.desk.report.panicked += 1,
            Reason::Failed => self.desk.report.stopped += 1,
            _ => {}
        }
        if let Some(entry) = self.machines.get_mut(at) {
            entry.body = Body::Gone(reason);
        }
        if then == Then::Escalate {
            for shard in &self.desk.shared.shards {
                shard.mailbox.halt(reason);
            }
        }
        true
    }

    /// A machine is to be made anew when it has waited; false if it has failed too often.
    fn put_off(&mut self, at: u32, slot: Option<u32>, reason: Reason, last: Option<S::Machine>) -> bool {
        let Some(supervision) = &self.policy.supervision else { return false };
        let Some(wait) = self.troubles.wait(at, supervision, reason, last) else {
            let (machine, key) = (S::Machine::DEFINITION.name, self.key(at));
            tracing::error!(target: TARGET, machine, key, "it failed too often, and ends");
            return false;
        };
        let slot = slot.unwrap_or_else(|| self.flight.take(at));
        if let Some(entry) = self.machines.get_mut(at) {
            entry.body = Body::Away(slot);
        }
        // One that lies beyond the clock's end never comes.
        self.troubles.due.insert((self.clock.now().saturating_add(wait), slot));
        true
    }

    /// Makes the machines anew that have waited for it; whether there was any.
    pub(super) fn make_anew(&mut self) -> bool {
        let mut busy = false;
        while let Some(slot) = self.troubles.take_due(|| self.clock.now()) {
            self.replace(slot);
            busy = true;
        }
        busy
    }

    /// Puts a new machine in the place of one that failed.
    fn replace(&mut self, slot: u32) {
        let at = self.flight.slot(slot).owner;
        let (Some(entry), Some(trouble)) = (self.machines.get(at), self.troubles.known.get_mut(&at)) else { return };
        trouble.count += 1;
        let (reason, count) = (trouble.reason, trouble.count);
        let last = trouble.last.take();
        self.desk.report.restarts += 1;
        self.desk.meter.steps.restarted(reason);
        let (machine, key) = (S::Machine::DEFINITION.name, self.key(at));
        tracing::warn!(target: TARGET, machine, key, restarts = count, "restarted");
        let made = match &self.policy.make {
            // As it was before the step that failed.
            None if self.keeping.is_on() => {
                self.ask_again(slot, at);
                return;
            }
            None => self.make(&entry.key),
            Some(make) => {
                let restart = Restart { key: &entry.key, count, reason, last: last.as_ref() };
                caught(|| make(&restart)).unwrap_or_else(|panic| {
                    let (panic, machine) = (message(&*panic), S::Machine::DEFINITION.name);
                    tracing::error!(target: TARGET, machine, panic, "what makes machines anew panicked");
                    None
                })
            }
        };
        self.renew(at);
        self.take_place(slot, at, made, reason);
    }

    /// The new machine, or none, takes its place.
    fn take_place(&mut self, slot: u32, at: u32, made: Option<S>, reason: Reason) {
        let status = made.as_ref().map(|service| service.machine().status());
        let body = match (made, status) {
            (Some(service), Some(status)) if status != Status::Stepping => Body::Here(service),
            (Some(_), _) => Body::Gone(Reason::Poisoned),
            (None, _) => Body::Gone(reason),
        };
        if let Body::Gone(reason) = &body {
            self.desk.meter.steps.ended(*reason);
            self.desk.report.panicked += u64::from(*reason == Reason::Panicked);
            self.desk.report.stopped += u64::from(*reason != Reason::Panicked);
        }
        if let Some(entry) = self.machines.get_mut(at) {
            entry.body = body;
        }
        if matches!(status, Some(Status::Stopped | Status::Suspended)) {
            self.flight.slot(slot).first.push_front(First::Step(Work::Start));
        }
        if self.next(slot) {
            self.drive(slot);
        }
    }
}
