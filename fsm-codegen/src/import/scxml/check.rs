//! The states: targets that exist, initial states that are descendants, histories that have a place.
//!
//! Needs a whole document. After this point every target, and every state that a condition asks for, is in the document.

use super::expr::{Expr, Kind as ExprKind};
use super::model::{Action, Code as Expression, Document, Id, Kind, ROOT, Transition};
use crate::diag::{Code, Diagnostic, Diagnostics, Help, did_you_mean, shown};
use crate::source::{Span, Spanned};

/// How many comparisons of names are made for suggestions, all together.
const COMPARISONS: usize = 200_000;

/// Reports what is wrong between states.
pub(super) fn check(document: &Document, diagnostics: &mut Diagnostics) {
    let mut checker = Checker { document, diagnostics, comparisons: COMPARISONS };
    if document.states[ROOT].children.is_empty() {
        let help = "a machine has at least one `<state id=\"…\"/>`".to_owned();
        let span = document.states[ROOT].span;
        checker.error(Code::InvalidStructure, span, "the document has no states", Some(help.into()));
    }
    for id in 0..document.states.len() {
        checker.state(id);
    }
    for (_, transition) in document.transitions() {
        for target in &transition.targets {
            checker.target(target);
        }
        checker.asked(transition.cond.as_ref());
    }
    document.each_action(|action| {
        if let Action::If(branches) = action {
            for branch in branches {
                checker.asked(branch.cond.as_ref());
            }
        }
    });
}

struct Checker<'c> {
    document: &'c Document,
    diagnostics: &'c mut Diagnostics,
    comparisons: usize,
}

impl Checker<'_> {
    fn error(&mut self, code: Code, span: Span, message: impl Into<String>, help: Option<Help>) {
        self.diagnostics.push(Diagnostic::error(code, span, message).maybe_help(help));
    }

    fn state(&mut self, id: Id) {
        let state = &self.document.states[id];
        let children = self.document.has_children(id);
        if state.kind == Kind::Parallel && !children {
            let help = "a parallel state has a `<state>` for each region".to_owned();
            let message = format!("{} has no regions", self.document.described(id));
            self.error(Code::InvalidStructure, state.span, message, Some(help.into()));
        }
        self.endless(id);
        let Some(initial) = &state.initial else { return };
        if let Kind::History { .. } = state.kind {
            self.descendants(initial, state.parent);
        } else if children {
            self.descendants(initial, id);
        } else {
            let message = format!("{} has no states of which one could be the initial", self.document.described(id));
            self.error(Code::InvalidInitial, initial.span, message, None);
        }
    }

    /// Transitions without event, condition and target end only if one before them is taken at some time.
    fn endless(&mut self, id: Id) {
        let mut earlier = false;
        for transition in &self.document.states[id].transitions {
            let bare = transition.cond.is_none() && transition.targets.is_empty();
            if transition.events.is_none() && bare && (!earlier || transition.actions.is_empty()) {
                let message = "a transition without event, condition and target would be taken for ever";
                let help = "write its actions into `<onentry>`".to_owned();
                self.error(Code::InvalidStructure, transition.span, message, Some(help.into()));
            }
            earlier |= transition.events.is_none();
        }
    }

    /// Initial states, and defaults of histories, lie below `state`.
    fn descendants(&mut self, initial: &Transition, state: Id) {
        let below = self.document.subtree(state);
        for target in &initial.targets {
            let Some(found) = self.target(target) else { continue };
            if found == state || !below.contains(&found) {
                let message =
                    format!("{} does not lie in {}", self.document.described(found), self.document.described(state));
                let diagnostic = Diagnostic::error(Code::InvalidInitial, target.span, message);
                self.diagnostics.push(diagnostic.label(self.document.states[found].span, "this state"));
            }
        }
    }

    fn target(&mut self, target: &Spanned<String>) -> Option<Id> {
        let found = self.document.by_id.get(&target.value).copied();
        if found.is_none() {
            self.unknown(&target.value, target.span);
        }
        found
    }

    fn unknown(&mut self, name: &str, span: Span) {
        let message = format!("no state has the id `{}`", shown(name));
        let help = self.nearest(name);
        self.error(Code::UnknownTarget, span, message, help);
    }

    /// The nearest id, while there is patience left: a large document can be wrong in many places.
    fn nearest(&mut self, name: &str) -> Option<Help> {
        let ids = self.document.states.iter().filter_map(|state| state.id.as_ref());
        let ids = ids.take(self.comparisons).map(|id| id.value.as_str());
        let help = did_you_mean(name, ids);
        self.comparisons = self.comparisons.saturating_sub(self.document.states.len());
        help
    }

    /// The states that a condition asks for.
    fn asked(&mut self, cond: Option<&Expression>) {
        let Some(Expression { text, expr: Some(expr) }) = cond else { return };
        let mut unknown: Vec<(&str, &Expr)> = Vec::new();
        expr.each(&mut |expr| {
            if let ExprKind::In(state) = &expr.kind
                && !self.document.by_id.contains_key(state)
            {
                unknown.push((state, expr));
            }
        });
        expr.each(&mut |expr| {
            let ExprKind::In(state) = &expr.kind else { return };
            let found = self.document.by_id.get(state).map(|id| self.document.states[*id].kind);
            if let Some(Kind::History { .. }) = found {
                let message = format!("`{}` is a history state and never active itself", shown(state));
                let diagnostic = Diagnostic::error(Code::NotTranslatable, text.place(expr.at.clone()), message)
                    .help("ask for its parent");
                self.diagnostics.push(diagnostic);
            }
        });
        for (name, expr) in unknown {
            self.unknown(name, text.place(expr.at.clone()));
        }
    }
}
