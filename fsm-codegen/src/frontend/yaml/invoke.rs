//! Invocations.

use super::keys;
use super::lower::Lower;
use super::node::{Kind, Node};
use crate::ast::Invoke;
use crate::diag::Code;
use crate::frontend::expr;
use crate::source::Span;

const SRC: &str = "`src` is a method: `'fetch(context.id)'`";

impl Lower<'_, '_> {
    /// One invocation or a list.
    pub(super) fn invokes(&mut self, node: &Node<'_>, key: Span) -> Vec<Invoke> {
        if self.is_empty(node, key) {
            return Vec::new();
        }
        self.each(node, |lower, item| lower.invoke(item, key))
    }

    fn invoke(&mut self, node: &Node<'_>, key: Span) -> Option<Invoke> {
        if matches!(node.kind, Kind::Text(_)) {
            let (src, output) = self.rust(node, key, "an invocation", expr::source_call)?;
            let (on_done, on_error) = (Vec::new(), Vec::new());
            return Some(Invoke { src, output, id: None, on_done, on_error, span: node.span });
        }
        let entries = self.entries(node, "an invocation such as `{ src: fetch, onDone: Ready }`", keys::INVOKE);
        let (mut src, mut id, mut on_done, mut on_error) = (None, None, Vec::new(), Vec::new());
        for entry in &entries {
            let (value, key) = (entry.value, entry.span);
            match entry.key {
                "src" if matches!(value.kind, Kind::Map(_)) => {
                    let message = "child machines in `invoke` are kept for later and not supported yet";
                    self.error_help(Code::NotSupported, value.span, message, SRC);
                }
                "src" => src = self.rust(value, key, "a method", expr::source_call),
                "id" => id = self.name(value, key, "an id"),
                "onDone" => on_done = self.transitions(value, key),
                _ => on_error = self.transitions(value, key),
            }
        }
        if matches!(node.kind, Kind::Map(_))
            && entries.len() == node.len()
            && !entries.iter().any(|entry| entry.key == "src")
        {
            self.error_help(Code::MissingKey, node.span, "an invocation needs `src`", SRC);
        }
        let (src, output) = src?;
        Some(Invoke { src, output, id, on_done, on_error, span: node.span })
    }
}
