//! Functions that leave whatever is active below a compound state: `exit_below_working`.
//!
//! Part of the Rust back-end, asked by `bodies`: what is active below a transition's source is known at run time only.
//! Each function is made once, however many transitions need it, and none where there is nothing to run.

use std::collections::HashMap;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::blocks;
use super::scope::Scope;
use crate::ir::{Id, StateId};
use crate::names;

/// `exit_below_working`: leaves whatever is active below a compound state.
pub(super) struct Helper {
    /// The function.
    pub(super) name: Ident,
    /// Its code.
    pub(super) code: TokenStream,
}

/// Makes the functions that leave a compound state's descendants, each once.
pub(super) struct Helpers<'s, 'a> {
    pub(super) scope: &'s Scope<'a>,
    pub(super) list: Vec<Helper>,
    names: HashMap<StateId, Option<Ident>>,
}

impl<'s, 'a> Helpers<'s, 'a> {
    pub(super) fn new(scope: &'s Scope<'a>) -> Self {
        Self { scope, list: Vec::new(), names: HashMap::new() }
    }

    /// A call that leaves everything below `state`; empty where nothing there has exit actions.
    pub(super) fn call(&mut self, state: StateId) -> TokenStream {
        let Some(name) = self.name(state) else { return TokenStream::new() };
        let (failed, dot_await) = (self.scope.fallible.then(|| quote!(, failed)), self.scope.dot_await());
        quote!(self.#name(actions #failed) #dot_await;)
    }

    fn name(&mut self, state: StateId) -> Option<Ident> {
        if let Some(known) = self.names.get(&state) {
            return known.clone();
        }
        let machine = self.scope.machine;
        let silent = machine.subtree(state).skip(1).all(|below| machine.states[below].exit.is_empty());
        let name = (!silent).then(|| self.make(state));
        self.names.insert(state, name.clone());
        name
    }

    fn make(&mut self, id: StateId) -> Ident {
        let scope = self.scope;
        let machine = scope.machine;
        let arms: Vec<TokenStream> = machine.states[id]
            .children
            .iter()
            .map(|child| {
                let pattern = scope.variant_path(*child);
                let below = self.call(*child);
                let exit = blocks::block(scope, &machine.states[*child].exit, None);
                let fields = (!machine.states[*child].is_leaf()).then(|| quote!((_)));
                quote!(#pattern #fields => { #below #exit })
            })
            .collect();
        let code = if id == StateId::ROOT {
            quote!(match self.state { #(#arms)* })
        } else {
            let mut pattern = quote!(state);
            for state in machine.chain(id).take_while(|state| *state != StateId::ROOT) {
                let variant = scope.variant_path(state);
                pattern = quote!(#variant(#pattern));
            }
            let inner = quote!(match state { #(#arms)* });
            let is_only_child =
                |state| machine.states[state].parent.is_some_and(|it| machine.states[it].children.len() == 1);
            if machine.chain(id).take_while(|state| *state != StateId::ROOT).all(is_only_child) {
                // It is always active.
                quote!(let #pattern = self.state; #inner)
            } else {
                quote!(if let #pattern = self.state { #inner })
            }
        };
        let base = format!("exit_below_{}", names::snake(&machine.path(id)));
        let unique = self.list.iter().all(|helper| helper.name != base);
        let name = if unique { format_ident!("{base}") } else { format_ident!("{base}_{}", id.index()) };
        self.list.push(Helper { name: name.clone(), code });
        name
    }
}
