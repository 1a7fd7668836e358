//! `Parts` and `Timers`: a snapshot taken apart.
//!
//! Part of [`super`]. A timer is a field with a name of its own, so that one that is gone, or new, is an error of
//! rustc's where a migration forgets it.

use fsm_model::gather::Gather as _;
use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::scope::{self, Scope};
use crate::{docs, lints};
use fsm_model::ir::{IndexVec, TimerId};
use fsm_model::names;

/// The field of each timer.
pub(super) fn timers(scope: &Scope<'_>) -> IndexVec<TimerId, Ident> {
    let mut taken = HashSet::new();
    let words = scope.machine.timers.iter().map(|timer| names::snake(&scope::timer_words(scope.machine, timer)));
    words.map(|words| names::ident(&names::raw(scope::unique(&mut taken, &words)))).gather()
}

/// The fields beside `state` and `context` that the parts of a machine have.
pub(super) fn others(scope: &Scope<'_>) -> Vec<Ident> {
    let form = &scope.form;
    let all = [(form.history, "history"), (form.output, "output"), (form.timers, "timers")];
    all.into_iter().filter(|(has, _)| *has).map(|(_, name)| names::ident(name)).gather()
}

pub(super) fn emit(scope: &Scope<'_>) -> TokenStream {
    let form = &scope.form;
    let history = form.history.then(|| quote!(#[doc = " What history states remember."] pub history: History,));
    let output = scope.machine.output.as_ref().map(|output| {
        let ty = &output.syntax;
        quote!(#[doc = " What it gave, if it is at its end."] pub output: Option<#ty>,)
    });
    let timers = form.timers.then(|| quote!(#[doc = " What its timers have left."] pub timers: Timers,));
    let of_timers = form.timers.then(|| of_timers(scope));
    quote! {
        #[doc = " A snapshot taken apart, for migrations."]
        #[derive(Debug, Clone, PartialEq)]
        pub struct Parts {
            #[doc = " Where the machine is."]
            pub state: State,
            #[doc = " The extended state."]
            pub context: Context,
            #history
            #output
            #timers
        }
        #of_timers
    }
}

fn of_timers(scope: &Scope<'_>) -> TokenStream {
    let fields = timers(scope);
    let ty: syn::Type = syn::parse_quote!(Option<::core::time::Duration>);
    let allow = lints::of_struct("Timers", fields.iter().map(|field| (field, &ty)));
    let fields = scope.machine.timers.enumerated().map(|(id, timer)| {
        let field = &fields[id];
        let docs = docs::lines(&format!("In {}: {}.", docs::path(scope, timer.state), docs::place(scope, timer.span)));
        quote!(#docs pub #field: #ty)
    });
    quote! {
        #[doc = " What each timer has left; nothing of one that does not run. One whose state is not active never runs."]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        #allow
        pub struct Timers { #(#fields,)* }
    }
}
