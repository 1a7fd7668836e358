//! `Context` and `Machine`: the plain data.
//!
//! Part of the Rust back-end.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{Expr, Lit};

use super::scope::Scope;
use super::{docs, events, lints};
use crate::ir::{Field, StateId};
use crate::names;

/// `Context`: the extended state.
pub(super) fn context(scope: &Scope<'_>) -> TokenStream {
    let fields = &scope.machine.context;
    let serde = scope.serde_derive();
    let doc = docs::lines("The extended state.");
    if fields.is_empty() {
        return quote! {
            #doc
            #[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
            #serde
            pub struct Context {}
        };
    }
    let idents: Vec<Ident> = fields.iter().map(|field| names::snake_ident(&field.name.value)).collect();
    let members = fields.iter().zip(&idents).map(|(field, ident)| {
        let ty = &field.ty.syntax;
        let docs = docs::lines(&format!("{}.", docs::place(scope, field.name.span)));
        let rename = scope.serde_rename(ident, &field.name.value);
        quote!(#docs #rename pub #ident: #ty)
    });
    let types = fields.iter().map(|field| &*field.ty.syntax);
    let allow = lints::of_struct("Context", idents.iter().zip(types));
    let comparable = fields.iter().all(|field| events::is_comparable(&field.ty.syntax)).then(|| quote!(Eq, Hash,));
    let plain = fields.iter().all(|field| field.default.as_ref().is_none_or(|default| is_default(&default.syntax)));
    let derive = plain.then(|| quote!(Default));
    let values = fields.iter().zip(&idents).map(|(field, ident)| {
        let value = default_value(field);
        quote!(#ident: #value)
    });
    let default = (!plain).then(|| {
        quote! {
            impl Default for Context {
                fn default() -> Self {
                    Self { #(#values,)* }
                }
            }
        }
    });
    quote! {
        #doc
        #[derive(Debug, Clone, PartialEq, #comparable #derive)]
        #serde
        #allow
        pub struct Context { #(#members,)* }
        #default
    }
}

fn default_value(field: &Field) -> TokenStream {
    let Some(default) = &field.default else { return type_default(&field.ty.syntax) };
    let is_string = matches!(&*field.ty.syntax, syn::Type::Path(path) if path.path.is_ident("String"));
    match &*default.syntax {
        // `name: String = "arm"`, as everyone writes it.
        literal @ Expr::Lit(expr) if is_string && matches!(expr.lit, Lit::Str(_)) => quote!(String::from(#literal)),
        other => other.to_token_stream(),
    }
}

/// `Vec::default()`, as clippy likes it better than `Default::default()`.
fn type_default(ty: &syn::Type) -> TokenStream {
    let syn::Type::Path(path) = ty else { return quote!(Default::default()) };
    let mut path = path.clone();
    if let Some(last) = path.path.segments.last_mut() {
        last.arguments = syn::PathArguments::None;
    }
    quote!(#path::default())
}

/// Whether an expression is what `Default::default()` gives anyway: clippy would ask for the derive.
fn is_default(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(int) => int.base10_digits() == "0",
            Lit::Bool(value) => !value.value,
            Lit::Str(text) => text.value().is_empty(),
            _ => false,
        },
        Expr::Path(path) => path.path.is_ident("None"),
        Expr::Call(call) => {
            let function = call.func.to_token_stream().to_string().replace(' ', "");
            call.args.is_empty() && (function.ends_with("::default") || function.ends_with("::new"))
        }
        _ => false,
    }
}

/// `Machine`: state, context and where it is in its life.
pub(super) fn emit(scope: &Scope<'_>) -> TokenStream {
    let core = &scope.core;
    let leaf = scope.leaf(scope.machine.default_leaf(StateId::ROOT));
    let error = &scope.error;
    quote! {
        #[doc = " The machine as plain data, without handlers."]
        #[derive(Debug, Clone, PartialEq)]
        pub struct Machine {
            state: State,
            status: #core::Status,
            context: Context,
        }

        impl Machine {
            #[doc = " A machine that is not started yet."]
            #[must_use]
            pub const fn new(context: Context) -> Self {
                Self { state: #leaf, status: #core::Status::Stopped, context }
            }

            #[doc = " Where it is; where it was last, once it is finished."]
            #[must_use]
            pub const fn state(&self) -> &State {
                &self.state
            }

            #[doc = " The extended state."]
            #[must_use]
            pub const fn context(&self) -> &Context {
                &self.context
            }

            #[doc = " Where it is in its life."]
            #[must_use]
            pub const fn status(&self) -> #core::Status {
                self.status
            }
        }

        impl Default for Machine {
            fn default() -> Self {
                Self::new(Context::default())
            }
        }

        impl #core::Machine for Machine {
            type State = State;
            type Event = Event;
            type Context = Context;
            type Error = #error;
            type Timer = #core::Never;
            type Invoke = #core::Never;
            type Done = #core::Never;
            type Output = #core::Never;
            type Message = #core::Never;
            type Reply = #core::Never;

            const DEFINITION: &'static #core::Definition = &DEFINITION;

            fn state(&self) -> &State {
                &self.state
            }

            fn context(&self) -> &Context {
                &self.context
            }

            fn status(&self) -> #core::Status {
                self.status
            }

            fn event_index(event: &Event) -> usize {
                event.index()
            }

            fn active(&self) -> impl Iterator<Item = usize> {
                ::core::iter::once(self.state.index())
            }
        }
    }
}
