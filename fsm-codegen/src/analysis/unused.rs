//! FSM0104 to FSM0107: what is declared and used nowhere.
//!
//! Lints over the machine alone; what is inferred is in use by its nature.

use super::facts::Facts;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity, shown};
use crate::ir::{Action, ActionId, EventId, Guard, GuardId, IndexVec, Machine, Method, Name, StateKind, Trigger};

pub(super) fn report_events(facts: &Facts<'_>, severity: Severity, diagnostics: &mut Diagnostics) {
    let events = &facts.machine.events;
    let handled = handled(facts.machine);
    for (_, event) in events.enumerated().filter(|(id, event)| event.declared && !handled[*id]) {
        let message = format!("no state handles the event `{}`", shown(&event.name.value));
        let diagnostic = Diagnostic::new(Code::UnusedEvent, severity, event.name.span, message);
        diagnostics.push(diagnostic.help("handle it in the `on` of a state, or remove its declaration"));
    }
}

/// For each event whether a transition waits for it.
pub(super) fn handled(machine: &Machine) -> IndexVec<EventId, bool> {
    let mut handled: IndexVec<EventId, bool> = machine.events.ids().map(|_| false).collect();
    for transition in &machine.transitions {
        match transition.trigger {
            Trigger::Event(event) => handled[event] = true,
            Trigger::Pattern(pattern) => {
                machine.patterns[pattern].events.iter().for_each(|event| handled[*event] = true);
            }
            _ => {}
        }
    }
    handled
}

pub(super) fn report_delays(facts: &Facts<'_>, severity: Severity, diagnostics: &mut Diagnostics) {
    // Nothing in the IR can name a delay yet; `after`, `every` and `send` will.
    for delay in &facts.machine.delays {
        diagnostics.push(unused(Code::UnusedDelay, "delay", &delay.name, severity));
    }
}

pub(super) fn report_actions(facts: &Facts<'_>, severity: Severity, diagnostics: &mut Diagnostics) {
    let machine = facts.machine;
    let mut used: IndexVec<ActionId, bool> = machine.actions.ids().map(|_| false).collect();
    for action in actions(machine) {
        match action {
            Action::Call(id, _) => used[*id] = true,
            _ => {}
        }
    }
    let names = unused_methods(&machine.actions, &used);
    names.for_each(|name| diagnostics.push(unused(Code::UnusedAction, "action", name, severity)));
}

/// Every action of the machine, wherever it stands.
fn actions(machine: &Machine) -> impl Iterator<Item = &Action> {
    let states = machine.states.iter().flat_map(|state| {
        let initial = match &state.kind {
            StateKind::Compound(initial) => initial.actions.as_slice(),
            _ => &[],
        };
        state.entry.iter().chain(&state.exit).chain(initial)
    });
    states.chain(machine.transitions.iter().flat_map(|transition| &transition.actions))
}

pub(super) fn report_guards(facts: &Facts<'_>, severity: Severity, diagnostics: &mut Diagnostics) {
    let machine = facts.machine;
    let mut used: IndexVec<GuardId, bool> = machine.guards.ids().map(|_| false).collect();
    let mut waiting: Vec<&Guard> =
        machine.transitions.iter().filter_map(|transition| transition.guard.as_ref()).collect();
    while let Some(guard) = waiting.pop() {
        match guard {
            Guard::Call(id, _) => used[*id] = true,
            Guard::And(parts) | Guard::Or(parts) => waiting.extend(parts),
            Guard::Not(inner) => waiting.push(inner),
            Guard::Expr(_) | Guard::Bool(_) | Guard::In(_) => {}
        }
    }
    let names = unused_methods(&machine.guards, &used);
    names.for_each(|name| diagnostics.push(unused(Code::UnusedGuard, "guard", name, severity)));
}

fn unused_methods<'m, I: crate::ir::Id>(
    methods: &'m IndexVec<I, Method>,
    used: &'m IndexVec<I, bool>,
) -> impl Iterator<Item = &'m Name> {
    methods.enumerated().filter(|(id, method)| method.declared && !used[*id]).map(|(_, method)| &method.name)
}

fn unused(code: Code, what: &str, name: &Name, severity: Severity) -> Diagnostic {
    let message = format!("nothing uses the {what} `{}`", shown(&name.value));
    Diagnostic::new(code, severity, name.span, message).help("use it, or remove its declaration")
}
