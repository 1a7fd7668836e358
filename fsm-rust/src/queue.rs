//! What waits inside of a machine, and what it starts outside: the types of the form with a loop.
//!
//! Part of the Rust back-end. Each type stands only where the machine has something of the kind.

use fsm_model::gather::Gather as _;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::scope::{self, Scope};
use super::{actions, completion, docs, engine, events, execute, lints};
use fsm_model::ir::StateKind;
use fsm_model::names;

/// All of them.
pub(super) fn emit(scope: &Scope<'_>) -> TokenStream {
    let parts =
        [internal(scope), sent(scope), timers(scope), invokes(scope), messages(scope), replies(scope), history(scope)];
    quote!(#(#parts)*)
}

/// serde's derive for types that only snapshots hold.
fn serde(scope: &Scope<'_>) -> TokenStream {
    scope.serde_derive()
}

fn internal(scope: &Scope<'_>) -> TokenStream {
    if !scope.form.queue {
        return TokenStream::new();
    }
    let (fsm, size) = (&scope.core, Literal::u32_unsuffixed(scope.machine.queue));
    let error = scope.form.error_event.then(|| {
        let error = execute::step_error(scope);
        quote! {
            #[doc = " An action failed."]
            Error(u32, #error),
        }
    });
    let done = engine::done_states(scope).map(|state| {
        let variant = completion::done_variant(scope, state);
        let docs = docs::lines(&format!("{} is complete.", docs::path(scope, state)));
        let output = scope.machine.states[state].done.as_ref().map(|ty| {
            let ty = &ty.syntax;
            quote!((#fsm::Done<#ty>))
        });
        quote!(#docs #variant #output,)
    });
    quote! {
        #[doc = " An event that the machine raises for itself."]
        enum Internal {
            #[doc = " As an action raised it."]
            Event(Event),
            #error
            #(#done)*
        }

        #[doc = " Internal events that wait for their turn. Between two steps there is none."]
        #[derive(Default)]
        pub struct Queue {
            ring: #fsm::Ring<Internal, #size>,
            full: bool,
        }

        #[doc = " What waits inside of a step does not go with a copy of the machine."]
        impl Clone for Queue {
            fn clone(&self) -> Self {
                Self::default()
            }
        }

        impl PartialEq for Queue {
            fn eq(&self, _: &Self) -> bool {
                true
            }
        }

        impl ::core::fmt::Debug for Queue {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                write!(f, "Queue({})", self.ring.len())
            }
        }

        impl Queue {
            #[doc = " Puts an event at the end. One that does not fit is lost, and makes an error of the step."]
            pub fn raise(&mut self, event: impl Into<Event>) {
                if self.push(Internal::Event(event.into())).is_err() {
                    self.full = true;
                }
            }

            fn push(&mut self, internal: Internal) -> Result<(), Internal> {
                self.ring.push(internal)
            }

            fn pop(&mut self) -> Option<Internal> {
                self.ring.pop()
            }
        }
    }
}

fn sent(scope: &Scope<'_>) -> TokenStream {
    let due = scope.form.due.then(|| {
        let timer = scope.form.has_timers().then(|| {
            quote! {
                #[doc = " A timer without delay, under its generation."]
                Timer(Timer, u32),
            }
        });
        quote! {
            #[doc = " What is due in this step."]
            #[derive(Debug, Clone, PartialEq)]
            enum Due {
                #[doc = " An event, with the number under which it can be cancelled."]
                Event(usize, Event),
                #timer
            }
        }
    });
    let delayed = delayed(scope);
    quote!(#due #delayed)
}

/// What a snapshot holds of sent events.
pub(super) fn delayed(scope: &Scope<'_>) -> Option<TokenStream> {
    let (serde, inner) = (serde(scope), &scope.inner);
    scope.form.delayed.then(|| {
        quote! {
            #[doc = " An event that waits for its delay."]
            #[derive(Debug, Clone, PartialEq)]
            #serde
            #inner struct Delayed {
                #inner generation: u32,
                #inner id: usize,
                #inner event: Event,
            }
        }
    })
}

fn timers(scope: &Scope<'_>) -> TokenStream {
    if !scope.form.has_timers() {
        return TokenStream::new();
    }
    let serde = serde(scope);
    let variants = scope.machine.timers.enumerated().map(|(id, timer)| {
        let variant = &scope.names.timers[id];
        let docs = docs::lines(&format!("Of {}: {}.", docs::path(scope, timer.state), docs::place(scope, timer.span)));
        quote!(#docs #variant,)
    });
    let sent = scope.form.delayed.then(|| {
        quote! {
            #[doc = " An event that was sent with a delay."]
            Sent,
        }
    });
    let allow = lints::of_enum("Timer", scope.names.timers.iter());
    quote! {
        #[doc = " The timers of the machine."]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #serde
        #allow
        pub enum Timer { #(#variants)* #sent }
    }
}

fn invokes(scope: &Scope<'_>) -> TokenStream {
    if !scope.form.invokes {
        return TokenStream::new();
    }
    let error = &scope.error;
    let variants: Vec<_> = scope.machine.tasks.iter().map(|task| names::pascal_ident(&task.method.name.value)).gather();
    let starts = scope.machine.tasks.iter().zip(&variants).map(|(task, variant)| {
        let docs = docs::lines(&format!("{}.", docs::code(&task.method.name.value)));
        let types = actions::types(scope, &task.method);
        let params = task.method.params.iter().zip(types).map(|(param, ty)| {
            let (name, docs) = (names::ident(&param.name), docs::lines(&format!("{}.", docs::code(&param.name))));
            quote!(#docs #name: #ty)
        });
        let params: Vec<TokenStream> = params.gather();
        let fields = (!params.is_empty()).then(|| quote!({ #(#params),* }));
        quote!(#docs #variant #fields,)
    });
    let ends = scope.machine.tasks.iter().zip(&variants).map(|(task, variant)| {
        let docs = docs::lines(&format!("Of {}.", docs::code(&task.method.name.value)));
        let output = task.output.as_ref().map_or_else(
            || quote!(()),
            |ty| {
                let ty = &ty.syntax;
                quote!(#ty)
            },
        );
        let result = if scope.machine.error.is_some() { quote!(Result<#output, #error>) } else { output };
        quote!(#docs #variant(#result),)
    });
    let (allow, allow_done) = (lints::of_enum("Invoke", variants.iter()), lints::of_enum("Done", variants.iter()));
    quote! {
        #[doc = " What the machine runs beside itself, with its inputs."]
        #[derive(Debug, Clone, PartialEq)]
        #allow
        pub enum Invoke { #(#starts)* }

        #[doc = " What such a run gives."]
        #[derive(Debug)]
        #allow_done
        pub enum Done { #(#ends)* }
    }
}

fn messages(scope: &Scope<'_>) -> TokenStream {
    let machine = scope.machine;
    if machine.emits.is_empty() {
        return TokenStream::new();
    }
    let payloads: TokenStream = machine
        .emits
        .enumerated()
        .filter(|(_, message)| !message.fields.is_empty())
        .map(|(id, message)| events::payload(scope, message, &scope.names.messages[id], false))
        .gather();
    let uses = scope::uses_of_child(scope, &payloads, 1);
    let variants = machine.emits.enumerated().map(|(id, message)| {
        let variant = &scope.names.messages[id];
        let place = docs::place(scope, message.name.span);
        let docs = docs::lines(&format!("{}: {place}.", docs::code(&message.name.value)));
        let rename = scope.serde_rename(variant, &message.name.value);
        let payload = (!message.fields.is_empty()).then(|| quote!((message::#variant)));
        quote!(#docs #rename #variant #payload)
    });
    let derives = events::comparable(machine.emits.iter().flat_map(|message| &message.fields));
    let serde = scope.serde_derive();
    let tag = scope.config.serde.then(|| quote!(#[serde(tag = "type")]));
    let allow = lints::of_enum("Message", scope.names.messages.iter());
    let module = (!payloads.is_empty()).then(|| {
        quote! {
            #[doc = " The payloads of the messages."]
            pub mod message {
                #uses
                #payloads
            }
        }
    });
    quote! {
        #[doc = " What the machine tells the outside."]
        #[derive(Debug, Clone, PartialEq, #derives)]
        #serde
        #tag
        #allow
        pub enum Message { #(#variants,)* }
        #module
    }
}

fn replies(scope: &Scope<'_>) -> TokenStream {
    let replies: Vec<_> = scope.machine.events.enumerated().filter(|(_, event)| event.reply.is_some()).gather();
    if replies.is_empty() {
        return TokenStream::new();
    }
    let variants = replies.iter().map(|(id, event)| {
        let (variant, ty) = (&scope.names.events[*id], event.reply.as_ref().map(|ty| &ty.syntax));
        let docs = docs::lines(&format!("To {}.", docs::code(&event.name.value)));
        quote!(#docs #variant(#ty),)
    });
    let allow = lints::of_enum("Reply", replies.iter().map(|(id, _)| &scope.names.events[*id]));
    quote! {
        #[doc = " What the machine answers."]
        #[derive(Debug, Clone, PartialEq)]
        #allow
        pub enum Reply { #(#variants)* }
    }
}

/// What a snapshot holds of history states.
pub(super) fn history(scope: &Scope<'_>) -> TokenStream {
    if !scope.form.history {
        return TokenStream::new();
    }
    let machine = scope.machine;
    let histories = || machine.states.enumerated().filter(|(_, state)| matches!(state.kind, StateKind::History(_)));
    let slots: Vec<_> = histories().map(|(id, _)| scope.slot(id)).gather();
    let option: syn::Type = syn::parse_quote!(Option<u8>);
    let allow = lints::of_struct("History", slots.iter().map(|slot| (slot, &option)));
    let open = scope.migrates.then(|| quote!(pub));
    let fields = histories().map(|(id, state)| {
        let slot = scope.slot(id);
        let parent = state.parent.unwrap_or(fsm_model::ir::StateId::ROOT);
        let content = if scope.keeps_content(id) {
            let ty = &scope.names.types.contents[parent];
            quote!(#ty)
        } else if u8::try_from(machine.states[parent].children.len()).is_ok() {
            quote!(u8)
        } else {
            quote!(u32)
        };
        let docs = docs::lines(&format!("{}: {}.", docs::path(scope, id), docs::place(scope, state.name.span)));
        quote!(#docs #open #slot: Option<#content>,)
    });
    let serde = serde(scope);
    quote! {
        #[doc = " What history states remember."]
        #[derive(Debug, Clone, PartialEq, Default)]
        #serde
        #allow
        #open struct History { #(#fields)* }
    }
}
