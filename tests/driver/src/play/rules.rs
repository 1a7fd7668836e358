//! What holds for every step, whatever a scenario expects of it.
//!
//! A child of the player. Two things make a step say less about itself: a machine that takes the event `error` has had
//! errors and goes on, and one that defers events, or has transitions without event, does more than the event asks for.

use fsm_runtime::core::{Error, Machine, Outcome, Status, StepResult, Trigger};
use serde_json::Value;

use super::outcome;
use crate::scenario::{Input, Step};
use crate::subject::Subject;
use crate::tape::Recording;

/// Names that the spec does not have are mistakes of the scenario.
pub(super) fn known<'a>(names: impl Iterator<Item = &'a String>, all: &[&str], what: &str) -> Result<(), String> {
    for name in names {
        if !all.contains(&name.as_str()) {
            return Err(format!("  the spec has no {what} `{name}`\n"));
        }
    }
    Ok(())
}

/// `can` foretells whether a transition is taken.
pub(super) fn agree<S: Subject>(can: bool, result: &StepResult<S::Machine>) -> Result<(), String> {
    let taken = match result {
        Ok(Outcome::Transitioned | Outcome::Handled) => true,
        // It ended in this step, or before it; or something failed: a guard perhaps.
        Ok(Outcome::Finished)
        | Err(Error::Action(_) | Error::Overflow | Error::QueueFull | Error::DeferFull | Error::Livelock(_)) => can,
        _ => false,
    };
    // Something else may have been taken; so may the error of a guard that overflowed.
    let others = S::DEFERS || has::<S>(Trigger::Always) || has::<S>(Trigger::Error);
    let foretold = taken == can || (taken && others);
    if foretold { Ok(()) } else { Err(format!("  `can` said {can}, the outcome is {}\n", outcome(result))) }
}

fn has<S: Subject>(trigger: Trigger) -> bool {
    S::Machine::DEFINITION.transitions.iter().any(|transition| transition.trigger == trigger)
}

/// Hooks, errors, status.
pub(super) fn check<S: Subject>(
    result: &StepResult<S::Machine>,
    recording: &Recording,
    step: &Step,
    status: Status,
) -> Result<(), String> {
    let mut problems: Vec<String> = recording.complaints.clone();
    let mut demand = |holds: bool, problem: String| problems.extend((!holds).then_some(problem));

    let hooked = usize::from(S::HOOKED && matches!(result, Ok(Outcome::Unhandled)));
    let (calls, outcome) = (recording.unhandled, outcome(result));
    demand(
        // Deferred events are told when their turn comes; an eventless transition may follow an event that nobody takes.
        calls == hooked || (S::HOOKED && calls > hooked && (S::DEFERS || has::<S>(Trigger::Always))),
        format!("`on_unhandled` was called {calls} times, the outcome is {outcome}"),
    );

    let failed: Vec<&str> = recording.actions.iter().copied().filter(|action| step.fail.contains(*action)).collect();
    let (failures, expected) = (recording.failures, failed.len());
    let of_invoke = matches!(step.input, Input::Error(_));
    demand(
        failures == expected || (of_invoke && failures == expected + 1),
        format!("`on_error` was called for {failures} actions, {expected} failed"),
    );
    if !has::<S>(Trigger::Error) {
        // That nobody took the event is no error of the machine: its sender is told, no hook is called.
        let told = result.as_ref().is_err_and(|error| !matches!(error, Error::Unhandled));
        let errors = recording.failures + recording.errors > 0;
        // Behind an event that nobody takes the step can go on, and fail.
        let goes_on = S::DEFERS || has::<S>(Trigger::Always);
        let behind = goes_on && matches!(result, Err(Error::Unhandled));
        // The error of a deferred event is not that of the step in which it is tried again.
        let elsewhere = S::DEFERS && errors;
        demand(
            errors == told || behind || elsewhere,
            format!("the outcome is {outcome}, `on_error` was {}called", if errors { "" } else { "not " }),
        );
        // An invoke failed before all of them, or a deferred event.
        if let (Err(Error::Action(error)), Some(first), false) = (result, failed.first(), of_invoke || S::DEFERS) {
            let shown = format!("{error:?}");
            demand(shown.contains(&format!("\"{first}\"")), format!("`{first}` failed first, the error is {shown}"));
        }
    }

    let finished = matches!(result, Ok(Outcome::Finished));
    demand(!finished || status == Status::Finished, format!("the outcome is finished, the status {status:?}"));
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems.iter().fold(String::new(), |text, it| text + "  " + it + "\n"))
    }
}

/// What serde reads and writes again must be what it was.
pub(super) fn same(before: &Value, after: Result<Value, String>) -> Result<(), String> {
    match after {
        Ok(after) if after == *before => Ok(()),
        Ok(after) => Err(format!("  serde makes of it\n    - {before}\n    + {after}\n")),
        Err(error) => Err(format!("  serde does not read {before}: {error}\n")),
    }
}
