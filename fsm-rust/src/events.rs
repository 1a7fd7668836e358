//! `Event` and `mod event`: what the machine can be sent.
//!
//! Part of the Rust back-end. Every event is a variant and a struct of its own, so that `event.job` in an expression
//! is plain Rust and `robot.send(event::Start { … })` reads well.

use fsm_model::gather::Gather as _;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};

use super::scope::Scope;
use super::{attributes, docs, lints, machine, scope as scopes};
use fsm_model::ir::{Event, EventId, Field, Id};
use fsm_model::names;

/// Everything about events.
pub(super) fn emit(scope: &Scope<'_>) -> TokenStream {
    let (types, index) = (types(scope), index(scope));
    quote! {
        #types

        impl Event {
            #[doc = " The index in [`DEFINITION`]."]
            const fn index(&self) -> usize {
                #index
            }
        }
    }
}

/// The types alone.
pub(super) fn types(scope: &Scope<'_>) -> TokenStream {
    let machine = scope.machine;
    let payloads: TokenStream =
        machine.events.enumerated().map(|(id, event)| payload(scope, event, &scope.names.events[id], true)).gather();
    let uses = scopes::uses_of_child(scope, &payloads, 1);
    let variants = machine.events.ids().map(|id| variant(scope, id));
    let conversions = machine.events.ids().map(|id| conversion(scope, id));
    let fillers = machine.events.ids().map(|id| fillers(scope, id));
    let derives = comparable(machine.events.iter().flat_map(|event| &event.fields));
    let allow = lints::of_enum("Event", scope.names.events.iter());
    let serde = scope.serde_derive();
    let tag = (scope.config.serde && !machine.events.is_empty()).then(|| quote!(#[serde(tag = "type")]));
    quote! {
        #[doc = " What the machine can be sent."]
        #[derive(Debug, Clone, PartialEq, #derives)]
        #serde
        #tag
        #allow
        pub enum Event { #(#variants,)* }
        #(#conversions)*
        #(#fillers)*

        #[doc = " The payloads of the events."]
        pub mod event {
            #uses
            #payloads
        }
    }
}

fn index(scope: &Scope<'_>) -> TokenStream {
    if scope.machine.events.is_empty() {
        return quote!(match *self {});
    }
    let arms = scope.machine.events.ids().map(|id| {
        let pattern = scope.event_pattern(id, false);
        let index = proc_macro2::Literal::usize_unsuffixed(id.index());
        quote!(#pattern => #index,)
    });
    quote!(match self { #(#arms)* })
}

fn variant(scope: &Scope<'_>, id: EventId) -> TokenStream {
    let event = &scope.machine.events[id];
    let variant = &scope.names.events[id];
    let docs = docs::lines(&format!("{}: {}.", docs::code(&event.name.value), docs::place(scope, event.name.span)));
    let rename = scope.serde_rename(variant, &event.name.value);
    let payload = (!event.fields.is_empty()).then(|| quote!((event::#variant)));
    quote!(#docs #rename #variant #payload)
}

fn conversion(scope: &Scope<'_>, id: EventId) -> TokenStream {
    let variant = &scope.names.events[id];
    let (param, value) = if scope.machine.events[id].fields.is_empty() {
        (quote!(_), quote!(Self::#variant))
    } else {
        (quote!(payload), quote!(Self::#variant(payload)))
    };
    quote! {
        impl From<event::#variant> for Event {
            fn from(#param: event::#variant) -> Self {
                #value
            }
        }
    }
}

/// Whether a field that a message lacks gets its default: it may have been written before there was one.
fn is_filled(scope: &Scope<'_>, field: &Field) -> bool {
    scope.config.serde && scope.machine.generics.is_none() && field.default.is_some()
}

/// What such a field gets.
fn filler(field: &Field) -> Ident {
    names::ident(&format!("default_{}", names::snake(&field.name.value)))
}

/// The defaults of an event's fields as functions, which is what serde's derive takes. They stand in the machine's own
/// module, where a default can name what the spec's `use` does.
fn fillers(scope: &Scope<'_>, id: EventId) -> Option<TokenStream> {
    let variant = &scope.names.events[id];
    let fields = scope.machine.events[id].fields.iter().filter(|field| is_filled(scope, field));
    let functions: Vec<TokenStream> = fields
        .map(|field| {
            let (name, ty, value) = (filler(field), &field.ty.syntax, machine::default_value(field));
            quote! {
                fn #name() -> #ty {
                    #value
                }
            }
        })
        .gather();
    (!functions.is_empty()).then(|| quote!(impl event::#variant { #(#functions)* }))
}

/// The payload of an event, or of a message; `fill` where a field may be missing that has a default.
pub(super) fn payload(scope: &Scope<'_>, event: &Event, ident: &Ident, fill: bool) -> TokenStream {
    let Event { name, fields, .. } = event;
    let docs = docs::lines(&format!("The payload of {}.", docs::code(&name.value)));
    let serde = scope.serde_derive();
    if fields.is_empty() {
        let head = attributes::with(
            scope,
            name.span,
            &quote!(Debug, Clone, Copy, PartialEq, Eq, Hash),
            &docs,
            &event.attributes,
        );
        return quote! {
            #head
            #serde
            pub struct #ident;
        };
    }
    let derives = comparable(fields.iter());
    let head = attributes::with(scope, name.span, &quote!(Debug, Clone, PartialEq, #derives), &docs, &event.attributes);
    let idents: Vec<Ident> = fields.iter().map(|field| scope.snake(&field.name)).gather();
    let types = fields.iter().map(|field| &*field.ty.syntax);
    let allow = lints::of_struct(&ident.to_string(), idents.iter().zip(types));
    let fields = fields.iter().zip(&idents).map(|(field, name)| {
        let ty = from_below(&field.ty.syntax, 1);
        let docs = docs::lines(&format!("{}.", docs::place(scope, field.name.span)));
        let rename = scope.serde_rename(name, &field.name.value);
        let default = (fill && is_filled(scope, field)).then(|| {
            let path = format!("{ident}::{}", filler(field));
            quote!(#[serde(default = #path)])
        });
        let public = scope.public(&field.name);
        quote!(#docs #rename #default #public #name: #ty)
    });
    quote! {
        #head
        #serde
        #allow
        pub struct #ident { #(#fields,)* }
    }
}

/// `Eq` and `Hash`, where all types are known to have them.
pub(super) fn comparable<'f>(mut fields: impl Iterator<Item = &'f Field>) -> TokenStream {
    if fields.all(|field| is_comparable(&field.ty.syntax)) { quote!(Eq, Hash) } else { TokenStream::new() }
}

/// Whether a type of the standard library has `Eq` and `Hash`; others are not known.
pub(super) fn is_comparable(ty: &syn::Type) -> bool {
    const KNOWN: &[&str] = &[
        "bool", "char", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize",
        "String",
    ];
    matches!(ty, syn::Type::Path(path) if KNOWN.iter().any(|known| path.path.is_ident(known)))
}

/// A type as it must be written some modules further down: `super::Job` becomes `super::super::Job`.
pub(super) fn from_below(ty: &syn::Type, depth: usize) -> TokenStream {
    let mut ty = ty.clone();
    for _ in 0..depth {
        syn::visit_mut::VisitMut::visit_type_mut(&mut Deeper, &mut ty);
    }
    ty.to_token_stream()
}

pub(super) struct Deeper;

impl syn::visit_mut::VisitMut for Deeper {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        syn::visit_mut::visit_path_mut(self, path);
        let Some(first) = path.segments.first_mut().filter(|_| path.leading_colon.is_none()) else { return };
        if first.ident == "self" {
            first.ident = syn::Ident::new("super", first.ident.span());
        } else if first.ident == "super" {
            let segment = first.clone();
            path.segments.insert(0, segment);
        }
    }
}
