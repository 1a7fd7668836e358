//! What is entered, as code that runs: the entry blocks, from the outside in.
//!
//! Part of `entering`. It runs when the configuration is already the new one.

use fsm_model::gather::Gather as _;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::{Below, Entering, Memory, Node};
use crate::place::Place;
use crate::scope::Scope;
use crate::{blocks, completion, execute, leaving};
use fsm_model::ir::{Action, Id, StateId};

impl Entering<'_, '_> {
    /// The entry blocks of what is entered below `state`, in a function where they are long and may be many.
    pub(crate) fn entries(&self, state: StateId, below: &Below<'_>) -> TokenStream {
        let scope = self.scope;
        let code = self.blocks(state, below);
        if !matches!(below, Below::Regions(_) | Below::Remembered(_)) {
            return code;
        }
        let name = format!("enter_below_{}", scope.names.labels[state]);
        match scope.shared.function(scope, &name, &code, |name| execute::function(scope, name, &code)) {
            Some(name) => {
                let (args, dot_await) = (scope.args(), scope.dot_await());
                quote!(self.#name(#args) #dot_await;)
            }
            None => code,
        }
    }

    fn blocks(&self, state: StateId, below: &Below<'_>) -> TokenStream {
        match below {
            Below::Leaf => TokenStream::new(),
            Below::Initial(initial, below) => {
                let (block, entries) = (self.block(&initial.actions, state), self.entries(state, below));
                quote!(#block #entries)
            }
            Below::Child(node) => self.enter(node),
            Below::Regions(nodes) => nodes.iter().map(|node| self.enter(node)).gather(),
            Below::Remembered(memory) => self.restore(state, memory),
        }
    }

    /// One state and what lies below it.
    fn enter(&self, node: &Node<'_>) -> TokenStream {
        let own = enter_state(self.scope, node.state);
        let complete = completion::entered(self.scope, node.state, self.domain);
        let below = self.entries(node.state, &node.below);
        quote!(#own #complete #below)
    }

    fn block(&self, actions: &[Action], state: StateId) -> TokenStream {
        blocks::block(self.scope, actions, Place::of_state(state))
    }

    fn restore(&self, state: StateId, memory: &Memory<'_>) -> TokenStream {
        let scope = self.scope;
        let slot = scope.slot(memory.history);
        let parent = scope.machine.states[memory.history].parent.unwrap_or(StateId::ROOT);
        let actions = memory.default.map(|default| self.block(&default.actions, parent));
        let otherwise = self.entries(state, &memory.otherwise);
        let otherwise = quote!(#actions #otherwise);
        if scope.is_deep(memory.history) {
            let again = leaving::reenter(scope, state);
            if again.is_empty() && otherwise.is_empty() {
                return TokenStream::new();
            }
            let otherwise = (!otherwise.is_empty()).then(|| quote!(else { #otherwise }));
            return quote!(if self.history.#slot.is_some() { #again } #otherwise);
        }
        if let Some(regions) = &memory.regions {
            let again = self.entries(state, regions);
            if again.is_empty() && otherwise.is_empty() {
                return TokenStream::new();
            }
            // Where the default does nothing of its own, both ways are one.
            if again.to_string() == otherwise.to_string() {
                return again;
            }
            return quote!(if self.history.#slot.is_some() { #again } else { #otherwise });
        }
        if memory.children.is_empty() {
            // Regions are entered by default, whether remembered or not.
            let actions = actions.filter(|actions| !actions.is_empty());
            let actions = actions.map(|actions| quote!(if self.history.#slot.is_none() { #actions }));
            let entries = self.entries(state, &memory.otherwise);
            return quote!(#actions #entries);
        }
        let arms: Vec<(TokenStream, TokenStream)> = memory
            .children
            .iter()
            .map(|node| (scope.active(node.state), self.enter(node)))
            .filter(|(_, code)| !code.is_empty())
            .gather();
        if arms.is_empty() && otherwise.is_empty() {
            return TokenStream::new();
        }
        let again = match arms.as_slice() {
            [] => TokenStream::new(),
            [(pattern, code)] => quote!(if matches!(self.state, #pattern) { #code }),
            _ => {
                let arms = arms.iter().map(|(pattern, code)| quote!(#pattern => { #code }));
                let all = arms.len() == memory.children.len() && scope.is_always_active(state);
                let rest = (!all).then(|| quote!(_ => {}));
                quote!(match self.state { #(#arms)* #rest })
            }
        };
        let otherwise = (!otherwise.is_empty()).then(|| quote!(else { #otherwise }));
        quote!(if self.history.#slot.is_some() { #again } #otherwise)
    }
}

/// What entering one state does: its entry block, then its timers start and its invokes are wanted.
pub(crate) fn enter_state(scope: &Scope<'_>, state: StateId) -> TokenStream {
    let found = &scope.machine.states[state];
    let block = blocks::block(scope, &found.entry, Place::of_state(state));
    let timers = found.timers.iter().map(|timer| {
        let variant = &scope.names.timers[*timer];
        let (slot, delay) =
            (Literal::usize_unsuffixed(timer.index()), blocks::duration(scope, scope.machine.timers[*timer].wait));
        quote! {
            let delay = #delay;
            self.start_timer(run, actions, driver, Timer::#variant, #slot, delay);
        }
    });
    let fsm = &scope.core;
    let invokes = found.invokes.iter().map(|invoke| {
        let slot = Literal::usize_unsuffixed(invoke.index());
        quote!(self.invokes[#slot] = #fsm::Slot::Wanted;)
    });
    quote!(#block #(#timers)* #(#invokes)*)
}
