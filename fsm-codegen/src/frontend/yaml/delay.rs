//! Delays as values and as keys.

use std::time::Duration;

use super::lower::Lower;
use super::node::{Kind, Node};
use super::text;
use crate::ast::{Delay, Name};
use crate::frontend::delay;
use crate::source::{Notation, Span, Spanned};

impl Lower<'_, '_> {
    /// A duration under `delays:`.
    pub(super) fn duration(&mut self, node: &Node<'_>, key: Span) -> Option<Spanned<Duration>> {
        let text = self.delay_text(node, key)?;
        delay::fixed(text, self.diagnostics)
    }

    /// A delay where it is used.
    pub(super) fn delay(&mut self, node: &Node<'_>, key: Span) -> Option<Delay> {
        let text = self.delay_text(node, key)?;
        self.delay_key(text)
    }

    /// The delay that is a key of `after` or `every`.
    pub(super) fn delay_key(&mut self, text: Name) -> Option<Delay> {
        delay::delay(text, Notation::Yaml, self.diagnostics)
    }

    fn delay_text(&mut self, node: &Node<'_>, key: Span) -> Option<Name> {
        if self.is_empty(node, key) {
            return None;
        }
        let text = if matches!(node.kind, Kind::Bool(_)) { None } else { text::value(self.source, node) };
        let Some(text) = text else {
            self.wrong_type(node, "a delay");
            return None;
        };
        Some(Spanned::new(text.into_owned(), node.span))
    }
}
