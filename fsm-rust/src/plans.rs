//! The ways in which a transition can be taken.
//!
//! Part of the Rust back-end. A transition is taken in one way, with one domain, unless it targets a history state of a
//! state around its own source: then what is remembered decides how far out it goes (SEMANTICS.md, 5.3 and 12.4), and
//! there is a plan for each answer.

use proc_macro2::TokenStream;
use quote::quote;

use super::entering;
use super::scope::Scope;
use fsm_model::ir::{Action, Machine, StateId, StateKind, TransitionId};

/// One way of taking a transition.
pub(super) struct Plan {
    /// What has to hold; `None` for the last one.
    pub(super) condition: Option<TokenStream>,
    /// The innermost state that stays active; `None` where the machine itself is left.
    pub(super) domain: Option<StateId>,
    /// What is entered, as targets.
    pub(super) targets: Vec<StateId>,
    /// Whether anything is left and entered.
    pub(super) moves: bool,
    /// The history state whose default leads inside of the domain: its actions run before the entries.
    pub(super) default_of: Option<StateId>,
}

/// The plans of a transition.
pub(super) fn of(scope: &Scope<'_>, id: TransitionId) -> Vec<Plan> {
    let machine = scope.machine;
    let transition = &machine.transitions[id];
    let (source, reenter) = (transition.source, transition.reenter);
    let mut plans = Vec::new();
    if let [history] = transition.targets[..]
        && let Some(parent) = machine.states[history].parent
        && let StateKind::History(_) = machine.states[history].kind
        && machine.is_descendant(source, parent)
    {
        remembered(scope, source, reenter, history, &mut plans);
    }
    plans.push(plan(machine, source, reenter, transition.targets.clone()));
    plans
}

fn plan(machine: &Machine, source: StateId, reenter: bool, targets: Vec<StateId>) -> Plan {
    let domain = domain(machine, source, &targets, reenter);
    let still = targets.is_empty() || (domain == Some(source) && machine.states[source].children.is_empty());
    Plan { condition: None, domain, targets, moves: !still, default_of: None }
}

/// The innermost state that stays active while a transition from `source` to `targets` is taken.
fn domain(machine: &Machine, source: StateId, targets: &[StateId], reenter: bool) -> Option<StateId> {
    let inside = |target: &StateId| *target == source || machine.is_descendant(*target, source);
    if !reenter && targets.iter().all(inside) {
        return Some(source);
    }
    let mut around = machine.chain(source).skip(1);
    let common = around.find(|around| targets.iter().all(|target| machine.is_descendant(*target, *around)));
    common.or((!reenter).then_some(StateId::ROOT))
}

/// Plans for a history of a state around the source: those in which not all of that state is left.
fn remembered(scope: &Scope<'_>, source: StateId, reenter: bool, history: StateId, plans: &mut Vec<Plan>) {
    let machine = scope.machine;
    let slot = scope.slot(history);
    let Some(parent) = machine.states[history].parent else { return };
    let inner = |state: StateId| {
        let inner = if scope.carries(state) { quote!(_) } else { TokenStream::new() };
        scope.pattern(parent, state, inner)
    };
    if scope.is_deep(history) {
        let first = machine.chain(source).skip(usize::from(reenter));
        for state in first.take_while(|state| *state != parent) {
            // Where a parallel state lies between, what is remembered lies in its other regions as well.
            let between = machine.chain(state).skip(1).take_while(|around| *around != parent);
            let alone = between.chain([parent]).all(|around| machine.states[around].kind != StateKind::Parallel);
            if alone {
                let pattern = inner(state);
                let condition = Some(quote!(matches!(self.history.#slot, Some(#pattern))));
                let moves = !machine.states[state].children.is_empty();
                plans.push(Plan { condition, domain: Some(state), targets: vec![history], moves, default_of: None });
            }
        }
    } else if !reenter
        && machine.states[source].parent == Some(parent)
        && machine.states[parent].kind != StateKind::Parallel
    {
        let pattern = if scope.keeps_content(history) {
            inner(source)
        } else {
            let number = entering::number(scope, source);
            quote!(#number)
        };
        let condition = Some(quote!(matches!(self.history.#slot, Some(#pattern))));
        plans.push(Plan { condition, ..plan(machine, source, reenter, vec![source]) });
    }
    let StateKind::History(found) = &machine.states[history].kind else { return };
    let targets = match (&found.default, &machine.states[parent].kind) {
        (Some(default), _) => default.targets.clone(),
        (None, StateKind::Compound(initial)) => initial.targets.clone(),
        (None, _) => return,
    };
    let by_default = plan(machine, source, reenter, targets);
    if by_default.domain != Some(parent) && by_default.domain.is_some_and(|it| machine.is_descendant(it, parent)) {
        let condition = Some(quote!(self.history.#slot.is_none()));
        plans.push(Plan { condition, default_of: Some(history), ..by_default });
    }
}

/// The actions of the default of a history state.
pub(super) fn default_actions(machine: &Machine, history: StateId) -> &[Action] {
    match &machine.states[history].kind {
        StateKind::History(found) => found.default.as_ref().map_or(&[], |default| &default.actions),
        _ => &[],
    }
}
