//! What goes over the wire: a line becomes an event, an answer becomes a line. Pure functions, no socket.
//!
//! A message is a JSON object whose `type` names an event of the spec; the other keys are the event's fields. Each
//! message gets one answer, an object with `ok`:
//!
//! ```json
//! {"ok":true,"event":"Pause","outcome":"transitioned","configuration":["Working.Paused"],"context":{"battery":100,"jobs":1,"parts":0}}
//! {"ok":false,"error":{"code":"unknown_type","message":"there is no message `Dance`; …"}}
//! ```

use fsm_runtime::AskError;
use fsm_runtime::core::{Error, Machine as _, Outcome, StepResult, Trigger};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arm::ArmError;
use crate::lines::{Line, MAX_LINE};
use crate::robot::{Context, DEFINITION, Event, Machine};

/// One line to the client.
#[derive(Debug, Serialize)]
pub(crate) struct Reply {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    /// The active states, after the step.
    #[serde(skip_serializing_if = "Option::is_none")]
    configuration: Option<Vec<&'static str>>,
    /// The machine's own data, after the step.
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Context>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem>,
}

/// Why a message did not do what it was sent for.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    /// For programs.
    code: &'static str,
    /// For people.
    message: String,
}

impl Problem {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// The event of a line; `None` for an empty one.
pub(crate) fn read(line: &Line) -> Option<Result<Event, Problem>> {
    let problem = match line {
        Line::Text(text) if text.trim().is_empty() => return None,
        Line::Text(text) => return Some(parse(text)),
        Line::TooLong => {
            Problem::new("line_too_long", format!("a line may have {MAX_LINE} bytes, and this one had more"))
        }
        Line::NotUtf8(place) => Problem::new("not_utf8", format!("the line is not UTF-8 at byte {place}")),
        Line::Unfinished => {
            Problem::new("unfinished_line", "the last line has no end and was left out: send a newline")
        }
    };
    Some(Err(problem))
}

fn parse(text: &str) -> Result<Event, Problem> {
    let value: Value = serde_json::from_str(text).map_err(|error| Problem::new("not_json", not_json(&error)))?;
    let Value::Object(object) = &value else {
        return Err(Problem::new("not_an_object", r#"a message is a JSON object: {"type":"Stop"}"#));
    };
    let name = match object.get("type") {
        Some(Value::String(name)) => name.clone(),
        Some(_) => return Err(Problem::new("bad_type", "`type` has to be a string, the name of a message")),
        None => return Err(Problem::new("no_type", r#"`type` is missing, as in {"type":"Stop"}"#)),
    };
    if !DEFINITION.events.iter().any(|event| event.name == name) {
        let known = list(DEFINITION.events.iter().map(|event| event.name));
        return Err(Problem::new("unknown_type", format!("there is no message {name:?}; there are {known}")));
    }
    Event::deserialize(value).map_err(|error| Problem::new("bad_fields", format!("`{name}`: {error}")))
}

/// The messages of `serde_json` end in the place: a line has but columns.
fn not_json(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or(&text);
    format!("this is not JSON: {what} at column {}", error.column())
}

impl Reply {
    /// The answer to a message that never became an event.
    pub(crate) fn malformed(problem: Problem) -> Self {
        Self { ok: false, event: None, outcome: None, configuration: None, context: None, error: Some(problem) }
    }

    /// The answer to an event, with the machine as it is right after the step.
    pub(crate) fn to_step(event: &'static str, machine: &Machine, result: &StepResult<Machine>) -> Self {
        let configuration: Vec<_> = machine.active().map(|state| DEFINITION.states[state].path).collect();
        let error = problem_of(event, machine, &configuration, result);
        Self {
            ok: error.is_none(),
            event: Some(event),
            outcome: Some(result.as_ref().map_or("failed", |outcome| outcome.name())),
            configuration: Some(configuration),
            context: Some(machine.context().clone()),
            error,
        }
    }

    /// The answer to an event that the machine never handled.
    pub(crate) fn refused(event: &'static str, error: &AskError<ArmError>) -> Self {
        Self { event: Some(event), ..Self::malformed(Problem::new("refused", error.to_string())) }
    }

    /// The answer to an event that came after the robot's end.
    pub(crate) fn finished(event: &'static str) -> Self {
        let message = format!("the robot is at its end and takes no `{event}`: a person has to look after it");
        let problem = Problem::new("finished", message);
        Self { event: Some(event), outcome: Some("finished"), ..Self::malformed(problem) }
    }

    /// The last line to a client that is connected when the server stops.
    pub(crate) fn stopping() -> Self {
        Self::malformed(Problem::new("stopping", "the server stops; what was not answered was not handled"))
    }

    /// The only line to a client that is one too many.
    pub(crate) fn too_many(most: usize) -> Self {
        Self::malformed(Problem::new("too_many", format!("{most} clients are connected, which is all that fit")))
    }

    /// The line, with its end.
    pub(crate) fn line(&self) -> String {
        // Only maps with keys that are no strings, and numbers that are none, cannot be written.
        let mut line = serde_json::to_string(self).expect("invariant: a reply holds nothing that JSON lacks");
        line.push('\n');
        line
    }
}

/// What to tell the client, if it did not get what it asked for.
fn problem_of(event: &str, machine: &Machine, configuration: &[&str], result: &StepResult<Machine>) -> Option<Problem> {
    let here = configuration.join(", ");
    match result {
        Ok(Outcome::Unhandled) => {
            let taken = list(taken_by(machine).into_iter());
            Some(Problem::new("unhandled", format!("`{event}` means nothing in {here}, which takes {taken}")))
        }
        Ok(Outcome::Rejected) => {
            Some(Problem::new("rejected", format!("{here} takes `{event}`, but no guard of it holds now")))
        }
        Ok(_) => None,
        Err(Error::Action(error)) => Some(Problem::new("action_failed", error.to_string())),
        Err(error) => Some(Problem::new("failed", error.to_string())),
    }
}

/// The events for which an active state, or one around it, has a transition.
fn taken_by(machine: &Machine) -> Vec<&'static str> {
    let mut active = vec![false; DEFINITION.states.len()];
    for mut state in machine.active() {
        // The machine itself is its own parent.
        while !std::mem::replace(&mut active[state], true) {
            state = DEFINITION.states[state].parent as usize;
        }
    }
    let mut taken = vec![false; DEFINITION.events.len()];
    for transition in DEFINITION.transitions {
        if let Trigger::Event(event) = transition.trigger {
            taken[event as usize] |= active[transition.source as usize];
        }
    }
    DEFINITION.events.iter().zip(taken).filter_map(|(event, taken)| taken.then_some(event.name)).collect()
}

/// `` `A`, `B` and `C` ``.
fn list<'a>(names: impl DoubleEndedIterator<Item = &'a str>) -> String {
    let mut names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    let last = names.pop().unwrap_or_default();
    if names.is_empty() { last } else { format!("{} and {last}", names.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> (&'static str, String) {
        let problem = read(&Line::Text(text.to_owned())).expect("a message").expect_err("a bad one");
        (problem.code, problem.message)
    }

    #[test]
    fn every_event_of_the_spec_can_be_sent() {
        let lines = [
            r#"{"type":"Start","job":"A7","speed":0.5}"#,
            r#"{"type":"Stop"}"#,
            r#" {"type":"Pause"} "#,
            r#"{"type":"Resume"}"#,
            r#"{"parts":3,"type":"Picked"}"#,
            r#"{"type":"Done","job":1}"#,
            r#"{"type":"Battery","percent":7}"#,
            r#"{"type":"Fault","code":9}"#,
        ];
        for (index, line) in lines.iter().enumerate() {
            let event = parse(line).unwrap_or_else(|problem| panic!("{line}: {problem:?}"));
            assert_eq!(Machine::event_index(&event), index, "{line}");
        }
        assert_eq!(lines.len(), DEFINITION.events.len());
    }

    #[test]
    fn every_mistake_is_told_apart_and_named() {
        for (line, expected, part) in [
            ("hello", "not_json", "expected value at column 1"),
            (r#"{"type":"Stop""#, "not_json", "at column 14"),
            (r#"["Stop"]"#, "not_an_object", r#"{"type":"Stop"}"#),
            ("null", "not_an_object", ""),
            (r#"{"job":"A7"}"#, "no_type", "`type` is missing"),
            (r#"{"type":7}"#, "bad_type", "a string"),
            (r#"{"type":"Dance"}"#, "unknown_type", r#""Dance"; there are `Start`, `Stop`"#),
            (r#"{"type":"Start","job":"A7"}"#, "bad_fields", "`Start`: missing field `speed`"),
            (r#"{"type":"Start","job":"A7","speed":"fast"}"#, "bad_fields", r#"invalid type: string "fast""#),
            (r#"{"type":"Battery","percent":300}"#, "bad_fields", "invalid value: integer `300`, expected u8"),
        ] {
            let (code, message) = code(line);
            assert_eq!(code, expected, "{line}");
            assert!(message.contains(part), "{line}: {message}");
        }
        let deep = code(&"[".repeat(MAX_LINE));
        assert_eq!(deep.0, "not_json", "{deep:?}");
    }

    #[test]
    fn an_empty_line_is_no_message() {
        assert!(read(&Line::Text(" ".to_owned())).is_none());
    }
}
