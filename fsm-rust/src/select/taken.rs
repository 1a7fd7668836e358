//! A transition that is selected: how it is given back, or added to what is found.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::bodies::Bodies;
use crate::place::Place;
use crate::scope::Scope;
use crate::{guards, places, plans};
use fsm_model::ir::{Guard, Id, TransitionId};

/// Code that takes a transition: gives it back, or adds it to what is found and leaves the function by `leave`.
pub(super) fn take(scope: &Scope<'_>, bodies: &Bodies, id: TransitionId, leave: &TokenStream) -> TokenStream {
    bodies.choose(scope, id, |value, plan| {
        if scope.form.regions {
            let extent = extent(scope, id, plan);
            quote!(found.add(#value, #extent); #leave)
        } else {
            quote!(return #value;)
        }
    })
}

/// What a transition touches.
fn extent(scope: &Scope<'_>, id: TransitionId, plan: &plans::Plan) -> TokenStream {
    let (fsm, machine) = (&scope.core, scope.machine);
    let source = machine.transitions[id].source;
    let literal = Literal::usize_unsuffixed;
    let (first, end) = match plan.domain {
        _ if !plan.moves => (0, 0),
        Some(domain) => (domain.index() + 1, machine.states[domain].end.index()),
        None => (0, machine.states.len()),
    };
    let (index, first, end) = (literal(id.index()), literal(first), literal(end));
    let (from, to) = (literal(source.index()), literal(machine.states[source].end.index()));
    quote!(&#fsm::Extent { index: #index, exits: (#first, #end), source: (#from, #to) })
}

/// Transitions tried one after the other, up to the first without a guard.
pub(crate) fn one_after_the_other(
    scope: &Scope<'_>,
    bodies: &Bodies,
    transitions: impl Iterator<Item = TransitionId>,
    leave: &TokenStream,
) -> TokenStream {
    let mut code = TokenStream::new();
    for id in transitions {
        let transition = &scope.machine.transitions[id];
        let taken = take(scope, bodies, id, leave);
        match &transition.guard {
            Some(Guard::Bool(false)) => {}
            None | Some(Guard::Bool(true)) => {
                code.extend(taken);
                break;
            }
            Some(guard) => {
                let condition = guards::condition(scope, guard, Place::of_transition(scope.machine, transition));
                let comment = places::of_guard(guard).map(|span| places::comment(scope, span));
                code.extend(quote!(#comment if #condition { #taken }));
            }
        }
    }
    code
}

/// Whether the last statement of code leaves the function.
pub(crate) fn ends_in_return(code: &TokenStream) -> bool {
    let syntax: Result<syn::Block, _> = syn::parse2(quote!({ #code }));
    syntax.is_ok_and(|block| match block.stmts.last() {
        Some(syn::Stmt::Expr(expr, _)) => leaves(expr),
        _ => false,
    })
}

fn leaves(expr: &syn::Expr) -> bool {
    let last = |block: &syn::Block| matches!(block.stmts.last(), Some(syn::Stmt::Expr(expr, _)) if leaves(expr));
    match expr {
        syn::Expr::Return(_) => true,
        syn::Expr::If(branch) => {
            last(&branch.then_branch) && branch.else_branch.as_ref().is_some_and(|(_, otherwise)| leaves(otherwise))
        }
        syn::Expr::Block(block) => last(&block.block),
        _ => false,
    }
}
