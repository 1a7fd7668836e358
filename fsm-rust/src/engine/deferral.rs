//! Events that wait: how they are kept, and when they are tried again (SEMANTICS.md, 16).

use proc_macro2::TokenStream;
use quote::quote;

use super::internal::{dropped_event, faults};
use super::lend;
use crate::scope::Scope;
use fsm_model::ir::Unhandled;

/// Deferred events are offered again after a change, each once.
pub(super) fn retry(scope: &Scope<'_>) -> (TokenStream, TokenStream) {
    let (fsm, dot_await, lend, faults) = (&scope.core, scope.dot_await(), lend(scope), faults(scope));
    let run = scope.form.faults.then(|| quote!(, run));
    let unhandled = match scope.machine.unhandled {
        Unhandled::Report => quote! {
            #fsm::Fate::Unhandled => {
                actions.on_unhandled(self, &event);
                driver.settled(token, #fsm::Outcome::Unhandled);
            }
        },
        Unhandled::Error => quote! {
            #fsm::Fate::Unhandled => {
                run.fail(#fsm::Error::Unhandled);
                driver.settled(token, #fsm::Outcome::Unhandled);
            }
        },
        Unhandled::Ignore => {
            quote!(#fsm::Fate::Unhandled => { driver.settled(token, #fsm::Outcome::Unhandled); })
        }
        Unhandled::Defer => TokenStream::new(),
    };
    let own = own_dropped(scope);
    let again = if scope.machine.unhandled == Unhandled::Defer {
        quote!(#fsm::Fate::Deferred | #fsm::Fate::Unhandled)
    } else {
        quote!(#fsm::Fate::Deferred)
    };
    let retry = quote! {
        if run.take_change() {
            (at, left) = (0, self.deferred.len());
        }
        if left > 0 {
            left -= 1;
            if let Some((token, event)) = self.deferred.remove(at) {
                let chosen = self.select(actions, &event #run);
                #faults
                match chosen.fate() {
                    #fsm::Fate::Taken => {
                        driver.retried(token);
                        self.take(actions, driver, run, #lend chosen) #dot_await;
                        driver.settled(token, run.outcome());
                    }
                    #own
                    #fsm::Fate::Rejected => { driver.settled(token, #fsm::Outcome::Rejected); }
                    #unhandled
                    #again => {
                        // There is room: it has just been taken out.
                        let _ = self.deferred.insert(at, (token, event));
                        at += 1;
                    }
                }
            }
            continue;
        }
    };
    (quote!(let (mut at, mut left) = (0, 0);), retry)
}

/// The token of an event of the machine's own: none that is ever given out.
pub(super) fn own_token(scope: &Scope<'_>) -> TokenStream {
    let fsm = &scope.core;
    quote!(#fsm::Token(0))
}

/// No policy is asked about an event of the machine's own.
fn own_dropped(scope: &Scope<'_>) -> Option<TokenStream> {
    let (fsm, own, form) = (&scope.core, own_token(scope), &scope.form);
    let dropped = dropped_event(scope);
    (form.queue || form.due || form.delayed)
        .then(|| quote!(#fsm::Fate::Rejected | #fsm::Fate::Unhandled if token == #own => { #dropped }))
}

/// An event that no state takes yet is kept.
pub(super) fn postpone(scope: &Scope<'_>) -> TokenStream {
    if !scope.form.defers {
        return TokenStream::new();
    }
    let (fsm, error) = (&scope.core, &scope.error);
    quote! {
        #[doc = " Keeps an event until the state changes; `None` where it has no place, which is an error of the step."]
        fn postpone<A: Actions>(
            &mut self,
            run: &mut #fsm::Run<#error>,
            actions: &mut A,
            event: Event,
        ) -> Option<#fsm::Token> {
            self.tokens = self.tokens.wrapping_add(1).max(1);
            let token = #fsm::Token(self.tokens);
            if self.deferred.push((token, event)).is_err() {
                Self::report(run, #fsm::Error::DeferFull, actions);
                return None;
            }
            Some(token)
        }
    }
}
