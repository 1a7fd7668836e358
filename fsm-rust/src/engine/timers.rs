//! Timers of states and sent events: what they set off, and what starts and stops them (SEMANTICS.md, 14).

use fsm_model::gather::Gather as _;
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::direct::{choose, chosen, of_trigger};
use super::internal::{idle, inner_event};
use super::{generics, part};
use crate::blocks;
use crate::bodies::Bodies;
use crate::scope::Scope;
use fsm_model::ir::{Id, Trigger};
use fsm_model::names;

/// What a timer sets off.
pub(super) fn timed(scope: &Scope<'_>, bodies: &Bodies) -> TokenStream {
    let (machine, dot_await) = (scope.machine, scope.dot_await());
    let mut functions = TokenStream::new();
    let arms: Vec<TokenStream> = machine
        .timers
        .enumerated()
        .map(|(id, timer)| {
            let (variant, slot) = (&scope.names.timers[id], Literal::usize_unsuffixed(id.index()));
            let name = format_ident!("on_{}", names::snake(&variant.to_string()));
            functions.extend(choose(scope, bodies, &name, None, of_trigger(scope, timer.state, Trigger::Timer(id))));
            let again = if timer.repeats {
                let delay = blocks::duration(scope, timer.wait);
                quote! {
                    let delay = #delay.max(::core::time::Duration::from_nanos(1));
                    self.start_timer(run, actions, driver, Timer::#variant, #slot, delay);
                }
            } else {
                quote!(self.timers[#slot] = 0;)
            };
            let chosen = chosen(scope, &name, false, &idle(scope, &quote!(Timer(#slot))));
            quote!(Timer::#variant => if self.timers[#slot] == generation { #again #chosen })
        })
        .gather();
    let event = inner_event(scope);
    let sent = scope.form.delayed.then(|| {
        quote! {
            Timer::Sent => {
                if let Some(sent) = self.delayed.take(|delayed| delayed.generation == generation) {
                    let Delayed { event, .. } = sent;
                    self.inner(actions, driver, run, #event) #dot_await;
                }
            }
        }
    });
    let code = quote! {
        match timer {
            #(#arms)*
            #sent
        }
    };
    functions.extend(part(scope, " A timer is due.", "timed", Some(quote!(timer: Timer, generation: u32,)), code));
    functions
}

pub(super) fn timers(scope: &Scope<'_>) -> TokenStream {
    if !scope.form.timers {
        return TokenStream::new();
    }
    let (fsm, generics) = (&scope.core, generics(scope));
    let error = &scope.error;
    let due = scope.form.due.then(|| {
        quote! {
            if delay.is_zero() {
                if self.due.push(Due::Timer(timer, generation)).is_err() {
                    Self::report(run, #fsm::Error::QueueFull, actions);
                }
                return;
            }
        }
    });
    let idle = due.is_none().then(|| quote!(let _ = (run, actions);));
    // One that was due at once and did not come yet is dropped with its state, and makes room.
    let waits = scope.form.due.then(|| {
        quote! {
            let due = |due: &Due| matches!(due, Due::Timer(_, own) if *own == generation);
            if self.due.take(due).is_some() {
                return;
            }
        }
    });
    quote! {
        fn start_timer #generics (
            &mut self,
            run: &mut #fsm::Run<#error>,
            actions: &mut A,
            driver: &mut D,
            timer: Timer,
            slot: usize,
            delay: ::core::time::Duration,
        ) {
            #idle
            let generation = self.generation();
            self.timers[slot] = generation;
            #due
            driver.start_timer(timer, generation, delay);
        }

        fn stop_timer<D: #fsm::Driver<Self>>(&mut self, driver: &mut D, timer: Timer, slot: usize) {
            let generation = ::core::mem::take(&mut self.timers[slot]);
            #waits
            if generation != 0 {
                driver.cancel_timer(timer, generation);
            }
        }
    }
}

pub(super) fn sends(scope: &Scope<'_>) -> TokenStream {
    let (fsm, generics, form) = (&scope.core, generics(scope), &scope.form);
    let error = &scope.error;
    let full = quote!(Self::report(run, #fsm::Error::QueueFull, actions););
    let at_once = quote! {
        if self.due.push(Due::Event(id, event)).is_err() {
            #full
        }
    };
    let later = quote! {
        let generation = self.generation();
        if self.delayed.push(Delayed { generation, id, event }).is_err() {
            #full
        } else {
            driver.start_timer(Timer::Sent, generation, delay);
        }
    };
    let body = match (form.due, form.delayed) {
        (true, true) => quote!(if delay.is_zero() { #at_once } else { #later }),
        (true, false) => quote!(let _ = delay; #at_once),
        _ => later,
    };
    let pending = form.delayed.then(|| {
        quote! {
            while let Some(delayed) = self.delayed.take(|delayed| delayed.id == id) {
                driver.cancel_timer(Timer::Sent, delayed.generation);
            }
        }
    });
    let driver = pending.is_none().then(|| quote!(let _ = driver;));
    let due = form
        .due
        .then(|| quote!(while self.due.take(|due| matches!(due, Due::Event(own, _) if *own == id)).is_some() {}));
    quote! {
        #[doc = " Sends an event to the machine itself, under an id that is not 0 in the place of an earlier one."]
        fn send #generics (
            &mut self,
            run: &mut #fsm::Run<#error>,
            actions: &mut A,
            driver: &mut D,
            id: usize,
            delay: ::core::time::Duration,
            event: Event,
        ) {
            if id != 0 {
                self.cancel(driver, id);
            }
            #body
        }

        #[doc = " Drops what was sent under that id."]
        fn cancel<D: #fsm::Driver<Self>>(&mut self, driver: &mut D, id: usize) {
            #driver
            #pending
            #due
        }
    }
}
