//! Steps of which nobody wants to know more than that they were. Most are like that, so they go a short way.
//!
//! Part of [`super::shard`], beside [`super::steps`]. Where an event has no asker, nobody listens, and nothing is kept of a
//! step, most of what is done around one comes to nothing, and is left out: the machine goes into the future of a slot, is
//! polled once, and is back, and the next one has the same slot. A step that waits, or that leaves anything to be done, keeps
//! the slot, and goes on like all others from there.
//!
//! Invariant: from outside nobody can tell which way a step went.

use std::task::Poll;

use super::Key;
use super::job::{Papers, Step};
use super::machines::Body;
use super::shard::Shard;
use crate::core::{Machine, Service, Status};
use crate::dispatcher::{Runnable, caught};
use crate::meter::{Fate, Metering as _};

/// A slot and papers that go from one plain step to the next.
pub(super) struct Lane<S: Service> {
    pub(super) slot: u32,
    pub(super) papers: Box<Papers<S>>,
}

impl<K: Key, S, G> Shard<K, S, G>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
    G: Step<S>,
{
    /// Whether something is kept of steps, or somebody wants to know of them.
    pub(super) fn is_noted(&self) -> bool {
        self.keeping.is_on() || self.policy.keep.is_some() || !self.origins.is_empty() || self.flight.is_watched()
    }

    /// An event without an asker for a machine that is there, while nothing is noted; gives the lane for the next one.
    pub(super) fn rush(
        &mut self,
        lane: Option<Lane<S>>,
        at: u32,
        event: <S::Machine as Machine>::Event,
    ) -> Option<Lane<S>> {
        let mut lane = lane.unwrap_or_else(|| self.flight.open());
        let slot = lane.slot;
        let Some(service) = self.depart(slot, at) else {
            self.flight.close(lane);
            self.accept(at, event, None);
            return None;
        };
        self.begun += 1;
        lane.papers.begin_plain(service, event, &self.desk.meter.steps);
        match caught(|| self.flight.rush(slot, at, lane.papers)) {
            Ok(Poll::Ready(papers)) if papers.is_plain() => {
                return Some(Lane { slot, papers: self.arrive(at, papers) });
            }
            Ok(Poll::Ready(papers)) => self.land(slot, papers),
            Ok(Poll::Pending) => {}
            Err(panic) => {
                let over = self.lose_step(slot, &*panic);
                self.go_on(slot, over);
            }
        }
        None
    }

    /// Takes a machine that is at rest out of its entry.
    fn depart(&mut self, slot: u32, at: u32) -> Option<S> {
        let tick = self.idle.tick();
        let entry = self.machines.get_mut(at)?;
        match std::mem::replace(&mut entry.body, Body::Away(slot)) {
            Body::Here(service) if service.machine().status() == Status::Ready => {
                entry.used = tick;
                Some(service)
            }
            other => {
                entry.body = other;
                None
            }
        }
    }

    /// Puts a machine back whose step left nothing to do; gives the papers for the next one.
    fn arrive(&mut self, at: u32, mut papers: Box<Papers<S>>) -> Box<Papers<S>> {
        papers.work = None;
        let meter = &self.desk.meter.steps;
        if let Some(began) = papers.began.take() {
            meter.end(began);
        }
        meter.event(papers.result.as_ref().map_or(Fate::Failed, |outcome| Fate::Settled(*outcome)));
        self.desk.report.handled += 1;
        if let (Some(entry), Some(service)) = (self.machines.get_mut(at), papers.service.take()) {
            entry.body = Body::Here(service);
        }
        papers
    }
}
