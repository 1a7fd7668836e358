//! What a snapshot holds beside configuration, data and context.
//!
//! Part of the Rust back-end, for whoever asks whether a snapshot of one machine fits another (`fsm_codegen::diff`). It is
//! derived from what decides the fields of `Machine`, so that it cannot say anything else.

use super::form::{self, Form};
use fsm_model::gather::Gather as _;
use fsm_model::ir::{Action, EventId, Id, Machine, Unhandled};

/// What a machine takes along in its snapshots; each is a field there, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// There is a memory of history states.
    pub history: bool,
    /// How many sent events can wait for their delay.
    pub delayed: Option<u32>,
    /// How many events can wait for a change of state.
    pub deferred: Option<u32>,
    /// Events of which one can wait, in their order.
    pub events: Vec<EventId>,
}

impl Held {
    /// Of a machine.
    #[must_use]
    pub fn new(machine: &Machine) -> Self {
        let form = Form::new(machine);
        Self {
            history: form.history,
            delayed: form.delayed.then_some(machine.queue),
            deferred: form.defers.then_some(machine.defer_capacity),
            events: events(machine),
        }
    }
}

fn events(machine: &Machine) -> Vec<EventId> {
    let (deferred, delayed) = (deferred(machine), delayed(machine));
    machine.events.ids().filter(|event| deferred[event.index()] || delayed[event.index()]).gather()
}

/// For each event whether it can wait for a change of state.
pub(super) fn deferred(machine: &Machine) -> Vec<bool> {
    let mut waits = vec![machine.unhandled == Unhandled::Defer; machine.events.len()];
    for event in machine.states.iter().flat_map(|state| &state.defer) {
        waits[event.index()] = true;
    }
    waits
}

/// For each event whether it can wait for its delay.
pub(super) fn delayed(machine: &Machine) -> Vec<bool> {
    let mut waits = vec![false; machine.events.len()];
    for (_, block) in form::blocks(machine) {
        form::each_action(block, &mut |action| {
            if let Action::Send { event, delay: Some(_), .. } = action {
                waits[event.kind.index()] = true;
            }
        });
    }
    waits
}
