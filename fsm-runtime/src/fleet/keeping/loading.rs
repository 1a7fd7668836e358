//! Machines that are not in memory: asked for, and taken up as the journal knows them.
//!
//! Part of [`super`]. While the journal is asked the machine is away, in a slot in which waits what comes for it.

use std::collections::VecDeque;

use super::super::Key;
use super::super::committer::News;
use super::super::flight::{First, Waiting};
use super::super::job::{Step, Work};
use super::super::letters::Look;
use super::super::machines::Body;
use super::super::shard::Shard;
use super::Durable;
use crate::core::{Machine, Service, Status};
use crate::dispatcher::Runnable;
use crate::error::Refused;
use crate::journal::{Millis, StoredMachine};
use crate::meter::{FleetMetering as _, Metering as _};
use crate::report::Reason;
use crate::trace::TARGET;

impl<K: Key, S, G> Shard<K, S, G>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
    G: Step<S>,
{
    /// Asks the journal for a machine; gives the slot in which that is waited for, `None` where there is no journal.
    pub(in crate::fleet) fn fetch(&mut self, hash: u64, key: K) -> Option<u32> {
        if !self.keeping.is_on() {
            return None;
        }
        let at = self.machines.insert(hash, key, Body::Gone(Reason::Journal), self.idle.tick());
        let slot = self.flight.take(at);
        if let Some(entry) = self.machines.get_mut(at) {
            entry.body = Body::Away(slot);
        }
        self.ask_again(slot, at);
        Some(slot)
    }

    /// Asks the journal for the machine that is waited for in a slot.
    pub(in crate::fleet) fn ask_again(&self, slot: u32, at: u32) {
        let (Some(ledger), Some(entry)) = (&self.keeping.0, self.machines.get(at)) else { return };
        match ledger.codec.key(&entry.key) {
            Ok(bytes) => ledger.inbox.load(ledger.shard, slot, bytes),
            // As if the journal had said so.
            Err(error) => ledger.news.leave(News::Loaded(slot, Err(error))),
        }
    }

    /// The first event of a machine that is not in memory; comes back where there is no journal to be asked.
    pub(in crate::fleet) fn call(
        &mut self,
        hash: u64,
        key: K,
        waiting: Waiting<S::Machine>,
    ) -> Result<(), (K, Waiting<S::Machine>)> {
        if !self.keeping.is_on() {
            return Err((key, waiting));
        }
        if let Some(slot) = self.fetch(hash, key) {
            // Nobody waits in a handler of a machine that is not there.
            let _ = self.flight.put_aside(slot, waiting);
        }
        Ok(())
    }

    /// A look at a machine that is not in memory; comes back where there is no journal to be asked.
    pub(in crate::fleet) fn call_to_see(
        &mut self,
        hash: u64,
        key: &K,
        look: Look<S::Machine>,
    ) -> Option<Look<S::Machine>> {
        match self.fetch(hash, key.clone()) {
            Some(slot) => {
                self.flight.put_look_aside(slot, look);
                None
            }
            None => Some(look),
        }
    }

    /// The journal said what it knows of a machine.
    pub(super) fn loaded(&mut self, slot: u32, loaded: Result<Option<StoredMachine>, String>) {
        let place = self.flight.slot(slot);
        let (at, wanted) = (place.owner, !place.events.is_empty());
        let made = loaded.and_then(|stored| self.take_up(at, stored, wanted));
        let Some(entry) = self.machines.get_mut(at) else { return };
        match made {
            Ok(Some((service, durable))) => {
                let status = service.machine().status();
                entry.body = Body::Here(service);
                entry.durable = Some(Box::new(durable));
                if matches!(status, Status::Stopped | Status::Suspended) {
                    self.flight.slot(slot).first.push_front(First::Step(Work::Start));
                }
                if self.next(slot) {
                    self.drive(slot);
                }
            }
            Ok(None) => self.turn_all_away(slot, at, Refused::Unknown),
            Err(error) => {
                let (machine, key) = (S::Machine::DEFINITION.name, self.key(at));
                tracing::error!(target: TARGET, machine, key, error, "a machine cannot be brought back");
                self.turn_all_away(slot, at, Refused::Unreadable);
            }
        }
    }

    /// The machine as the journal knows it, or a new one where that is wanted.
    fn take_up(
        &mut self,
        at: u32,
        stored: Option<StoredMachine>,
        wanted: bool,
    ) -> Result<Option<(S, Durable)>, String> {
        let (Some(entry), Some(ledger)) = (self.machines.get(at), &self.keeping.0) else { return Ok(None) };
        if stored.is_none() && !wanted {
            return Ok(None);
        }
        let Some(service) = self.make(&entry.key) else { return Ok(None) };
        let Some(StoredMachine { sequence, at, state, messages, .. }) = stored else {
            self.desk.meter.steps.started();
            return Ok(Some((service, Durable::new(0, VecDeque::new()))));
        };
        // One that failed was in memory all the time.
        let was_away = entry.durable.is_none();
        let service = ledger.codec.restore(service, &state, Millis::now().since(at))?;
        if was_away {
            self.desk.tell_passive(-1);
        }
        self.desk.meter.brought_back();
        Ok(Some((service, Durable::new(sequence, VecDeque::from(messages)))))
    }

    /// There is no machine for those that wait in a slot.
    fn turn_all_away(&mut self, slot: u32, at: u32, why: Refused) {
        let mut looks = std::mem::take(&mut self.flight.slot(slot).looks);
        let events = std::mem::take(&mut self.flight.slot(slot).events);
        self.flight.waiting -= events.len();
        self.flight.give_back(slot);
        self.troubles.forget(at);
        if self.is_written(at) {
            self.desk.tell_passive(1);
        }
        let Some(entry) = self.machines.remove(at) else { return };
        for Waiting { work, asker } in events {
            if let Work::Event(event) = work {
                self.refuse(&entry.key, event, asker, why);
            }
        }
        while let Some(look) = looks.pop() {
            let seen = if why == Refused::Unknown { Ok(None) } else { Err(why) };
            (look.into_act())(seen);
        }
    }
}
