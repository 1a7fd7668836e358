//! Steps: from one input to rest (SEMANTICS 2, 13 to 16). One loop, no recursion.

use std::time::Duration;

use super::clock::Due;
use super::eval::Payload;
use super::micro::LIMIT;
use super::select::{Cause, Fate};
use super::value::{Type, Value};
use super::{
    Deferred, Error, Host, Internal, Interpreter, Note, Outcome, Problem, Report, Retried, Retry, Run, Sent, Status,
    Step,
};
use crate::ast::Unhandled;
use crate::ir::{EventId, InvokeId, TimerId, TransitionId, Trigger};

/// How many timers and delayed events one [`Interpreter::advance`] handles.
const FIRINGS: usize = 100_000;

/// Where an event comes from, which decides what becomes of one that nobody takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    External,
    /// Raised or sent.
    Machine,
}

impl Report {
    /// What a step gives, or a deferred event that was tried again; `otherwise` where no transition was taken.
    fn result(&self, finished: bool, otherwise: Outcome) -> Step {
        if let Some(first) = self.problems.iter().min_by_key(|problem| problem.order) {
            return Err(first.error.clone());
        }
        Ok(match () {
            () if finished => Outcome::Finished,
            () if self.transitioned => Outcome::Transitioned,
            () if self.handled => Outcome::Handled,
            () => otherwise,
        })
    }
}

impl Interpreter<'_> {
    /// Enters the machine.
    ///
    /// # Errors
    /// Where the simulation cannot go on. The machine is poisoned then.
    pub fn start(&mut self, host: &mut dyn Host) -> Run<Step> {
        match self.status {
            Status::Stopped => {}
            Status::Ready => return Ok(Ok(Outcome::Handled)),
            _ => return Ok(self.refuse()),
        }
        self.step(host, |machine, host| {
            machine.take_start(host)?;
            Ok(Outcome::Handled)
        })
    }

    /// Handles an event from outside, with a value for each field of its payload.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn handle(&mut self, host: &mut dyn Host, event: EventId, fields: Vec<Value>) -> Run<Step> {
        if self.status != Status::Ready {
            return Ok(self.refuse());
        }
        self.step(host, |machine, host| machine.dispatch(host, event, fields, Origin::External))
    }

    /// Lets time pass: what is due is handled in order, each in a step of its own. Gives the strongest outcome, or the
    /// first error.
    ///
    /// # Errors
    /// As [`Self::start`], and where more comes due than can be meant.
    pub fn advance(&mut self, host: &mut dyn Host, time: Duration) -> Run<Step> {
        if self.status != Status::Ready {
            return Ok(self.refuse());
        }
        let until = self.clock.now().saturating_add(time);
        let (mut strongest, mut first_error) = (Outcome::Handled, None);
        let mut firings = 0;
        while self.status == Status::Ready
            && let Some(due) = self.clock.next(until)
        {
            firings += 1;
            if firings > FIRINGS {
                let message = format!("more than {FIRINGS} timers are due in this time");
                return Err(super::Stuck { message, span: None });
            }
            let step = self.step(host, |machine, host| match due {
                Due::Timer(timer) => machine.fire(host, timer).map(|()| Outcome::Handled),
                Due::Event(message) => machine.dispatch(host, message.event, message.fields, Origin::Machine),
            })?;
            match step {
                Ok(Outcome::Finished) => strongest = Outcome::Finished,
                Ok(Outcome::Transitioned) if strongest == Outcome::Handled => strongest = Outcome::Transitioned,
                Ok(_) => {}
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        self.clock.set(until);
        Ok(first_error.map_or(Ok(strongest), Err))
    }

    /// The result of an invoke; of one that does not run it comes too late, and nothing happens.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn complete(&mut self, host: &mut dyn Host, invoke: InvokeId, result: Result<Value, Value>) -> Run<Step> {
        if self.status != Status::Ready {
            return Ok(self.refuse());
        }
        if !self.running.remove(&invoke) {
            return Ok(Ok(Outcome::Handled));
        }
        self.step(host, |machine, host| {
            machine.finish_invoke(host, invoke, result)?;
            Ok(Outcome::Handled)
        })
    }

    fn refuse(&self) -> Step {
        match self.status {
            Status::Stopped => Err(Error::Stopped),
            Status::Finished => Ok(Outcome::Finished),
            Status::Ready | Status::Stepping => Err(Error::Poisoned),
        }
    }

    /// `first` and everything behind it. What `first` gives is the outcome where no transition was taken.
    fn step(&mut self, host: &mut dyn Host, first: impl FnOnce(&mut Self, &mut dyn Host) -> Run<Outcome>) -> Run<Step> {
        self.status = Status::Stepping;
        self.report = Report::default();
        let otherwise = first(self, host)?;
        while self.status == Status::Stepping && !self.report.livelocked && self.go_on(host)? {}
        if self.report.livelocked {
            self.drop_waiting(host);
        }
        self.end_retry(host);
        if self.report.livelocked {
            // What is deferred stays, and waits for the next change.
            self.retry = super::Retry::default();
            let cycle = self.cycle();
            self.fail_at_once(host, Error::Livelock(cycle));
        }
        let finished = self.status == Status::Finished;
        if !finished {
            self.status = Status::Ready;
        }
        let report = std::mem::take(&mut self.report);
        Ok(report.result(finished, otherwise))
    }

    /// Does the next thing that is to be done; false if there is none.
    fn go_on(&mut self, host: &mut dyn Host) -> Run<bool> {
        if self.has_eventless {
            let selection = self.select(host, Cause::Always, &Payload::None)?;
            self.raise_overflows(host, selection.overflows);
            if let Fate::Taken(taken) = selection.fate {
                self.take(host, &taken, &Payload::None)?;
                return Ok(true);
            }
        }
        if let Some(internal) = self.internal.pop_front() {
            self.internal(host, internal)?;
            return Ok(true);
        }
        for invoke in std::mem::take(&mut self.to_start) {
            self.running.insert(invoke);
            host.note(Note::InvokeStarted(invoke));
        }
        self.end_retry(host);
        if self.retry.next < self.retry.until {
            self.retry(host)?;
            return Ok(true);
        }
        match self.sent.pop_front() {
            Some(Sent::Event(message)) => {
                self.dispatch(host, message.event, message.fields, Origin::Machine)?;
            }
            Some(Sent::Timer(timer)) => self.fire(host, timer)?,
            None => return Ok(false),
        }
        Ok(true)
    }

    /// An event by its name: raised, sent, or from outside.
    fn dispatch(&mut self, host: &mut dyn Host, event: EventId, fields: Vec<Value>, origin: Origin) -> Run<Outcome> {
        let payload = Payload::Event(event, fields);
        let selection = self.select(host, Cause::Event(event), &payload)?;
        self.raise_overflows(host, selection.overflows);
        let kept_by_policy = origin == Origin::External && self.machine.unhandled == Unhandled::Defer;
        match selection.fate {
            Fate::Taken(taken) => {
                self.take(host, &taken, &payload)?;
                Ok(Outcome::Handled)
            }
            Fate::Deferred => Ok(self.defer(host, event, payload, origin)),
            Fate::Unhandled if kept_by_policy => Ok(self.defer(host, event, payload, origin)),
            Fate::Rejected | Fate::Unhandled if origin == Origin::Machine => {
                self.drop_event(host, event);
                Ok(Outcome::Handled)
            }
            Fate::Rejected => Ok(Outcome::Rejected),
            Fate::Unhandled => {
                self.unhandled(host, event);
                Ok(Outcome::Unhandled)
            }
        }
    }

    /// An event of the machine's own that nobody takes.
    fn drop_event(&mut self, host: &mut dyn Host, event: EventId) {
        host.note(Note::Dropped(event));
        self.idle();
    }

    fn unhandled(&mut self, host: &mut dyn Host, event: EventId) {
        match self.machine.unhandled {
            Unhandled::Report => host.note(Note::Unhandled(event)),
            Unhandled::Error => {
                self.report.errors += 1;
                self.report.problems.push(Problem { order: self.report.errors, error: Error::Unhandled });
            }
            Unhandled::Ignore | Unhandled::Defer => {}
        }
    }

    fn internal(&mut self, host: &mut dyn Host, internal: Internal) -> Run {
        match internal {
            Internal::Raised(event, fields) => self.dispatch(host, event, fields, Origin::Machine).map(|_| ()),
            Internal::Done(state, output) => self.offer(host, Cause::Done(state), &Payload::Output(output)).map(|_| ()),
            Internal::Failed(problem) => {
                if !self.offer(host, Cause::Error, &Payload::Error(problem.error.value()))? {
                    self.report.problems.push(problem);
                }
                Ok(())
            }
        }
    }

    /// An event without a name: whether it is taken.
    fn offer(&mut self, host: &mut dyn Host, cause: Cause, payload: &Payload) -> Run<bool> {
        let selection = self.select(host, cause, payload)?;
        self.raise_overflows(host, selection.overflows);
        let Fate::Taken(taken) = selection.fate else {
            self.idle();
            return Ok(false);
        };
        self.take(host, &taken, payload)?;
        Ok(true)
    }

    fn fire(&mut self, host: &mut dyn Host, timer: TimerId) -> Run {
        if self.machine.timers[timer].repeats {
            self.start_timer(host, timer)?;
        }
        self.offer(host, Cause::Timer(timer), &Payload::None).map(|_| ())
    }

    fn finish_invoke(&mut self, host: &mut dyn Host, invoke: InvokeId, result: Result<Value, Value>) -> Run {
        match result {
            Ok(output) => self.offer(host, Cause::InvokeDone(invoke), &Payload::Output(output)).map(|_| ()),
            Err(error) => {
                let state = &self.machine.states[self.machine.invokes[invoke].state];
                let awaited = |id: &TransitionId| self.machine.transitions[*id].trigger == Trigger::InvokeError(invoke);
                if state.transitions.iter().any(awaited) {
                    return self.offer(host, Cause::InvokeError(invoke), &Payload::Error(error)).map(|_| ());
                }
                self.fail(host, Error::Action(error));
                Ok(())
            }
        }
    }

    fn defer(&mut self, host: &mut dyn Host, event: EventId, payload: Payload, origin: Origin) -> Outcome {
        if self.deferred.len() >= self.machine.defer_capacity as usize {
            self.fail_at_once(host, Error::DeferFull);
            return Outcome::Unhandled;
        }
        let token = self.tokens;
        self.tokens = self.tokens.wrapping_add(1);
        let Payload::Event(_, fields) = payload else { return Outcome::Unhandled };
        self.deferred.push_back(Deferred { token, event, fields, origin });
        host.note(Note::Deferred(token, event));
        Outcome::Deferred(token)
    }

    /// Tries a deferred event again.
    fn retry(&mut self, host: &mut dyn Host) -> Run {
        let at = self.retry.next;
        let Some(Deferred { token, event, fields, origin }) = self.deferred.get(at).cloned() else {
            self.retry = Retry::default();
            return Ok(());
        };
        let payload = Payload::Event(event, fields);
        let selection = self.select(host, Cause::Event(event), &payload)?;
        let kept_by_policy = origin == Origin::External && self.machine.unhandled == Unhandled::Defer;
        let kept = match selection.fate {
            Fate::Deferred => true,
            Fate::Unhandled => kept_by_policy,
            Fate::Taken(_) | Fate::Rejected => false,
        };
        if kept {
            self.retry.next += 1;
            if selection.overflows > 0 {
                self.begin_retry(token, event, None);
                self.raise_overflows(host, selection.overflows);
            }
            return Ok(());
        }
        self.deferred.remove(at);
        self.retry.until -= 1;
        let fate = if selection.fate == Fate::Unhandled { Outcome::Unhandled } else { Outcome::Rejected };
        self.begin_retry(token, event, Some(fate));
        self.raise_overflows(host, selection.overflows);
        match selection.fate {
            Fate::Taken(taken) => self.take(host, &taken, &payload)?,
            _ if origin == Origin::Machine => self.drop_event(host, event),
            Fate::Unhandled => self.unhandled(host, event),
            Fate::Rejected | Fate::Deferred => {}
        }
        Ok(())
    }

    /// What happens from now on belongs to a deferred event.
    fn begin_retry(&mut self, token: u32, event: EventId, fate: Option<Outcome>) {
        let report = &mut self.report;
        report.retried = Some(Retried {
            token,
            event,
            fate,
            transitioned: std::mem::take(&mut report.transitioned),
            handled: std::mem::take(&mut report.handled),
            problems: std::mem::take(&mut report.problems),
        });
    }

    /// The macrostep is complete: what happened since then was what became of a deferred event.
    fn end_retry(&mut self, host: &mut dyn Host) {
        let Some(retried) = self.report.retried.take() else { return };
        let finished = self.status == Status::Finished;
        let result = self.report.result(finished, retried.fate.unwrap_or(Outcome::Handled));
        self.report.transitioned |= retried.transitioned;
        self.report.handled |= retried.handled;
        let problems = std::mem::replace(&mut self.report.problems, retried.problems);
        if retried.fate.is_some() {
            host.note(Note::Settled(retried.token, retried.event, &result));
        } else if result.is_err() {
            // It stands in front of those that are still to be tried, unless the machine is at its end.
            let stands = self.deferred.iter().position(|deferred| deferred.token == retried.token);
            if let Some(at) = stands {
                self.deferred.remove(at);
                self.retry.next = self.retry.next.saturating_sub(1);
                self.retry.until = self.retry.until.saturating_sub(1);
                host.note(Note::Settled(retried.token, retried.event, &result));
            } else {
                self.report.problems.extend(problems);
            }
        }
    }

    fn raise_overflows(&mut self, host: &mut dyn Host, overflows: usize) {
        for _ in 0..overflows {
            self.guard_overflow(host);
        }
    }

    /// An event that sets nothing off can still go on for ever: a guard that overflows raises `error`, a timer without
    /// delay comes back.
    fn idle(&mut self) {
        self.report.idle += 1;
        self.report.livelocked |= self.report.idle > LIMIT;
    }

    /// The transitions that were taken last, up to where they begin to repeat.
    fn cycle(&self) -> Vec<TransitionId> {
        let recent: Vec<TransitionId> = self.report.recent.iter().rev().copied().collect();
        let repeats = |length: &usize| recent[..*length] == recent[*length..2 * *length];
        let length = (1..=recent.len() / 2).find(repeats).unwrap_or_else(|| recent.len().min(16));
        recent[..length].iter().rev().copied().collect()
    }

    /// What an invoke gives, as a value of its declared type.
    #[must_use]
    pub fn output_type(&self, invoke: InvokeId) -> Type {
        let task = &self.machine.tasks[self.machine.invokes[invoke].task];
        task.output.as_ref().map_or(Type::Unit, |ty| Type::of(&ty.syntax))
    }
}
