//! Guards.

use super::action::TYPED;
use super::keys;
use super::lower::Lower;
use super::node::{Kind, Node};
use crate::ast::{Guard, GuardKind};
use crate::diag::Code;
use crate::frontend::expr;
use crate::source::Span;

impl Lower<'_, '_> {
    /// A guard in any of its forms.
    pub(super) fn guard(&mut self, node: &Node<'_>, key: Span) -> Option<Guard> {
        if self.is_empty(node, key) {
            return None;
        }
        let kind = match &node.kind {
            Kind::Bool(value) => Some(GuardKind::Bool(*value)),
            Kind::Text(_) => {
                let read = if self.is_json() { expr::guard_in_json } else { expr::guard_text };
                self.rust(node, key, "a guard", read)
            }
            Kind::Map(entries) => self.guard_mapping(node, entries),
            _ => {
                self.wrong_type(node, "a guard");
                None
            }
        };
        kind.map(|kind| Guard { kind, span: node.span })
    }

    fn guard_mapping(&mut self, node: &Node<'_>, pairs: &[(Node<'_>, Node<'_>)]) -> Option<GuardKind> {
        if pairs.iter().any(|(key, _)| matches!(&key.kind, Kind::Text(text) if text == "type")) {
            return self.typed_call(node).map(GuardKind::Call);
        }
        let entries = self.entries(node, "a guard", keys::GUARD);
        if let [_, second, ..] = &entries[..] {
            let help = "combine guards with `and: […]`";
            self.error_help(Code::ConflictingKeys, second.span, "a guard has one of `and`, `or`, `not`, `in`", help);
        }
        let Some(entry) = entries.first() else {
            if pairs.is_empty() {
                let message = "this guard is empty";
                self.error_help(Code::MissingKey, node.span, message, "write a name, an expression, or `and: […]`");
            }
            return None;
        };
        match entry.key {
            "and" => self.guard_list(entry.value, entry.span).map(GuardKind::And),
            "or" => self.guard_list(entry.value, entry.span).map(GuardKind::Or),
            "not" => self.guard(entry.value, entry.span).map(|guard| GuardKind::Not(Box::new(guard))),
            "in" => self.name(entry.value, entry.span, "a target").map(GuardKind::In),
            _ => {
                let help = format!("write `{TYPED}`");
                self.error_help(Code::MissingKey, entry.span, "`params` belong to a `type`", help);
                None
            }
        }
    }

    fn guard_list(&mut self, node: &Node<'_>, key: Span) -> Option<Vec<Guard>> {
        if self.is_empty(node, key) {
            return None;
        }
        let Kind::Seq(items) = &node.kind else {
            self.wrong_type(node, "a list of guards");
            return None;
        };
        if items.is_empty() {
            self.error(Code::EmptyValue, node.span, "this list of guards is empty");
            return None;
        }
        let guards = self.each(node, |lower, item| lower.guard(item, key));
        (guards.len() == items.len()).then_some(guards)
    }
}
