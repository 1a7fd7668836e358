//! Actions: what a block does, each name in it an id or a field that exists.
//!
//! Part of the pass over behaviour. The recursion is as deep as actions nest, which every front-end limits.

use fsm_model::gather::Gather as _;
use std::collections::{HashMap, HashSet};

use crate::ast::{self, ActionKind};
use crate::diag::words::Declared;
use crate::diag::{Code, Diagnostic, Help, shown};
use crate::ir::{self, ActionId, EventId, Id, LogPart, MessageId};
use crate::source::Span;

use super::arguments::{self, Callee};
use super::behaviour::Lowering;
use super::expressions;
use super::kinds;
use super::scope::{Scope, Visible};
use super::symbols::{Event, Fields};

impl Lowering<'_, '_> {
    /// What is wrong is reported and left out.
    pub(super) fn block(&mut self, actions: &[ast::Action], scope: Scope<'_>) -> Vec<ir::Action> {
        actions.iter().filter_map(|action| self.action(action, scope)).gather()
    }

    /// `None` after an error.
    fn action(&mut self, action: &ast::Action, scope: Scope<'_>) -> Option<ir::Action> {
        match &action.kind {
            ActionKind::Call(call) => {
                let blocking = self.actions.is_blocking(&call.name.value);
                let callee = if blocking { Callee::Task } else { Callee::Action };
                let (call, params) = arguments::lower(call, callee, &scope, self.report);
                let index = self.actions.call(&call, params, self.symbols, self.report)?;
                Some(ir::Action::Call(ActionId::new(index), call))
            }
            ActionKind::Assign(assignments) => Some(ir::Action::Assign(self.assign(assignments, scope))),
            ActionKind::Raise(value) => self.event_record(value, scope).map(ir::Action::Raise),
            ActionKind::Send { event, delay, id } => {
                let event = self.event_record(event, scope);
                let delay = match delay {
                    Some(delay) => self.delays.wait(delay, self.report).map(Some),
                    None => Some(None),
                };
                let id = id.as_ref().and_then(|id| self.symbols.sent(&id.value));
                Some(ir::Action::Send { event: event?, delay: delay?, id })
            }
            ActionKind::Cancel(id) => self.cancel(id),
            ActionKind::Emit(value) => self.message_record(value, scope).map(ir::Action::Emit),
            ActionKind::Reply(expr) => self.reply(expr, action.span, scope),
            ActionKind::Log(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.log_part(part, scope)).gather();
                Some(ir::Action::Log(parts.into_iter().gather_some()?))
            }
            ActionKind::If { guard, then, otherwise } => {
                let guard = self.guard(guard, scope);
                let (then, otherwise) = (self.block(then, scope), self.block(otherwise, scope));
                Some(ir::Action::If { guard: guard?, then, otherwise })
            }
        }
    }

    fn assign(&mut self, assignments: &[ast::Assignment], scope: Scope<'_>) -> Vec<ir::Assignment> {
        let symbols = self.symbols;
        let unknown = |name: &ast::Name, lowering: &mut Self| {
            if let Some(field) = name.value.strip_prefix("context.").filter(|it| symbols.context.find(it).is_some()) {
                let message = format!("`{}` is no name of a field", shown(&name.value));
                let help = Help::from(format!("what is assigned is a field of the context: write `{}`", shown(field)));
                let help = help.replacing(&*name.value, field);
                return Diagnostic::error(Code::UnknownField, name.span, message).help(help);
            }
            scope.unknown_field(ir::Root::Context, &name.value, name.span, lowering.report)
        };
        self.values(assignments, &symbols.context, scope, unknown)
    }

    /// Values for fields, each at most once.
    pub(super) fn values(
        &mut self,
        assignments: &[ast::Assignment],
        fields: &Fields,
        scope: Scope<'_>,
        unknown: impl Fn(&ast::Name, &mut Self) -> Diagnostic,
    ) -> Vec<ir::Assignment> {
        let mut lowered = Vec::with_capacity(assignments.len());
        let mut assigned = HashMap::new();
        for assignment in assignments {
            let name = &assignment.field;
            let field = fields.find(&name.value);
            let scope = scope.wanting(field.and_then(|field| fields.list[field].ty.as_ref()));
            let value = expressions::check_value(&assignment.value, &scope, self.report);
            let Some(field) = field else {
                let diagnostic = unknown(name, self);
                self.report.push(diagnostic);
                continue;
            };
            if let Some(first) = assigned.insert(field, name.span) {
                let message = format!("`{}` is assigned twice at once", shown(&name.value));
                let diagnostic = Diagnostic::error(Code::DuplicateKey, name.span, message);
                self.report.push(diagnostic.label(first, "first assigned here"));
            }
            if value.is_some() {
                kinds::value(
                    &assignment.value,
                    fields.list[field].ty.as_ref(),
                    &format!("`{}`", shown(&name.value)),
                    &scope,
                    self.report,
                );
            }
            lowered.extend(value.map(|value| ir::Assignment { field, value }));
        }
        lowered
    }

    fn event_record(&mut self, value: &ast::EventValue, scope: Scope<'_>) -> Option<ir::Record<EventId>> {
        let name = &value.event;
        if name.value == "error" || name.value.contains('*') {
            // An inferred event has the complaint about its name already.
            if self.symbols.closed || name.value == "error" || name.value.ends_with('*') {
                let message = format!("`{}` cannot be raised or sent", shown(&name.value));
                let help = if name.value == "error" {
                    "raise an event of your own: `error` comes from failures alone"
                } else {
                    "name one event: a pattern stands for several"
                };
                self.report.push(Diagnostic::error(Code::InvalidName, name.span, message).help(help));
            }
            return None;
        }
        let symbols = self.symbols;
        let Some(kind) = symbols.event(name, self.report) else {
            self.look_at(&value.fields, scope);
            return None;
        };
        let fields = self.payload(value, &symbols.events[kind], Declared::Event, scope);
        Some(ir::Record { kind, fields })
    }

    fn message_record(&mut self, value: &ast::EventValue, scope: Scope<'_>) -> Option<ir::Record<MessageId>> {
        let symbols = self.symbols;
        let Some(kind) = symbols.message(&value.event, self.report) else {
            self.look_at(&value.fields, scope);
            return None;
        };
        let fields = self.payload(value, &symbols.emits[kind], Declared::Message, scope);
        Some(ir::Record { kind, fields })
    }

    /// Values whose fields are not known are looked at for their own mistakes.
    pub(super) fn look_at(&mut self, values: &[ast::Assignment], scope: Scope<'_>) {
        for value in values {
            expressions::check(&value.value, &scope, self.report);
        }
    }

    /// The fields of an event or a message; all that have no default must be there.
    fn payload(
        &mut self,
        value: &ast::EventValue,
        event: &Event,
        what: Declared,
        scope: Scope<'_>,
    ) -> Vec<ir::Assignment> {
        let (name, noun, words) = (shown(&event.name.value), what.noun(), self.report.words());
        let closed = if what == Declared::Event { self.symbols.closed } else { self.symbols.emits_closed };
        let unknown = |field: &ast::Name, lowering: &mut Self| {
            let near = lowering.report.nearest(&field.value, event.fields.names());
            let advice = || {
                let declared = words.declare_field(what, &event.name.value, &field.value);
                format!("only a declared {noun} has fields: {declared}")
            };
            let message = format!("the {noun} `{name}` has no field `{}`", shown(&field.value));
            let diagnostic = Diagnostic::error(Code::UnknownField, field.span, message);
            diagnostic.maybe_help(near.or_else(|| (!closed).then(|| advice().into())))
        };
        let given = self.values(&value.fields, &event.fields, scope, unknown);
        let written: HashSet<usize> =
            value.fields.iter().filter_map(|field| event.fields.find(&field.field.value)).gather();
        let unknown = value.fields.iter().filter(|it| event.fields.find(&it.field.value).is_none());
        let meant: Vec<String> = unknown
            .filter_map(|it| self.report.nearest(&it.field.value, event.fields.names()))
            .map(|help| help.text)
            .gather();
        let missing: Vec<&str> = event
            .fields
            .list
            .iter()
            .enumerate()
            .filter(|(index, field)| field.ty.is_some() && field.default.is_none() && !written.contains(index))
            .map(|(_, field)| field.name.value.as_str())
            // One that is misspelt has its complaint.
            .filter(|name| !meant.contains(&format!("did you mean `{name}`?")))
            .gather();
        if let [first, ..] = missing.as_slice() {
            let all: Vec<String> = missing.iter().map(|field| format!("`{}`", shown(field))).gather();
            let message = format!("the {noun} `{name}` needs {}", all.join(", "));
            let help = format!("give it: {}", words.payload(&event.name.value, first));
            let diagnostic = Diagnostic::error(Code::MissingField, value.event.span, message).help(help);
            self.report.push(diagnostic.label(event.name.span, "declared here"));
        }
        given
    }

    fn cancel(&mut self, id: &ast::Text) -> Option<ir::Action> {
        if let Some(sent) = self.symbols.sent(&id.value) {
            return Some(ir::Action::Cancel(sent));
        }
        let known = self.symbols.sends.iter().map(|name| name.value.as_str());
        let help = self.report.nearest(&id.value, known);
        let help = help.unwrap_or_else(|| self.report.words().sent_as(&id.value).into());
        let message = format!("nothing is sent under the id `{}`", shown(&id.value));
        self.report.push(Diagnostic::error(Code::UnknownName, id.span, message).help(help));
        None
    }

    fn reply(&mut self, expr: &ast::Expr, place: Span, scope: Scope<'_>) -> Option<ir::Action> {
        let value = expressions::check_value(expr, &scope, self.report);
        let event = match scope.event {
            Visible::Event(event) => event,
            Visible::Unknown => return None,
            Visible::Result(_) | Visible::Not(_) => {
                let message = "there is no event here that could be answered";
                let help = "`reply` belongs to the actions of a transition that an event sets off";
                self.report.push(Diagnostic::error(Code::InvalidReply, place, message).help(help));
                return None;
            }
        };
        let asked = &self.symbols.events[event];
        if asked.reply.is_none() {
            let name = shown(&asked.name.value);
            let message = format!("the event `{name}` expects no answer");
            let help = format!("declare its type: {}", self.report.words().declare_reply(&asked.name.value));
            self.report.push(Diagnostic::error(Code::InvalidReply, place, message).help(help));
            return None;
        }
        if value.is_some() {
            kinds::value(expr, asked.reply.as_ref(), "the answer", &scope, self.report);
        }
        Some(ir::Action::Reply(event, value?))
    }

    fn log_part(&mut self, part: &LogPart, scope: Scope<'_>) -> Option<LogPart> {
        Some(match part {
            LogPart::Text(text) => LogPart::Text(text.clone()),
            LogPart::Value(expr, format) => {
                LogPart::Value(expressions::check(expr, &scope, self.report)?, format.clone())
            }
        })
    }
}
