//! Transitions: triggers, guards, targets, and the data that targets are given.
//!
//! Part of the pass over behaviour. A transition of a pattern that reads the event becomes one transition for each
//! event that the pattern matches, so that everything behind this pass knows the payload.

use crate::ast::{self, ActionKind, GuardKind};
use crate::diag::{Code, Diagnostic, shown};
use crate::ir::{self, ArgKind, EventId, GuardId, Id, Root, StateId, TransitionId, Trigger};
use fsm_model::gather::Gather as _;

use super::arguments::{self, Callee};
use super::behaviour::{Behaviour, Lowering};
use super::conflicts;
use super::expressions;
use super::kinds;
use super::params;
use super::patterns::{self, Key};
use super::scope::{Scope, Visible};
use super::structure::Shape;
use super::targets;
use super::visit;

/// How many transitions the patterns of a machine may become.
const MOST_EXPANDED: usize = 200_000;

impl Lowering<'_, '_> {
    /// The transitions of `on:`, in the order in which they are tried.
    pub(super) fn handlers(&mut self, state: StateId, written: &ast::State, behaviour: &mut Behaviour) {
        let mut order: Vec<(usize, Vec<TransitionId>)> = Vec::with_capacity(written.on.len());
        for handler in &written.on {
            let key = patterns::key(&handler.event.value);
            // Exact names first, then patterns with more words before those with fewer.
            let rank = if let Key::Pattern(words) = key { usize::MAX - words } else { 0 };
            let added = match key {
                Key::Exact => self.exact(state, handler),
                Key::Error => self.failures(state, handler),
                Key::Pattern(_) => self.pattern(state, handler),
            };
            order.push((rank, added));
        }
        order.sort_by_key(|(rank, _)| *rank);
        behaviour.transitions.extend(order.into_iter().flat_map(|(_, added)| added));
    }

    /// One event, whether it exists or not.
    fn exact(&mut self, state: StateId, handler: &ast::Handler) -> Vec<TransitionId> {
        let event = self.symbols.event(&handler.event, self.report);
        let scope = self.scope(event.map_or(Visible::Unknown, Visible::Event), state);
        // Lowered without an event too, for the mistakes that it may hold.
        let trigger = event.map_or(Trigger::Always, Trigger::Event);
        handler.transitions.iter().map(|written| self.push(state, written, trigger, scope)).gather()
    }

    /// `on: error`.
    fn failures(&mut self, state: StateId, handler: &ast::Handler) -> Vec<TransitionId> {
        let results = self.failure("the failure of an action".to_owned());
        let scope = self.scope(Visible::Result(&results), state);
        handler.transitions.iter().map(|written| self.push(state, written, Trigger::Error, scope)).gather()
    }

    fn pattern(&mut self, state: StateId, handler: &ast::Handler) -> Vec<TransitionId> {
        let mut added = Vec::new();
        let Some(pattern) = self.patterns.find(&handler.event.value) else { return added };
        let events = self.patterns.list[pattern].events.as_slice();
        self.report.look_often();
        for written in &handler.transitions {
            let reads = reads_of(written);
            let scope = self.scope(Visible::Unknown, state);
            if reads.is_empty() {
                let transition = self.transition(state, written, Trigger::Pattern(pattern), scope);
                added.push(self.transitions.push(transition));
                continue;
            }
            if events.is_empty() {
                self.check_only(state, written, Trigger::Pattern(pattern), scope);
                continue;
            }
            self.expanded = self.expanded.saturating_add(events.len());
            if self.expanded > MOST_EXPANDED {
                self.report_expanded(written);
                break;
            }
            let alike = self.check_one_type(&handler.event, events, &reads);
            // One of them shows all other mistakes.
            for event in if alike { events } else { &events[..1] } {
                let scope = self.scope(Visible::Event(*event), state);
                added.push(self.push(state, written, Trigger::Event(*event), scope));
            }
        }
        self.report.look_once();
        added
    }

    /// Looks for mistakes in a transition that would never be tried; neither it nor what it calls is part of the machine.
    fn check_only(&mut self, state: StateId, written: &ast::Transition, trigger: Trigger, scope: Scope<'_>) {
        let (actions, guards, delays) = (self.actions.clone(), self.guards.clone(), self.delays.clone());
        self.transition(state, written, trigger, scope);
        (self.actions, self.guards, self.delays) = (actions, guards, delays);
    }

    /// Says once that patterns become too much; from then on they become nothing.
    fn report_expanded(&mut self, written: &ast::Transition) {
        if self.expanded != usize::MAX {
            let message = format!("the patterns that read the event stand for more than {MOST_EXPANDED} transitions");
            let help = "handle the events by name, or in an ancestor";
            self.report.push(Diagnostic::error(Code::TooLarge, written.span, message).help(help));
        }
        self.expanded = usize::MAX;
    }

    /// Whether each field that is read has one type in all events of the pattern that have it.
    fn check_one_type(&mut self, pattern: &ast::Name, events: &[EventId], reads: &[String]) -> bool {
        let mut alike = true;
        for name in reads {
            let with = events.iter().filter_map(|id| {
                let event = &self.symbols.events[*id];
                let ty = event.fields.list[event.fields.find(name)?].ty.as_ref()?;
                Some((event, ty))
            });
            let mut with = with.peekable();
            let Some((first, ty)) = with.peek().copied() else { continue };
            let Some((other, other_ty)) = with.find(|(_, other)| *other != ty) else { continue };
            alike = false;
            let [one_text, other_text] = [ty, other_ty].map(|ty| params::type_text(&ty.syntax));
            let message = format!(
                "`event.{}` is of type `{one_text}` in `{}` and `{other_text}` in `{}`, both of which `{}` matches",
                shown(name),
                shown(&first.name.value),
                shown(&other.name.value),
                shown(&pattern.value),
            );
            self.report.push(
                Diagnostic::error(Code::SignatureMismatch, pattern.span, message)
                    .label(ty.span, "one type")
                    .label(other_ty.span, "the other")
                    .help("write a transition for each event, or give the field one type"),
            );
        }
        alike
    }

    /// Lowers a transition and adds it to the state's.
    pub(super) fn add(
        &mut self,
        state: StateId,
        written: &ast::Transition,
        trigger: Trigger,
        scope: Scope<'_>,
        behaviour: &mut Behaviour,
    ) {
        let id = self.push(state, written, trigger, scope);
        behaviour.transitions.push(id);
    }

    fn push(&mut self, source: StateId, written: &ast::Transition, trigger: Trigger, scope: Scope<'_>) -> TransitionId {
        let transition = self.transition(source, written, trigger, scope);
        self.transitions.push(transition)
    }

    fn transition(
        &mut self,
        source: StateId,
        written: &ast::Transition,
        trigger: Trigger,
        scope: Scope<'_>,
    ) -> ir::Transition {
        let guard = written.guard.as_ref().and_then(|guard| self.guard(guard, scope));
        let targets = written.targets.as_deref().map_or_else(Vec::new, |texts| self.targets(source, texts));
        let reenter = written.reenter.as_ref().is_some_and(|reenter| reenter.value);
        if reenter && written.targets.is_none() {
            self.report_idle_reenter(source, written);
        }
        let actions = self.block(&written.actions, scope);
        let failed = targets.is_empty() && written.targets.is_some();
        let data = if failed {
            self.look_at(&written.data, scope);
            Vec::new()
        } else {
            self.supplies(&targets, &written.data, scope)
        };
        ir::Transition {
            guard,
            targets,
            reenter,
            actions,
            data,
            description: written.description.as_ref().map(|text| text.value.clone()),
            meta: written.meta.as_ref().map(|meta| meta.value.clone()),
            ..ir::Transition::new(source, trigger, written.span)
        }
    }

    /// All targets, or none where one is wrong.
    fn targets(&mut self, source: StateId, texts: &[ast::Text]) -> Vec<StateId> {
        let found: Vec<_> = texts.iter().map(|text| targets::resolve(self.tree, source, text, self.report)).gather();
        let Some(found) = found.into_iter().gather_some::<_, Vec<_>>() else { return Vec::new() };
        if conflicts::check(self.tree, &found, texts, self.report) { found } else { Vec::new() }
    }

    /// The targets of a history state's default, which lie below its parent.
    pub(super) fn default_targets(&mut self, history: StateId, parent: StateId, texts: &[ast::Text]) -> Vec<StateId> {
        let found = self.targets(history, texts);
        for (target, text) in found.iter().zip(texts) {
            let (message, help) = if self.tree.is_history(*target) {
                let message = format!("{} is a history state itself", self.tree.described(*target));
                (message, "the default of a history state is a state that can be active")
            } else if !self.tree.is_descendant(*target, parent) {
                let (target, parent) = (self.tree.described(*target), self.tree.described(parent));
                let message = format!("{target} is no descendant of {parent}, whose history this is");
                (message, "the default of a history state lies in the same state as it")
            } else {
                continue;
            };
            self.report.push(
                Diagnostic::error(Code::InvalidInitial, text.span, message)
                    .label(self.tree.name(*target).span, "this state")
                    .help(help),
            );
        }
        found
    }

    /// Values for the data of the targets.
    pub(super) fn supplies(
        &mut self,
        targets: &[StateId],
        written: &[ast::Assignment],
        scope: Scope<'_>,
    ) -> Vec<ir::Supply> {
        let mut supplies: Vec<ir::Supply> = Vec::with_capacity(written.len());
        for assignment in written {
            let name = &assignment.field;
            let mut owners = targets
                .iter()
                .filter_map(|target| self.symbols.data[*target].find(&name.value).map(|field| (*target, field)));
            let (found, second) = (owners.next(), owners.next());
            let wanted = found.and_then(|(state, field)| self.symbols.data[state].list[field].ty.as_ref());
            let value = expressions::check_value(&assignment.value, &scope.wanting(wanted), self.report);
            let Some((state, field)) = found else {
                let diagnostic = self.unknown_data(targets, name);
                self.report.push(diagnostic);
                continue;
            };
            if let Some((other, _)) = second {
                let message = format!("several targets have data `{}`", shown(&name.value));
                let diagnostic = Diagnostic::error(Code::AmbiguousTarget, name.span, message)
                    .label(self.tree.name(state).span, "one of them")
                    .label(self.tree.name(other).span, "another")
                    .help("give the fields different names, or defaults");
                self.report.push(diagnostic);
            }
            if supplies.iter().any(|known| (known.state, known.field) == (state, field)) {
                let message = format!("`{}` is given twice", shown(&name.value));
                self.report.error(Code::DuplicateKey, name.span, message);
            }
            let declared = &self.symbols.data[state].list[field];
            if value.is_some() {
                kinds::value(
                    &assignment.value,
                    declared.ty.as_ref(),
                    &format!("`{}`", shown(&name.value)),
                    &scope,
                    self.report,
                );
            }
            supplies.extend(value.map(|value| ir::Supply { state, field, value }));
        }
        supplies
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
    pub(super) fn guard(&mut self, guard: &ast::Guard, scope: Scope<'_>) -> Option<ir::Guard> {
        Some(match &guard.kind {
            GuardKind::Call(call) => {
                let (call, params) = arguments::lower(call, Callee::Guard, &scope, self.report);
                let index = self.guards.call(&call, params, self.symbols, self.report)?;
                ir::Guard::Call(GuardId::new(index), call)
            }
            GuardKind::Expr(expr) => {
                let checked = expressions::check(expr, &scope, self.report)?;
                ir::Guard::Expr(Some(checked).filter(|_| kinds::condition(expr, &scope, self.report))?)
            }
            GuardKind::Bool(value) => ir::Guard::Bool(*value),
            GuardKind::And(parts) => ir::Guard::And(self.guard_list(parts, scope)?),
            GuardKind::Or(parts) => ir::Guard::Or(self.guard_list(parts, scope)?),
            GuardKind::Not(inner) => ir::Guard::Not(Box::new(self.guard(inner, scope)?)),
            GuardKind::In(target) => {
                let state = targets::resolve(self.tree, scope.state, target, self.report)?;
                if self.shapes[state] == Shape::History {
                    let message = format!("{} is a history state and never active itself", self.tree.described(state));
                    self.report.error(Code::UnknownTarget, target.span, message);
                    return None;
                }
                ir::Guard::In(state)
            }
        })
    }

    /// `None` after an error in any of them, and only after all were looked at.
    fn guard_list(&mut self, parts: &[ast::Guard], scope: Scope<'_>) -> Option<Vec<ir::Guard>> {
        let parts: Vec<_> = parts.iter().map(|part| self.guard(part, scope)).gather();
        parts.into_iter().gather_some()
    }
}

/// What a transition reads of the event: the names of fields, an empty name for the whole of it or for the event that
/// is answered. Each once, in order.
fn reads_of(written: &ast::Transition) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(guard) = &written.guard {
        guard_reads(guard, &mut found);
    }
    visit::block(&written.actions, &mut |action| match &action.kind {
        ActionKind::Call(call) => call_reads(call, &mut found),
        ActionKind::Assign(values) => values.iter().for_each(|value| expr_reads(&value.value, &mut found)),
        ActionKind::Raise(event) | ActionKind::Emit(event) | ActionKind::Send { event, .. } => {
            event.fields.iter().for_each(|value| expr_reads(&value.value, &mut found));
        }
        ActionKind::Reply(value) => {
            found.push(String::new());
            expr_reads(value, &mut found);
        }
        ActionKind::Log(parts) => {
            for part in parts {
                if let ast::LogPart::Value(value, _) = part {
                    expr_reads(value, &mut found);
                }
            }
        }
        ActionKind::If { guard, .. } => guard_reads(guard, &mut found),
        ActionKind::Cancel(_) => {}
    });
    written.data.iter().for_each(|value| expr_reads(&value.value, &mut found));
    found.sort_unstable();
    found.dedup();
    found
}

fn guard_reads(guard: &ast::Guard, found: &mut Vec<String>) {
    match &guard.kind {
        GuardKind::Call(call) => call_reads(call, found),
        GuardKind::Expr(expr) => expr_reads(expr, found),
        GuardKind::And(parts) | GuardKind::Or(parts) => parts.iter().for_each(|part| guard_reads(part, found)),
        GuardKind::Not(inner) => guard_reads(inner, found),
        GuardKind::Bool(_) | GuardKind::In(_) => {}
    }
}

fn call_reads(call: &ast::Call, found: &mut Vec<String>) {
    for arg in &call.args {
        if let ArgKind::Path { root: Root::Event, fields, .. } = &arg.kind {
            found.push(fields.first().map(|field| field.value.clone()).unwrap_or_default());
        }
    }
}

fn expr_reads(expr: &ast::Expr, found: &mut Vec<String>) {
    found.extend(expressions::reads(expr, Root::Event).into_iter().map(Option::unwrap_or_default));
}
