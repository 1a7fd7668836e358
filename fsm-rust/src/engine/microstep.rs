//! A microstep: the body of one transition, or with regions of several, phase by phase.

use fsm_model::gather::Gather as _;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::part;
use crate::bodies::{Bodies, Body, StepResult};
use crate::private::{self, Private};
use crate::scope::Scope;
use crate::{execute, tokens};
use fsm_model::ir::Id;

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
pub(super) fn take_one(scope: &Scope<'_>, bodies: &Bodies) -> TokenStream {
    let arms: TokenStream = bodies.list.iter().map(|body| one_arm(scope, body)).gather();
    let lifetime = bodies.lifetime(&private::elided(scope));
    let transition = quote!(transition: Transition #lifetime,);
    let code = stepping(scope, &quote!(match transition { #arms _ => {} }));
    part(scope, " One microstep: takes a transition.", "take", Some(transition), code)
}

/// A microstep, unless there were so many that they never end. What is not to be run is not behind a `return`: where the type
/// of something in it is wrong, rustc would tell of the type that is returned.
fn stepping(scope: &Scope<'_>, code: &TokenStream) -> TokenStream {
    let fsm = &scope.core;
    quote! {
        if run.begin() {
            self.status = #fsm::Status::Stepping;
            #code
        } else {
            self.livelock(run, actions);
        }
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
pub(super) fn take_all(scope: &Scope<'_>, bodies: &Bodies) -> TokenStream {
    let (fsm, reference) = (&scope.core, private::reference(scope));
    let (most, lifetime) = (Literal::usize_unsuffixed(scope.leaves), bodies.lifetime(&private::elided(scope)));
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
    let code = quote! {
        for (_, extent) in found.iter() {
            driver.transition(extent.index as usize);
            run.taken(extent.index);
        }
        #exits
        #acts
        #sets
        #enters
    };
    let code = stepping(scope, &code);
    let found = quote!(found: &#reference #fsm::Found<Transition #lifetime, #most>,);
    let take = part(scope, " One microstep: takes transitions of several regions.", "take", Some(found), code);
    quote! {
        #take
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
        .gather();
    if arms.is_empty() {
        return (None, None);
    }
    let name = quote::format_ident!("{name}");
    let rest = (arms.len() < bodies.list.len()).then(|| quote!(_ => {}));
    let code = quote!(match transition { #(#arms)* #rest });
    let dot_await = waits.then(|| scope.dot_await());
    // A future for each transition and phase would cost more than a small handler.
    if bodies.list.len() <= INLINE_PHASES {
        return (None, Some(code));
    }
    let lifetime = bodies.lifetime(&if waits { private::elided(scope) } else { quote!('_) });
    let last = Some(quote!(transition: Transition #lifetime,));
    let function = private::emit(scope, Private { docs: None, name: &name, first: None, last, waits, code });
    (Some(function), Some(quote!(self.#name(actions, driver, run, transition) #dot_await;)))
}
