//! A session of `fsmc simulate`: inputs as JSON in, what each step did out.
//!
//! Above the interpreter: the [`Host`] that takes the truth of guards, the failures of actions and the length of delays
//! from the input. The same sessions play the scenarios of the tests. Reads and prints nothing itself.

mod input;
mod output;
pub mod scenario;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub use input::{Input, Line};
pub use output::Output;

use super::{Error, Host, Interpreter, Misfit, Note, Outcome, Run, Status, Step, Stuck, Type, Value};
use crate::diag::{did_you_mean, shown};
use crate::ir::{ActionId, Call, DelayId, EventId, Field, GuardId, InvokeId, Machine, TransitionId};
use crate::labels;
use crate::source::Source;

/// Why an input was not played.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// The input does not fit the machine.
    Input(String),
    /// The simulation cannot go on.
    Stuck(Stuck),
}

impl From<Stuck> for Refusal {
    fn from(stuck: Stuck) -> Self {
        Self::Stuck(stuck)
    }
}

/// A machine that is being played with.
#[derive(Debug)]
pub struct Session<'m> {
    machine: &'m Machine,
    source: &'m Source,
    interpreter: Interpreter<'m>,
    /// The truth of guards that no input gives.
    default_guard: Option<bool>,
    /// The length of delays that methods give and no input does.
    default_delay: Option<Duration>,
}

impl<'m> Session<'m> {
    /// A machine that is not started.
    #[must_use]
    pub fn new(machine: &'m Machine, source: &'m Source) -> Self {
        let interpreter = Interpreter::new(machine);
        Self { machine, source, interpreter, default_guard: None, default_delay: None }
    }

    /// The truth of guards that no input gives.
    #[must_use]
    pub fn with_guards(self, truth: Option<bool>) -> Self {
        Self { default_guard: truth, ..self }
    }

    /// The length of delays that methods give and no input does.
    #[must_use]
    pub fn with_delays(self, length: Option<Duration>) -> Self {
        Self { default_delay: length, ..self }
    }

    /// The machine that is played.
    #[must_use]
    pub const fn machine(&self) -> &'m Machine {
        self.machine
    }

    /// The machine as it is now.
    #[must_use]
    pub const fn interpreter(&self) -> &Interpreter<'m> {
        &self.interpreter
    }

    /// Plays one input. A start makes a new machine.
    ///
    /// # Errors
    /// Where the input does not fit the machine, or the simulation cannot go on.
    pub fn play(&mut self, line: &Line) -> Result<Output, Refusal> {
        self.check_names(line)?;
        if line.input == Input::Start {
            self.interpreter = Interpreter::new(self.machine);
        }
        let before = self.interpreter.configuration();
        let old_context = self.context();
        let mut host = Played::new(self, line);
        let interpreter = &mut self.interpreter;
        let result = match &line.input {
            Input::Start => interpreter.start(&mut host)?,
            Input::Advance(_, time) => interpreter.advance(&mut host, *time)?,
            Input::Event(name, data) => match named_event(self.machine, name) {
                Some(event) => {
                    let fields = payload(self.machine, event, data.as_ref()).map_err(Refusal::Input)?;
                    interpreter.handle(&mut host, event, fields)?
                }
                // An event that the spec lacks changes nothing.
                None => match interpreter.status() {
                    Status::Finished => Ok(Outcome::Finished),
                    Status::Stopped => Err(Error::Stopped),
                    Status::Ready | Status::Stepping => Ok(Outcome::Unhandled),
                },
            },
            Input::Done(name, data) => {
                let invoke = invoke(self.machine, name)?;
                let ty = interpreter.output_type(invoke);
                let value =
                    typed(data.as_ref(), &ty, &format!("what `{}` gives", shown(name))).map_err(Refusal::Input)?;
                interpreter.complete(&mut host, invoke, Ok(value))?
            }
            Input::Error(name, data) => {
                let invoke = invoke(self.machine, name)?;
                let ty = self.machine.error.as_ref().map_or(Type::Other, |ty| Type::of(&ty.syntax));
                let value = match data {
                    Some(_) => {
                        typed(data.as_ref(), &ty, &format!("the error of `{}`", shown(name))).map_err(Refusal::Input)?
                    }
                    None => Value::Opaque(name.clone()),
                };
                interpreter.complete(&mut host, invoke, Err(value))?
            }
        };
        let Played { actions, calls, transitions, emitted, log, reply, failed, .. } = host;
        Ok(Output {
            input: line.input.clone(),
            outcome: outcome(&result),
            cycle: self.cycle(&result),
            before,
            configuration: self.interpreter.configuration(),
            actions,
            calls,
            old_context,
            context: self.context(),
            emitted,
            log,
            reply,
            failed,
            output: self.interpreter.output().filter(|output| **output != Value::Unit).cloned(),
            transitions,
        })
    }

    fn context(&self) -> Vec<(String, Value)> {
        self.interpreter.context().map(|(name, value)| (name.to_owned(), value.clone())).collect()
    }

    /// A mistyped name must not count as one that is not given.
    fn check_names(&self, line: &Line) -> Result<(), Refusal> {
        let actions = self.machine.actions.iter().map(|method| method.name.value.as_str());
        let delays = self.machine.delays.iter().map(|delay| delay.name.value.as_str());
        let guards = self.machine.guards.iter().map(|method| method.name.value.as_str());
        // A call as written begins with the guard's name.
        let called =
            line.guards.keys().map(|guard| guard.split_once('(').map_or(guard.as_str(), |(name, _)| name.trim()));
        known(called, &guards.collect::<BTreeSet<_>>(), "guard")?;
        known(line.fail.iter().map(String::as_str), &actions.collect(), "action")?;
        known(line.delays.keys().map(String::as_str), &delays.collect(), "delay")
    }

    /// The transitions of an endless loop, for people.
    fn cycle(&self, result: &Step) -> Vec<String> {
        let Err(Error::Livelock(transitions)) = result else { return Vec::new() };
        let text = |id: &TransitionId| {
            let transition = &self.machine.transitions[*id];
            let targets: Vec<String> = transition.targets.iter().map(|target| self.machine.path(*target)).collect();
            let source = self.machine.path(transition.source);
            if targets.is_empty() { source } else { format!("{source} -> {}", targets.join(", ")) }
        };
        transitions.iter().map(text).collect()
    }
}

fn outcome(result: &Step) -> &'static str {
    match result {
        Ok(outcome) => outcome.name(),
        Err(error) => error.name(),
    }
}

fn known<'n>(names: impl Iterator<Item = &'n str>, all: &BTreeSet<&str>, what: &str) -> Result<(), Refusal> {
    for name in names {
        if !all.contains(name) {
            return Err(Refusal::Input(unknown(what, name, all.iter().copied())));
        }
    }
    Ok(())
}

fn unknown<'a>(what: &str, name: &str, all: impl Iterator<Item = &'a str>) -> String {
    let help = did_you_mean(name, all).map_or_else(String::new, |help| format!(": {help}"));
    format!("the spec has no {what} `{}`{help}", shown(name))
}

fn named_event(machine: &Machine, name: &str) -> Option<EventId> {
    machine.events.enumerated().find(|(_, event)| event.name.value == name).map(|(id, _)| id)
}

fn invoke(machine: &Machine, name: &str) -> Result<InvokeId, Refusal> {
    let found = machine.invokes.enumerated().find(|(_, invoke)| invoke.id.value == name);
    let all = machine.invokes.iter().map(|invoke| invoke.id.value.as_str());
    found.map(|(id, _)| id).ok_or_else(|| Refusal::Input(unknown("invoke", name, all)))
}

/// The fields of an event from JSON.
fn payload(machine: &Machine, event: EventId, data: Option<&serde_json::Value>) -> Result<Vec<Value>, String> {
    let (event, fields) = (&machine.events[event].name.value, &machine.events[event].fields);
    let nothing = serde_json::Map::new();
    let data = match data {
        None | Some(serde_json::Value::Null) => &nothing,
        Some(serde_json::Value::Object(data)) => data,
        Some(_) => return Err("`data` is not an object".to_owned()),
    };
    let names = || fields.iter().map(|field| field.name.value.as_str());
    if let Some(extra) = data.keys().find(|key| !names().any(|name| name == key.as_str())) {
        let help = did_you_mean(extra, names()).map_or_else(String::new, |help| format!(": {help}"));
        return Err(format!("the event `{}` has no field `{}`{help}", shown(event), shown(extra)));
    }
    let has_value = |field: &Field| field.default.is_some() || matches!(Type::of(&field.ty.syntax), Type::Option(_));
    let missing: Vec<String> = fields
        .iter()
        .filter(|field| !data.contains_key(&field.name.value) && !has_value(field))
        .map(|field| format!("`{}`", field.name.value))
        .collect();
    if !missing.is_empty() {
        let noun = if missing.len() == 1 { "the field" } else { "the fields" };
        return Err(format!("`data` lacks {noun} {} of `{}`", missing.join(", "), shown(event)));
    }
    let value = |field: &Field| {
        let (name, ty) = (&field.name.value, Type::of(&field.ty.syntax));
        match data.get(name) {
            Some(value) => typed(Some(value), &ty, &format!("the field `{name}` of `data`")),
            None => Ok(super::default_value(machine, field)),
        }
    };
    fields.iter().map(value).collect()
}

/// JSON as a value of the type.
fn typed(data: Option<&serde_json::Value>, ty: &Type, what: &str) -> Result<Value, String> {
    let value = data.map_or(Value::None, input::value);
    value.from_json(ty).map_err(|misfit| match misfit {
        Misfit::Range => format!("{what} is out of the range of `{}`", ty.name()),
        Misfit::Kind => format!("{what} is not of the type `{}`", ty.name()),
    })
}

/// Plays the user's methods and writes down what happens.
struct Played<'p> {
    machine: &'p Machine,
    source: &'p Source,
    default_guard: Option<bool>,
    default_delay: Option<Duration>,
    guards: &'p BTreeMap<String, bool>,
    fail: &'p BTreeSet<String>,
    delays: &'p BTreeMap<String, Duration>,
    actions: Vec<String>,
    calls: Vec<String>,
    transitions: Vec<TransitionId>,
    emitted: Vec<Value>,
    log: Vec<String>,
    reply: Option<Value>,
    failed: Vec<(String, &'static str)>,
}

impl<'p> Played<'p> {
    fn new(session: &Session<'p>, line: &'p Line) -> Self {
        Self {
            machine: session.machine,
            source: session.source,
            default_guard: session.default_guard,
            default_delay: session.default_delay,
            guards: &line.guards,
            fail: &line.fail,
            delays: &line.delays,
            actions: Vec::new(),
            calls: Vec::new(),
            transitions: Vec::new(),
            emitted: Vec::new(),
            log: Vec::new(),
            reply: None,
            failed: Vec::new(),
        }
    }
}

impl Host for Played<'_> {
    fn guard(&mut self, guard: GuardId, call: &Call) -> Run<bool> {
        let name = &self.machine.guards[guard].name.value;
        let written = self.source.slice(call.span).trim();
        let given = self.guards.get(written).or_else(|| self.guards.get(&labels::call(call)));
        let given = given.or_else(|| self.guards.get(name)).copied().or(self.default_guard);
        given.ok_or_else(|| Stuck::at(call.span, format!("the guard `{}` was asked and not given", shown(name))))
    }

    fn action(&mut self, action: ActionId, call: &Call) -> Result<(), Value> {
        let name = &self.machine.actions[action].name.value;
        self.actions.push(name.clone());
        self.calls.push(labels::call(call));
        if self.fail.contains(name) { Err(Value::Opaque(name.clone())) } else { Ok(()) }
    }

    fn delay(&mut self, delay: DelayId) -> Run<Duration> {
        let name = &self.machine.delays[delay].name;
        let given = self.delays.get(&name.value).copied().or(self.default_delay);
        given.ok_or_else(|| Stuck::at(name.span, format!("the delay `{}` was asked and not given", shown(&name.value))))
    }

    fn note(&mut self, note: Note<'_>) {
        match note {
            Note::Transition(id) => self.transitions.push(id),
            Note::Emitted(message, fields) => {
                let message = &self.machine.emits[message];
                let names = message.fields.iter().map(|field| field.name.value.clone());
                let mut map = vec![("type".to_owned(), Value::String(message.name.value.clone()))];
                map.extend(names.zip(fields.iter().cloned()));
                self.emitted.push(Value::Map(map));
            }
            Note::Log(text) => self.log.push(text.to_owned()),
            Note::Reply(value) => self.reply = Some(value.clone()),
            Note::Settled(_, event, Err(error)) => {
                self.failed.push((self.machine.events[event].name.value.clone(), error.name()));
            }
            _ => {}
        }
    }
}
