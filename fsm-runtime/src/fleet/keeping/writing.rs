//! Steps that are written down, and what they have for others, which waits until they are durable.
//!
//! Part of [`super`], whose invariants hold here.

use std::time::Duration;

use super::super::Key;
use super::super::after::{After, hold_back};
use super::super::committer::AHEAD;
use super::super::job::{Asked, Papers, Step, Work};
use super::super::letters::Asker;
use super::super::shard::Shard;
use super::super::supervising::Doom;
use super::{Admitted, Held, Id};
use crate::core::{Machine, Service};
use crate::dispatcher::Runnable;
use crate::journal::{Commit, Millis};
use crate::meter::FleetMetering as _;
use crate::report::Reason;
use crate::supervision::Then;
use crate::trace::TARGET;

impl<K: Key, S, G> Shard<K, S, G>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
    G: Step<S>,
{
    /// Lets an event go on its step; `None` if its machine has handled it before.
    pub(in crate::fleet) fn admit(
        &mut self,
        at: u32,
        work: Work<S::Machine>,
        asker: Option<Asker<S::Machine>>,
        id: Id,
    ) -> Option<Admitted<S::Machine>> {
        let Some(id) = &id else { return Some((work, asker)) };
        let durable = self.machines.get(at).and_then(|entry| entry.durable.as_ref());
        if !durable.is_some_and(|durable| durable.ids.contains(id)) {
            return Some((work, asker));
        }
        self.desk.report.repeated += 1;
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
    pub(in crate::fleet) fn keep(
        &mut self,
        slot: u32,
        service: &S,
        mut papers: Box<Papers<S>>,
        after: After<S::Machine>,
        id: Id,
    ) {
        let error = match self.write_down(service, &papers, &after, id) {
            Ok(Some(commit)) => {
                if let Some(ledger) = &mut self.keeping.0 {
                    ledger.held.push_back(Held::Step(papers, after));
                    ledger.inbox.commit(ledger.shard, commit);
                }
                return;
            }
            Ok(None) => {
                self.release(&mut papers.notes, after, None);
                self.flight.recycle(papers);
                return;
            }
            Err(error) => error,
        };
        let (machine, key) = (S::Machine::DEFINITION.name, self.key(after.at));
        tracing::error!(target: TARGET, machine, key, error, "a step cannot be written down, and its machine is lost");
        self.flight.slot(slot).doomed = Some(Doom { reason: Reason::Journal, then: Then::Stop, last: None });
        self.give_up(after, Reason::Journal);
    }

    /// The commit of a step; `None` for one that only went on from what is in the journal.
    fn write_down(
        &mut self,
        service: &S,
        papers: &Papers<S>,
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
        if matches!(after.work, Some(Work::Start)) && durable.sequence > 0 && !durable.anew {
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
        durable.anew = false;
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
    pub(super) fn committed(&mut self, mut count: usize, positions: Vec<u64>) {
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

    /// An invoke is cancelled, and is not to begin where its step is not durable yet.
    pub(in crate::fleet) fn hold_back(&mut self, at: u32, generation: u32) {
        if !self.is_pending(at) {
            return;
        }
        for held in self.keeping.0.iter_mut().flat_map(|ledger| &mut ledger.held) {
            if let Held::Step(papers, after) = held
                && after.at == at
            {
                hold_back(&mut papers.notes.asked, generation);
            }
        }
    }

    /// What ran beside a machine has ended with it, and so has what was to run when its steps are durable.
    pub(in crate::fleet) fn forget_beside(&mut self, at: u32) {
        for held in self.keeping.0.iter_mut().flat_map(|ledger| &mut ledger.held) {
            if let Held::Step(papers, after) = held
                && after.at == at
            {
                papers.notes.asked.retain(|asked| !matches!(asked, Asked::Run(..)));
            }
        }
        if let Some(durable) = self.machines.get_mut(at).and_then(|entry| entry.durable.as_mut()) {
            durable.invokes.clear();
        }
    }

    /// A machine is another one than the journal has: its start is a step to be committed.
    pub(in crate::fleet) fn renew(&mut self, at: u32) {
        if let Some(durable) = self.machines.get_mut(at).and_then(|entry| entry.durable.as_mut()) {
            durable.anew = true;
        }
    }

    /// Messages were delivered.
    pub(in crate::fleet) fn confirm(&self, delivered: Vec<u64>) {
        if let (Some(ledger), false) = (&self.keeping.0, delivered.is_empty()) {
            ledger.inbox.delivered(delivered);
        }
    }

    /// Whether a machine that is at rest is in the journal as it is, and will not move by itself before it can be brought
    /// back.
    pub(in crate::fleet) fn is_kept(&self, at: u32) -> bool {
        let (true, Some(entry)) = (self.keeping.is_on(), self.machines.get(at)) else { return false };
        let soon = self.clock.now() + AHEAD * 2;
        entry.durable.as_ref().is_some_and(|durable| durable.pending == 0 && durable.invokes.is_empty())
            && self.clock.earliest(&entry.timers).is_none_or(|deadline| deadline > soon)
            && !self.waiting.contains_key(&at)
    }

    /// Whether a machine is in the journal.
    pub(in crate::fleet) fn is_written(&self, at: u32) -> bool {
        let durable = self.machines.get(at).and_then(|entry| entry.durable.as_ref());
        durable.is_some_and(|durable| durable.sequence > 0)
    }

    /// Whether steps of a machine are not durable yet.
    pub(in crate::fleet) fn is_pending(&self, at: u32) -> bool {
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
