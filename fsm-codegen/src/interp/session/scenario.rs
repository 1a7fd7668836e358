//! Plays a scenario, `NAME.scenario.yaml`: a list of inputs, each with what is expected of it.
//!
//! `event: null` starts a machine, later in a file a new one; without a start at the top the machine is started silently.
//! A step that fails ends its run, the next start begins another: one report names every run that goes wrong.

use std::time::Duration;

use serde_json::{Map, Value as Json};
use serde_saphyr::Spanned;

use super::{Input, Line, Output, Refusal, Session};
use crate::ir::{Id as _, Machine};
use crate::source::Source;

/// What a delay is that a method gives.
const DELAY: Duration = Duration::from_mins(1);

/// What a scenario showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What went otherwise than expected, a paragraph each.
    pub problems: Vec<String>,
    /// What was never active and never taken, a line each.
    pub missing: Vec<String>,
}

/// Plays the text of a scenario, which messages call `name`.
#[must_use]
pub fn play(machine: &Machine, source: &Source, name: &str, text: &str) -> Report {
    let steps: Vec<Spanned<Map<String, Json>>> = match serde_saphyr::from_str(text) {
        Ok(steps) => steps,
        Err(error) => return Report { problems: vec![format!("{name} is no scenario: {error}")], missing: Vec::new() },
    };
    let mut player = Player::new(machine, source);
    for step in steps {
        let line = step.referenced.line();
        if let Err(problem) = player.step(step.value) {
            player.problems.push(format!("{name}:{line}: {problem}"));
            player.lost = true;
        }
    }
    player.report(machine)
}

struct Player<'m> {
    session: Session<'m>,
    started: bool,
    /// Until the next start nothing more is played.
    lost: bool,
    problems: Vec<String>,
    states: Vec<bool>,
    transitions: Vec<bool>,
}

impl<'m> Player<'m> {
    fn new(machine: &'m Machine, source: &'m Source) -> Self {
        Self {
            session: Session::new(machine, source).with_delays(Some(DELAY)),
            started: false,
            lost: false,
            problems: Vec::new(),
            states: vec![false; machine.states.len()],
            transitions: vec![false; machine.transitions.len()],
        }
    }

    fn step(&mut self, mut step: Map<String, Json>) -> Result<(), String> {
        let expect = step.remove("expect");
        let line = Line::read(step)?;
        if line.input == Input::Start {
            self.lost = false;
        } else if !self.started {
            self.play(&Input::Start.into())?;
        }
        self.started = true;
        if self.lost {
            return Ok(());
        }
        let output = self.play(&line)?;
        expect.map_or(Ok(()), |expect| compare(&expect, &output))
    }

    fn play(&mut self, line: &Line) -> Result<Output, String> {
        let output = self.session.play(line).map_err(|refusal| match refusal {
            Refusal::Input(message) => message,
            Refusal::Stuck(stuck) => stuck.message,
        })?;
        let machine = self.session.machine();
        for id in &output.transitions {
            self.transitions[id.index()] = true;
            // Where a step goes on at once, its targets are not where it rests.
            machine.transitions[*id].targets.iter().for_each(|target| self.states[target.index()] = true);
        }
        self.session.interpreter().active().for_each(|state| self.states[state.index()] = true);
        Ok(output)
    }

    fn report(self, machine: &Machine) -> Report {
        let states = machine
            .states
            .ids()
            .filter(|state| !matches!(machine.states[*state].kind, crate::ir::StateKind::History(_)));
        let mut missing: Vec<String> = states
            .filter(|state| !self.states[state.index()])
            .map(|state| format!("the state `{}` is never active", machine.path(state)))
            .collect();
        let untaken = machine.transitions.enumerated().filter(|(id, _)| !self.transitions[id.index()]);
        missing.extend(untaken.map(|(_, transition)| {
            let trigger = crate::labels::trigger(machine, transition.trigger);
            format!("a transition of `{}` is never taken: {trigger}", machine.path(transition.source))
        }));
        Report { problems: self.problems, missing }
    }
}

/// Every key in which the step differs from what is expected.
fn compare(expect: &Json, output: &Output) -> Result<(), String> {
    let Json::Object(expect) = expect else { return Err("`expect` is a mapping".to_owned()) };
    let line = output.json();
    let actual: Json = serde_json::from_str(&line).map_err(|error| format!("{error}: {line}"))?;
    // A list without anything in it is not printed.
    let nothing = Json::Array(Vec::new());
    let differences: Vec<String> = expect
        .iter()
        .filter(|(key, wanted)| actual.get(key.as_str()).unwrap_or(&nothing) != *wanted)
        .map(|(key, wanted)| {
            let actual = actual.get(key.as_str()).map_or_else(|| "nothing".to_owned(), Json::to_string);
            format!("\n  {key}\n    - {wanted}\n    + {actual}")
        })
        .collect();
    if differences.is_empty() { Ok(()) } else { Err(format!("{line}{}", differences.concat())) }
}
