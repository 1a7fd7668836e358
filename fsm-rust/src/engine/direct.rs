//! Triggers that one state alone waits for: timers, the ends of invokes, the completion of a state.
//!
//! Nothing is looked for here: the transitions of such a trigger stand in one list, and the first whose guard holds is
//! taken.

use fsm_model::gather::Gather as _;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::internal::{faults, idle};
use super::invokes::{invoked, start_and_stop};
use super::timers::{sends, timed, timers};
use super::{entrance, lend, only_ready};
use crate::bodies::Bodies;
use crate::place::Payload;
use crate::scope::Scope;
use crate::{completion, select, tokens};
use fsm_model::ir::{Id, StateId, TransitionId, Trigger};

/// `fire` and `complete`.
pub(super) fn entrances(scope: &Scope<'_>) -> TokenStream {
    let (fsm, dot_await) = (&scope.core, scope.dot_await());
    let fire = scope.form.has_timers().then(|| {
        let body = quote! {
            let outcome = #fsm::Outcome::Handled;
            self.timed(actions, driver, &mut run, timer, generation) #dot_await;
        };
        let params = quote!(timer: Timer, generation: u32);
        let docs = [" A timer is due. Does nothing where `generation` is no longer wanted."];
        entrance(scope, &docs, "fire", params, &only_ready(scope), &body)
    });
    let complete = scope.form.invokes.then(|| {
        let body = quote! {
            let outcome = #fsm::Outcome::Handled;
            self.invoked(actions, driver, &mut run, generation, done) #dot_await;
        };
        let params = quote!(generation: u32, done: Done);
        let docs = [" An invoke came to its end. Does nothing where `generation` is no longer wanted."];
        entrance(scope, &docs, "complete", params, &only_ready(scope), &body)
    });
    quote!(#fire #complete)
}

/// Everything about timers, sent events and invokes.
pub(super) fn functions(scope: &Scope<'_>, bodies: &Bodies) -> TokenStream {
    let form = &scope.form;
    let generation = (form.has_timers() || form.invokes).then(|| {
        quote! {
            #[doc = " A number that no earlier start has."]
            fn generation(&mut self) -> u32 {
                self.generations = self.generations.wrapping_add(1).max(1);
                self.generations
            }
        }
    });
    let always = (form.always && form.regions).then(|| always(scope, bodies));
    let (timed, timers) = if form.has_timers() { (timed(scope, bodies), timers(scope)) } else { Default::default() };
    let sends = if form.delayed || form.due { sends(scope) } else { TokenStream::new() };
    let (completed, invokes) =
        if form.invokes { (invoked(scope, bodies), start_and_stop(scope)) } else { Default::default() };
    let done = done_functions(scope, bodies);
    quote!(#generation #always #done #timed #timers #sends #completed #invokes)
}

/// The transitions of `state` with that trigger.
pub(super) fn of_trigger<'m>(
    scope: &'m Scope<'_>,
    state: StateId,
    trigger: Trigger,
) -> impl Iterator<Item = TransitionId> + 'm {
    let machine = scope.machine;
    machine.states[state].transitions.iter().copied().filter(move |id| machine.transitions[*id].trigger == trigger)
}

/// Code that chooses among transitions; it is a function, so that what is found can be given back.
pub(super) fn choose(
    scope: &Scope<'_>,
    bodies: &Bodies,
    name: &Ident,
    payload: Option<Payload>,
    transitions: impl Iterator<Item = TransitionId>,
) -> TokenStream {
    let code = select::one_after_the_other(scope, bodies, transitions, &quote!(return;));
    let fsm = &scope.core;
    let lifetime = (!bodies.lifetime(&quote!('e)).is_empty()).then(|| quote!('e));
    let generics = if lifetime.is_some() { quote!(<'e, A: Actions>) } else { quote!(<A: Actions>) };
    let angled = bodies.lifetime(&quote!('e));
    let event = payload.map(|payload| {
        let ty = payload.ty(scope);
        quote!(, event: &#lifetime #ty)
    });
    let run = select::run_parameter(scope);
    let mentions = |name| tokens::mentions_tokens(&code, name);
    let context = mentions("context").then(|| quote!(let context = &self.context;));
    let mut idle = Vec::new();
    for (used, name) in [
        (mentions("self") || context.is_some(), "self"),
        (mentions("actions"), "actions"),
        (payload.is_none() || mentions("event"), "event"),
        (run.is_none() || mentions("run"), "run"),
    ] {
        if !used {
            let name = format_ident!("{name}");
            idle.push(quote!(let _ = #name;));
        }
    }
    if scope.form.regions {
        let most = Literal::usize_unsuffixed(scope.leaves);
        // Only what borrows from the event needs a name for how long.
        let (generics, angled) =
            if payload.is_some() { (generics, angled) } else { (quote!(<A: Actions>), bodies.lifetime(&quote!('_))) };
        let unfound = (!mentions("found")).then(|| quote!(let _ = found;));
        return quote! {
            fn #name #generics (&self, actions: &A #event #run, found: &mut #fsm::Found<Transition #angled, #most>) {
                #(#idle)*
                #unfound
                #context
                #code
            }
        };
    }
    // Behind a transition without a guard nothing is reached.
    let otherwise = (!select::ends_in_return(&code)).then(|| quote!(Transition::Unhandled));
    quote! {
        fn #name #generics (&self, actions: &A #event #run) -> Transition #angled {
            #(#idle)*
            #context
            #code
            #otherwise
        }
    }
}

/// A call of such a function, and what follows from it.
pub(super) fn chosen(scope: &Scope<'_>, name: &Ident, payload: bool, dropped: &TokenStream) -> TokenStream {
    let (fsm, dot_await, faults, lend) = (&scope.core, scope.dot_await(), faults(scope), lend(scope));
    let (event, run) = (payload.then(|| quote!(, &event)), scope.form.faults.then(|| quote!(, run)));
    let select = select::chosen(scope, &quote!(self.#name), &quote!(actions #event #run));
    quote! {
        #select
        #faults
        if chosen.fate() == #fsm::Fate::Taken {
            self.take(actions, driver, run, #lend chosen) #dot_await;
        } else {
            #dropped
        }
    }
}

/// Eventless transitions of a machine with regions: for each leaf, from there outwards.
fn always(scope: &Scope<'_>, bodies: &Bodies) -> TokenStream {
    let (fsm, machine) = (&scope.core, scope.machine);
    let most = Literal::usize_unsuffixed(scope.leaves);
    let run = select::run_parameter(scope);
    let run_arg = run.as_ref().map(|_| quote!(, run));
    let with: Vec<StateId> =
        machine.states.ids().filter(|state| of_trigger(scope, *state, Trigger::Always).next().is_some()).gather();
    // One test a state: there are few of them.
    let arms = with.iter().map(|state| {
        let found = of_trigger(scope, *state, Trigger::Always);
        let code = select::one_after_the_other(scope, bodies, found, &quote!(return true;));
        let index = Literal::usize_unsuffixed(state.index());
        quote!(if state == #index { #code })
    });
    let arms: TokenStream = arms.gather();
    let mentions = |name| tokens::mentions_tokens(&arms, name);
    let context = mentions("context").then(|| quote!(let context = &self.context;));
    let own = (!mentions("self") && context.is_none()).then(|| quote!(let _ = self;));
    let idle = (!mentions("actions")).then(|| quote!(let _ = actions;));
    let elided = bodies.lifetime(&quote!('_));
    let idle_run = (run.is_some() && !mentions("run")).then(|| quote!(let _ = run;));
    quote! {
        #[doc = " The eventless transitions that are enabled: for each active leaf the first, from there outwards."]
        fn select_always<A: Actions>(&self, actions: &A #run, found: &mut #fsm::Found<Transition #elided, #most>) {
            for leaf in self.state.leaves() {
                let mut at = leaf;
                // A transition that is there already, or gives way to another, is found all the same.
                while !self.always_of(at, actions #run_arg, found) && at != 0 {
                    at = DEFINITION.states[at].parent as usize;
                }
            }
        }

        #[doc = " Whether the state has an eventless transition that is enabled."]
        fn always_of<A: Actions> (
            &self,
            state: usize,
            actions: &A
            #run,
            found: &mut #fsm::Found<Transition #elided, #most>,
        ) -> bool {
            #own
            #idle
            #idle_run
            #context
            #arms
            false
        }
    }
}

/// The arms of completions in the match over internal events. A state that was left meanwhile takes nothing.
pub(super) fn done_arms(scope: &Scope<'_>) -> TokenStream {
    done_states(scope)
        .map(|state| {
            let (variant, name) = (completion::done_variant(scope, state), done_function(scope, state));
            let payload = scope.machine.states[state].done.is_some();
            let index = Literal::usize_unsuffixed(state.index());
            let dropped = idle(scope, &quote!(Done(#index)));
            let chosen = chosen(scope, &name, payload, &dropped);
            let (event, any) = payload.then(|| (quote!((event)), quote!((_)))).unzip();
            if state == StateId::ROOT {
                return quote!(Internal::#variant #event => { #chosen });
            }
            let active = scope.active(state);
            quote! {
                Internal::#variant #event if matches!(self.state, #active) => { #chosen }
                Internal::#variant #any => { #dropped }
            }
        })
        .gather()
}

/// The states whose completion somebody waits for.
pub(crate) fn done_states<'m>(scope: &'m Scope<'_>) -> impl Iterator<Item = StateId> + 'm {
    scope.machine.states.ids().filter(|state| of_trigger(scope, *state, Trigger::Done).next().is_some())
}

fn done_function(scope: &Scope<'_>, state: StateId) -> Ident {
    format_ident!("on_done_{}", scope.names.labels[state])
}

/// The functions that choose among the transitions on a completion.
fn done_functions(scope: &Scope<'_>, bodies: &Bodies) -> TokenStream {
    done_states(scope)
        .map(|state| {
            let payload = scope.machine.states[state].done.is_some().then_some(Payload::Done(state));
            choose(scope, bodies, &done_function(scope, state), payload, of_trigger(scope, state, Trigger::Done))
        })
        .gather()
}
