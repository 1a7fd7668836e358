//! The functions by which a step is begun: `start`, `step`, `fire` and `complete` of `Machine`.
//!
//! Part of the Rust back-end. Where they are asynchronous each gives a block that captures its arguments: an `async fn`
//! would hold them twice, and the task of every machine with them. What the block captures is written out, since not
//! every edition of Rust captures lifetimes by itself.

use proc_macro2::TokenStream;
use quote::quote;

use super::scope::Scope;
use super::{execute, generics, tokens};

/// What tells one entrance from the other.
pub(super) struct Entrance<'e> {
    /// What it is for, and how it fails.
    pub(super) docs: TokenStream,
    pub(super) name: &'e str,
    /// What it takes besides the handlers and the driver.
    pub(super) params: TokenStream,
    /// Whether the driver is used.
    pub(super) drives: bool,
    /// What is done with arguments that nobody uses.
    pub(super) unused: TokenStream,
    pub(super) body: TokenStream,
}

/// The parameter of an entrance that takes an event.
pub(super) fn event(scope: &Scope<'_>) -> TokenStream {
    if scope.is_async() { quote!(event: &'e Event) } else { quote!(event: &Event) }
}

/// The public function.
pub(super) fn emit(scope: &Scope<'_>, entrance: Entrance<'_>) -> TokenStream {
    let Entrance { docs, name, params, drives, unused, body } = entrance;
    let (fsm, result, name) = (&scope.core, execute::result(scope), fsm_model::names::ident(name));
    let driver = if drives { quote!(let mut driver = driver;) } else { quote!(::core::mem::drop(driver);) };
    if !scope.is_async() {
        return quote! {
            #docs
            pub fn #name<A: Actions, D: #fsm::Driver<Self>>(&mut self, actions: &mut A, driver: D, #params) -> #result {
                #driver
                #unused
                #body
            }
        };
    }
    let event = tokens::mentions(&params, "Event").then(|| quote!('e,));
    let own = generics::names(scope);
    quote! {
        #docs
        pub fn #name<'s, 'a, #event A: Actions, D: #fsm::Driver<Self>>(
            &'s mut self,
            actions: &'a mut A,
            driver: D,
            #params
        ) -> impl ::core::future::Future<Output = #result> + use<'s, 'a, #event A, D, #(#own),*> {
            #driver
            #unused
            async move { #body }
        }
    }
}
