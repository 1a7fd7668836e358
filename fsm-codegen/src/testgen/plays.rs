//! What can come to a machine where it is: events, time, the ends of invokes, each under the guards that hold.

use std::collections::BTreeSet;
use std::time::Duration;

use super::values::Constants;
use crate::interp::{Host, Interpreter, Note, Run, Status, Step, Value};
use crate::ir::{ActionId, Call, DelayId, EventId, GuardId, InvokeId, Machine, TransitionId, Trigger};

/// How long a delay is that a method gives, as the script of fsm-runtime's kit has it.
const DELAY: Duration = Duration::from_mins(1);

/// What comes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Input {
    Start,
    Event(EventId, Vec<Value>),
    Advance(Duration),
    Done(InvokeId, Value),
    Error(InvokeId),
}

/// What comes, and what the handlers answer meanwhile.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Play {
    pub(super) input: Input,
    /// The guards that hold; all others do not.
    pub(super) guards: BTreeSet<GuardId>,
    /// The action whose first call fails.
    pub(super) fails: Option<ActionId>,
}

impl Play {
    pub(super) const fn of(input: Input) -> Self {
        Self { input, guards: BTreeSet::new(), fails: None }
    }

    /// Plays it.
    pub(super) fn on(&self, interpreter: &mut Interpreter<'_>, seen: &mut Seen) -> Run<Step> {
        *seen = Seen::default();
        let machine = interpreter.machine();
        let mut host = Handlers { machine, play: self, failed: false, seen };
        match &self.input {
            Input::Start => interpreter.start(&mut host),
            Input::Event(event, fields) => interpreter.handle(&mut host, *event, fields.clone()),
            Input::Advance(time) => interpreter.advance(&mut host, *time),
            Input::Done(invoke, value) => interpreter.complete(&mut host, *invoke, Ok(value.clone())),
            Input::Error(invoke) => interpreter.complete(&mut host, *invoke, Err(failure(machine))),
        }
    }
}

/// What actions fail with: the default of its type.
fn failure(machine: &Machine) -> Value {
    let ty = machine.error.as_ref().map(|ty| crate::interp::Type::of(&ty.syntax));
    ty.map_or(Value::Unit, |ty| ty.default_value())
}

/// What a step did.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    pub(super) transitions: Vec<TransitionId>,
    /// The guards that were asked.
    pub(super) asked: BTreeSet<GuardId>,
    /// The actions that were called.
    pub(super) called: BTreeSet<ActionId>,
}

/// Answers as the play says.
struct Handlers<'p> {
    machine: &'p Machine,
    play: &'p Play,
    failed: bool,
    seen: &'p mut Seen,
}

impl Host for Handlers<'_> {
    fn guard(&mut self, guard: GuardId, _: &Call) -> Run<bool> {
        self.seen.asked.insert(guard);
        Ok(self.play.guards.contains(&guard))
    }

    fn action(&mut self, action: ActionId, _: &Call) -> Result<(), Value> {
        self.seen.called.insert(action);
        if self.play.fails == Some(action) && !std::mem::replace(&mut self.failed, true) {
            return Err(failure(self.machine));
        }
        Ok(())
    }

    fn delay(&mut self, _: DelayId) -> Run<Duration> {
        Ok(DELAY)
    }

    fn note(&mut self, note: Note<'_>) {
        if let Note::Transition(id) = note {
            self.seen.transitions.push(id);
        }
    }
}

/// Everything that can come, the plainest first.
pub(super) fn inputs(interpreter: &Interpreter<'_>, constants: &Constants) -> Vec<Input> {
    let machine = interpreter.machine();
    match interpreter.status() {
        Status::Stopped => return vec![Input::Start],
        Status::Ready => {}
        Status::Stepping | Status::Finished => return Vec::new(),
    }
    let constants = constants.with(interpreter.context().map(|(_, value)| value));
    let mut inputs = Vec::new();
    for event in interpreter.accepted() {
        inputs.extend(constants.payloads(machine, event).into_iter().map(|fields| Input::Event(event, fields)));
    }
    inputs.extend(interpreter.waiting().next().map(Input::Advance));
    for invoke in interpreter.running() {
        // A testbed knows what runs by its task.
        let task = machine.invokes[invoke].task;
        if interpreter.running().any(|other| other != invoke && machine.invokes[other].task == task) {
            continue;
        }
        inputs.extend(constants.results(machine, invoke).into_iter().map(|value| Input::Done(invoke, value)));
        if machine.error.is_some() {
            inputs.push(Input::Error(invoke));
        }
    }
    inputs
}

/// Whether failures of actions lead anywhere.
pub(super) fn failures_matter(machine: &Machine) -> bool {
    machine.error.is_some() && machine.transitions.iter().any(|transition| transition.trigger == Trigger::Error)
}
