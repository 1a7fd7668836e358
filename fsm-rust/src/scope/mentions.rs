//! What the Rust of the spec mentions: which names, and whether the payload of the event that is handled.
//!
//! Part of [`super`]. Decides what is imported, what the machine must not be called, and what is bound.

use fsm_model::gather::Gather as _;
use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::ToTokens;

use crate::{form, guards, tokens};
use fsm_model::ir::{Action, ArgKind, Expr, Guard, LogPart, Machine, ParamType, Root, StateKind};

/// Every identifier in the types and expressions that stand in the module itself, those of payloads aside.
pub(super) fn mentioned_idents(machine: &Machine) -> HashSet<String> {
    let mut found = HashSet::new();
    let mut add = |tokens: TokenStream| tokens::collect_idents(tokens, &mut found);
    for field in &machine.context {
        add(field.ty.syntax.to_token_stream());
        add(field.default.as_ref().map(|default| &default.syntax).to_token_stream());
    }
    add(machine.error.as_ref().map(|error| &error.syntax).to_token_stream());
    for param in machine.actions.iter().chain(&machine.guards).flat_map(|method| &method.params) {
        if let ParamType::Rust(ty) = &param.ty {
            add(ty.to_token_stream());
        }
    }
    for (_, block) in form::blocks(machine) {
        form::each_action(block, &mut |action| {
            for expr in action_exprs(action) {
                add(expr.syntax.to_token_stream());
            }
        });
    }
    let mut guards: Vec<&Guard> = form::guards(machine).into_iter().map(|(_, guard)| guard).gather();
    while let Some(guard) = guards.pop() {
        match guard {
            Guard::Expr(expr) => add(expr.syntax.to_token_stream()),
            Guard::And(all) | Guard::Or(all) => guards.extend(all),
            Guard::Not(inner) => guards.push(inner),
            Guard::Call(..) | Guard::Bool(_) | Guard::In(_) => {}
        }
    }
    for state in &machine.states {
        add(state.output.as_ref().map(|output| &output.syntax).to_token_stream());
        add(state.done.as_ref().map(|ty| &ty.syntax).to_token_stream());
        if let StateKind::Compound(initial) = &state.kind {
            initial.data.iter().for_each(|supply| add(supply.value.syntax.to_token_stream()));
        }
    }
    machine.transitions.iter().flat_map(|it| &it.data).for_each(|supply| add(supply.value.syntax.to_token_stream()));
    machine.tasks.iter().for_each(|task| add(task.output.as_ref().map(|output| &output.syntax).to_token_stream()));
    add(machine.output.as_ref().map(|output| &output.syntax).to_token_stream());
    add(machine.generics.as_ref().map(|generics| generics.value.params.to_token_stream()).unwrap_or_default());
    machine.events.iter().for_each(|event| add(event.reply.as_ref().map(|ty| &ty.syntax).to_token_stream()));
    found
}

/// The expressions of one action, those of blocks inside it aside.
fn action_exprs(action: &Action) -> Vec<&Expr> {
    match action {
        Action::Assign(all) => all.iter().map(|one| &one.value).gather(),
        Action::Raise(record) => record.fields.iter().map(|one| &one.value).gather(),
        Action::Send { event, .. } => event.fields.iter().map(|one| &one.value).gather(),
        Action::Emit(record) => record.fields.iter().map(|one| &one.value).gather(),
        Action::Reply(_, expr) => vec![expr],
        Action::Log(parts) => parts
            .iter()
            .filter_map(|part| match part {
                LogPart::Value(expr, _) => Some(expr),
                LogPart::Text(_) => None,
            })
            .gather(),
        Action::Call(..) | Action::Cancel(_) | Action::If { .. } => Vec::new(),
    }
}

/// Whether running `actions` reads the payload of the trigger.
pub(crate) fn reads_event(actions: &[Action]) -> bool {
    form::any_action(actions, &|action| match action {
        Action::Call(_, call) => {
            call.args.iter().any(|arg| matches!(arg.kind, ArgKind::Path { root: Root::Event, .. }))
        }
        Action::If { guard, .. } => guards::reads_event(guard),
        other => action_exprs(other).iter().any(|expr| tokens::mentions(&expr.syntax, Root::Event.name())),
    })
}
