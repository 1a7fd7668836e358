//! What taking one transition does: exits, actions, the change of the configuration, entries.
//!
//! Part of `bodies`, which shares what is equal. The start of the machine is made here too: it is a change of the
//! configuration without a transition.

use fsm_model::gather::Gather as _;
use proc_macro2::TokenStream;
use quote::quote;

use super::{Parts, StepResult};
use crate::entering::{self, Entering};
use crate::place::{self, Place};
use crate::plans::{self, Plan};
use crate::scope::{self, Scope};
use crate::{blocks, leaving, tokens};
use fsm_model::ir::{StateId, StateKind, Transition, TransitionId};

/// Whether the actions of a transition, or the data that it supplies, read its trigger.
pub(crate) fn reads_event(transition: &Transition) -> bool {
    scope::reads_event(&transition.actions)
        || transition.data.iter().any(|supply| tokens::mentions(&supply.value.syntax, "event"))
}

pub(super) fn parts(scope: &Scope<'_>, id: TransitionId, plan: &Plan) -> Parts {
    let transition = &scope.machine.transitions[id];
    let place = Place::of_transition(scope.machine, transition);
    let payload = place.event.filter(|_| reads_event(transition));
    let actions = blocks::block(scope, &transition.actions, place);
    let nothing = TokenStream::new;
    let handled = || Parts {
        exits: nothing(),
        actions: actions.clone(),
        set: nothing(),
        entries: nothing(),
        payload,
        result: StepResult::Handled,
    };
    if !plan.moves {
        return handled();
    }
    let exits = leaving::exits(scope, transition.source, plan.domain);
    if scope.is_plain() {
        let target = transition.target().unwrap_or(transition.source);
        let (entries, result) = enter_leaf(scope, plan.domain, target, place);
        return Parts { exits, entries, result, ..handled() };
    }
    let domain = plan.domain.unwrap_or(StateId::ROOT);
    let (entering, below) = Entering::new(scope, plan.domain, &plan.targets, &transition.data, place);
    let root = plan.domain.is_none().then(|| entering::enter_state(scope, StateId::ROOT));
    let entries = entering.entries(domain, &below);
    let value = entering.value(domain, &below);
    let set = set(scope, place, plan.domain, &value, entering.read());
    let default = plan.default_of.map(|history| {
        let parent = scope.machine.states[history].parent.unwrap_or(StateId::ROOT);
        blocks::block(scope, plans::default_actions(scope.machine, history), Place::of_state(parent))
    });
    Parts { exits, set, entries: quote!(#root #default #entries), result: StepResult::Set, ..handled() }
}

/// Entries and result of a transition to one leaf.
fn enter_leaf(scope: &Scope<'_>, domain: Option<StateId>, target: StateId, place: Place) -> (TokenStream, StepResult) {
    let machine = scope.machine;
    let leaf = machine.default_leaf(target);
    let (entering, below) = Entering::new(scope, domain, &[target], &[], place);
    let mut entries = if domain.is_none() { entering::enter_state(scope, StateId::ROOT) } else { TokenStream::new() };
    entries.extend(entering.entries(domain.unwrap_or(StateId::ROOT), &below));
    if scope.form.engine || !machine.is_top_final(leaf) {
        return (entries, StepResult::Transitioned(Some(leaf)));
    }
    entries.extend(leaving::exits(scope, leaf, None));
    (entries, StepResult::Finished(Some(leaf)))
}

/// The change of the configuration: what is left is remembered, and the domain gets its new content.
fn set(
    scope: &Scope<'_>,
    place: Place,
    domain: Option<StateId>,
    value: &TokenStream,
    read: Vec<StateId>,
) -> TokenStream {
    let records = remember(scope, domain);
    let context = tokens::mentions_tokens(value, "context").then(|| quote!(let context = &self.context;));
    let history = tokens::mentions_tokens(value, "history").then(|| quote!(let history = &self.history;));
    let fault = tokens::mentions_tokens(value, "fault").then(|| {
        let fsm = &scope.core;
        let fail = scope.fail(&quote!(#fsm::Error::Overflow));
        quote!(while run.take_faults() > 0 { #fail })
    });
    let at = domain.filter(|domain| *domain != StateId::ROOT);
    let change = match at {
        None => quote!(self.state = entered;),
        Some(domain) => {
            let pattern = scope.content_pattern(domain, &quote!(place));
            scope.with_pattern(domain, &pattern, &quote!(&mut self.state), &quote!(*place = entered;))
        }
    };
    let code = quote! {
        #context
        #history
        let entered = #value;
        #fault
        #change
    };
    let code = place::bind(scope, place, code).and(read);
    let bound = !code.owners.is_empty();
    let code = code.statements(scope, false);
    if records.is_empty() && bound {
        return code;
    }
    // What remembers borrows all of the machine.
    quote!({ #records #code })
}

/// What is left is remembered, in a function where that is long.
fn remember(scope: &Scope<'_>, domain: Option<StateId>) -> TokenStream {
    let code = records(scope, domain);
    let what = if domain.is_some() { "remember_below" } else { "remember" };
    let name = format!("{what}_{}", scope.names.labels[domain.unwrap_or(StateId::ROOT)]);
    match scope.shared.function(scope, &name, &code, |name| quote!(fn #name(&mut self) { #code })) {
        Some(name) => quote!(self.#name();),
        None => code,
    }
}

/// What is left is remembered: by the histories of every state below the domain, and of the machine where it is left.
fn records(scope: &Scope<'_>, domain: Option<StateId>) -> TokenStream {
    let machine = scope.machine;
    let left = machine.subtree(domain.unwrap_or(StateId::ROOT)).skip(usize::from(domain.is_some()));
    left.flat_map(|state| machine.states[state].histories.iter().map(move |history| (state, *history)))
        .map(|(parent, history)| record(scope, parent, history))
        .gather()
}

fn record(scope: &Scope<'_>, parent: StateId, history: StateId) -> TokenStream {
    let slot = scope.slot(history);
    let machine = scope.machine;
    if scope.keeps_content(history) {
        let content = if scope.form.data { quote!(content.clone()) } else { quote!(*content) };
        if parent == StateId::ROOT {
            return quote!({ let content = &self.state; self.history.#slot = Some(#content); });
        }
        let pattern = scope.content_pattern(parent, &quote!(content));
        let code = quote!(self.history.#slot = Some(#content););
        return scope.with_pattern(parent, &pattern, &quote!(&self.state), &code);
    }
    if machine.states[parent].kind == StateKind::Parallel {
        let pattern = scope.active(parent);
        if scope.is_always_active(parent) {
            return quote!(self.history.#slot = Some(0););
        }
        return quote!(if matches!(self.state, #pattern) { self.history.#slot = Some(0); });
    }
    let arms = machine.states[parent].children.iter().map(|child| {
        let (pattern, number) = (scope.active(*child), entering::number(scope, *child));
        quote!(#pattern => self.history.#slot = Some(#number),)
    });
    let rest = (!scope.is_always_active(parent)).then(|| quote!(_ => {}));
    quote!(match self.state { #(#arms)* #rest })
}

/// The entry blocks of the start, the change of the configuration before them, and the leaf that it ends in where
/// there is only one way.
pub(crate) fn start(scope: &Scope<'_>) -> (TokenStream, TokenStream) {
    let place = Place::of_state(StateId::ROOT);
    let (entering, below) = Entering::new(scope, None, &[StateId::ROOT], &[], place);
    let root = entering::enter_state(scope, StateId::ROOT);
    let entries = entering.entries(StateId::ROOT, &below);
    (quote!(#root #entries), entering.value(StateId::ROOT, &below))
}
