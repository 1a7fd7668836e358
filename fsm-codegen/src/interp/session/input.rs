//! What comes to a machine: a line of `fsmc simulate`, or a step of a scenario.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value as Json;

use super::super::Value;
use crate::diag::{did_you_mean, shown};
use crate::frontend::delay;

/// What comes.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// The start.
    Start,
    /// An event with its payload.
    Event(String, Option<Json>),
    /// Time passes: as written, and how much.
    Advance(String, Duration),
    /// An invoke has come to its end, with what it gives.
    Done(String, Option<Json>),
    /// An invoke has failed.
    Error(String, Option<Json>),
}

/// An input with the answers of the user's methods.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What comes.
    pub input: Input,
    /// The truth of guards by name, or by call as written.
    pub guards: BTreeMap<String, bool>,
    /// The actions that fail.
    pub fail: BTreeSet<String>,
    /// The length of delays that methods give.
    pub delays: BTreeMap<String, Duration>,
}

impl From<Input> for Line {
    fn from(input: Input) -> Self {
        Self { input, guards: BTreeMap::new(), fail: BTreeSet::new(), delays: BTreeMap::new() }
    }
}

const KEYS: [&str; 8] = ["event", "data", "guards", "fail", "advance", "done", "error", "delays"];

impl Line {
    /// Reads a line: an event's name, or an object.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if !text.starts_with(['{', '"', '[']) {
            return Ok(Input::Event(text.to_owned(), None).into());
        }
        match serde_json::from_str(text) {
            Ok(Json::String(name)) => Ok(Input::Event(name, None).into()),
            Ok(Json::Object(map)) => Self::read(map),
            Ok(_) => Err("a line is an event's name or an object".to_owned()),
            Err(error) => Err(format!("this is not JSON: {error}")),
        }
    }

    pub(super) fn read(mut map: serde_json::Map<String, Json>) -> Result<Self, String> {
        if let Some(key) = map.keys().find(|key| !KEYS.contains(&key.as_str())) {
            let help = did_you_mean(key, KEYS).map_or_else(String::new, |help| format!(": {help}"));
            return Err(format!("a line has no key `{}`{help}", shown(key)));
        }
        let inputs = ["event", "advance", "done", "error"].map(|key| map.remove(key));
        let data = map.remove("data");
        let input = match inputs {
            [Some(Json::Null), None, None, None] => {
                if data.is_some_and(|data| !data.is_null()) {
                    return Err("the start has no `data`".to_owned());
                }
                Input::Start
            }
            [Some(event), None, None, None] => Input::Event(string(event, "event")?, data),
            [None, Some(time), None, None] => {
                if data.is_some() {
                    return Err("`advance` has no `data`".to_owned());
                }
                let (text, time) = duration(&time, "advance")?;
                Input::Advance(text, time)
            }
            [None, None, Some(invoke), None] => Input::Done(string(invoke, "done")?, data),
            [None, None, None, Some(invoke)] => Input::Error(string(invoke, "error")?, data),
            _ => return Err("an object has one of `event`, `advance`, `done` and `error`".to_owned()),
        };
        Ok(Self {
            input,
            guards: entries(map.remove("guards"), "guards", |truth| {
                truth.as_bool().ok_or_else(|| "a guard is `true` or `false`".to_owned())
            })?,
            fail: names(map.remove("fail"))?,
            delays: entries(map.remove("delays"), "delays", |time| Ok(duration(&time, "delays")?.1))?,
        })
    }
}

fn string(value: Json, key: &str) -> Result<String, String> {
    match value {
        Json::String(text) => Ok(text),
        _ => Err(format!("`{key}` is text")),
    }
}

/// `5s`, or a number of milliseconds; with its text.
fn duration(value: &Json, key: &str) -> Result<(String, Duration), String> {
    let text = match value {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.to_string(),
        _ => return Err(format!("`{key}` is a time like `5s`")),
    };
    let time = delay::duration(&text).ok_or_else(|| format!("`{}` is not a time like `5s`", shown(&text)))?;
    Ok((text, time))
}

fn names(value: Option<Json>) -> Result<BTreeSet<String>, String> {
    match value {
        None => Ok(BTreeSet::new()),
        Some(Json::Array(names)) => names.into_iter().map(|name| string(name, "fail")).collect(),
        Some(_) => Err("`fail` is a list of actions".to_owned()),
    }
}

fn entries<T>(
    value: Option<Json>,
    key: &str,
    read: impl Fn(Json) -> Result<T, String>,
) -> Result<BTreeMap<String, T>, String> {
    match value {
        None => Ok(BTreeMap::new()),
        Some(Json::Object(map)) => map.into_iter().map(|(name, value)| Ok((name, read(value)?))).collect(),
        Some(_) => Err(format!("`{key}` is an object")),
    }
}

/// JSON as a value whose numbers have no type yet.
pub(super) fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::None,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => {
            let int = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
            int.map_or_else(|| Value::Float(number.as_f64().unwrap_or(f64::NAN)), Value::Number)
        }
        Json::String(text) => Value::String(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(value).collect()),
        Json::Object(map) => Value::Map(map.iter().map(|(key, item)| (key.clone(), value(item))).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_name_or_an_object() {
        assert_eq!(Line::parse(" Go \n"), Ok(Input::Event("Go".into(), None).into()));
        assert_eq!(Line::parse("\"Go on\""), Ok(Input::Event("Go on".into(), None).into()));
        assert_eq!(Line::parse("{\"event\": null}"), Ok(Input::Start.into()));
        let line = Line::parse("{\"advance\":\"1.5s\",\"guards\":{\"a\":true},\"fail\":[\"b\"]}").expect("a line");
        assert_eq!(line.input, Input::Advance("1.5s".into(), Duration::from_millis(1_500)));
        assert_eq!((line.guards["a"], line.fail.contains("b")), (true, true));
    }

    #[test]
    fn what_is_wrong_with_a_line_is_said() {
        for (text, expected) in [
            ("{", "this is not JSON: "),
            ("[1]", "a line is an event's name or an object"),
            ("{}", "an object has one of `event`, `advance`, `done` and `error`"),
            ("{\"event\":\"A\",\"advance\":\"5s\"}", "an object has one of"),
            ("{\"evnt\":\"A\"}", "a line has no key `evnt`: did you mean `event`?"),
            ("{\"event\":7}", "`event` is text"),
            ("{\"advance\":\"-5s\"}", "`-5s` is not a time like `5s`"),
            ("{\"advance\":\"soon\"}", "`soon` is not a time like `5s`"),
            ("{\"event\":\"A\",\"guards\":{\"a\":1}}", "a guard is `true` or `false`"),
            ("{\"event\":\"A\",\"fail\":\"b\"}", "`fail` is a list of actions"),
        ] {
            let said = Line::parse(text).expect_err(text);
            assert!(said.starts_with(expected), "{text}: {said}");
        }
    }
}
