//! Guards as conditions.
//!
//! Part of the Rust back-end: the code of a [`Guard`] is an expression of type `bool` over `self`, `actions`,
//! `context` and, where the event has a payload, `event`.

use proc_macro2::TokenStream;
use quote::quote;

use super::arithmetic::Fields;
use super::place::{self, Place};
use super::scope::Scope;
use super::{args, form, places, tokens};
use fsm_model::ir::{ArgKind, Guard, Root};
use fsm_model::names;

/// The whole condition. An overflow anywhere in it makes all of it false.
pub(super) fn condition(scope: &Scope<'_>, guard: &Guard, place: Place) -> TokenStream {
    let condition = alone(scope, guard, place);
    let overflows = form::can_overflow(scope.machine, place, guard);
    let condition = if overflows { quote!('checked: { #condition }) } else { condition };
    let condition = place::bind(scope, place, condition).condition(scope);
    match places::of_guard(guard) {
        Some(span) => places::value(scope, span, condition),
        None => condition,
    }
}

/// A condition where nothing stands beside it: without parentheses.
fn alone(scope: &Scope<'_>, guard: &Guard, place: Place) -> TokenStream {
    match guard {
        Guard::Expr(expr) => Fields::new(scope.machine, place).condition(&expr.syntax).into_tokens(),
        Guard::And(all) => join(scope, all, place, &quote!(&&), true),
        Guard::Or(all) => join(scope, all, place, &quote!(||), false),
        _ => operand(scope, guard, place),
    }
}

/// The condition as it can stand between operators.
fn operand(scope: &Scope<'_>, guard: &Guard, place: Place) -> TokenStream {
    match guard {
        Guard::Call(id, call) => {
            let method = names::snake_ident(&scope.machine.guards[*id].name.value);
            let args = args::of(scope, call);
            scope.placed(call.name.span, quote!(actions.#method(#(#args),*)))
        }
        Guard::Expr(expr) => {
            let value = alone(scope, guard, place);
            if matches!(
                *expr.syntax,
                syn::Expr::Binary(_) | syn::Expr::Range(_) | syn::Expr::Cast(_) | syn::Expr::Let(_)
            ) {
                scope.placed(expr.span, quote!((#value)))
            } else {
                value
            }
        }
        Guard::Bool(value) => quote!(#value),
        Guard::And(_) | Guard::Or(_) => {
            let value = alone(scope, guard, place);
            quote!((#value))
        }
        // Written as a call: clippy has better ideas about `!(a > b)` than the spec, and is wrong for floats.
        Guard::Not(inner) => match &**inner {
            Guard::Expr(expr) => {
                let value = alone(scope, inner, place);
                scope.placed(expr.span, quote!(::core::ops::Not::not(#value)))
            }
            other => {
                let value = operand(scope, other, place);
                quote!(!#value)
            }
        },
        Guard::In(state) => {
            let pattern = scope.active(*state);
            quote!(matches!(self.state, #pattern))
        }
    }
}

fn join(scope: &Scope<'_>, all: &[Guard], place: Place, operator: &TokenStream, empty: bool) -> TokenStream {
    match all {
        [] => quote!(#empty),
        [only] => alone(scope, only, place),
        [first, rest @ ..] => {
            let first = operand(scope, first, place);
            let rest = rest.iter().map(|guard| operand(scope, guard, place));
            quote!(#first #(#operator #rest)*)
        }
    }
}

/// Whether the condition reads the payload.
pub(super) fn reads_event(guard: &Guard) -> bool {
    reads(guard, Root::Event)
}

/// Whether an expression in the condition names `context`; the arguments of calls go over `self`.
pub(super) fn names_context(guard: &Guard) -> bool {
    match guard {
        Guard::Expr(expr) => tokens::mentions(&expr.syntax, Root::Context.name()),
        Guard::And(all) | Guard::Or(all) => all.iter().any(names_context),
        Guard::Not(inner) => names_context(inner),
        Guard::Call(..) | Guard::Bool(_) | Guard::In(_) => false,
    }
}

fn reads(guard: &Guard, wanted: Root) -> bool {
    match guard {
        Guard::Call(_, call) => {
            call.args.iter().any(|arg| matches!(arg.kind, ArgKind::Path { root, .. } if root == wanted))
        }
        Guard::Expr(expr) => tokens::mentions(&expr.syntax, wanted.name()),
        Guard::And(all) | Guard::Or(all) => all.iter().any(|inner| reads(inner, wanted)),
        Guard::Not(inner) => reads(inner, wanted),
        Guard::Bool(_) | Guard::In(_) => false,
    }
}
