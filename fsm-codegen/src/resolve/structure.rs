//! What each state is: its type against its content, and its initial transition.
//!
//! Needs the tree. After this point every state has a [`Shape`], and a compound one has an initial state below it,
//! unless an error was reported. Because an initial state is a strict descendant, no chain of them can be a cycle.

use crate::ast::{Kind, State, StateKey};
use crate::diag::{Code, Diagnostic};
use crate::ir::{IndexVec, StateId};
use crate::source::Span;

use super::report::Report;
use super::targets;
use super::tree::Tree;

/// What a state is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Without children.
    Atomic,
    /// With one active child; `None` after an error.
    Compound(Option<StateId>),
    /// The end of its parent.
    Final,
    /// Parallel or history, already reported as not supported.
    Unsupported,
}

/// The shape of every state; all contradictions are reported.
pub(super) fn check(tree: &Tree<'_>, report: &mut Report<'_>) -> IndexVec<StateId, Shape> {
    tree.nodes.ids().map(|state| shape(tree, state, report)).collect()
}

fn shape(tree: &Tree<'_>, id: StateId, report: &mut Report<'_>) -> Shape {
    let state = tree.nodes[id].ast;
    let kind = state.kind.as_ref();
    if state.history.is_some() || matches!(kind.map(|kind| kind.value), Some(Kind::History | Kind::Parallel)) {
        return Shape::Unsupported;
    }
    if let Some(default) = &state.default {
        let place = state.key(StateKey::Target).unwrap_or(default.span);
        report.error(Code::InvalidStructure, place, "only a history state has a `target`");
    }
    let place = kind.map_or(tree.name(id).span, |kind| kind.span);
    match kind.map(|kind| kind.value) {
        Some(Kind::Final) => {
            check_final(tree, id, report);
            Shape::Final
        }
        Some(Kind::Atomic) if !state.states.is_empty() => {
            let message = format!("{} is called atomic and has children", tree.described(id));
            let mut diagnostic = Diagnostic::error(Code::InvalidStructure, place, message);
            if let Some(states) = state.key(StateKey::States) {
                diagnostic = diagnostic.label(states, "its children");
            }
            report.push(diagnostic.help("a state with children is `compound`, which need not be said"));
            Shape::Unsupported
        }
        _ if !state.states.is_empty() => Shape::Compound(initial(tree, id, report)),
        Some(Kind::Compound) => {
            let message = format!("{} is called compound and has no children", tree.described(id));
            report.error(Code::InvalidStructure, place, message);
            Shape::Atomic
        }
        _ => childless(tree, id, report),
    }
}

/// A state without children that does not say what it is.
fn childless(tree: &Tree<'_>, id: StateId, report: &mut Report<'_>) -> Shape {
    let state = tree.nodes[id].ast;
    if id == StateId::ROOT {
        let place = state.key(StateKey::States).unwrap_or(tree.name(id).span);
        let message = format!("{} has no states", tree.described(id));
        let help = "name them under `states:`, and the first one with `initial:`";
        report.push(Diagnostic::error(Code::MissingKey, place, message).help(help));
    } else if let Some(initial) = &state.initial {
        let place = state.key(StateKey::Initial).unwrap_or(initial.span);
        let message = format!("{} has an initial state, but no children", tree.described(id));
        report.error(Code::InvalidStructure, place, message);
    }
    Shape::Atomic
}

/// The initial state of a compound one.
fn initial(tree: &Tree<'_>, id: StateId, report: &mut Report<'_>) -> Option<StateId> {
    let state = tree.nodes[id].ast;
    let written = state.initial.as_ref().and_then(|initial| initial.targets.first());
    if let Some(target) = written {
        return targets::resolve_initial(tree, id, target, report);
    }
    if state.key(StateKey::Initial).is_some() && report.has_errors() {
        // Something is written that the front-end could not read, and it said so.
        return None;
    }
    let message = format!("{} has children, but no initial state", tree.described(id));
    let place = tree.name(id).span;
    report.push(Diagnostic::error(Code::MissingInitial, place, message).maybe_help(targets::first_child(tree, id)));
    None
}

/// A final state does nothing any more: it has entry and exit actions, and that is all.
fn check_final(tree: &Tree<'_>, id: StateId, report: &mut Report<'_>) {
    let state = tree.nodes[id].ast;
    for (place, what) in forbidden_in_final(state) {
        let message = format!("the final state {} has {what}", tree.described(id));
        let mut diagnostic = Diagnostic::error(Code::InvalidStructure, place, message);
        if let Some(kind) = &state.kind {
            diagnostic = diagnostic.label(kind.span, "it ends here");
        }
        report.push(diagnostic);
    }
}

/// Keys that contradict `type: final`. Those that are not supported anywhere have been reported as such.
fn forbidden_in_final(state: &State) -> impl Iterator<Item = (Span, &'static str)> {
    let key = |key, content: Option<Span>| content.map(|span| state.key(key).unwrap_or(span));
    [
        (key(StateKey::States, state.states.first().map(|child| child.name.span)), "children"),
        (key(StateKey::Initial, state.initial.as_ref().map(|initial| initial.span)), "an initial state"),
        (key(StateKey::On, state.on.first().map(|handler| handler.event.span)), "transitions"),
    ]
    .into_iter()
    .filter_map(|(span, what)| span.map(|span| (span, what)))
}
