//! `mod spans`: handlers in spans of their own, where the user wants them.
//!
//! Part of the Rust back-end. `Spans` implements `Actions` around other handlers: each action and each task runs in a span of
//! `tracing` with its name, inside of the span that the runtime has for the transition. Guards and delays answer at once and
//! have none. A machine with generic parameters has no such module.

use fsm_model::gather::Gather as _;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::actions::{self, types};
use super::scope::Scope;
use super::{execute, lints};
use fsm_model::ir::Method;
use fsm_model::names;

/// The module; nothing where nobody asked for it.
pub(super) fn emit(scope: &Scope<'_>) -> TokenStream {
    if !scope.config.spans || scope.machine.generics.is_some() {
        return TokenStream::new();
    }
    let implementation = implementation(scope);
    quote! {
        #[doc = " Handlers in spans of their own."]
        pub mod spans {
            #[allow(
                unused_imports,
                clippy::wildcard_imports,
                reason = "handlers name what the spec names, and not every machine has some"
            )]
            use super::*;

            #[doc = " Handlers, each of which runs in a span of `tracing` that is named after it."]
            #[derive(Debug, Clone, Copy, Default)]
            pub struct Spans<A>(pub A);

            #implementation
        }
    }
}

fn implementation(scope: &Scope<'_>) -> TokenStream {
    let machine = scope.machine;
    let guards = machine.guards.iter().map(|guard| {
        let Parts { name, params, arguments, allow } = parts(scope, guard);
        quote!(#allow fn #name(&self, #params) -> bool { self.0.#name(#arguments) })
    });
    let actions = machine.actions.iter().map(|action| {
        let Parts { name, params, arguments, allow } = parts(scope, action);
        let (call, gives) = (quote!(self.0.#name(#arguments)), machine.error.is_some());
        if action.blocking {
            let output = actions::result(scope, &quote!(()));
            let output = machine.error.is_some().then(|| quote!(-> #output));
            let body = at_once(scope, action, gives, &call);
            return quote!(#allow fn #name(self, #params) #output { #body });
        }
        let (output, body) = (actions::output(scope), within(scope, action, gives, &call));
        quote!(#allow fn #name(&mut self, #params) #output { #body })
    });
    let tasks = machine.tasks.iter().map(|task| {
        let Parts { name, params, arguments, allow } = parts(scope, &task.method);
        let output = actions::task_output_of(scope, task);
        let gives = task.output.is_some() || machine.error.is_some();
        let body = within(scope, &task.method, gives, &quote!(self.0.#name(#arguments)));
        quote!(#allow fn #name(self, #params) #output { #body })
    });
    let delays = machine.delays.iter().filter(|delay| delay.duration.is_none()).map(|delay| {
        let name = scope.snake(&delay.name);
        quote!(fn #name(&self) -> ::core::time::Duration { self.0.#name() })
    });
    let error = execute::step_error(scope);
    quote! {
        impl<A: Actions> Actions for Spans<A> {
            #(#guards)*
            #(#actions)*
            #(#tasks)*
            #(#delays)*

            fn on_unhandled(&mut self, machine: &Machine, event: &Event) {
                self.0.on_unhandled(machine, event);
            }

            fn on_error(&mut self, error: &#error) {
                self.0.on_error(error);
            }
        }
    }
}

/// A call in its span, whether it gives a future or runs at once, and then perhaps gives something.
fn within(scope: &Scope<'_>, method: &Method, gives: bool, call: &TokenStream) -> TokenStream {
    if !scope.is_async() {
        return at_once(scope, method, gives, call);
    }
    let (runtime, span) = (&scope.config.runtime, span(scope, method));
    quote!(#runtime::trace::tracing::Instrument::instrument(#call, #span))
}

fn at_once(scope: &Scope<'_>, method: &Method, gives: bool, call: &TokenStream) -> TokenStream {
    let (span, end) = (span(scope, method), (!gives).then(|| quote!(;)));
    quote!(#span.in_scope(|| #call) #end)
}

fn span(scope: &Scope<'_>, method: &Method) -> TokenStream {
    let (runtime, name) = (&scope.config.runtime, &method.name.value);
    quote!(#runtime::trace::tracing::debug_span!(target: "fsm", #name))
}

/// What a method is made of.
struct Parts {
    name: Ident,
    params: TokenStream,
    arguments: TokenStream,
    allow: TokenStream,
}

fn parts(scope: &Scope<'_>, method: &Method) -> Parts {
    let types = types(scope, method);
    let names: Vec<Ident> = method.params.iter().map(|param| names::ident(&param.name)).gather();
    Parts {
        name: scope.snake(&method.name),
        params: quote!(#(#names: #types),*),
        arguments: quote!(#(#names),*),
        allow: lints::of_method(&types),
    }
}
