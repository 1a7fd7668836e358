//! Plays a scenario and says where the machine did otherwise.
//!
//! Each scenario is played twice, through [`Service`] (what dispatchers use; this way the transitions are counted) and
//! through the inherent methods (what users call). Beside the expectations of the steps, the rules that hold for every
//! step are checked ([`rules`]: hooks, the first error, the status, the form on the wire), and those for machines that were not
//! started or were interrupted. A step that fails ends its run; the next `event: null` begins a new one, so that one
//! report names every run that goes wrong.

mod rules;

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

use fsm_runtime::core::{Definition, Error, Machine, Outcome, Service, Status, StepResult};
use serde::Serialize;
use serde_json::Value;

use crate::coverage::Coverage;
use crate::scenario::{self, Expect, Input, Placed, Step};
use crate::subject::{Event, Subject, is_pending, json, run};
use crate::tape::Tape;
use crate::world::World;

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
    /// Messages to the outside, each with its name as `type`.
    pub emitted: Vec<Value>,
    /// Lines for the log.
    pub log: Vec<String>,
    /// The answer given last.
    pub reply: Value,
    /// The deferred events that are gone with an error, each with its kind.
    pub failed: Vec<Value>,
    /// What the machine gave at its end.
    pub output: Value,
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
    let mut world = World::new(coverage);
    let mut subject = started::<S>(door, &mut world);
    let mut lost = false;
    for Placed { line, step } in steps {
        if step.input == Input::Start {
            world.restart();
            subject = S::create(Tape::default());
            lost = false;
        }
        // Through its inherent methods a machine has neither clock nor executor.
        lost |= door == Door::Inherent && !matches!(step.input, Input::Start | Input::Event(..));
        if lost {
            continue;
        }
        let result = take(&mut subject, step, door, &mut world).and_then(|actual| compare(&step.expect, &actual, door));
        if let Err(problem) = result {
            let input = step.input.to_string();
            problems.push(format!("{name}:{line}: `{input}`, driven by its {door:?} methods\n{problem}"));
            lost = true;
        }
    }
    problems
}

/// A machine for a scenario that does not begin with its start.
fn started<S: Subject>(door: Door, world: &mut World<'_, S::Machine>) -> S {
    let mut subject = S::create(Tape::default());
    // What the start does is for a start line to say.
    let _ = start(&mut subject, door, world);
    subject
}

/// Takes one step and checks what holds for all steps.
///
/// # Errors
/// What does not hold.
pub fn take<S: Subject>(
    subject: &mut S,
    step: &Step,
    door: Door,
    world: &mut World<'_, S::Machine>,
) -> Result<Actual, String> {
    let _ = world.take_told();
    rules::known(step.guards.keys(), S::GUARDS, "guard")?;
    rules::known(step.fail.iter(), S::ACTIONS, "action")?;
    *subject.tape() = Tape::new(step.guards.clone(), step.fail.clone());
    let result = match &step.input {
        Input::Start => Some(caught(|| start(subject, door, world))?),
        Input::Event(name, data) => match S::event(name, data)? {
            Some(event) => {
                let can = asked(subject, &event)?;
                let result = caught(|| handle(subject, &event, door, world))?;
                rules::agree::<S>(can, &result)?;
                Some(result)
            }
            None => None,
        },
        Input::Advance(time) => Some(caught(|| advance(subject, *time, world))?),
        Input::Done(invoke, data) => Some(complete(subject, invoke, Some(data.clone()), world)?),
        Input::Error(invoke) => Some(complete(subject, invoke, None, world)?),
    };
    subject.laid_down()?;
    let recording = std::mem::take(subject.tape()).finish();
    let context = subject.context_json();
    rules::same(&context, S::context_from_wire(&context))?;
    if let (Some(_), Input::Event(name, data)) = (&result, &step.input) {
        let mut event = data.clone();
        event.insert("type".to_owned(), name.clone().into());
        rules::same(&event.clone().into(), S::event_from_wire(&event.into()))?;
    }
    if let Some(result) = &result {
        rules::check::<S>(result, &recording, step, subject.machine().status())?;
    }
    subject.machine().active().for_each(|state| world.coverage().visit(state));
    let told = world.take_told();
    Ok(Actual {
        // The simulator calls an event unhandled that the spec does not have; a generated one cannot be sent.
        outcome: result.as_ref().map_or("unhandled", outcome),
        configuration: paths(S::Machine::DEFINITION, subject.machine()),
        actions: recording.actions,
        context,
        emitted: told.emitted.iter().map(S::message_json).collect(),
        log: told.log,
        reply: told.reply.as_ref().map_or(Value::Null, S::reply_json),
        failed: told.failed,
        output: subject.output_json(),
    })
}

/// What `can` answers: it may ask guards, and change nothing.
fn asked<S: Subject>(subject: &mut S, event: &Event<S>) -> Result<bool, String> {
    let before = subject.machine().clone();
    let can = caught(|| subject.can(event))?;
    let untouched = *subject.machine() == before && subject.tape().is_silent();
    if untouched { Ok(can) } else { Err("  `can` had an effect\n".to_owned()) }
}

fn start<S: Subject>(subject: &mut S, door: Door, world: &mut World<'_, S::Machine>) -> StepResult<S::Machine> {
    match door {
        Door::Service => run(Service::start(subject, world)),
        Door::Inherent => run(subject.start_inherent()),
    }
}

fn handle<S: Subject>(
    subject: &mut S,
    event: &Event<S>,
    door: Door,
    world: &mut World<'_, S::Machine>,
) -> StepResult<S::Machine> {
    match door {
        Door::Service => run(Service::handle(subject, world, event)),
        Door::Inherent => run(subject.handle_inherent(event)),
    }
}

/// Lets the time go on, timer by timer.
fn advance<S: Subject>(subject: &mut S, time: Duration, world: &mut World<'_, S::Machine>) -> StepResult<S::Machine> {
    let moment = world.ahead(time);
    let mut result = Ok(at_rest(subject));
    while let Some((timer, generation)) = world.next_due(moment) {
        result = stronger(result, run(Service::fire(subject, world, timer, generation)));
    }
    result
}

/// Lets an invoke come to its end.
fn complete<S: Subject>(
    subject: &mut S,
    id: &str,
    answer: Option<Value>,
    world: &mut World<'_, S::Machine>,
) -> Result<StepResult<S::Machine>, String> {
    if subject.machine().status() == Status::Finished {
        return Ok(Ok(Outcome::Finished));
    }
    let taken = world.take_invoke(|invoke| S::invoke_ids(invoke).contains(&id));
    let (generation, invoke) = taken.ok_or_else(|| format!("  no invoke `{id}` is under way\n"))?;
    subject.tape().set_answer(answer);
    caught(|| {
        let done = run(Service::run(subject, invoke));
        run(Service::complete(subject, world, generation, done))
    })
}

/// The outcome where nothing happens.
fn at_rest<S: Subject>(subject: &S) -> Outcome {
    match subject.machine().status() {
        Status::Finished => Outcome::Finished,
        _ => Outcome::Handled,
    }
}

/// What two steps one after the other give as one: the first error, else the stronger outcome.
fn stronger<E>(first: Result<Outcome, Error<E>>, second: Result<Outcome, Error<E>>) -> Result<Outcome, Error<E>> {
    let rank = |outcome: Outcome| match outcome {
        Outcome::Finished => 2,
        Outcome::Transitioned => 1,
        _ => 0,
    };
    let (first, second) = (first?, second?);
    Ok(if rank(second) > rank(first) { second } else { first })
}

/// A panic of the machine is a problem of its step; afterwards the run is over, so nothing sees what it left.
fn caught<T>(step: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(step)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a message");
        format!("  panicked: {text}\n")
    })
}

/// A machine that is not started refuses each event and runs nothing.
fn before_start<S: Subject>(name: &str, steps: &[Placed]) -> Option<String> {
    let mut events = steps.iter().filter_map(|placed| {
        let Input::Event(event, data) = &placed.step.input else { return None };
        S::event(event, data).ok()?
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
    let mut subject = S::create(Tape::default());
    let _ = run(subject.start_inherent());
    for Placed { line, step } in steps {
        let Input::Event(event, data) = &step.input else { continue };
        let Ok(Some(event)) = S::event(event, data) else { continue };
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
///
/// Through its inherent methods a machine has no driver that could be told anything.
fn compare(expect: &Expect, actual: &Actual, door: Door) -> Result<(), String> {
    let mut text = String::new();
    differ(&mut text, "outcome", expect.outcome.as_ref(), &actual.outcome);
    differ(&mut text, "configuration", expect.configuration.as_ref(), &actual.configuration);
    differ(&mut text, "actions", expect.actions.as_ref(), &actual.actions);
    differ(&mut text, "context", expect.context.as_ref(), &actual.context);
    differ(&mut text, "output", expect.output.as_ref(), &actual.output);
    if door == Door::Service {
        differ(&mut text, "emitted", expect.emitted.as_ref(), &actual.emitted);
        differ(&mut text, "log", expect.log.as_ref(), &actual.log);
        differ(&mut text, "failed", expect.failed.as_ref(), &actual.failed);
        differ(&mut text, "reply", expect.reply.as_ref(), &actual.reply);
    }
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
