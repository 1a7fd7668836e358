//! The tree of states: ids, parents, children, and the tables by which states are found.
//!
//! Needs nothing. After this point every state has its id, in document order, and can be found by its place, by its
//! `id` and by its name.

use fsm_model::gather::Gather as _;
use std::collections::HashMap;

use crate::ast;
use crate::diag::{Code, Diagnostic, shown};
use crate::ir::{Id, IndexVec, Name, StateId};

use super::report::Report;

/// A state in its place.
pub(super) struct Node<'a> {
    /// As it is written.
    pub(super) ast: &'a ast::State,
    /// `None` for the root.
    pub(super) parent: Option<StateId>,
    /// Those that can be active, in document order.
    pub(super) children: Vec<StateId>,
    /// The history states among its children, in document order.
    pub(super) histories: Vec<StateId>,
    /// One past the last descendant.
    pub(super) end: StateId,
}

/// All states of a machine.
pub(super) struct Tree<'a> {
    /// In document order, the root first.
    pub(super) nodes: IndexVec<StateId, Node<'a>>,
    /// The machine's name, which is the root's.
    pub(super) name: &'a Name,
    children: HashMap<(StateId, &'a str), StateId>,
    ids: HashMap<&'a str, StateId>,
    named: HashMap<&'a str, Vec<StateId>>,
}

/// Whether either of the keys says so.
fn is_history(state: &ast::State) -> bool {
    state.history.is_some() || matches!(state.kind.as_ref().map(|kind| kind.value), Some(ast::Kind::History))
}

impl<'a> Tree<'a> {
    /// The tree of `machine`, which is called `name`; two states with one `id` are reported.
    pub(super) fn build(machine: &'a ast::Machine, name: &'a Name, report: &mut Report<'_>) -> Self {
        let mut tree = Self {
            nodes: IndexVec::default(),
            name,
            children: HashMap::new(),
            ids: HashMap::new(),
            named: HashMap::new(),
        };
        tree.add(&machine.root, report);
        let named = tree.named.entry(&name.value).or_default();
        // A name taken from the file must not make that of a state ambiguous.
        if machine.name.is_some() || named.is_empty() {
            named.push(StateId::ROOT);
        }
        tree
    }

    /// Adds `root` and everything below it, without recursion: in the macro nothing limits the depth.
    fn add(&mut self, root: &'a ast::State, report: &mut Report<'_>) {
        let mut waiting = vec![(root, None)];
        while let Some((state, parent)) = waiting.pop() {
            let id = self.nodes.next_id();
            let (children, histories) = (Vec::new(), Vec::new());
            self.nodes.push(Node { ast: state, parent, children, histories, end: StateId::new(id.index() + 1) });
            if let Some(parent) = parent {
                let node = &mut self.nodes[parent];
                let list = if is_history(state) { &mut node.histories } else { &mut node.children };
                list.push(id);
                self.children.entry((parent, &state.name.value)).or_insert(id);
                self.named.entry(&state.name.value).or_default().push(id);
            }
            self.add_id(id, state, report);
            waiting.extend(state.states.iter().rev().map(|child| (child, Some(id))));
        }
        // Descendants stand behind their ancestors.
        for id in self.nodes.ids().rev() {
            let end = self.nodes[id].end;
            if let Some(parent) = self.nodes[id].parent {
                self.nodes[parent].end = self.nodes[parent].end.max(end);
            }
        }
    }

    fn add_id(&mut self, id: StateId, state: &'a ast::State, report: &mut Report<'_>) {
        let Some(written) = &state.id else { return };
        if let Some(first) = self.ids.get(written.value.as_str()) {
            let message = format!("two states have the id `{}`", shown(&written.value));
            let mut diagnostic = Diagnostic::error(Code::NameCollision, written.span, message);
            if let Some(first) = &self.nodes[*first].ast.id {
                diagnostic = diagnostic.label(first.span, "first used here");
            }
            report.push(diagnostic);
            return;
        }
        self.ids.insert(&written.value, id);
    }

    /// The child of `parent` with that name.
    pub(super) fn child(&self, parent: StateId, name: &str) -> Option<StateId> {
        self.children.get(&(parent, name)).copied()
    }

    /// The state with that `id`.
    pub(super) fn by_id(&self, id: &str) -> Option<StateId> {
        self.ids.get(id).copied()
    }

    /// All states of that name, the machine last.
    pub(super) fn by_name(&self, name: &str) -> &[StateId] {
        self.named.get(name).map_or(&[], Vec::as_slice)
    }

    /// The name of a state.
    pub(super) fn name(&self, state: StateId) -> &'a Name {
        if state == StateId::ROOT { self.name } else { &self.nodes[state].ast.name }
    }

    /// The names of a state's children, those of its history states last.
    pub(super) fn child_names(&self, state: StateId) -> impl Iterator<Item = &'a str> {
        let node = &self.nodes[state];
        node.children.iter().chain(&node.histories).map(|child| self.name(*child).value.as_str())
    }

    /// Whether this is a history state.
    pub(super) fn is_history(&self, state: StateId) -> bool {
        is_history(self.nodes[state].ast)
    }

    /// `state` and its ancestors, innermost first.
    pub(super) fn chain(&self, state: StateId) -> impl Iterator<Item = StateId> {
        std::iter::successors(Some(state), |at| self.nodes[*at].parent)
    }

    /// Whether `state` lies strictly below `ancestor`.
    pub(super) fn is_descendant(&self, state: StateId, ancestor: StateId) -> bool {
        ancestor < state && state < self.nodes[ancestor].end
    }

    /// The dotted path below the machine; the machine's name for the root.
    pub(super) fn path(&self, state: StateId) -> String {
        if state == StateId::ROOT {
            return self.name.value.clone();
        }
        let mut names: Vec<&str> =
            self.chain(state).filter(|at| *at != StateId::ROOT).map(|at| self.name(at).value.as_str()).gather();
        names.reverse();
        names.join(".")
    }

    /// Every `id` and every name by which `#…` finds a state.
    pub(super) fn anchors(&self) -> impl Iterator<Item = &'a str> {
        // In document order, so that the advice does not depend on the order of a hash table.
        let ids = self.nodes.iter().filter_map(|node| node.ast.id.as_ref());
        ids.chain(self.nodes.ids().map(|state| self.name(state))).map(|name| name.value.as_str())
    }

    /// How messages call a state.
    pub(super) fn described(&self, state: StateId) -> String {
        let path = shown(&self.path(state));
        if state == StateId::ROOT { format!("the machine `{path}`") } else { format!("`{path}`") }
    }
}
