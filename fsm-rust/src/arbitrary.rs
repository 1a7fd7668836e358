//! `Arbitrary` of proptest for events, where the user wants it.
//!
//! Part of the Rust back-end. Each payload is made of arbitrary values of its fields, `Event` of all payloads alike. What a
//! field's type lacks, rustc says of the type. A machine with generic parameters has no such impls.

use fsm_model::gather::Gather as _;
use proc_macro2::TokenStream;
use quote::quote;

use super::scope::Scope;
use fsm_model::ir::{EventId, Field};
use fsm_model::names;

/// The impls; nothing where nobody asked for them.
pub(super) fn emit(scope: &Scope<'_>) -> TokenStream {
    let machine = scope.machine;
    if !scope.config.proptest || machine.generics.is_some() || machine.events.is_empty() {
        return TokenStream::new();
    }
    let runtime = &scope.config.runtime;
    let payloads = machine.events.ids().map(|id| payload(scope, id));
    let all = machine.events.ids().map(|id| {
        let name = &scope.names.events[id];
        quote!(Strategy::boxed(Strategy::prop_map(any::<event::#name>(), Event::from)))
    });
    let all = implementation(&quote!(Event), &quote!(Union::new([#(#all),*])));
    quote! {
        #[doc = " Events for proptest."]
        mod arbitrary {
            #[allow(unused_imports, clippy::wildcard_imports, reason = "payloads name what the spec names")]
            use super::*;
            #[allow(unused_imports, reason = "not every machine has fields")]
            use #runtime::testing::proptest::{
                arbitrary::{Arbitrary, any},
                strategy::{BoxedStrategy, Just, Strategy, Union},
            };

            #all
            #(#payloads)*
        }
    }
}

fn payload(scope: &Scope<'_>, id: EventId) -> TokenStream {
    let (event, name) = (&scope.machine.events[id], &scope.names.events[id]);
    let strategy = if event.fields.is_empty() {
        quote!(Just(event::#name))
    } else {
        let ty = |field: &Field| {
            let ty = &field.ty.syntax;
            quote!(#ty)
        };
        // Pairs of pairs: there may be more fields than tuples have impls for.
        let types = pairs(event.fields.iter().map(ty));
        let fields: Vec<_> = event.fields.iter().map(|field| names::snake_ident(&field.name.value)).gather();
        let pattern = pairs(fields.iter().map(|field| quote!(#field)));
        quote!(Strategy::prop_map(any::<#types>(), |#pattern| event::#name { #(#fields),* }))
    };
    implementation(&quote!(event::#name), &strategy)
}

/// `(a, (b, c))`.
fn pairs(items: impl DoubleEndedIterator<Item = TokenStream>) -> TokenStream {
    items.rev().reduce(|rest, item| quote!((#item, #rest))).unwrap_or_default()
}

fn implementation(ty: &TokenStream, strategy: &TokenStream) -> TokenStream {
    quote! {
        impl Arbitrary for #ty {
            type Parameters = ();
            type Strategy = BoxedStrategy<Self>;

            fn arbitrary_with((): ()) -> BoxedStrategy<Self> {
                Strategy::boxed(#strategy)
            }
        }
    }
}
