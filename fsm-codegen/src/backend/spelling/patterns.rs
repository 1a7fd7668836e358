//! `on:` and `defer:`: events, and the patterns that the machine has expanded.
//!
//! A transition of a pattern that reads the event stands in a machine once for each event, all with one place. They are
//! put together again here: apart from each other they would be tried before what stands in front of the pattern. A
//! pattern of a single event cannot be told from the event by that; it is taken for the pattern where nothing else
//! uses it. Patterns are numbered by their first use, so the first one that is not named yet can be named wherever it
//! fits.

use std::collections::HashSet;

use crate::ir::{EventId, Id as _, Machine, PatternId, StateId, TransitionId, Trigger};

/// What is known of patterns while states are printed in document order.
pub(in crate::backend) struct Patterns<'m> {
    machine: &'m Machine,
    /// Those that no transition has as its trigger.
    expanded: HashSet<PatternId>,
    /// How many have been named.
    named: usize,
}

impl<'m> Patterns<'m> {
    pub(in crate::backend) fn new(machine: &'m Machine) -> Self {
        let mut expanded: HashSet<_> = machine.patterns.ids().collect();
        for transition in &machine.transitions {
            if let Trigger::Pattern(pattern) = transition.trigger {
                expanded.remove(&pattern);
            }
        }
        Self { machine, expanded, named: 0 }
    }

    fn name(&mut self, pattern: PatternId) {
        self.named = self.named.max(pattern.index() + 1);
    }

    const fn is_named(&self, index: usize) -> bool {
        index < self.named
    }

    /// The events and patterns under which transitions of the state stand, each with its transitions.
    pub(in crate::backend) fn handlers(&mut self, state: StateId) -> Vec<(String, Vec<TransitionId>)> {
        let mut groups: Vec<(String, Vec<TransitionId>)> = Vec::new();
        let mut ids = self.machine.states[state].transitions.clone();
        ids.sort_unstable();
        let mut rest = &ids[..];
        while let [id, ..] = rest {
            let (key, count) = self.key(rest);
            if let Some(key) = key {
                match groups.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, transitions)) => transitions.push(*id),
                    None => groups.push((key, vec![*id])),
                }
            }
            rest = &rest[count..];
        }
        groups
    }

    /// The key under which the first transition stands, and how many of them are that one transition.
    fn key(&mut self, ids: &[TransitionId]) -> (Option<String>, usize) {
        let machine = self.machine;
        match machine.transitions[ids[0]].trigger {
            Trigger::Error => (Some("error".to_owned()), 1),
            Trigger::Pattern(pattern) => {
                self.name(pattern);
                (Some(machine.patterns[pattern].name.value.clone()), 1)
            }
            Trigger::Event(event) => match self.folded(ids) {
                Some(pattern) => {
                    self.name(pattern);
                    let pattern = &machine.patterns[pattern];
                    (Some(pattern.name.value.clone()), pattern.events.len())
                }
                None => (Some(machine.events[event].name.value.clone()), 1),
            },
            _ => (None, 1),
        }
    }

    /// The pattern from which the first of these transitions and those behind it come.
    fn folded(&self, ids: &[TransitionId]) -> Option<PatternId> {
        let transitions = &self.machine.transitions;
        let fits = |events: &[EventId]| {
            events.len() <= ids.len()
                && events.iter().zip(ids).all(|(event, id)| {
                    let transition = &transitions[*id];
                    transition.trigger == Trigger::Event(*event) && transition.span == transitions[ids[0]].span
                })
        };
        let fitting = self.machine.patterns.enumerated().filter(|(_, pattern)| match pattern.events.len() {
            0 => false,
            _ => fits(&pattern.events),
        });
        let fitting: Vec<_> = fitting.map(|(id, pattern)| (id, pattern.events.len())).collect();
        let is_new = |id: PatternId| !self.is_named(id.index()) && self.expanded.contains(&id);
        let new = fitting.iter().find(|(id, _)| is_new(*id));
        new.or_else(|| fitting.iter().find(|(_, count)| *count > 1)).map(|(id, _)| *id)
    }

    /// The events and patterns that the state defers.
    pub(in crate::backend) fn defer(&mut self, state: StateId) -> Vec<&'m str> {
        let machine = self.machine;
        let mut rest = &machine.states[state].defer[..];
        let mut names = Vec::new();
        while let [event, ..] = rest {
            let before = &machine.states[state].defer[..machine.states[state].defer.len() - rest.len()];
            // What stands before the pattern is not deferred twice.
            let whole = machine.patterns.enumerated().find_map(|(id, pattern)| {
                let new: Vec<_> = pattern.events.iter().filter(|event| !before.contains(event)).copied().collect();
                let is_next = id.index() == self.named;
                let wanted = is_next || (self.is_named(id.index()) && new.len() > 1);
                (wanted && !new.is_empty() && rest.starts_with(&new)).then_some((id, new.len()))
            });
            let (name, count) = match whole {
                Some((pattern, count)) => {
                    self.name(pattern);
                    (&machine.patterns[pattern].name, count)
                }
                None => (&machine.events[*event].name, 1),
            };
            names.push(name.value.as_str());
            rest = &rest[count..];
        }
        names
    }
}
