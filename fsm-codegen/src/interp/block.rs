//! Blocks of actions, and the errors that end them (SEMANTICS 6, 7, 14.1 to 14.4, 20).

use super::eval::Payload;
use super::value::{Type, Value};
use super::{Error, Host, Internal, Interpreter, Message, Note, Problem, Run, Sent, eval, known};
use crate::ir::{Action, Assignment, Field, LogPart, SendId, StateId, Wait};

impl<'m> Interpreter<'m> {
    /// Runs a block; the first action that fails ends it.
    pub(super) fn block(
        &mut self,
        host: &mut dyn Host,
        actions: &'m [Action],
        payload: &Payload,
        state: StateId,
    ) -> Run {
        self.actions(host, actions, payload, state).map(|_| ())
    }

    /// Whether all went well.
    fn actions(&mut self, host: &mut dyn Host, actions: &'m [Action], payload: &Payload, state: StateId) -> Run<bool> {
        for action in actions {
            if !self.action(host, action, payload, state)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn action(&mut self, host: &mut dyn Host, action: &'m Action, payload: &Payload, state: StateId) -> Run<bool> {
        match action {
            Action::Call(id, call) => {
                if let Err(error) = host.action(*id, call) {
                    self.fail(host, Error::Action(error));
                    return Ok(false);
                }
            }
            Action::Assign(assignments) => {
                let fields = &self.machine.context;
                let Some(values) = self.values(host, assignments, fields, payload, state)? else { return Ok(false) };
                for (assignment, value) in assignments.iter().zip(values) {
                    self.context[assignment.field] = value;
                }
            }
            Action::Raise(record) => {
                let fields = &self.machine.events[record.kind].fields;
                let Some(fields) = self.record(host, &record.fields, fields, payload, state)? else { return Ok(false) };
                self.raise(host, Internal::Raised(record.kind, fields));
            }
            Action::Send { event, delay, id } => {
                let fields = &self.machine.events[event.kind].fields;
                let Some(fields) = self.record(host, &event.fields, fields, payload, state)? else { return Ok(false) };
                self.send(host, Message { event: event.kind, fields, id: *id }, *delay)?;
            }
            Action::Cancel(id) => self.cancel(*id),
            Action::Emit(record) => {
                let fields = &self.machine.emits[record.kind].fields;
                let Some(fields) = self.record(host, &record.fields, fields, payload, state)? else { return Ok(false) };
                host.note(Note::Emitted(record.kind, &fields));
            }
            Action::Reply(event, expr) => {
                let ty = self.machine.events[*event].reply.as_ref().map_or(Type::Other, |ty| Type::of(&ty.syntax));
                let value = known(self.scope(payload, state).eval_as(&expr.syntax, &ty), expr)?;
                let Some(value) = value else { return Ok(self.overflowed(host)) };
                host.note(Note::Reply(&value));
            }
            Action::Log(parts) => {
                let Some(text) = self.text(parts, payload, state)? else { return Ok(self.overflowed(host)) };
                host.note(Note::Log(&text));
            }
            Action::If { guard, then, otherwise } => {
                let holds = self.guard(host, guard, payload, state)?;
                if holds.is_none() {
                    self.guard_overflow(host);
                }
                let branch = if holds == Some(true) { then } else { otherwise };
                return self.actions(host, branch, payload, state);
            }
        }
        Ok(true)
    }

    /// The values of assignments, all from before them; `None` after an overflow.
    fn values(
        &mut self,
        host: &mut dyn Host,
        assignments: &'m [Assignment],
        fields: &'m [Field],
        payload: &Payload,
        state: StateId,
    ) -> Run<Option<Vec<Value>>> {
        let scope = self.scope(payload, state);
        let mut values = Vec::with_capacity(assignments.len());
        for Assignment { field, value } in assignments {
            let value = known(scope.eval_as(&value.syntax, &Type::of(&fields[*field].ty.syntax)), value)?;
            let Some(value) = value else {
                self.overflow(host);
                return Ok(None);
            };
            values.push(value);
        }
        Ok(Some(values))
    }

    /// A payload: what is not given has its default.
    fn record(
        &mut self,
        host: &mut dyn Host,
        given: &'m [Assignment],
        fields: &'m [Field],
        payload: &Payload,
        state: StateId,
    ) -> Run<Option<Vec<Value>>> {
        let Some(values) = self.values(host, given, fields, payload, state)? else { return Ok(None) };
        let mut record: Vec<Option<Value>> = vec![None; fields.len()];
        for (assignment, value) in given.iter().zip(values) {
            record[assignment.field] = Some(value);
        }
        let filled =
            record.into_iter().zip(fields).map(|(value, field)| value.unwrap_or_else(|| self.default_of(field)));
        Ok(Some(filled.collect()))
    }

    fn text(&self, parts: &[LogPart], payload: &Payload, state: StateId) -> Run<Option<String>> {
        let mut text = String::new();
        for part in parts {
            match part {
                LogPart::Text(piece) => text.push_str(piece),
                LogPart::Value(expr, form) => {
                    let value = self.scope(payload, state).eval(&expr.syntax);
                    let Some(value) = known(value, expr)? else { return Ok(None) };
                    text.push_str(&if form == "?" { eval::debug(&value) } else { eval::shown(&value) });
                }
            }
        }
        Ok(Some(text))
    }

    /// Puts an event at the end of the internal queue.
    pub(super) fn raise(&mut self, host: &mut dyn Host, event: Internal) {
        if self.internal.len() < self.machine.queue as usize {
            self.internal.push_back(event);
            return;
        }
        // An error that finds no place is one that nobody takes.
        if let Internal::Failed(problem) = event {
            self.report.problems.push(problem);
        }
        self.full(host);
    }

    fn send(&mut self, host: &mut dyn Host, message: Message, delay: Option<Wait>) -> Run {
        let wait = delay.map_or(Ok(std::time::Duration::ZERO), |delay| self.wait(host, delay))?;
        if let Some(id) = message.id {
            self.cancel(id);
        }
        let room = self.machine.queue as usize;
        if wait.is_zero() && self.sent.len() < room {
            self.sent.push_back(Sent::Event(message));
        } else if !wait.is_zero() && self.clock.pending() < room {
            self.clock.send(message, wait);
        } else {
            self.full(host);
        }
        Ok(())
    }

    fn cancel(&mut self, id: SendId) {
        self.clock.cancel_sent(id);
        self.sent.retain(|sent| !matches!(sent, Sent::Event(message) if message.id == Some(id)));
    }

    /// An error of an action: the hook is told; then the event `error`, where somebody waits for it.
    pub(super) fn fail(&mut self, host: &mut dyn Host, error: Error) {
        let problem = self.problem(host, error);
        if self.waits_for_errors {
            self.raise(host, Internal::Failed(problem));
        } else {
            self.report.problems.push(problem);
        }
    }

    /// An error that nobody can take.
    pub(super) fn fail_at_once(&mut self, host: &mut dyn Host, error: Error) {
        let problem = self.problem(host, error);
        self.report.problems.push(problem);
    }

    fn problem(&mut self, host: &mut dyn Host, error: Error) -> Problem {
        host.note(Note::Error(&error));
        self.report.errors += 1;
        Problem { order: self.report.errors, error }
    }

    pub(super) fn overflow(&mut self, host: &mut dyn Host) {
        self.fail(host, Error::Overflow);
    }

    /// The same of an action, which has failed.
    fn overflowed(&mut self, host: &mut dyn Host) -> bool {
        self.overflow(host);
        false
    }

    /// A guard that overflows is false, and an error.
    pub(super) fn guard_overflow(&mut self, host: &mut dyn Host) {
        self.overflow(host);
    }

    pub(super) fn full(&mut self, host: &mut dyn Host) {
        self.fail_at_once(host, Error::QueueFull);
    }
}
