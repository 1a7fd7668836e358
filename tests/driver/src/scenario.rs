//! Reads `NAME.scenario.yaml`: a list of inputs, each with what is expected of it.
//!
//! The form is that of `fsmc simulate`; inputs of timers and invokes are not known here yet. `event: null` starts a
//! machine, later in a file a new one; without a start at the top the machine is started silently.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use serde_saphyr::Spanned;

/// One input with its expectation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The event's name; `None` starts a new machine.
    #[serde(deserialize_with = "present")]
    pub event: Option<String>,
    /// The event's payload.
    #[serde(default)]
    pub data: Map<String, Value>,
    /// The truth of named guards in this step.
    #[serde(default)]
    pub guards: BTreeMap<String, bool>,
    /// The actions that fail in this step.
    #[serde(default)]
    pub fail: BTreeSet<String>,
    /// What must come of it.
    #[serde(default)]
    pub expect: Expect,
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
    let steps: Vec<Spanned<Step>> = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
    Ok(steps.into_iter().map(|step| Placed { line: step.referenced.line(), step: step.value }).collect())
}

/// A value that may be null but not absent.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(deserializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_knows_its_line_and_what_it_does_not_fix() {
        let text = "# Start.\n- event: null\n- event: Go\n  data: { n: 3, name: 'on' }\n  expect: { actions: [] }\n";
        let steps = parse(text).expect("it is a scenario");
        assert_eq!(steps.iter().map(|step| step.line).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(steps[0].step.event, None);
        assert_eq!(Value::from(steps[1].step.data.clone()), serde_json::json!({ "n": 3, "name": "on" }));
        assert_eq!(steps[1].step.expect.actions.as_deref(), Some(&[][..]));
        assert_eq!(steps[1].step.expect.outcome, None);
    }

    #[test]
    fn a_step_without_an_event_or_with_an_unknown_key_is_refused() {
        assert!(parse("- expect: {}\n").is_err());
        assert!(parse("- event: Go\n  expects: {}\n").is_err());
    }
}
