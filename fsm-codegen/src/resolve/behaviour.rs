//! What the machine does: guards, actions and transitions.
//!
//! Needs the tree, the symbols and the tables of methods, which it fills. After this point every name in a guard or an
//! action is an id or a field that exists, and every transition has its event and its target. What is not supported
//! yet was reported before and is left out here. Guards nest as deep as front-ends let them.

use std::collections::HashMap;

use crate::ast::{self, ActionKind, GuardKind};
use crate::diag::{Code, Diagnostic, shown};
use crate::ir::{self, ActionId, GuardId, Id, IndexVec, StateId, TransitionId, Trigger};
use crate::source::Source;

use super::arguments::{self, Callee};
use super::expressions::{self, Scope, Visible};
use super::methods::Table;
use super::report::Report;
use super::symbols::Symbols;
use super::targets;
use super::tree::Tree;
use super::unsupported;

/// The behaviour of one state.
pub(super) struct Behaviour {
    /// `entry:`.
    pub(super) entry: Vec<ir::Action>,
    /// `exit:`.
    pub(super) exit: Vec<ir::Action>,
    /// The actions of `initial:`.
    pub(super) initial: Vec<ir::Action>,
    /// The transitions from here.
    pub(super) transitions: Vec<TransitionId>,
}

/// Lowers guards, actions and transitions, state by state.
pub(super) struct Lowering<'l, 'd> {
    /// Where the states are.
    pub(super) tree: &'l Tree<'l>,
    /// Events and context.
    pub(super) symbols: &'l Symbols,
    /// The text, for places inside of expressions.
    pub(super) source: &'l Source,
    /// The methods that actions call.
    pub(super) actions: Table,
    /// The methods that guards call.
    pub(super) guards: Table,
    /// All transitions so far.
    pub(super) transitions: IndexVec<TransitionId, ir::Transition>,
    /// Where complaints go.
    pub(super) report: &'l mut Report<'d>,
}

impl<'l> Lowering<'l, '_> {
    /// Everything that `state` does.
    pub(super) fn state(&mut self, state: StateId) -> Behaviour {
        let written = self.tree.nodes[state].ast;
        let entry = self.block(&written.entry, self.scope(Visible::Not("an entry action")));
        let exit = self.block(&written.exit, self.scope(Visible::Not("an exit action")));
        let initial = written.initial.as_ref().map_or(&[][..], |initial| &initial.actions);
        let initial = self.block(initial, self.scope(Visible::Not("the actions of an initial transition")));
        let transitions = written.on.iter().flat_map(|handler| self.handler(state, handler)).collect();
        Behaviour { entry, exit, initial, transitions }
    }

    fn scope(&self, event: Visible) -> Scope<'l> {
        Scope::new(event, self.symbols, self.source)
    }

    fn handler(&mut self, source: StateId, handler: &ast::Handler) -> Vec<TransitionId> {
        let event = if unsupported::is_special_event(&handler.event.value) {
            None
        } else {
            self.symbols.event(&handler.event, self.report)
        };
        let scope = self.scope(event.map_or(Visible::Unknown, Visible::Event));
        let mut added = Vec::new();
        for written in &handler.transitions {
            // Lowered without an event too, for the mistakes that it may hold.
            let transition = self.transition(source, written, scope);
            if let Some(event) = event {
                let transition = ir::Transition { trigger: Trigger::Event(event), ..transition };
                added.push(self.transitions.push(transition));
            }
        }
        added
    }

    /// A transition whose trigger is still to be set.
    fn transition(&mut self, source: StateId, written: &ast::Transition, scope: Scope<'_>) -> ir::Transition {
        let guard = written.guard.as_ref().and_then(|guard| self.guard(source, guard, scope));
        let texts = written.targets.as_deref().unwrap_or_default();
        let found: Vec<_> = texts.iter().map(|text| targets::resolve(self.tree, source, text, self.report)).collect();
        let reenter = written.reenter.as_ref().is_some_and(|reenter| reenter.value);
        if reenter && texts.is_empty() {
            self.report_idle_reenter(source, written);
        }
        ir::Transition {
            guard,
            targets: found.into_iter().flatten().collect(),
            reenter,
            actions: self.block(&written.actions, scope),
            description: written.description.as_ref().map(|text| text.value.clone()),
            meta: written.meta.as_ref().map(|meta| meta.value.clone()),
            ..ir::Transition::new(source, Trigger::Always, written.span)
        }
    }

    /// XState v5 and SCXML leave nothing where there is no target, so XState drops a `reenter` without one in silence
    /// (its exit set asks for targets first). Whoever writes it expects the source to be left and entered, though.
    fn report_idle_reenter(&mut self, source: StateId, written: &ast::Transition) {
        let place = written.reenter.as_ref().map_or(written.span, |reenter| reenter.span);
        let help = match self.tree.nodes[source].parent {
            Some(_) => format!("to leave and enter the source, name it: `target: {}`", self.tree.name(source).value),
            None => "without `target` no state is left".to_owned(),
        };
        let message = "`reenter` means nothing in a transition without `target`";
        self.report.push(Diagnostic::error(Code::ConflictingKeys, place, message).help(help));
    }

    /// `None` after an error.
    fn guard(&mut self, source: StateId, guard: &ast::Guard, scope: Scope<'_>) -> Option<ir::Guard> {
        Some(match &guard.kind {
            GuardKind::Call(call) => {
                let (call, params) = arguments::lower(call, Callee::Guard, &scope, self.report);
                let index = self.guards.call(&call, params, self.symbols, self.report)?;
                ir::Guard::Call(GuardId::new(index), call)
            }
            GuardKind::Expr(expr) => ir::Guard::Expr(expressions::check(expr, &scope, self.report)?),
            GuardKind::Bool(value) => ir::Guard::Bool(*value),
            GuardKind::And(parts) => ir::Guard::And(self.guard_list(source, parts, scope)?),
            GuardKind::Or(parts) => ir::Guard::Or(self.guard_list(source, parts, scope)?),
            GuardKind::Not(inner) => ir::Guard::Not(Box::new(self.guard(source, inner, scope)?)),
            GuardKind::In(target) => ir::Guard::In(targets::resolve(self.tree, source, target, self.report)?),
        })
    }

    /// `None` after an error in any of them, and only after all were looked at.
    fn guard_list(&mut self, source: StateId, parts: &[ast::Guard], scope: Scope<'_>) -> Option<Vec<ir::Guard>> {
        let parts: Vec<_> = parts.iter().map(|part| self.guard(source, part, scope)).collect();
        parts.into_iter().collect()
    }

    fn block(&mut self, actions: &[ast::Action], scope: Scope<'_>) -> Vec<ir::Action> {
        actions.iter().filter_map(|action| self.action(action, scope)).collect()
    }

    /// `None` after an error, and for what is not supported yet.
    fn action(&mut self, action: &ast::Action, scope: Scope<'_>) -> Option<ir::Action> {
        match &action.kind {
            ActionKind::Call(call) => {
                let (call, params) = arguments::lower(call, Callee::Action, &scope, self.report);
                let index = self.actions.call(&call, params, self.symbols, self.report)?;
                Some(ir::Action::Call(ActionId::new(index), call))
            }
            ActionKind::Assign(assignments) => Some(ir::Action::Assign(self.assign(assignments, scope))),
            _ => None,
        }
    }

    fn assign(&mut self, assignments: &[ast::Assignment], scope: Scope<'_>) -> Vec<ir::Assignment> {
        let mut lowered = Vec::with_capacity(assignments.len());
        let mut assigned = HashMap::new();
        for assignment in assignments {
            let value = expressions::check(&assignment.value, &scope, self.report);
            let name = &assignment.field;
            let Some(field) = self.symbols.context.find(&name.value) else {
                let root = ir::Root::Context;
                let diagnostic = scope.unknown_field(root, &name.value, name.span, self.report);
                self.report.push(diagnostic);
                continue;
            };
            if let Some(first) = assigned.insert(field, name.span) {
                let message = format!("`{}` is assigned twice at once", shown(&name.value));
                let diagnostic = Diagnostic::error(Code::DuplicateKey, name.span, message);
                self.report.push(diagnostic.label(first, "first assigned here"));
            }
            lowered.extend(value.map(|value| ir::Assignment { field, value }));
        }
        lowered
    }
}
