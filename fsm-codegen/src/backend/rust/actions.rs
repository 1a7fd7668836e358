//! `trait Actions`: what the user writes.
//!
//! Part of the Rust back-end. One method for each named guard and action, typed by what the spec hands it; the docs
//! say where the spec uses it.

use std::collections::HashMap;

use proc_macro2::TokenStream;
use quote::quote;

use super::scope::Scope;
use super::{docs, execute, lints};
use crate::ir::{
    Action, ActionId, Borrow, Call, GuardId, Machine, Method, Param, ParamType, StateId, StateKind, Transition, Trigger,
};
use crate::names;

/// How many uses the docs of a method list.
const USES_SHOWN: usize = 8;

/// The trait.
pub(super) fn emit(scope: &Scope<'_>) -> TokenStream {
    let machine = scope.machine;
    let uses = Uses::new(scope);
    let guards = machine.guards.enumerated().map(|(id, guard)| {
        let (name, docs, params) = (names::snake_ident(&guard.name.value), uses.guard(id, guard), params(scope, guard));
        let allow = lints::of_method(&types(scope, guard));
        quote!(#docs #allow fn #name(&self, #params) -> bool;)
    });
    let actions = machine.actions.enumerated().map(|(id, action)| {
        let (name, docs, params) =
            (names::snake_ident(&action.name.value), uses.action(id, action), params(scope, action));
        let (allow, output) = (lints::of_method(&types(scope, action)), output(scope));
        quote!(#docs #allow fn #name(&mut self, #params) #output;)
    });
    let send = (scope.is_async()).then(|| quote!(: Send));
    let error = execute::step_error(scope);
    // A method that gives a future is spared.
    let errors = (!scope.is_async() && scope.machine.error.is_some()).then(
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

/// What an action gives.
fn output(scope: &Scope<'_>) -> TokenStream {
    let error = &scope.error;
    let output = if scope.machine.error.is_some() { quote!(Result<(), #error>) } else { quote!(()) };
    match (scope.is_async(), scope.machine.error.is_some()) {
        (true, _) => quote!(-> impl Future<Output = #output> + Send),
        (false, true) => quote!(-> #output),
        (false, false) => TokenStream::new(),
    }
}

fn params(scope: &Scope<'_>, method: &Method) -> TokenStream {
    let params = method.params.iter().zip(types(scope, method)).map(|(Param { name, .. }, ty)| {
        let name = names::ident(name);
        quote!(#name: #ty)
    });
    quote!(#(#params),*)
}

fn types(scope: &Scope<'_>, method: &Method) -> Vec<TokenStream> {
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
    method.params.iter().map(ty).collect()
}

/// Where the spec uses each method.
struct Uses {
    guards: HashMap<GuardId, Vec<String>>,
    actions: HashMap<ActionId, Vec<String>>,
}

impl Uses {
    fn new(scope: &Scope<'_>) -> Self {
        let machine = scope.machine;
        let mut uses = Self { guards: HashMap::new(), actions: HashMap::new() };
        for (id, state) in machine.states.enumerated() {
            uses.add_block(scope, &state.entry, "Entry of", id);
            uses.add_block(scope, &state.exit, "Exit of", id);
            if let StateKind::Compound(initial) = &state.kind {
                uses.add_block(scope, &initial.actions, "Initial transition of", id);
            }
        }
        for transition in &machine.transitions {
            let place = on(scope, machine, transition);
            if let Some(guard) = &transition.guard {
                docs::calls(guard, &mut |call, id| uses.guards.entry(id).or_default().push(entry(scope, &place, call)));
            }
            for action in &transition.actions {
                if let Action::Call(id, call) = action {
                    uses.actions.entry(*id).or_default().push(entry(scope, &place, call));
                }
            }
        }
        uses
    }

    fn add_block(&mut self, scope: &Scope<'_>, block: &[Action], what: &str, state: StateId) {
        for action in block {
            if let Action::Call(id, call) = action {
                let place = format!("{what} {}", docs::path(scope, state));
                self.actions.entry(*id).or_default().push(entry(scope, &place, call));
            }
        }
    }

    fn guard(&self, id: GuardId, method: &Method) -> TokenStream {
        text(method, self.guards.get(&id))
    }

    fn action(&self, id: ActionId, method: &Method) -> TokenStream {
        text(method, self.actions.get(&id))
    }
}

fn on(scope: &Scope<'_>, machine: &Machine, transition: &Transition) -> String {
    let Trigger::Event(event) = transition.trigger else { unreachable!("resolve gives no other yet") };
    format!("{} on {}", docs::path(scope, transition.source), docs::code(&machine.events[event].name.value))
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
