//! `Machine::select`: which transition an event sets off, without any effect.
//!
//! Part of the Rust back-end. From the leaf outwards the first transition whose guard holds wins: an exhaustive match
//! over states, in each of them a match over events; or a table, where that is smaller (`table`), with the match
//! behind it for what takes a guard or a payload to tell.

use proc_macro2::TokenStream;
use quote::quote;

use super::bodies::Bodies;
use super::scope::Scope;
use super::table::Table;
use super::{guards, tokens};
use crate::ir::{EventId, Guard, Id, IndexVec, Machine, StateId, TransitionId, Trigger};

/// The transitions of one state for one event that can be taken at all, in the order in which they are tried.
pub(super) struct Group {
    pub(super) event: EventId,
    /// Up to the first without a guard.
    pub(super) transitions: Vec<TransitionId>,
    /// Whether the last of them has no guard.
    pub(super) certain: bool,
}

/// The groups of one state, in the order of their first transition.
pub(super) fn groups(machine: &Machine, state: StateId) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut known = std::collections::HashMap::new();
    for id in &machine.states[state].transitions {
        let transition = &machine.transitions[*id];
        let Trigger::Event(event) = transition.trigger else { unreachable!("resolve gives no other yet") };
        let at = *known.entry(event).or_insert_with(|| {
            groups.push(Group { event, transitions: Vec::new(), certain: false });
            groups.len() - 1
        });
        let group = &mut groups[at];
        match transition.guard {
            _ if group.certain => {}
            Some(Guard::Bool(false)) => {}
            None | Some(Guard::Bool(true)) => {
                group.transitions.push(*id);
                group.certain = true;
            }
            Some(_) => group.transitions.push(*id),
        }
    }
    groups
}

/// The functions of selection, and the table if there is one.
pub(super) fn emit(scope: &Scope<'_>, bodies: &Bodies, table: Option<&Table>) -> TokenStream {
    let Some(table) = table else {
        let select = function(scope, bodies, &quote!(select));
        return quote!(impl Machine { #select });
    };
    let decide = table.undecided.then(|| function(scope, bodies, &quote!(decide)));
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
    quote! {
        #items

        impl Machine {
            #[doc = " The first transition for `event`, from the active leaf outwards, whose guard holds."]
            #[inline]
            fn select #generics (&self, #params) -> Transition #result {
                #unused
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
    live_guards(scope.machine).any(calls)
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

/// The arguments of a call of `select` where `actions` and `event` are in scope.
pub(super) fn arguments(scope: &Scope<'_>) -> TokenStream {
    if uses_actions(scope) { quote!(actions, event) } else { quote!(event) }
}

fn parameters(scope: &Scope<'_>, bodies: &Bodies) -> TokenStream {
    let lifetime = if bodies.lifetime(&quote!('e)).is_empty() { TokenStream::new() } else { quote!('e) };
    let actions = uses_actions(scope).then(|| quote!(actions: &A,));
    quote!(#actions event: &#lifetime Event)
}

fn generics(scope: &Scope<'_>, bodies: &Bodies) -> TokenStream {
    let lifetime = (!bodies.lifetime(&quote!('e)).is_empty()).then(|| quote!('e,));
    let actions = uses_actions(scope).then(|| quote!(A: Actions));
    if lifetime.is_none() && actions.is_none() { TokenStream::new() } else { quote!(<#lifetime #actions>) }
}

/// The states in which every event finds its answer, at the state itself or below it: nothing outside of them is asked,
/// and code behind theirs would be unreachable.
struct Settled(IndexVec<StateId, bool>);

impl Settled {
    fn new(machine: &Machine) -> Self {
        let mut settled = Self(machine.states.iter().map(|_| false).collect());
        for id in machine.states.ids().rev() {
            let groups = groups(machine, id);
            let all = !groups.is_empty() && groups.len() == machine.events.len();
            let own = all && groups.iter().all(|group| group.certain || !is_asked_further(machine, id, group.event));
            settled.0[id] = own || settled.below(machine, id);
        }
        settled
    }

    /// Whether all children are settled.
    fn below(&self, machine: &Machine, id: StateId) -> bool {
        let state = &machine.states[id];
        !state.is_leaf() && state.children.iter().all(|child| self.0[*child])
    }
}

/// Whether a state around `id` has transitions for the event too.
fn is_asked_further(machine: &Machine, id: StateId, event: EventId) -> bool {
    machine.chain(id).skip(1).any(|outer| handles(machine, outer, event))
}

/// The match, as a function of the given name.
fn function(scope: &Scope<'_>, bodies: &Bodies, name: &TokenStream) -> TokenStream {
    let (generics, params) = (generics(scope, bodies), parameters(scope, bodies));
    let result = bodies.lifetime(&quote!('e));
    let settled = &Settled::new(scope.machine);
    let Choice { code, .. } = choice(scope, bodies, settled, StateId::ROOT);
    let (allow, otherwise) = if settled.0[StateId::ROOT] {
        let reason = "generated: here every way ends in a `return`";
        (quote!(#[allow(clippy::needless_return, reason = #reason)]), TokenStream::new())
    } else {
        (TokenStream::new(), quote!(Transition::Unhandled))
    };
    let context = live_guards(scope.machine).any(guards::names_context).then(|| quote!(let context = &self.context;));
    let unused = if code.is_empty() {
        quote!(let _ = (self, event);)
    } else if context.is_none() && !tokens::mentions(&code, "self") {
        // All transitions are the machine's own.
        quote!(let _ = self;)
    } else {
        TokenStream::new()
    };
    let inline = (scope.machine.states.len() <= 64).then(|| quote!(#[inline]));
    quote! {
        #[doc = " The first transition for `event`, from the active leaf outwards, whose guard holds."]
        #inline
        #allow
        fn #name #generics (&self, #params) -> Transition #result {
            #unused
            #context
            #code
            #otherwise
        }
    }
}

/// What is asked while a state is active.
struct Choice {
    code: TokenStream,
    /// Whether the code asks which child is active.
    asks_child: bool,
}

/// The active child of `id` first, then its own transitions.
fn choice(scope: &Scope<'_>, bodies: &Bodies, settled: &Settled, id: StateId) -> Choice {
    let machine = scope.machine;
    let children: Vec<(StateId, Choice)> =
        machine.states[id].children.iter().map(|child| (*child, choice(scope, bodies, settled, *child))).collect();
    let inner = (!children.iter().all(|(_, choice)| choice.code.is_empty())).then(|| {
        let value = if id == StateId::ROOT { quote!(self.state) } else { quote!(state) };
        let mut arms: Vec<TokenStream> = Vec::new();
        let mut silent: Vec<TokenStream> = Vec::new();
        for (child, Choice { code, asks_child }) in &children {
            let path = scope.variant_path(*child);
            let is_leaf = machine.states[*child].is_leaf();
            if code.is_empty() {
                silent.push(if is_leaf { path } else { quote!(#path(_)) });
            } else if is_leaf {
                arms.push(quote!(#path => { #code }));
            } else {
                let name = if *asks_child { quote!(state) } else { quote!(_) };
                arms.push(quote!(#path(#name) => { #code }));
            }
        }
        if !silent.is_empty() {
            arms.push(quote!(#(#silent)|* => {}));
        }
        quote!(match #value { #(#arms)* })
    });
    let own = if settled.below(machine, id) { TokenStream::new() } else { own(scope, bodies, id) };
    Choice { code: quote!(#inner #own), asks_child: inner.is_some() }
}

/// The match over the events of one state's own transitions.
///
/// What the state does not handle shares one arm: listing it by name would be no check, since nobody edits this code,
/// and rustc makes slower jumps of it (docs/benchmarks.md).
fn own(scope: &Scope<'_>, bodies: &Bodies, id: StateId) -> TokenStream {
    let machine = scope.machine;
    let groups = groups(machine, id);
    let mut handled = vec![false; machine.events.len()];
    for group in &groups {
        handled[group.event.index()] = true;
    }
    let others: Vec<EventId> = machine.events.ids().filter(|event| !handled[event.index()]).collect();
    if let ([group], false) = (groups.as_slice(), others.is_empty())
        && let Some(code) = lone_group(scope, bodies, id, group)
    {
        return code;
    }
    let arms: TokenStream = groups.iter().map(|group| group_arms(scope, bodies, id, group)).collect();
    let rest = match others.as_slice() {
        [] => TokenStream::new(),
        [only] => {
            let pattern = scope.event_pattern(*only, false);
            quote!(#pattern => {})
        }
        _ => quote!(_ => {}),
    };
    if groups.is_empty() { TokenStream::new() } else { quote!(match event { #arms #rest }) }
}

/// The code of a group that is one arm, and the only one of its state.
fn lone_group(scope: &Scope<'_>, bodies: &Bodies, id: StateId, group: &Group) -> Option<TokenStream> {
    let (bind, value) = match (group.transitions.as_slice(), group.certain) {
        ([], _) if is_asked_further(scope.machine, id, group.event) => return Some(TokenStream::new()),
        ([], _) => (false, quote!(Transition::Rejected)),
        ([only], true) => (bodies.of(*only).payload.is_some(), bodies.value(scope, *only)),
        _ => return None,
    };
    let pattern = scope.event_pattern(group.event, bind);
    Some(quote!(if let #pattern = event { return #value; }))
}

fn group_arms(scope: &Scope<'_>, bodies: &Bodies, id: StateId, group: &Group) -> TokenStream {
    let machine = scope.machine;
    let mut arms: TokenStream =
        group.transitions.iter().map(|transition| transition_arm(scope, bodies, *transition, group.event)).collect();
    if !group.certain {
        let pattern = scope.event_pattern(group.event, false);
        arms.extend(if is_asked_further(machine, id, group.event) {
            quote!(#pattern => {})
        } else {
            quote!(#pattern => return Transition::Rejected,)
        });
    }
    arms
}

fn transition_arm(scope: &Scope<'_>, bodies: &Bodies, id: TransitionId, event: EventId) -> TokenStream {
    let guard = scope.machine.transitions[id].guard.as_ref().filter(|guard| !matches!(guard, Guard::Bool(true)));
    let bind = bodies.of(id).payload.is_some() || guard.is_some_and(guards::reads_event);
    let pattern = scope.event_pattern(event, bind);
    let condition = guard.map(|guard| {
        let condition = guards::condition(scope, guard, event);
        quote!(if #condition)
    });
    let value = bodies.value(scope, id);
    quote!(#pattern #condition => return #value,)
}

fn handles(machine: &Machine, state: StateId, event: EventId) -> bool {
    machine.states[state].transitions.iter().any(|id| machine.transitions[*id].trigger == Trigger::Event(event))
}
