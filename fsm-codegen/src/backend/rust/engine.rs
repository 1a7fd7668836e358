//! The step as a loop: microsteps, internal events, what is deferred and what is due.
//!
//! Part of the Rust back-end, for machines that can take more than one transition a step. `start`, `step`, `fire` and
//! `complete` each begin with something to take, and end in `settle`, which goes on until nothing is left
//! (SEMANTICS.md, 13.6). Every function here is one piece of that loop, and stands only where the machine needs it.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::bodies::{self, Bodies, Body, StepResult};
use super::scope::Scope;
use super::select::{Search, Selector};
use super::{completion, direct, execute, leaving, tokens};
use crate::ir::{Id, StateId, Unhandled};

/// The generic parameters of a function of the step.
pub(super) fn generics(scope: &Scope<'_>) -> TokenStream {
    let fsm = &scope.core;
    quote!(<A: Actions, D: #fsm::Driver<Self>>)
}

/// The parameters of a function of the step.
pub(super) fn params(scope: &Scope<'_>) -> TokenStream {
    let (fsm, error) = (&scope.core, &scope.error);
    quote!(actions: &mut A, driver: &mut D, run: &mut #fsm::Run<#error>)
}

/// Everything below `Machine::select`.
pub(super) fn emit(scope: &Scope<'_>, bodies: &Bodies) -> TokenStream {
    let searches: TokenStream =
        [(scope.form.error_event, Search::Error), (scope.form.always && !scope.form.regions, Search::Always)]
            .into_iter()
            .filter(|(wanted, _)| *wanted)
            .map(|(_, search)| Selector::new(scope, bodies, search).functions(None))
            .collect();
    let parts = [
        start(scope),
        step(scope),
        direct::entrances(scope),
        settle(scope),
        inner(scope),
        postpone(scope),
        internal(scope),
        if scope.form.regions { take_all(scope, bodies) } else { take_one(scope, bodies) },
        finish(scope),
        errors(scope),
        direct::functions(scope, bodies),
        completion::functions(scope),
    ];
    quote!(#searches #(#parts)*)
}

fn begin(scope: &Scope<'_>) -> TokenStream {
    let fsm = &scope.core;
    quote! {
        let (mut run, driver) = (#fsm::Run::new(&DEFINITION), &mut driver);
    }
}

/// `start`, `step` and the like: a public function that begins a step.
pub(super) fn entrance(
    scope: &Scope<'_>,
    docs: &[&str],
    name: &TokenStream,
    params: &TokenStream,
    ready: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let (fsm, result, async_keyword) = (&scope.core, execute::result(scope), scope.async_keyword());
    let (generics, begin, settle) = (generics(scope), begin(scope), call_settle(scope));
    quote! {
        #(#[doc = #docs])*
        #[doc = ""]
        #[doc = " # Errors"]
        #[doc = " The first error of the step: what an action failed with, if nothing took it (the configuration has"]
        #[doc = " changed all the same), or the machine's own, where it was not started or an earlier step was interrupted."]
        pub #async_keyword fn #name #generics (&mut self, actions: &mut A, mut driver: D, #params) -> #result {
            #ready
            #begin
            #body
            #settle
            self.status = if run.has_ended() { #fsm::Status::Finished } else { #fsm::Status::Ready };
            run.finish(outcome)
        }
    }
}

/// Refuses whatever comes to a machine that is not ready.
pub(super) fn only_ready(scope: &Scope<'_>) -> TokenStream {
    let fsm = &scope.core;
    quote! {
        if self.status != #fsm::Status::Ready {
            return self.status.refuse();
        }
    }
}

fn start(scope: &Scope<'_>) -> TokenStream {
    let fsm = &scope.core;
    let (entries, value) = bodies::start(scope);
    let set = (scope.form.data).then(|| {
        let fault = tokens::mentions_tokens(&value, "fault").then(|| {
            let fail = scope.fail(&quote!(#fsm::Error::Overflow));
            quote!(while run.take_faults() > 0 { #fail })
        });
        let history = tokens::mentions_tokens(&value, "history").then(|| quote!(let history = &self.history;));
        let context = tokens::mentions_tokens(&value, "context").then(|| quote!(let context = &self.context;));
        quote!(#history #context let entered = #value; #fault self.state = entered;)
    });
    let ready = quote! {
        if self.status != #fsm::Status::Stopped {
            return self.status.refuse();
        }
    };
    let body = quote! {
        self.status = #fsm::Status::Stepping;
        let outcome = #fsm::Outcome::Transitioned;
        {
            let run = &mut run;
            run.moved();
            #set
            #entries
        }
    };
    let docs = [" Enters the initial state. Does nothing to a machine that was started before."];
    entrance(scope, &docs, &quote!(start), &TokenStream::new(), &ready, &body)
}

fn step(scope: &Scope<'_>) -> TokenStream {
    let lend = lend(scope);
    let (fsm, dot_await) = (&scope.core, scope.dot_await());
    let deferred =
        scope.form.defers.then(|| quote!(#fsm::Fate::Deferred => self.postpone(&mut run, actions, event.clone()),));
    let unhandled = match scope.machine.unhandled {
        Unhandled::Report => quote!({ actions.on_unhandled(self, event); #fsm::Outcome::Unhandled }),
        Unhandled::Ignore => quote!(#fsm::Outcome::Unhandled),
        Unhandled::Error => quote!({ run.fail(#fsm::Error::Unhandled); #fsm::Outcome::Unhandled }),
        Unhandled::Defer => quote!(self.postpone(&mut run, actions, event.clone())),
    };
    let rest = (!scope.form.defers).then(|| quote!(| #fsm::Fate::Deferred));
    let (faults, run_arg) = (faults(scope), scope.form.faults.then(|| quote!(, run)));
    // As `inner` does, without a future of its own for what every step needs.
    let chosen = if scope.form.faults {
        quote!({ let run = &mut run; let chosen = self.select(actions, event #run_arg); #faults chosen })
    } else {
        quote!(self.select(actions, event))
    };
    let body = quote! {
        let chosen = #chosen;
        let outcome = match chosen.fate() {
            #fsm::Fate::Taken => {
                self.take(actions, driver, &mut run, #lend chosen) #dot_await;
                #fsm::Outcome::Handled
            }
            #fsm::Fate::Rejected => #fsm::Outcome::Rejected,
            #deferred
            #fsm::Fate::Unhandled #rest => #unhandled,
        };
    };
    let docs = [" Handles one event to completion."];
    entrance(scope, &docs, &quote!(step), &quote!(event: &Event), &only_ready(scope), &body)
}

/// Whether a step goes on after its first transition by itself.
fn loops(scope: &Scope<'_>) -> bool {
    let form = &scope.form;
    form.always || form.queue || form.defers || form.due
}

/// What a step ends in. Where there is no loop, the end of the machine is the only thing that can follow.
fn call_settle(scope: &Scope<'_>) -> TokenStream {
    let dot_await = scope.dot_await();
    if loops(scope) || scope.form.invokes {
        return quote!(self.settle(actions, driver, &mut run) #dot_await;);
    }
    quote!(if run.has_ended() { self.finish(actions, driver, &mut run) #dot_await; })
}

/// The loop that every step ends in.
fn settle(scope: &Scope<'_>) -> TokenStream {
    if !loops(scope) && !scope.form.invokes {
        return TokenStream::new();
    }
    let lend = lend(scope);
    let (fsm, form, dot_await) = (&scope.core, &scope.form, scope.dot_await());
    let (generics, params, async_keyword) = (generics(scope), params(scope), scope.async_keyword());
    let always = form.always.then(|| {
        let args = quote!(actions);
        let run = form.faults.then(|| quote!(, run));
        let faults = faults(scope);
        quote! {
            let chosen = self.select_always(#args #run);
            #faults
            if chosen.fate() == #fsm::Fate::Taken {
                self.take(actions, driver, run, #lend chosen) #dot_await;
                continue;
            }
        }
    });
    let queue = form.queue.then(|| {
        quote! {
            if let Some(internal) = self.queue.pop() {
                self.internal(actions, driver, run, internal) #dot_await;
                continue;
            }
        }
    });
    let invokes = form.invokes.then(|| quote!(self.start_invokes(driver);));
    let (declare, retry) = if form.defers { retry(scope) } else { Default::default() };
    let event = inner_event(scope);
    let timer = form.has_timers().then(
        || quote!(Due::Timer(timer, generation) => { self.timed(actions, driver, run, timer, generation) #dot_await; }),
    );
    let due = form.due.then(|| {
        quote! {
            if let Some(due) = self.due.pop() {
                match due {
                    Due::Event(_, event) => { self.inner(actions, driver, run, #event) #dot_await; }
                    #timer
                }
                continue;
            }
        }
    });
    let code = if loops(scope) {
        quote! {
            #declare
            loop {
                if run.has_ended() {
                    self.finish(actions, driver, run) #dot_await;
                    return;
                }
                if run.is_stuck() {
                    return;
                }
                #always
                #queue
                #invokes
                #retry
                #due
                return;
            }
        }
    } else {
        let otherwise = invokes.map(|invokes| quote!(else { #invokes }));
        quote!(if run.has_ended() { self.finish(actions, driver, run) #dot_await; } #otherwise)
    };
    quote! {
        #[doc = " Goes on until nothing is left to do."]
        #async_keyword fn settle #generics (&mut self, #params) {
            #code
        }
    }
}

/// Deferred events are offered again after a change, each once.
fn retry(scope: &Scope<'_>) -> (TokenStream, TokenStream) {
    let (fsm, dot_await, lend, faults) = (&scope.core, scope.dot_await(), lend(scope), faults(scope));
    let run = scope.form.faults.then(|| quote!(, run));
    let unhandled = match scope.machine.unhandled {
        Unhandled::Report => quote! {
            #fsm::Fate::Unhandled => {
                actions.on_unhandled(self, &event);
                driver.settled(token, #fsm::Outcome::Unhandled);
            }
        },
        Unhandled::Error => quote! {
            #fsm::Fate::Unhandled => {
                run.fail(#fsm::Error::Unhandled);
                driver.settled(token, #fsm::Outcome::Unhandled);
            }
        },
        Unhandled::Ignore => {
            quote!(#fsm::Fate::Unhandled => { driver.settled(token, #fsm::Outcome::Unhandled); })
        }
        Unhandled::Defer => TokenStream::new(),
    };
    let again = if scope.machine.unhandled == Unhandled::Defer {
        quote!(#fsm::Fate::Deferred | #fsm::Fate::Unhandled)
    } else {
        quote!(#fsm::Fate::Deferred)
    };
    let retry = quote! {
        if run.take_change() {
            (at, left) = (0, self.deferred.len());
        }
        if left > 0 {
            left -= 1;
            if let Some((token, event)) = self.deferred.remove(at) {
                let chosen = self.select(actions, &event #run);
                #faults
                match chosen.fate() {
                    #fsm::Fate::Taken => {
                        driver.retried(token);
                        self.take(actions, driver, run, #lend chosen) #dot_await;
                        driver.settled(token, run.outcome());
                    }
                    #fsm::Fate::Rejected => { driver.settled(token, #fsm::Outcome::Rejected); }
                    #unhandled
                    #again => {
                        // There is room: it has just been taken out.
                        let _ = self.deferred.insert(at, (token, event));
                        at += 1;
                    }
                }
            }
            continue;
        }
    };
    (quote!(let (mut at, mut left) = (0, 0);), retry)
}

/// An event of the machine's own is offered to the active states.
fn inner(scope: &Scope<'_>) -> TokenStream {
    let form = &scope.form;
    if !(form.queue || form.due || form.delayed) {
        return TokenStream::new();
    }
    let (fsm, dot_await, async_keyword) = (&scope.core, scope.dot_await(), scope.async_keyword());
    let (generics, params, faults, lend) = (generics(scope), params(scope), faults(scope), lend(scope));
    let run = form.faults.then(|| quote!(, run));
    let index = quote!(u32::try_from(event.index()).unwrap_or(u32::MAX));
    let dropped = idle(scope, &quote!(Event(#index)));
    // Only what may have to wait is handed over.
    let (ty, offered, rest) = if form.defers {
        let deferred = quote!(#fsm::Fate::Deferred => { let _ = self.postpone(run, actions, event); });
        (quote!(Event), quote!(&event), quote!(#deferred #fsm::Fate::Rejected | #fsm::Fate::Unhandled))
    } else {
        (quote!(&Event), quote!(event), quote!(#fsm::Fate::Rejected | #fsm::Fate::Unhandled | #fsm::Fate::Deferred))
    };
    quote! {
        #[doc = " An event that comes from the machine itself: nobody is told where nobody takes it, but the driver."]
        #async_keyword fn inner #generics (&mut self, #params, event: #ty) {
            let chosen = self.select(actions, #offered #run);
            #faults
            match chosen.fate() {
                #fsm::Fate::Taken => { self.take(actions, driver, run, #lend chosen) #dot_await; }
                #rest => { #dropped }
            }
        }
    }
}

/// An event that no state takes yet is kept.
fn postpone(scope: &Scope<'_>) -> TokenStream {
    if !scope.form.defers {
        return TokenStream::new();
    }
    let (fsm, error) = (&scope.core, &scope.error);
    quote! {
        #[doc = " Keeps an event until the state changes."]
        fn postpone<A: Actions>(&mut self, run: &mut #fsm::Run<#error>, actions: &mut A, event: Event) -> #fsm::Outcome {
            self.tokens = self.tokens.wrapping_add(1);
            let token = #fsm::Token(self.tokens);
            if self.deferred.push((token, event)).is_err() {
                Self::report(run, #fsm::Error::DeferFull, actions);
            }
            #fsm::Outcome::Deferred(token)
        }
    }
}

/// `&` where several transitions are taken together: they are too much to be moved into each future on the way.
pub(super) fn lend(scope: &Scope<'_>) -> Option<TokenStream> {
    scope.form.regions.then(|| quote!(&))
}

/// How `inner` takes an event.
pub(super) fn inner_event(scope: &Scope<'_>) -> TokenStream {
    if scope.form.defers { quote!(event) } else { quote!(&event) }
}

/// An event of the machine itself that sets nothing off: the driver is told, and the step ends where that goes on for ever.
pub(super) fn idle(scope: &Scope<'_>, dropped: &TokenStream) -> TokenStream {
    let fsm = &scope.core;
    quote! {
        driver.dropped(#fsm::Dropped::#dropped);
        if run.idle() {
            self.livelock(run, actions);
        }
    }
}

/// Guards that left the range of a type are errors, told when the selection is over.
pub(super) fn faults(scope: &Scope<'_>) -> Option<TokenStream> {
    let fsm = &scope.core;
    let fail = scope.fail(&quote!(#fsm::Error::Overflow));
    scope.form.faults.then(|| quote!(for _ in 0..run.take_faults() { #fail }))
}

/// What became of an internal event.
fn internal(scope: &Scope<'_>) -> TokenStream {
    if !scope.form.queue {
        return TokenStream::new();
    }
    let (dot_await, async_keyword) = (scope.dot_await(), scope.async_keyword());
    let (generics, params) = (generics(scope), params(scope));
    let error = scope.form.error_event.then(|| error_arm(scope));
    let (done, event) = (direct::done_arms(scope), inner_event(scope));
    let code = quote! {
        match internal {
            Internal::Event(event) => { self.inner(actions, driver, run, #event) #dot_await; }
            #error
            #done
        }
    };
    quote! {
        #[doc = " Takes one internal event."]
        #async_keyword fn internal #generics (&mut self, #params, internal: Internal) {
            #code
        }
    }
}

fn error_arm(scope: &Scope<'_>) -> TokenStream {
    let lend = lend(scope);
    let (fsm, dot_await, faults) = (&scope.core, scope.dot_await(), faults(scope));
    let run = scope.form.faults.then(|| quote!(, run));
    let dropped = idle(scope, &quote!(Error));
    let taken = quote! {
        #faults
        if chosen.fate() == #fsm::Fate::Taken {
            self.take(actions, driver, run, #lend chosen) #dot_await;
        }
    };
    if !scope.form.reads_error {
        return quote! {
            Internal::Error(order, error) => {
                let chosen = self.select_error(actions #run);
                #taken else {
                    run.fail_at(order, error);
                    #dropped
                }
            }
        };
    }
    let (split, told) = if scope.form.overflows {
        (
            quote! {
                let overflow = !matches!(error, #fsm::Error::Action(_));
                let failed = #fsm::Failed {
                    error: match error {
                        #fsm::Error::Action(error) => error,
                        _ => #fsm::Overflow.into(),
                    },
                };
            },
            quote!(if overflow { #fsm::Error::Overflow } else { #fsm::Error::Action(failed.error) }),
        )
    } else {
        (
            quote! {
                let #fsm::Error::Action(error) = error else {
                    run.fail_at(order, error);
                    return;
                };
                let failed = #fsm::Failed { error };
            },
            quote!(#fsm::Error::Action(failed.error)),
        )
    };
    quote! {
        Internal::Error(order, error) => {
            #split
            let chosen = self.select_error(actions, &failed #run);
            #taken else {
                run.fail_at(order, #told);
                    #dropped
            }
        }
    }
}

/// The pattern of a body's variant; its payload is bound where `code` reads it.
fn variant_pattern(body: &Body, index: bool, event: bool) -> TokenStream {
    let variant = &body.variant;
    let index = body.is_shared().then(|| if index { quote!(index) } else { quote!(_) });
    let target = body.carries_target().then(|| quote!(target));
    let payload = body.parts.payload.map(|_| if event { quote!(event) } else { quote!(_) });
    let fields = execute::fields([index, target, payload]);
    quote!(Transition::#variant #fields)
}

/// A microstep of a machine without regions.
fn take_one(scope: &Scope<'_>, bodies: &Bodies) -> TokenStream {
    let (generics, params, async_keyword) = (generics(scope), params(scope), scope.async_keyword());
    let arms: TokenStream = bodies.list.iter().map(|body| one_arm(scope, body)).collect();
    let stepping = stepping(scope);
    let code = quote!(match transition { #arms _ => {} });
    let nothing = execute::nothing_to_await(scope, &code);
    let lifetime = bodies.lifetime(&quote!('_));
    let unused = execute::unused(&code, &["actions", "driver"]);
    quote! {
        #[doc = " One microstep: takes a transition."]
        #async_keyword fn take #generics (&mut self, #params, transition: Transition #lifetime) {
            #unused
            #stepping
            #nothing
            #code
        }
    }
}

/// What every microstep begins with.
fn stepping(scope: &Scope<'_>) -> TokenStream {
    let fsm = &scope.core;
    quote! {
        if !run.begin() {
            self.livelock(run, actions);
            return;
        }
        self.status = #fsm::Status::Stepping;
    }
}

fn one_arm(scope: &Scope<'_>, body: &Body) -> TokenStream {
    let (before, set, after) = (&body.before, &body.parts.set, &body.after);
    let reads = |name| [before, set, after].iter().any(|code| tokens::mentions_tokens(code, name));
    let pattern = variant_pattern(body, true, reads("event"));
    let literal = Literal::usize_unsuffixed(body.members[0].index());
    let number = if body.is_shared() { quote!(index) } else { quote!(#literal) };
    let as_usize = if body.is_shared() { quote!(index as usize) } else { quote!(#literal) };
    let index = reads("index").then(|| quote!(let index = #as_usize;));
    let target = match (body.parts.result, body.parts.result.target()) {
        (StepResult::Handled | StepResult::Set, _) => None,
        (_, Some(leaf)) => Some(scope.leaf(leaf)),
        (_, None) => Some(quote!(target)),
    };
    let target = target.map(|target| quote!(self.state = #target;));
    let moved = (body.parts.result != StepResult::Handled).then(|| quote!(run.moved();));
    quote! {
        #pattern => {
            driver.transition(#as_usize);
            run.taken(#number);
            #index
            #before
            #set
            #target
            #moved
            #after
        }
    }
}

/// A microstep of a machine with regions: all exits, all actions, all changes, all entries.
fn take_all(scope: &Scope<'_>, bodies: &Bodies) -> TokenStream {
    let (fsm, dot_await, async_keyword) = (&scope.core, scope.dot_await(), scope.async_keyword());
    let (generics, params, stepping) = (generics(scope), params(scope), stepping(scope));
    let (most, lifetime) = (Literal::usize_unsuffixed(scope.leaves), bodies.lifetime(&quote!('_)));
    let phase = |name: &str, waits: bool, code: &dyn Fn(&Body) -> TokenStream| phase(scope, bodies, name, waits, code);
    let (exit, call_exit) = phase("exit", true, &|body| body.parts.exits.clone());
    let (act, call_act) = phase("act", true, &|body| body.parts.actions.clone());
    let (set, call_set) = phase("set", false, &|body| {
        let set = &body.parts.set;
        let target = body.parts.result.target().map(|leaf| {
            let leaf = scope.leaf(leaf);
            quote!(self.state = #leaf;)
        });
        if body.parts.result == StepResult::Handled { TokenStream::new() } else { quote!(run.moved(); #set #target) }
    });
    let (enter, call_enter) = phase("enter", true, &|body| body.parts.entries.clone());
    let _ = dot_await;
    // By index: an iterator that is alive while an action waits would keep the step's future from being `Send`.
    let each = |call: Option<TokenStream>, reverse: bool| {
        let range = if reverse { quote!((0..found.len()).rev()) } else { quote!(0..found.len()) };
        call.map(|call| quote!(for at in #range { let Some(transition) = found.get(at) else { break }; #call }))
    };
    let (exits, acts, sets) = (each(call_exit, true), each(call_act, false), each(call_set, false));
    let enters = call_enter.map(|call| {
        quote! {
            for at in 0..found.len() {
                let Some(transition) = found.get(at) else { break };
                run.entering(found.rest(at));
                #call
            }
        }
    });
    let code = quote!(#exits #acts #sets #enters);
    let nothing = execute::nothing_to_await(scope, &code);
    quote! {
        #[doc = " One microstep: takes transitions of several regions."]
        #async_keyword fn take #generics (&mut self, #params, found: &#fsm::Found<Transition #lifetime, #most>) {
            #stepping
            for (_, extent) in found.iter() {
                driver.transition(extent.index as usize);
                run.taken(extent.index);
            }
            #nothing
            #code
        }
        #exit
        #act
        #set
        #enter
    }
}

/// Up to this number of bodies the phases of a microstep stand in it.
const INLINE_PHASES: usize = 32;

/// One phase of a microstep, as a function and a call of it; nothing where no transition has anything to do then.
fn phase(
    scope: &Scope<'_>,
    bodies: &Bodies,
    name: &str,
    waits: bool,
    code: &dyn Fn(&Body) -> TokenStream,
) -> (Option<TokenStream>, Option<TokenStream>) {
    let arms: Vec<TokenStream> = bodies
        .list
        .iter()
        .filter_map(|body| {
            let code = code(body);
            let pattern = variant_pattern(body, false, tokens::mentions_tokens(&code, "event"));
            (!code.is_empty()).then(|| quote!(#pattern => { #code }))
        })
        .collect();
    if arms.is_empty() {
        return (None, None);
    }
    let name = quote::format_ident!("{name}");
    let (generics, params, lifetime) = (generics(scope), params(scope), bodies.lifetime(&quote!('_)));
    let rest = (arms.len() < bodies.list.len()).then(|| quote!(_ => {}));
    let code = quote!(match transition { #(#arms)* #rest });
    let unused = execute::unused(&code, &["self", "actions", "driver", "run"]);
    let async_keyword = waits.then(|| scope.async_keyword());
    let nothing = waits.then(|| execute::nothing_to_await(scope, &code));
    let dot_await = waits.then(|| scope.dot_await());
    // A future for each transition and phase would cost more than a small handler.
    if bodies.list.len() <= INLINE_PHASES {
        return (None, Some(code));
    }
    let function = quote! {
        #async_keyword fn #name #generics (&mut self, #params, transition: Transition #lifetime) {
            #unused
            #nothing
            #code
        }
    };
    (Some(function), Some(quote!(self.#name(actions, driver, run, transition) #dot_await;)))
}

/// The end: everything is left, what waits is dropped.
fn finish(scope: &Scope<'_>) -> TokenStream {
    let (fsm, form, async_keyword) = (&scope.core, &scope.form, scope.async_keyword());
    let (generics, params) = (generics(scope), params(scope));
    let (below, root) = (leaving::exit_below(scope, StateId::ROOT), leaving::leave_state(scope, StateId::ROOT));
    let delayed = form.delayed.then(|| {
        quote! {
            while let Some(delayed) = self.delayed.pop() {
                driver.cancel_timer(Timer::Sent, delayed.generation);
            }
        }
    });
    let due = form.due.then(|| quote!(self.due.clear();));
    let deferred = form.defers.then(|| {
        quote! {
            while let Some((token, _)) = self.deferred.pop() {
                driver.settled(token, #fsm::Outcome::Finished);
            }
        }
    });
    let queue = form.queue.then(|| dropped(scope));
    let code = quote!(#below #root #delayed #due #deferred #queue);
    let nothing = execute::nothing_to_await(scope, &code);
    let unused = execute::unused(&code, &["self", "actions", "driver", "run"]);
    quote! {
        #[doc = " Leaves everything, and drops what waits."]
        #async_keyword fn finish #generics (&mut self, #params) {
            #unused
            #nothing
            #code
        }
    }
}

/// Drops internal events; an error that is dropped is one that nobody takes.
fn dropped(scope: &Scope<'_>) -> TokenStream {
    if !scope.form.error_event {
        return quote!(while self.queue.pop().is_some() {});
    }
    quote! {
        while let Some(internal) = self.queue.pop() {
            if let Internal::Error(order, error) = internal {
                run.fail_at(order, error);
            }
        }
    }
}

/// How errors are told and kept.
fn errors(scope: &Scope<'_>) -> TokenStream {
    let (fsm, error, step_error, form) = (&scope.core, &scope.error, execute::step_error(scope), &scope.form);
    let fail = if form.error_event {
        quote! {
            #[doc = " Tells the handlers of an error, and raises it as an event."]
            #[cold]
            fn fail<A: Actions>(queue: &mut Queue, run: &mut #fsm::Run<#error>, error: #step_error, actions: &mut A) {
                actions.on_error(&error);
                let order = run.error();
                if let Err(Internal::Error(order, error)) = queue.push(Internal::Error(order, error)) {
                    run.fail_at(order, error);
                    Self::report(run, #fsm::Error::QueueFull, actions);
                }
            }
        }
    } else {
        quote! {
            #[doc = " Tells the handlers of an error, and keeps the first one of a step."]
            #[cold]
            fn fail<A: Actions>(run: &mut #fsm::Run<#error>, error: #step_error, actions: &mut A) {
                Self::report(run, error, actions);
            }
        }
    };
    let queue = form.queue.then(|| dropped(scope));
    let due = form.due.then(|| quote!(self.due.clear();));
    let alone = (queue.is_none() && due.is_none()).then(|| quote!(let _ = self;));
    let raise = form.queue.then(|| {
        quote! {
            #[doc = " Puts an event at the end of the internal queue."]
            fn raise<A: Actions>(&mut self, run: &mut #fsm::Run<#error>, actions: &mut A, internal: Internal) {
                if self.queue.push(internal).is_err() {
                    Self::report(run, #fsm::Error::QueueFull, actions);
                }
            }

            #[doc = " Tells of events that an action raised and that did not fit."]
            fn lost<A: Actions>(&mut self, run: &mut #fsm::Run<#error>, actions: &mut A) {
                if ::core::mem::take(&mut self.queue.full) {
                    Self::report(run, #fsm::Error::QueueFull, actions);
                }
            }
        }
    });
    quote! {
        #fail

        #[doc = " Tells the handlers of an error that nothing can take, and keeps the first one of a step."]
        #[cold]
        fn report<A: Actions>(run: &mut #fsm::Run<#error>, error: #step_error, actions: &mut A) {
            actions.on_error(&error);
            run.fail(error);
        }

        #[doc = " Ends a step that does not come to rest."]
        #[cold]
        fn livelock<A: Actions>(&mut self, run: &mut #fsm::Run<#error>, actions: &mut A) {
            #alone
            #queue
            #due
            Self::report(run, #fsm::Error::Livelock(run.cycle()), actions);
        }

        #raise
    }
}
