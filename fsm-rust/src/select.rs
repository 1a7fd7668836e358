//! `Machine::select`: which transition an event sets off, without any effect.
//!
//! Part of the Rust back-end. From the leaf outwards the first transition whose guard holds wins: an exhaustive match
//! over states, in each of them a match over events; or a table, where that is smaller (`table`), with the match
//! behind it for what takes a guard or a payload to tell. With regions each of them is asked by a function of its own,
//! and what is found is collected. Errors and eventless transitions are looked for in the same way (`Search`).

mod group;
mod own;
mod selector;
mod taken;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::bodies::Bodies;
use super::scope::Scope;
use super::table::Table;
use fsm_model::ir::{Guard, Machine, Trigger};
use group::Settled;

pub(super) use group::{Group, groups};
pub(super) use selector::Selector;
pub(super) use taken::{ends_in_return, one_after_the_other};

/// What is looked for, from the leaves outwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Search {
    /// What an event sets off.
    Event,
    /// What an error sets off.
    Error,
    /// What nothing sets off, in a machine without regions.
    Always,
}

impl Search {
    fn function(self) -> &'static str {
        match self {
            Self::Event => "select",
            Self::Error => "select_error",
            Self::Always => "select_always",
        }
    }

    /// Whether the transition of a state takes part.
    fn finds(self, trigger: Trigger) -> bool {
        match self {
            Self::Event => matches!(trigger, Trigger::Event(_) | Trigger::Pattern(_)),
            Self::Error => trigger == Trigger::Error,
            Self::Always => trigger == Trigger::Always,
        }
    }
}

/// The functions of selection, and the table if there is one.
pub(super) fn emit(scope: &Scope<'_>, bodies: &Bodies, table: Option<&Table>) -> TokenStream {
    let Some(table) = table else {
        let select = Selector::new(scope, bodies, Search::Event).functions(None);
        return quote!(impl Machine { #select });
    };
    let decide =
        table.undecided.then(|| Selector::new(scope, bodies, Search::Event).functions(Some(format_ident!("decide"))));
    let (params, arguments) = (parameters(scope, bodies), arguments(scope));
    let items = &table.items;
    let lookup = if table.undecided {
        quote! {
            match TRANSITIONS[choice] {
                Transition::Undecided => self.decide(#arguments),
                transition => transition,
            }
        }
    } else {
        quote!(TRANSITIONS[choice])
    };
    let result = bodies.lifetime(&quote!('e));
    let generics = generics(scope, bodies);
    let unused = if table.undecided || !uses_actions(scope) { TokenStream::new() } else { quote!(let _ = actions;) };
    let run = (!table.undecided && scope.form.faults).then(|| quote!(let _ = run;));
    quote! {
        #items

        impl Machine {
            #[doc = " The first transition for `event`, from the active leaf outwards, whose guard holds."]
            #[inline]
            fn select #generics (&self, #params) -> Transition #result {
                #unused
                #run
                let choice = usize::from(CHOICES[self.state.index()][event.index()]);
                if choice == 0 {
                    return Transition::Unhandled;
                }
                #lookup
            }
            #decide
        }
    }
}

/// Whether selection asks the handlers: there are named guards.
pub(super) fn uses_actions(scope: &Scope<'_>) -> bool {
    scope.form.engine || live_guards(scope.machine).any(calls)
}

/// The guards that selection asks: those of shadowed transitions are not among them.
fn live_guards(machine: &Machine) -> impl Iterator<Item = &Guard> {
    let settled = Settled::new(machine);
    let asked = machine.states.ids().filter(move |state| !settled.below(machine, *state));
    let groups = asked.flat_map(|state| groups(machine, state));
    groups.flat_map(|group| group.transitions).filter_map(|id| machine.transitions[id].guard.as_ref())
}

fn calls(guard: &Guard) -> bool {
    match guard {
        Guard::Call(..) => true,
        Guard::And(all) | Guard::Or(all) => all.iter().any(calls),
        Guard::Not(inner) => calls(inner),
        Guard::Expr(_) | Guard::Bool(_) | Guard::In(_) => false,
    }
}

/// Has a function of selection called; what it finds is `chosen` then. With regions it writes that where it stays. Given back, it
/// would be copied as a whole, and wait for the pieces that were just written.
pub(super) fn chosen(scope: &Scope<'_>, function: &TokenStream, args: &TokenStream) -> TokenStream {
    let fsm = &scope.core;
    if scope.form.regions {
        quote!(let mut chosen = #fsm::Found::new(); #function(#args, &mut chosen);)
    } else {
        quote!(let chosen = #function(#args);)
    }
}

/// The arguments of a call of `select` where `actions`, `event` and `run` are in scope.
pub(super) fn arguments(scope: &Scope<'_>) -> TokenStream {
    let actions = uses_actions(scope).then(|| quote!(actions,));
    let run = scope.form.faults.then(|| quote!(, run));
    quote!(#actions event #run)
}

fn parameters(scope: &Scope<'_>, bodies: &Bodies) -> TokenStream {
    let lifetime = if bodies.lifetime(&quote!('e)).is_empty() { TokenStream::new() } else { quote!('e) };
    let actions = uses_actions(scope).then(|| quote!(actions: &A,));
    let run = run_parameter(scope);
    quote!(#actions event: &#lifetime Event #run)
}

/// `, run: &mut Run<…>`, where guards can leave the range of a type.
pub(super) fn run_parameter(scope: &Scope<'_>) -> Option<TokenStream> {
    let (fsm, error) = (&scope.core, &scope.error);
    scope.form.faults.then(|| quote!(, run: &mut #fsm::Run<#error>))
}

fn generics(scope: &Scope<'_>, bodies: &Bodies) -> TokenStream {
    let lifetime = (!bodies.lifetime(&quote!('e)).is_empty()).then(|| quote!('e,));
    let actions = uses_actions(scope).then(|| quote!(A: Actions));
    if lifetime.is_none() && actions.is_none() { TokenStream::new() } else { quote!(<#lifetime #actions>) }
}
