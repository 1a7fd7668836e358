//! Attributes go to the generated types that they name.

use super::report::Report;
use crate::ast::Name;
use crate::diag::{Code, Diagnostic, shown};
use crate::ir::Machine;
use crate::rust::Placed;
use fsm_model::gather::Gather as _;

/// Gives each type its attributes.
pub(super) fn distribute(
    written: &[(Name, Vec<Placed<syn::Attribute>>)],
    machine: &mut Machine,
    report: &mut Report<'_>,
) {
    for (name, attributes) in written {
        let found = match name.value.split_once('.') {
            None if name.value == "State" => Some(&mut machine.attributes),
            None if name.value == "Context" => Some(&mut machine.context_attributes),
            Some(("event", event)) => {
                let found = machine.events.ids().find(|id| machine.events[*id].name.value == event);
                found.map(|id| &mut machine.events[id].attributes)
            }
            Some(("message", message)) => {
                let found = machine.emits.ids().find(|id| machine.emits[*id].name.value == message);
                found.map(|id| &mut machine.emits[id].attributes)
            }
            _ => None,
        };
        if let Some(found) = found {
            found.extend(attributes.iter().cloned());
            continue;
        }
        let known = machine.events.iter().map(|event| format!("event.{}", event.name.value));
        let known: Vec<String> = known.chain(["State".to_owned(), "Context".to_owned()]).gather();
        let help = report.nearest(&name.value, known.iter().map(String::as_str));
        let help = help.unwrap_or_else(|| "there are `State`, `Context`, `event.Name`, `message.Name`".into());
        let message = format!("no generated type is called `{}`", shown(&name.value));
        report.push(Diagnostic::error(Code::UnknownName, name.span, message).help(help));
    }
}
