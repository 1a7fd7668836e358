//! How a step ends otherwise than by coming to rest: the machine's own end, errors, a livelock.

use proc_macro2::TokenStream;
use quote::quote;

use super::part;
use crate::scope::Scope;
use crate::{execute, leaving};
use fsm_model::ir::StateId;

/// The end: everything is left, what waits is dropped.
pub(super) fn finish(scope: &Scope<'_>) -> TokenStream {
    let (fsm, form) = (&scope.core, &scope.form);
    let (below, root) = (leaving::exit_below(scope, StateId::ROOT), leaving::leave_state(scope, StateId::ROOT));
    let delayed = form.delayed.then(|| {
        quote! {
            while let Some(delayed) = self.delayed.pop() {
                driver.cancel_timer(Timer::Sent, delayed.generation);
            }
        }
    });
    let due = form.due.then(|| quote!(self.due.clear();));
    let deferred = form.defers.then(|| {
        quote! {
            while let Some((token, _)) = self.deferred.pop() {
                driver.settled(token, #fsm::Outcome::Finished);
            }
        }
    });
    let queue = form.queue.then(|| drop_queue(scope));
    let code = quote!(#below #root #delayed #due #deferred #queue);
    part(scope, " Leaves everything, and drops what waits.", "finish", None, code)
}

/// Drops internal events; an error that is dropped is one that nobody takes.
fn drop_queue(scope: &Scope<'_>) -> TokenStream {
    if !scope.form.error_event {
        return quote!(while self.queue.pop().is_some() {});
    }
    quote! {
        while let Some(internal) = self.queue.pop() {
            if let Internal::Error(order, error) = internal {
                run.fail_at(order, error);
            }
        }
    }
}

/// How errors are told and kept.
pub(super) fn errors(scope: &Scope<'_>) -> TokenStream {
    let (fsm, error, step_error, form) = (&scope.core, &scope.error, execute::step_error(scope), &scope.form);
    let fail = if form.error_event {
        quote! {
            #[doc = " Tells the handlers of an error, and raises it as an event."]
            #[cold]
            fn fail<A: Actions>(queue: &mut Queue, run: &mut #fsm::Run<#error>, error: #step_error, actions: &mut A) {
                actions.on_error(&error);
                let order = run.error();
                if let Err(Internal::Error(order, error)) = queue.push(Internal::Error(order, error)) {
                    run.fail_at(order, error);
                    Self::report(run, #fsm::Error::QueueFull, actions);
                }
            }
        }
    } else {
        quote! {
            #[doc = " Tells the handlers of an error, and keeps the first one of a step."]
            #[cold]
            fn fail<A: Actions>(run: &mut #fsm::Run<#error>, error: #step_error, actions: &mut A) {
                Self::report(run, error, actions);
            }
        }
    };
    let queue = form.queue.then(|| drop_queue(scope));
    let due = form.due.then(|| quote!(self.due.clear();));
    let alone = (queue.is_none() && due.is_none()).then(|| quote!(let _ = self;));
    let raise = form.queue.then(|| {
        quote! {
            #[doc = " Puts an event at the end of the internal queue."]
            fn raise<A: Actions>(&mut self, run: &mut #fsm::Run<#error>, actions: &mut A, internal: Internal) {
                if self.queue.push(internal).is_err() {
                    Self::report(run, #fsm::Error::QueueFull, actions);
                }
            }

            #[doc = " Tells of events that an action raised and that did not fit."]
            fn lost<A: Actions>(&mut self, run: &mut #fsm::Run<#error>, actions: &mut A) {
                if ::core::mem::take(&mut self.queue.full) {
                    Self::report(run, #fsm::Error::QueueFull, actions);
                }
            }
        }
    });
    quote! {
        #fail

        #[doc = " Tells the handlers of an error that nothing can take, and keeps the first one of a step."]
        #[cold]
        fn report<A: Actions>(run: &mut #fsm::Run<#error>, error: #step_error, actions: &mut A) {
            actions.on_error(&error);
            run.fail(error);
        }

        #[doc = " Ends a step that does not come to rest."]
        #[cold]
        fn livelock<A: Actions>(&mut self, run: &mut #fsm::Run<#error>, actions: &mut A) {
            #alone
            #queue
            #due
            Self::report(run, #fsm::Error::Livelock(run.cycle()), actions);
        }

        #raise
    }
}
