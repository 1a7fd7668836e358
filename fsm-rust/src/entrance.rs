//! The functions by which a step is begun: `start`, `step`, `fire` and `complete` of `Machine`.
//!
//! Part of the Rust back-end. Where they are asynchronous each gives a block that captures its arguments: an `async fn`
//! would hold them twice, and the task of every machine with them.

use proc_macro2::TokenStream;
use quote::quote;

use super::execute;
use super::scope::Scope;

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

/// The public function.
pub(super) fn emit(scope: &Scope<'_>, entrance: Entrance<'_>) -> TokenStream {
    let Entrance { docs, name, params, drives, unused, body } = entrance;
    let (fsm, result, name) = (&scope.core, execute::result(scope), fsm_model::names::ident(name));
    let driver = if drives { quote!(let mut driver = driver;) } else { quote!(::core::mem::drop(driver);) };
    let (output, body) = if scope.is_async() {
        (quote!(impl ::core::future::Future<Output = #result>), quote!(async move { #body }))
    } else {
        (result, body)
    };
    quote! {
        #docs
        pub fn #name<A: Actions, D: #fsm::Driver<Self>>(
            &mut self,
            actions: &mut A,
            driver: D,
            #params
        ) -> #output {
            #driver
            #unused
            #body
        }
    }
}
