//! The forms of the language that later stages cannot do yet.
//!
//! Runs first and needs nothing. After this point every such form has its FSM0018, so the passes behind it leave it out
//! without a word and go on with the rest. What stands inside of such a form is not looked at. To support a form is to
//! remove it here and to let the passes see it.

use crate::ast::{self, Action, ActionKind, Delay, Kind, State, StateKey, Transition, Unhandled};
use crate::diag::Code;
use crate::source::Span;

use super::report::Report;

/// Reports each use of a form that is not supported yet.
pub(super) fn check(machine: &ast::Machine, report: &mut Report<'_>) {
    let mut check = Check { report };
    check.header(machine);
    check.state(&machine.root);
}

/// Whether the key of `on:` is one that no single event stands behind: `*`, `a.*`, `error`.
pub(super) fn is_special_event(event: &str) -> bool {
    event == "error" || is_pattern(event)
}

fn is_pattern(event: &str) -> bool {
    event == "*" || event.ends_with(".*")
}

struct Check<'r, 'd> {
    report: &'r mut Report<'d>,
}

impl Check<'_, '_> {
    fn found(&mut self, span: Span, what: &str) {
        self.report.error(Code::NotSupported, span, format!("{what} not supported yet"));
    }

    fn header(&mut self, machine: &ast::Machine) {
        let headers = [
            (machine.generics.as_ref().map(|it| it.span), "generic parameters are"),
            (machine.output.as_ref().map(|it| it.span), "an output is"),
            (machine.queue.as_ref().map(|it| it.span), "`queue` is"),
            (machine.defer_capacity.as_ref().map(|it| it.span), "`defer_capacity` is"),
            (machine.send_futures.as_ref().filter(|it| !it.value).map(|it| it.span), "`send_futures: false` is"),
        ];
        for (span, what) in headers {
            if let Some(span) = span {
                self.found(span, what);
            }
        }
        if let Some(unhandled) = &machine.unhandled {
            let form = match unhandled.value {
                Unhandled::Report => None,
                Unhandled::Error => Some("`unhandled: error` is"),
                Unhandled::Ignore => Some("`unhandled: ignore` is"),
                Unhandled::Defer => Some("`unhandled: defer` is"),
            };
            if let Some(form) = form {
                self.found(unhandled.span, form);
            }
        }
        for message in machine.emits.iter().flatten() {
            self.found(message.name.span, "messages to the outside are");
        }
        for reply in machine.events.iter().flatten().filter_map(|event| event.reply.as_ref()) {
            self.found(reply.span, "the type of a reply is");
        }
        for method in machine.actions.iter().chain(&machine.guards).flatten() {
            if let Some(blocking) = method.blocking.as_ref().filter(|it| it.value) {
                self.found(blocking.span, "a blocking method is");
            }
        }
    }

    fn state(&mut self, state: &State) {
        let kind = state.kind.as_ref();
        match kind.map(|kind| kind.value) {
            Some(Kind::Parallel) => self.found(kind.map_or(state.name.span, |kind| kind.span), "a parallel state is"),
            // Both keys say the same thing; the first is enough.
            Some(Kind::History) => self.found(kind.map_or(state.name.span, |kind| kind.span), "a history state is"),
            _ => {
                if let Some(history) = &state.history {
                    self.found(history.span, "a history state is");
                }
            }
        }
        self.state_keys(state);
        for handler in &state.on {
            if is_pattern(&handler.event.value) {
                self.found(handler.event.span, "a pattern of events is");
            } else if handler.event.value == "error" {
                self.found(handler.event.span, "the event `error` is");
            }
            self.transitions(&handler.transitions);
        }
        self.initial(state);
        self.actions(&state.entry);
        self.actions(&state.exit);
        for child in &state.states {
            self.state(child);
        }
    }

    fn state_keys(&mut self, state: &State) {
        let first_delay = |list: &[(Delay, Vec<Transition>)]| {
            list.first().map(|(delay, _)| match delay {
                Delay::Duration(duration) => duration.span,
                Delay::Name(name) => name.span,
            })
        };
        let first_transition = |list: &[Transition]| list.first().map(|transition| transition.span);
        let keys = [
            (StateKey::Always, first_transition(&state.always), "a transition without event (`always`) is"),
            (StateKey::After, first_delay(&state.after), "a delayed transition (`after`) is"),
            (StateKey::Every, first_delay(&state.every), "a repeated transition (`every`) is"),
            (StateKey::Invoke, state.invoke.first().map(|invoke| invoke.span), "`invoke` is"),
            (StateKey::OnDone, first_transition(&state.on_done), "`onDone` is"),
            (StateKey::Defer, state.defer.first().map(|event| event.span), "`defer` is"),
            (StateKey::Data, state.data.first().map(|field| field.name.span), "the data of a state is"),
            (StateKey::Output, state.output.as_ref().map(|output| output.span), "the output of a state is"),
        ];
        for (key, content, what) in keys {
            if let Some(span) = content {
                self.found(state.key(key).unwrap_or(span), what);
            }
        }
    }

    fn initial(&mut self, state: &State) {
        let Some(initial) = &state.initial else { return };
        if let [_, second, ..] = initial.targets.as_slice() {
            self.found(second.span, "an initial transition to several states is");
        }
        if let Some(first) = initial.data.first() {
            self.found(first.field.span, "the data of a state is");
        }
        self.actions(&initial.actions);
    }

    fn transitions(&mut self, transitions: &[Transition]) {
        for transition in transitions {
            if let Some([_, second, ..]) = transition.targets.as_deref() {
                self.found(second.span, "a transition to several states is");
            }
            if let Some(first) = transition.data.first() {
                self.found(first.field.span, "the data of a state is");
            }
            self.actions(&transition.actions);
        }
    }

    fn actions(&mut self, actions: &[Action]) {
        for action in actions {
            let what = match &action.kind {
                ActionKind::Call(_) | ActionKind::Assign(_) => continue,
                ActionKind::Raise(_) => "the action `raise` is",
                ActionKind::Send { .. } => "the action `send` is",
                ActionKind::Cancel(_) => "the action `cancel` is",
                ActionKind::Emit(_) => "the action `emit` is",
                ActionKind::Reply(_) => "the action `reply` is",
                ActionKind::Log(_) => "the action `log` is",
                ActionKind::If { .. } => "the action `if` is",
            };
            self.found(action.span, what);
        }
    }
}
