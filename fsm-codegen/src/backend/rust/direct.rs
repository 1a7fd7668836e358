//! Triggers that one state alone waits for: timers, the ends of invokes, the completion of a state.
//!
//! Part of the Rust back-end, of the form with a loop. Nothing is looked for here: the transitions of such a trigger
//! stand in one list, and the first whose guard holds is taken. Also what starts and stops timers and invokes.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::bodies::Bodies;
use super::place::{self, Payload, Place};
use super::scope::Scope;
use super::{blocks, completion, engine, select, tokens};
use crate::ir::{Id, InvokeId, StateId, TransitionId, Trigger};
use crate::names;

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
        engine::entrance(scope, &docs, &quote!(fire), &params, &engine::only_ready(scope), &body)
    });
    let complete = scope.form.invokes.then(|| {
        let body = quote! {
            let outcome = #fsm::Outcome::Handled;
            self.invoked(actions, driver, &mut run, generation, done) #dot_await;
        };
        let params = quote!(generation: u32, done: Done);
        let docs = [" An invoke came to its end. Does nothing where `generation` is no longer wanted."];
        engine::entrance(scope, &docs, &quote!(complete), &params, &engine::only_ready(scope), &body)
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
fn of_trigger<'m>(scope: &'m Scope<'_>, state: StateId, trigger: Trigger) -> impl Iterator<Item = TransitionId> + 'm {
    let machine = scope.machine;
    machine.states[state].transitions.iter().copied().filter(move |id| machine.transitions[*id].trigger == trigger)
}

/// Code that chooses among transitions; it is a function, so that what is found can be given back.
fn choose(
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
        let (most, into) = (Literal::usize_unsuffixed(scope.leaves), format_ident!("{name}_into"));
        let (event_arg, run_arg) = (payload.map(|_| quote!(, event)), run.as_ref().map(|_| quote!(, run)));
        // Only what borrows from the event needs a name for how long.
        let (generics_into, angled_into) = if payload.is_some() {
            (generics.clone(), angled.clone())
        } else {
            (quote!(<A: Actions>), bodies.lifetime(&quote!('_)))
        };
        let unfound = (!mentions("found")).then(|| quote!(let _ = found;));
        return quote! {
            fn #name #generics (&self, actions: &A #event #run) -> #fsm::Found<Transition #angled, #most> {
                let mut found = #fsm::Found::new();
                self.#into(actions #event_arg #run_arg, &mut found);
                found
            }

            fn #into #generics_into (
                &self,
                actions: &A
                #event
                #run,
                found: &mut #fsm::Found<Transition #angled_into, #most>,
            ) {
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
fn chosen(scope: &Scope<'_>, name: &Ident, payload: bool, dropped: &TokenStream) -> TokenStream {
    let (fsm, dot_await, faults) = (&scope.core, scope.dot_await(), engine::faults(scope));
    let lend = engine::lend(scope);
    let (event, run) = (payload.then(|| quote!(, &event)), scope.form.faults.then(|| quote!(, run)));
    quote! {
        let chosen = self.#name(actions #event #run);
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
    let angled = bodies.lifetime(&quote!('e));
    let generics = if angled.is_empty() { quote!(<A: Actions>) } else { quote!(<'e, A: Actions>) };
    let run = select::run_parameter(scope);
    let run_arg = run.as_ref().map(|_| quote!(, run));
    let with: Vec<StateId> =
        machine.states.ids().filter(|state| of_trigger(scope, *state, Trigger::Always).next().is_some()).collect();
    // One test a state: there are few of them.
    let arms = with.iter().map(|state| {
        let found = of_trigger(scope, *state, Trigger::Always);
        let code = select::one_after_the_other(scope, bodies, found, &quote!(return true;));
        let index = Literal::usize_unsuffixed(state.index());
        quote!(if state == #index { #code })
    });
    let arms: TokenStream = arms.collect();
    let mentions = |name| tokens::mentions_tokens(&arms, name);
    let context = mentions("context").then(|| quote!(let context = &self.context;));
    let own = (!mentions("self") && context.is_none()).then(|| quote!(let _ = self;));
    let idle = (!mentions("actions")).then(|| quote!(let _ = actions;));
    let elided = bodies.lifetime(&quote!('_));
    let idle_run = (run.is_some() && !mentions("run")).then(|| quote!(let _ = run;));
    quote! {
        #[doc = " The eventless transitions that are enabled: for each active leaf the first, from there outwards."]
        fn select_always #generics (&self, actions: &A #run) -> #fsm::Found<Transition #angled, #most> {
            let mut found = #fsm::Found::new();
            for leaf in self.state.leaves() {
                let mut at = leaf;
                // A transition that is there already, or gives way to another, is found all the same.
                while !self.always_of(at, actions #run_arg, &mut found) && at != 0 {
                    at = DEFINITION.states[at].parent as usize;
                }
            }
            found
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

/// What a timer sets off.
fn timed(scope: &Scope<'_>, bodies: &Bodies) -> TokenStream {
    let (machine, dot_await) = (scope.machine, scope.dot_await());
    let (generics, params, async_keyword) = (engine::generics(scope), engine::params(scope), scope.async_keyword());
    let mut functions = TokenStream::new();
    let arms: Vec<TokenStream> = machine
        .timers
        .enumerated()
        .map(|(id, timer)| {
            let (variant, slot) = (&scope.names.timers[id], Literal::usize_unsuffixed(id.index()));
            let name = format_ident!("on_{}", names::snake(&variant.to_string()));
            functions.extend(choose(scope, bodies, &name, None, of_trigger(scope, timer.state, Trigger::Timer(id))));
            let again = if timer.repeats {
                let delay = blocks::duration(scope, timer.wait);
                quote! {
                    let delay = #delay.max(::core::time::Duration::from_nanos(1));
                    self.start_timer(run, actions, driver, Timer::#variant, #slot, delay);
                }
            } else {
                quote!(self.timers[#slot] = 0;)
            };
            let chosen = chosen(scope, &name, false, &engine::idle(scope, &quote!(Timer(#slot))));
            quote!(Timer::#variant => if self.timers[#slot] == generation { #again #chosen })
        })
        .collect();
    let event = engine::inner_event(scope);
    let sent = scope.form.delayed.then(|| {
        quote! {
            Timer::Sent => {
                if let Some(sent) = self.delayed.take(|delayed| delayed.generation == generation) {
                    let Delayed { event, .. } = sent;
                    self.inner(actions, driver, run, #event) #dot_await;
                }
            }
        }
    });
    quote! {
        #functions

        #[doc = " A timer is due."]
        #async_keyword fn timed #generics (&mut self, #params, timer: Timer, generation: u32) {
            match timer {
                #(#arms)*
                #sent
            }
        }
    }
}

fn timers(scope: &Scope<'_>) -> TokenStream {
    if !scope.form.timers {
        return TokenStream::new();
    }
    let (fsm, generics) = (&scope.core, engine::generics(scope));
    let error = &scope.error;
    let due = scope.form.due.then(|| {
        quote! {
            if delay.is_zero() {
                if self.due.push(Due::Timer(timer, generation)).is_err() {
                    Self::report(run, #fsm::Error::QueueFull, actions);
                }
                return;
            }
        }
    });
    let idle = due.is_none().then(|| quote!(let _ = (run, actions);));
    quote! {
        fn start_timer #generics (
            &mut self,
            run: &mut #fsm::Run<#error>,
            actions: &mut A,
            driver: &mut D,
            timer: Timer,
            slot: usize,
            delay: ::core::time::Duration,
        ) {
            #idle
            let generation = self.generation();
            self.timers[slot] = generation;
            #due
            driver.start_timer(timer, generation, delay);
        }

        fn stop_timer<D: #fsm::Driver<Self>>(&mut self, driver: &mut D, timer: Timer, slot: usize) {
            let generation = ::core::mem::take(&mut self.timers[slot]);
            if generation != 0 {
                driver.cancel_timer(timer, generation);
            }
        }
    }
}

fn sends(scope: &Scope<'_>) -> TokenStream {
    let (fsm, generics, form) = (&scope.core, engine::generics(scope), &scope.form);
    let error = &scope.error;
    let full = quote!(Self::report(run, #fsm::Error::QueueFull, actions););
    let at_once = quote! {
        if self.due.push(Due::Event(id, event)).is_err() {
            #full
        }
    };
    let later = quote! {
        let generation = self.generation();
        if self.delayed.push(Delayed { generation, id, event }).is_err() {
            #full
        } else {
            driver.start_timer(Timer::Sent, generation, delay);
        }
    };
    let body = match (form.due, form.delayed) {
        (true, true) => quote!(if delay.is_zero() { #at_once } else { #later }),
        (true, false) => quote!(let _ = delay; #at_once),
        _ => later,
    };
    let pending = form.delayed.then(|| {
        quote! {
            while let Some(delayed) = self.delayed.take(|delayed| delayed.id == id) {
                driver.cancel_timer(Timer::Sent, delayed.generation);
            }
        }
    });
    let driver = pending.is_none().then(|| quote!(let _ = driver;));
    let due = form
        .due
        .then(|| quote!(while self.due.take(|due| matches!(due, Due::Event(own, _) if *own == id)).is_some() {}));
    quote! {
        #[doc = " Sends an event to the machine itself, under an id that is not 0 in the place of an earlier one."]
        fn send #generics (
            &mut self,
            run: &mut #fsm::Run<#error>,
            actions: &mut A,
            driver: &mut D,
            id: usize,
            delay: ::core::time::Duration,
            event: Event,
        ) {
            if id != 0 {
                self.cancel(driver, id);
            }
            #body
        }

        #[doc = " Drops what was sent under that id."]
        fn cancel<D: #fsm::Driver<Self>>(&mut self, driver: &mut D, id: usize) {
            #driver
            #pending
            #due
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
            let dropped = engine::idle(scope, &quote!(Done(#index)));
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
        .collect()
}

/// The states whose completion somebody waits for.
pub(super) fn done_states<'m>(scope: &'m Scope<'_>) -> impl Iterator<Item = StateId> + 'm {
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
        .collect()
}

/// What the end of an invoke sets off.
fn invoked(scope: &Scope<'_>, bodies: &Bodies) -> TokenStream {
    let (fsm, machine) = (&scope.core, scope.machine);
    let (generics, params, async_keyword) = (engine::generics(scope), engine::params(scope), scope.async_keyword());
    let mut functions = TokenStream::new();
    let arms: Vec<TokenStream> = machine
        .invokes
        .enumerated()
        .map(|(id, invoke)| {
            let slot = Literal::usize_unsuffixed(id.index());
            let variant = task_variant(scope, id);
            let dropped = quote!(driver.dropped(#fsm::Dropped::Invoke(#slot)););
            let name = format_ident!("on_invoke_{}_done", id.index());
            let wanted = of_trigger(scope, invoke.state, Trigger::InvokeDone(id));
            functions.extend(choose(scope, bodies, &name, Some(Payload::Invoke(id)), wanted));
            let done = chosen(scope, &name, true, &dropped);
            let done = quote!(let event = #fsm::Done { output }; #done);
            if machine.error.is_none() {
                return quote!((Some(#slot), Done::#variant(output)) => { self.invokes[#slot] = #fsm::Slot::Idle; #done });
            }
            let failed = failed(scope, bodies, id, &mut functions);
            quote! {
                (Some(#slot), Done::#variant(result)) => {
                    self.invokes[#slot] = #fsm::Slot::Idle;
                    match result {
                        Ok(output) => { #done }
                        Err(error) => { #failed }
                    }
                }
            }
        })
        .collect();
    quote! {
        #functions

        #[doc = " An invoke came to its end."]
        #async_keyword fn invoked #generics (&mut self, #params, generation: u32, done: Done) {
            let slot = self.invokes.iter().position(|slot| *slot == #fsm::Slot::Running(generation));
            match (slot, done) {
                #(#arms)*
                _ => {}
            }
        }
    }
}

/// What the error of an invoke sets off: its own transitions, or the event `error`.
fn failed(scope: &Scope<'_>, bodies: &Bodies, id: InvokeId, functions: &mut TokenStream) -> TokenStream {
    let fsm = &scope.core;
    let state = scope.machine.invokes[id].state;
    if of_trigger(scope, state, Trigger::InvokeError(id)).next().is_none() {
        return scope.fail(&quote!(#fsm::Error::Action(error)));
    }
    let name = format_ident!("on_invoke_{}_error", id.index());
    let wanted = of_trigger(scope, state, Trigger::InvokeError(id));
    functions.extend(choose(scope, bodies, &name, Some(Payload::Failed), wanted));
    let slot = Literal::usize_unsuffixed(id.index());
    let chosen = chosen(scope, &name, true, &quote!(driver.dropped(#fsm::Dropped::Invoke(#slot));));
    quote!(let event = #fsm::Failed { error }; #chosen)
}

/// The variant of `Invoke` and of `Done`.
pub(super) fn task_variant(scope: &Scope<'_>, id: InvokeId) -> Ident {
    names::pascal_ident(&scope.machine.tasks[scope.machine.invokes[id].task].method.name.value)
}

fn start_and_stop(scope: &Scope<'_>) -> TokenStream {
    let (fsm, machine) = (&scope.core, scope.machine);
    let starts = machine.invokes.enumerated().map(|(id, invoke)| {
        let (slot, variant) = (Literal::usize_unsuffixed(id.index()), task_variant(scope, id));
        let params = machine.tasks[invoke.task].method.params.iter().map(|param| names::ident(&param.name));
        let args = invoke.call.args.iter().map(blocks::owned_arg);
        let fields: Vec<TokenStream> = params.zip(args).map(|(name, value)| quote!(#name: #value)).collect();
        let fields = (!fields.is_empty()).then(|| quote!({ #(#fields),* }));
        let start = quote! {
            let invoke = Invoke::#variant #fields;
            driver.start_invoke(invoke, generation);
        };
        let start = place::bind(scope, Place::of_state(invoke.state), start).statements(scope, false);
        quote! {
            if self.invokes[#slot] == #fsm::Slot::Wanted {
                let generation = self.generation();
                self.invokes[#slot] = #fsm::Slot::Running(generation);
                #start
            }
        }
    });
    quote! {
        #[doc = " Starts what the states that were entered run."]
        fn start_invokes<D: #fsm::Driver<Self>>(&mut self, driver: &mut D) {
            #(#starts)*
        }

        fn stop_invoke<D: #fsm::Driver<Self>>(&mut self, driver: &mut D, slot: usize) {
            if let #fsm::Slot::Running(generation) = ::core::mem::take(&mut self.invokes[slot]) {
                driver.cancel_invoke(generation);
            }
        }
    }
}
