//! The texts of what a state is and does by itself.
//!
//! Part of [`super`]: the lines that a drawing shows inside of the state, its transitions aside.

use crate::gather::Gather as _;
use quote::ToTokens;

use super::{Label, block, call, one_line};
use crate::ir::{Field, Invoke, Machine, StateId, StateKind, Type};

/// The name of a state among its siblings; `[H] Name` and `[H*] Name` for history.
#[must_use]
pub fn name(machine: &Machine, state: StateId) -> String {
    let name = one_line(&machine.states[state].name.value);
    match &machine.states[state].kind {
        StateKind::History(history) if history.deep => format!("[H*] {name}"),
        StateKind::History(_) => format!("[H] {name}"),
        _ => name,
    }
}

/// `data / job: String`, `entry / lamp_on`, `exit / …`, `invoke / run_job`, `defer / Start`, `output / …`: a line for each
/// that the state has.
#[must_use]
pub fn behaviour(machine: &Machine, state: StateId) -> Vec<Label> {
    let state = &machine.states[state];
    let line = |trigger: &str, actions: Vec<String>| Label { trigger: trigger.to_owned(), guard: None, actions };
    let events = state.defer.iter().map(|event| one_line(&machine.events[*event].name.value));
    let mut lines = vec![
        line("data", state.data.iter().map(field).gather()),
        block(machine, "entry", &state.entry),
        block(machine, "exit", &state.exit),
        line("invoke", state.invokes.iter().map(|id| invoke(machine, &machine.invokes[*id])).gather()),
        line("defer", events.gather()),
        line("output", state.output.iter().map(|output| one_line(&output.text)).gather()),
    ];
    lines.retain(|line| !line.actions.is_empty());
    lines
}

/// `job: String`, `tries: u8 = 0`.
#[must_use]
pub fn field(field: &Field) -> String {
    let default = field.default.as_ref().map(|value| format!(" = {}", one_line(&value.text)));
    format!("{}: {}{}", one_line(&field.name.value), ty(&field.ty), default.unwrap_or_default())
}

/// `run_job(context.jobs) -> Report as job`.
#[must_use]
pub fn invoke(machine: &Machine, invoke: &Invoke) -> String {
    let output = machine.tasks[invoke.task].output.as_ref().map(|output| format!(" -> {}", ty(output)));
    let id = invoke.named.then(|| format!(" as {}", one_line(&invoke.id.value)));
    format!("{}{}{}", call(&invoke.call), output.unwrap_or_default(), id.unwrap_or_default())
}

/// A type without the spaces that a token stream prints around everything.
#[must_use]
pub fn ty(ty: &Type) -> String {
    let mut text = String::new();
    for word in ty.syntax.to_token_stream().to_string().split_whitespace() {
        let tight = |c: char| matches!(c, ':' | '<' | '>' | '&' | '(' | ')' | '[' | ']' | '!');
        let apart = match text.chars().next_back() {
            None => false,
            Some(',' | ';') => true,
            Some(before) => !tight(before) && !word.starts_with([',', ';']) && !word.starts_with(tight),
        };
        if apart {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

#[cfg(test)]
mod tests;
