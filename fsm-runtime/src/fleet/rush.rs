//! Steps of which nobody wants to know more than that they were. Most are like that, so they go a short way.
//!
//! Part of [`super::shard`], beside [`super::steps`]. Where an event has no asker, nobody listens, and nothing is kept of a
//! step, most of what is done around one comes to nothing, and is left out: the machine goes into the future of a slot, is
//! polled once, and is back, and the next one has the same slot. A step that waits, or that leaves anything to be done, keeps
//! the slot, and goes on like all others from there.
//!
//! Invariant: from outside nobody can tell which way a step went.

use std::mem::{forget, replace};
use std::task::{Context, Poll};

use super::Key;
use super::desk::Desk;
use super::flight::{Seat, write};
use super::job::{Papers, Step};
use super::keeping::NO_ID;
use super::letters::Envelope;
use super::machines::{Body, Entry};
use super::report::FleetReport;
use super::shard::Shard;
use super::within::Within;
use crate::core::{Machine as _, Service, Status};
use crate::dispatcher::{Payload, Runnable, caught};
use crate::mailbox::Batch;
use crate::meter::{Fate, Meter, Metering as _};

/// The slot of steps that follow each other, taken apart.
pub(super) struct Lane<'a, S: Service, G: Step<S>> {
    pub(super) make: G,
    pub(super) future: &'a mut Seat<G::Future>,
    pub(super) owner: &'a mut u32,
    pub(super) context: Context<'a>,
    pub(super) within: Within,
}

/// How a run of steps ended.
enum End<S: Service> {
    /// There is no more for which this is the way.
    Clear(Box<Papers<S>>),
    /// A step left something to be done.
    Landed(Box<Papers<S>>),
    /// A step waits.
    Waits,
    Lost(Payload),
}

impl<K: Key, S, G> Shard<K, S, G>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
    G: Step<S>,
{
    /// Whether the next event may go the short way: its machine is ready, nobody waits for what becomes of it, nothing is kept of
    /// steps, and nobody listens to them.
    pub(super) fn may_rush(&mut self) -> bool {
        if self.keeping.is_on() || self.policy.keep.is_some() || !self.origins.is_empty() || self.flight.is_watched() {
            return false;
        }
        let events = &self.desk.batch.events;
        let at = self.ahead.look(&self.machines, events);
        let next = events.front().filter(|envelope| envelope.asker.is_none());
        next.and_then(|envelope| self.machines.find_at(at, &envelope.key)).is_some_and(is_ready)
    }

    /// Takes events from the front, at most so many, for as long as this is their way, and until a step leaves anything to be
    /// done; gives how many.
    pub(super) fn rush(&mut self, most: usize) -> usize {
        let (slot, mut papers) = (self.flight.take(0), self.flight.papers());
        self.flight.slot(slot).id = NO_ID;
        let Self { machines, flight, desk, idle, ahead, begun, .. } = self;
        let Desk { batch: Batch { events, .. }, meter, report, .. } = desk;
        let (mut lane, tick, mut taken) = (flight.lane(slot), idle.tick(), 0);
        let end = loop {
            let at = ahead.look(machines, events);
            let next = events.front().filter(|envelope| taken < most && envelope.asker.is_none());
            let Some(next) = next else { break End::Clear(papers) };
            let Some(entry) = machines.find_at_mut(at, &next.key) else { break End::Clear(papers) };
            let Some(service) = depart(entry, slot, tick) else { break End::Clear(papers) };
            let Some(Envelope { event, asker, .. }) = events.pop_front() else {
                entry.body = Body::Here(service);
                break End::Clear(papers);
            };
            // There is none, so nothing is to be dropped, and nothing needs to look for that.
            debug_assert!(asker.is_none(), "whoever asks goes the other way");
            forget(asker);
            ahead.pass();
            (taken, *begun) = (taken + 1, *begun + 1);
            papers.begin_plain(service, event, &meter.steps);
            papers = match caught(|| lane.step(at, papers).map(|papers| finish(papers, &meter.steps, report))) {
                Ok(Poll::Ready((mut papers, true))) => {
                    if let Some(service) = papers.service.take() {
                        entry.body = Body::Here(service);
                    }
                    papers
                }
                Ok(Poll::Ready((papers, false))) => break End::Landed(papers),
                Ok(Poll::Pending) => break End::Waits,
                Err(panic) => break End::Lost(panic),
            };
        };
        drop(lane);
        self.end_run(slot, end);
        taken
    }

    fn end_run(&mut self, slot: u32, end: End<S>) {
        match end {
            End::Clear(papers) => {
                self.flight.recycle(papers);
                self.flight.give_back(slot);
            }
            End::Landed(papers) => self.land(slot, papers),
            End::Waits => {}
            End::Lost(panic) => {
                let over = self.lose_step(slot, &*panic);
                self.go_on(slot, over);
            }
        }
    }
}

impl<S: Service, G: Step<S>> Lane<'_, S, G> {
    /// A step that nobody asks for and nobody watches.
    fn step(&mut self, at: u32, papers: Box<Papers<S>>) -> Poll<Box<Papers<S>>> {
        *self.owner = at;
        write(self.future, self.make, papers);
        // Nothing waits for the machine yet, so its events cannot fill the shard.
        self.within.name(at, false);
        let Some(future) = self.future.as_mut().as_pin_mut() else { return Poll::Pending };
        let polled = future.poll(&mut self.context);
        if polled.is_ready() {
            self.future.set(None);
        }
        polled
    }
}

fn is_ready<K, S: Service>(entry: &Entry<K, S>) -> bool {
    matches!(&entry.body, Body::Here(service) if service.machine().status() == Status::Ready)
}

/// Takes a machine that is ready out of its entry.
fn depart<K, S: Service>(entry: &mut Entry<K, S>, slot: u32, tick: u32) -> Option<S> {
    if !is_ready(entry) {
        return None;
    }
    match replace(&mut entry.body, Body::Away(slot)) {
        Body::Here(service) => {
            entry.used = tick;
            Some(service)
        }
        other => {
            entry.body = other;
            None
        }
    }
}

/// A step is over; whether it left nothing to be done. Then it is counted, and its event is dropped, which may panic.
fn finish<S: Service>(mut papers: Box<Papers<S>>, meter: &Meter, report: &mut FleetReport) -> (Box<Papers<S>>, bool) {
    let plain = papers.is_plain();
    if plain {
        report.handled += 1;
        if let Some(began) = papers.began.take() {
            meter.end(began);
        }
        if let Ok(outcome) = &papers.result {
            meter.event(Fate::Settled(*outcome));
        }
        drop(papers.work.take());
    }
    (papers, plain)
}
