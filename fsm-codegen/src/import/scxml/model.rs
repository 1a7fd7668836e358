//! A document of SCXML as it is written, without its XML: what [`super::read`] makes and the later steps ask.
//!
//! States stand in document order, a state's descendants behind it, so ids are indices and a subtree is a range. Names
//! of targets and events are text still. Invariant: what stands here was reported where it is wrong in itself.

use std::collections::HashMap;
use std::ops::Range;

use super::expr::Expr;
use super::xml::Attribute;
use crate::diag::shown;
use crate::source::{Span, Spanned};

/// Index into [`Document::states`].
pub(super) type Id = usize;

/// The document itself, as the root of its states.
pub(super) const ROOT: Id = 0;

/// A whole document.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// `name` of `<scxml>`.
    pub(super) name: Option<String>,
    /// All data, in document order.
    pub(super) data: Vec<Data>,
    /// All states in document order, the document first.
    pub(super) states: Vec<State>,
    /// States by their id; of several with one id the first.
    pub(super) by_id: HashMap<String, Id>,
}

/// A `<data>`.
#[derive(Debug)]
pub(super) struct Data {
    pub(super) id: Spanned<String>,
    pub(super) init: Option<Code>,
}

/// An expression as it is written, and as it was read; `None` where that cannot be translated.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) text: Attribute,
    pub(super) expr: Option<Expr>,
}

/// What a [`State`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Kind {
    #[default]
    Plain,
    Parallel,
    Final,
    History {
        deep: bool,
    },
}

/// The document, or one of its states.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) kind: Kind,
    pub(super) id: Option<Spanned<String>>,
    /// The name of the element.
    pub(super) span: Span,
    pub(super) parent: Id,
    pub(super) children: Vec<Id>,
    /// One past the last descendant.
    pub(super) end: Id,
    /// Its `initial`, as an attribute or an element; the default of a history state.
    pub(super) initial: Option<Transition>,
    pub(super) transitions: Vec<Transition>,
    pub(super) entry: Vec<Action>,
    pub(super) exit: Vec<Action>,
}

/// A `<transition>`.
#[derive(Debug, Default)]
pub(super) struct Transition {
    /// The name of the element, or what stands for it.
    pub(super) span: Span,
    /// `None` for an eventless one.
    pub(super) events: Option<Vec<Descriptor>>,
    pub(super) cond: Option<Code>,
    pub(super) targets: Vec<Spanned<String>>,
    pub(super) internal: bool,
    pub(super) actions: Vec<Action>,
}

/// One word of `event`, without what SCXML allows behind it (`.*`, `.`): `*` becomes the empty prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Descriptor {
    pub(super) prefix: String,
    pub(super) span: Span,
}

/// Executable content.
#[derive(Debug)]
pub(super) enum Action {
    Raise(Spanned<String>),
    Send { event: Spanned<String>, delay: Option<String>, id: Option<String> },
    Cancel(String),
    Assign { data: Spanned<String>, expr: Code },
    Log { label: Option<String>, expr: Option<Code> },
    If(Vec<Branch>),
}

/// One way of an `<if>`; `cond` is absent for `<else>`.
#[derive(Debug)]
pub(super) struct Branch {
    pub(super) cond: Option<Code>,
    pub(super) actions: Vec<Action>,
}

impl Document {
    /// `state` and all below it.
    pub(super) fn subtree(&self, state: Id) -> Range<Id> {
        state..self.states[state].end
    }

    /// Whether the state has children that can be active.
    pub(super) fn has_children(&self, state: Id) -> bool {
        self.states[state].children.iter().any(|child| !matches!(self.states[*child].kind, Kind::History { .. }))
    }

    /// Whether `state` has children of which one is active at a time; the document itself has.
    pub(super) fn is_compound(&self, state: Id) -> bool {
        self.states[state].kind == Kind::Plain && self.has_children(state)
    }

    /// Whether there is a way for `state` to be done.
    pub(super) fn completes(&self, state: Id) -> bool {
        let node = &self.states[state];
        let mut children = node.children.iter().copied();
        match node.kind {
            Kind::Plain => children.any(|child| self.states[child].kind == Kind::Final),
            // States nest no deeper than XML elements may.
            Kind::Parallel => {
                let mut regions = children.filter(|child| !matches!(self.states[*child].kind, Kind::History { .. }));
                self.has_children(state) && regions.all(|region| self.completes(region))
            }
            Kind::Final | Kind::History { .. } => false,
        }
    }

    /// Every transition with the state to which it belongs, in document order.
    pub(super) fn transitions(&self) -> impl Iterator<Item = (Id, &Transition)> {
        let states = self.states.iter().enumerate();
        states.flat_map(|(id, state)| state.transitions.iter().map(move |transition| (id, transition)))
    }

    /// Every list of actions, in document order.
    pub(super) fn blocks(&self) -> impl Iterator<Item = &[Action]> {
        self.states.iter().flat_map(|state| {
            let transitions = state.initial.iter().chain(&state.transitions).map(|transition| &transition.actions[..]);
            [&state.entry[..], &state.exit[..]].into_iter().chain(transitions)
        })
    }

    /// The state that a message calls by its id, or by its element.
    pub(super) fn described(&self, state: Id) -> String {
        match (&self.states[state].id, state) {
            (_, ROOT) => "the document".to_owned(),
            (Some(id), _) => format!("`{}`", shown(&id.value)),
            (None, _) => "this state".to_owned(),
        }
    }

    /// Every action, those inside of `<if>` too.
    pub(super) fn each_action<'s>(&'s self, mut visit: impl FnMut(&'s Action)) {
        for block in self.blocks() {
            each(block, &mut visit);
        }
    }
}

fn each<'s>(actions: &'s [Action], visit: &mut impl FnMut(&'s Action)) {
    for action in actions {
        visit(action);
        if let Action::If(branches) = action {
            for branch in branches {
                each(&branch.actions, visit);
            }
        }
    }
}

impl Descriptor {
    /// Whether it matches the event.
    pub(super) fn matches(&self, event: &str) -> bool {
        is_prefix(&self.prefix, event)
    }
}

/// Whether the dotted words of `prefix` begin those of `name`.
pub(super) fn is_prefix(prefix: &str, name: &str) -> bool {
    prefix.is_empty() || name.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
