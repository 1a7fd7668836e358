//! The machine's names in Rust, each made once, and where the user wrote them.
//!
//! Part of [`super`]. No two states, and no two timers, have the same name.

use fsm_model::gather::Gather as _;
use std::collections::HashSet;

use proc_macro2::Ident;

use super::mentions::mentioned_idents;
use crate::shape::Types;
use crate::tokens;
use fsm_model::ir::{EventId, IndexVec, Machine, MessageId, Name, StateId, Timer, TimerId};
use fsm_model::names;
use fsm_model::source::Source;

/// The machine's names in Rust.
pub(crate) struct Names {
    /// `robot`.
    pub(crate) module: Ident,
    /// `Robot`, the pair of machine and handlers.
    pub(crate) service: Ident,
    /// The variant of each state; the root's is not used.
    pub(crate) variants: IndexVec<StateId, Ident>,
    /// The types of the states.
    pub(crate) types: Types,
    /// The variant, and the struct, of each event.
    pub(crate) events: IndexVec<EventId, Ident>,
    /// The variant, and the struct, of each message.
    pub(crate) messages: IndexVec<MessageId, Ident>,
    /// The variant of each timer.
    pub(crate) timers: IndexVec<TimerId, Ident>,
    /// A name for each state that no other has, in the manner of a function.
    pub(crate) labels: IndexVec<StateId, String>,
}

impl Names {
    pub(super) fn new(machine: &Machine, source: &Source) -> Self {
        let mut name = names::pascal(&machine.name.value);
        // `Fsm` goes behind a name that the module uses for itself, or that the spec mentions.
        if names::is_taken(&name) || mentioned_idents(machine).contains(&name) {
            name.push_str("Fsm");
        }
        let pascal = |name: &Name| placed(names::pascal_ident(&name.value), name, source);
        let variants: IndexVec<_, _> = machine.states.iter().map(|state| pascal(&state.name)).gather();
        Self {
            module: placed(names::snake_ident(&machine.name.value), &machine.name, source),
            service: placed(names::ident(&name), &machine.name, source),
            types: Types::new(machine, &variants),
            variants,
            events: machine.events.iter().map(|event| pascal(&event.name)).gather(),
            messages: machine.emits.iter().map(|message| pascal(&message.name)).gather(),
            timers: timers(machine),
            labels: labels(machine),
        }
    }
}

/// `ident` where the user wrote the name that it stands for.
pub(super) fn placed(ident: Ident, name: &Name, source: &Source) -> Ident {
    match source.rust(name.span) {
        Some((token, _)) => tokens::written_at(ident, token),
        None => ident,
    }
}

/// `WorkingAfterWatchdog`, `BlinkingEvery1s`.
fn timers(machine: &Machine) -> IndexVec<TimerId, Ident> {
    let mut taken = HashSet::from(["Sent".to_owned()]);
    let name = |timer| names::pascal(&timer_words(machine, timer));
    machine.timers.iter().map(|timer| names::ident(&unique(&mut taken, &name(timer)))).gather()
}

/// `Working after watchdog`.
pub(crate) fn timer_words(machine: &Machine, timer: &Timer) -> String {
    let what = if timer.repeats { "every" } else { "after" };
    let delay = fsm_model::labels::wait(machine, timer.wait);
    let state = if timer.state == StateId::ROOT { String::new() } else { machine.path(timer.state) };
    format!("{state} {what} {delay}")
}

fn labels(machine: &Machine) -> IndexVec<StateId, String> {
    let mut taken = HashSet::new();
    machine.states.ids().map(|state| unique(&mut taken, &names::snake(&machine.path(state)))).gather()
}

/// `name`, with a number behind it where it is taken.
pub(crate) fn unique(taken: &mut HashSet<String>, name: &str) -> String {
    let mut unique = name.to_owned();
    let mut number = 2;
    while !taken.insert(unique.clone()) {
        unique = format!("{name}{number}");
        number += 1;
    }
    unique
}
