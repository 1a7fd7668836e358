//! What a machine uses of what it can name: events, methods, delays, messages.
//!
//! Below the lints for unused names. One walk over everything that stands in the machine, nested blocks included.

use crate::ir::{
    Action, ActionId, DelayId, EventId, Guard, GuardId, History, Id, IndexVec, Initial, Machine, MessageId, StateKind,
    Trigger, Wait,
};
use fsm_model::gather::Gather as _;

/// For each name whether something uses it.
pub(super) struct Uses {
    /// Events that a transition waits for, or that a state defers.
    pub(super) handled: IndexVec<EventId, bool>,
    /// Events that the machine itself raises or sends.
    pub(super) raised: IndexVec<EventId, bool>,
    pub(super) actions: IndexVec<ActionId, bool>,
    pub(super) guards: IndexVec<GuardId, bool>,
    pub(super) delays: IndexVec<DelayId, bool>,
    pub(super) emits: IndexVec<MessageId, bool>,
}

/// Nothing is used yet.
fn none<I: Id, T>(all: &IndexVec<I, T>) -> IndexVec<I, bool> {
    all.iter().map(|_| false).gather()
}

/// For each event whether a transition waits for it or a state defers it.
pub(super) fn handled(machine: &Machine) -> IndexVec<EventId, bool> {
    let mut handled = none(&machine.events);
    // A pattern may stand in many states: its events are looked at once.
    let mut patterns = none(&machine.patterns);
    for transition in &machine.transitions {
        match transition.trigger {
            Trigger::Event(event) => handled[event] = true,
            Trigger::Pattern(pattern) => patterns[pattern] = true,
            _ => {}
        }
    }
    for (_, pattern) in machine.patterns.enumerated().filter(|(id, _)| patterns[*id]) {
        pattern.events.iter().for_each(|event| handled[*event] = true);
    }
    for state in &machine.states {
        state.defer.iter().for_each(|event| handled[*event] = true);
    }
    handled
}

impl Uses {
    /// Walks the whole machine.
    pub(super) fn of(machine: &Machine) -> Self {
        let mut uses = Self {
            handled: handled(machine),
            raised: none(&machine.events),
            actions: none(&machine.actions),
            guards: none(&machine.guards),
            delays: none(&machine.delays),
            emits: none(&machine.emits),
        };
        for state in &machine.states {
            uses.block(&state.entry);
            uses.block(&state.exit);
            match &state.kind {
                StateKind::Compound(initial) | StateKind::History(History { default: Some(initial), .. }) => {
                    uses.initial(initial);
                }
                _ => {}
            }
        }
        for transition in &machine.transitions {
            uses.block(&transition.actions);
            transition.guard.iter().for_each(|guard| uses.guard(guard));
        }
        machine.timers.iter().for_each(|timer| uses.wait(timer.wait));
        uses
    }

    fn initial(&mut self, initial: &Initial) {
        self.block(&initial.actions);
    }

    fn block(&mut self, block: &[Action]) {
        let mut waiting: Vec<&Action> = block.iter().gather();
        while let Some(action) = waiting.pop() {
            match action {
                Action::Call(id, _) => self.actions[*id] = true,
                Action::Raise(event) => self.raised[event.kind] = true,
                Action::Send { event, delay, .. } => {
                    self.raised[event.kind] = true;
                    if let Some(delay) = delay {
                        self.wait(*delay);
                    }
                }
                Action::Emit(message) => self.emits[message.kind] = true,
                Action::If { guard, then, otherwise } => {
                    self.guard(guard);
                    waiting.extend(then.iter().chain(otherwise));
                }
                Action::Assign(_) | Action::Cancel(_) | Action::Reply(..) | Action::Log(_) => {}
            }
        }
    }

    fn guard(&mut self, guard: &Guard) {
        let mut waiting = vec![guard];
        while let Some(guard) = waiting.pop() {
            match guard {
                Guard::Call(id, _) => self.guards[*id] = true,
                Guard::And(parts) | Guard::Or(parts) => waiting.extend(parts),
                Guard::Not(inner) => waiting.push(inner),
                Guard::Expr(_) | Guard::Bool(_) | Guard::In(_) => {}
            }
        }
    }

    fn wait(&mut self, wait: Wait) {
        if let Wait::Named(delay) = wait {
            self.delays[delay] = true;
        }
    }
}
