//! A microstep: one set of transitions is taken (SEMANTICS 5.2, 11, 12, 17), and the end of the machine (2.4).
//!
//! Exit blocks, actions, data, history and configuration, entry blocks, in this order.

use std::collections::{BTreeMap, BTreeSet};

use super::eval::{Payload, fit};
use super::tree::{Domain, Entries};
use super::value::{Type, Value};
use super::{Host, Internal, Interpreter, Note, Run, Sent, Status, known};
use crate::ir::{Field, StateId, StateKind, Supply, TransitionId, Trigger, Wait};

/// How many microsteps a step may take.
pub(super) const LIMIT: usize = 1_000;

/// Data on its way to states that are entered, by state and field.
type Supplied = BTreeMap<(StateId, usize), Value>;

impl<'m> Interpreter<'m> {
    /// Takes the transitions, unless the step has taken too many.
    pub(super) fn take(&mut self, host: &mut dyn Host, taken: &[TransitionId], payload: &Payload) -> Run {
        if self.report.microsteps == LIMIT {
            self.report.livelocked = true;
            return Ok(());
        }
        self.report.microsteps += 1;
        let moves: Vec<(TransitionId, Option<Domain>)> = taken.iter().map(|id| (*id, self.domain(*id))).collect();
        let mut exits = BTreeSet::new();
        for (id, domain) in &moves {
            host.note(Note::Transition(*id));
            self.report.recent.push_back(*id);
            if let Some(domain) = domain {
                let (from, to) = self.range(*domain);
                exits.extend(self.active.range(from..to).copied());
            }
        }
        while self.report.recent.len() > LIMIT {
            self.report.recent.pop_front();
        }
        for state in exits.iter().rev() {
            self.leave(host, *state)?;
        }
        for id in taken {
            let transition = &self.machine.transitions[*id];
            self.block(host, &transition.actions, payload, transition.source)?;
        }
        let supplied = self.supplied_by(host, taken, payload)?;
        for state in &exits {
            self.remember(*state);
        }
        let entries = self.entries(&moves);
        if exits.is_empty() && entries.states.is_empty() {
            self.report.handled = true;
        } else {
            self.report.transitioned = true;
            self.retry.next = 0;
            self.retry.until = self.deferred.len();
        }
        self.replace(host, &exits, &entries, supplied)?;
        self.enter(host, &entries)
    }

    /// What the start enters; no transition is taken, so it is no microstep.
    pub(super) fn take_start(&mut self, host: &mut dyn Host) -> Run {
        self.report.transitioned = true;
        let entries = self.start_entries();
        self.replace(host, &BTreeSet::new(), &entries, Supplied::new())?;
        self.enter(host, &entries)
    }

    /// Exit block, then its timers and invokes end.
    fn leave(&mut self, host: &mut dyn Host, state: StateId) -> Run {
        let left = &self.machine.states[state];
        self.block(host, &left.exit, &Payload::None, state)?;
        self.stop_timers(state);
        self.stop_invokes(host, state);
        Ok(())
    }

    fn stop_timers(&mut self, state: StateId) {
        for timer in &self.machine.states[state].timers {
            self.clock.cancel(*timer);
            self.sent.retain(|sent| !matches!(sent, Sent::Timer(waiting) if waiting == timer));
        }
    }

    fn stop_invokes(&mut self, host: &mut dyn Host, state: StateId) {
        for invoke in self.machine.states[state].invokes.iter().rev() {
            self.to_start.remove(invoke);
            if self.running.remove(invoke) {
                host.note(Note::InvokeCancelled(*invoke));
            }
        }
    }

    /// The data that the transitions supply, from what they see before anything changes.
    fn supplied_by(&mut self, host: &mut dyn Host, taken: &[TransitionId], payload: &Payload) -> Run<Supplied> {
        let mut supplied = Supplied::new();
        for id in taken {
            let transition = &self.machine.transitions[*id];
            self.supply(host, &transition.data, payload, transition.source, &mut supplied)?;
        }
        Ok(supplied)
    }

    fn supply(
        &mut self,
        host: &mut dyn Host,
        values: &'m [Supply],
        payload: &Payload,
        state: StateId,
        supplied: &mut Supplied,
    ) -> Run {
        for Supply { state: target, field, value } in values {
            let field_type = Type::of(&self.machine.states[*target].data[*field].ty.syntax);
            match known(self.scope(payload, state).eval_as(&value.syntax, &field_type), value)? {
                Some(value) => {
                    supplied.insert((*target, *field), value);
                }
                // The field has its default then.
                None => self.overflow(host),
            }
        }
        Ok(())
    }

    /// The new configuration with its data.
    fn replace(
        &mut self,
        host: &mut dyn Host,
        exits: &BTreeSet<StateId>,
        entries: &Entries,
        mut supplied: Supplied,
    ) -> Run {
        for state in exits {
            self.active.remove(state);
            self.data.remove(state);
        }
        self.active.extend(&entries.states);
        for state in &entries.led {
            if let Some(initial) = self.initial(*state) {
                self.supply(host, &initial.data, &Payload::None, *state, &mut supplied)?;
            }
        }
        for (parent, history) in entries.early.values().flatten() {
            self.supply_defaults(host, &[*history], *parent, &mut supplied)?;
        }
        for state in &entries.states {
            let fields = &self.machine.states[*state].data;
            if !fields.is_empty() {
                let value = |(at, field): (usize, &Field)| match supplied.remove(&(*state, at)) {
                    Some(value) => value,
                    None => match entries.restored.get(state).and_then(|data| data.get(at)) {
                        Some(value) => value.clone(),
                        None => self.default_of(field),
                    },
                };
                let data = fields.iter().enumerate().map(value).collect();
                self.data.insert(*state, data);
            }
            if let Some(initial) = self.initial(*state).filter(|_| entries.by_default.contains(state)) {
                self.supply(host, &initial.data, &Payload::None, *state, &mut supplied)?;
            }
            if let Some(histories) = entries.defaults.get(state) {
                self.supply_defaults(host, histories, *state, &mut supplied)?;
            }
        }
        Ok(())
    }

    fn supply_defaults(
        &mut self,
        host: &mut dyn Host,
        histories: &[StateId],
        parent: StateId,
        supplied: &mut Supplied,
    ) -> Run {
        for default in histories.iter().filter_map(|history| self.history_default(*history)).collect::<Vec<_>>() {
            self.supply(host, &default.data, &Payload::None, parent, supplied)?;
        }
        Ok(())
    }

    /// Entry blocks, from the outside in, and what comes with each.
    fn enter(&mut self, host: &mut dyn Host, entries: &Entries) -> Run {
        let mut early = entries.early.iter().peekable();
        let mut states = entries.states.iter().copied().peekable();
        while let Some(state) = states.next() {
            while let Some((_, defaults)) = early.next_if(|(from, _)| **from <= state) {
                for (parent, history) in defaults {
                    self.default_blocks(host, &[*history], *parent)?;
                }
            }
            let entered = &self.machine.states[state];
            self.block(host, &entered.entry, &Payload::None, state)?;
            for timer in &entered.timers {
                self.start_timer(host, *timer)?;
            }
            self.to_start.extend(&entered.invokes);
            if let Some(initial) = self.initial(state).filter(|_| entries.by_default.contains(&state)) {
                self.block(host, &initial.actions, &Payload::None, state)?;
            }
            if let Some(histories) = entries.defaults.get(&state) {
                self.default_blocks(host, histories, state)?;
            }
            if self.is_final(state) {
                self.complete_by(host, state, states.peek().copied())?;
            }
        }
        if self.report.ended.is_some() { self.end(host) } else { Ok(()) }
    }

    fn default_blocks(&mut self, host: &mut dyn Host, histories: &[StateId], parent: StateId) -> Run {
        for default in histories.iter().filter_map(|history| self.history_default(*history)).collect::<Vec<_>>() {
            self.block(host, &default.actions, &Payload::None, parent)?;
        }
        Ok(())
    }

    /// Starts a timer; one that is due at once waits behind what was sent.
    pub(super) fn start_timer(&mut self, host: &mut dyn Host, timer: crate::ir::TimerId) -> Run {
        let wait = self.wait(host, self.machine.timers[timer].wait)?;
        if !wait.is_zero() {
            self.clock.start(timer, wait);
        } else if self.sent.len() < self.machine.queue as usize {
            self.sent.push_back(Sent::Timer(timer));
        } else {
            self.full(host);
        }
        Ok(())
    }

    pub(super) fn wait(&self, host: &mut dyn Host, wait: Wait) -> Run<std::time::Duration> {
        match wait {
            Wait::Fixed(duration) => Ok(duration),
            Wait::Named(delay) => self.machine.delays[delay].duration.map_or_else(|| host.delay(delay), Ok),
        }
    }

    /// A final state was entered: its parent is complete, and perhaps what is around it. `next` is entered next.
    fn complete_by(&mut self, host: &mut dyn Host, state: StateId, next: Option<StateId>) -> Run {
        let Some(parent) = self.machine.states[state].parent else { return Ok(()) };
        if parent == StateId::ROOT {
            self.report.ended = Some(self.output_of(host, state)?);
            return Ok(());
        }
        if self.is_done_awaited(parent) {
            let output = self.output_of(host, state)?;
            self.raise(host, Internal::Done(parent, output));
        }
        let mut region = parent;
        while let Some(around) = self.machine.states[region].parent {
            let is_parallel = self.machine.states[around].kind == StateKind::Parallel;
            let more_to_come = next.is_some_and(|next| next < self.machine.states[around].end);
            if !is_parallel || more_to_come || !self.is_complete(around) {
                break;
            }
            if around == StateId::ROOT {
                self.report.ended = Some(Value::Unit);
                break;
            }
            if self.is_done_awaited(around) {
                self.raise(host, Internal::Done(around, Value::Unit));
            }
            region = around;
        }
        Ok(())
    }

    fn output_of(&mut self, host: &mut dyn Host, state: StateId) -> Run<Value> {
        let Some(output) = &self.machine.states[state].output else { return Ok(Value::Unit) };
        let parent = self.machine.states[state].parent.unwrap_or(StateId::ROOT);
        let ty = if parent == StateId::ROOT { &self.machine.output } else { &self.machine.states[parent].done };
        let ty = ty.as_ref().map_or(Type::Other, |ty| Type::of(&ty.syntax));
        let value = self.scope(&Payload::None, state).eval(&output.syntax).and_then(|value| fit(value, &ty));
        let value = known(value, output)?;
        if value.is_none() {
            self.overflow(host);
        }
        Ok(value.unwrap_or_else(|| ty.default_value()))
    }

    /// Whether `onDone` of that state can take its completion; where there is none it is not even raised.
    fn is_done_awaited(&self, state: StateId) -> bool {
        let mut transitions = self.machine.states[state].transitions.iter();
        transitions.any(|id| self.machine.transitions[*id].trigger == Trigger::Done)
    }

    /// What waits is dropped, everything is left, timers and invokes end.
    fn end(&mut self, host: &mut dyn Host) -> Run {
        self.drop_waiting(host);
        self.deferred.clear();
        self.retry = super::Retry::default();
        let active: Vec<StateId> = self.active.iter().copied().collect();
        for state in active.iter().rev() {
            self.block(host, &self.machine.states[*state].exit, &Payload::None, *state)?;
        }
        // What the exit blocks raised.
        self.drop_waiting(host);
        self.clock.clear();
        for state in active.iter().rev() {
            self.stop_invokes(host, *state);
        }
        self.output = self.report.ended.take();
        self.status = Status::Finished;
        Ok(())
    }

    /// Empties the queues of internal and of sent events.
    pub(super) fn drop_waiting(&mut self, host: &mut dyn Host) {
        for internal in std::mem::take(&mut self.internal) {
            match internal {
                Internal::Raised(event, _) => host.note(Note::Dropped(event)),
                Internal::Done(..) => {}
                Internal::Failed(problem) => self.report.problems.push(problem),
            }
        }
        for sent in std::mem::take(&mut self.sent) {
            if let Sent::Event(message) = sent {
                host.note(Note::Dropped(message.event));
            }
        }
    }
}
