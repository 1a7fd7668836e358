//! Actions.

use super::keys;
use super::lower::{Entry, Lower};
use super::node::{Kind, Node};
use crate::ast::{Action, ActionKind, EventValue, Guard};
use crate::diag::{Code, Diagnostic, did_you_mean, shown};
use crate::frontend::expr::{self, Text, classify};
use crate::json;
use crate::rust::{Arg, ArgKind, Call};
use crate::source::{Span, Spanned};
use fsm_model::gather::Gather as _;

/// XState's form of a call.
pub(super) const TYPED: &str = "{ type: name, params: … }";

impl Lower<'_, '_> {
    /// An action or a list of actions.
    pub(super) fn actions(&mut self, node: &Node<'_>, key: Span) -> Vec<Action> {
        if self.is_empty(node, key) {
            return Vec::new();
        }
        self.each(node, |lower, item| lower.action(item, key))
    }

    fn action(&mut self, node: &Node<'_>, key: Span) -> Option<Action> {
        if self.is_empty(node, key) {
            return None;
        }
        let kind = match &node.kind {
            Kind::Text(_) => {
                let read = if self.is_json() { expr::call_in_json } else { expr::call };
                self.rust(node, key, "an action", read).map(ActionKind::Call)
            }
            Kind::Map(_) => self.action_mapping(node),
            _ => {
                self.wrong_type(node, "an action");
                None
            }
        };
        kind.map(|kind| Action { kind, span: node.span })
    }

    fn action_mapping(&mut self, node: &Node<'_>) -> Option<ActionKind> {
        let entries = self.entries(node, "an action", keys::ACTION);
        let mut heads = entries.iter().filter(|entry| keys::ACTION_HEADS.contains(&entry.key));
        let Some(head) = heads.next() else {
            if entries.len() == node.len() {
                let forms = keys::ACTION_HEADS.iter().map(|head| format!("`{head}`")).gather::<Vec<_>>().join(", ");
                self.error(Code::MissingKey, node.span, format!("an action has one of {forms}"));
            }
            return None;
        };
        if let Some(second) = heads.next() {
            let message = format!("`{}` and `{}` are two actions", head.key, second.key);
            let help = "write a list of two actions";
            let diagnostic = Diagnostic::error(Code::ConflictingKeys, second.span, message);
            self.diagnostics.push(diagnostic.label(head.span, "the first").help(help));
        }
        self.extra_keys(head, &entries);
        self.action_form(node, head, &entries)
    }

    /// Reports the keys of another form.
    fn extra_keys(&mut self, head: &Entry<'_, '_>, entries: &[Entry<'_, '_>]) {
        let allowed = keys::beside(head.key);
        for entry in
            entries.iter().filter(|entry| !keys::ACTION_HEADS.contains(&entry.key) && !allowed.contains(&entry.key))
        {
            let message = format!("`{}` does not belong to `{}`", entry.key, head.key);
            let help = match (head.key, entry.key) {
                ("raise", "delay") => Some("a raised event comes at once; write `send` with a `delay`".to_owned()),
                _ => None,
            };
            let diagnostic = Diagnostic::error(Code::ConflictingKeys, entry.span, message).maybe_help(help);
            self.diagnostics.push(diagnostic);
        }
    }

    fn action_form(&mut self, node: &Node<'_>, head: &Entry<'_, '_>, entries: &[Entry<'_, '_>]) -> Option<ActionKind> {
        let find = |key: &str| entries.iter().find(|entry| entry.key == key);
        match head.key {
            "assign" => Some(ActionKind::Assign(self.assignments(head.value, head.span))),
            "raise" => self.event_value(head).map(ActionKind::Raise),
            "send" => {
                let event = self.event_value(head);
                let delay = find("delay").and_then(|entry| self.delay(entry.value, entry.span));
                let id = find("id").and_then(|entry| self.name(entry.value, entry.span, "an id"));
                Some(ActionKind::Send { event: event?, delay, id })
            }
            "cancel" => self.name(head.value, head.span, "the id of a `send`").map(ActionKind::Cancel),
            "emit" => self.event_value(head).map(ActionKind::Emit),
            "reply" => self.rust(head.value, head.span, "a Rust expression", expr::expression).map(ActionKind::Reply),
            "log" => self.rust(head.value, head.span, "text to log", expr::log).map(ActionKind::Log),
            "if" => {
                let guard = self.guard(head.value, head.span);
                let mut branch = |key| find(key).map(|entry| self.actions(entry.value, entry.span)).unwrap_or_default();
                let (then, otherwise) = (branch("then"), branch("else"));
                if find("then").is_none() && find("else").is_none() {
                    self.error(Code::MissingKey, head.span, "`if` needs `then` or `else`");
                }
                Some(ActionKind::If {
                    guard: guard.unwrap_or_else(|| Guard::unreadable(head.value.span)),
                    then,
                    otherwise,
                })
            }
            _ => self.typed_call(node).map(ActionKind::Call),
        }
    }

    fn event_value(&mut self, entry: &Entry<'_, '_>) -> Option<EventValue> {
        if let Kind::Map(_) = entry.value.kind {
            let entries = self.entries(entry.value, "an event", keys::EVENT);
            let Some(ty) = entries.first() else {
                if entry.value.len() == 0 {
                    self.error(Code::MissingKey, entry.value.span, "an event has a `type`");
                }
                return None;
            };
            let event = self.name(ty.value, ty.span, "an event")?;
            return Some(EventValue { event, fields: Vec::new() });
        }
        self.rust(entry.value, entry.span, "an event, or `'Event { field: expression }'`", expr::event_value)
    }

    /// `{ type: name, params: … }`: the params become arguments in their order.
    pub(super) fn typed_call(&mut self, node: &Node<'_>) -> Option<Call> {
        let entries = self.entries(node, "a mapping", keys::CALL);
        let find = |key: &str| entries.iter().find(|entry| entry.key == key);
        let head = find("type")?;
        let name = self.name(head.value, head.span, "the name of a method")?;
        if name.value.starts_with("xstate.") {
            let message = format!("`{}` is XState's own and has no meaning here", shown(&name.value));
            let candidates = ["raise", "cancel", "emit", "log", "assign", "and", "or", "not"];
            // Its other keys differ as well, so no program can follow the advice.
            let near = name.value.strip_prefix("xstate.").and_then(|form| did_you_mean(form, candidates));
            let help = near.map(|help| help.text);
            self.diagnostics.push(Diagnostic::error(Code::ForeignForm, name.span, message).maybe_help(help));
            return None;
        }
        let args = find("params").map(|entry| self.params(entry)).unwrap_or_default();
        Some(Call { name, args, span: node.span })
    }

    /// The values of a mapping, in their order, or the one value that stands in its place.
    pub(super) fn params(&mut self, entry: &Entry<'_, '_>) -> Vec<Arg> {
        if !matches!(entry.value.kind, Kind::Map(_)) {
            return self.param(entry.value, entry.span).into_iter().gather();
        }
        let params = self.named(entry.value, "a mapping of parameters");
        params.into_iter().filter_map(|param| self.param(param.value, param.name.span)).gather()
    }

    /// A value as it stands: a literal, and what Rust has no literal for is JSON.
    fn param(&mut self, node: &Node<'_>, key: Span) -> Option<Arg> {
        let expr = match &node.kind {
            Kind::Null if !matches!(self.source.slice(node.span), "null" | "Null" | "NULL" | "~") => {
                self.is_empty(node, key);
                return None;
            }
            Kind::Broken => return None,
            Kind::Null | Kind::Seq(_) | Kind::Map(_) => self.json(node)?,
            Kind::Text(_) | Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) => {
                let literal = json::text(&self.value(node));
                expr::expression(&Text::new(&literal, node.span, Vec::new()), self.diagnostics)?
            }
        };
        let Some(literal) = classify::literal(&expr.syntax) else {
            self.error(Code::InvalidArgument, node.span, "this parameter is no literal");
            return None;
        };
        Some(Arg { kind: ArgKind::Literal(literal), span: node.span })
    }

    /// Text that is no name, such as a description.
    pub(super) fn text(&mut self, node: &Node<'_>, key: Span, wanted: &str) -> Option<Spanned<String>> {
        self.name(node, key, wanted)
    }
}
