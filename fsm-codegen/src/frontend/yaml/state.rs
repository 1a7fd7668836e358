//! States.

use super::lower::{Entry, Lower};
use super::node::{Kind as NodeKind, Node};
use super::{choices, keys};
use crate::ast::{self, Action, Assignment, History, Name, State, StateKey, Transition};
use crate::diag::did_you_mean;
use crate::frontend::expr::{self, Text};
use crate::json;
use crate::source::{Span, Spanned};
use fsm_model::gather::Gather as _;

/// What is put together from several keys.
#[derive(Debug, Default)]
pub(super) struct StateParts {
    targets: Option<Vec<ast::Text>>,
    actions: Vec<Action>,
    data: Vec<Assignment>,
    span: Option<Span>,
    /// Whether `data` is that of a history state's default.
    history: bool,
}

impl Lower<'_, '_> {
    /// `states:`.
    fn states(&mut self, node: &Node<'_>, key: Span) -> Vec<State> {
        if self.is_empty(node, key) {
            return Vec::new();
        }
        let states = self.named(node, "a mapping of names to states");
        states.into_iter().map(|state| self.state(state.name, state.value)).gather()
    }

    fn state(&mut self, name: Name, node: &Node<'_>) -> State {
        let mut state = State { name, ..State::default() };
        match &node.kind {
            NodeKind::Null if self.swallowed(node).is_none() => return state,
            NodeKind::Null => {
                self.is_empty(node, state.name.span);
                return state;
            }
            _ => {}
        }
        let history = is_history(node);
        let known = if history { keys::HISTORY } else { keys::STATE };
        let mut parts = StateParts { history, ..StateParts::default() };
        for entry in self.entries(node, "a state (a mapping)", known) {
            if let Some(key) = keys::state_key(entry.key) {
                state.keys.push((key, entry.span));
            }
            self.state_entry(&mut state, &mut parts, &entry);
        }
        note_misspelt(&mut state, node, known);
        state.default = parts.into_default();
        state
    }

    /// Takes one entry of a state.
    pub(super) fn state_entry(&mut self, state: &mut State, parts: &mut StateParts, entry: &Entry<'_, '_>) {
        let (value, key) = (entry.value, entry.span);
        match entry.key {
            "id" => state.id = self.name(value, key, "an id"),
            "type" => state.kind = self.choice(value, key, choices::KINDS),
            "initial" => state.initial = self.initial(value, key),
            "states" => state.states = self.states(value, key),
            "on" => state.on = self.handlers(value, key),
            "entry" => state.entry = self.actions(value, key),
            "exit" => state.exit = self.actions(value, key),
            "always" => state.always = self.transitions(value, key),
            "after" => state.after = self.timers(value, key),
            "every" => state.every = self.timers(value, key),
            "invoke" => state.invoke = self.invokes(value, key),
            "onDone" => state.on_done = self.transitions(value, key),
            "defer" => state.defer = self.names(value, key, "an event"),
            "data" if parts.history => {
                parts.data = self.assignments(value, key);
                parts.add(key.to(value.span));
            }
            "data" => state.data = self.fields(value, key, false),
            "history" => state.history = self.history(value, key),
            "target" => {
                parts.targets = self.targets(value, key);
                parts.add(key.to(value.span));
            }
            "actions" => {
                parts.actions = self.actions(value, key);
                parts.add(key.to(value.span));
            }
            "tags" => state.tags = self.names(value, key, "a tag"),
            "description" => state.description = self.text(value, key, "a description"),
            "meta" => state.meta = Some(Spanned::new(self.value(value), value.span)),
            "output" => state.output = self.output(value, key),
            // The keys are those of `keys::STATE` and `keys::HISTORY`, all of which stand above.
            _ => {}
        }
    }

    fn history(&mut self, node: &Node<'_>, key: Span) -> Option<Spanned<History>> {
        match node.kind {
            NodeKind::Bool(true) => Some(Spanned::new(History::Shallow, node.span)),
            NodeKind::Bool(false) => None,
            _ => self.choice(node, key, choices::HISTORIES),
        }
    }

    /// `output:` of a final state: Rust, or a JSON value.
    pub(super) fn output(&mut self, node: &Node<'_>, key: Span) -> Option<ast::Expr> {
        match &node.kind {
            NodeKind::Seq(_) | NodeKind::Map(_) => {}
            NodeKind::Null if self.is_json() => {}
            NodeKind::Text(text) if self.is_json() && !self.types_output && expr::is_free_text(text) => {
                let literal = json::text(&self.value(node));
                return expr::expression(&Text::new(&literal, node.span, Vec::new()), self.diagnostics);
            }
            _ => return self.rust(node, key, "a Rust expression", expr::expression),
        }
        let mut output = self.json(node)?;
        self.source.slice(node.span).clone_into(&mut output.text);
        Some(output)
    }
}

impl StateParts {
    /// The default of a history state, or what looks like one elsewhere.
    pub(super) fn into_default(self) -> Option<Transition> {
        let Self { targets, actions, data, span, .. } = self;
        span.map(|span| Transition { targets, actions, data, span, ..Transition::default() })
    }

    fn add(&mut self, span: Span) {
        self.span = Some(self.span.map_or(span, |known| known.to(span)));
    }
}

/// Notes keys that were meant, so that nobody misses what only is misspelt.
pub(super) fn note_misspelt(state: &mut State, node: &Node<'_>, known: &[&str]) {
    let NodeKind::Map(pairs) = &node.kind else { return };
    for (key, _) in pairs {
        let NodeKind::Text(name) = &key.kind else { continue };
        if known.contains(&&**name) {
            continue;
        }
        let Some(help) = did_you_mean(name, known.iter().copied()) else { continue };
        let meant = [("initial", StateKey::Initial), ("states", StateKey::States), ("type", StateKey::Type)];
        let meant = meant.iter().find(|(word, _)| help.text == format!("did you mean `{word}`?"));
        if let Some((_, meant)) = meant.filter(|(_, meant)| state.key(*meant).is_none()) {
            state.keys.push((*meant, key.span));
        }
    }
}

/// Whether a state is a history state, by either of the keys that say so.
fn is_history(node: &Node<'_>) -> bool {
    let NodeKind::Map(pairs) = &node.kind else { return false };
    pairs.iter().any(|(key, value)| match (&key.kind, &value.kind) {
        (NodeKind::Text(key), NodeKind::Text(value)) if key == "type" => value == "history",
        (NodeKind::Text(key), value) => key == "history" && !matches!(value, NodeKind::Bool(false)),
        _ => false,
    })
}
