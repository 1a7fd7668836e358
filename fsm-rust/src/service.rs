//! `Robot`: the pair of machine and handlers.
//!
//! Part of the Rust back-end.

use fsm_model::gather::Gather as _;
use proc_macro2::TokenStream;
use quote::quote;

use super::scope::Scope;
use super::{docs, execute, generics, select, snapshot};

/// The pair, and how a dispatcher drives it.
pub(super) fn emit(scope: &Scope<'_>, restore_any: &TokenStream) -> TokenStream {
    let name = &scope.names.service;
    let docs = docs::described(
        scope.machine.description.as_deref(),
        &format!("The machine {} with its handlers.", docs::code(&scope.machine.name.value)),
    );
    let (parts, steps, service) = (parts(scope), steps(scope), service(scope));
    let pending = scope.form.has_timers().then(|| {
        let remaining = snapshot::remaining(scope);
        quote!(remaining: #remaining,)
    });
    quote! {
        #docs
        #[derive(Debug, Clone)]
        pub struct #name<A> {
            machine: Machine,
            actions: A,
            #pending
        }

        impl<A: Actions> #name<A> {
            #parts
            #restore_any
            #steps
        }

        #service
    }
}

/// Making it, and looking at it.
fn parts(scope: &Scope<'_>) -> TokenStream {
    let (can, snapshots, fsm) = (can(scope), snapshot::methods(scope), &scope.core);
    let pending = scope.form.has_timers().then(|| quote!(, remaining: [::core::time::Duration::ZERO; _]));
    let constant = (!scope.form.data && !scope.form.history).then(|| quote!(const));
    let has_default = generics::only_where(scope, &quote!(Context: Default));
    quote! {
        #[doc = " The pair, not started yet, with the context that the spec declares."]
        #[must_use]
        pub fn new(actions: A) -> Self #has_default {
            Self::with_context(actions, Context::default())
        }

        #[doc = " The pair, not started yet, with a context of its own."]
        #[must_use]
        pub #constant fn with_context(actions: A, context: Context) -> Self {
            Self { machine: Machine::new(context), actions #pending }
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

        #can

        #[doc = " The events for which an active state has a transition, as the spec spells them; no guard is asked."]
        pub fn accepted(&self) -> impl ::core::iter::Iterator<Item = &'static str> + '_ {
            #fsm::Machine::accepted(&self.machine).map(|event| DEFINITION.events[event].name)
        }

        #snapshots
    }
}

/// `can`.
fn can(scope: &Scope<'_>) -> TokenStream {
    let (fsm, error) = (&scope.core, &scope.error);
    let actions = select::uses_actions(scope).then(|| quote!(&self.actions,));
    let (declare, run) = if scope.form.faults {
        (quote!(let run = &mut #fsm::Run::<#error>::new(&DEFINITION);), quote!(, run))
    } else {
        Default::default()
    };
    let args = quote!(#actions event #run);
    let taken = if scope.form.engine {
        let select = select::chosen(scope, &quote!(self.machine.select), &args);
        quote!({ #select chosen.fate() == #fsm::Fate::Taken })
    } else {
        quote!(!matches!(self.machine.select(#args), Transition::Unhandled | Transition::Rejected))
    };
    quote! {
        #[doc = " Whether the event would be taken now: asks the guards, does nothing."]
        #[must_use]
        pub fn can(&self, event: &Event) -> bool {
            #declare
            self.machine.status == #fsm::Status::Ready && #taken
        }
    }
}

/// Starting and stepping it without a driver.
///
/// In asynchronous machines these are plain functions that give the future of the step itself: an `async fn` around
/// it would cost a third of a small step.
fn steps(scope: &Scope<'_>) -> TokenStream {
    let resume_alone = resume(scope, &quote!(()));
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
            #resume_alone
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

/// The implementation of `Service`; a dispatcher is asynchronous whatever the machine is. Its futures are `Send`, so
/// there is none where the spec says that they need not be.
fn service(scope: &Scope<'_>) -> TokenStream {
    if !scope.machine.send_futures {
        return TokenStream::new();
    }
    let (name, fsm, result) = (&scope.names.service, &scope.core, execute::result(scope));
    let dot_await = scope.dot_await();
    let bound = match (scope.is_async(), scope.form.clones) {
        (true, _) => quote!(Actions),
        (false, true) => quote!(Actions + Send + Sync),
        (false, false) => quote!(Actions + Send),
    };
    let bound = if scope.is_async() && scope.form.engine { quote!(#bound + Sync) } else { bound };
    let nothing = (!scope.is_async()).then(|| quote!(::core::future::ready(()).await;));
    // Where the machine has a future of its own, there is none around it.
    let (async_keyword, returned) = if scope.is_async() {
        (None, quote!(impl ::core::future::Future<Output = #result> + Send))
    } else {
        (Some(quote!(async)), result.clone())
    };
    let fire = scope.form.has_timers().then(|| {
        quote! {
            #async_keyword fn fire<D: #fsm::Driver<Machine> + Send>(
                &mut self,
                driver: &mut D,
                timer: Timer,
                generation: u32,
            ) -> #returned {
                #nothing
                self.machine.fire(&mut self.actions, driver, timer, generation)
            }
        }
    });
    let complete = scope.form.invokes.then(|| {
        quote! {
            #async_keyword fn complete<D: #fsm::Driver<Machine> + Send>(
                &mut self,
                driver: &mut D,
                generation: u32,
                done: Done,
            ) -> #returned {
                #nothing
                self.machine.complete(&mut self.actions, driver, generation, done)
            }
        }
    });
    let run = run(scope);
    // Every task holds this future: there is none around that of an asynchronous step, and around a synchronous one a
    // block that captures, since an `async fn` would hold its arguments twice.
    let handled = if scope.is_async() {
        quote!(self.machine.step(&mut self.actions, driver, event))
    } else {
        quote! {
            let own = self;
            async move { own.machine.step(&mut own.actions, driver, event) }
        }
    };
    let resume = resume(scope, &quote!(&mut *driver));
    let persist = snapshot::persist(scope, &bound);
    quote! {
        impl<A: #bound> #fsm::Service for #name<A> {
            type Machine = Machine;

            fn machine(&self) -> &Machine {
                &self.machine
            }

            async fn start<D: #fsm::Driver<Machine> + Send>(&mut self, driver: &mut D) -> #result {
                #nothing
                #resume
                self.machine.start(&mut self.actions, driver) #dot_await
            }

            fn handle<D: #fsm::Driver<Machine> + Send>(
                &mut self,
                driver: &mut D,
                event: &Event,
            ) -> impl ::core::future::Future<Output = #result> + Send {
                #handled
            }

            #fire
            #complete
            #run
        }

        #persist
    }
}

/// A start of a restored machine.
fn resume(scope: &Scope<'_>, driver: &TokenStream) -> Option<TokenStream> {
    let fsm = &scope.core;
    let remaining = scope.form.has_timers().then(|| quote!(, &self.remaining));
    scope.has_snapshot().then(|| {
        quote! {
            if self.machine.status == #fsm::Status::Suspended {
                self.machine.resume(#driver #remaining);
            }
        }
    })
}

/// Running an invoke beside the machine.
fn run(scope: &Scope<'_>) -> TokenStream {
    let fsm = &scope.core;
    if !scope.form.invokes {
        return quote! {
            fn run(
                &self,
                invoke: #fsm::Never,
            ) -> impl ::core::future::Future<Output = #fsm::Never> + Send + 'static {
                let _ = invoke;
                ::core::future::pending()
            }
        };
    }
    let dot_await = scope.dot_await();
    let arms = scope.machine.tasks.iter().map(|task| {
        let (variant, method) = (
            fsm_model::names::pascal_ident(&task.method.name.value),
            fsm_model::names::snake_ident(&task.method.name.value),
        );
        let params: Vec<_> = task.method.params.iter().map(|param| fsm_model::names::ident(&param.name)).gather();
        let fields = (!params.is_empty()).then(|| quote!({ #(#params),* }));
        let run = quote!(actions.#method(#(#params),*) #dot_await);
        if task.output.is_none() && scope.machine.error.is_none() {
            return quote!(Invoke::#variant #fields => { #run; Done::#variant(()) });
        }
        quote!(Invoke::#variant #fields => Done::#variant(#run),)
    });
    quote! {
        fn run(&self, invoke: Invoke) -> impl ::core::future::Future<Output = Done> + Send + 'static {
            let actions = self.actions.clone();
            async move {
                match invoke { #(#arms)* }
            }
        }
    }
}
