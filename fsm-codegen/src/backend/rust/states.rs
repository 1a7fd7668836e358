//! `State` and `mod state`: nested enums that mirror the hierarchy.
//!
//! Part of the Rust back-end. The enum of a compound state stands beside the module of its children's enums:
//! `State` beside `state`, `state::Working` beside `state::working`.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::scope::Scope;
use super::{docs, lints};
use crate::ir::{Id, StateId};
use crate::names;

/// Everything about states.
pub(super) fn emit(scope: &Scope<'_>) -> TokenStream {
    let tree = compound(scope, StateId::ROOT, &format_ident!("State"), &format_ident!("state"));
    let index = index(scope);
    quote! {
        #tree

        impl State {
            #[doc = " The index in [`DEFINITION`]."]
            const fn index(self) -> usize {
                #index
            }
        }

        #[doc = " The dotted path below the machine, as the spec spells it."]
        impl ::core::fmt::Display for State {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(DEFINITION.states[self.index()].path)
            }
        }
    }
}

/// The enum of a compound state's children, and the module of what lies below them.
fn compound(scope: &Scope<'_>, id: StateId, name: &Ident, module: &Ident) -> TokenStream {
    let state = &scope.machine.states[id];
    let variants = state.children.iter().map(|child| variant(scope, *child, module));
    let below: Vec<_> = state
        .children
        .iter()
        .filter(|child| !scope.machine.states[**child].is_leaf())
        .map(|child| {
            let module = names::snake_ident(&scope.machine.states[*child].name.value);
            compound(scope, *child, &scope.names.variants[*child], &module)
        })
        .collect();
    let path = docs::path(scope, id);
    let docs = if id == StateId::ROOT {
        docs::lines("The configuration: where the machine is.")
    } else {
        docs::lines(&format!("The child of {path} that is active."))
    };
    let module_docs = docs::lines(&format!("What lies below {path}."));
    let module = (!below.is_empty()).then(|| quote!(#module_docs pub mod #module { #(#below)* }));
    let allow = lints::of_enum(&name.to_string(), state.children.iter().map(|child| &scope.names.variants[*child]));
    let serde = scope.serde_derive();
    quote! {
        #docs
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #serde
        #allow
        pub enum #name { #(#variants,)* }
        #module
    }
}

fn variant(scope: &Scope<'_>, id: StateId, module: &Ident) -> TokenStream {
    let state = &scope.machine.states[id];
    let variant = &scope.names.variants[id];
    let place = format!("{}: {}.", docs::path(scope, id), docs::place(scope, state.name.span));
    let docs = docs::described(state.description.as_deref(), &place);
    let rename = scope.serde_rename(variant, &state.name.value);
    let below = (!state.is_leaf()).then(|| quote!((#module::#variant)));
    quote!(#docs #rename #variant #below)
}

/// `state as usize + 1` where no state is nested, else a match.
fn index(scope: &Scope<'_>) -> TokenStream {
    let machine = scope.machine;
    if machine.states[StateId::ROOT].children.iter().all(|child| machine.states[*child].is_leaf()) {
        // Children follow the root in the order of the enum.
        quote!(self as usize + 1)
    } else {
        let arms = index_arms(scope, StateId::ROOT);
        quote!(match self { #arms })
    }
}

fn index_arms(scope: &Scope<'_>, id: StateId) -> TokenStream {
    let arms = scope.machine.states[id].children.iter().map(|child| {
        let path = scope.variant_path(*child);
        if scope.machine.states[*child].is_leaf() {
            let index = proc_macro2::Literal::usize_unsuffixed(child.index());
            quote!(#path => #index,)
        } else {
            let arms = index_arms(scope, *child);
            quote!(#path(state) => match state { #arms },)
        }
    });
    quote!(#(#arms)*)
}
