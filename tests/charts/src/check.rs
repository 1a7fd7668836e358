//! One chart with its inputs: through the interpreter, and what has to hold of the interpreter alone.

use std::collections::BTreeSet;

use fsm_codegen::diag::Code;
use fsm_codegen::interp::session::{Input, Line, Output, Session};
use fsm_codegen::ir::{Machine, StateId, StateKind, TransitionId};
use fsm_codegen::source::Source;
use fsm_codegen::{Config, Level, backend, check, check_tokens};
use proc_macro2::{TokenStream, TokenTree};
use serde_json::{Map, Value, json};

use crate::steps::{self, Step};

/// A spec without errors.
pub(crate) struct Checked {
    pub(crate) source: Source,
    pub(crate) machine: Machine,
}

/// A sequence as it was played.
#[derive(Debug, Default)]
pub(crate) struct Played {
    /// The inputs in the form of scenarios.
    pub(crate) inputs: Vec<Value>,
    /// What each did, in the form of a scenario's `expect`.
    pub(crate) outputs: Vec<Value>,
    /// The transitions that each took.
    pub(crate) transitions: Vec<Vec<TransitionId>>,
    /// The states that were active behind each.
    pub(crate) visited: Vec<Vec<StateId>>,
}

impl Played {
    /// The inputs as a program takes them.
    pub(crate) fn line(&self) -> String {
        Value::from(self.inputs.clone()).to_string()
    }

    /// Whether it is over: each livelock takes its time, and after two of them nothing else is to be expected.
    fn is_over(&self) -> bool {
        self.outputs.iter().filter(|output| output["outcome"] == "livelock").count() > 1
    }
}

impl Checked {
    /// Reads a spec.
    pub(crate) fn new(text: &str) -> Result<Self, String> {
        let source = Source::new("chart.yaml", text.to_owned());
        let checked = check(&source, &config());
        let lines =
            checked.diagnostics.iter().map(|it| format!("{}: {}\n", source.position(it.span.lo).line, it.message));
        let complaints: String = lines.collect();
        let machine = checked.machine.ok_or_else(|| format!("the chart has errors\n{complaints}{text}"))?;
        Ok(Self { source, machine })
    }

    /// Prints the machine in either notation and reads it again.
    pub(crate) fn round_trip(&self) -> Result<(), String> {
        let printed = backend::yaml::emit(&self.machine);
        let again = Self::new(&printed)?;
        if again.machine != self.machine {
            return Err(format!("printed it is another machine\n{printed}"));
        }
        let printed = backend::fsm::emit(&self.machine);
        let again = in_tokens(&printed)?;
        if again == self.machine { Ok(()) } else { Err(format!("printed it is another machine\n{printed}")) }
    }

    /// Plays a start and then the steps.
    pub(crate) fn play(&self, steps: &[Step]) -> Result<Played, String> {
        let mut session = Session::new(&self.machine, &self.source);
        let mut played = Played::default();
        let mut rest = steps.iter();
        let mut line = Some(steps::start(&self.machine));
        while let Some(next) = line.filter(|_| !played.is_over()) {
            self.step(&mut session, &next, &mut played)?;
            line = rest.by_ref().find_map(|step| step.line(&self.machine, &session));
        }
        Ok(played)
    }

    /// Plays inputs in the form of scenarios.
    pub(crate) fn replay(&self, inputs: &[Value]) -> Result<Played, String> {
        let mut session = Session::new(&self.machine, &self.source);
        let mut played = Played::default();
        for input in inputs {
            let line = Line::parse(&input.to_string())?;
            if let Input::Done(name, _) | Input::Error(name, _) = &line.input {
                let mut running = session.interpreter().running();
                if !running.any(|invoke| self.machine.invokes[invoke].id.value == *name) {
                    return Err(format!("the invoke `{name}` does not run"));
                }
            }
            self.step(&mut session, &line, &mut played)?;
        }
        Ok(played)
    }

    fn step(&self, session: &mut Session<'_>, line: &Line, played: &mut Played) -> Result<(), String> {
        played.inputs.push(input(line));
        let failed = |problem: String| format!("{problem}\nafter {:#?}", played.inputs);
        let output = session.play(line).map_err(|refusal| failed(format!("the interpreter refuses {refusal:?}")))?;
        let active: BTreeSet<StateId> = session.interpreter().active().collect();
        legal(&self.machine, &active).map_err(failed)?;
        played.outputs.push(told(session, &output).map_err(|error| failed(error.to_string()))?);
        played.transitions.push(output.transitions);
        played.visited.push(active.into_iter().collect());
        Ok(())
    }
}

/// The machine of a printed `fsm! { … }`.
fn in_tokens(printed: &str) -> Result<Machine, String> {
    let tokens: TokenStream = printed.parse().map_err(|error| format!("{error}\n{printed}"))?;
    let Some(TokenTree::Group(body)) = tokens.into_iter().last() else { return Err(format!("no macro\n{printed}")) };
    let (source, checked) = check_tokens("chart.rs", body.stream(), &config());
    let lines = checked.diagnostics.iter().map(|it| format!("{}: {}\n", source.position(it.span.lo).line, it.message));
    let complaints: String = lines.collect();
    checked.machine.ok_or_else(|| format!("the chart has errors\n{complaints}{printed}"))
}

/// Lints are off, since nobody wrote the charts.
fn config() -> Config {
    Config { lints: Code::lints().map(|code| (code, Level::Allow)).collect(), ..Config::default() }
}

/// The root is active; of an active compound one child is, of an active parallel state all are.
fn legal(machine: &Machine, active: &BTreeSet<StateId>) -> Result<(), String> {
    for state in active {
        let node = &machine.states[*state];
        let children = node.children.iter().filter(|child| active.contains(child)).count();
        let wanted = match node.kind {
            StateKind::Compound(_) => 1,
            StateKind::Parallel => node.children.len(),
            _ => 0,
        };
        let held = node.parent.is_none_or(|parent| active.contains(&parent));
        if children != wanted || !held || matches!(node.kind, StateKind::History(_)) {
            return Err(format!("the configuration {active:?} is illegal at `{}`", machine.path(*state)));
        }
    }
    if active.contains(&StateId::ROOT) { Ok(()) } else { Err("the machine itself is not active".to_owned()) }
}

/// All that is compared: what the simulator tells, the timers and the invokes.
fn told(session: &Session<'_>, output: &Output) -> serde_json::Result<Value> {
    let told: Value = serde_json::from_str(&output.json())?;
    let lists = ["configuration", "actions", "emitted", "log", "failed"];
    let list = |key: &str| told.get(key).cloned().unwrap_or_else(|| json!([]));
    let mut all: Map<_, _> = lists.into_iter().map(|key| (key.to_owned(), list(key))).collect();
    let values = ["outcome", "context", "reply", "output"];
    all.extend(values.into_iter().map(|key| (key.to_owned(), told[key].clone())));
    let interpreter = session.interpreter();
    let mut invokes: Vec<&str> =
        interpreter.running().map(|id| session.machine().invokes[id].id.value.as_str()).collect();
    invokes.sort_unstable();
    all.insert("waiting".to_owned(), interpreter.waiting().map(|left| json!(left.as_millis())).collect());
    all.insert("invokes".to_owned(), invokes.into());
    Ok(all.into())
}

/// An input in the form of scenarios.
fn input(line: &Line) -> Value {
    let mut step = match &line.input {
        Input::Start => json!({ "event": null }),
        Input::Event(name, None) => json!({ "event": name }),
        Input::Event(name, Some(data)) => json!({ "event": name, "data": data }),
        Input::Advance(time, _) => json!({ "advance": time }),
        Input::Done(invoke, data) => json!({ "done": invoke, "data": data }),
        Input::Error(invoke, _) => json!({ "error": invoke }),
    };
    if !line.guards.is_empty() {
        step["guards"] = json!(line.guards);
    }
    if !line.fail.is_empty() {
        step["fail"] = json!(line.fail);
    }
    step
}
