//! From an event to the end of its step.
//!
//! Part of [`super::shard`]. [`Shard::accept`] takes an event to its machine, [`Shard::drive`] polls the step and goes on to
//! what waited for its end, [`Shard::conclude`] puts the machine back; what follows besides stands in [`super::after`].
//!
//! Invariants: while a machine is away its entry says so, and it comes back before the next event for it is looked at; a
//! panic, of a handler or of a hook, ends the step's machine and nothing else.

use std::task::Poll;

use tracing::Span;

use super::Key;
use super::after::After;
use super::flight::{First, Waiting};
use super::job::{Papers, Step, Work};
use super::keeping::NO_ID;
use super::letters::{Asker, Envelope};
use super::machines::Body;
use super::shard::Shard;
use crate::core::{Machine, Outcome, Service, Status};
use crate::dead_letter::Undelivered;
use crate::dispatcher::{Runnable, caught};
use crate::error::Refused;
use crate::meter::{Fate, Metering as _};
use crate::report::Reason;

/// What a look at an entry says about the way of a piece of work.
pub(super) enum Way {
    Step,
    Wait(u32),
    Refuse(Reason),
}

impl<K: Key, S, G> Shard<K, S, G>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
    G: Step<S>,
{
    pub(super) fn way(&self, at: u32) -> Way {
        match self.machines.get(at).map(|entry| &entry.body) {
            Some(Body::Here(service)) => match service.machine().status() {
                Status::Finished => Way::Refuse(Reason::Finished),
                Status::Stepping => Way::Refuse(Reason::Poisoned),
                Status::Stopped | Status::Ready | Status::Suspended => Way::Step,
            },
            Some(Body::Away(slot)) => Way::Wait(*slot),
            Some(Body::Gone(reason)) => Way::Refuse(*reason),
            None => Way::Refuse(Reason::Aborted),
        }
    }

    /// An event for a machine that is there.
    pub(super) fn accept(
        &mut self,
        at: u32,
        event: <S::Machine as Machine>::Event,
        mut asker: Option<Asker<S::Machine>>,
    ) {
        let tick = self.idle.tick();
        if let Some(entry) = self.machines.get_mut(at) {
            entry.used = tick;
        }
        match self.way(at) {
            Way::Step => self.set_out(at, Work::Event(event), asker),
            Way::Wait(slot) => {
                if let Some(asker) = asker.take_if(|asker| asker.is_within(at)) {
                    self.refuse_deadlock(at, event, asker);
                    return;
                }
                if self.flight.put_aside(slot, Waiting { work: Work::Event(event), asker }) {
                    self.jam(at);
                }
            }
            Way::Refuse(reason) => self.turn_away(at, event, asker, reason),
        }
    }

    /// The events that wait for a machine fill the shard by themselves: nothing is taken from the mailbox until its step
    /// is over. Its handler is told that it waits in vain, for room there as well as for what becomes of events that are in.
    #[cold]
    fn jam(&mut self, at: u32) {
        let door = self.desk.door();
        door.jam.notify_waiters();
        let vain =
            |envelope: &Envelope<K, S::Machine>| envelope.asker.as_ref().is_some_and(|asker| asker.is_within(at));
        for Envelope { key, event, asker, .. } in door.mailbox.take_out(vain) {
            self.refuse(&key, event, asker, Refused::Deadlock);
        }
    }

    /// A start, a timer or a result for a machine; one that does not go on takes none.
    pub(super) fn hand_over(&mut self, at: u32, work: Work<S::Machine>) {
        match self.way(at) {
            Way::Step => self.set_out(at, work, None),
            Way::Wait(slot) => self.flight.slot(slot).first.push_back(First::Step(work)),
            Way::Refuse(_) => {}
        }
    }

    /// A machine that is here goes on a step.
    fn set_out(&mut self, at: u32, work: Work<S::Machine>, asker: Option<Asker<S::Machine>>) {
        let slot = self.flight.take(at);
        if self.begin(slot, at, work, asker) {
            self.drive(slot);
        } else {
            self.flight.give_back(slot);
        }
    }

    /// Sets a step of a machine that is here going; false where there is nothing to do.
    fn begin(&mut self, slot: u32, at: u32, work: Work<S::Machine>, mut asker: Option<Asker<S::Machine>>) -> bool {
        let label = if asker.is_some() { Asker::unpack(&mut asker) } else { None };
        let id = label.as_ref().map_or(NO_ID, |label| label.id);
        let Some((work, asker)) = self.admit(at, work, asker, id) else { return false };
        let Some(entry) = self.machines.get_mut(at) else { return false };
        let service = match std::mem::replace(&mut entry.body, Body::Away(slot)) {
            Body::Here(service) => service,
            other => {
                entry.body = other;
                return false;
            }
        };
        let mut papers = self.flight.papers();
        if self.policy.keep.is_some() {
            papers.last = self.policy.copy(service.machine());
        }
        let (hooks, key) = (&self.desk.shared.hooks, &entry.key);
        self.begun += u64::from(matches!(work, Work::Event(_)));
        let number = self.begun;
        if !self.origins.is_empty()
            && let Some(waiting) = self.origins.remove(&at)
        {
            papers.notes.tracer.lend(waiting);
        }
        let origin = label.as_ref().and_then(|label| label.origin.as_ref());
        let span = papers.begin(service, work, origin, &self.desk.meter.steps, || (hooks.key(key), number));
        let place = self.flight.slot(slot);
        if span.is_some() || place.span.is_some() {
            place.span = span;
        }
        if asker.is_some() || place.asker.is_some() {
            place.asker = asker;
        }
        place.id = id;
        self.flight.begin(slot, papers);
        true
    }

    /// Polls a step, and after it what waited for its end, as far as it goes.
    pub(super) fn drive(&mut self, slot: u32) {
        loop {
            let over = caught(|| match self.flight.poll(slot) {
                Poll::Ready(papers) => self.conclude(slot, papers),
                Poll::Pending => false,
            });
            let over = over.unwrap_or_else(|panic| self.lose_step(slot, &*panic));
            if !over || !self.next(slot) {
                return;
            }
        }
    }

    /// A step was over when it was polled for the first time.
    pub(super) fn land(&mut self, slot: u32, papers: Box<Papers<S>>) {
        let over = caught(|| self.conclude(slot, papers)).unwrap_or_else(|panic| self.lose_step(slot, &*panic));
        self.go_on(slot, over);
    }

    /// Goes on with what waited for the end of a step, if it is over.
    pub(super) fn go_on(&mut self, slot: u32, over: bool) {
        if over && self.next(slot) {
            self.drive(slot);
        }
    }

    /// Sets the next step of a slot going; without one the slot is free again.
    pub(super) fn next(&mut self, slot: u32) -> bool {
        let place = self.flight.slot(slot);
        let at = place.owner;
        if !place.looks.is_empty() {
            let mut looks = std::mem::take(&mut place.looks);
            while let Some(look) = looks.pop() {
                self.show(at, look);
            }
        }
        loop {
            let place = self.flight.slot(slot);
            let next = match place.first.pop_front() {
                Some(First::Step(work)) => Some(Waiting { work, asker: None }),
                Some(First::Panic(_, panic)) => {
                    if self.break_off(at, Some(slot), &*panic) {
                        continue;
                    }
                    return false;
                }
                None if place.events.is_empty() => None,
                None => {
                    let event = place.events.pop_front();
                    self.flight.waiting -= 1;
                    event
                }
            };
            let Some(Waiting { work, asker }) = next else {
                self.flight.give_back(slot);
                return false;
            };
            match self.way(at) {
                Way::Step => {
                    if self.begin(slot, at, work, asker) {
                        return true;
                    }
                }
                Way::Refuse(reason) => {
                    if let Work::Event(event) = work {
                        self.turn_away(at, event, asker, reason);
                    }
                }
                Way::Wait(_) => {}
            }
        }
    }

    /// A step is over; whether its slot is, too.
    fn conclude(&mut self, slot: u32, mut papers: Box<Papers<S>>) -> bool {
        // It took its machine along.
        let Some(service) = papers.service.take() else { return true };
        let (plain, result) = (papers.is_plain(), papers.take_result());
        let place = self.flight.slot(slot);
        let (at, asker, id) = (place.owner, if place.asker.is_some() { place.asker.take() } else { None }, place.id);
        let span = if place.span.is_some() { place.span.take() } else { None };
        let work = papers.work.take();
        let meter = &self.desk.meter.steps;
        if let Some(began) = papers.began.take() {
            meter.end(began);
        }
        if matches!(work, Some(Work::Event(_))) {
            self.desk.report.handled += 1;
            meter.event(result.as_ref().map_or(Fate::Failed, |outcome| Fate::Settled(*outcome)));
        }
        if self.keeping.is_on() || !plain || asker.is_some() {
            let finished = service.machine().status() == Status::Finished;
            let undelivered = match &result {
                Ok(Outcome::Unhandled) => Some(Undelivered::Unhandled),
                Ok(_) => None,
                Err(_) => Some(Undelivered::Failed),
            };
            let after = After { at, work, result: Some(result), undelivered, asker, finished };
            let span = span.map_or_else(Span::none, |(span, _)| span);
            self.follow(slot, &service, papers, after, id, &span);
        } else {
            self.flight.recycle(papers);
        }
        let place = self.flight.slot(slot);
        if place.doomed.is_some()
            && let Some(doom) = place.doomed.take()
        {
            drop(service);
            return self.fail(at, Some(slot), doom);
        }
        if let Some(entry) = self.machines.get_mut(at) {
            entry.body = Body::Here(service);
        }
        true
    }
}
