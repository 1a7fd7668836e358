//! The texts of actions, and of the data that a transition supplies.
//!
//! Part of [`super`]. Each text is one line; a nested block stands in parentheses unless it is a single action.

use super::{call, guard, one_line, wait};
use crate::gather::Gather as _;
use crate::ir::{Action, Event, LogPart, Machine, Record, Supply};

/// Each action of a block, and each assignment of an `assign` for itself.
#[must_use]
pub fn actions(machine: &Machine, actions: &[Action]) -> Vec<String> {
    let mut texts = Vec::new();
    for action in actions {
        match action {
            Action::Assign(assignments) => texts.extend(assignments.iter().map(|assignment| {
                let field = &machine.context[assignment.field].name.value;
                format!("{} = {}", one_line(field), one_line(&assignment.value.text))
            })),
            action => texts.push(text(machine, action)),
        }
    }
    texts
}

/// Each field of data that a transition supplies: `job = event.job`. Where it supplies several states their names stand
/// before the fields.
#[must_use]
pub fn supplies(machine: &Machine, supplies: &[Supply]) -> Vec<String> {
    let several = supplies.windows(2).any(|pair| pair[0].state != pair[1].state);
    let text = |supply: &Supply| {
        let state = &machine.states[supply.state];
        let owner = if several { format!("{}.", one_line(&state.name.value)) } else { String::new() };
        let field = one_line(&state.data[supply.field].name.value);
        format!("{owner}{field} = {}", one_line(&supply.value.text))
    };
    supplies.iter().map(text).gather()
}

fn text(machine: &Machine, action: &Action) -> String {
    match action {
        Action::Call(_, call) => self::call(call),
        Action::Assign(_) => actions(machine, std::slice::from_ref(action)).join(", "),
        Action::Raise(event) => format!("raise {}", record(&machine.events[event.kind], event)),
        Action::Send { event, delay, id } => {
            let mut text = format!("send {}", record(&machine.events[event.kind], event));
            if let Some(delay) = delay {
                text.push_str(" after ");
                text.push_str(&wait(machine, *delay));
            }
            if let Some(id) = id {
                text.push_str(" as ");
                text.push_str(&one_line(&machine.sends[*id].value));
            }
            text
        }
        Action::Cancel(id) => format!("cancel {}", one_line(&machine.sends[*id].value)),
        Action::Emit(message) => format!("emit {}", record(&machine.emits[message.kind], message)),
        Action::Reply(_, value) => format!("reply {}", one_line(&value.text)),
        Action::Log(parts) => format!("log \"{}\"", parts.iter().map(log_part).gather::<String>()),
        Action::If { guard, then, otherwise } => {
            let mut text = format!("if {}: {}", self::guard(machine, guard), block(machine, then));
            if !otherwise.is_empty() {
                text.push_str(" else ");
                text.push_str(&block(machine, otherwise));
            }
            text
        }
    }
}

/// `Stop`, `Fault { code: 7 }`.
fn record<I>(kind: &Event, record: &Record<I>) -> String {
    let name = one_line(&kind.name.value);
    if record.fields.is_empty() {
        return name;
    }
    let field = |field: &crate::ir::Assignment| {
        format!("{}: {}", one_line(&kind.fields[field.field].name.value), one_line(&field.value.text))
    };
    let fields: Vec<_> = record.fields.iter().map(field).gather();
    format!("{name} {{ {} }}", fields.join(", "))
}

fn log_part(part: &LogPart) -> String {
    match part {
        LogPart::Text(text) => one_line_within(text),
        LogPart::Value(value, format) if format.is_empty() => format!("{{{}}}", one_line(&value.text)),
        LogPart::Value(value, format) => format!("{{{}:{format}}}", one_line(&value.text)),
    }
}

/// A piece of a text as one line; white space at its ends keeps it apart from the values beside it.
fn one_line_within(text: &str) -> String {
    let line = one_line(text);
    if line.is_empty() {
        return if text.is_empty() { line } else { " ".to_owned() };
    }
    let head = if text.starts_with(char::is_whitespace) { " " } else { "" };
    let tail = if text.ends_with(char::is_whitespace) { " " } else { "" };
    format!("{head}{line}{tail}")
}

/// A nested block.
fn block(machine: &Machine, block: &[Action]) -> String {
    let texts = actions(machine, block);
    match (texts.as_slice(), block) {
        ([], _) => "{}".to_owned(),
        ([only], [Action::If { .. }]) => format!("({only})"),
        ([only], _) => only.clone(),
        _ => format!("({})", texts.join(", ")),
    }
}

#[cfg(test)]
mod tests;
