//! `trait Actions`: what the user writes.
//!
//! Part of the Rust back-end. One method for each named guard and action, typed by what the spec hands it; the docs
//! say where the spec uses it.

use fsm_model::gather::Gather as _;
use std::collections::HashMap;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::scope::Scope;
use super::{docs, execute, lints, tokens};
use fsm_model::ir::{Action, ActionId, Borrow, Call, GuardId, Id, Method, Param, ParamType, StateId, StateKind, Task};
use fsm_model::names;

/// How many uses the docs of a method list.
const USES_SHOWN: usize = 8;

/// The trait.
pub(super) fn emit(scope: &Scope<'_>) -> TokenStream {
    let machine = scope.machine;
    let uses = Uses::new(scope);
    let guards = machine.guards.enumerated().map(|(id, guard)| {
        let (name, docs, params) = (scope.snake(&guard.name), uses.guard(id, guard), params(scope, guard));
        let allow = lints::of_method(&types(scope, guard));
        declared(&name, &docs, &allow, quote!(fn #name(&self, #params) -> bool;))
    });
    let actions = machine.actions.enumerated().map(|(id, action)| {
        let (name, docs, params) = (scope.snake(&action.name), uses.action(id, action), params(scope, action));
        let allow = lints::of_method(&types(scope, action));
        if action.blocking {
            let output = result(scope, &quote!(()));
            let output = machine.error.is_some().then(|| quote!(-> #output));
            return declared(&name, &docs, &allow, quote!(fn #name(self, #params) #output;));
        }
        let output = output(scope);
        declared(&name, &docs, &allow, quote!(fn #name(&mut self, #params) #output;))
    });
    let tasks = machine.tasks.iter().enumerate().map(|(at, task)| {
        let method = &task.method;
        let (name, docs, params) = (scope.snake(&method.name), uses.task(at, method), params(scope, method));
        let allow = lints::of_method(&types(scope, method));
        let output = task_output_of(scope, task);
        declared(&name, &docs, &allow, quote!(fn #name(self, #params) #output;))
    });
    let delays = machine.delays.iter().filter(|delay| delay.duration.is_none()).map(|delay| {
        let name = scope.snake(&delay.name);
        let docs = docs::lines(&format!("How long {} is.", docs::code(&delay.name.value)));
        declared(&name, &docs, &TokenStream::new(), quote!(fn #name(&self) -> ::core::time::Duration;))
    });
    // What blocks its thread runs on another one.
    let blocking = machine.actions.iter().any(|action| action.blocking);
    let sends = scope.is_async() && (machine.send_futures || blocking);
    let send = match (scope.form.clones, sends) {
        (true, true) => quote!(: Clone + Send + 'static),
        (true, false) => quote!(: Clone + 'static),
        (false, true) => quote!(: Send),
        (false, false) => TokenStream::new(),
    };
    let error = execute::step_error(scope);
    // A method that gives a future is spared.
    let errors = ((blocking || !scope.is_async()) && machine.error.is_some()).then(
        || quote!(#[allow(clippy::missing_errors_doc, reason = "the spec says what actions fail with, and not which")]),
    );
    let how = if scope.is_async() { " Asynchronous methods are written as plain `async fn`." } else { "" };
    let doc = format!(" The guards and actions of the machine.{how}");
    quote! {
        #[doc = #doc]
        #errors
        pub trait Actions #send {
            #(#guards)*
            #(#actions)*
            #(#tasks)*
            #(#delays)*

            #[doc = " Called with every event that no active state handles."]
            fn on_unhandled(&mut self, machine: &Machine, event: &Event) {
                let _ = (machine, event);
            }

            #[doc = " Called with every error of a step; the step itself returns only the first."]
            fn on_error(&mut self, error: &#error) {
                let _ = error;
            }
        }
    }
}

/// A method of the trait; as a whole it stands where the user named it.
fn declared(name: &Ident, docs: &TokenStream, allow: &TokenStream, signature: TokenStream) -> TokenStream {
    let signature = tokens::at(name, signature);
    quote!(#docs #allow #signature)
}

/// What an action gives, as its signature says.
pub(super) fn output(scope: &Scope<'_>) -> TokenStream {
    let (output, send) = (result(scope, &quote!(())), scope.send());
    match (scope.is_async(), scope.machine.error.is_some()) {
        (true, _) => quote!(-> impl Future<Output = #output> #send),
        (false, true) => quote!(-> #output),
        (false, false) => TokenStream::new(),
    }
}

/// What a task gives, as its signature says.
pub(super) fn task_output_of(scope: &Scope<'_>, task: &Task) -> TokenStream {
    let output = task_output(scope, task);
    if scope.is_async() {
        let send = scope.send();
        quote!(-> impl Future<Output = #output> #send)
    } else if task.output.is_none() && scope.machine.error.is_none() {
        TokenStream::new()
    } else {
        quote!(-> #output)
    }
}

/// What a task gives.
pub(super) fn task_output(scope: &Scope<'_>, task: &Task) -> TokenStream {
    let output = task.output.as_ref().map_or_else(
        || quote!(()),
        |ty| {
            let ty = &ty.syntax;
            quote!(#ty)
        },
    );
    result(scope, &output)
}

/// `value`, or a result of it where actions can fail.
pub(super) fn result(scope: &Scope<'_>, value: &TokenStream) -> TokenStream {
    let error = &scope.error;
    if scope.machine.error.is_some() { quote!(Result<#value, #error>) } else { value.clone() }
}

fn params(scope: &Scope<'_>, method: &Method) -> TokenStream {
    let params = method.params.iter().zip(types(scope, method)).map(|(Param { name, .. }, ty)| {
        let name = names::ident(name);
        quote!(#name: #ty)
    });
    quote!(#(#params),*)
}

pub(super) fn types(scope: &Scope<'_>, method: &Method) -> Vec<TokenStream> {
    let ty = |param: &Param| match &param.ty {
        ParamType::Rust(ty) => quote!(#ty),
        ParamType::Event(event) => {
            let event = &scope.names.events[*event];
            quote!(&event::#event)
        }
        ParamType::Context(Borrow::Mutable) => quote!(&mut Context),
        ParamType::Context(Borrow::Value | Borrow::Shared) => quote!(&Context),
        ParamType::Queue => quote!(&mut Queue),
    };
    method.params.iter().map(ty).gather()
}

/// Where the spec uses each method.
struct Uses {
    guards: HashMap<GuardId, Vec<String>>,
    actions: HashMap<ActionId, Vec<String>>,
    tasks: HashMap<usize, Vec<String>>,
}

impl Uses {
    fn new(scope: &Scope<'_>) -> Self {
        let machine = scope.machine;
        let mut uses = Self { guards: HashMap::new(), actions: HashMap::new(), tasks: HashMap::new() };
        for (id, state) in machine.states.enumerated() {
            uses.add_block(scope, &state.entry, "Entry of", id);
            uses.add_block(scope, &state.exit, "Exit of", id);
            match &state.kind {
                StateKind::Compound(initial) => uses.add_block(scope, &initial.actions, "Initial transition of", id),
                StateKind::History(history) => {
                    let default = history.default.as_ref().map_or(&[][..], |default| &default.actions);
                    uses.add_block(scope, default, "Default of", id);
                }
                StateKind::Atomic | StateKind::Parallel | StateKind::Final => {}
            }
        }
        for (id, transition) in machine.transitions.enumerated() {
            let place =
                format!("{} on {}", docs::path(scope, transition.source), docs::code(&docs::trigger_name(scope, id)));
            if let Some(guard) = &transition.guard {
                uses.add_guard(scope, guard, &place);
            }
            uses.add_actions(scope, &transition.actions, &place);
        }
        for invoke in &machine.invokes {
            let place = format!("While {} is active", docs::path(scope, invoke.state));
            uses.tasks.entry(invoke.task.index()).or_default().push(entry(scope, &place, &invoke.call));
        }
        uses
    }

    fn add_block(&mut self, scope: &Scope<'_>, block: &[Action], what: &str, state: StateId) {
        self.add_actions(scope, block, &format!("{what} {}", docs::path(scope, state)));
    }

    fn add_actions(&mut self, scope: &Scope<'_>, block: &[Action], place: &str) {
        for action in block {
            match action {
                Action::Call(id, call) => self.actions.entry(*id).or_default().push(entry(scope, place, call)),
                Action::If { guard, then, otherwise } => {
                    self.add_guard(scope, guard, place);
                    self.add_actions(scope, then, place);
                    self.add_actions(scope, otherwise, place);
                }
                _ => {}
            }
        }
    }

    fn add_guard(&mut self, scope: &Scope<'_>, guard: &fsm_model::ir::Guard, place: &str) {
        docs::calls(guard, &mut |call, id| self.guards.entry(id).or_default().push(entry(scope, place, call)));
    }

    fn task(&self, at: usize, method: &Method) -> TokenStream {
        text(method, self.tasks.get(&at))
    }

    fn guard(&self, id: GuardId, method: &Method) -> TokenStream {
        text(method, self.guards.get(&id))
    }

    fn action(&self, id: ActionId, method: &Method) -> TokenStream {
        text(method, self.actions.get(&id))
    }
}

fn entry(scope: &Scope<'_>, place: &str, call: &Call) -> String {
    format!("- {place}: {}", docs::place(scope, call.span))
}

fn text(method: &Method, uses: Option<&Vec<String>>) -> TokenStream {
    let name = format!("{}.", docs::code(&method.name.value));
    let uses = match uses {
        None => "The spec does not use it.".to_owned(),
        Some(uses) => {
            let more = uses.len().saturating_sub(USES_SHOWN);
            let more = if more > 0 { format!("\n- and {more} more") } else { String::new() };
            format!("{}{more}", uses[..uses.len().min(USES_SHOWN)].join("\n"))
        }
    };
    docs::described(method.description.as_deref().or(Some(&name)), &uses)
}
