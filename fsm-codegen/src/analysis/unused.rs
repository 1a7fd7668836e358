//! FSM0104 to FSM0107, FSM0109, FSM0110: what has a name and no use, or a use and nobody on the other side.
//!
//! Lints over [`super::uses`]; what is inferred is in use by its nature.

use super::facts::Facts;
use super::uses::Uses;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity, shown};
use crate::ir::{Id, IndexVec, Method, Name};

pub(super) fn report_events(facts: &Facts<'_>, severity: Severity, diagnostics: &mut Diagnostics) {
    let uses = Uses::of(facts.machine);
    let unused = |id| !uses.handled[id] && !uses.raised[id];
    for (_, event) in facts.machine.events.enumerated().filter(|(id, event)| event.declared && unused(*id)) {
        let message = format!("no state handles the event `{}`", shown(&event.name.value));
        let diagnostic = Diagnostic::new(Code::UnusedEvent, severity, event.name.span, message);
        diagnostics.push(diagnostic.help(format!("{}, or remove its declaration", facts.words.handle())));
    }
}

pub(super) fn report_unheard(facts: &Facts<'_>, severity: Severity, diagnostics: &mut Diagnostics) {
    let uses = Uses::of(facts.machine);
    let unheard = |id| uses.raised[id] && !uses.handled[id];
    for (_, event) in facts.machine.events.enumerated().filter(|(id, _)| unheard(*id)) {
        let message =
            format!("the machine sends itself the event `{}`, which no state handles", shown(&event.name.value));
        let diagnostic = Diagnostic::new(Code::UnheardEvent, severity, event.name.span, message);
        diagnostics.push(diagnostic.help(format!("{}, or do not send it", facts.words.handle())));
    }
}

pub(super) fn report_delays(facts: &Facts<'_>, severity: Severity, diagnostics: &mut Diagnostics) {
    let uses = Uses::of(facts.machine);
    for (_, delay) in facts.machine.delays.enumerated().filter(|(id, delay)| delay.declared && !uses.delays[*id]) {
        diagnostics.push(unused(Code::UnusedDelay, "delay", &delay.name, severity));
    }
}

pub(super) fn report_messages(facts: &Facts<'_>, severity: Severity, diagnostics: &mut Diagnostics) {
    let uses = Uses::of(facts.machine);
    for (_, message) in facts.machine.emits.enumerated().filter(|(id, message)| message.declared && !uses.emits[*id]) {
        diagnostics.push(unused(Code::UnusedMessage, "message", &message.name, severity));
    }
}

pub(super) fn report_actions(facts: &Facts<'_>, severity: Severity, diagnostics: &mut Diagnostics) {
    let uses = Uses::of(facts.machine);
    let names = unused_methods(&facts.machine.actions, &uses.actions);
    names.for_each(|name| diagnostics.push(unused(Code::UnusedAction, "action", name, severity)));
}

pub(super) fn report_guards(facts: &Facts<'_>, severity: Severity, diagnostics: &mut Diagnostics) {
    let uses = Uses::of(facts.machine);
    let names = unused_methods(&facts.machine.guards, &uses.guards);
    names.for_each(|name| diagnostics.push(unused(Code::UnusedGuard, "guard", name, severity)));
}

fn unused_methods<'m, I: Id>(
    methods: &'m IndexVec<I, Method>,
    used: &'m IndexVec<I, bool>,
) -> impl Iterator<Item = &'m Name> {
    methods.enumerated().filter(|(id, method)| method.declared && !used[*id]).map(|(_, method)| &method.name)
}

fn unused(code: Code, what: &str, name: &Name, severity: Severity) -> Diagnostic {
    let message = format!("nothing uses the {what} `{}`", shown(&name.value));
    Diagnostic::new(code, severity, name.span, message).help("use it, or remove its declaration")
}
