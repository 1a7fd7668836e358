//! What runs beside the machine: what its end sets off, and what starts and stops it (SEMANTICS.md, 15).

use fsm_model::gather::Gather as _;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::direct::{choose, chosen, of_trigger};
use super::part;
use crate::args;
use crate::bodies::Bodies;
use crate::place::{self, Payload, Place};
use crate::scope::Scope;
use fsm_model::ir::{Id, InvokeId, Trigger};
use fsm_model::names;

/// What the end of an invoke sets off.
pub(super) fn invoked(scope: &Scope<'_>, bodies: &Bodies) -> TokenStream {
    let (fsm, machine) = (&scope.core, scope.machine);
    let mut functions = TokenStream::new();
    let arms: Vec<TokenStream> = machine
        .invokes
        .enumerated()
        .map(|(id, invoke)| {
            let slot = Literal::usize_unsuffixed(id.index());
            let variant = task_variant(scope, id);
            let dropped = quote!(driver.dropped(#fsm::Dropped::Invoke(#slot)););
            let name = format_ident!("on_invoke_{}_done", id.index());
            let wanted = of_trigger(scope, invoke.state, Trigger::InvokeDone(id));
            functions.extend(choose(scope, bodies, &name, Some(Payload::Invoke(id)), wanted));
            let done = chosen(scope, &name, true, &dropped);
            let done = quote!(let event = #fsm::Done { output }; #done);
            if machine.error.is_none() {
                return quote!((Some(#slot), Done::#variant(output)) => { self.invokes[#slot] = #fsm::Slot::Idle; #done });
            }
            let failed = failed(scope, bodies, id, &mut functions);
            quote! {
                (Some(#slot), Done::#variant(result)) => {
                    self.invokes[#slot] = #fsm::Slot::Idle;
                    match result {
                        Ok(output) => { #done }
                        Err(error) => { #failed }
                    }
                }
            }
        })
        .gather();
    let code = quote! {
        let slot = self.invokes.iter().position(|slot| *slot == #fsm::Slot::Running(generation));
        match (slot, done) {
            #(#arms)*
            _ => {}
        }
    };
    functions.extend(part(
        scope,
        " An invoke came to its end.",
        "invoked",
        Some(quote!(generation: u32, done: Done,)),
        code,
    ));
    functions
}

/// What the error of an invoke sets off: its own transitions, or the event `error`.
fn failed(scope: &Scope<'_>, bodies: &Bodies, id: InvokeId, functions: &mut TokenStream) -> TokenStream {
    let fsm = &scope.core;
    let state = scope.machine.invokes[id].state;
    if of_trigger(scope, state, Trigger::InvokeError(id)).next().is_none() {
        return scope.fail(&quote!(#fsm::Error::Action(error)));
    }
    let name = format_ident!("on_invoke_{}_error", id.index());
    let wanted = of_trigger(scope, state, Trigger::InvokeError(id));
    functions.extend(choose(scope, bodies, &name, Some(Payload::Failed), wanted));
    let slot = Literal::usize_unsuffixed(id.index());
    let chosen = chosen(scope, &name, true, &quote!(driver.dropped(#fsm::Dropped::Invoke(#slot));));
    quote!(let event = #fsm::Failed { error }; #chosen)
}

/// The variant of `Invoke` and of `Done`.
fn task_variant(scope: &Scope<'_>, id: InvokeId) -> Ident {
    names::pascal_ident(&scope.machine.tasks[scope.machine.invokes[id].task].method.name.value)
}

pub(super) fn start_and_stop(scope: &Scope<'_>) -> TokenStream {
    let (fsm, machine) = (&scope.core, scope.machine);
    let starts = machine.invokes.enumerated().map(|(id, invoke)| {
        let (slot, variant) = (Literal::usize_unsuffixed(id.index()), task_variant(scope, id));
        let params = machine.tasks[invoke.task].method.params.iter().map(|param| names::ident(&param.name));
        let args = invoke.call.args.iter().map(|arg| args::owned(scope, arg));
        let fields: Vec<TokenStream> = params.zip(args).map(|(name, value)| quote!(#name: #value)).gather();
        let fields = (!fields.is_empty()).then(|| quote!({ #(#fields),* }));
        let start = quote! {
            let invoke = Invoke::#variant #fields;
            driver.start_invoke(invoke, generation);
        };
        let start = place::bind(scope, Place::of_state(invoke.state), start).statements(scope, false);
        quote! {
            if self.invokes[#slot] == #fsm::Slot::Wanted {
                let generation = self.generation();
                self.invokes[#slot] = #fsm::Slot::Running(generation);
                #start
            }
        }
    });
    quote! {
        #[doc = " Starts what the states that were entered run."]
        fn start_invokes<D: #fsm::Driver<Self>>(&mut self, driver: &mut D) {
            #(#starts)*
        }

        fn stop_invoke<D: #fsm::Driver<Self>>(&mut self, driver: &mut D, slot: usize) {
            if let #fsm::Slot::Running(generation) = ::core::mem::take(&mut self.invokes[slot]) {
                driver.cancel_invoke(generation);
            }
        }
    }
}
