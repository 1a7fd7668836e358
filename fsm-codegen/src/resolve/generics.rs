//! Generic parameters against the rest of the spec: each is used, and means nothing else.
//!
//! Needs the resolved machine. After this point generated code can be generic over every parameter: some type or
//! expression mentions it, and no state, event or message has its name. The front-end has looked at each by itself.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::GenericParam;

use crate::diag::{Code, Diagnostic, shown};
use crate::ir::{Action, Assignment, Guard, Initial, LogPart, Machine, Name, StateKind, Supply};
use crate::names;
use crate::rust::same;

use super::report::Report;

/// Checks them.
pub(super) fn check(machine: &Machine, report: &mut Report<'_>) {
    let Some(generics) = &machine.generics else { return };
    let mentioned = Mentioned::of(machine);
    for param in &generics.value.params {
        let (ident, is_type) = match param {
            GenericParam::Type(param) => (&param.ident, true),
            GenericParam::Const(param) => (&param.ident, false),
            GenericParam::Lifetime(_) => continue,
        };
        let in_bounds =
            generics.value.params.iter().filter(|other| !same(*other, param)).any(|other| mentions(other, ident));
        let place = generics.span;
        if let Some((noun, name)) = namesake(machine, ident) {
            let message = format!("the parameter `{ident}` and the {noun} `{}` have one name", shown(&name.value));
            let diagnostic =
                Diagnostic::error(Code::NameCollision, place, message).label(name.span, format!("the {noun}"));
            report.push(diagnostic.help("give the parameter another name"));
        } else if is_type && defaults_alone(machine, ident) {
            let message = format!("a default in the context mentions `{ident}`, but no field is made of it");
            let help = format!("give the field a type of `{ident}`, or set it by `assign` in `entry`");
            report.push(Diagnostic::error(Code::UnknownType, place, message).help(help));
        } else if !in_bounds && !mentioned.0.contains(&ident.to_string()) {
            let message = format!("nothing in the machine is made of the parameter `{ident}`");
            let field = names::snake(&ident.to_string());
            let ty = if is_type { ident.to_string() } else { format!("[u8; {ident}]") };
            let help = format!("use it, as in {}, or leave it out", report.words().context_field(&field, &ty));
            report.push(Diagnostic::error(Code::UnknownType, place, message).help(help));
        }
    }
}

/// What becomes a type with the name of a parameter.
fn namesake<'m>(machine: &'m Machine, ident: &Ident) -> Option<(&'static str, &'m Name)> {
    let states = machine.states.iter().skip(1).map(|state| ("state", &state.name));
    let events = machine.events.iter().map(|event| ("event", &event.name));
    let messages = machine.emits.iter().map(|message| ("message", &message.name));
    states.chain(events).chain(messages).find(|(_, name)| *ident == names::pascal(&name.value))
}

/// `Default` of the context is implemented for the types that its fields are made of, and no other is known there.
fn defaults_alone(machine: &Machine, ident: &Ident) -> bool {
    let in_default = |default: &Option<crate::ir::Expr>| default.as_ref().is_some_and(|it| mentions(&it.syntax, ident));
    machine.context.iter().any(|field| in_default(&field.default))
        && !machine.context.iter().any(|field| mentions(&field.ty.syntax, ident))
}

fn mentions(syntax: &impl ToTokens, ident: &Ident) -> bool {
    let mut found = Mentioned::default();
    found.add(syntax);
    found.0.contains(&ident.to_string())
}

/// The identifiers in the types and expressions of a machine.
#[derive(Default)]
struct Mentioned(HashSet<String>);

impl Mentioned {
    fn of(machine: &Machine) -> Self {
        let mut found = Self::default();
        let records = machine.events.iter().chain(&machine.emits);
        let fields = machine.context.iter().chain(records.clone().flat_map(|record| &record.fields));
        for field in fields.chain(machine.states.iter().flat_map(|state| &state.data)) {
            found.add(&field.ty.syntax);
            found.add(&field.default.as_ref().map(|default| &default.syntax));
        }
        let outputs = machine.tasks.iter().filter_map(|task| task.output.as_ref());
        let types = records.filter_map(|record| record.reply.as_ref()).chain(outputs);
        for ty in types.chain(&machine.error).chain(&machine.output) {
            found.add(&ty.syntax);
        }
        for state in &machine.states {
            found.block(&state.entry);
            found.block(&state.exit);
            found.add(&state.output.as_ref().map(|output| &output.syntax));
            match &state.kind {
                StateKind::Compound(initial) => found.initial(initial),
                StateKind::History(history) => history.default.iter().for_each(|default| found.initial(default)),
                StateKind::Atomic | StateKind::Parallel | StateKind::Final => {}
            }
        }
        for transition in &machine.transitions {
            transition.guard.iter().for_each(|guard| found.guard(guard));
            found.block(&transition.actions);
            found.supplies(&transition.data);
        }
        found
    }

    fn add(&mut self, syntax: &impl ToTokens) {
        self.stream(syntax.to_token_stream());
    }

    fn stream(&mut self, stream: TokenStream) {
        for token in stream {
            match token {
                TokenTree::Ident(ident) => drop(self.0.insert(ident.to_string())),
                TokenTree::Group(group) => self.stream(group.stream()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    fn initial(&mut self, initial: &Initial) {
        self.block(&initial.actions);
        self.supplies(&initial.data);
    }

    fn supplies(&mut self, supplies: &[Supply]) {
        for supply in supplies {
            self.add(&supply.value.syntax);
        }
    }

    fn assigned(&mut self, all: &[Assignment]) {
        for assignment in all {
            self.add(&assignment.value.syntax);
        }
    }

    fn guard(&mut self, guard: &Guard) {
        match guard {
            Guard::Expr(expr) => self.add(&expr.syntax),
            Guard::And(all) | Guard::Or(all) => all.iter().for_each(|guard| self.guard(guard)),
            Guard::Not(inner) => self.guard(inner),
            Guard::Call(..) | Guard::Bool(_) | Guard::In(_) => {}
        }
    }

    fn block(&mut self, block: &[Action]) {
        for action in block {
            match action {
                Action::Assign(all) => self.assigned(all),
                Action::Raise(record) | Action::Send { event: record, .. } => self.assigned(&record.fields),
                Action::Emit(record) => self.assigned(&record.fields),
                Action::Reply(_, expr) => self.add(&expr.syntax),
                Action::Log(parts) => parts.iter().for_each(|part| {
                    if let LogPart::Value(expr, _) = part {
                        self.add(&expr.syntax);
                    }
                }),
                Action::If { guard, then, otherwise } => {
                    self.guard(guard);
                    self.block(then);
                    self.block(otherwise);
                }
                Action::Call(..) | Action::Cancel(_) => {}
            }
        }
    }
}
