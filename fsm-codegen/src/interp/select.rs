//! Selection: which transitions an event, or nothing, sets off (SEMANTICS 3, 10, 13.1, 16.1).
//!
//! Reads only. The answer says too how many guards could not be evaluated; the errors are raised by whoever asked.

use std::collections::{BTreeMap, BTreeSet};

use super::eval::Payload;
use super::tree::Domain;
use super::{Host, Interpreter, Run, known};
use crate::ir::{EventId, Guard, InvokeId, StateId, StateKind, TimerId, TransitionId, Trigger};

/// What may set transitions off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    Event(EventId),
    Error,
    Always,
    Done(StateId),
    Timer(TimerId),
    InvokeDone(InvokeId),
    InvokeError(InvokeId),
}

/// What becomes of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// These are taken, in this order.
    Taken(Vec<TransitionId>),
    Deferred,
    Rejected,
    Unhandled,
}

/// A [`Fate`], and the number of guards that overflowed on the way.
#[derive(Debug)]
pub(super) struct Selection {
    pub(super) fate: Fate,
    pub(super) overflows: usize,
}

/// One state's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Enabled(TransitionId),
    /// There are transitions, and every guard is false.
    False,
    /// There are none.
    Nothing,
}

impl Interpreter<'_> {
    /// Everything that `cause` sets off, conflicts removed.
    pub(super) fn select(&self, host: &mut dyn Host, cause: Cause, payload: &Payload) -> Run<Selection> {
        let mut overflows = 0;
        let fate = match cause {
            Cause::Always => self.select_eventless(host, &mut overflows)?,
            Cause::Event(_) | Cause::Error => self.select_outwards(host, cause, payload, &mut overflows)?,
            // Only the state itself is asked.
            Cause::Done(state) => self.select_in(host, state, cause, payload, &mut overflows)?,
            Cause::Timer(timer) => {
                self.select_in(host, self.machine.timers[timer].state, cause, payload, &mut overflows)?
            }
            Cause::InvokeDone(invoke) | Cause::InvokeError(invoke) => {
                self.select_in(host, self.machine.invokes[invoke].state, cause, payload, &mut overflows)?
            }
        };
        let fate = match fate {
            Fate::Taken(enabled) => Fate::Taken(self.without_conflicts(enabled)),
            other => other,
        };
        Ok(Selection { fate, overflows })
    }

    /// From the leaves outwards; a state is asked only if nothing below it takes the event or defers it.
    fn select_outwards(
        &self,
        host: &mut dyn Host,
        cause: Cause,
        payload: &Payload,
        overflows: &mut usize,
    ) -> Run<Fate> {
        let (mut enabled, mut deferred, mut rejected) = (Vec::new(), false, false);
        // Active states in the order of their ends, children before parents: whatever is open when a state comes that
        // does not lie in it is closed. With each, whether something below has settled the matter.
        let mut open: Vec<(StateId, bool)> = Vec::new();
        let states = self.active.iter().copied().map(Some).chain([None]);
        for next in states {
            while let Some((state, settled)) = open.pop() {
                if next.is_some_and(|next| self.machine.is_descendant(next, state)) {
                    open.push((state, settled));
                    break;
                }
                let mut settled = settled;
                if !settled {
                    match self.answer(host, state, cause, payload, overflows)? {
                        Answer::Enabled(transition) => {
                            enabled.push(transition);
                            settled = true;
                        }
                        answer => {
                            rejected |= answer == Answer::False;
                            if self.defers(state, cause) {
                                deferred = true;
                                settled = true;
                            }
                        }
                    }
                }
                if let Some((_, above)) = open.last_mut() {
                    *above |= settled;
                }
            }
            open.extend(next.map(|next| (next, false)));
        }
        Ok(match (enabled.is_empty(), deferred, rejected) {
            (false, _, _) => Fate::Taken(enabled),
            (true, true, _) => Fate::Deferred,
            (true, false, true) => Fate::Rejected,
            (true, false, false) => Fate::Unhandled,
        })
    }

    fn defers(&self, state: StateId, cause: Cause) -> bool {
        matches!(cause, Cause::Event(event) if self.machine.states[state].defer.contains(&event))
    }

    /// For each active leaf the first from it outwards (SCXML: `selectEventlessTransitions`).
    fn select_eventless(&self, host: &mut dyn Host, overflows: &mut usize) -> Run<Fate> {
        let (mut enabled, mut seen) = (Vec::new(), BTreeSet::new());
        // What is enabled from a state outwards, and how many guards overflow on the way: each leaf asks for itself, and
        // is given the same answer.
        let mut known: BTreeMap<StateId, (Option<TransitionId>, usize)> = BTreeMap::new();
        for leaf in self.leaves() {
            let (mut asked, mut answer) = (Vec::new(), (None, 0));
            for state in self.machine.chain(leaf) {
                if let Some(before) = known.get(&state) {
                    answer = *before;
                    break;
                }
                let mut here = 0;
                let found = self.answer(host, state, Cause::Always, &Payload::None, &mut here)?;
                asked.push((state, here));
                if let Answer::Enabled(transition) = found {
                    answer.0 = Some(transition);
                    break;
                }
            }
            for (state, here) in asked.into_iter().rev() {
                answer.1 += here;
                known.insert(state, answer);
            }
            *overflows += answer.1;
            enabled.extend(answer.0.filter(|found| seen.insert(*found)));
        }
        Ok(if enabled.is_empty() { Fate::Unhandled } else { Fate::Taken(enabled) })
    }

    fn select_in(
        &self,
        host: &mut dyn Host,
        state: StateId,
        cause: Cause,
        payload: &Payload,
        overflows: &mut usize,
    ) -> Run<Fate> {
        if !self.active.contains(&state) {
            return Ok(Fate::Unhandled);
        }
        Ok(match self.answer(host, state, cause, payload, overflows)? {
            Answer::Enabled(transition) => Fate::Taken(vec![transition]),
            Answer::False => Fate::Rejected,
            Answer::Nothing => Fate::Unhandled,
        })
    }

    /// The first transition of `state` whose guard holds.
    fn answer(
        &self,
        host: &mut dyn Host,
        state: StateId,
        cause: Cause,
        payload: &Payload,
        overflows: &mut usize,
    ) -> Run<Answer> {
        let mut answer = Answer::Nothing;
        for id in &self.machine.states[state].transitions {
            let transition = &self.machine.transitions[*id];
            if !self.sets_off(transition.trigger, cause) {
                continue;
            }
            let holds = match &transition.guard {
                None => Some(true),
                Some(guard) => self.guard(host, guard, payload, state)?,
            };
            match holds {
                Some(true) => return Ok(Answer::Enabled(*id)),
                Some(false) => {}
                None => *overflows += 1,
            }
            answer = Answer::False;
        }
        Ok(answer)
    }

    fn sets_off(&self, trigger: Trigger, cause: Cause) -> bool {
        match (trigger, cause) {
            (Trigger::Event(one), Cause::Event(other)) => one == other,
            (Trigger::Pattern(pattern), Cause::Event(event)) => {
                self.machine.patterns[pattern].events.binary_search(&event).is_ok()
            }
            (Trigger::Error, Cause::Error) | (Trigger::Always, Cause::Always) | (Trigger::Done, Cause::Done(_)) => true,
            (Trigger::Timer(one), Cause::Timer(other)) => one == other,
            (Trigger::InvokeDone(one), Cause::InvokeDone(other))
            | (Trigger::InvokeError(one), Cause::InvokeError(other)) => one == other,
            _ => false,
        }
    }

    /// The truth of a guard; `None` where it overflows.
    pub(super) fn guard(
        &self,
        host: &mut dyn Host,
        guard: &Guard,
        payload: &Payload,
        state: StateId,
    ) -> Run<Option<bool>> {
        match guard {
            Guard::Call(id, call) => host.guard(*id, call).map(Some),
            Guard::Expr(expr) => known(self.scope(payload, state).holds(&expr.syntax), expr),
            Guard::Bool(truth) => Ok(Some(*truth)),
            Guard::In(wanted) => Ok(Some(self.active.contains(wanted))),
            Guard::Not(inner) => Ok(self.guard(host, inner, payload, state)?.map(|truth| !truth)),
            Guard::And(all) => self.first_that_is(false, all, host, payload, state),
            Guard::Or(all) => self.first_that_is(true, all, host, payload, state),
        }
    }

    /// Asks until one is `decisive`.
    fn first_that_is(
        &self,
        decisive: bool,
        all: &[Guard],
        host: &mut dyn Host,
        payload: &Payload,
        state: StateId,
    ) -> Run<Option<bool>> {
        for guard in all {
            match self.guard(host, guard, payload, state)? {
                None => return Ok(None),
                Some(truth) if truth == decisive => return Ok(Some(decisive)),
                Some(_) => {}
            }
        }
        Ok(Some(!decisive))
    }

    /// SCXML's `removeConflictingTransitions`. Domains lie in each other or apart, and those kept lie apart, so that the
    /// ones in conflict with another are found by where they begin.
    fn without_conflicts(&self, enabled: Vec<TransitionId>) -> Vec<TransitionId> {
        if enabled.len() < 2 {
            return enabled;
        }
        let mut kept: BTreeMap<StateId, (StateId, TransitionId)> = BTreeMap::new();
        let mut dropped = BTreeSet::new();
        for id in &enabled {
            let Some(domain) = self.domain(*id).filter(|domain| self.leaves_something(*domain)) else { continue };
            let (from, to) = self.range(domain);
            let around = kept.range(..from).next_back().filter(|(_, (end, _))| *end > from);
            let rivals: Vec<(StateId, TransitionId)> =
                around.into_iter().chain(kept.range(from..to)).map(|(start, (_, rival))| (*start, *rival)).collect();
            let source = self.machine.transitions[*id].source;
            let wins = |rival: TransitionId| self.machine.is_descendant(source, self.machine.transitions[rival].source);
            if rivals.iter().all(|(_, rival)| wins(*rival)) {
                for (start, rival) in rivals {
                    kept.remove(&start);
                    dropped.insert(rival);
                }
                kept.insert(from, (to, *id));
            } else {
                dropped.insert(*id);
            }
        }
        enabled.into_iter().filter(|id| !dropped.contains(id)).collect()
    }

    fn leaves_something(&self, domain: Domain) -> bool {
        let (from, to) = self.range(domain);
        self.active.range(from..to).next().is_some()
    }

    /// Whether a state that is not active yet would be complete: see 11.2.
    pub(super) fn is_complete(&self, state: StateId) -> bool {
        match &self.machine.states[state].kind {
            StateKind::Compound(_) => {
                let below =
                    (std::ops::Bound::Excluded(state), std::ops::Bound::Excluded(self.machine.states[state].end));
                // In document order the first active descendant is the active child.
                self.active.range(below).next().is_some_and(|child| self.is_final(*child))
            }
            StateKind::Parallel => self.machine.states[state].children.iter().all(|region| self.is_complete(*region)),
            StateKind::Atomic | StateKind::Final | StateKind::History(_) => false,
        }
    }
}
