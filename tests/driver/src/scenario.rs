//! Reads `NAME.scenario.yaml`: a list of inputs, each with what is expected of it.
//!
//! The form is that of `fsmc simulate`. `event: null` starts a machine, later in a file a new one; without a start at the
//! top the machine is started silently.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use serde_saphyr::Spanned;

/// One input with its expectation.
#[derive(Debug)]
pub struct Step {
    /// What comes.
    pub input: Input,
    /// The truth of named guards in this step.
    pub guards: BTreeMap<String, bool>,
    /// The actions that fail in this step.
    pub fail: BTreeSet<String>,
    /// What must come of it.
    pub expect: Expect,
}

/// What comes to a machine.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// The start, of a new machine.
    Start,
    /// An event with its payload.
    Event(String, Map<String, Value>),
    /// Time goes on.
    Advance(Duration),
    /// An invoke comes to its end: its id, and what it gives.
    Done(String, Value),
    /// An invoke fails: its id.
    Error(String),
}

/// As the player's report names it.
impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => write!(f, "null"),
            Self::Event(name, _) => write!(f, "{name}"),
            Self::Advance(time) => write!(f, "advance {time:?}"),
            Self::Done(invoke, _) => write!(f, "done {invoke}"),
            Self::Error(invoke) => write!(f, "error {invoke}"),
        }
    }
}

/// `event:`.
#[derive(Debug, Default)]
enum Named {
    #[default]
    Absent,
    Null,
    Event(String),
}

/// A step as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, deserialize_with = "present")]
    event: Named,
    #[serde(default)]
    advance: Option<String>,
    #[serde(default)]
    done: Option<String>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    data: Option<Value>,
    #[serde(default)]
    guards: BTreeMap<String, bool>,
    #[serde(default)]
    fail: BTreeSet<String>,
    #[serde(default)]
    expect: Expect,
}

/// The keys of the simulator's output that a step fixes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The outcome, or the kind of error.
    pub outcome: Option<String>,
    /// The active atomic states.
    pub configuration: Option<Vec<String>>,
    /// The user's actions that ran.
    pub actions: Option<Vec<String>>,
    /// The whole context.
    pub context: Option<Value>,
    /// Messages to the outside, each with its name as `type`.
    pub emitted: Option<Vec<Value>>,
    /// Lines for the log.
    pub log: Option<Vec<String>>,
    /// The answer given last.
    pub reply: Option<Value>,
    /// The deferred events that are gone with an error, each with its kind.
    pub failed: Option<Vec<Value>>,
    /// What the machine gave at its end.
    pub output: Option<Value>,
}

/// A step and its place.
#[derive(Debug)]
pub struct Placed {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// The step.
    pub step: Step,
}

/// Reads a scenario.
///
/// # Errors
/// Text that is no scenario.
pub fn parse(text: &str) -> Result<Vec<Placed>, String> {
    let steps: Vec<Spanned<Written>> = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
    let placed = steps.into_iter().map(|step| {
        let line = step.referenced.line();
        Ok(Placed { line, step: read(step.value).map_err(|problem| format!("line {line}: {problem}"))? })
    });
    placed.collect()
}

fn read(written: Written) -> Result<Step, String> {
    let Written { event, advance, done, error, data, guards, fail, expect } = written;
    let input = match (event, advance, done, error) {
        (Named::Null, None, None, None) => Input::Start,
        (Named::Event(event), None, None, None) => match data.unwrap_or_else(|| Map::new().into()) {
            Value::Object(data) => Input::Event(event, data),
            other => return Err(format!("the payload of an event is a mapping, not {other}")),
        },
        (Named::Absent, Some(time), None, None) => {
            Input::Advance(duration(&time).ok_or_else(|| format!("`{time}` is no duration"))?)
        }
        (Named::Absent, None, Some(invoke), None) => Input::Done(invoke, data.unwrap_or_default()),
        (Named::Absent, None, None, Some(invoke)) => Input::Error(invoke),
        _ => return Err("a step has one of `event`, `advance`, `done` and `error`".to_owned()),
    };
    Ok(Step { input, guards, fail, expect })
}

/// `250ms`, `1.5s`, `5min`, `2h`, `1d`.
fn duration(text: &str) -> Option<Duration> {
    const UNITS: &[(&str, f64)] = &[("ms", 0.001), ("s", 1.0), ("min", 60.0), ("h", 3_600.0), ("d", 86_400.0)];
    let end = text.find(|char: char| !char.is_ascii_digit() && char != '.')?;
    let factor = UNITS.iter().find(|(unit, _)| *unit == &text[end..])?.1;
    Duration::try_from_secs_f64(text[..end].parse::<f64>().ok()? * factor).ok()
}

/// A value that may be null, told from one that is absent.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Named, D::Error> {
    Ok(Option::deserialize(deserializer)?.map_or(Named::Null, Named::Event))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_knows_its_line_and_what_it_does_not_fix() {
        let text = "# Start.\n- event: null\n- event: Go\n  data: { n: 3, name: 'on' }\n  expect: { actions: [] }\n";
        let steps = parse(text).expect("it is a scenario");
        assert_eq!(steps.iter().map(|step| step.line).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(steps[0].step.input, Input::Start);
        let Input::Event(name, data) = &steps[1].step.input else { panic!("it is an event") };
        assert_eq!((name.as_str(), Value::from(data.clone())), ("Go", serde_json::json!({ "n": 3, "name": "on" })));
        assert_eq!(steps[1].step.expect.actions.as_deref(), Some(&[][..]));
        assert_eq!(steps[1].step.expect.outcome, None);
    }

    #[test]
    fn time_and_invokes_are_inputs() {
        let steps = parse("- advance: 1.5s\n- done: fetch\n  data: 7\n- done: flush\n- error: fetch\n");
        let inputs: Vec<_> = steps.expect("it is a scenario").into_iter().map(|placed| placed.step.input).collect();
        assert_eq!(
            inputs,
            [
                Input::Advance(Duration::from_millis(1_500)),
                Input::Done("fetch".to_owned(), Value::from(7)),
                Input::Done("flush".to_owned(), Value::Null),
                Input::Error("fetch".to_owned()),
            ]
        );
    }

    #[test]
    fn a_step_without_an_input_with_two_or_with_an_unknown_key_is_refused() {
        assert!(parse("- expect: {}\n").is_err());
        assert!(parse("- event: Go\n  advance: 5s\n").is_err());
        assert!(parse("- event: Go\n  expects: {}\n").is_err());
        assert_eq!(parse("- advance: soon\n").err().as_deref(), Some("line 1: `soon` is no duration"));
    }
}
