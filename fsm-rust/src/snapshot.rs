//! `snapshot`, `restore` and `resume`.
//!
//! Part of the Rust back-end. A machine is plain data between two steps, so a snapshot is that data, with what only
//! the driver knows: how much of each timer is left. A restored machine starts its timers and invokes when it is
//! started.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::generics;
use super::scope::Scope;
use fsm_model::ir::Id;

/// How many timers can run at once.
fn most(scope: &Scope<'_>) -> usize {
    let delayed = if scope.form.delayed { scope.machine.queue as usize } else { 0 };
    scope.machine.timers.len() + delayed
}

/// What is left of each timer.
pub(super) fn remaining(scope: &Scope<'_>) -> TokenStream {
    let most = Literal::usize_unsuffixed(most(scope));
    quote!([::core::time::Duration; #most])
}

/// Nothing left of any.
pub(super) fn none(scope: &Scope<'_>) -> TokenStream {
    let most = Literal::usize_unsuffixed(most(scope));
    quote!([::core::time::Duration::ZERO; #most])
}

/// `type Snapshot`, and `Machine::resume` where there is something to start.
pub(super) fn emit(scope: &Scope<'_>) -> TokenStream {
    let (alias, resume) = (alias(scope), scope.has_snapshot().then(|| resume(scope)));
    quote!(#alias #resume)
}

/// `type Snapshot`.
pub(super) fn alias(scope: &Scope<'_>) -> TokenStream {
    let (fsm, most) = (&scope.core, Literal::usize_unsuffixed(most(scope)));
    quote! {
        #[doc = " A machine laid down between two steps."]
        pub type Snapshot = #fsm::Snapshot<Machine, #most>;
    }
}

fn resume(scope: &Scope<'_>) -> TokenStream {
    let (fsm, machine, remaining) = (&scope.core, scope.machine, remaining(scope));
    let least = quote!(::core::time::Duration::from_nanos(1));
    let timers = machine.timers.ids().map(|id| {
        let (variant, slot) = (&scope.names.timers[id], Literal::usize_unsuffixed(id.index()));
        quote! {
            if self.timers[#slot] != 0 {
                driver.start_timer(Timer::#variant, self.timers[#slot], remaining[#slot].max(#least));
            }
        }
    });
    let first = Literal::usize_unsuffixed(machine.timers.len());
    let delayed = scope.form.delayed.then(|| {
        quote! {
            for (delayed, left) in self.delayed.iter().zip(&remaining[#first..]) {
                driver.start_timer(Timer::Sent, delayed.generation, (*left).max(#least));
            }
        }
    });
    let invokes = scope.form.invokes.then(|| {
        quote! {
            for slot in &mut self.invokes {
                if *slot != #fsm::Slot::Idle {
                    *slot = #fsm::Slot::Wanted;
                }
            }
            self.start_invokes(&mut driver);
        }
    });
    let param = scope.form.has_timers().then(|| quote!(, remaining: &#remaining));
    quote! {
        impl Machine {
            #[doc = " Goes on from a snapshot: starts the timers with what is left of them, and the active invokes anew."]
            fn resume<D: #fsm::Driver<Self>>(&mut self, mut driver: D #param) {
                self.status = #fsm::Status::Ready;
                #(#timers)*
                #delayed
                #invokes
            }
        }
    }
}

/// The methods of the pair.
pub(super) fn methods(scope: &Scope<'_>) -> TokenStream {
    let (fsm, machine) = (&scope.core, scope.machine);
    let none = none(scope);
    let (param, code) = if scope.form.has_timers() {
        let timers = machine.timers.ids().map(|id| {
            let (variant, slot) = (&scope.names.timers[id], Literal::usize_unsuffixed(id.index()));
            quote! {
                if machine.timers[#slot] != 0 {
                    remaining[#slot] = left(Timer::#variant, machine.timers[#slot]);
                }
            }
        });
        let first = Literal::usize_unsuffixed(machine.timers.len());
        let delayed = scope.form.delayed.then(|| {
            quote! {
                for (delayed, remaining) in machine.delayed.iter().zip(&mut remaining[#first..]) {
                    *remaining = left(Timer::Sent, delayed.generation);
                }
            }
        });
        // No driver knows the timers of a machine that was restored and not started yet.
        let code = quote! {
            let remaining = if machine.status == #fsm::Status::Suspended {
                self.remaining
            } else {
                let mut remaining = #none;
                #(#timers)*
                #delayed
                remaining
            };
        };
        (quote!(, mut left: impl FnMut(Timer, u32) -> ::core::time::Duration), code)
    } else {
        (TokenStream::new(), quote!(let remaining = #none;))
    };
    let (suspended, pending) = if scope.has_snapshot() {
        (
            quote! {
                if machine.status == #fsm::Status::Ready {
                    machine.status = #fsm::Status::Suspended;
                }
            },
            scope.form.has_timers().then(|| quote!(, remaining: snapshot.remaining)),
        )
    } else {
        // There is nothing to start, whatever the snapshot says.
        let ready = quote! {
            if machine.status == #fsm::Status::Suspended {
                machine.status = #fsm::Status::Ready;
            }
        };
        (ready, None)
    };
    let docs = if scope.form.has_timers() {
        " The machine as it is; `left` tells what is left of a timer, by its generation."
    } else {
        " The machine as it is."
    };
    let can_copy = generics::only_where(scope, &quote!(Machine: Clone));
    quote! {
        #[doc = #docs]
        #[must_use]
        pub fn snapshot(&self #param) -> Snapshot #can_copy {
            let machine = self.machine.clone();
            #code
            #fsm::Snapshot::new(&DEFINITION, machine, remaining)
        }

        #[doc = " Goes on from a snapshot. No entry action runs; timers and invokes start again with [`Self::start`]."]
        #[doc = ""]
        #[doc = " # Errors"]
        #[doc = " A snapshot of another version, or of another spec."]
        pub fn restore(actions: A, snapshot: Snapshot) -> Result<Self, #fsm::RestoreError> {
            snapshot.check(&DEFINITION)?;
            let mut machine = snapshot.machine;
            #suspended
            Ok(Self { machine, actions #pending })
        }
    }
}

/// The implementation of `Persist`, by those methods; `bound` is what `Service` asks of the handlers.
pub(super) fn persist(scope: &Scope<'_>, bound: &TokenStream) -> TokenStream {
    let (fsm, name) = (&scope.core, &scope.names.service);
    let can_copy = generics::only_where(scope, &quote!(Machine: Clone));
    let (timer, code) = if scope.form.has_timers() {
        (quote!(Timer), quote!(Self::snapshot(self, left)))
    } else {
        (quote!(#fsm::Never), quote!(let _ = left; Self::snapshot(self)))
    };
    quote! {
        impl<A: #bound> #fsm::Persist for #name<A> #can_copy {
            type Snapshot = Snapshot;

            fn snapshot(&self, left: impl FnMut(#timer, u32) -> ::core::time::Duration) -> Snapshot {
                #code
            }

            fn restore(
                self,
                snapshot: Snapshot,
                ago: ::core::time::Duration,
            ) -> Result<Self, #fsm::RestoreError> {
                Self::restore(self.actions, snapshot.later(ago))
            }
        }
    }
}
