//! Events that wait: how they are kept, and when they are tried again (SEMANTICS.md, 16).

use proc_macro2::TokenStream;
use quote::quote;

use super::internal::dropped;
use super::lend;
use crate::scope::Scope;
use crate::select;
use fsm_model::ir::Unhandled;

/// Deferred events are offered again after a change, each once.
pub(super) fn retry(scope: &Scope<'_>) -> (TokenStream, TokenStream) {
    let (fsm, dot_await, lend) = (&scope.core, scope.dot_await(), lend(scope));
    let run = scope.form.faults.then(|| quote!(, run));
    let rest = match scope.machine.unhandled {
        Unhandled::Report => Some(quote!(actions.on_unhandled(self, retry.event());)),
        Unhandled::Error => Some(quote!(run.fail(#fsm::Error::Unhandled);)),
        Unhandled::Ignore => Some(TokenStream::new()),
        Unhandled::Defer => None,
    };
    let unhandled =
        rest.map(|rest| quote!(#fsm::Fate::Unhandled => { #rest retry.falls_to(#fsm::Outcome::Unhandled); }));
    let or_unhandled = unhandled.is_none().then(|| quote!(| #fsm::Fate::Unhandled));
    let (own, again, faults) = (own_dropped(scope), again(scope), counted_faults(scope));
    let settle = settle(scope, true);
    let select = select::chosen(scope, &quote!(self.select), &quote!(actions, retry.event() #run));
    let retry = quote! {
        #settle
        if run.take_change() {
            (at, left) = (0, self.deferred.len());
        }
        if left > 0 {
            left -= 1;
            if let Some((token, event)) = self.deferred.remove(at) {
                let retry = retried.insert(#fsm::Retry::new(run, token, event));
                #select
                #faults
                match chosen.fate() {
                    #fsm::Fate::Taken => {
                        driver.retried(token);
                        self.take(actions, driver, run, #lend chosen) #dot_await;
                    }
                    #own
                    #fsm::Fate::Rejected => { retry.falls_to(#fsm::Outcome::Rejected); }
                    #unhandled
                    #fsm::Fate::Deferred #or_unhandled => { #again }
                }
            }
            continue;
        }
    };
    let kept = scope.form.faults.then(|| quote!(let mut kept = None;));
    (quote!(let (mut at, mut left, mut retried) = (0, 0, None::<#fsm::Retry<Self>>); #kept), retry)
}

/// One that was tried again is done with: with what it has come to, or with the error that came up meanwhile. Whether
/// others may be tried behind it.
pub(super) fn settle(scope: &Scope<'_>, goes_on: bool) -> TokenStream {
    if !scope.form.defers {
        return TokenStream::new();
    }
    let fsm = &scope.core;
    let closer = goes_on.then(|| quote!(at -= 1;));
    let kept = scope.form.faults.then(|| {
        quote! {
            if let Some(own) = kept.take() {
                if let Err(error) = run.take_back(own, #fsm::Outcome::Handled) {
                    // It stands where it stood, unless the end of the machine has settled it.
                    match self.deferred.remove(at - 1) {
                        Some((token, event)) => {
                            #closer
                            driver.failed(token, event, error);
                        }
                        None => run.fail(error),
                    }
                }
            }
        }
    });
    quote! {
        if let Some(retry) = retried.take() {
            retry.settle(run, driver);
        }
        #kept
    }
}

/// One that nobody takes yet goes back to its place. A guard that overflowed may still be an error, of which it dies.
fn again(scope: &Scope<'_>) -> TokenStream {
    let fsm = &scope.core;
    let back = quote!(let _ = run.take_back(own, #fsm::Outcome::Handled););
    let own = if scope.form.faults { quote!(if faults > 0 { kept = Some(own); } else { #back }) } else { back };
    quote! {
        if let Some(retry) = retried.take() {
            let (waiting, own) = retry.keep();
            // There is room: it has just been taken out.
            let _ = self.deferred.insert(at, waiting);
            at += 1;
            #own
        }
    }
}

/// As [`super::internal::faults`], and how many there were.
fn counted_faults(scope: &Scope<'_>) -> Option<TokenStream> {
    let fsm = &scope.core;
    let fail = scope.fail(&quote!(#fsm::Error::Overflow));
    scope.form.faults.then(|| quote!(let faults = run.take_faults(); for _ in 0..faults { #fail }))
}

/// The token of an event of the machine's own: none that is ever given out.
pub(super) fn own_token(scope: &Scope<'_>) -> TokenStream {
    let fsm = &scope.core;
    quote!(#fsm::Token::OWN)
}

/// No policy is asked about an event of the machine's own.
fn own_dropped(scope: &Scope<'_>) -> Option<TokenStream> {
    let (fsm, own, form) = (&scope.core, own_token(scope), &scope.form);
    let dropped = dropped(scope, &quote!(retry.event()));
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
