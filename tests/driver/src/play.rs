//! Plays a scenario and says where the machine did otherwise.
//!
//! Each scenario is played twice, through [`Service`] (what dispatchers use; this way the transitions are counted) and
//! through the inherent methods (what users call). Beside the expectations of the steps, the rules that hold for every
//! step are checked (hooks, the first error, the status, the form on the wire), and those for machines that were not
//! started or were interrupted. A step that fails ends its run; the next `event: null` begins a new one, so that one
//! report names every run that goes wrong.

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use fsm_runtime::core::{Definition, Error, Machine, Outcome, Service, Status, StepResult};
use serde::Serialize;
use serde_json::Value;

use crate::coverage::Coverage;
use crate::scenario::{self, Expect, Placed, Step};
use crate::subject::{Event, Subject, is_pending, json, run};
use crate::tape::{Recording, Tape};

/// How a machine is driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// By `Service`, as dispatchers do.
    Service,
    /// By the inherent methods, as users do.
    Inherent,
}

/// What one step did.
#[derive(Debug)]
pub struct Actual {
    /// The outcome, or the kind of error.
    pub outcome: &'static str,
    /// The active states without children.
    pub configuration: Vec<&'static str>,
    /// The actions that ran.
    pub actions: Vec<&'static str>,
    /// The context.
    pub context: Value,
}

/// Plays `FOLDER/STEM.scenario.yaml`; the folder as seen from the repository.
///
/// # Panics
/// With the report, if anything in it went wrong or something of the spec was left out.
pub fn scenario<S: Subject>(folder: &str, stem: &str) {
    let name = format!("{folder}/{stem}.scenario.yaml");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(&name);
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{name} cannot be read: {error}"));
    let steps = scenario::parse(&text).unwrap_or_else(|error| panic!("{name} is no scenario: {error}"));
    let report = report::<S>(&name, &steps);
    assert!(report.is_empty(), "\n{report}");
}

/// Everything that is wrong, a paragraph each; empty if nothing is.
fn report<S: Subject>(name: &str, steps: &[Placed]) -> String {
    let mut coverage = Coverage::new(S::Machine::DEFINITION);
    let mut problems = Vec::new();
    for door in [Door::Service, Door::Inherent] {
        problems.extend(play::<S>(name, steps, door, &mut coverage));
    }
    problems.extend(before_start::<S>(name, steps));
    problems.extend(interrupted::<S>(name, steps));
    if problems.is_empty() {
        problems.extend(coverage.missing().into_iter().map(|missing| format!("{name}: {missing}")));
    }
    problems.join("\n")
}

fn play<S: Subject>(name: &str, steps: &[Placed], door: Door, coverage: &mut Coverage) -> Vec<String> {
    let mut problems = Vec::new();
    let mut subject = started::<S>();
    let mut lost = false;
    for Placed { line, step } in steps {
        if step.event.is_none() {
            subject = S::create(Tape::default());
            lost = false;
        }
        if lost {
            continue;
        }
        let result = take(&mut subject, step, door, coverage).and_then(|actual| compare(&step.expect, &actual));
        if let Err(problem) = result {
            let event = step.event.as_deref().unwrap_or("null");
            problems.push(format!("{name}:{line}: `{event}`, driven by its {door:?} methods\n{problem}"));
            lost = true;
        }
    }
    problems
}

/// A machine for a scenario that does not begin with its start.
fn started<S: Subject>() -> S {
    let mut subject = S::create(Tape::default());
    // What the start does is for a start line to say.
    let _ = run(subject.start_inherent());
    subject
}

/// Takes one step and checks what holds for all steps.
///
/// # Errors
/// What does not hold.
pub fn take<S: Subject>(subject: &mut S, step: &Step, door: Door, coverage: &mut Coverage) -> Result<Actual, String> {
    known(step.guards.keys(), S::GUARDS, "guard")?;
    known(step.fail.iter(), S::ACTIONS, "action")?;
    *subject.tape() = Tape::new(step.guards.clone(), step.fail.clone());
    let result = match &step.event {
        None => Some(caught(|| start(subject, door, coverage))?),
        Some(name) => match S::event(name, &step.data)? {
            Some(event) => {
                let can = asked(subject, &event)?;
                let result = caught(|| handle(subject, &event, door, coverage))?;
                agree(can, &result)?;
                Some(result)
            }
            None => None,
        },
    };
    let recording = std::mem::take(subject.tape()).finish();
    let context = subject.context_json();
    same(&context, S::context_from_wire(&context))?;
    if let (Some(_), Some(name)) = (&result, &step.event) {
        let mut event = step.data.clone();
        event.insert("type".to_owned(), name.clone().into());
        same(&event.clone().into(), S::event_from_wire(&event.into()))?;
    }
    if let Some(result) = &result {
        rules::<S>(result, &recording, step, subject.machine().status())?;
    }
    subject.machine().active().for_each(|state| coverage.visit(state));
    Ok(Actual {
        // The simulator calls an event unhandled that the spec does not have; a generated one cannot be sent.
        outcome: result.as_ref().map_or("unhandled", outcome),
        configuration: paths(S::Machine::DEFINITION, subject.machine()),
        actions: recording.actions,
        context,
    })
}

/// What `can` answers: it may ask guards, and change nothing.
fn asked<S: Subject>(subject: &mut S, event: &Event<S>) -> Result<bool, String> {
    let before = subject.machine().clone();
    let can = caught(|| subject.can(event))?;
    let untouched = *subject.machine() == before && subject.tape().is_silent();
    if untouched { Ok(can) } else { Err("  `can` had an effect\n".to_owned()) }
}

/// `can` foretells whether a transition is taken.
fn agree<E>(can: bool, result: &Result<Outcome, Error<E>>) -> Result<(), String> {
    let taken = match result {
        Ok(Outcome::Transitioned | Outcome::Handled) | Err(Error::Action(_) | Error::Overflow) => true,
        // It ended in this step, or before it.
        Ok(Outcome::Finished) => can,
        _ => false,
    };
    if taken == can { Ok(()) } else { Err(format!("  `can` said {can}, the outcome is {}\n", outcome(result))) }
}

fn start<S: Subject>(subject: &mut S, door: Door, coverage: &mut Coverage) -> StepResult<S::Machine> {
    match door {
        Door::Service => run(Service::start(subject, coverage)),
        Door::Inherent => run(subject.start_inherent()),
    }
}

fn handle<S: Subject>(
    subject: &mut S,
    event: &Event<S>,
    door: Door,
    coverage: &mut Coverage,
) -> StepResult<S::Machine> {
    match door {
        Door::Service => run(Service::handle(subject, coverage, event)),
        Door::Inherent => run(subject.handle_inherent(event)),
    }
}

/// A panic of the machine is a problem of its step; afterwards the run is over, so nothing sees what it left.
fn caught<T>(step: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(step)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a message");
        format!("  panicked: {text}\n")
    })
}

fn known<'a>(names: impl Iterator<Item = &'a String>, all: &[&str], what: &str) -> Result<(), String> {
    for name in names {
        if !all.contains(&name.as_str()) {
            return Err(format!("  the spec has no {what} `{name}`\n"));
        }
    }
    Ok(())
}

/// The rules for every step, whatever is expected of it.
fn rules<S: Subject>(
    result: &StepResult<S::Machine>,
    recording: &Recording,
    step: &Step,
    status: Status,
) -> Result<(), String> {
    let mut problems: Vec<String> = recording.complaints.clone();
    let mut demand = |holds: bool, problem: String| problems.extend((!holds).then_some(problem));

    let hooked = usize::from(S::HOOKED && matches!(result, Ok(Outcome::Unhandled)));
    let (calls, outcome) = (recording.unhandled, outcome(result));
    demand(calls == hooked, format!("`on_unhandled` was called {calls} times, the outcome is {outcome}"));

    let failed: Vec<&str> = recording.actions.iter().copied().filter(|action| step.fail.contains(*action)).collect();
    let (failures, expected) = (recording.failures, failed.len());
    demand(failures == expected, format!("`on_error` was called for {failures} actions, {expected} failed"));
    let (errors, told) = (recording.failures + recording.errors > 0, result.is_err());
    demand(
        errors == told,
        format!("the outcome is {outcome}, `on_error` was {}called", if errors { "" } else { "not " }),
    );
    if let (Err(Error::Action(error)), Some(first)) = (result, failed.first()) {
        let shown = format!("{error:?}");
        demand(shown.contains(&format!("\"{first}\"")), format!("`{first}` failed first, the error is {shown}"));
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
fn same(before: &Value, after: Result<Value, String>) -> Result<(), String> {
    match after {
        Ok(after) if after == *before => Ok(()),
        Ok(after) => Err(format!("  serde makes of it\n    - {before}\n    + {after}\n")),
        Err(error) => Err(format!("  serde does not read {before}: {error}\n")),
    }
}

/// A machine that is not started refuses each event and runs nothing.
fn before_start<S: Subject>(name: &str, steps: &[Placed]) -> Option<String> {
    let mut events = steps.iter().filter_map(|placed| {
        let event = placed.step.event.as_deref()?;
        S::event(event, &placed.step.data).ok()?
    });
    let event = events.next()?;
    let mut subject = S::create(Tape::default());
    let result = run(subject.handle_inherent(&event));
    let actions = std::mem::take(subject.tape()).finish().actions;
    let refused = matches!(result, Err(Error::Stopped)) && actions.is_empty();
    (!refused).then(|| format!("{name}: an event before the start: {}, actions {actions:?}", outcome(&result)))
}

/// A machine whose step is dropped half-way says so at the next event and runs nothing more.
///
/// The first step that awaits is dropped, at the suspension of its first action; a machine of `mode: sync` has none.
fn interrupted<S: Subject>(name: &str, steps: &[Placed]) -> Option<String> {
    let mut subject = started::<S>();
    for Placed { line, step } in steps {
        let Some(event) = step.event.as_deref().and_then(|event| S::event(event, &step.data).ok()?) else { continue };
        *subject.tape() = Tape::new(step.guards.clone(), step.fail.clone());
        if !is_pending(subject.handle_inherent(&event)) {
            continue;
        }
        let result = run(subject.handle_inherent(&event));
        let actions = std::mem::take(subject.tape()).finish().actions;
        let refused = matches!(result, Err(Error::Poisoned)) && actions.is_empty();
        let outcome = outcome(&result);
        return (!refused).then(|| format!("{name}:{line}: after a step was dropped: {outcome}, actions {actions:?}"));
    }
    None
}

/// The outcome as the simulator spells it; an error by its kind.
fn outcome<E>(result: &Result<Outcome, Error<E>>) -> &'static str {
    match result {
        Ok(outcome) => outcome.name(),
        Err(Error::Stopped) => "stopped",
        Err(Error::Unhandled) => "unhandled",
        Err(Error::Action(_)) => "action",
        Err(Error::Overflow) => "overflow",
        Err(Error::Livelock(_)) => "livelock",
        Err(Error::QueueFull) => "queue_full",
        Err(Error::DeferFull) => "defer_full",
        Err(Error::Poisoned) => "poisoned",
        Err(_) => "an error that this driver does not know",
    }
}

fn paths<M: Machine>(definition: &'static Definition, machine: &M) -> Vec<&'static str> {
    machine.active().map(|state| definition.states[state].path).collect()
}

/// Every key in which the step differs from what is expected.
fn compare(expect: &Expect, actual: &Actual) -> Result<(), String> {
    let mut text = String::new();
    differ(&mut text, "outcome", expect.outcome.as_ref(), &actual.outcome);
    differ(&mut text, "configuration", expect.configuration.as_ref(), &actual.configuration);
    differ(&mut text, "actions", expect.actions.as_ref(), &actual.actions);
    differ(&mut text, "context", expect.context.as_ref(), &actual.context);
    if text.is_empty() { Ok(()) } else { Err(text) }
}

fn differ(text: &mut String, key: &str, expected: Option<&impl Serialize>, actual: &impl Serialize) {
    let actual = json(actual);
    if let Some(expected) = expected.map(json).filter(|expected| *expected != actual) {
        // Writing to a string cannot fail.
        let _ = write!(text, "  {key}\n    - {expected}\n    + {actual}\n");
    }
}

#[cfg(test)]
mod tests;
