//! What follows from a step that is over: what it asked for, and who has to be told.
//!
//! Part of [`super::shard`]. With a journal what others are told waits in between until the step is durable, and so does what
//! begins beside the machine; what ends there ends at once.
//! Invariant: whoever asked is told once, and what a deferred event had to say is told when it is handled for good.

use tracing::Span;

use super::Key;
use super::deferred::show_after;
use super::flight::First;
use super::job::{Asked, Notes, Papers, Step, TimerChange, Work};
use super::keeping::Id;
use super::letters::Asker;
use super::machines::Body;
use super::shard::Shard;
use super::supervising::Doom;
use crate::core::{Machine, Outcome, Service, StepResult};
use crate::dead_letter::Undelivered;
use crate::dispatcher::{Runnable, caught};
use crate::meter::{Metering as _, Timing};
use crate::report::Reason;
use crate::supervision::Then;
use crate::trace::TARGET;

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
    /// What follows from a step that somebody has to know of, or that asked for something.
    #[inline(never)]
    pub(super) fn follow(
        &mut self,
        slot: u32,
        service: &S,
        mut papers: Box<Papers<S>>,
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
        let last = papers.last.take();
        if let Err(panic) = observed {
            let then = self.judge_panic(at, name, &*panic);
            self.flight.slot(slot).doomed = Some(Doom { reason: Reason::Panicked, then, last });
            self.give_up(after, Reason::Panicked);
            return;
        }
        self.set_timers(at, notes);
        self.cancel_invokes(slot, at, notes);
        if let Some(Err(error)) = &after.result {
            self.desk.report.failed += u64::from(matches!(after.work, Some(Work::Event(_))));
            if let Some(then) = self.judge_error(at, name, notes.tracer.last(), error) {
                self.flight.slot(slot).doomed = Some(Doom { reason: Reason::Failed, then, last });
                if then == Then::Restart && self.keeping.is_on() && self.policy.make.is_none() {
                    self.take_back(after);
                    return;
                }
            }
        }
        self.put_aside(notes, &mut after);
        self.judge_deferred(slot, at, service.machine(), notes);
        show_after(service.machine(), notes, &mut after);
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

    /// A step gave an error and does not count: its machine comes back from the journal as it was before. Whoever asked is
    /// told the error.
    fn take_back(&mut self, after: After<S::Machine>) {
        let After { at, work, result, asker, .. } = after;
        let event = match work {
            Some(Work::Event(event)) => Some(event),
            _ => None,
        };
        let (unheard, back) = match (asker, result) {
            (Some(asker), Some(result)) if asker.waits_for_outcome() => (asker.tell_error(result), event),
            // Whoever sent it has it back.
            (Some(asker), result) => (result, asker.lose(Reason::Failed, event)),
            (None, result) => (result, event),
        };
        if let Some(Err(error)) = unheard {
            self.unheard(at, "", &error);
        }
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

    /// Ends the invokes whose states a step left, wherever they are. That waits for no commit: only what begins does.
    fn cancel_invokes(&mut self, slot: u32, at: u32, notes: &mut Notes<S::Machine>) {
        for number in 0..notes.asked.len() {
            let (before, asked) = notes.asked.split_at_mut(number);
            let Some(Asked::CancelInvoke(generation)) = asked.first() else { continue };
            self.invokes.cancel(at, *generation);
            self.hold_back(at, *generation);
            hold_back(before, *generation);
            // One that panicked meanwhile does so no more.
            let first = &mut self.flight.slot(slot).first;
            first.retain(|first| !matches!(first, First::Panic(of, _) if of == generation));
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
                Asked::StartInvoke(..) | Asked::CancelInvoke(_) => {}
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

/// An invoke that was to begin is cancelled before.
pub(super) fn hold_back<M: Machine>(asked: &mut [Asked<M>], cancelled: u32) {
    for asked in asked {
        if matches!(asked, Asked::Run(generation, _) if *generation == cancelled) {
            *asked = Asked::CancelInvoke(cancelled);
        }
    }
}
