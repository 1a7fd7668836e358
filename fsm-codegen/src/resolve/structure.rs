//! What each state is: its type against its content, and its initial states.
//!
//! Needs the tree. After this point every state has a [`Shape`], a compound one has initial states below it that can
//! be active together, and a history state stands where there is something to remember, unless an error was reported.
//! Initial states are strict descendants, so only one that is a history state without a target can lead back.

use crate::ast::{Kind, State, StateKey};
use crate::diag::{Code, Diagnostic};
use crate::ir::{IndexVec, StateId};
use crate::source::{Notation, Span};
use fsm_model::gather::Gather as _;

use super::conflicts;
use super::report::Report;
use super::targets;
use super::tree::Tree;

/// What a state is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    /// Without children.
    Atomic,
    /// With one active child; its initial states, none after an error.
    Compound(Vec<StateId>),
    /// With all children active.
    Parallel,
    /// The end of its parent.
    Final,
    /// A stand-in.
    History,
    /// Nothing that can be, which was reported.
    Broken,
}

/// The shape of every state; all contradictions are reported.
pub(super) fn check(tree: &Tree<'_>, report: &mut Report<'_>) -> IndexVec<StateId, Shape> {
    let shapes: IndexVec<StateId, Shape> = tree.nodes.ids().map(|state| shape(tree, state, report)).gather();
    for (id, shape) in shapes.enumerated() {
        check_cycle(tree, id, shape, report);
    }
    shapes
}

fn kind_of(tree: &Tree<'_>, id: StateId) -> Option<Kind> {
    tree.nodes[id].ast.kind.as_ref().map(|kind| kind.value)
}

fn shape(tree: &Tree<'_>, id: StateId, report: &mut Report<'_>) -> Shape {
    if tree.is_history(id) {
        return history(tree, id, report);
    }
    let node = &tree.nodes[id];
    let state = node.ast;
    if let Some(default) = &state.default {
        let place = state.key(StateKey::Target).unwrap_or(default.span);
        report.error(Code::InvalidStructure, place, "only a history state has a `target`");
    }
    let place = state.kind.as_ref().map_or(tree.name(id).span, |kind| kind.span);
    match kind_of(tree, id) {
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
            Shape::Broken
        }
        Some(Kind::Parallel) => parallel(tree, id, place, report),
        _ if !node.children.is_empty() => Shape::Compound(initial(tree, id, report)),
        Some(Kind::Compound) => {
            let message = format!("{} is called compound and has no children", tree.described(id));
            report.error(Code::InvalidStructure, place, message);
            Shape::Atomic
        }
        // Its history states say that there is nothing to remember.
        _ if !node.histories.is_empty() => Shape::Broken,
        _ => childless(tree, id, report),
    }
}

fn parallel(tree: &Tree<'_>, id: StateId, place: Span, report: &mut Report<'_>) -> Shape {
    let node = &tree.nodes[id];
    if node.children.is_empty() {
        let message = format!("the parallel state {} has no children, which would be its regions", tree.described(id));
        report.error(Code::InvalidStructure, place, message);
        return Shape::Broken;
    }
    if let Some(initial) = &node.ast.initial {
        let place = node.ast.key(StateKey::Initial).unwrap_or(initial.span);
        let message = format!("the parallel state {} has an initial state", tree.described(id));
        let help = "all its children are active at once; each of them has an `initial` of its own";
        report.push(Diagnostic::error(Code::InvalidStructure, place, message).help(help));
    }
    for child in &node.children {
        if kind_of(tree, *child) == Some(Kind::Final) {
            let place = tree.nodes[*child].ast.kind.as_ref().map_or(tree.name(*child).span, |kind| kind.span);
            let message = format!("{} is final and a region of a parallel state", tree.described(*child));
            let help = "a parallel state is complete when each region has reached a final state of its own";
            report.push(Diagnostic::error(Code::InvalidStructure, place, message).help(help));
        }
    }
    Shape::Parallel
}

/// A state without children that does not say what it is.
fn childless(tree: &Tree<'_>, id: StateId, report: &mut Report<'_>) -> Shape {
    let state = tree.nodes[id].ast;
    if state.key(StateKey::States).is_some() && report.is_partial() {
        // They are written, and the front-end has said why it could not read them.
        return Shape::Atomic;
    }
    if id == StateId::ROOT {
        let place = state.key(StateKey::States).unwrap_or(tree.name(id).span);
        let message = format!("{} has no states", tree.described(id));
        let help = report.words().first_states();
        report.push(Diagnostic::error(Code::MissingKey, place, message).help(help));
        return Shape::Atomic;
    }
    if let Some(initial) = &state.initial {
        let place = state.key(StateKey::Initial).unwrap_or(initial.span);
        let message = format!("{} has an initial state, but no children", tree.described(id));
        report.error(Code::InvalidStructure, place, message);
    }
    if let Some(first) = state.on_done.first() {
        let place = state.key(StateKey::OnDone).unwrap_or(first.span);
        let done = report.words().done();
        let message = format!("{} has {done}, but no children", tree.described(id));
        let help =
            format!("a state is complete when a final child is entered; a task's end is the {done} of its `invoke`");
        report.push(Diagnostic::error(Code::InvalidStructure, place, message).help(help));
    }
    Shape::Atomic
}

/// The initial states of a compound one.
fn initial(tree: &Tree<'_>, id: StateId, report: &mut Report<'_>) -> Vec<StateId> {
    let state = tree.nodes[id].ast;
    if let Some(initial) = &state.initial {
        let find = |target| targets::resolve_initial(tree, id, target, report);
        let found: Option<Vec<StateId>> = initial.targets.iter().map(find).gather::<Vec<_>>().into_iter().gather_some();
        let Some(found) = found else { return Vec::new() };
        let sound = conflicts::check(tree, &found, &initial.targets, report);
        return if sound { found } else { Vec::new() };
    }
    let unread_type = state.kind.is_none() && state.key(StateKey::Type).is_some();
    if (state.key(StateKey::Initial).is_some() || unread_type) && report.has_errors() {
        // Something is written that the front-end could not read, and it said so. Of a type it may have been `parallel`.
        return Vec::new();
    }
    let message = format!("{} has children, but no initial state", tree.described(id));
    let place = tree.name(id).span;
    report.push(Diagnostic::error(Code::MissingInitial, place, message).maybe_help(targets::first_child(
        tree,
        id,
        report.words(),
    )));
    Vec::new()
}

/// Whether an initial state stands for what the state would enter initially.
fn check_cycle(tree: &Tree<'_>, id: StateId, shape: &Shape, report: &mut Report<'_>) {
    let Shape::Compound(initial) = shape else { return };
    for target in initial {
        let history = &tree.nodes[*target];
        let default = history.ast.default.as_ref().and_then(|default| default.targets.as_ref());
        if !tree.is_history(*target) || history.parent != Some(id) || default.is_some() {
            continue;
        }
        let message = format!("the initial state of {} leads back to itself", tree.described(id));
        let place = tree.nodes[id].ast.initial.as_ref().map_or(tree.name(id).span, |initial| initial.span);
        report.push(
            Diagnostic::error(Code::InitialCycle, place, message)
                .label(tree.name(*target).span, "without a default this stands for the initial state of its parent")
                .help(format!("give the history state {}", report.words().default_target())),
        );
    }
}

fn history(tree: &Tree<'_>, id: StateId, report: &mut Report<'_>) -> Shape {
    let node = &tree.nodes[id];
    let place = node.ast.kind.as_ref().map(|kind| kind.span).or(node.ast.history.as_ref().map(|it| it.span));
    let place = place.unwrap_or(tree.name(id).span);
    let Some(parent) = node.parent else {
        report.error(Code::InvalidStructure, place, "the machine itself is no history state");
        return Shape::Broken;
    };
    if let Some(kind) = node.ast.kind.as_ref().filter(|kind| kind.value != Kind::History) {
        let message = format!("{} has another type and is a history state", tree.described(id));
        let diagnostic = Diagnostic::error(Code::InvalidStructure, kind.span, message);
        report.push(diagnostic.help("leave `type` out, or write `type: history`"));
    }
    let barren = tree.nodes[parent].children.is_empty();
    // An atomic or a final parent has the complaint about its children already.
    if barren && !matches!(kind_of(tree, parent), Some(Kind::Atomic | Kind::Final)) {
        let message = format!("the history state {} has nothing to remember", tree.described(id));
        let diagnostic = Diagnostic::error(Code::InvalidStructure, place, message);
        report.push(diagnostic.label(tree.name(parent).span, "this state has no other children"));
    }
    let reasons = ("it is never active itself", "remove it, or write it in the states that are brought back");
    forbid(tree, id, "history", forbidden_in_history(node.ast, report.words()), reasons, report);
    Shape::History
}

/// A final state does nothing any more: it has entry and exit actions, and that is all.
fn check_final(tree: &Tree<'_>, id: StateId, report: &mut Report<'_>) {
    let state = tree.nodes[id].ast;
    if id == StateId::ROOT {
        let place = state.kind.as_ref().map_or(tree.name(id).span, |kind| kind.span);
        report.error(Code::InvalidStructure, place, "the machine itself cannot be final");
    }
    let help = if tree.nodes[id].parent.is_none_or(|parent| parent == StateId::ROOT) {
        "remove it, or make the state an ordinary one: with a final state the machine has ended".to_owned()
    } else {
        let done = report.words().done();
        format!(
            "remove it, or make the state an ordinary one; what follows its end is the {done} of the state around it"
        )
    };
    forbid(tree, id, "final", forbidden_in_final(state, report.words()), ("it ends here", &help), report);
}

fn forbid(
    tree: &Tree<'_>,
    id: StateId,
    what: &str,
    found: impl IntoIterator<Item = (Span, &'static str)>,
    (why, help): (&str, &str),
    report: &mut Report<'_>,
) {
    let state = tree.nodes[id].ast;
    let kind = state.kind.as_ref().map(|kind| kind.span).or(state.history.as_ref().map(|history| history.span));
    for (place, content) in found {
        let message = format!("the {what} state {} has {content}", tree.described(id));
        let mut diagnostic = Diagnostic::error(Code::InvalidStructure, place, message).help(help);
        if let Some(kind) = kind {
            diagnostic = diagnostic.label(kind, why);
        }
        report.push(diagnostic);
    }
}

/// Keys that contradict `type: final`.
fn forbidden_in_final(state: &State, words: Notation) -> Vec<(Span, &'static str)> {
    let mut found = unwanted(state, words);
    found.retain(|(key, ..)| !matches!(key, StateKey::Entry | StateKey::Exit | StateKey::Data | StateKey::Output));
    found.into_iter().map(|(_, span, what)| (span, what)).gather()
}

/// Keys that contradict `type: history`.
fn forbidden_in_history(state: &State, words: Notation) -> Vec<(Span, &'static str)> {
    unwanted(state, words).into_iter().map(|(_, span, what)| (span, what)).gather()
}

/// What of a state's content stands there, each with its place; of each kind the first.
fn unwanted(state: &State, words: Notation) -> Vec<(StateKey, Span, &'static str)> {
    let timer = |list: &[(crate::ast::Delay, Vec<crate::ast::Transition>)]| {
        list.iter().flat_map(|(_, transitions)| transitions).map(|transition| transition.span).next()
    };
    let all = [
        (StateKey::States, state.states.first().map(|child| child.name.span), "children"),
        (StateKey::Initial, state.initial.as_ref().map(|initial| initial.span), "an initial state"),
        (StateKey::On, state.on.first().map(|handler| handler.event.span), "transitions"),
        (StateKey::Entry, state.entry.first().map(|action| action.span), "entry actions"),
        (StateKey::Exit, state.exit.first().map(|action| action.span), "exit actions"),
        (StateKey::Always, state.always.first().map(|transition| transition.span), "eventless transitions"),
        (StateKey::After, timer(&state.after), "delayed transitions"),
        (StateKey::Every, timer(&state.every), "repeated transitions"),
        (StateKey::Invoke, state.invoke.first().map(|invoke| invoke.span), "an invocation"),
        (StateKey::OnDone, state.on_done.first().map(|transition| transition.span), words.done()),
        (StateKey::Defer, state.defer.first().map(|event| event.span), "deferred events"),
        (StateKey::Data, state.data.first().map(|field| field.name.span), "data"),
        (StateKey::Output, state.output.as_ref().map(|output| output.span), "an output"),
    ];
    let placed = all.into_iter().filter_map(|(key, found, what)| found.map(|span| (key, span, what)));
    placed.map(|(key, span, what)| (key, state.key(key).unwrap_or(span), what)).gather()
}
