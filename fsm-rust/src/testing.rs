//! `mod testing`: handlers for tests, where the user wants them.
//!
//! Part of the Rust back-end. `Scripted` implements `Actions` by the kit of fsm-runtime: each method writes down its call and
//! answers by a script. A machine with generic parameters has none: what its methods are handed is not known here.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::actions::{self, types};
use super::scope::Scope;
use super::{docs, lints};
use fsm_model::ir::{Method, ParamType};
use fsm_model::names;

/// The module; nothing where nobody asked for it.
pub(super) fn emit(scope: &Scope<'_>) -> TokenStream {
    if !scope.config.testing || scope.machine.generics.is_some() {
        return TokenStream::new();
    }
    let (runtime, error) = (&scope.config.runtime, &scope.error);
    let (implementation, testbed) = (implementation(scope), testbed(scope));
    let answers = scope.machine.tasks.iter().map(|task| {
        let (name, output) = (scope.snake(&task.method.name), actions::task_output(scope, task));
        let docs = docs::lines(&format!("What {} gives.", docs::code(&task.method.name.value)));
        quote!(#docs pub #name: #runtime::testing::Answers<#output>)
    });
    let (tasks, field) = if scope.machine.tasks.is_empty() {
        Default::default()
    } else {
        let tasks = quote! {
            #[doc = " What the tasks of invokes give, run by run."]
            #[derive(Debug, Clone, Default)]
            pub struct ScriptedTasks { #(#answers,)* }
        };
        (tasks, quote!(#[doc = " What tasks give."] pub tasks: ScriptedTasks,))
    };
    quote! {
        #[doc = " What tests of the machine need."]
        pub mod testing {
            #[allow(
                unused_imports,
                clippy::wildcard_imports,
                reason = "handlers name what the spec names, and not every machine has some"
            )]
            use super::*;

            #[doc = " Handlers that write down every call and answer by a script. Clones follow the same script."]
            #[derive(Debug, Clone, Default)]
            pub struct Scripted {
                #[doc = " What guards answer, which actions fail, how long delays are."]
                pub script: #runtime::testing::Script<#error>,
                #field
            }

            #tasks
            #testbed
            #implementation
        }
    }
}

/// A machine with these handlers; there is no dispatcher for one whose futures are not `Send`.
fn testbed(scope: &Scope<'_>) -> TokenStream {
    if !scope.machine.send_futures {
        return TokenStream::new();
    }
    let (runtime, service) = (&scope.config.runtime, &scope.names.service);
    quote! {
        impl Scripted {
            #[doc = " The machine, not started, with these handlers."]
            #[must_use]
            pub fn testbed(&self) -> #runtime::testing::Testbed<#service<Self>> {
                #runtime::testing::Testbed::new(#service::new(self.clone()), self.script.log().clone())
            }
        }
    }
}

fn implementation(scope: &Scope<'_>) -> TokenStream {
    let machine = scope.machine;
    let asynchronous = scope.is_async().then(|| quote!(async));
    let result = |name: &str| {
        if machine.error.is_some() { quote!(self.script.result(#name)) } else { TokenStream::new() }
    };
    let guards = machine.guards.iter().map(|guard| {
        let Parts { name, spelt, params, arguments, allow } = parts(scope, guard);
        quote!(#allow fn #name(&self, #params) -> bool { self.script.ask(#spelt, &[#arguments]) })
    });
    let actions = machine.actions.iter().map(|action| {
        let Parts { name, spelt, params, arguments, allow } = parts(scope, action);
        let output = machine.error.is_some().then(|| {
            let output = actions::result(scope, &quote!(()));
            quote!(-> #output)
        });
        let (receiver, asynchronous) =
            if action.blocking { (quote!(self), None) } else { (quote!(&mut self), asynchronous.as_ref()) };
        let result = result(spelt);
        quote! {
            #allow
            #asynchronous fn #name(#receiver, #params) #output {
                self.script.called(#spelt, &[#arguments]);
                #result
            }
        }
    });
    let tasks = machine.tasks.iter().map(|task| {
        let Parts { name, spelt, params, arguments, allow } = parts(scope, &task.method);
        let output = actions::task_output(scope, task);
        let gives = task.output.is_some() || machine.error.is_some();
        let answer = quote!(self.tasks.#name.take(#spelt));
        let (arrow, answer) =
            if gives { (quote!(-> #output), answer) } else { (TokenStream::new(), quote!(let () = #answer;)) };
        quote! {
            #allow
            #asynchronous fn #name(self, #params) #arrow {
                self.script.called(#spelt, &[#arguments]);
                #answer
            }
        }
    });
    let delays = machine.delays.iter().filter(|delay| delay.duration.is_none()).map(|delay| {
        let (name, spelt) = (scope.snake(&delay.name), &delay.name.value);
        quote!(fn #name(&self) -> ::core::time::Duration { self.script.length(#spelt) })
    });
    quote! {
        impl Actions for Scripted {
            #(#guards)*
            #(#actions)*
            #(#tasks)*
            #(#delays)*
        }
    }
}

/// What a method is made of.
struct Parts<'m> {
    name: Ident,
    spelt: &'m str,
    params: TokenStream,
    /// The parameters as the script is shown them.
    arguments: TokenStream,
    allow: TokenStream,
}

fn parts<'m>(scope: &Scope<'_>, method: &'m Method) -> Parts<'m> {
    let types = types(scope, method);
    let params = method.params.iter().zip(&types).map(|(param, ty)| {
        let name = names::ident(&param.name);
        quote!(#name: #ty)
    });
    let arguments = method.params.iter().map(|param| {
        let name = names::ident(&param.name);
        // It has nothing to show, and the one for whom it is a parameter uses it.
        if matches!(param.ty, ParamType::Queue) { quote!({ let _ = #name; &"queue" }) } else { quote!(&#name) }
    });
    Parts {
        name: scope.snake(&method.name),
        spelt: &method.name.value,
        params: quote!(#(#params),*),
        arguments: quote!(#(#arguments),*),
        allow: lints::of_method(&types),
    }
}
