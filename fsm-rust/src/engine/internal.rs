//! Events of the machine itself: raised and sent ones, completions, errors.
//!
//! Nobody is told where nobody takes one, but the driver; and a step in which that goes on for ever is ended.

use proc_macro2::TokenStream;
use quote::quote;

use super::{deferral, direct, lend, part};
use crate::scope::Scope;
use crate::{private, select};

/// An event of the machine's own is offered to the active states.
pub(super) fn inner(scope: &Scope<'_>) -> TokenStream {
    let form = &scope.form;
    if !(form.queue || form.due || form.delayed) {
        return TokenStream::new();
    }
    let (fsm, dot_await, reference) = (&scope.core, scope.dot_await(), private::reference(scope));
    let (faults, lend) = (faults(scope), lend(scope));
    let run = form.faults.then(|| quote!(, run));
    let dropped = dropped(scope, &quote!(event));
    // Only what may have to wait is handed over.
    let (ty, offered, rest) = if form.defers {
        let own = deferral::own_token(scope);
        let deferred = quote! {
            #fsm::Fate::Deferred => {
                if self.deferred.push((#own, event)).is_err() {
                    Self::report(run, #fsm::Error::DeferFull, actions);
                }
            }
        };
        (quote!(Event), quote!(&event), quote!(#deferred #fsm::Fate::Rejected | #fsm::Fate::Unhandled))
    } else {
        (
            quote!(&#reference Event),
            quote!(event),
            quote!(#fsm::Fate::Rejected | #fsm::Fate::Unhandled | #fsm::Fate::Deferred),
        )
    };
    let select = select::chosen(scope, &quote!(self.select), &quote!(actions, #offered #run));
    let code = quote! {
        #select
        #faults
        match chosen.fate() {
            #fsm::Fate::Taken => { self.take(actions, driver, run, #lend chosen) #dot_await; }
            #rest => { #dropped }
        }
    };
    let docs = " An event that comes from the machine itself: nobody is told where nobody takes it, but the driver.";
    part(scope, docs, "inner", Some(quote!(event: #ty,)), code)
}

/// How `inner` takes an event.
pub(super) fn inner_event(scope: &Scope<'_>) -> TokenStream {
    if scope.form.defers { quote!(event) } else { quote!(&event) }
}

/// An `event` of the machine itself that nobody takes.
pub(super) fn dropped(scope: &Scope<'_>, event: &TokenStream) -> TokenStream {
    idle(scope, &quote!(Event(u32::try_from(#event.index()).unwrap_or(u32::MAX))))
}

/// An event of the machine itself that sets nothing off: the driver is told, and the step ends where that goes on for ever.
pub(super) fn idle(scope: &Scope<'_>, dropped: &TokenStream) -> TokenStream {
    let fsm = &scope.core;
    quote! {
        driver.dropped(#fsm::Dropped::#dropped);
        if run.idle() {
            self.livelock(run, actions);
        }
    }
}

/// Guards that left the range of a type are errors, told when the selection is over.
pub(super) fn faults(scope: &Scope<'_>) -> Option<TokenStream> {
    let fsm = &scope.core;
    let fail = scope.fail(&quote!(#fsm::Error::Overflow));
    scope.form.faults.then(|| quote!(for _ in 0..run.take_faults() { #fail }))
}

/// What became of an internal event.
pub(super) fn internal(scope: &Scope<'_>) -> TokenStream {
    if !scope.form.queue {
        return TokenStream::new();
    }
    let dot_await = scope.dot_await();
    let error = scope.form.error_event.then(|| error_arm(scope));
    let (done, event) = (direct::done_arms(scope), inner_event(scope));
    let code = quote! {
        match internal {
            Internal::Event(event) => { self.inner(actions, driver, run, #event) #dot_await; }
            #error
            #done
        }
    };
    part(scope, " Takes one internal event.", "internal", Some(quote!(internal: Internal,)), code)
}

fn error_arm(scope: &Scope<'_>) -> TokenStream {
    let lend = lend(scope);
    let (fsm, dot_await, faults) = (&scope.core, scope.dot_await(), faults(scope));
    let run = scope.form.faults.then(|| quote!(, run));
    let dropped = idle(scope, &quote!(Error));
    let taken = quote! {
        #faults
        if chosen.fate() == #fsm::Fate::Taken {
            self.take(actions, driver, run, #lend chosen) #dot_await;
        }
    };
    if !scope.form.reads_error {
        let select = select::chosen(scope, &quote!(self.select_error), &quote!(actions #run));
        return quote! {
            Internal::Error(order, error) => {
                #select
                #taken else {
                    run.fail_at(order, error);
                    #dropped
                }
            }
        };
    }
    let (split, told) = if scope.form.overflows {
        (
            quote! {
                let overflow = !matches!(error, #fsm::Error::Action(_));
                let failed = #fsm::Failed {
                    error: match error {
                        #fsm::Error::Action(error) => error,
                        _ => #fsm::Overflow.into(),
                    },
                };
            },
            quote!(if overflow { #fsm::Error::Overflow } else { #fsm::Error::Action(failed.error) }),
        )
    } else {
        (
            quote! {
                let #fsm::Error::Action(error) = error else {
                    run.fail_at(order, error);
                    return;
                };
                let failed = #fsm::Failed { error };
            },
            quote!(#fsm::Error::Action(failed.error)),
        )
    };
    let select = select::chosen(scope, &quote!(self.select_error), &quote!(actions, &failed #run));
    quote! {
        Internal::Error(order, error) => {
            #split
            #select
            #taken else {
                run.fail_at(order, #told);
                    #dropped
            }
        }
    }
}
