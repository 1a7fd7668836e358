//! `DEFINITION`: the machine as static data.
//!
//! Part of the Rust back-end. What diagrams, coverage, tracing and messages read at run time.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::scope::Scope;
use crate::ir::{Id, StateId, StateKind, Trigger};

/// The static.
pub(super) fn emit(scope: &Scope<'_>) -> TokenStream {
    let (core, machine) = (&scope.core, scope.machine);
    let (name, version) = (&machine.name.value, machine.version.as_deref().unwrap_or_default());
    let states = machine.states.enumerated().map(|(id, state)| {
        let path = machine.path(id);
        let parent = index(state.parent.unwrap_or(StateId::ROOT));
        let tags = state.tags.iter().map(|tag| &tag.value);
        let kind = match state.kind {
            StateKind::Atomic => quote!(Atomic),
            StateKind::Compound(_) => quote!(Compound),
            StateKind::Final => quote!(Final),
            _ => unreachable!("resolve gives no other yet"),
        };
        quote!(#core::StateInfo { path: #path, parent: #parent, kind: #core::StateKind::#kind, tags: &[#(#tags),*] })
    });
    let events = machine.events.iter().map(|event| {
        let name = &event.name.value;
        quote!(#core::EventInfo { name: #name })
    });
    let transitions = machine.transitions.iter().map(|transition| {
        let source = index(transition.source);
        let Trigger::Event(event) = transition.trigger else { unreachable!("resolve gives no other yet") };
        let event = index(event);
        let targets = transition.targets.iter().map(|target| index(*target));
        quote! {
            #core::TransitionInfo { source: #source, trigger: #core::Trigger::Event(#event), targets: &[#(#targets),*] }
        }
    });
    quote! {
        #[doc = " The machine as static data."]
        pub static DEFINITION: #core::Definition = #core::Definition {
            name: #name,
            version: #version,
            states: &[#(#states),*],
            events: &[#(#events),*],
            transitions: &[#(#transitions),*],
            hash: 0,
            timers: &[],
            invokes: &[],
        };
    }
}

fn index(id: impl Id) -> Literal {
    Literal::usize_unsuffixed(id.index())
}
