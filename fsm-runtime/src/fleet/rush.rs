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
use super::flight::{Place, write};
use super::job::{Papers, Step};
use super::keeping::NO_ID;
use super::letters::Envelope;
use super::machines::{Body, Entry};
use super::shard::Shard;
use super::within::Within;
use crate::core::{Machine as _, Service, Status};
use crate::dispatcher::{Payload, Runnable, caught};
use crate::meter::{Fate, Meter, Metering as _};

/// The slot of steps that follow each other, taken apart.
pub(super) struct Lane<'a, S: Service, G: Step<S>> {
    pub(super) make: G,
    pub(super) future: &'a mut Place<G::Future>,
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
    /// Whether the next event may go the short way: nobody waits for what becomes of it, nothing is kept of steps, and nobody
    /// listens to them.
    pub(super) fn may_rush(&self) -> bool {
        self.desk.batch.events.front().is_some_and(|envelope| envelope.asker.is_none())
            && !self.keeping.is_on()
            && self.policy.keep.is_none()
            && self.origins.is_empty()
            && !self.flight.is_watched()
    }

    /// Takes events from the front, at most so many, for as long as this is their way, and until a step leaves anything to be
    /// done; gives how many.
    pub(super) fn rush(&mut self, most: usize) -> usize {
        let (slot, mut papers) = (self.flight.take(0), self.flight.papers());
        let Self { machines, flight, desk, idle, ahead, .. } = self;
        let (mut lane, events, meter, tick) =
            (flight.lane(slot), &mut desk.batch.events, &desk.meter.steps, idle.tick());
        let (mut begun, mut plain) = (0, 0);
        let end = loop {
            let at = ahead.look(machines, events);
            let Some(envelope) = events.front().filter(|envelope| begun < most && envelope.asker.is_none()) else {
                break End::Clear(papers);
            };
            let Some(entry) = machines.find_at(at, &envelope.key) else { break End::Clear(papers) };
            let Some(service) = depart(entry, slot, tick) else { break End::Clear(papers) };
            let Some(Envelope { event, asker, .. }) = events.pop_front() else {
                entry.body = Body::Here(service);
                break End::Clear(papers);
            };
            // There is none, so that nothing is to be dropped, and nothing needs to look for that.
            forget(asker);
            ahead.pass();
            begun += 1;
            papers.begin_plain(service, event, meter);
            papers = match caught(|| lane.step(at, papers)) {
                Ok(Poll::Ready(papers)) if papers.is_plain() => papers,
                Ok(Poll::Ready(papers)) => break End::Landed(papers),
                Ok(Poll::Pending) => break End::Waits,
                Err(panic) => break End::Lost(panic),
            };
            arrive(entry, &mut papers, meter);
            plain += 1;
        };
        drop(lane);
        self.begun += begun as u64;
        self.desk.report.handled += plain;
        self.flight.slot(slot).id = NO_ID;
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
        begun
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

/// Takes a machine that is at rest out of its entry.
fn depart<K, S: Service>(entry: &mut Entry<K, S>, slot: u32, tick: u32) -> Option<S> {
    match &entry.body {
        Body::Here(service) if service.machine().status() == Status::Ready => entry.used = tick,
        _ => return None,
    }
    match replace(&mut entry.body, Body::Away(slot)) {
        Body::Here(service) => Some(service),
        // It is here.
        Body::Away(_) | Body::Gone(_) => None,
    }
}

/// Puts a machine back whose step left nothing to do.
fn arrive<K, S: Service>(entry: &mut Entry<K, S>, papers: &mut Papers<S>, meter: &Meter) {
    papers.work = None;
    if let Some(began) = papers.began.take() {
        meter.end(began);
    }
    meter.event(papers.result.as_ref().map_or(Fate::Failed, |outcome| Fate::Settled(*outcome)));
    if let Some(service) = papers.service.take() {
        entry.body = Body::Here(service);
    }
}
