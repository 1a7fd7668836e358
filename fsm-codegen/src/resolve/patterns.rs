//! Patterns of events: `*`, and `a.*`, which stands for `a` and everything that begins with `a.`.
//!
//! Needs the events. After this point every pattern has its id and the events that it matches. The work is that of
//! reading all names once, whatever the number of patterns: they stand in a tree of words, and each event walks down it.

use fsm_model::gather::Gather as _;
use std::collections::HashMap;

use crate::diag::{Code, Diagnostic, shown};
use crate::ir::{EventId, IndexVec, Name, Pattern, PatternId, Transition, TransitionId, Trigger};

use super::report::Report;
use super::symbols::{Event, Symbols};
use super::tree::Tree;

/// What stands under `on:` or `defer:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// One event.
    Exact,
    /// Several; the number of words before its star.
    Pattern(usize),
    /// The event of a failure.
    Error,
}

/// What an event's name under `on:` stands for.
pub(super) fn key(name: &str) -> Key {
    match words(name) {
        Some(words) => Key::Pattern(words.count()),
        None if name == "error" => Key::Error,
        None => Key::Exact,
    }
}

/// The words before the star of a pattern.
fn words(name: &str) -> Option<impl Iterator<Item = &str>> {
    let stem = if name == "*" { Some("") } else { name.strip_suffix(".*") };
    stem.map(|stem| stem.split('.').filter(move |_| !stem.is_empty()))
}

/// All patterns of a machine.
#[derive(Default)]
pub(super) struct Patterns {
    /// In the order of their first use.
    pub(super) list: IndexVec<PatternId, Pattern>,
    by_name: HashMap<String, PatternId>,
}

impl Patterns {
    /// The patterns that the states of `tree` use; one that matches nothing is reported where all events are declared.
    pub(super) fn collect(tree: &Tree<'_>, symbols: &Symbols, report: &mut Report<'_>) -> Self {
        let (events, closed) = (&symbols.events, symbols.closed);
        let mut patterns = Self::default();
        for node in &tree.nodes {
            let handled = node.ast.on.iter().map(|handler| &handler.event);
            for name in handled.chain(&node.ast.defer).filter(|name| matches!(key(&name.value), Key::Pattern(_))) {
                patterns.add(name);
            }
        }
        if !patterns.list.is_empty() {
            patterns.expand(events);
        }
        // Without a block `events:` the events of the spec are not all there are.
        for pattern in patterns.list.iter().filter(|pattern| closed && pattern.events.is_empty()) {
            let name = shown(&pattern.name.value);
            let help = format!("`{name}` stands for declared events: declare one, or leave it out");
            report.push(
                Diagnostic::error(Code::UnknownEvent, pattern.name.span, format!("no event matches `{name}`"))
                    .help(help),
            );
        }
        patterns
    }

    fn add(&mut self, name: &Name) {
        if !self.by_name.contains_key(&name.value) {
            let id = self.list.push(Pattern { name: name.clone(), events: Vec::new() });
            self.by_name.insert(name.value.clone(), id);
        }
    }

    fn expand(&mut self, events: &IndexVec<EventId, Event>) {
        let mut matched: IndexVec<PatternId, Vec<EventId>> = self.list.iter().map(|_| Vec::new()).gather();
        let mut tree = Words::default();
        for (id, pattern) in self.list.enumerated() {
            tree.add(&pattern.name.value, id);
        }
        for (event, Event { name, .. }) in events.enumerated() {
            for pattern in tree.matching(&name.value) {
                matched[pattern].push(event);
            }
        }
        for (id, events) in self.list.ids().zip(matched) {
            self.list[id].events = events;
        }
    }

    /// The patterns that a machine has. One that matches no event, and that no transition is left of, is none of them:
    /// specs without a block `events:` may have such.
    pub(super) fn kept(self, transitions: &mut IndexVec<TransitionId, Transition>) -> IndexVec<PatternId, Pattern> {
        let mut wanted: IndexVec<PatternId, bool> = self.list.iter().map(|it| !it.events.is_empty()).gather();
        for transition in transitions.iter() {
            if let Trigger::Pattern(pattern) = transition.trigger {
                wanted[pattern] = true;
            }
        }
        let mut kept = IndexVec::default();
        let ids: IndexVec<PatternId, Option<PatternId>> =
            self.list.into_iter().zip(wanted.iter()).map(|(it, wanted)| wanted.then(|| kept.push(it))).gather();
        for id in transitions.ids() {
            if let Trigger::Pattern(pattern) = transitions[id].trigger {
                transitions[id].trigger = Trigger::Pattern(ids[pattern].unwrap_or(pattern));
            }
        }
        kept
    }

    /// The pattern of that name, which is one.
    pub(super) fn find(&self, name: &str) -> Option<PatternId> {
        self.by_name.get(name).copied()
    }
}

/// A tree of words; node 0 is its root.
#[derive(Default)]
struct Words<'n> {
    edges: HashMap<(usize, &'n str), usize>,
    ends: HashMap<usize, PatternId>,
}

impl<'n> Words<'n> {
    fn add(&mut self, name: &'n str, id: PatternId) {
        let mut at = 0;
        for word in words(name).into_iter().flatten() {
            let next = self.edges.len() + 1;
            at = *self.edges.entry((at, word)).or_insert(next);
        }
        self.ends.insert(at, id);
    }

    /// The patterns that match an event, the shortest first.
    fn matching(&self, event: &str) -> Vec<PatternId> {
        let mut found: Vec<PatternId> = self.ends.get(&0).copied().into_iter().gather();
        let mut at = 0;
        for word in event.split('.') {
            let Some(next) = self.edges.get(&(at, word)) else { break };
            at = *next;
            found.extend(self.ends.get(&at));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        assert_eq!(key("*"), Key::Pattern(0));
        assert_eq!(key("a.*"), Key::Pattern(1));
        assert_eq!(key("a.b.*"), Key::Pattern(2));
        assert_eq!(key("error"), Key::Error);
        for exact in ["a", "a.b", "errors", "*a", "a*"] {
            assert_eq!(key(exact), Key::Exact, "{exact}");
        }
    }

    #[test]
    fn a_pattern_matches_whole_words() {
        let mut tree = Words::default();
        let ids: Vec<PatternId> = (0..3).map(crate::ir::Id::new).collect();
        for (name, id) in ["*", "a.*", "a.b.*"].into_iter().zip(&ids) {
            tree.add(name, *id);
        }
        assert_eq!(tree.matching("a"), ids[..2]);
        assert_eq!(tree.matching("a.b.c"), ids);
        assert_eq!(tree.matching("ab"), ids[..1]);
    }
}
