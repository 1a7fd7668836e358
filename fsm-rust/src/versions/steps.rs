//! The step from one version to the next: the user's methods, and generated code around them.
//!
//! Part of [`super`]. `migrate` takes a snapshot apart and calls the user; `lay` puts one together: it numbers timers and
//! delayed events anew, lets no timer run whose state is not active, and starts the invokes of active states. An event
//! that waits is handed to the user, too, and never lost without being asked about.

use fsm_model::gather::Gather as _;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::parts;
use crate::machine::assembled;
use crate::scope::Scope;
use crate::snapshot;
use fsm_model::ir::{Id, SendId, StateId};

/// Whether snapshots can hold events that wait.
pub(super) fn holds_events(scope: &Scope<'_>) -> bool {
    scope.form.defers || scope.form.delayed
}

fn event_method(version: &Ident) -> Ident {
    format_ident!("migrate_{version}_event")
}

/// Where something of the next version is, seen from the machine's own module.
fn within(next: Option<&Ident>) -> TokenStream {
    next.map_or_else(TokenStream::new, |name| quote!(#name::))
}

/// The methods of `trait Migrate` for one version.
pub(super) fn methods(version: &Ident, old: &Scope<'_>, next: Option<&Ident>) -> TokenStream {
    let (method, of_event, next) = (format_ident!("migrate_{version}"), event_method(version), within(next));
    let event = holds_events(old).then(|| {
        quote! {
            #[doc = " What becomes of an event that waits in a snapshot; nothing drops it."]
            #[doc = ""]
            #[doc = " # Errors"]
            #[doc = " Where the snapshot cannot go on."]
            fn #of_event(&self, old: #version::Event) -> Result<Option<#next Event>, Self::Error>;
        }
    });
    quote! {
        #[doc = " Where a machine of that version goes on."]
        #[doc = ""]
        #[doc = " # Errors"]
        #[doc = " Where it cannot."]
        fn #method(&self, old: #version::Parts) -> Result<#next Parts, Self::Error>;
        #event
    }
}

/// `migrate`, in the module of the old version.
pub(super) fn step(version: &Ident, old: &Scope<'_>, next: &Scope<'_>, path: Option<&Ident>) -> TokenStream {
    let (fsm, method) = (&old.core, format_ident!("migrate_{version}"));
    let path = within(path);
    let others = parts::others(old);
    let timers = old.form.timers.then(|| {
        let fields = parts::timers(old);
        let fields = old.machine.timers.ids().map(|id| {
            let (field, slot) = (&fields[id], Literal::usize_unsuffixed(id.index()));
            quote!(#field: (machine.timers[#slot] != 0).then_some(remaining[#slot]))
        });
        quote!(let timers = Timers { #(#fields),* };)
    });
    let taken = others.iter().filter(|name| *name != "timers");
    let with_timers = old.form.timers.then(|| quote!(timers,));
    let (waiting, handed) = waiting(version, old, next);
    let remaining = (old.form.timers || old.form.delayed).then(|| quote!(let remaining = old.remaining;));
    let mutable = holds_events(old).then(|| quote!(mut));
    quote! {
        #[doc = " A snapshot of this version as one of the next."]
        pub(super) fn migrate<R, M: super::Migrate>(
            old: Snapshot,
            by: &M,
        ) -> Result<super::#path Snapshot, #fsm::MigrateError<R, M::Error>> {
            #remaining
            let #mutable machine = old.machine;
            #waiting
            #timers
            let parts = Parts {
                state: machine.state,
                context: machine.context,
                #(#taken: machine.#taken,)*
                #with_timers
            };
            let parts = by.#method(parts).map_err(#fsm::MigrateError::Migrate)?;
            Ok(parts.lay(machine.status, #handed))
        }
    }
}

/// Code that asks the user about each event that waits, and what `lay` is given of it.
fn waiting(version: &Ident, old: &Scope<'_>, next: &Scope<'_>) -> (TokenStream, TokenStream) {
    let fsm = &old.core;
    let method = event_method(version);
    let asked = |event: TokenStream| quote!(by.#method(#event).map_err(#fsm::MigrateError::Migrate)?);
    let room = |room: u32| {
        let room = Literal::u32_unsuffixed(room);
        quote!(#fsm::MigrateError::Restore(#fsm::RestoreError::Room { room: #room }))
    };
    let (mut code, mut handed) = (TokenStream::new(), TokenStream::new());
    let event = asked(quote!(event));
    match (old.form.defers, next.form.defers) {
        (true, true) => {
            let full = room(next.machine.defer_capacity);
            code.extend(quote! {
                let mut deferred = #fsm::Ring::new();
                while let Some((token, event)) = machine.deferred.pop() {
                    if let Some(event) = #event {
                        deferred.push((token, event)).map_err(|_| #full)?;
                    }
                }
            });
            handed.extend(quote!(deferred, machine.tokens,));
        }
        (true, false) => {
            let full = room(0);
            code.extend(quote! {
                while let Some((_, event)) = machine.deferred.pop() {
                    if #event.is_some() {
                        return Err(#full);
                    }
                }
            });
        }
        (false, true) => handed.extend(quote!(#fsm::Ring::new(), 0,)),
        (false, false) => {}
    }
    let event = asked(quote!(sent.event));
    match (old.form.delayed, next.form.delayed) {
        (true, true) => {
            let (full, first) = (room(next.machine.queue), Literal::usize_unsuffixed(old.machine.timers.len()));
            let id = renumbered(old, next);
            code.extend(quote! {
                let mut delayed = #fsm::Ring::new();
                let mut waits = remaining[#first..].iter().copied();
                while let Some(sent) = machine.delayed.pop() {
                    let left = waits.next().unwrap_or_default();
                    let id = #id;
                    if let Some(event) = #event {
                        delayed.push((id, event, left)).map_err(|_| #full)?;
                    }
                }
            });
            handed.extend(quote!(delayed,));
        }
        (true, false) => {
            let full = room(0);
            code.extend(quote! {
                while let Some(sent) = machine.delayed.pop() {
                    if #event.is_some() {
                        return Err(#full);
                    }
                }
            });
        }
        (false, true) => handed.extend(quote!(#fsm::Ring::new(),)),
        (false, false) => {}
    }
    (code, handed)
}

/// The number under which the next version cancels what the old one sent; 0 where it has no such name.
fn renumbered(old: &Scope<'_>, next: &Scope<'_>) -> TokenStream {
    let number = |id: SendId| Literal::usize_unsuffixed(id.index() + 1);
    let arms: Vec<TokenStream> = old
        .machine
        .sends
        .enumerated()
        .filter_map(|(was, name)| {
            let (is, _) = next.machine.sends.enumerated().find(|(_, other)| other.value == name.value)?;
            let (was, is) = (number(was), number(is));
            Some(quote!(#was => #is,))
        })
        .gather();
    if arms.is_empty() { quote!(0) } else { quote!(match sent.id { #(#arms)* _ => 0 }) }
}

/// `Parts::lay`, in the module of a version to which a step leads.
pub(super) fn lay(scope: &Scope<'_>) -> TokenStream {
    let (fsm, inner, form, machine) = (&scope.core, &scope.inner, &scope.form, scope.machine);
    let capacity = |size: u32| Literal::u32_unsuffixed(size);
    let (deferred, queue) = (capacity(machine.defer_capacity), capacity(machine.queue));
    let deferred = form.defers.then(|| quote!(deferred: #fsm::Ring<(#fsm::Token, Event), #deferred>, tokens: u32,));
    let delayed =
        form.delayed.then(|| quote!(mut delayed: #fsm::Ring<(usize, Event, ::core::time::Duration), #queue>,));
    let others = parts::others(scope);
    let fields = others.iter().map(|name| if name == "timers" { quote!(timers: left) } else { quote!(#name) });
    let given = ["history", "deferred", "tokens", "delayed", "generations", "timers", "invokes", "output"];
    let rest = assembled(scope, &given);
    let zero = snapshot::none(scope);
    let (remaining, generations) = if form.has_timers() {
        (quote!(let mut remaining = #zero;), Some(quote!(let mut generations: u32 = 0;)))
    } else {
        (quote!(let remaining = #zero;), form.invokes.then(|| quote!(let generations: u32 = 0;)))
    };
    let (timers, sent, invokes) = (timers(scope), sent(scope), invokes(scope));
    let snapshot = if scope.is_older() {
        quote!(#fsm::Snapshot { version: #fsm::Version::new(KNOWN.version), hash: KNOWN.hash, machine, remaining })
    } else {
        quote!(#fsm::Snapshot::new(&DEFINITION, machine, remaining))
    };
    quote! {
        impl Parts {
            #[doc = " A snapshot of these parts and of what waits."]
            #inner fn lay(self, status: #fsm::Status, #deferred #delayed) -> Snapshot {
                let Self { state, context, #(#fields),* } = self;
                #remaining
                #generations
                #timers
                #sent
                #invokes
                let machine = Machine { state, status, context, #rest };
                #snapshot
            }
        }
    }
}

/// Whether a state is active, as a condition.
fn is_active(scope: &Scope<'_>, state: StateId) -> Option<TokenStream> {
    let pattern = scope.active(state);
    (state != StateId::ROOT && !scope.is_always_active(state)).then(|| quote!(matches!(state, #pattern)))
}

fn timers(scope: &Scope<'_>) -> Option<TokenStream> {
    let (machine, fields) = (scope.machine, parts::timers(scope));
    if machine.timers.is_empty() {
        return None;
    }
    let count = Literal::usize_unsuffixed(machine.timers.len());
    let each = machine.timers.enumerated().map(|(id, timer)| {
        let (field, slot) = (&fields[id], Literal::usize_unsuffixed(id.index()));
        let active = is_active(scope, timer.state).map(|active| quote!(.filter(|_| #active)));
        quote! {
            if let Some(left) = left.#field #active {
                generations += 1;
                timers[#slot] = generations;
                remaining[#slot] = left;
            }
        }
    });
    Some(quote! {
        let mut timers = [0; #count];
        #(#each)*
    })
}

fn sent(scope: &Scope<'_>) -> Option<TokenStream> {
    let (fsm, first) = (&scope.core, Literal::usize_unsuffixed(scope.machine.timers.len()));
    scope.form.delayed.then(|| {
        quote! {
            let mut pending = #fsm::Ring::new();
            while let Some((id, event, left)) = delayed.pop() {
                generations += 1;
                remaining[#first + pending.len()] = left;
                // Both rings are of one size.
                let _ = pending.push(Delayed { generation: generations, id, event });
            }
            let delayed = pending;
        }
    })
}

fn invokes(scope: &Scope<'_>) -> Option<TokenStream> {
    let (fsm, machine) = (&scope.core, scope.machine);
    if machine.invokes.is_empty() {
        return None;
    }
    let count = Literal::usize_unsuffixed(machine.invokes.len());
    let each = machine.invokes.enumerated().map(|(id, invoke)| {
        let slot = Literal::usize_unsuffixed(id.index());
        let wanted = quote!(invokes[#slot] = #fsm::Slot::Wanted;);
        match is_active(scope, invoke.state) {
            Some(active) => quote!(if #active { #wanted }),
            None => wanted,
        }
    });
    Some(quote! {
        let mut invokes = [#fsm::Slot::Idle; #count];
        #(#each)*
    })
}
