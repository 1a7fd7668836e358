//! Transitions in all their places, and `on`.

use super::keys;
use super::lower::Lower;
use super::node::{Kind, Node};
use crate::ast::{Delay, Handler, Initial, Text, Transition};
use crate::diag::Code;
use crate::source::{Span, Spanned};

impl Lower<'_, '_> {
    /// `on:`.
    pub(super) fn handlers(&mut self, node: &Node<'_>, key: Span) -> Vec<Handler> {
        if self.is_empty(node, key) {
            return Vec::new();
        }
        let wanted = "a mapping of events to transitions";
        if !matches!(node.kind, Kind::Map(_)) {
            self.no_mapping(node, wanted, (key, "Event", "Target"));
            return Vec::new();
        }
        let events = self.triggers(node, wanted);
        let mut handlers = Vec::with_capacity(events.len());
        for event in events {
            let (name, span) = (event.name.value.as_str(), event.name.span);
            if name.is_empty() {
                let help = "write transitions without an event under `always`";
                self.error_help(Code::ForeignForm, span, "an event has a name", help);
                continue;
            }
            if name.starts_with("xstate.") || name.starts_with("done.") || name.starts_with("error.platform") {
                self.foreign_event(span);
                continue;
            }
            // `E: []` is as if absent.
            if matches!(&event.value.kind, Kind::Seq(items) if items.is_empty()) {
                continue;
            }
            let transitions = self.transitions(event.value, span);
            handlers.push(Handler { event: event.name, transitions });
        }
        handlers
    }

    /// `after:` and `every:`.
    pub(super) fn timers(&mut self, node: &Node<'_>, key: Span) -> Vec<(Delay, Vec<Transition>)> {
        if self.is_empty(node, key) {
            return Vec::new();
        }
        let wanted = "a mapping of delays to transitions";
        if !matches!(node.kind, Kind::Map(_)) {
            self.no_mapping(node, wanted, (key, "5s", "Target"));
            return Vec::new();
        }
        let timers = self.triggers(node, wanted);
        let mut lowered = Vec::with_capacity(timers.len());
        for timer in timers {
            // As of events, `5s: []` is as if absent; the delay is looked at all the same.
            if matches!(&timer.value.kind, Kind::Seq(items) if items.is_empty()) {
                self.delay_key(timer.name);
                continue;
            }
            let transitions = self.transitions(timer.value, timer.name.span);
            lowered.extend(self.delay_key(timer.name).map(|delay| (delay, transitions)));
        }
        lowered
    }

    /// A target, a transition, or a list of both.
    pub(super) fn transitions(&mut self, node: &Node<'_>, key: Span) -> Vec<Transition> {
        if self.is_empty(node, key) {
            return Vec::new();
        }
        self.each(node, |lower, item| lower.transition(item, key))
    }

    fn transition(&mut self, node: &Node<'_>, key: Span) -> Option<Transition> {
        let mut transition = Transition { span: node.span, ..Transition::default() };
        if !matches!(node.kind, Kind::Map(_)) {
            transition.targets = Some(vec![self.name(node, key, "a target or a transition")?]);
            return Some(transition);
        }
        for entry in self.entries(node, "a transition", keys::TRANSITION) {
            let (value, key) = (entry.value, entry.span);
            match entry.key {
                "target" => transition.targets = self.targets(value, key),
                "guard" => transition.guard = self.guard(value, key),
                "actions" => transition.actions = self.actions(value, key),
                "reenter" => transition.reenter = self.boolean(value, key),
                "data" => transition.data = self.assignments(value, key),
                "description" => transition.description = self.text(value, key, "a description"),
                _ => transition.meta = Some(Spanned::new(self.value(value), value.span)),
            }
        }
        Some(transition)
    }

    /// A target, or one for each region.
    pub(super) fn targets(&mut self, node: &Node<'_>, key: Span) -> Option<Vec<Text>> {
        if matches!(&node.kind, Kind::Seq(items) if items.is_empty()) {
            self.error_help(Code::EmptyValue, node.span, "this list of targets is empty", "leave `target` out");
            return None;
        }
        let targets = self.names(node, key, "a target");
        (!targets.is_empty()).then_some(targets)
    }

    /// `initial:`.
    pub(super) fn initial(&mut self, node: &Node<'_>, key: Span) -> Option<Initial> {
        if self.is_empty(node, key) {
            return None;
        }
        let mut initial = Initial { targets: Vec::new(), actions: Vec::new(), data: Vec::new(), span: node.span };
        if !matches!(node.kind, Kind::Map(_)) {
            initial.targets = self.targets(node, key)?;
            return Some(initial);
        }
        let entries = self.entries(node, "a state or `{ target, actions, data }`", keys::INITIAL);
        if entries.len() == node.len() && !entries.iter().any(|entry| entry.key == "target") {
            self.error(Code::MissingKey, key, "`initial` needs a `target`");
        }
        for entry in entries {
            match entry.key {
                "target" => initial.targets = self.targets(entry.value, entry.span).unwrap_or_default(),
                "actions" => initial.actions = self.actions(entry.value, entry.span),
                _ => initial.data = self.assignments(entry.value, entry.span),
            }
        }
        (!initial.targets.is_empty()).then_some(initial)
    }
}
