//! What an editor follows: each use of a name in `fsm! { … }` stands for an item of the generated module.
//!
//! Part of the Rust back-end. Code that runs is shared and rearranged, so no token of it belongs to one place of the
//! user's. Here each use becomes a path of its own to what it means, with the user's token as its last segment:
//! go-to-definition, hover and rename work on it as on any Rust. Nothing of it is left in the binary. Where the spec
//! stands in a file there are no tokens, and nothing is emitted.

use fsm_model::gather::Gather as _;
use std::collections::BTreeMap;

use proc_macro2::{Ident, Span as RustSpan, TokenStream};
use quote::quote;

use super::scope::Scope;
use super::{form, tokens};
use fsm_model::ir::{Action, Call, Guard, Referent, StateId, StateKind};
use fsm_model::names;
use fsm_model::source::Span;

/// Never named, never called.
pub(super) fn emit(scope: &Scope<'_>) -> TokenStream {
    if !scope.source.has_tokens() {
        return TokenStream::new();
    }
    // A pattern stands for several events, and is looked up for each.
    let uses: BTreeMap<Span, TokenStream> = scope
        .machine
        .references
        .iter()
        .filter_map(|(place, referent)| Some((place, path(scope, place, referent)?)))
        .gather();
    let uses: TokenStream = uses.values().map(|path| quote!(use self::#path as _;)).gather();
    let methods = methods(scope);
    let methods = (!methods.is_empty()).then(|| {
        quote! {
            impl Machine {
                fn references<H: Actions>() {
                    #(let _ = H::#methods;)*
                }
            }
        }
    });
    quote! {
        #[allow(unused_imports, reason = "for editors")]
        const _: () = {
            #uses
        };
        #methods
    }
}

/// The item that a name stands for, the name's own token at its end.
fn path(scope: &Scope<'_>, place: Span, referent: Referent) -> Option<TokenStream> {
    let token = last_token(scope, place)?;
    let at = |ident: &Ident| tokens::written_at(ident.clone(), token);
    match referent {
        Referent::State(state) => {
            let parent = variant_of(scope, state)?;
            let (path, variant) = (&scope.names.types.contents[parent], at(&scope.names.variants[state]));
            Some(quote!(#path::#variant))
        }
        Referent::Event(event) => {
            let variant = at(&scope.names.events[event]);
            Some(quote!(Event::#variant))
        }
        Referent::Message(message) => {
            let variant = at(&scope.names.messages[message]);
            Some(quote!(Message::#variant))
        }
    }
}

/// The parent of a state that is a variant of its parent's enum; regions are fields, and history states nothing.
fn variant_of(scope: &Scope<'_>, state: StateId) -> Option<StateId> {
    let states = &scope.machine.states;
    let parent = states[state].parent?;
    let is_item = !matches!(states[state].kind, StateKind::History(_));
    (is_item && states[parent].kind != StateKind::Parallel).then_some(parent)
}

/// A path ends with the name of the state that it means.
fn last_token(scope: &Scope<'_>, place: Span) -> Option<RustSpan> {
    scope.source.rust(place).map(|(_, last)| last)
}

/// The handlers' methods that actions and guards call, once for each place.
fn methods(scope: &Scope<'_>) -> Vec<Ident> {
    let mut found = BTreeMap::new();
    let mut add = |name: &str, call: &Call| {
        if let Some(token) = last_token(scope, call.name.span) {
            found.entry(call.name.span).or_insert_with(|| tokens::written_at(names::snake_ident(name), token));
        }
    };
    let machine = scope.machine;
    let mut guards: Vec<&Guard> = form::guards(machine).into_iter().map(|(_, guard)| guard).gather();
    for (_, block) in form::blocks(machine) {
        form::each_action(block, &mut |action| {
            if let Action::Call(id, call) = action {
                add(&machine.actions[*id].name.value, call);
            }
        });
    }
    while let Some(guard) = guards.pop() {
        match guard {
            Guard::Call(id, call) => add(&machine.guards[*id].name.value, call),
            Guard::And(all) | Guard::Or(all) => guards.extend(all),
            Guard::Not(inner) => guards.push(inner),
            Guard::Expr(_) | Guard::Bool(_) | Guard::In(_) => {}
        }
    }
    found.into_values().gather()
}
