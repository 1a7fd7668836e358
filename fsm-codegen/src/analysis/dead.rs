//! FSM0102: transitions that can never be taken although their source can be active.
//!
//! A lint over [`super::facts`]. What is written once and stands for several events (a pattern) is reported only if it is
//! dead for every one of them.

use fsm_model::gather::Gather as _;
use std::collections::HashSet;

use super::MOST_LABELS;
use super::facts::{Facts, Fate};
use super::guard::Verdict;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity, shown};
use crate::ir::{Guard, Machine, Name, StateId, TransitionId, Trigger};
use crate::source::Span;

pub(super) fn report(facts: &Facts<'_>, severity: Severity, diagnostics: &mut Diagnostics) {
    let written = |id: TransitionId| (facts.machine.transitions[id].source, facts.machine.transitions[id].span);
    let (mut dead, mut settled) = (Vec::new(), HashSet::<(StateId, Span)>::new());
    for id in facts.machine.transitions.ids() {
        match facts.fate(id) {
            Fate::Taken => _ = settled.insert(written(id)),
            Fate::SourceUnreachable => {}
            Fate::Shadowed(_) | Fate::NeverOffered => dead.push(id),
        }
    }
    for id in dead {
        if settled.insert(written(id)) {
            diagnostics.push(complaint(facts, id, severity));
        }
    }
}

/// Why a transition is dead, as a clause.
pub(super) fn reason(facts: &Facts<'_>, id: TransitionId) -> &'static str {
    match facts.fate(id) {
        Fate::Shadowed(Verdict::Never) => "its guard never holds",
        Fate::Shadowed(Verdict::After(earlier)) => {
            let earlier = facts.groups[facts.group_of(id)].transitions[earlier];
            if always(facts, earlier) {
                "an earlier one is always taken"
            } else {
                "an earlier one is taken whenever its guard holds"
            }
        }
        Fate::Shadowed(Verdict::Covered) => "the ones before it leave no case over",
        Fate::NeverOffered => never_offered(facts, facts.group_of(id)),
        // Both are no dead transitions; the clause is never shown for them.
        Fate::SourceUnreachable => "its source is unreachable",
        Fate::Shadowed(Verdict::Open) | Fate::Taken => "it leads elsewhere",
    }
}

fn never_offered(facts: &Facts<'_>, group: usize) -> &'static str {
    if is_end(facts, group) {
        "when the machine is complete, it has ended"
    } else if facts.groups[group].trigger == Trigger::Done {
        "its source is never complete"
    } else if !facts.is_ever_asked(group) {
        "whenever its source is active, the machine has ended"
    } else if facts.closers(group).is_empty() {
        "the states inside its source always let the event wait"
    } else if facts.groups[group].trigger == Trigger::Always {
        "the states inside its source always take another one first"
    } else {
        "the states inside its source always take the event first"
    }
}

/// Whether what would set these off is the end of the machine.
fn is_end(facts: &Facts<'_>, group: usize) -> bool {
    let group = &facts.groups[group];
    group.trigger == Trigger::Done && group.state == StateId::ROOT
}

/// What sets a transition off, as part of a sentence.
pub(super) fn trigger(machine: &Machine, trigger: Trigger) -> String {
    let quoted = |name: &Name| format!("`{}`", shown(&name.value));
    match trigger {
        Trigger::Event(event) => format!("on {}", quoted(&machine.events[event].name)),
        Trigger::Pattern(pattern) => format!("on {}", quoted(&machine.patterns[pattern].name)),
        Trigger::Error => "on `error`".to_owned(),
        Trigger::Always => "without an event".to_owned(),
        Trigger::Done => "on completion".to_owned(),
        Trigger::Timer(timer) if machine.timers[timer].repeats => "on its repeated timer".to_owned(),
        Trigger::Timer(_) => "on its timer".to_owned(),
        Trigger::InvokeDone(invoke) => format!("on the result of {}", quoted(&machine.invokes[invoke].id)),
        Trigger::InvokeError(invoke) => format!("on the failure of {}", quoted(&machine.invokes[invoke].id)),
    }
}

/// Whether a transition has nothing to ask.
fn always(facts: &Facts<'_>, id: TransitionId) -> bool {
    matches!(facts.machine.transitions[id].guard, None | Some(Guard::Bool(true)))
}

fn complaint(facts: &Facts<'_>, id: TransitionId, severity: Severity) -> Diagnostic {
    let machine = facts.machine;
    let group = &facts.groups[facts.group_of(id)];
    let trigger = trigger(machine, machine.transitions[id].trigger);
    let source = shown(&machine.path(group.state));
    let message = format!("this transition of `{source}` {trigger} is never taken: {}", reason(facts, id));
    let span = machine.transitions[id].span;
    let mut diagnostic = Diagnostic::new(Code::DeadTransition, severity, span, message);
    for (place, text) in shadows(facts, id) {
        diagnostic = diagnostic.label(machine.transitions[place].span, text);
    }
    diagnostic.help(match facts.fate(id) {
        Fate::Shadowed(Verdict::Never) => "mend the guard, or remove the transition",
        Fate::Shadowed(Verdict::After(earlier)) if always(facts, group.transitions[earlier]) => {
            "give the earlier one a guard, or remove this one"
        }
        Fate::Shadowed(Verdict::After(_)) => "move it before the earlier one, or remove it",
        Fate::Shadowed(_) => "narrow a guard before it, or remove it",
        _ if is_end(facts, facts.group_of(id)) => {
            "act in the `entry` of its final states, or complete a state inside of it"
        }
        _ if group.trigger == Trigger::Done => "let a final state be reached in it, or remove this one",
        _ => "give an inner transition a guard, or remove this one",
    })
}

/// The transitions that are taken instead, each with what to say about it.
fn shadows(facts: &Facts<'_>, id: TransitionId) -> Vec<(TransitionId, &'static str)> {
    let group = &facts.groups[facts.group_of(id)];
    match facts.fate(id) {
        Fate::Shadowed(Verdict::After(earlier)) => {
            let earlier = group.transitions[earlier];
            let text =
                if always(facts, earlier) { "always taken first" } else { "taken first whenever this guard holds" };
            vec![(earlier, text)]
        }
        Fate::Shadowed(Verdict::Covered) => {
            // All of them play their part; the nearest are the ones to look at.
            let nearest = group.open_before(facts.place_of(id), MOST_LABELS);
            nearest.map(|earlier| (earlier, "taken before it")).gather()
        }
        Fate::NeverOffered => facts.closers(facts.group_of(id)).iter().map(|at| (*at, "always taken first")).gather(),
        _ => Vec::new(),
    }
}
