//! The step as a loop: what begins one, and how it goes on until nothing is left to do.
//!
//! Part of the Rust back-end, for machines that can take more than one transition a step. `start`, `step`, `fire` and
//! `complete` each begin with something to take, and end in `settle`, which goes on until nothing is left
//! (SEMANTICS.md, 13.6). Every function here is one piece of that loop, and stands only where the machine needs it.

mod deferral;
mod direct;
mod errors;
mod internal;
mod invokes;
mod microstep;
mod timers;

use fsm_model::gather::Gather as _;
use proc_macro2::TokenStream;
use quote::quote;

use super::bodies::{self, Bodies};
use super::entrance::{self, Entrance};
use super::private::{self, Private};
use super::scope::Scope;
use super::select::{self, Search, Selector};
use super::{completion, tokens};
use fsm_model::ir::Unhandled;

pub(super) use direct::done_states;

/// The generic parameters of a function of the step.
pub(super) fn generics(scope: &Scope<'_>) -> TokenStream {
    let fsm = &scope.core;
    quote!(<A: Actions, D: #fsm::Driver<Self>>)
}

/// Everything below `Machine::select`.
pub(super) fn emit(scope: &Scope<'_>, bodies: &Bodies) -> TokenStream {
    let searches: TokenStream =
        [(scope.form.error_event, Search::Error), (scope.form.always && !scope.form.regions, Search::Always)]
            .into_iter()
            .filter(|(wanted, _)| *wanted)
            .map(|(_, search)| Selector::new(scope, bodies, search).functions(None))
            .gather();
    let parts = [
        start(scope),
        step(scope),
        direct::entrances(scope),
        settle(scope),
        internal::inner(scope),
        deferral::postpone(scope),
        internal::internal(scope),
        if scope.form.regions { microstep::take_all(scope, bodies) } else { microstep::take_one(scope, bodies) },
        errors::finish(scope),
        errors::errors(scope),
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
    name: &str,
    params: TokenStream,
    ready: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let (fsm, begin, settle) = (&scope.core, begin(scope), call_settle(scope));
    let docs = quote! {
        #(#[doc = #docs])*
        #[doc = ""]
        #[doc = " # Errors"]
        #[doc = " The first error of the step: what an action failed with, if nothing took it (the configuration has"]
        #[doc = " changed all the same), or the machine's own, where it was not started or an earlier step was interrupted."]
    };
    let body = quote! {
        #ready
        #begin
        #body
        #settle
        self.status = if run.has_ended() { #fsm::Status::Finished } else { #fsm::Status::Ready };
        run.finish(outcome)
    };
    let unused = TokenStream::new();
    entrance::emit(scope, Entrance { docs, name, params, drives: true, unused, body })
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
    entrance(scope, &docs, "start", TokenStream::new(), &ready, &body)
}

fn step(scope: &Scope<'_>) -> TokenStream {
    let lend = lend(scope);
    let (fsm, dot_await) = (&scope.core, scope.dot_await());
    let kept = quote! {
        match self.postpone(&mut run, actions, event.clone()) {
            Some(token) => {
                driver.deferred(token);
                #fsm::Outcome::Deferred(token)
            }
            // The step gives the error.
            None => #fsm::Outcome::Rejected,
        }
    };
    let deferred = scope.form.defers.then(|| quote!(#fsm::Fate::Deferred => #kept,));
    let unhandled = match scope.machine.unhandled {
        Unhandled::Report => quote!({ actions.on_unhandled(self, event); #fsm::Outcome::Unhandled }),
        Unhandled::Ignore => quote!(#fsm::Outcome::Unhandled),
        Unhandled::Error => quote!({ run.fail(#fsm::Error::Unhandled); #fsm::Outcome::Unhandled }),
        Unhandled::Defer => kept,
    };
    let rest = (!scope.form.defers).then(|| quote!(| #fsm::Fate::Deferred));
    let faults = internal::faults(scope).map(|faults| quote!({ let run = &mut run; #faults }));
    let run_arg = scope.form.faults.then(|| quote!(, &mut run));
    // As `inner` does, without a future of its own for what every step needs.
    let select = select::chosen(scope, &quote!(self.select), &quote!(actions, event #run_arg));
    let body = quote! {
        #select
        #faults
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
    entrance(scope, &docs, "step", entrance::event(scope), &only_ready(scope), &body)
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
    let always = form.always.then(|| {
        let run = form.faults.then(|| quote!(, run));
        let faults = internal::faults(scope);
        let select = select::chosen(scope, &quote!(self.select_always), &quote!(actions #run));
        quote! {
            #select
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
    let (declare, retry) = if form.defers { deferral::retry(scope) } else { Default::default() };
    let settle = deferral::settle(scope, false);
    let event = internal::inner_event(scope);
    let timer = form.has_timers().then(
        || quote!(Due::Timer(timer, generation) => { self.timed(actions, driver, run, timer, generation) #dot_await; }),
    );
    // What is due belongs to no deferred event.
    let resumed = form.defers.then(|| quote!(driver.resumed();));
    let due = form.due.then(|| {
        quote! {
            if let Some(due) = self.due.pop() {
                #resumed
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
                    #settle
                    return;
                }
                if run.is_stuck() {
                    #settle
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
    part(scope, " Goes on until nothing is left to do.", "settle", None, code)
}

/// A private function that carries on a step, with what it takes besides.
fn part(scope: &Scope<'_>, docs: &str, name: &str, last: Option<TokenStream>, code: TokenStream) -> TokenStream {
    let name = &quote::format_ident!("{name}");
    private::emit(scope, Private { docs: Some(docs), name, first: None, last, waits: true, code })
}

/// `&` where several transitions are taken together: they are too much to be moved into each future on the way.
pub(super) fn lend(scope: &Scope<'_>) -> Option<TokenStream> {
    scope.form.regions.then(|| quote!(&))
}
