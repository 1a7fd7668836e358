//! Fields with types and defaults, and the values that transitions and actions give them.

use super::lower::Lower;
use super::node::{Kind, Node};
use crate::ast::{Assignment, Field, FieldDefault, Name};
use crate::diag::Code;
use crate::frontend::expr;
use crate::source::{Span, Spanned};

impl Lower<'_, '_> {
    /// `{ name: 'Type = default' }`; with `json` also XState's bare values.
    pub(super) fn fields(&mut self, node: &Node<'_>, key: Span, json: bool) -> Vec<Field> {
        if self.is_empty(node, key) {
            return Vec::new();
        }
        let fields = self.named(node, "a mapping of fields to their types");
        fields.into_iter().filter_map(|field| self.field(field.name, field.value, json)).collect()
    }

    /// One field.
    pub(super) fn field(&mut self, name: Name, node: &Node<'_>, json: bool) -> Option<Field> {
        match &node.kind {
            Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) | Kind::Seq(_) | Kind::Map(_) if json => {
                let value = Spanned::new(self.value(node), node.span);
                Some(Field { name, ty: None, default: Some(FieldDefault::Json(value)) })
            }
            Kind::Null if json && self.swallowed(node).is_none() => {
                let help = "write its type: `Option<String>`";
                let message = format!("the type of `{}` cannot be seen from `null`", crate::diag::shown(&name.value));
                self.error_help(Code::ForeignForm, name.span, message, help);
                None
            }
            Kind::Text(text) if json && is_json_text(text, self.source.slice(node.span)) => {
                let help = format!("write `'String = \"{}\".into()'`", crate::diag::shown(text));
                self.error_help(Code::ForeignForm, node.span, "text is read as a Rust type here", help);
                None
            }
            _ => {
                let (ty, default) = self.rust(node, name.span, "a Rust type", expr::field)?;
                Some(Field { name, ty: Some(ty), default: default.map(FieldDefault::Expr) })
            }
        }
    }

    /// `{ field: expression }`.
    pub(super) fn assignments(&mut self, node: &Node<'_>, key: Span) -> Vec<Assignment> {
        if self.is_empty(node, key) {
            return Vec::new();
        }
        let fields = self.named(node, "a mapping of fields to expressions");
        fields
            .into_iter()
            .filter_map(|field| {
                let value = self.rust(field.value, field.name.span, "a Rust expression", expr::expression)?;
                Some(Assignment { field: field.name, value })
            })
            .collect()
    }
}

/// Whether text under `context` is meant as a value of XState and not as a type: double-quoted, as JSON has it, and
/// nothing that could be a type.
fn is_json_text(text: &str, written: &str) -> bool {
    let type_like = text.contains(['<', ':', '=', '&', '(', '['])
        || text.chars().next().is_some_and(char::is_uppercase)
        || ["bool", "char", "str"].contains(&text)
        || text.starts_with(['u', 'i', 'f']) && text[1..].parse::<u8>().is_ok()
        || ["usize", "isize"].contains(&text);
    written.starts_with('"') && !type_like
}
