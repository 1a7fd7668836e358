//! What is left with a transition, and functions that leave, or enter again, whatever is active below a state.
//!
//! Part of the Rust back-end, asked by `bodies`: what is active below a transition's source is known at run time only.
//! `exit_below_working` runs the exit blocks in reverse document order, `reenter_working` the entry blocks of what a deep
//! history put there. Each function is made once, and none where there is nothing to run.

use fsm_model::gather::Gather as _;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::place::Place;
use super::scope::Scope;
use super::{blocks, completion, entering, execute};
use fsm_model::ir::{Id, StateId, StateKind};

/// The exit blocks of everything active below `domain` when a transition of `source` is taken; of the machine itself
/// too, where there is no domain.
pub(super) fn exits(scope: &Scope<'_>, source: StateId, domain: Option<StateId>) -> TokenStream {
    let left = || scope.machine.chain(source).take_while(|state| Some(*state) != domain);
    if left().any(|state| scope.is_region(state)) {
        // Other regions are left as well.
        let below = exit_below(scope, domain.unwrap_or(StateId::ROOT));
        let root = domain.is_none().then(|| leave_state(scope, StateId::ROOT));
        return quote!(#below #root);
    }
    let below = exit_below(scope, source);
    let chain = left().map(|state| leave_state(scope, state));
    quote!(#below #(#chain)*)
}

/// What leaving one state does: its exit block, then its timers and its invokes are cancelled.
pub(super) fn leave_state(scope: &Scope<'_>, state: StateId) -> TokenStream {
    let found = &scope.machine.states[state];
    let block = blocks::block(scope, &found.exit, Place::of_state(state));
    let timers = found.timers.iter().map(|timer| {
        let (variant, slot) = (&scope.names.timers[*timer], Literal::usize_unsuffixed(timer.index()));
        quote!(self.stop_timer(driver, Timer::#variant, #slot);)
    });
    let invokes = found.invokes.iter().rev().map(|invoke| {
        let slot = Literal::usize_unsuffixed(invoke.index());
        quote!(self.stop_invoke(driver, #slot);)
    });
    quote!(#block #(#timers)* #(#invokes)*)
}

/// A call that leaves everything active below `state`; empty where nothing there has anything to do.
pub(super) fn exit_below(scope: &Scope<'_>, state: StateId) -> TokenStream {
    if scope.silent.exits[state] { TokenStream::new() } else { call(scope, "exit_below", state) }
}

/// A call that enters again everything active below `state`.
pub(super) fn reenter(scope: &Scope<'_>, state: StateId) -> TokenStream {
    if scope.silent.entries[state] { TokenStream::new() } else { call(scope, "reenter", state) }
}

fn enter_again(scope: &Scope<'_>, state: StateId) -> TokenStream {
    let entry = entering::enter_state(scope, state);
    // What is entered here is entered as a whole.
    let domain = scope.machine.states[state].parent.unwrap_or(StateId::ROOT);
    let complete = completion::entered(scope, state, domain);
    quote!(#entry #complete)
}

fn name(scope: &Scope<'_>, what: &str, state: StateId) -> Ident {
    format_ident!("{what}_{}", scope.names.labels[state])
}

fn call(scope: &Scope<'_>, what: &str, state: StateId) -> TokenStream {
    let (name, args, dot_await) = (name(scope, what, state), scope.args(), scope.dot_await());
    quote!(self.#name(#args) #dot_await;)
}

/// All functions of this kind.
pub(super) fn functions(scope: &Scope<'_>) -> TokenStream {
    let machine = scope.machine;
    let around = machine.states.enumerated().filter(|(_, state)| !state.children.is_empty());
    let mut functions = TokenStream::new();
    for (id, _) in around {
        if !exit_below(scope, id).is_empty() {
            let code = each_child(scope, id, true, |child| {
                let (below, own) = (exit_below(scope, child), leave_state(scope, child));
                quote!(#below #own)
            });
            functions.extend(execute::function(scope, &name(scope, "exit_below", id), &code));
        }
        let remembered = machine.chain(id).any(|state| {
            let histories = &machine.states[state].histories;
            histories.iter().any(|history| scope.is_deep(*history))
        });
        if remembered && !reenter(scope, id).is_empty() {
            let code = each_child(scope, id, false, |child| {
                let (own, below) = (enter_again(scope, child), reenter(scope, child));
                quote!(#own #below)
            });
            functions.extend(execute::function(scope, &name(scope, "reenter", id), &code));
        }
    }
    functions
}

/// Code for the active child of a compound state, or for each region of a parallel one.
fn each_child(scope: &Scope<'_>, id: StateId, reverse: bool, code: impl Fn(StateId) -> TokenStream) -> TokenStream {
    let children = &scope.machine.states[id].children;
    if scope.machine.states[id].kind == StateKind::Parallel {
        let mut codes: Vec<TokenStream> = children.iter().map(|region| code(*region)).gather();
        if reverse {
            codes.reverse();
        }
        return codes.into_iter().gather();
    }
    let arms: Vec<(TokenStream, TokenStream)> =
        children.iter().map(|child| (scope.active(*child), code(*child))).filter(|(_, code)| !code.is_empty()).gather();
    let always = scope.is_always_active(id);
    // Other states around may be active instead, or other children that have nothing to do.
    let otherwise = (!always || arms.len() < children.len()).then(|| quote!(_ => {}));
    match (arms.as_slice(), &otherwise) {
        ([(_, code)], None) => code.clone(),
        ([(pattern, code)], Some(_)) => quote!(if matches!(self.state, #pattern) { #code }),
        _ => {
            let arms = arms.iter().map(|(pattern, code)| quote!(#pattern => { #code }));
            quote!(match self.state { #(#arms)* #otherwise })
        }
    }
}
