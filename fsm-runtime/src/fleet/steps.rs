//! From an event to what follows from its step.
//!
//! Part of [`super::shard`]. [`Shard::accept`] takes an event to its machine, [`Shard::drive`] polls the step and goes on to
//! what waited for its end, [`Shard::conclude`] does what it asked for and tells whoever has to know.
//!
//! Invariants: while a machine is away its entry says so, and it comes back before the next event for it is looked at; a
//! panic, of a handler or of a hook, ends the step's machine and nothing else.

use std::task::Poll;

use tracing::Span;

use super::Key;
use super::flight::Waiting;
use super::job::{About, Asked, Job, Notes, Papers, Step, Stepped, TimerChange, Work};
use super::keeping::Id;
use super::letters::{Asker, Looked};
use super::machines::Body;
use super::shard::Shard;
use crate::core::{Machine, Outcome, Service, Status, StepResult};
use crate::dead_letter::Undelivered;
use crate::dispatcher::{Runnable, caught};
use crate::meter::{Fate, Metering as _, Timing};
use crate::report::Reason;
use crate::supervision::Cause;
use crate::trace::TARGET;

/// What a look at an entry says about the way of a piece of work.
pub(super) enum Way {
    Step,
    Wait(u32),
    Refuse(Reason),
}

/// What is known of a step that is over.
pub(super) struct After<M: Machine> {
    /// The entry of its machine.
    pub(super) at: u32,
    /// What it was about.
    pub(super) work: Option<Work<M>>,
    /// Until somebody took it who saw the machine after it.
    pub(super) result: Option<StepResult<M>>,
    /// Why its event was not handled, if it was not.
    pub(super) undelivered: Option<Undelivered>,
    pub(super) asker: Option<Asker<M>>,
    /// Whether it was the last one.
    pub(super) finished: bool,
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
                self.flight.waiting += 1;
                self.flight.slot(slot).events.push_back(Waiting { work: Work::Event(event), asker });
            }
            Way::Refuse(reason) => self.turn_away(at, event, asker, reason),
        }
    }

    /// A start, a timer or a result for a machine; one that does not go on takes none.
    pub(super) fn hand_over(&mut self, at: u32, work: Work<S::Machine>) {
        match self.way(at) {
            Way::Step => self.set_out(at, work, None),
            Way::Wait(slot) => self.flight.slot(slot).first.push_back(Waiting { work, asker: None }),
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
    fn begin(&mut self, slot: u32, at: u32, work: Work<S::Machine>, asker: Option<Asker<S::Machine>>) -> bool {
        let (asker, id, origin) = Asker::unpack(asker);
        let Some((work, asker)) = self.admit(at, work, asker, &id) else { return false };
        let Some(entry) = self.machines.get_mut(at) else { return false };
        let service = match std::mem::replace(&mut entry.body, Body::Away(slot)) {
            Body::Here(service) => service,
            other => {
                entry.body = other;
                return false;
            }
        };
        let mut papers = self.flight.papers();
        let (hooks, key) = (&self.desk.shared.hooks, &entry.key);
        self.begun += u64::from(matches!(work, Work::Event(_)));
        let number = self.begun;
        let waiting = if self.origins.is_empty() { None } else { self.origins.remove(&at) };
        let about = About { origin: origin.as_ref(), waiting };
        let span = papers.begin(service.machine(), work, about, &self.desk.meter.steps, || (hooks.key(key), number));
        let place = self.flight.slot(slot);
        if span.is_some() || place.span.is_some() {
            place.span = span;
        }
        if asker.is_some() || place.asker.is_some() {
            place.asker = asker;
        }
        place.id = id;
        self.flight.begin(slot, Job { service, papers });
        true
    }

    /// Polls a step, and after it what waited for its end, as far as it goes.
    pub(super) fn drive(&mut self, slot: u32) {
        loop {
            let turn = caught(|| match self.flight.poll(slot) {
                Poll::Ready(stepped) => {
                    self.conclude(slot, stepped);
                    true
                }
                Poll::Pending => false,
            });
            match turn {
                Ok(false) => return,
                Ok(true) => {}
                Err(panic) => self.lose_step(slot, &*panic),
            }
            if !self.next(slot) {
                return;
            }
        }
    }

    /// Sets the next step of a slot going; without one the slot is free again.
    pub(super) fn next(&mut self, slot: u32) -> bool {
        let place = self.flight.slot(slot);
        let at = place.owner;
        if !place.looks.is_empty() {
            let looks = std::mem::take(&mut place.looks);
            for look in looks {
                self.show(at, look);
            }
        }
        loop {
            let place = self.flight.slot(slot);
            let next = match place.first.pop_front() {
                Some(first) => Some(first),
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

    /// A step is over.
    fn conclude(&mut self, slot: u32, (job, result): Stepped<S>) {
        let Job { service, mut papers } = job;
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
        let plain = matches!(result, Ok(Outcome::Transitioned | Outcome::Handled | Outcome::Rejected));
        if self.keeping.is_on() || !(plain && asker.is_none() && papers.notes.is_quiet()) {
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
        let doomed = self.flight.slot(slot).doomed.take();
        if doomed.is_some() {
            self.end_beside(at);
        }
        if let Some(entry) = self.machines.get_mut(at) {
            entry.body = doomed.map_or(Body::Here(service), Body::Gone);
        }
    }

    /// What follows from a step that somebody has to know of, or that asked for something.
    #[inline(never)]
    fn follow(
        &mut self,
        slot: u32,
        service: &S,
        mut papers: Box<Papers<S::Machine>>,
        mut after: After<S::Machine>,
        id: Id,
        span: &Span,
    ) {
        let at = after.at;
        let notes = &mut papers.notes;
        let outcome = after.result.as_ref().and_then(|result| result.as_ref().ok()).copied();
        let observed = caught(|| span.in_scope(|| notes.observe(service, outcome)));
        if let Some(waiting) = notes.tracer.give_back() {
            self.origins.insert(at, waiting);
        }
        self.log(at, notes);
        let name = after.work.as_ref().map_or("", Work::name);
        if let Err(panic) = observed {
            self.lose(at, name, &*panic);
            self.give_up(after, Reason::Panicked);
            return;
        }
        self.set_timers(at, notes);
        if let Some(Err(error)) = &after.result {
            self.desk.report.failed += u64::from(matches!(after.work, Some(Work::Event(_))));
            self.tell_failure(at, name, notes.last, &Cause::Error(error), None);
        }
        self.put_aside(notes, &mut after);
        self.show_after(service.machine(), notes, &mut after);
        if self.keeping.is_on() {
            self.keep(slot, service, papers, after, id);
        } else {
            self.release(notes, after, None);
            self.flight.recycle(papers);
        }
    }

    /// A step is over, and does not count.
    pub(super) fn give_up(&mut self, after: After<S::Machine>, reason: Reason) {
        let After { at, work, asker, .. } = after;
        let event = match work {
            Some(Work::Event(event)) => Some(event),
            _ => None,
        };
        let back = match asker {
            Some(asker) => asker.lose(reason, event),
            None => event,
        };
        if let Some(event) = back {
            self.bury(at, event, Undelivered::Failed);
        }
    }

    /// Starts and takes back the timers that a step asked for.
    fn set_timers(&mut self, at: u32, notes: &mut Notes<S::Machine>) {
        let Some(entry) = self.machines.get_mut(at) else { return };
        let meter = &self.desk.meter.steps;
        for change in notes.timers.drain(..) {
            match change {
                TimerChange::Start(timer, generation, delay) => {
                    meter.timer(Timing::Started);
                    self.clock.start(at, &mut entry.timers, timer, generation, delay);
                }
                TimerChange::Cancel(generation) => {
                    meter.timer(Timing::Cancelled);
                    self.clock.cancel(&mut entry.timers, generation);
                }
            }
        }
    }

    /// Lets out what a step has for others: messages, invokes, answers. With a journal its messages have positions there.
    pub(super) fn release(
        &mut self,
        notes: &mut Notes<S::Machine>,
        after: After<S::Machine>,
        mut positions: Option<&mut dyn Iterator<Item = u64>>,
    ) {
        let After { at, work, result, undelivered, asker, finished } = after;
        let mut delivered = Vec::new();
        for asked in notes.asked.drain(..) {
            match asked {
                Asked::Emit(message, origin) => {
                    let position = positions.as_mut().and_then(Iterator::next);
                    if let Some(entry) = self.machines.get(at)
                        && self.desk.shared.hooks.emit(&entry.key, message, origin.as_deref())
                    {
                        delivered.extend(position);
                    }
                }
                Asked::Run(generation, run) => {
                    if !matches!(self.machines.get(at).map(|entry| &entry.body), Some(Body::Gone(_)) | None) {
                        self.invokes.start(at, generation, run);
                    }
                }
                Asked::CancelInvoke(generation) => self.invokes.cancel(at, generation),
                Asked::StartInvoke(..) => {}
            }
        }
        self.confirm(delivered);
        self.settle(at, notes);
        let name = work.as_ref().map_or("", Work::name);
        let unheard = match (asker, result) {
            (Some(Asker::Seen(tell)), result) => {
                tell(Ok(()));
                result
            }
            (Some(asker), Some(result)) => asker.tell(result, || notes.answers.take_reply(None)),
            (_, result) => result,
        };
        if let Some(Err(error)) = unheard {
            self.unheard(at, name, &error);
        }
        if let (Some(why), Some(Work::Event(event))) = (undelivered, work) {
            self.bury(at, event, why);
        }
        if finished {
            self.desk.report.finished += 1;
            self.desk.meter.steps.ended(Reason::Finished);
            self.end_beside(at);
            for (_, asker) in self.waiting.remove(&at).unwrap_or_default() {
                drop(asker.tell(Ok(Outcome::Finished), || None));
            }
        }
    }

    /// Puts aside who asked for an event that waits in its machine.
    fn put_aside(&mut self, notes: &Notes<S::Machine>, after: &mut After<S::Machine>) {
        let Some(token) = notes.answers.deferred() else { return };
        self.desk.report.deferred += 1;
        // Whoever sent it knows all there is to know; who asks is told at the end, which may be in this very step.
        if let Some(asker) = after.asker.take_if(|asker| asker.waits_for_outcome()) {
            self.waiting.entry(after.at).or_default().push((token, asker));
        }
    }

    /// Shows the machine to those who want to see it right after this step; what they saw is told when it counts.
    fn show_after(&mut self, machine: &S::Machine, notes: &Notes<S::Machine>, after: &mut After<S::Machine>) {
        if matches!(after.asker, Some(Asker::Look(_)))
            && let Some(result) = after.result.take()
        {
            (after.asker, after.result) = seen(after.asker.take(), machine, result);
        }
        let Some(waiting) = self.waiting.get_mut(&after.at) else { return };
        for (token, outcome) in notes.answers.settled() {
            let Some(found) = waiting.iter().position(|waiting| waiting.0 == *token) else { continue };
            if matches!(waiting[found].1, Asker::Look(_)) {
                let (_, asker) = waiting.swap_remove(found);
                if let (Some(asker), _) = seen(Some(asker), machine, Ok(*outcome)) {
                    waiting.push((*token, asker));
                }
            }
        }
    }

    /// Tells whoever asked for deferred events that are handled for good.
    fn settle(&mut self, at: u32, notes: &mut Notes<S::Machine>) {
        for (token, outcome) in notes.answers.take_settled() {
            self.desk.report.deferred = self.desk.report.deferred.saturating_sub(1);
            let Some(waiting) = self.waiting.get_mut(&at) else { continue };
            if let Some(found) = waiting.iter().position(|waiting| waiting.0 == token) {
                let (_, asker) = waiting.swap_remove(found);
                drop(asker.tell(Ok(outcome), || notes.answers.take_reply(Some(token))));
            }
            if self.waiting.get(&at).is_some_and(Vec::is_empty) {
                self.waiting.remove(&at);
            }
        }
    }

    /// What a step had to say for the log, where it stood in no span.
    fn log(&self, at: u32, notes: &mut Notes<S::Machine>) {
        if notes.lines.is_empty() {
            return;
        }
        let (machine, key) = (S::Machine::DEFINITION.name, self.key(at));
        for line in notes.lines.drain(..) {
            tracing::info!(target: TARGET, machine, key, "{line}");
        }
    }
}

/// Lets whoever wants to look see the machine; gives what is to be told later, or the result that nobody took.
fn seen<M: Machine>(
    asker: Option<Asker<M>>,
    machine: &M,
    result: StepResult<M>,
) -> (Option<Asker<M>>, Option<StepResult<M>>) {
    let Some(Asker::Look(look)) = asker else { return (asker, Some(result)) };
    // Whoever looks and panics has its answer in that.
    match caught(|| look(Ok((machine, result)))) {
        Ok(Looked::Seen(tell)) => (Some(Asker::Seen(tell)), None),
        Ok(Looked::Unheard(result)) => (None, Some(result)),
        Ok(Looked::Told) | Err(_) => (None, None),
    }
}
