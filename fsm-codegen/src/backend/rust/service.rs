//! `Robot`: the pair of machine and handlers.
//!
//! Part of the Rust back-end.

use proc_macro2::TokenStream;
use quote::quote;

use super::scope::Scope;
use super::{docs, execute, select};

/// The pair, and how a dispatcher drives it.
pub(super) fn emit(scope: &Scope<'_>) -> TokenStream {
    let name = &scope.names.service;
    let docs = docs::described(
        scope.machine.description.as_deref(),
        &format!("The machine {} with its handlers.", docs::code(&scope.machine.name.value)),
    );
    let (parts, steps, service) = (parts(scope), steps(scope), service(scope));
    quote! {
        #docs
        #[derive(Debug, Clone)]
        pub struct #name<A> {
            machine: Machine,
            actions: A,
        }

        impl<A: Actions> #name<A> {
            #parts
            #steps
        }

        #service
    }
}

/// Making it, and looking at it.
fn parts(scope: &Scope<'_>) -> TokenStream {
    let core = &scope.core;
    let actions = select::uses_actions(scope).then(|| quote!(&self.actions,));
    quote! {
        #[doc = " The pair, not started yet, with the context that the spec declares."]
        #[must_use]
        pub fn new(actions: A) -> Self {
            Self::with_context(actions, Context::default())
        }

        #[doc = " The pair, not started yet, with a context of its own."]
        #[must_use]
        pub const fn with_context(actions: A, context: Context) -> Self {
            Self { machine: Machine::new(context), actions }
        }

        #[doc = " The plain data."]
        #[must_use]
        pub const fn machine(&self) -> &Machine {
            &self.machine
        }

        #[doc = " Where it is; where it was last, once it is finished."]
        #[must_use]
        pub const fn state(&self) -> &State {
            self.machine.state()
        }

        #[doc = " The extended state."]
        #[must_use]
        pub const fn context(&self) -> &Context {
            self.machine.context()
        }

        #[doc = " The handlers."]
        #[must_use]
        pub const fn actions(&self) -> &A {
            &self.actions
        }

        #[doc = " The handlers, to be changed between two steps."]
        #[must_use]
        pub const fn actions_mut(&mut self) -> &mut A {
            &mut self.actions
        }

        #[doc = " Whether the event would be taken now: asks the guards, does nothing."]
        #[must_use]
        pub fn can(&self, event: &Event) -> bool {
            self.machine.status == #core::Status::Ready
                && !matches!(self.machine.select(#actions event), Transition::Unhandled | Transition::Rejected)
        }
    }
}

/// Starting and stepping it without a driver.
///
/// In asynchronous machines these are plain functions that give the future of the step itself: an `async fn` around
/// it would cost a third of a small step.
fn steps(scope: &Scope<'_>) -> TokenStream {
    let result = execute::result(scope);
    let future = |lifetime: TokenStream| {
        if scope.is_async() {
            quote!(impl ::core::future::Future<Output = #result> + #lifetime)
        } else {
            result.clone()
        }
    };
    let (started, handled) = (future(quote!('_)), future(quote!('s)));
    let (lifetime, this, event) = if scope.is_async() {
        (quote!(<'s>), quote!(&'s mut self), quote!(&'s Event))
    } else {
        (TokenStream::new(), quote!(&mut self), quote!(&Event))
    };
    quote! {
        #[doc = " Enters the initial state. Does nothing to a machine that was started before."]
        #[doc = ""]
        #[doc = " # Errors"]
        #[doc = " What the entry actions fail with; the machine is started all the same."]
        pub fn start(&mut self) -> #started {
            self.machine.start(&mut self.actions, ())
        }

        #[doc = " Handles one event to completion."]
        #[doc = ""]
        #[doc = " # Errors"]
        #[doc = " As [`Machine::step`]."]
        pub fn handle #lifetime (#this, event: #event) -> #handled {
            self.machine.step(&mut self.actions, (), event)
        }
    }
}

/// The implementation of `Service`; a dispatcher is asynchronous whatever the machine is.
fn service(scope: &Scope<'_>) -> TokenStream {
    let (name, core, result) = (&scope.names.service, &scope.core, execute::result(scope));
    let dot_await = scope.dot_await();
    let bound = if scope.is_async() { quote!(Actions) } else { quote!(Actions + Send) };
    let nothing = (!scope.is_async()).then(|| quote!(::core::future::ready(()).await;));
    quote! {
        impl<A: #bound> #core::Service for #name<A> {
            type Machine = Machine;

            fn machine(&self) -> &Machine {
                &self.machine
            }

            fn run(
                &self,
                invoke: #core::Never,
            ) -> impl ::core::future::Future<Output = #core::Never> + Send + 'static {
                async move { match invoke {} }
            }

            async fn start<D: #core::Driver<Machine> + Send>(&mut self, driver: &mut D) -> #result {
                #nothing
                self.machine.start(&mut self.actions, driver) #dot_await
            }

            async fn handle<D: #core::Driver<Machine> + Send>(&mut self, driver: &mut D, event: &Event) -> #result {
                #nothing
                self.machine.step(&mut self.actions, driver, event) #dot_await
            }
        }
    }
}
