//! A shard with a journal: each step is written down, and what it has for others waits until that is durable.
//!
//! Part of [`super::shard`]. The next event of a machine need not wait: its step is committed behind the one before.
//! Invariants: commits of a shard are made in the order of its steps, and what follows from them is let out in that
//! order; a machine leaves memory only when all its commits are durable; an event whose id its machine knows is
//! acknowledged no earlier than the event that had the id first.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::Key;
use super::codec::Codec;
use super::committer::{AHEAD, Inbox, News};
use super::flight::Waiting;
use super::job::{Asked, Papers, Step, Work};
use super::letters::{Asker, Left, Look};
use super::machines::Body;
use super::post::Post;
use super::shard::Shard;
use super::steps::After;
use crate::core::{Machine, Service, Status};
use crate::dispatcher::{Runnable, caught, message};
use crate::error::Refused;
use crate::journal::{Commit, MessageId, Millis, StoredMachine};
use crate::meter::{FleetMetering as _, Metering as _};
use crate::report::Reason;
use crate::trace::TARGET;

/// What a journal knows of a machine that is in memory.
pub(super) struct Durable {
    /// The number of its last step.
    sequence: u64,
    /// The ids of the last messages, the oldest first.
    ids: VecDeque<MessageId>,
    /// How many of its steps are not durable yet.
    pending: u32,
    /// The generations of its invokes.
    invokes: Vec<u32>,
}

/// Kept with each machine; nothing where there is no journal.
pub(super) type Kept = Option<Box<Durable>>;

/// What goes on a step: its work, and who asked.
pub(super) type Admitted<M> = (Work<M>, Option<Asker<M>>);

/// The id of the message that a step is about.
pub(super) type Id = Option<MessageId>;

/// A step that is not durable yet, or what waits behind one.
enum Held<M: Machine> {
    Step(Box<Papers<M>>, After<M>),
    /// An event whose id was known.
    Known(Option<Asker<M>>, Work<M>),
}

/// A shard's side of the journal; `None` where there is none.
pub(super) struct Keeping<K, S: Service>(Option<Ledger<K, S>>);

struct Ledger<K, S: Service> {
    shard: usize,
    codec: Arc<dyn Codec<K, S>>,
    inbox: Arc<Inbox>,
    news: Arc<Post<News<K>>>,
    heard: Vec<News<K>>,
    held: VecDeque<Held<S::Machine>>,
    /// Of how many messages of a machine the ids are kept.
    window: usize,
}

impl<K, S: Service> Drop for Ledger<K, S> {
    fn drop(&mut self) {
        self.inbox.leave();
    }
}

impl<K, S: Service> Keeping<K, S> {
    pub(super) const fn off() -> Self {
        Self(None)
    }

    pub(super) fn on(
        shard: usize,
        codec: Arc<dyn Codec<K, S>>,
        inbox: Arc<Inbox>,
        news: Arc<Post<News<K>>>,
        window: usize,
    ) -> Self {
        Self(Some(Ledger { shard, codec, inbox, news, heard: Vec::new(), held: VecDeque::new(), window }))
    }

    pub(super) const fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Whether steps wait to be durable.
    pub(super) fn is_behind(&self) -> bool {
        self.0.as_ref().is_some_and(|ledger| !ledger.held.is_empty())
    }

    /// Sleeps until there is news.
    pub(super) fn sleep(&self, context: &Context<'_>) -> Poll<()> {
        self.0.as_ref().map_or(Poll::Pending, |ledger| ledger.news.sleep(context))
    }

    /// Ends; gives who waits for commits that nobody knows about.
    pub(super) fn end(&mut self) -> Vec<Left<S::Machine>> {
        let Some(mut ledger) = self.0.take() else { return Vec::new() };
        let held = ledger.held.drain(..);
        held.map(|held| {
            let (asker, work) = match held {
                Held::Step(_, After { asker, work, .. }) => (asker, work),
                Held::Known(asker, work) => (asker, Some(work)),
            };
            match work {
                Some(Work::Event(event)) => (asker, Some(event)),
                _ => (asker, None),
            }
        })
        .collect()
    }
}

impl<K: Key, S, G> Shard<K, S, G>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
    G: Step<S>,
{
    /// Hears what the committer has to say. `Err` ends the shard.
    pub(super) fn hear(&mut self) -> Result<bool, Reason> {
        let Some(ledger) = &mut self.keeping.0 else { return Ok(false) };
        ledger.news.swap(&mut ledger.heard);
        if ledger.heard.is_empty() {
            return Ok(false);
        }
        let mut heard = std::mem::take(&mut ledger.heard);
        for news in heard.drain(..) {
            match news {
                News::Committed(count, positions) => self.committed(count, positions),
                News::Loaded(slot, loaded) => self.loaded(slot, loaded),
                News::Wake(key) => {
                    let hash = self.desk.shared.hash(&key);
                    if self.machines.find(hash, &key).is_none() {
                        self.fetch(hash, key);
                    }
                }
                News::Failed => return Err(Reason::Journal),
            }
        }
        if let Some(ledger) = &mut self.keeping.0 {
            ledger.heard = heard;
        }
        Ok(true)
    }

    /// Asks the journal for a machine; gives the slot in which that is waited for, `None` where there is no journal.
    pub(super) fn fetch(&mut self, hash: u64, key: K) -> Option<u32> {
        let ledger = self.keeping.0.as_ref()?;
        let bytes = ledger.codec.key(&key);
        let at = self.machines.insert(hash, key, Body::Gone(Reason::Journal), self.idle.tick());
        let slot = self.flight.take(at);
        if let Some(entry) = self.machines.get_mut(at) {
            entry.body = Body::Away(slot);
        }
        match bytes {
            Ok(bytes) => ledger.inbox.load(ledger.shard, slot, bytes),
            // As if the journal had said so.
            Err(error) => ledger.news.leave(News::Loaded(slot, Err(error))),
        }
        Some(slot)
    }

    /// The first event of a machine that is not in memory; comes back where there is no journal to be asked.
    pub(super) fn call(
        &mut self,
        hash: u64,
        key: K,
        waiting: Waiting<S::Machine>,
    ) -> Result<(), (K, Waiting<S::Machine>)> {
        if !self.keeping.is_on() {
            return Err((key, waiting));
        }
        if let Some(slot) = self.fetch(hash, key) {
            self.flight.waiting += 1;
            self.flight.slot(slot).events.push_back(waiting);
        }
        Ok(())
    }

    /// A look at a machine that is not in memory; comes back where there is no journal to be asked.
    pub(super) fn call_to_see(&mut self, hash: u64, key: &K, look: Look<S::Machine>) -> Option<Look<S::Machine>> {
        match self.fetch(hash, key.clone()) {
            Some(slot) => {
                self.flight.slot(slot).looks.push(look);
                None
            }
            None => Some(look),
        }
    }

    /// The journal said what it knows of a machine.
    fn loaded(&mut self, slot: u32, loaded: Result<Option<StoredMachine>, String>) {
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
                    self.flight.slot(slot).first.push_front(Waiting { work: Work::Start, asker: None });
                }
                if self.next(slot) {
                    self.drive(slot);
                }
            }
            Ok(None) => self.turn_all_away(slot, at, Refused::Unknown),
            Err(error) => {
                let (machine, key) = (S::Machine::DEFINITION.name, self.key(at));
                tracing::error!(target: TARGET, machine, key, error, "a machine cannot be brought back");
                self.turn_all_away(slot, at, Refused::Closed(Reason::Journal));
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
            return Ok(Some((service, Durable { sequence: 0, ids: VecDeque::new(), pending: 0, invokes: Vec::new() })));
        };
        let service = ledger.codec.restore(service, &state, Millis::now().since(at))?;
        self.desk.meter.brought_back();
        Ok(Some((service, Durable { sequence, ids: VecDeque::from(messages), pending: 0, invokes: Vec::new() })))
    }

    /// There is no machine for those that wait in a slot.
    fn turn_all_away(&mut self, slot: u32, at: u32, why: Refused) {
        let looks = std::mem::take(&mut self.flight.slot(slot).looks);
        let events = std::mem::take(&mut self.flight.slot(slot).events);
        self.flight.waiting -= events.len();
        self.flight.give_back(slot);
        let Some(entry) = self.machines.remove(at) else { return };
        for Waiting { work, asker } in events {
            if let Work::Event(event) = work {
                self.refuse(&entry.key, event, asker, why);
            }
        }
        for look in looks {
            let seen = if why == Refused::Unknown { Ok(None) } else { Err(why) };
            let _ = caught(|| look(seen));
        }
    }

    /// Lets an event go on its step; `None` if its machine has handled it before.
    pub(super) fn admit(
        &mut self,
        at: u32,
        work: Work<S::Machine>,
        asker: Option<Asker<S::Machine>>,
        id: &Id,
    ) -> Option<Admitted<S::Machine>> {
        let Some(id) = id else { return Some((work, asker)) };
        let durable = self.machines.get(at).and_then(|entry| entry.durable.as_ref());
        if !durable.is_some_and(|durable| durable.ids.contains(id)) {
            return Some((work, asker));
        }
        self.desk.meter.repeated();
        let ledger = self.keeping.0.as_mut()?;
        if ledger.held.is_empty() {
            acknowledge(asker);
        } else {
            ledger.held.push_back(Held::Known(asker, work));
        }
        None
    }

    /// Writes a step down; what it has for others waits until that is durable.
    pub(super) fn keep(
        &mut self,
        slot: u32,
        service: &S,
        mut papers: Box<Papers<S::Machine>>,
        after: After<S::Machine>,
        id: Id,
    ) {
        let written = caught(|| self.write_down(service, &papers, &after, id));
        let error = match written {
            Ok(Ok(Some(commit))) => {
                if let Some(ledger) = &mut self.keeping.0 {
                    ledger.held.push_back(Held::Step(papers, after));
                    ledger.inbox.commit(ledger.shard, commit);
                }
                return;
            }
            Ok(Ok(None)) => {
                self.release(&mut papers.notes, after, None);
                self.flight.recycle(papers);
                return;
            }
            Ok(Err(error)) => error,
            Err(panic) => message(&*panic).unwrap_or_default(),
        };
        let (machine, key) = (S::Machine::DEFINITION.name, self.key(after.at));
        tracing::error!(target: TARGET, machine, key, error, "a step cannot be written down, and its machine is lost");
        self.flight.slot(slot).doomed = Some(Reason::Journal);
        self.give_up(after, Reason::Journal);
    }

    /// The commit of a step; `None` for one that only went on from what is in the journal.
    fn write_down(
        &mut self,
        service: &S,
        papers: &Papers<S::Machine>,
        after: &After<S::Machine>,
        id: Id,
    ) -> Result<Option<Commit>, String> {
        let (Some(ledger), Some(entry)) = (&self.keeping.0, self.machines.get_mut(after.at)) else { return Ok(None) };
        let Some(durable) = &mut entry.durable else { return Ok(None) };
        if let Some(Work::Complete(generation, _)) = after.work {
            durable.invokes.retain(|running| *running != generation);
        }
        let mut outbox = Vec::new();
        for asked in &papers.notes.asked {
            match asked {
                // Without anybody to deliver them to they would lie there for ever.
                Asked::Emit(..) if self.desk.shared.hooks.on_emit.is_none() => {}
                Asked::Emit(message, _) => outbox.push(ledger.codec.message(message)?),
                Asked::StartInvoke(generation, _) | Asked::Run(generation, _) => durable.invokes.push(*generation),
                Asked::CancelInvoke(generation) => durable.invokes.retain(|running| running != generation),
            }
        }
        if matches!(after.work, Some(Work::Start)) && durable.sequence > 0 {
            return Ok(None);
        }
        let (clock, timers, now) = (&self.clock, &entry.timers, self.clock.now());
        let mut left = |_, generation| {
            clock.deadline(timers, generation).map_or(Duration::ZERO, |deadline| deadline.saturating_sub(now))
        };
        let state = ledger.codec.snapshot(service, &mut left)?;
        let wall = Millis::now();
        let earliest = clock.earliest(timers).map(|deadline| wall + deadline.saturating_sub(now));
        let event = match &after.work {
            Some(Work::Event(event)) => ledger.codec.event(event)?,
            _ => Vec::new(),
        };
        let key = ledger.codec.key(&entry.key)?;
        durable.sequence += 1;
        durable.pending += 1;
        if let Some(id) = id {
            durable.ids.push_back(id);
            if durable.ids.len() > ledger.window {
                durable.ids.pop_front();
            }
        }
        Ok(Some(Commit {
            key,
            sequence: durable.sequence,
            message: id,
            at: wall,
            event,
            state,
            wake: if durable.invokes.is_empty() { earliest } else { Some(wall) },
            outbox,
            ended: after.finished,
        }))
    }

    /// So many steps are durable.
    fn committed(&mut self, mut count: usize, positions: Vec<u64>) {
        let mut positions = positions.into_iter();
        while let Some(ledger) = &mut self.keeping.0 {
            match ledger.held.front() {
                Some(Held::Step(..)) if count == 0 => return,
                None => return,
                Some(_) => {}
            }
            match ledger.held.pop_front() {
                Some(Held::Step(mut papers, after)) => {
                    count -= 1;
                    let at = after.at;
                    if let Some(durable) = self.machines.get_mut(at).and_then(|entry| entry.durable.as_mut()) {
                        durable.pending -= 1;
                    }
                    self.release(&mut papers.notes, after, Some(&mut positions));
                    self.flight.recycle(papers);
                }
                Some(Held::Known(asker, _)) => acknowledge(asker),
                None => return,
            }
        }
    }

    /// Messages were delivered.
    pub(super) fn confirm(&self, delivered: Vec<u64>) {
        if let (Some(ledger), false) = (&self.keeping.0, delivered.is_empty()) {
            ledger.inbox.delivered(delivered);
        }
    }

    /// Whether a machine that is at rest is in the journal as it is, and will not move by itself before it can be brought
    /// back.
    pub(super) fn is_kept(&self, at: u32) -> bool {
        let (true, Some(entry)) = (self.keeping.is_on(), self.machines.get(at)) else { return false };
        let soon = self.clock.now() + AHEAD * 2;
        entry.durable.as_ref().is_some_and(|durable| durable.pending == 0 && durable.invokes.is_empty())
            && self.clock.earliest(&entry.timers).is_none_or(|deadline| deadline > soon)
            && !self.waiting.contains_key(&at)
    }

    /// Whether steps of a machine are not durable yet.
    pub(super) fn is_pending(&self, at: u32) -> bool {
        let durable = self.machines.get(at).and_then(|entry| entry.durable.as_ref());
        durable.is_some_and(|durable| durable.pending > 0)
    }
}

/// An event was handled before.
fn acknowledge<M: Machine>(asker: Option<Asker<M>>) {
    match asker {
        // Whoever went away needs no answer.
        Some(Asker::Sent(asker)) => drop(asker.send(Ok(false))),
        Some(Asker::Counted(mut counted)) => counted.handled = true,
        _ => {}
    }
}
