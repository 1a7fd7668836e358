//! Actions, events with their payloads, data, delays.

use super::{Printer, words};
use crate::backend::spelling::{self, rust};
use crate::ir::{Action, Assignment, Call, Event, EventId, Field, Id as _, StateId, Supply, Wait};

/// The words that begin an action which is no call.
const RESERVED: &[&str] = &["assign", "cancel", "emit", "if", "log", "raise", "reply", "send"];

impl Printer<'_> {
    /// ` / a, b`; nothing where there are none.
    pub(super) fn block(&self, source: StateId, actions: &[Action]) -> String {
        if actions.is_empty() { String::new() } else { format!(" / {}", self.actions(source, actions)) }
    }

    fn actions(&self, source: StateId, actions: &[Action]) -> String {
        actions.iter().map(|action| self.action(source, action)).collect::<Vec<_>>().join(", ")
    }

    fn action(&self, source: StateId, action: &Action) -> String {
        match action {
            Action::Call(_, call) => call_of(call),
            Action::Assign(all) => self.assign(all),
            Action::Raise(record) => format!("raise {}", self.event_value(record.kind, &record.fields)),
            Action::Send { event, delay, id } => {
                let delay = delay.map(|delay| format!(" after {}", self.delay(delay)));
                let id = id.map(|id| format!(" as {}", words::name(&self.machine.sends[id].value)));
                let event = self.event_value(event.kind, &event.fields);
                format!("send {event}{}{}", delay.unwrap_or_default(), id.unwrap_or_default())
            }
            Action::Cancel(id) => format!("cancel {}", words::name(&self.machine.sends[*id].value)),
            Action::Emit(message) => format!("emit {}", record(&self.machine.emits[message.kind], &message.fields)),
            Action::Reply(_, value) => format!("reply {}", rust::one_line(value)),
            Action::Log(parts) => format!("log {:?}", spelling::log(parts)),
            Action::If { guard, then, otherwise } => {
                let guard = self.guard(source, guard);
                let otherwise =
                    (!otherwise.is_empty()).then(|| format!(" else {{ {} }}", self.actions(source, otherwise)));
                format!("if {guard} {{ {} }}{}", self.actions(source, then), otherwise.unwrap_or_default())
            }
        }
    }

    fn assign(&self, all: &[Assignment]) -> String {
        let values = all.iter().map(|assignment| {
            let field = words::name(&self.machine.context[assignment.field].name.value);
            format!("{field} = {}", rust::one_line(&assignment.value))
        });
        match &values.collect::<Vec<_>>()[..] {
            [one] => format!("assign {one}"),
            values => format!("assign {{ {} }}", values.join(", ")),
        }
    }

    fn event_value(&self, event: EventId, fields: &[Assignment]) -> String {
        record(&self.machine.events[EventId::new(event.index())], fields)
    }

    /// ` { field: expression }`, the data of a target; nothing where there is none.
    pub(super) fn supplies(&self, supplies: &[Supply]) -> String {
        let values = supplies.iter().map(|supply| {
            let field = &self.machine.states[supply.state].data[supply.field];
            format!("{}: {}", words::name(&field.name.value), rust::one_line(&supply.value))
        });
        braces(&values.collect::<Vec<_>>())
    }

    /// A delay where it is used.
    pub(super) fn delay(&self, wait: Wait) -> String {
        match wait {
            Wait::Fixed(length) => spelling::duration(length),
            Wait::Named(delay) => words::name(&self.machine.delays[delay].name.value),
        }
    }
}

/// `name(args)` of an action or a task.
pub(super) fn call_of(call: &Call) -> String {
    format!("{}{}", words::name_unless(&call.name.value, RESERVED), rust::args(call))
}

/// `Stop`, `Fault { code: 7 }`.
fn record(event: &Event, fields: &[Assignment]) -> String {
    let field = |at: usize| -> &Field { &event.fields[at] };
    let values = fields.iter().map(|assignment| {
        format!("{}: {}", words::name(&field(assignment.field).name.value), rust::one_line(&assignment.value))
    });
    format!("{}{}", words::name(&event.name.value), braces(&values.collect::<Vec<_>>()))
}

fn braces(values: &[String]) -> String {
    if values.is_empty() { String::new() } else { format!(" {{ {} }}", values.join(", ")) }
}
