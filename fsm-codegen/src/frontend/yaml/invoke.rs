//! Invocations.

use super::keys;
use super::lower::{Entry, Lower};
use super::node::{Kind, Node};
use crate::ast::Invoke;
use crate::diag::{Code, Diagnostic};
use crate::frontend::expr;
use crate::rust::{Arg, Call, Type};
use crate::source::Span;
use fsm_model::gather::Gather as _;

const ARGUMENTS: &str = "write the arguments in `src`: `src: 'fetch(context.id)'`";

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
            let (src, output) = self.task(node, key, "an invocation")?;
            let (on_done, on_error) = (Vec::new(), Vec::new());
            return Some(Invoke { src, output, id: None, on_done, on_error, span: node.span });
        }
        let entries = self.entries(node, "an invocation such as `{ src: fetch, onDone: Ready }`", keys::INVOKE);
        let (mut src, mut id, mut on_done, mut on_error) = (None, None, Vec::new(), Vec::new());
        let mut input = None;
        for entry in &entries {
            let (value, key) = (entry.value, entry.span);
            match entry.key {
                "src" if matches!(value.kind, Kind::Map(_)) => {
                    let message = "child machines in `invoke` are kept for later and not supported yet";
                    self.error_help(Code::NotSupported, value.span, message, SRC);
                }
                "src" => src = self.task(value, key, "a method"),
                "input" => input = Some((self.input(entry), key)),
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
        let (mut src, output) = src?;
        if let Some((input, key)) = input {
            if !src.args.is_empty() {
                let message = "the arguments of this task stand in `src` already";
                let diagnostic = Diagnostic::error(Code::ConflictingKeys, key, message);
                self.diagnostics.push(diagnostic.label(src.span, "here"));
                return None;
            }
            src.args = input;
        }
        Some(Invoke { src, output, id, on_done, on_error, span: node.span })
    }

    /// XState's `input`: values that become arguments in their order, as `params` do.
    fn input(&mut self, entry: &Entry<'_, '_>) -> Vec<Arg> {
        let values = match &entry.value.kind {
            Kind::Map(pairs) => pairs.iter().map(|(_, value)| value).gather(),
            _ => vec![entry.value],
        };
        for value in values {
            if matches!(&value.kind, Kind::Text(text) if expr::has_path(text)) {
                let message = "values of `input` are taken as they stand, and this is an expression";
                self.error_help(Code::InvalidArgument, value.span, message, ARGUMENTS);
                return Vec::new();
            }
        }
        self.params(entry)
    }

    /// The method that runs, and what it gives.
    fn task(&mut self, node: &Node<'_>, key: Span, wanted: &str) -> Option<(Call, Option<Type>)> {
        let read = if self.is_json() { expr::source_call_in_json } else { expr::source_call };
        self.rust(node, key, wanted, read)
    }
}
