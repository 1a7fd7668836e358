//! What comes of a step that failed, of a machine that was lost, and of an event that no machine takes.
//!
//! Part of [`super::shard`]. Invariant: whoever asked is told, and what nobody handles is a dead letter, whatever the
//! hooks of the program do.

use super::Key;
use super::desk::take_lost;
use super::flight::First;
use super::job::{Step, Work};
use super::letters::Asker;
use super::machines::Body;
use super::shard::Shard;
use super::steps::Way;
use super::supervising::Doom;
use crate::core::{Error, Machine, Service};
use crate::dead_letter::Undelivered;
use crate::dispatcher::{Panic, Payload, Runnable, caught, message};
use crate::error::Refused;
use crate::meter::{Fate, FleetMetering as _, Metering as _};
use crate::report::Reason;
use crate::supervision::{Cause, Failure, Then};
use crate::trace::{self, TARGET};

impl<K: Key, S, G> Shard<K, S, G>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
    G: Step<S>,
{
    /// An error that nobody asked for must be seen all the same.
    pub(super) fn unheard(&self, at: u32, event: &str, error: &Error<<S::Machine as Machine>::Error>) {
        let (machine, key) = (S::Machine::DEFINITION.name, self.key(at));
        // Its `Debug` is the user's.
        let _ = caught(|| tracing::error!(target: TARGET, machine, key, event, ?error, "the step failed"));
    }

    /// What a machine is known by in traces.
    pub(super) fn key(&self, at: u32) -> Option<String> {
        self.machines.get(at).map(|entry| self.desk.shared.hooks.key(&entry.key))
    }

    pub(super) fn tell_failure(
        &self,
        at: u32,
        event: &'static str,
        transition: Option<usize>,
        cause: &Cause<'_, <S::Machine as Machine>::Error>,
        then: Option<Then>,
    ) {
        let (Some(hook), Some(entry)) = (&self.desk.shared.hooks.on_failure, self.machines.get(at)) else { return };
        let definition = S::Machine::DEFINITION;
        let info = transition.and_then(|index| definition.transitions.get(index));
        let source = info.map(|info| trace::path(definition, info.source as usize));
        let name = self.desk.shared.hooks.name(&entry.key);
        let machine = name.as_deref().unwrap_or(definition.name);
        // A hook that panics has been heard.
        let _ = caught(|| hook(&entry.key, &Failure { machine, event, transition, source, cause, then }));
    }

    /// A handler panicked: the machine is gone, and so is the step. Whether the slot is done with.
    pub(super) fn lose_step(&mut self, slot: u32, panic: Panic<'_>) -> bool {
        let place = self.flight.slot(slot);
        let (at, mut asker) = (place.owner, place.asker.take());
        place.end();
        place.doomed = None;
        place.span = None;
        let mut undone = take_lost(&self.flight.lost);
        let name = undone.first().map_or("", |(work, _)| work.name());
        let last = undone.first_mut().and_then(|(_, last)| last.take());
        let then = self.judge_panic(at, name, panic);
        for (work, _) in undone {
            if let Work::Event(event) = work {
                self.desk.report.handled += 1;
                self.desk.report.failed += 1;
                self.desk.meter.steps.event(Fate::Panicked);
                let back = match asker.take() {
                    Some(asker) => asker.lose(Reason::Panicked, Some(event)),
                    None => Some(event),
                };
                if let Some(event) = back {
                    self.bury(at, event, Undelivered::Failed);
                }
            }
        }
        if let Some(asker) = asker {
            drop(asker.lose(Reason::Panicked, None));
        }
        self.fail(at, Some(slot), Doom { reason: Reason::Panicked, then, last })
    }

    /// A panic is told; gives what follows.
    pub(super) fn judge_panic(&self, at: u32, event: &'static str, panic: Panic<'_>) -> Then {
        let text = message(panic);
        let (machine, key) = (S::Machine::DEFINITION.name, self.key(at));
        tracing::error!(target: TARGET, machine, key, event, panic = text, "a handler panicked");
        let cause = Cause::Panic(text.as_deref());
        // A machine that was interrupted cannot go on.
        let then = self.policy.follows(&cause).unwrap_or(Then::Stop);
        self.tell_failure(at, event, None, &cause, Some(then));
        then
    }

    /// An invoke panicked. Where its machine is in a step, that step may leave the state of the invoke, and so may what
    /// waits already.
    pub(super) fn lose_invoke(&mut self, at: u32, generation: u32, panic: Payload) {
        match self.way(at) {
            Way::Wait(slot) => self.flight.slot(slot).first.push_back(First::Panic(generation, panic)),
            Way::Step | Way::Refuse(_) => {
                self.break_off(at, None, &*panic);
            }
        }
    }

    /// An invoke of a machine that is between two steps panicked; whether the slot is done with. One that has ended has
    /// nothing to lose.
    pub(super) fn break_off(&mut self, at: u32, slot: Option<u32>, panic: Panic<'_>) -> bool {
        if !matches!(self.way(at), Way::Step) {
            return true;
        }
        let then = self.judge_panic(at, "(invoke)", panic);
        let last = match self.machines.get(at).map(|entry| &entry.body) {
            Some(Body::Here(service)) => self.policy.copy(service.machine()),
            _ => None,
        };
        self.fail(at, slot, Doom { reason: Reason::Panicked, then, last })
    }

    /// Ends what runs beside a machine.
    pub(super) fn end_beside(&mut self, at: u32) {
        if let Some(entry) = self.machines.get_mut(at) {
            self.clock.cancel_all(&mut entry.timers);
        }
        self.invokes.cancel_all(at);
    }

    pub(super) fn bury(&self, at: u32, event: <S::Machine as Machine>::Event, why: Undelivered) {
        if let Some(entry) = self.machines.get(at) {
            self.desk.shared.hooks.bury(&entry.key, event, why);
        }
    }

    /// The machine takes no more events.
    pub(super) fn turn_away(
        &mut self,
        at: u32,
        event: <S::Machine as Machine>::Event,
        asker: Option<Asker<S::Machine>>,
        reason: Reason,
    ) {
        if let Some(event) = self.decline(event, asker, Refused::Closed(reason)) {
            self.bury(at, event, Undelivered::Ended(reason));
        }
    }

    /// Whoever sent the event waits for what becomes of it in a handler of the very machine.
    pub(super) fn refuse_deadlock(&mut self, at: u32, event: <S::Machine as Machine>::Event, asker: Asker<S::Machine>) {
        if let Some(event) = self.decline(event, Some(asker), Refused::Deadlock) {
            self.bury(at, event, Undelivered::Deadlock);
        }
    }

    /// No machine takes the event: whoever asked is told. It comes back unless it goes to them.
    fn decline(
        &mut self,
        event: <S::Machine as Machine>::Event,
        asker: Option<Asker<S::Machine>>,
        why: Refused,
    ) -> Option<<S::Machine as Machine>::Event> {
        self.desk.report.refused += 1;
        self.desk.meter.refused();
        match asker {
            Some(asker) => asker.refuse(why, Some(event)),
            None => Some(event),
        }
    }

    /// There is no machine for an event.
    pub(super) fn refuse(
        &mut self,
        key: &K,
        event: <S::Machine as Machine>::Event,
        asker: Option<Asker<S::Machine>>,
        why: Refused,
    ) {
        if let Some(event) = self.decline(event, asker, why) {
            let undelivered = match why {
                Refused::Closed(reason) => Undelivered::Ended(reason),
                Refused::Deadlock => Undelivered::Deadlock,
                _ => Undelivered::Unknown,
            };
            self.desk.shared.hooks.bury(key, event, undelivered);
        }
    }
}
