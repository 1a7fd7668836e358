//! The match over the events of one state's own transitions.

use fsm_model::gather::Gather as _;
use proc_macro2::TokenStream;
use quote::quote;

use super::Search;
use super::group::{Group, defers, groups, is_asked_further};
use super::selector::Selector;
use super::taken::{one_after_the_other, take};
use crate::place::Place;
use crate::{guards, places};
use fsm_model::ir::{EventId, Guard, Id, StateId, TransitionId, Trigger};

impl Selector<'_, '_> {
    /// One state's own transitions.
    pub(super) fn own(&self, id: StateId) -> TokenStream {
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
        let others: Vec<EventId> = machine.events.ids().filter(|event| !known[event.index()]).gather();
        if let ([group], [], false) = (groups.as_slice(), deferred.as_slice(), others.is_empty())
            && let Some(code) = self.lone_group(id, group)
        {
            return code;
        }
        let mut arms: TokenStream = groups.iter().map(|group| self.group_arms(id, group)).gather();
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
            .gather();
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
                found.defer();
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
        let comment = guard.and_then(places::of_guard).map(|span| places::comment(scope, span));
        quote!(#comment #pattern #condition => { #taken })
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
            let events: Vec<EventId> = events.into_iter().filter(|event| !settled[event.index()]).gather();
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
        if arms.is_empty() {
            return arms;
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
            .gather();
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
