//! Plain data: values without meaning to the compiler, and JSON that stands where Rust does otherwise.

use super::lower::Lower;
use super::node::{Kind, Node};
use crate::ast::{Expr, Value};
use crate::frontend::expr::{self, Text};
use crate::json;
use fsm_model::gather::Gather as _;

impl Lower<'_, '_> {
    /// A node as plain data; repeated keys are reported.
    pub(super) fn value(&mut self, node: &Node<'_>) -> Value {
        match &node.kind {
            Kind::Null | Kind::Broken => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Int(value) => Value::Int(*value),
            Kind::Float(value) => Value::Float(*value),
            Kind::Text(text) => Value::String(text.to_string()),
            Kind::Seq(items) => Value::List(items.iter().map(|item| self.value(item)).gather()),
            Kind::Map(_) => {
                let entries = self.named(node, "a mapping");
                Value::Map(entries.into_iter().map(|entry| (entry.name.value, self.value(entry.value))).gather())
            }
        }
    }

    /// A node as a call of `json!`.
    pub(super) fn json(&mut self, node: &Node<'_>) -> Option<Expr> {
        if self.is_too_long(node) {
            return None;
        }
        match json::call(&self.value(node), node.span) {
            Ok(call) => expr::expression(&Text::new(&call, node.span, Vec::new()), self.diagnostics),
            Err(diagnostic) => {
                self.diagnostics.push(diagnostic);
                None
            }
        }
    }
}
