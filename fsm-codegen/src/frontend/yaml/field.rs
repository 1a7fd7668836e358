//! Fields with types and defaults, and the values that transitions and actions give them.

use super::lower::{Lower, Named};
use super::node::{Kind, Node};
use super::text;
use crate::ast::{Assignment, Field, FieldDefault, Name};
use crate::diag::{Code, Diagnostics, Help, shown};
use crate::frontend::{expr, twice, words};
use crate::source::{Span, Spanned};
use fsm_model::gather::Gather as _;

impl Lower<'_, '_> {
    /// `{ name: 'Type = default' }`; with `json` also XState's bare values.
    pub(super) fn fields(&mut self, node: &Node<'_>, key: Span, json: bool) -> Vec<Field> {
        if self.is_empty(node, key) {
            return Vec::new();
        }
        let fields = self.named(node, "a mapping of fields to their types");
        fields.into_iter().map(|field| self.united_field(field, json)).gather()
    }

    /// One field, however often it is declared.
    pub(super) fn united_field(&mut self, named: Named<'_, '_>, json: bool) -> Field {
        let mut field = self.field(named.name, named.value, json);
        for again in named.again {
            let again = self.field(field.name.clone(), again, json);
            twice::unite_fields(&mut field, again);
        }
        field
    }

    /// One field.
    fn field(&mut self, name: Name, node: &Node<'_>, json: bool) -> Field {
        match &node.kind {
            Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) | Kind::Seq(_) | Kind::Map(_) if json => {
                let value = Spanned::new(self.value(node), node.span);
                Field { name, ty: None, default: Some(FieldDefault::Json(value)) }
            }
            // In JSON somebody wrote it as a value; in YAML it is also what stands where a type was forgotten.
            Kind::Null if json && self.is_json() => {
                let value = Spanned::new(self.value(node), node.span);
                Field { name, ty: None, default: Some(FieldDefault::Json(value)) }
            }
            Kind::Null if json && self.swallowed(node).is_none() => {
                let message = format!("the type of `{}` cannot be seen from `null`", shown(&name.value));
                self.error_help(Code::ForeignForm, name.span, message, "write its type: `Option<String>`");
                Field::unreadable(name)
            }
            Kind::Text(text) if json && !text.contains('=') && self.is_quoted(node) => {
                self.type_or_text(name, node, text)
            }
            _ => match self.rust(node, name.span, "a Rust type", expr::field) {
                Some((ty, default)) => Field { name, ty: Some(ty), default: default.map(FieldDefault::Expr) },
                None => Field::unreadable(name),
            },
        }
    }

    /// Whether the file is JSON.
    pub(super) fn is_json(&self) -> bool {
        self.source.text().trim_start().starts_with('{')
    }

    fn is_quoted(&self, node: &Node<'_>) -> bool {
        self.source.slice(node.span).starts_with(['"', '\''])
    }

    /// A type, or text that XState would take as a value: what is quoted and no type.
    fn type_or_text(&mut self, name: Name, node: &Node<'_>, text: &str) -> Field {
        let mut complaints = Diagnostics::default();
        let ty = text::of(self.source, node).and_then(|rust| expr::ty(&rust, &mut complaints));
        if ty.is_none() || looks_like_text(text) {
            let meant = format!("String = {text:?}");
            let written = self.source.slice(node.span);
            let meant = if written.starts_with('"') {
                format!("\"{}\"", meant.replace('\\', "\\\\").replace('"', "\\\""))
            } else {
                format!("'{}'", meant.replace('\'', "''"))
            };
            let help = format!("write `{}`", shown(&meant).replace("\\\\", "\\"));
            // A misspelt type may be meant as well, so nothing is rewritten.
            let help = match words::meant_type(text) {
                Some(ty) => Help::from(format!("{help} if it is text; or did you mean the type `{ty}`?")),
                None => Help::from(help).replacing(written, meant),
            };
            self.error_help(Code::ForeignForm, node.span, "text is read as a Rust type here", help);
            return Field::unreadable(name);
        }
        Field { name, ty, default: None }
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
            .gather()
    }
}

/// Whether this is a lower-case word and no primitive type: JSON text rather than Rust.
fn looks_like_text(text: &str) -> bool {
    let word = text.starts_with(char::is_lowercase) && text.chars().all(char::is_alphanumeric);
    word && !words::PRIMITIVES.contains(&text)
}
