//! What a step did, as a line of JSON and as text for people.

use std::fmt::Write as _;

use super::super::{Text, Value};
use super::Input;
use crate::ir::TransitionId;

/// What one input did.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// What came.
    pub input: Input,
    /// The outcome, or the kind of error.
    pub outcome: &'static str,
    /// After a livelock, the transitions that go round.
    pub cycle: Vec<String>,
    /// The active states without children before the step.
    pub before: Vec<String>,
    /// The active states without children.
    pub configuration: Vec<String>,
    /// The user's actions in the order in which they ran.
    pub actions: Vec<String>,
    /// The same with their arguments, as the spec writes them.
    pub calls: Vec<String>,
    /// The context before the step.
    pub old_context: Vec<(String, Value)>,
    /// The context.
    pub context: Vec<(String, Value)>,
    /// Messages to the outside.
    pub emitted: Vec<Value>,
    /// Texts for the log.
    pub log: Vec<String>,
    /// The answer to the event.
    pub reply: Option<Value>,
    /// The deferred events that are gone with an error, each with its kind.
    pub failed: Vec<(String, &'static str)>,
    /// What the machine gave at its end.
    pub output: Option<Value>,
    /// The transitions that were taken, in order.
    pub transitions: Vec<TransitionId>,
}

impl Output {
    /// One line of JSON, without its end.
    #[must_use]
    pub fn json(&self) -> String {
        let mut line = "{\"event\":".to_owned();
        match &self.input {
            Input::Event(name, _) => line += &Text(name).to_string(),
            Input::Start => line += "null",
            Input::Advance(time, _) => put(&mut line, "null", "advance", time),
            Input::Done(invoke, _) => put(&mut line, "null", "done", invoke),
            Input::Error(invoke, _) => put(&mut line, "null", "error", invoke),
        }
        let context = Value::Map(self.context.clone());
        let (configuration, actions) = (list(&self.configuration), list(&self.actions));
        // Writing to a string cannot fail.
        let _ = write!(
            line,
            ",\"outcome\":\"{}\",\"configuration\":{configuration},\"actions\":{actions},\"context\":{context}",
            self.outcome
        );
        if !self.emitted.is_empty() {
            let _ = write!(line, ",\"emitted\":{}", Value::List(self.emitted.clone()));
        }
        if !self.log.is_empty() {
            let _ = write!(line, ",\"log\":{}", list(&self.log));
        }
        if let Some(reply) = &self.reply {
            let _ = write!(line, ",\"reply\":{reply}");
        }
        if !self.failed.is_empty() {
            let failed = self.failed.iter().map(|(event, error)| {
                let text = |key: &str, text: &str| (key.to_owned(), Value::String(text.to_owned()));
                Value::Map(vec![text("event", event), text("error", error)])
            });
            let _ = write!(line, ",\"failed\":{}", Value::List(failed.collect()));
        }
        if let Some(output) = &self.output {
            let _ = write!(line, ",\"output\":{output}");
        }
        line + "}"
    }

    /// A paragraph for people: what came and what became of it, then what changed.
    #[must_use]
    pub fn text(&self) -> String {
        let what = match &self.input {
            Input::Start => "(start)".to_owned(),
            Input::Event(name, _) => name.clone(),
            Input::Advance(time, _) => format!("(advance {time})"),
            Input::Done(invoke, _) => format!("(done {invoke})"),
            Input::Error(invoke, _) => format!("(error {invoke})"),
        };
        let mut text = format!("{what}: {}\n", self.outcome);
        let (before, after) = (self.before.join(", "), self.configuration.join(", "));
        if before.is_empty() || before == after {
            let _ = writeln!(text, "  in {after}");
        } else {
            let _ = writeln!(text, "  {before} -> {after}");
        }
        if !self.calls.is_empty() {
            let _ = writeln!(text, "  / {}", self.calls.join(", "));
        }
        for ((name, old), (_, new)) in self.old_context.iter().zip(&self.context) {
            if old != new {
                let _ = writeln!(text, "  {name}: {old} -> {new}");
            }
        }
        for message in &self.emitted {
            let _ = writeln!(text, "  emitted {message}");
        }
        for line in &self.log {
            let _ = writeln!(text, "  log {line}");
        }
        if let Some(reply) = &self.reply {
            let _ = writeln!(text, "  reply {reply}");
        }
        for (event, error) in &self.failed {
            let _ = writeln!(text, "  {event}, which was deferred: {error}");
        }
        if let Some(output) = &self.output {
            let _ = writeln!(text, "  output {output}");
        }
        for step in &self.cycle {
            let _ = writeln!(text, "  round and round: {step}");
        }
        text
    }
}

fn put(line: &mut String, event: &str, key: &str, value: &str) {
    let _ = write!(line, "{event},\"{key}\":{}", Text(value));
}

fn list(items: &[String]) -> Value {
    Value::List(items.iter().map(|item| Value::String(item.clone())).collect())
}
