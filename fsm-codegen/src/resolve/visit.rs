//! Everything that a state does, in the order in which the passes look at it.
//!
//! Needs nothing. What is inferred from uses (events, messages, names of sent events) is found by one walk, so that its
//! order is the same everywhere. The recursion is as deep as actions nest, which every front-end limits.

use crate::ast::{Action, ActionKind, State, Transition};

/// Every transition of a state with a trigger, in the order of [`crate::ir::Machine::transitions`].
pub(super) fn transitions(state: &State) -> impl Iterator<Item = &Transition> {
    let on = state.on.iter().flat_map(|handler| &handler.transitions);
    let timers = state.after.iter().chain(&state.every).flat_map(|(_, transitions)| transitions);
    let invokes = state.invoke.iter().flat_map(|invoke| invoke.on_done.iter().chain(&invoke.on_error));
    on.chain(&state.always).chain(&state.on_done).chain(timers).chain(invokes)
}

/// Calls `visit` for every action of a state, those inside of an `if` behind the `if` itself.
pub(super) fn actions<'a>(state: &'a State, visit: &mut impl FnMut(&'a Action)) {
    let initial = state.initial.iter().map(|initial| &initial.actions);
    let default = state.default.iter().map(|default| &default.actions);
    for block_of in [&state.entry, &state.exit].into_iter().chain(initial).chain(default) {
        block(block_of, visit);
    }
    for transition in transitions(state) {
        block(&transition.actions, visit);
    }
}

/// Calls `visit` for every action of a block.
pub(super) fn block<'a>(actions: &'a [Action], visit: &mut impl FnMut(&'a Action)) {
    for action in actions {
        visit(action);
        if let ActionKind::If { then, otherwise, .. } = &action.kind {
            block(then, visit);
            block(otherwise, visit);
        }
    }
}
