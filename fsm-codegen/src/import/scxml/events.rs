//! SCXML's event descriptors become the keys of `on`.
//!
//! A descriptor matches the events that begin with its words; in a state the first transition in document order wins that
//! matches and whose condition holds. In a spec the most specific key of a state is asked first. Both agree if each
//! descriptor of a state becomes a key with **all** transitions of that state that match whatever the key matches, in
//! document order: then the most specific key knows of every transition that could be taken.
//!
//! A spec has a fixed set of events: those that the document names, and those that the caller adds. So a descriptor
//! is a pattern (`foo.*`) only where one of them has more words, and else a plain name.

use std::collections::{HashMap, HashSet};

use super::model::{Action, Document, Id, ROOT, Transition, is_prefix};
use crate::diag::{Code, Diagnostic, Diagnostics, Severity, shown};

/// What SCXML calls the errors that a machine of ours can meet.
const ERROR: &str = "error.execution";

/// The family of the events that tell of an end.
const DONE: &str = "done";

/// Prefixes that are no events of their own.
const FAMILIES: [&str; 4] = ["error", "done", "done.state", "done.invoke"];

/// How a state tells that it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    /// Nobody asks.
    Silent,
    /// Its own transitions take it: `onDone`.
    Own,
    /// Others take it too: `onDone` raises an event of SCXML's name.
    Raised,
}

/// The events of a document.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// All of them, in the order in which they are first named.
    pub(super) known: Vec<String>,
    /// Those that are raised or sent.
    raised: HashSet<String>,
    /// Every known event and everything that one begins with.
    prefixes: HashSet<String>,
    /// What a known event with more words begins with.
    extended: HashSet<String>,
    done: HashMap<Id, Done>,
    handles_errors: bool,
}

/// A key of `on` with the transitions that stand under it.
pub(super) type Key<'d> = (String, Vec<&'d Transition>);

impl Events {
    /// Collects the events of the document and the `extra` ones of the caller.
    pub(super) fn new(document: &Document, extra: &[String], diagnostics: &mut Diagnostics) -> Self {
        let mut events = Self::default();
        document.each_action(|action| {
            if let Action::Raise(event) | Action::Send { event, .. } = action {
                events.raised.insert(event.value.clone());
            }
        });
        let extra: HashSet<&str> = extra.iter().map(String::as_str).collect();
        events.find_done(document, &extra);
        let mut seen = HashSet::new();
        let mut add = |name: &str, known: &mut Vec<String>| {
            if seen.insert(name.to_owned()) {
                known.push(name.to_owned());
            }
        };
        let mut known = Vec::new();
        for (_, transition) in document.transitions() {
            for descriptor in transition.events.iter().flatten() {
                let name = descriptor.prefix.as_str();
                events.handles_errors |= !name.is_empty() && is_prefix(name, ERROR);
                let outside = events.raised.contains(name) || extra.contains(name);
                if outside || events.is_event(name, document) {
                    add(name, &mut known);
                }
                if !outside {
                    events.lost(name, descriptor.span, document, diagnostics);
                }
                if is_platform(name) {
                    let message = format!("nothing raises `{}` here", shown(name));
                    diagnostics.push(Diagnostic::new(Code::LeftOut, Severity::Warning, descriptor.span, message));
                }
            }
        }
        let mut rest: Vec<&str> = events.raised.iter().map(String::as_str).chain(extra).collect();
        rest.sort_unstable();
        for name in rest {
            add(name, &mut known);
        }
        events.index(known);
        events
    }

    fn index(&mut self, known: Vec<String>) {
        for name in &known {
            for (at, _) in name.match_indices('.') {
                self.prefixes.insert(name[..at].to_owned());
                self.extended.insert(name[..at].to_owned());
            }
            self.prefixes.insert(name.clone());
        }
        self.known = known;
    }

    /// Whether the words of a descriptor are the name of an event that can come from somewhere.
    fn is_event(&self, name: &str, document: &Document) -> bool {
        let own = done_state(name, document).is_some_and(|state| self.done(state) != Done::Silent);
        !name.is_empty() && !FAMILIES.contains(&name) && name != ERROR && !own && !is_platform(name)
    }

    /// Says so where an event names a state that is never done.
    fn lost(&self, name: &str, span: crate::source::Span, document: &Document, diagnostics: &mut Diagnostics) {
        let Some(id) = name.strip_prefix("done.state.") else { return };
        let known = document.by_id.get(id).is_some_and(|state| self.done(*state) != Done::Silent);
        if !known {
            let message = format!("there is no state `{}` that could be done", shown(id));
            let diagnostic = Diagnostic::new(Code::LeftOut, Severity::Warning, span, message);
            diagnostics.push(diagnostic.help("a state is done when a `<final>` directly below it is entered"));
        }
    }

    /// Decides for every state that can be done who hears of it.
    fn find_done(&mut self, document: &Document, extra: &HashSet<&str>) {
        let mut listeners: HashMap<&str, Vec<Id>> = HashMap::new();
        for (source, transition) in document.transitions() {
            for descriptor in transition.events.iter().flatten() {
                let sources = listeners.entry(&descriptor.prefix).or_default();
                // That a second state listens is all there is to know.
                if sources.len() < 2 && !sources.contains(&source) {
                    sources.push(source);
                }
            }
        }
        for id in ROOT + 1..document.states.len() {
            let Some(name) = document.states[id].id.as_ref().filter(|_| document.completes(id)) else { continue };
            let name = format!("done.state.{}", name.value);
            let ends = name.match_indices('.').map(|(at, _)| at).chain([0, name.len()]);
            let sources: HashSet<Id> = ends.filter_map(|end| listeners.get(&name[..end])).flatten().copied().collect();
            let outside = self.raised.contains(&name) || extra.contains(name.as_str());
            let done = if sources.is_empty() {
                Done::Silent
            } else if !outside && sources.iter().all(|source| *source == id) {
                Done::Own
            } else {
                self.raised.insert(name);
                Done::Raised
            };
            self.done.insert(id, done);
        }
    }

    /// How the state tells that it is done.
    pub(super) fn done(&self, state: Id) -> Done {
        self.done.get(&state).copied().unwrap_or(Done::Silent)
    }

    /// The transitions of a state that hear of its own end.
    pub(super) fn on_done<'d>(&self, document: &'d Document, state: Id) -> Vec<&'d Transition> {
        let name = document.states[state].id.as_ref().filter(|_| self.done(state) == Done::Own);
        name.map(|name| matching(document, state, &format!("done.state.{}", name.value))).unwrap_or_default()
    }

    /// The keys of a state with their transitions.
    pub(super) fn keys<'d>(&self, document: &'d Document, state: Id) -> Vec<Key<'d>> {
        let mut keys: Vec<Key<'d>> = Vec::new();
        let mut seen = HashSet::new();
        for transition in &document.states[state].transitions {
            for descriptor in transition.events.iter().flatten() {
                let prefix = descriptor.prefix.as_str();
                if !seen.insert(prefix) {
                    continue;
                }
                if let Some(key) = self.key(prefix) {
                    keys.push((key, matching(document, state, prefix)));
                }
            }
        }
        let errors = if self.handles_errors { matching(document, state, ERROR) } else { Vec::new() };
        if !errors.is_empty() {
            keys.push(("error".to_owned(), errors));
        }
        keys
    }

    /// What the spec calls an event: names that begin with `done.` belong to the machine itself there.
    pub(super) fn spelt(&self, name: &str) -> String {
        let renamed = self.extended.contains(DONE) && is_prefix(DONE, name);
        if renamed { format!("scxml.{name}") } else { name.to_owned() }
    }

    /// The key for a descriptor; `None` where no event matches it.
    fn key(&self, prefix: &str) -> Option<String> {
        if prefix.is_empty() {
            return (!self.known.is_empty()).then(|| "*".to_owned());
        }
        if self.extended.contains(prefix) {
            return Some(format!("{}.*", self.spelt(prefix)));
        }
        self.prefixes.contains(prefix).then(|| self.spelt(prefix))
    }

    /// Whether the spec has to declare its events, because some stand neither under `on` nor in an action. `keys` are
    /// those of all states.
    pub(super) fn need_declaration(&self, keys: &HashSet<String>) -> bool {
        self.known.iter().any(|name| !keys.contains(&self.spelt(name)) && !self.raised.contains(name))
    }
}

/// Whether only a platform raises such an event.
pub(super) fn is_platform(name: &str) -> bool {
    name.starts_with("error.platform") || name.starts_with("xstate.")
}

/// The state whose end `name` tells.
fn done_state(name: &str, document: &Document) -> Option<Id> {
    document.by_id.get(name.strip_prefix("done.state.")?).copied()
}

/// The transitions of a state that match an event, in document order.
fn matching<'d>(document: &'d Document, state: Id, event: &str) -> Vec<&'d Transition> {
    let transitions = document.states[state].transitions.iter();
    let matches =
        |transition: &&Transition| transition.events.iter().flatten().any(|descriptor| descriptor.matches(event));
    transitions.filter(matches).collect()
}

#[cfg(test)]
mod tests;
