//! Completion: what follows when a final state is entered.
//!
//! Part of the Rust back-end. A compound state is done with its final child, a parallel one when its last region is; the
//! machine ends with a final child of its own, or when all its regions are done. Only what somebody waits for is raised.

use fsm_model::gather::Gather as _;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::arithmetic::{Fields, Value};
use super::blocks;
use super::place::{self, Place};
use super::places;
use super::scope::Scope;
use fsm_model::ir::{Id, Machine, StateId, StateKind, Trigger};

/// What follows from entering `state`, below `domain` or by what was remembered below it.
pub(super) fn entered(scope: &Scope<'_>, state: StateId, domain: StateId) -> TokenStream {
    let machine = scope.machine;
    if !scope.form.engine {
        // The short form ends in a step that says so.
        return TokenStream::new();
    }
    let Some(parent) = machine.states[state].parent.filter(|_| machine.states[state].kind == StateKind::Final) else {
        return TokenStream::new();
    };
    if parent == StateId::ROOT {
        let output = output(scope, state)
            .map(|output| with_output(scope, state, output, |output| quote!(self.output = Some(#output);)));
        return quote!(#output run.end(););
    }
    let own = listens(machine, parent).then(|| raise(scope, parent, Some(state)));
    let around = complete(scope, parent, domain);
    quote!(#own #around)
}

/// What follows from `region` being complete.
fn complete(scope: &Scope<'_>, region: StateId, domain: StateId) -> TokenStream {
    let machine = scope.machine;
    let parent = machine.states[region].parent.filter(|parent| machine.states[*parent].kind == StateKind::Parallel);
    let Some(parent) = parent else { return TokenStream::new() };
    let own = if parent == StateId::ROOT {
        quote!(run.end();)
    } else if listens(machine, parent) {
        raise(scope, parent, None)
    } else {
        TokenStream::new()
    };
    let around = complete(scope, parent, domain);
    if (own.is_empty() && around.is_empty()) || !can_complete(machine, parent) {
        return TokenStream::new();
    }
    let is_complete = is_complete_name(scope, parent);
    let entered_here = parent == domain || machine.is_descendant(parent, domain);
    if entered_here && machine.states[parent].children.last() != Some(&region) {
        // A region behind this one is still to be entered.
        return TokenStream::new();
    }
    let last = (!entered_here).then(|| {
        let (first, end) =
            (Literal::usize_unsuffixed(parent.index()), Literal::usize_unsuffixed(machine.states[parent].end.index()));
        quote!(&& !run.enters_later(#first, #end))
    });
    quote!(if self.#is_complete() #last { #own #around })
}

fn listens(machine: &Machine, state: StateId) -> bool {
    machine.states[state].transitions.iter().any(|id| machine.transitions[*id].trigger == Trigger::Done)
}

/// Whether there is a configuration in which `state` is complete.
fn can_complete(machine: &Machine, state: StateId) -> bool {
    let children = &machine.states[state].children;
    match machine.states[state].kind {
        StateKind::Parallel => children.iter().all(|region| can_complete(machine, *region)),
        _ => children.iter().any(|child| machine.states[*child].kind == StateKind::Final),
    }
}

/// The variant of `Internal` for the completion of a state.
pub(super) fn done_variant(scope: &Scope<'_>, state: StateId) -> Ident {
    format_ident!("Done{}", fsm_model::names::pascal(&scope.names.labels[state]))
}

fn output<'m>(scope: &Scope<'m>, state: StateId) -> Option<&'m fsm_model::ir::Expr> {
    scope.machine.states[state].output.as_ref()
}

fn raise(scope: &Scope<'_>, parent: StateId, last: Option<StateId>) -> TokenStream {
    let (fsm, variant) = (&scope.core, done_variant(scope, parent));
    let raise = |event: &TokenStream| quote!(self.raise(run, actions, Internal::#variant #event););
    if scope.machine.states[parent].done.is_none() {
        return raise(&TokenStream::new());
    }
    match last.and_then(|last| output(scope, last).map(|output| (last, output))) {
        Some((last, output)) => with_output(scope, last, output, |output| raise(&quote!((#fsm::Done { #output })))),
        // A parallel state gives nothing; neither does a final child without an output beside one that has it.
        None => raise(&quote!((#fsm::Done { output: Default::default() }))),
    }
}

/// Code that uses the output of a final state; an overflow in it is a failure, and leaves the default of its type.
fn with_output(
    scope: &Scope<'_>,
    state: StateId,
    output: &fsm_model::ir::Expr,
    use_it: impl Fn(&TokenStream) -> TokenStream,
) -> TokenStream {
    let machine = scope.machine;
    let place = Place::of_state(state);
    let parent = machine.states[state].parent.unwrap_or(StateId::ROOT);
    let ty = if parent == StateId::ROOT { machine.output.as_ref() } else { machine.states[parent].done.as_ref() };
    let context = blocks::context_of(std::iter::once(output));
    let value = match ty {
        Some(ty) => Fields::new(machine, place).value(&output.syntax, &ty.syntax),
        None => Value::Plain(TokenStream::new()),
    };
    let used = use_it(&quote!(output));
    // With its type, a value that does not fit is an error of its own.
    let wanted = ty.map(|ty| &ty.syntax);
    let (plain, optional) = (wanted.map(|ty| quote!(: #ty)), wanted.map(|ty| quote!(: Option<#ty>)));
    let code = match value {
        Value::Plain(value) => quote!({ #context let output #plain = #value; #used }),
        Value::Checked(value) => {
            let fsm = &scope.core;
            let fail = scope.fail(&quote!(#fsm::Error::Overflow));
            quote! {{
                #context
                let output #optional = #value;
                let output = if let Some(output) = output { output } else { #fail Default::default() };
                #used
            }}
        }
    };
    let code = place::bind(scope, place, scope.placed(output.span, code)).statements(scope, false);
    places::statements(scope, Some(output.span), code)
}

fn is_complete_name(scope: &Scope<'_>, state: StateId) -> Ident {
    format_ident!("is_complete_{}", scope.names.labels[state])
}

/// The functions that ask whether a parallel state is complete.
pub(super) fn functions(scope: &Scope<'_>) -> TokenStream {
    let machine = scope.machine;
    let parallel = machine.states.enumerated().filter(|(_, state)| state.kind == StateKind::Parallel);
    parallel
        .filter(|(id, _)| can_complete(machine, *id))
        .map(|(id, _)| {
            let name = is_complete_name(scope, id);
            let regions: Vec<TokenStream> = finals(scope, id);
            quote!(fn #name(&self) -> bool { #(#regions)&&* })
        })
        .gather()
}

/// One condition for each compound region of a parallel state, those of regions that are parallel themselves included.
fn finals(scope: &Scope<'_>, parallel: StateId) -> Vec<TokenStream> {
    let machine = scope.machine;
    let of = |region: &StateId| -> Vec<TokenStream> {
        if machine.states[*region].kind == StateKind::Parallel {
            return finals(scope, *region);
        }
        let finals =
            machine.states[*region].children.iter().filter(|child| machine.states[**child].kind == StateKind::Final);
        let patterns = finals.map(|child| scope.active(*child));
        vec![quote!(matches!(self.state, #(#patterns)|*))]
    };
    machine.states[parallel].children.iter().flat_map(of).gather()
}
