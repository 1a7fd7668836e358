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
use super::job::{Job, Papers, Step};
use super::machines::Body;
use super::shard::Shard;
use super::steps::is_plain;
use crate::core::{Machine, Outcome, Service, Status};
use crate::dispatcher::{Runnable, caught};
use crate::meter::{Fate, Metering as _};

/// A slot and papers that go from one plain step to the next.
pub(super) struct Lane<M: Machine> {
    pub(super) slot: u32,
    pub(super) papers: Box<Papers<M>>,
}

impl<K: Key, S, G> Shard<K, S, G>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
    G: Step<S>,
{
    /// An event without an asker for a machine that is there.
    pub(super) fn rush(&mut self, at: u32, event: <S::Machine as Machine>::Event) {
        let is_kept = self.keeping.is_on() || self.policy.keep.is_some();
        if is_kept || !self.origins.is_empty() || self.flight.is_watched() {
            return self.accept(at, event, None);
        }
        let mut lane = self.lane.take().unwrap_or_else(|| self.flight.open());
        let slot = lane.slot;
        let Some(service) = self.depart(slot, at) else {
            self.lane = Some(lane);
            return self.accept(at, event, None);
        };
        self.begun += 1;
        lane.papers.begin_plain(event, &self.desk.meter.steps);
        match caught(|| self.flight.rush(slot, at, Job { service, papers: lane.papers })) {
            Ok(Poll::Ready((job, Ok(outcome)))) if is_plain(outcome) && job.papers.notes.is_quiet() => {
                self.arrive(slot, at, job, outcome);
            }
            Ok(Poll::Ready(stepped)) => self.land(slot, stepped),
            Ok(Poll::Pending) => {}
            Err(panic) => {
                let over = self.lose_step(slot, &*panic);
                self.go_on(slot, over);
            }
        }
    }

    /// The next steps are not plain, or there are none.
    pub(super) fn leave_lane(&mut self) {
        if let Some(lane) = self.lane.take() {
            self.flight.close(lane);
        }
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

    /// Puts a machine back whose step left nothing to do.
    fn arrive(&mut self, slot: u32, at: u32, job: Job<S>, outcome: Outcome) {
        let Job { service, mut papers } = job;
        papers.work = None;
        let meter = &self.desk.meter.steps;
        if let Some(began) = papers.began.take() {
            meter.end(began);
        }
        meter.event(Fate::Settled(outcome));
        self.desk.report.handled += 1;
        self.lane = Some(Lane { slot, papers });
        if let Some(entry) = self.machines.get_mut(at) {
            entry.body = Body::Here(service);
        }
    }
}
