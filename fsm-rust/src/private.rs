//! The private functions of `Machine` by which a step is carried on.
//!
//! Part of the Rust back-end. Where one waits it gives a block that captures its arguments, as the entrances do
//! ([`super::entrance`]). An `async fn` would hold them twice, and copy them when it is polled first: they were just written one by
//! one, and a processor that is to copy them two at a time waits until they have come to rest, which costs more than many a
//! transition. All arguments are lent for one lifetime, `'s`, since not every edition of Rust captures lifetimes by itself.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::execute;
use super::scope::Scope;

pub(super) struct Private<'p> {
    pub(super) docs: Option<&'p str>,
    pub(super) name: &'p Ident,
    /// What comes before what all of them take, and what comes behind; lifetimes by [`reference`] and [`elided`].
    pub(super) first: Option<TokenStream>,
    pub(super) last: Option<TokenStream>,
    /// Whether it may wait.
    pub(super) waits: bool,
    pub(super) code: TokenStream,
}

/// The lifetime of a reference among the arguments of a function that may wait.
pub(super) fn reference(scope: &Scope<'_>) -> Option<TokenStream> {
    scope.is_async().then(|| quote!('s))
}

/// The same in angle brackets, where something has to stand.
pub(super) fn elided(scope: &Scope<'_>) -> TokenStream {
    reference(scope).unwrap_or_else(|| quote!('_))
}

pub(super) fn emit(scope: &Scope<'_>, private: Private<'_>) -> TokenStream {
    let Private { docs, name, first, last, waits, code } = private;
    let docs = docs.map(|docs| quote!(#[doc = #docs]));
    let waits = waits && scope.is_async();
    let (lifetime, comma) = if waits { (quote!('s), quote!(,)) } else { Default::default() };
    let (fsm, error) = (&scope.core, &scope.error);
    let mut names = vec!["self", "actions"];
    let (drives, rest) = if scope.form.engine {
        names.extend(["driver", "run"]);
        (
            quote!(, D: #fsm::Driver<Self>),
            Some(quote!(driver: &#lifetime mut D, run: &#lifetime mut #fsm::Run<#error>,)),
        )
    } else {
        let failed = scope.fallible.then(|| {
            names.push("failed");
            let error = execute::step_error(scope);
            quote!(failed: &#lifetime mut Option<#error>,)
        });
        (TokenStream::new(), failed)
    };
    let unused = execute::unused(&code, &names);
    let (output, body) = if waits {
        (quote!(-> impl ::core::future::Future<Output = ()> + 's), quote!(async move { #code }))
    } else {
        (TokenStream::new(), code)
    };
    quote! {
        #docs
        fn #name<#lifetime #comma A: Actions #drives>(
            &#lifetime mut self,
            #first
            actions: &#lifetime mut A,
            #rest
            #last
        ) #output {
            #unused
            #body
        }
    }
}
