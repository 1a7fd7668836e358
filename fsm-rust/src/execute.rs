//! `Transition` and `Machine::step`: what was selected is carried out.
//!
//! Part of the Rust back-end. One arm for each body; the status says `Stepping` while user code may run, so a future
//! that is dropped half-way, or a panic, leaves a machine that says so.

use fsm_model::gather::Gather as _;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::bodies::{self, Bodies, Body, Phases, StepResult};
use super::entrance::{self, Entrance};
use super::private::{self, Private};
use super::scope::Scope;
use super::table::Table;
use super::{docs, leaving, select, tokens};
use fsm_model::ir::{Id, StateId, Unhandled};

/// The private enum in which selection ends and execution begins.
pub(super) fn transition_enum(scope: &Scope<'_>, bodies: &Bodies, table: Option<&Table>) -> TokenStream {
    let lifetime = bodies.lifetime(&quote!('e));
    let variants = bodies.list.iter().map(|body| {
        let (docs, variant) = (docs::lines(&body.docs), &body.variant);
        let index = body.is_shared().then(|| quote!(u32));
        let target = body.carries_target().then(|| quote!(State));
        let payload = body.parts.payload.map(|payload| {
            let ty = payload.ty(scope);
            quote!(&'e #ty)
        });
        let fields = fields([index, target, payload]);
        quote!(#docs #variant #fields)
    });
    let undecided = table.is_some_and(|table| table.undecided).then(|| {
        quote! {
            #[doc = " It takes a guard or a payload to tell."]
            Undecided,
        }
    });
    let deferred = (scope.form.defers && !scope.form.regions).then(|| {
        quote! {
            #[doc = " A state wants the event to wait."]
            Deferred,
        }
    });
    // In regions several transitions are found, or none.
    let none = (!scope.form.regions).then(|| {
        quote! {
            #[doc = " No active state has a transition for the event."]
            Unhandled,
            #[doc = " There are transitions, and every guard is false."]
            Rejected,
        }
    });
    let fate = (scope.form.engine && !scope.form.regions).then(|| fate(scope, bodies, undecided.is_some()));
    quote! {
        #[doc = " What an event sets off."]
        #[derive(Clone, Copy)]
        enum Transition #lifetime {
            #none
            #deferred
            #undecided
            #(#variants,)*
        }
        #fate
    }
}

/// `Transition::fate`: whether it is one at all.
fn fate(scope: &Scope<'_>, bodies: &Bodies, undecided: bool) -> TokenStream {
    let fsm = &scope.core;
    let lifetime = bodies.lifetime(&quote!('_));
    let deferred = scope.form.defers.then(|| quote!(Self::Deferred => #fsm::Fate::Deferred,));
    let undecided = undecided.then(|| quote!(| Self::Undecided));
    let taken = (!bodies.list.is_empty()).then(|| quote!(_ => #fsm::Fate::Taken,));
    quote! {
        impl Transition #lifetime {
            #[doc = " What becomes of the event."]
            const fn fate(self) -> #fsm::Fate {
                match self {
                    Self::Unhandled => #fsm::Fate::Unhandled,
                    Self::Rejected #undecided => #fsm::Fate::Rejected,
                    #deferred
                    #taken
                }
            }
        }
    }
}

/// `start`, `step` and what they are made of.
pub(super) fn emit(scope: &Scope<'_>, bodies: &Bodies, table: Option<&Table>) -> TokenStream {
    let steps = if scope.form.engine {
        super::engine::emit(scope, bodies)
    } else {
        let (start, step) = (start(scope), step(scope, bodies, table));
        let fail = scope.fallible.then(|| fail(scope));
        quote!(#start #step #fail)
    };
    let helpers = leaving::functions(scope);
    let (phase_items, phase_functions) = bodies.phases.as_ref().map(|phases| phased(scope, phases)).unzip();
    // Last: whatever needs them has been made by now.
    let shared = scope.shared.functions();
    quote! {
        #phase_items

        impl Machine {
            #steps
            #helpers
            #phase_functions
            #shared
        }
    }
}

fn start(scope: &Scope<'_>) -> TokenStream {
    let machine = scope.machine;
    let leaf = machine.default_leaf(StateId::ROOT);
    let fsm = &scope.core;
    let (mut blocks, _) = bodies::start(scope);
    let finished = machine.is_top_final(leaf);
    if finished {
        blocks.extend(leaving::exits(scope, leaf, None));
    }
    let outcome = if finished { format_ident!("Finished") } else { format_ident!("Transitioned") };
    let status = if finished { format_ident!("Finished") } else { format_ident!("Ready") };
    let unused = unused(&blocks, &["actions"]);
    let failed = tokens::mentions(&blocks, "failed");
    let declare = failed.then(|| quote!(let failed = &mut None;));
    let outcome = quote!(#fsm::Outcome::#outcome);
    let answer = if failed { quote!(failed.take().map_or(Ok(#outcome), Err)) } else { quote!(Ok(#outcome)) };
    let docs = quote! {
        #[doc = " Enters the initial state. Does nothing to a machine that was started before."]
        #[doc = ""]
        #[doc = " # Errors"]
        #[doc = " What the entry actions fail with; the machine is started all the same."]
    };
    let drives = tokens::mentions(&blocks, "driver");
    let body = quote! {
        if self.status != #fsm::Status::Stopped {
            return self.status.refuse();
        }
        #declare
        self.status = #fsm::Status::Stepping;
        #blocks
        self.status = #fsm::Status::#status;
        #answer
    };
    entrance::emit(scope, Entrance { docs, name: "start", params: TokenStream::new(), drives, unused, body })
}

fn step(scope: &Scope<'_>, bodies: &Bodies, table: Option<&Table>) -> TokenStream {
    let fsm = &scope.core;
    let arms: TokenStream = bodies.list.iter().map(|body| arm(scope, body)).gather();
    let drives = tokens::mentions(&arms, "driver");
    let select_args = select::arguments(scope);
    let undecided = table.is_some_and(|table| table.undecided).then(|| quote!(| Transition::Undecided));
    let (hook, unhandled) = unhandled(scope);
    let body = if bodies.list.is_empty() {
        let unused = (scope.machine.unhandled != Unhandled::Report).then(|| quote!(let _ = (actions, event);));
        quote! {
            #unused
            #hook
            #unhandled
        }
    } else {
        let failed = tokens::mentions(&arms, "failed");
        let declare = failed.then(|| quote!(let failed = &mut None;));
        let answer = if failed { quote!(failed.take().map_or(Ok(outcome), Err)) } else { quote!(Ok(outcome)) };
        // Perhaps no action, no guard and no hook is called.
        let idle = self::unused(&quote!(#arms #select_args #hook), &["actions"]);
        quote! {
            #idle
            #declare
            let outcome = match self.select(#select_args) {
                Transition::Unhandled => { #hook return #unhandled; }
                Transition::Rejected #undecided => return Ok(#fsm::Outcome::Rejected),
                #arms
            };
            #answer
        }
    };
    let docs = quote! {
        #[doc = " Handles one event to completion."]
        #[doc = ""]
        #[doc = " # Errors"]
        #[doc = " What an action failed with: the configuration has changed all the same. Or the machine's own, where it"]
        #[doc = " was not started or an earlier step was interrupted."]
    };
    let body = quote! {
        if self.status != #fsm::Status::Ready {
            return self.status.refuse();
        }
        #body
    };
    let unused = TokenStream::new();
    entrance::emit(scope, Entrance { docs, name: "step", params: entrance::event(scope), drives, unused, body })
}

/// What the policy says of an event that nobody handles: what is done, and what the step gives.
fn unhandled(scope: &Scope<'_>) -> (Option<TokenStream>, TokenStream) {
    let fsm = &scope.core;
    match scope.machine.unhandled {
        Unhandled::Error => (None, quote!(Err(#fsm::Error::Unhandled))),
        Unhandled::Ignore => (None, quote!(Ok(#fsm::Outcome::Unhandled))),
        Unhandled::Report | Unhandled::Defer => {
            (Some(quote!(actions.on_unhandled(self, event);)), quote!(Ok(#fsm::Outcome::Unhandled)))
        }
    }
}

/// `(a, b)`, or nothing.
pub(super) fn fields(fields: [Option<TokenStream>; 3]) -> Option<TokenStream> {
    let fields: Vec<TokenStream> = fields.into_iter().flatten().gather();
    (!fields.is_empty()).then(|| quote!((#(#fields),*)))
}

/// One arm of the match over what was selected.
fn arm(scope: &Scope<'_>, body: &Body) -> TokenStream {
    let fsm = &scope.core;
    let (variant, before, after) = (&body.variant, &body.before, &body.after);
    let index = body.is_shared().then(|| quote!(index));
    let target = body.carries_target().then(|| quote!(target));
    let fields = fields([index, target, body.parts.payload.map(|_| quote!(event))]);
    let literal = proc_macro2::Literal::usize_unsuffixed(body.members[0].index());
    let (bind, number) = if body.is_shared() {
        (quote!(let index = index as usize;), quote!(index))
    } else if tokens::mentions_tokens(&quote!(#before #after), "index") {
        (quote!(let index = #literal;), quote!(index))
    } else {
        (TokenStream::new(), quote!(#literal))
    };
    let target = match (body.parts.result, body.parts.result.target()) {
        (StepResult::Handled, _) => None,
        (_, Some(leaf)) => Some(scope.leaf(leaf)),
        (_, None) => Some(quote!(target)),
    };
    let set = target.map(|target| quote!(self.state = #target;));
    let outcome = match body.parts.result {
        StepResult::Handled => format_ident!("Handled"),
        StepResult::Transitioned(_) | StepResult::Set => format_ident!("Transitioned"),
        StepResult::Finished(_) => format_ident!("Finished"),
    };
    let blocks = quote!(#before #after);
    // While no user code runs, nobody can see the status: a mere change of state leaves it as it is.
    let stepping = (!blocks.is_empty()).then(|| quote!(self.status = #fsm::Status::Stepping;));
    let rest = match body.parts.result {
        StepResult::Finished(_) => Some(quote!(self.status = #fsm::Status::Finished;)),
        StepResult::Handled | StepResult::Transitioned(_) | StepResult::Set => {
            (!blocks.is_empty()).then(|| quote!(self.status = #fsm::Status::Ready;))
        }
    };
    quote! {
        Transition::#variant #fields => {
            #bind
            driver.transition(#number);
            #stepping
            #before
            #set
            #after
            #rest
            #fsm::Outcome::#outcome
        }
    }
}

/// The tables and functions of exits and entries that are not inlined.
fn phased(scope: &Scope<'_>, phases: &Phases) -> (TokenStream, TokenStream) {
    let (exits, exit) = phase(scope, "exit", &phases.exits, &phases.exit_of);
    let (entries, enter) = phase(scope, "enter", &phases.entries, &phases.entry_of);
    (quote!(#exits #entries), quote!(#exit #enter))
}

fn phase(scope: &Scope<'_>, name: &str, codes: &[TokenStream], numbers: &[usize]) -> (TokenStream, TokenStream) {
    if codes.is_empty() {
        return Default::default();
    }
    let (count, constant) =
        (proc_macro2::Literal::usize_unsuffixed(numbers.len()), format_ident!("{}", name.to_uppercase()));
    let numbers = numbers.iter().map(|number| proc_macro2::Literal::usize_unsuffixed(*number));
    let docs = docs::lines(&format!("Which arm of `Machine::{name}` each transition takes."));
    let arms = codes.iter().enumerate().map(|(at, code)| {
        let number = proc_macro2::Literal::usize_unsuffixed(at + 1);
        quote!(#number => { #code })
    });
    let code = quote! {
        match #constant[index] {
            #(#arms)*
            _ => {}
        }
    };
    let table = quote! {
        #docs
        static #constant: [u16; #count] = [#(#numbers),*];
    };
    let private = Private {
        docs: None,
        name: &format_ident!("{name}"),
        first: Some(quote!(index: usize,)),
        last: None,
        waits: true,
        code,
    };
    (table, private::emit(scope, private))
}

/// A private function that runs blocks.
pub(super) fn function(scope: &Scope<'_>, name: &Ident, code: &TokenStream) -> TokenStream {
    let code = code.clone();
    private::emit(scope, Private { docs: None, name, first: None, last: None, waits: true, code })
}

fn fail(scope: &Scope<'_>) -> TokenStream {
    let error = step_error(scope);
    quote! {
        #[doc = " Tells the handlers of an error, and keeps the first one of a step."]
        #[cold]
        fn fail<A: Actions>(failed: &mut Option<#error>, error: #error, actions: &mut A) {
            actions.on_error(&error);
            if failed.is_none() {
                *failed = Some(error);
            }
        }
    }
}

/// `Error<ArmError>`.
pub(super) fn step_error(scope: &Scope<'_>) -> TokenStream {
    let (fsm, error) = (&scope.core, &scope.error);
    quote!(#fsm::Error<#error>)
}

/// `Result<Outcome, Error<ArmError>>`.
pub(super) fn result(scope: &Scope<'_>) -> TokenStream {
    let (fsm, error) = (&scope.core, step_error(scope));
    quote!(Result<#fsm::Outcome, #error>)
}

/// What is done with parameters that the code does not use: they are lent.
pub(super) fn unused(code: &TokenStream, names: &[&str]) -> TokenStream {
    names
        .iter()
        .filter(|name| !tokens::mentions(code, name))
        .map(|name| {
            let name = format_ident!("{name}");
            quote!(let _ = #name;)
        })
        .gather()
}
