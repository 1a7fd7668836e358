//! `Machine::select`: which transition an event sets off, without any effect.
//!
//! Part of the Rust back-end. From the leaf outwards the first transition whose guard holds wins: an exhaustive match
//! over states, in each of them a match over events; or a table, where that is smaller (`table`), with the match
//! behind it for what takes a guard or a payload to tell. With regions each of them is asked by a function of its own,
//! and what is found is collected. Errors and eventless transitions are looked for in the same way (`search`).

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::bodies::Bodies;
use super::place::Place;
use super::scope::Scope;
use super::table::Table;
use super::{guards, tokens};
use crate::ir::{EventId, Guard, Id, IndexVec, Machine, StateId, StateKind, TransitionId, Trigger};

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
        for event in machine.trigger_events(machine.transitions[*id].trigger) {
            let at = *known.entry(event).or_insert_with(|| {
                groups.push(Group { event, transitions: Vec::new(), certain: false });
                groups.len() - 1
            });
            let group = &mut groups[at];
            match machine.transitions[*id].guard {
                _ if group.certain => {}
                Some(Guard::Bool(false)) => {}
                None | Some(Guard::Bool(true)) => {
                    group.transitions.push(*id);
                    group.certain = true;
                }
                Some(_) => group.transitions.push(*id),
            }
        }
    }
    groups
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

/// Whether a state around `id` has transitions for the event too, or defers it.
fn is_asked_further(machine: &Machine, id: StateId, event: EventId) -> bool {
    machine.chain(id).skip(1).any(|outer| handles(machine, outer, event) || defers(machine, outer, event))
}

fn handles(machine: &Machine, state: StateId, event: EventId) -> bool {
    machine.states[state].transitions.iter().any(|id| match machine.transitions[*id].trigger {
        Trigger::Event(own) => own == event,
        Trigger::Pattern(pattern) => machine.patterns[pattern].events.binary_search(&event).is_ok(),
        _ => false,
    })
}

fn defers(machine: &Machine, state: StateId, event: EventId) -> bool {
    machine.states[state].defer.contains(&event)
}

/// Looks for transitions from the leaves outwards.
pub(super) struct Selector<'s, 'a> {
    scope: &'s Scope<'a>,
    bodies: &'s Bodies,
    search: Search,
    settled: Settled,
    /// Functions that ask one region.
    regions: Vec<TokenStream>,
}

/// What is asked while a state is active.
struct Choice {
    code: TokenStream,
    /// Whether the code asks which child is active.
    asks_child: bool,
}

impl<'s, 'a> Selector<'s, 'a> {
    pub(super) fn new(scope: &'s Scope<'a>, bodies: &'s Bodies, search: Search) -> Self {
        let machine = scope.machine;
        // In regions, and of other triggers than events, nothing is known beforehand.
        let settled = if search == Search::Event && !scope.form.regions {
            Settled::new(machine)
        } else {
            Settled(machine.states.iter().map(|_| false).collect())
        };
        Self { scope, bodies, search, settled, regions: Vec::new() }
    }

    /// The function, under a name of its own if one is given, and those of the regions.
    pub(super) fn functions(mut self, name: Option<Ident>) -> TokenStream {
        let scope = self.scope;
        let name = name.unwrap_or_else(|| format_ident!("{}", self.search.function()));
        let Choice { code, .. } = self.choice(StateId::ROOT, &quote!(self.state));
        let regions = std::mem::take(&mut self.regions);
        let docs = match self.search {
            Search::Event => " The first transition for `event`, from the active leaf outwards, whose guard holds.",
            Search::Error => " The first transition for an error, from the active leaf outwards, whose guard holds.",
            Search::Always => {
                " The first transition without a trigger, from the active leaf outwards, whose guard holds."
            }
        };
        let (generics, params) = self.signature();
        let result = self.bodies.lifetime(&quote!('e));
        if scope.form.regions {
            let (fsm, most) = (&scope.core, Literal::usize_unsuffixed(scope.leaves));
            let (into, used) = (format_ident!("{name}_into"), self.unused(&code));
            let args = self.forward();
            return quote! {
                #[doc = #docs]
                fn #name #generics (&self, #params) -> #fsm::Found<Transition #result, #most> {
                    let mut found = #fsm::Found::new();
                    self.#into(#args, &mut found);
                    found
                }

                fn #into #generics (&self, #params, found: &mut #fsm::Found<Transition #result, #most>) {
                    #used
                    #code
                }

                #(#regions)*
            };
        }
        let settled = self.settled.0[StateId::ROOT] || (self.search != Search::Event && ends_in_return(&code));
        let otherwise = (!settled).then(|| quote!(Transition::Unhandled));
        let used = self.unused(&code);
        let inline = (scope.machine.states.len() <= 64).then(|| quote!(#[inline]));
        quote! {
            #[doc = #docs]
            #inline
            fn #name #generics (&self, #params) -> Transition #result {
                #used
                #code
                #otherwise
            }
        }
    }

    /// Bindings that the code needs, and what is done with parameters that it does not.
    fn unused(&self, code: &TokenStream) -> TokenStream {
        let mentions = |name| tokens::mentions_tokens(code, name);
        let context = mentions("context").then(|| quote!(let context = &self.context;));
        let mut idle: Vec<TokenStream> = Vec::new();
        if !mentions("self") && context.is_none() {
            idle.push(quote!(self));
        }
        if self.search != Search::Always && self.takes_event() && !mentions("event") {
            idle.push(quote!(event));
        }
        if uses_actions(self.scope) && !mentions("actions") {
            idle.push(quote!(actions));
        }
        if self.scope.form.faults && !mentions("run") {
            idle.push(quote!(run));
        }
        if self.scope.form.regions && !mentions("found") {
            idle.push(quote!(found));
        }
        quote!(#(let _ = #idle;)* #context)
    }

    fn takes_event(&self) -> bool {
        match self.search {
            Search::Event => true,
            Search::Error => self.scope.form.reads_error,
            Search::Always => false,
        }
    }

    fn signature(&self) -> (TokenStream, TokenStream) {
        let lifetime = (!self.bodies.lifetime(&quote!('e)).is_empty()).then(|| quote!('e));
        let (fsm, error) = (&self.scope.core, &self.scope.error);
        let ty = if self.search == Search::Event { quote!(Event) } else { quote!(#fsm::Failed<#error>) };
        let event = self.takes_event().then(|| quote!(event: &#lifetime #ty));
        let actions = uses_actions(self.scope).then(|| quote!(actions: &A));
        let run = self.scope.form.faults.then(|| quote!(run: &mut #fsm::Run<#error>));
        let params = [actions, event, run].into_iter().flatten();
        (generics(self.scope, self.bodies), quote!(#(#params),*))
    }

    /// The parameters as arguments.
    fn forward(&self) -> TokenStream {
        let actions = uses_actions(self.scope).then(|| quote!(actions));
        let event = self.takes_event().then(|| quote!(event));
        let run = self.scope.form.faults.then(|| quote!(run));
        let args = [actions, event, run].into_iter().flatten();
        quote!(#(#args),*)
    }

    /// The active child of `id` first, then its own transitions. `value` is the content of `id`.
    fn choice(&mut self, id: StateId, value: &TokenStream) -> Choice {
        let scope = self.scope;
        let machine = scope.machine;
        if machine.states[id].kind == StateKind::Parallel {
            return self.parallel(id, value);
        }
        let children: Vec<StateId> = machine.states[id].children.clone();
        let children: Vec<(StateId, Choice)> =
            children.into_iter().map(|child| (child, self.choice(child, &quote!(state)))).collect();
        let inner = (!children.iter().all(|(_, choice)| choice.code.is_empty())).then(|| {
            let mut arms: Vec<TokenStream> = Vec::new();
            let mut silent: Vec<TokenStream> = Vec::new();
            for (child, Choice { code, asks_child }) in &children {
                let inner = match (scope.carries(*child), *asks_child) {
                    (false, _) => TokenStream::new(),
                    (true, true) => scope.content_of(*child, &quote!(state)),
                    (true, false) => quote!(_),
                };
                let pattern = scope.child_pattern(*child, &inner);
                if code.is_empty() {
                    silent.push(pattern);
                } else {
                    arms.push(quote!(#pattern => { #code }));
                }
            }
            if !silent.is_empty() {
                arms.push(quote!(#(#silent)|* => {}));
            }
            let by_reference = (id == StateId::ROOT && scope.form.engine).then(|| quote!(&));
            quote!(match #by_reference #value { #(#arms)* })
        });
        let own = if self.settled.below(machine, id) { TokenStream::new() } else { self.own(id) };
        Choice { code: quote!(#inner #own), asks_child: inner.is_some() }
    }

    /// Each region by itself, then the parallel state, if none of them took the event.
    fn parallel(&mut self, id: StateId, value: &TokenStream) -> Choice {
        let scope = self.scope;
        let regions = scope.machine.states[id].children.clone();
        let own = |this: &mut Self| this.own(id);
        let field = |region: StateId| {
            let field = scope.field(region);
            let state = scope.has_data(region).then(|| quote!(.state));
            quote!(#value.#field #state)
        };
        if !scope.form.regions {
            // There is but one.
            let inner: Vec<Choice> = regions
                .iter()
                .map(|region| {
                    let content = if scope.carries(*region) { field(*region) } else { TokenStream::new() };
                    self.choice(*region, &content)
                })
                .collect();
            let (code, asks_child): (Vec<_>, Vec<_>) =
                inner.into_iter().map(|choice| (choice.code, choice.asks_child)).unzip();
            let own = own(self);
            return Choice { code: quote!(#(#code)* #own), asks_child: asks_child.contains(&true) };
        }
        let mut asks_child = false;
        let args = self.forward();
        let calls: Vec<TokenStream> = regions
            .iter()
            .filter_map(|region| {
                let Choice { code, asks_child: asks } = self.choice(*region, &quote!(state));
                if code.is_empty() {
                    return None;
                }
                let name = format_ident!("{}_{}", self.search.function(), scope.names.labels[*region]);
                self.region(*region, &name, &code, asks);
                asks_child |= asks;
                let content = asks.then(|| {
                    let (field, lend) = (field(*region), scope.form.data.then(|| quote!(&)));
                    quote!(#lend #field,)
                });
                Some(quote!(self.#name(#content #args, found);))
            })
            .collect();
        let own = own(self);
        let code = if calls.is_empty() {
            own
        } else if own.is_empty() && self.is_last(id) {
            quote!(#(#calls)*)
        } else {
            quote! {
                let before = found.len();
                #(#calls)*
                if found.len() > before || found.deferred {
                    return;
                }
                #own
            }
        };
        Choice { code, asks_child }
    }

    /// Whether nothing around `id` has anything to say.
    fn is_last(&self, id: StateId) -> bool {
        let machine = self.scope.machine;
        machine.chain(id).skip(1).all(|outer| {
            let state = &machine.states[outer];
            state.defer.is_empty()
                && !state.transitions.iter().any(|it| self.search.finds(machine.transitions[*it].trigger))
        })
    }

    fn region(&mut self, region: StateId, name: &Ident, code: &TokenStream, asks: bool) {
        let scope = self.scope;
        let (generics, params) = self.signature();
        let (fsm, most) = (&scope.core, Literal::usize_unsuffixed(scope.leaves));
        let result = self.bodies.lifetime(&quote!('e));
        let state = asks.then(|| {
            let (ty, lend) = (&scope.names.types.contents[region], scope.form.data.then(|| quote!(&)));
            quote!(state: #lend #ty,)
        });
        let used = self.unused(code);
        self.regions.push(quote! {
            fn #name #generics (&self, #state #params, found: &mut #fsm::Found<Transition #result, #most>) {
                #used
                #code
            }
        });
    }

    /// One state's own transitions.
    fn own(&self, id: StateId) -> TokenStream {
        if self.search != Search::Event {
            return self.untriggered(id);
        }
        let machine = self.scope.machine;
        let patterned = machine.states[id]
            .transitions
            .iter()
            .any(|it| matches!(machine.transitions[*it].trigger, Trigger::Pattern(_)));
        if patterned { self.patterned(id) } else { self.by_event(id) }
    }

    /// Transitions that no event sets off, one after the other.
    fn untriggered(&self, id: StateId) -> TokenStream {
        let machine = self.scope.machine;
        let wanted = machine.states[id]
            .transitions
            .iter()
            .copied()
            .filter(|it| self.search.finds(machine.transitions[*it].trigger));
        one_after_the_other(self.scope, self.bodies, wanted, &quote!(return;))
    }

    /// The match over the events of one state's own transitions.
    ///
    /// What the state does not handle shares one arm: listing it by name would be no check, since nobody edits this
    /// code, and rustc makes slower jumps of it (docs/benchmarks.md).
    fn by_event(&self, id: StateId) -> TokenStream {
        let (scope, machine) = (self.scope, self.scope.machine);
        let groups = groups(machine, id);
        let mut known = vec![false; machine.events.len()];
        for group in &groups {
            known[group.event.index()] = true;
        }
        let mut deferred = Vec::new();
        for event in &machine.states[id].defer {
            if !std::mem::replace(&mut known[event.index()], true) {
                deferred.push(*event);
            }
        }
        let others: Vec<EventId> = machine.events.ids().filter(|event| !known[event.index()]).collect();
        if let ([group], [], false) = (groups.as_slice(), deferred.as_slice(), others.is_empty())
            && let Some(code) = self.lone_group(id, group)
        {
            return code;
        }
        let mut arms: TokenStream = groups.iter().map(|group| self.group_arms(id, group)).collect();
        let mut listed = true;
        if !deferred.is_empty() {
            let defer = self.defer();
            match scope.shared.events(scope, &deferred) {
                (pattern, Some(condition)) => {
                    listed = false;
                    arms.extend(quote!(#pattern if #condition => #defer));
                }
                (pattern, None) => arms.extend(quote!(#pattern => #defer)),
            }
        }
        let rest = match others.as_slice() {
            [] if listed => TokenStream::new(),
            [only] if listed => {
                let pattern = scope.event_pattern(*only, false);
                quote!(#pattern => {})
            }
            _ => quote!(_ => {}),
        };
        if arms.is_empty() { TokenStream::new() } else { quote!(match event { #arms #rest }) }
    }

    /// The code of a group that is one arm, and the only one of its state.
    fn lone_group(&self, id: StateId, group: &Group) -> Option<TokenStream> {
        let scope = self.scope;
        if scope.form.regions {
            let [only] = group.transitions[..] else { return None };
            let pattern = scope.event_pattern(group.event, self.bodies.reads(only));
            let taken = take(scope, self.bodies, only, &quote!(return;));
            return group.certain.then(|| quote!(if let #pattern = event { #taken }));
        }
        let (bind, value) = match (group.transitions.as_slice(), group.certain) {
            ([], _) if is_asked_further(scope.machine, id, group.event) => return Some(TokenStream::new()),
            ([], _) => (false, quote!(Transition::Rejected)),
            ([only], true) if !self.bodies.is_conditional(*only) => {
                (self.bodies.reads(*only), self.bodies.value(scope, *only))
            }
            _ => return None,
        };
        let pattern = scope.event_pattern(group.event, bind);
        Some(quote!(if let #pattern = event { return #value; }))
    }

    fn group_arms(&self, id: StateId, group: &Group) -> TokenStream {
        let mut arms: TokenStream = group
            .transitions
            .iter()
            .map(|it| self.arm(*it, |bind| (self.scope.event_pattern(group.event, bind), None)))
            .collect();
        if !group.certain {
            let pattern = self.scope.event_pattern(group.event, false);
            let refused = self.refused(id, group.event);
            arms.extend(quote!(#pattern => #refused));
        }
        arms
    }

    /// What happens where every guard of `id` for the event is false.
    fn refused(&self, id: StateId, event: EventId) -> TokenStream {
        let machine = self.scope.machine;
        if defers(machine, id, event) {
            self.defer()
        } else if self.scope.form.regions {
            quote!(found.rejected = true,)
        } else if is_asked_further(machine, id, event) {
            quote!({})
        } else {
            quote!(return Transition::Rejected,)
        }
    }

    fn defer(&self) -> TokenStream {
        if self.scope.form.regions {
            quote!({
                found.deferred = true;
                return;
            })
        } else {
            quote!(return Transition::Deferred,)
        }
    }

    /// `pattern` gets whether the payload is bound, and gives a condition where it matches too much.
    fn arm(&self, id: TransitionId, pattern: impl Fn(bool) -> (TokenStream, Option<TokenStream>)) -> TokenStream {
        let scope = self.scope;
        let transition = &scope.machine.transitions[id];
        let place = Place::of_transition(scope.machine, transition);
        let guard = transition.guard.as_ref().filter(|guard| !matches!(guard, Guard::Bool(true)));
        let (pattern, matches) = pattern(self.bodies.reads(id) || guard.is_some_and(guards::reads_event));
        let condition = match (matches, guard.map(|guard| guards::condition(scope, guard, place))) {
            (None, None) => None,
            (Some(condition), None) | (None, Some(condition)) => Some(quote!(if #condition)),
            (Some(matches), Some(condition)) => Some(quote!(if #matches && (#condition))),
        };
        let taken = take(scope, self.bodies, id, &quote!(return;));
        quote!(#pattern #condition => { #taken })
    }

    /// Exact events and patterns, in the order in which they are tried: an arm each, so that a false guard falls through.
    fn patterned(&self, id: StateId) -> TokenStream {
        let (scope, machine) = (self.scope, self.scope.machine);
        let groups = groups(machine, id);
        let mut arms = TokenStream::new();
        // A pattern that reads the payload is written out by the time it comes here: then all are, so that no arm that
        // matches too much stands before one that binds.
        let triggers = machine.states[id].transitions.iter().map(|it| machine.transitions[*it].trigger);
        let exact =
            triggers.skip_while(|it| !matches!(it, Trigger::Pattern(_))).any(|it| matches!(it, Trigger::Event(_)));
        let several_of = |events: &[EventId]| {
            if exact { (scope.event_patterns(events), None) } else { scope.shared.events(scope, events) }
        };
        let mut open = true;
        // The events for which an arm without a guard stands already.
        let mut settled = vec![false; machine.events.len()];
        for it in &machine.states[id].transitions {
            let transition = &machine.transitions[*it];
            let events = match transition.trigger {
                Trigger::Event(event) => vec![event],
                Trigger::Pattern(pattern) => machine.patterns[pattern].events.clone(),
                _ => continue,
            };
            let all = events.len() == machine.events.len();
            let events: Vec<EventId> = events.into_iter().filter(|event| !settled[event.index()]).collect();
            if !open || events.is_empty() || transition.guard == Some(Guard::Bool(false)) {
                continue;
            }
            let certain = matches!(transition.guard, None | Some(Guard::Bool(true)));
            for event in &events {
                settled[event.index()] |= certain;
            }
            open = !settled.iter().all(|settled| *settled);
            // An arm behind which nothing is left takes the rest.
            let rest = all || !open;
            if rest && !open && arms.is_empty() && !self.bodies.reads(*it) {
                // Every event is taken in one way.
                return take(scope, self.bodies, *it, &quote!(return;));
            }
            arms.extend(self.arm(*it, |bind| match events.as_slice() {
                [only] if exact || !rest => (scope.event_pattern(*only, bind), None),
                _ if rest => (quote!(_), None),
                several => several_of(several),
            }));
        }
        let mut silent = self.refusals(id, &groups);
        let answered: usize = groups.len() + silent.iter().map(|(_, _, unknown)| unknown).sum::<usize>();
        let complete = answered == machine.events.len();
        let last = silent.pop().filter(|_| open);
        for (events, code, _) in silent.iter().filter(|_| open) {
            let (pattern, condition) = several_of(events);
            let condition = condition.map(|condition| quote!(if #condition));
            arms.extend(quote!(#pattern #condition => #code));
        }
        if let Some((events, code, _)) = last {
            match several_of(&events) {
                (pattern, None) if !complete => arms.extend(quote!(#pattern => #code)),
                (pattern, Some(condition)) if !complete => arms.extend(quote!(#pattern if #condition => #code)),
                _ => arms.extend(quote!(_ => #code)),
            }
        }
        let rest = (open && !complete).then(|| quote!(_ => {}));
        quote!(match event { #arms #rest })
    }

    /// What becomes of events that no arm has taken: those whose guards are all false, and those that wait. Events with
    /// the same answer stand together, with the number of those that have no transition here.
    fn refusals(&self, id: StateId, groups: &[Group]) -> Vec<(Vec<EventId>, TokenStream, usize)> {
        let machine = self.scope.machine;
        let mut known = vec![false; machine.events.len()];
        for group in groups {
            known[group.event.index()] = true;
        }
        let refused =
            groups.iter().filter(|group| !group.certain).map(|group| (group.event, self.refused(id, group.event), 0));
        let waiting: Vec<EventId> = machine.states[id]
            .defer
            .iter()
            .copied()
            .filter(|event| !std::mem::replace(&mut known[event.index()], true))
            .collect();
        let mut answers: Vec<(Vec<EventId>, TokenStream, usize)> = Vec::new();
        let mut places = std::collections::HashMap::new();
        for (event, code, unknown) in refused.chain(waiting.into_iter().map(|event| (event, self.defer(), 1))) {
            let at = *places.entry(code.to_string()).or_insert_with(|| {
                answers.push((Vec::new(), code, 0));
                answers.len() - 1
            });
            answers[at].0.push(event);
            answers[at].2 += unknown;
        }
        answers
    }
}

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
fn extent(scope: &Scope<'_>, id: TransitionId, plan: &super::plans::Plan) -> TokenStream {
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
pub(super) fn one_after_the_other(
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
                code.extend(quote!(if #condition { #taken }));
            }
        }
    }
    code
}

/// Whether the last statement of code leaves the function.
pub(super) fn ends_in_return(code: &TokenStream) -> bool {
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
