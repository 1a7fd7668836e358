//! One machine of the corpus, as the generated glue presents it to the player.

use std::fmt::Debug;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use fsm_runtime::core::{Machine, Service, StepResult};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::tape::Tape;

/// The event type of a subject.
pub type Event<S> = <<S as Service>::Machine as Machine>::Event;

/// What the data of a machine must be, for the player to look at them and to keep what is under way.
pub trait Playable:
    Machine<Error: Debug, Timer: Copy + Send, Invoke: Clone + Send, Done: Send, Message: Send, Reply: Send>
    + Clone
    + Debug
    + PartialEq
{
}

impl<M> Playable for M where
    M: Machine<Error: Debug, Timer: Copy + Send, Invoke: Clone + Send, Done: Send, Message: Send, Reply: Send>
        + Clone
        + Debug
        + PartialEq
{
}

/// A machine with a [`Tape`] as its handlers.
pub trait Subject: Service<Machine: Playable> {
    /// The guards of the spec: names, and calls as written.
    const GUARDS: &'static [&'static str];
    /// The actions of the spec.
    const ACTIONS: &'static [&'static str];
    /// Whether the spec's policy calls the hook of unhandled events.
    const HOOKED: bool;
    /// Whether events can be deferred: what becomes of one may be told in a later step.
    const DEFERS: bool;

    /// A machine that is not started.
    fn create(tape: Tape) -> Self;

    /// The handlers.
    fn tape(&mut self) -> &mut Tape;

    /// The event `name` with the payload `data`; `None` where the spec has no such event.
    ///
    /// # Errors
    /// A payload that does not fit.
    fn event(name: &str, data: &Map<String, Value>) -> Result<Option<Event<Self>>, String>;

    /// The ids of the invokes that this can be one of.
    fn invoke_ids(invoke: &<Self::Machine as Machine>::Invoke) -> &'static [&'static str];

    /// The context as JSON.
    fn context_json(&self) -> Value;

    /// A message to the outside as JSON, its name as `type`.
    fn message_json(value: &<Self::Machine as Machine>::Message) -> Value;

    /// An answer as JSON.
    fn reply_json(value: &<Self::Machine as Machine>::Reply) -> Value;

    /// What the machine gave at its end, as JSON; null before it, and where there is nothing.
    fn output_json(&self) -> Value;

    /// An event as it comes over the wire, `{ "type": "Start", … }`, read into the type with serde's traits and written
    /// again.
    ///
    /// # Errors
    /// What serde says.
    fn event_from_wire(event: &Value) -> Result<Value, String>;

    /// The same with a context.
    ///
    /// # Errors
    /// What serde says.
    fn context_from_wire(context: &Value) -> Result<Value, String>;

    /// Writes the machine as JSON, reads it and compares, where the module has serde's traits.
    ///
    /// # Errors
    /// What serde says, or how it became another machine.
    fn laid_down(&self) -> Result<(), String> {
        Ok(())
    }

    /// Whether the event would be taken now.
    fn can(&self, event: &Event<Self>) -> bool;

    /// Starts through the method that users call.
    ///
    /// # Errors
    /// See [`Service::start`].
    fn start_inherent(&mut self) -> impl Future<Output = StepResult<Self::Machine>>;

    /// Handles an event through the method that users call.
    ///
    /// # Errors
    /// See [`Service::handle`].
    fn handle_inherent(&mut self, event: &Event<Self>) -> impl Future<Output = StepResult<Self::Machine>>;
}

/// A field of an event's payload.
///
/// # Errors
/// Where it is missing or of another type.
pub fn field<T: DeserializeOwned>(data: &Map<String, Value>, name: &str) -> Result<T, String> {
    let value = data.get(name).ok_or_else(|| format!("`data` lacks the field `{name}`"))?;
    T::deserialize(value).map_err(|error| format!("the field `{name}` of `data`: {error}"))
}

/// Refuses fields that the payload does not have.
///
/// # Errors
/// Where there is one.
pub fn only(data: &Map<String, Value>, fields: &[&str]) -> Result<(), String> {
    match data.keys().find(|key| !fields.contains(&key.as_str())) {
        Some(key) => Err(format!("the event has no field `{key}`")),
        None => Ok(()),
    }
}

/// Writes a machine as JSON, reads it and compares.
///
/// # Errors
/// What serde says, or how it became another machine.
pub fn laid_down<M: DeserializeOwned + Serialize + Debug + PartialEq>(machine: &M) -> Result<(), String> {
    let text = serde_json::to_string(machine).map_err(|error| format!("{machine:?} is not to be written: {error}"))?;
    let again: M = serde_json::from_str(&text).map_err(|error| format!("{text} is not to be read: {error}"))?;
    if again == *machine { Ok(()) } else { Err(format!("{machine:?} became {again:?} by way of {text}")) }
}

/// A value as JSON, a field of the context for one.
pub fn json<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or_else(|error| Value::from(format!("not to be had as JSON: {error}")))
}

/// JSON read into a `T` and written again.
///
/// # Errors
/// What serde says.
pub fn round_trip<T: DeserializeOwned + Serialize>(value: &Value) -> Result<Value, String> {
    T::deserialize(value).and_then(|value| serde_json::to_value(value)).map_err(|error| error.to_string())
}

/// Polls a future to its end. Nothing here waits for the outside, so polling again is always right.
///
/// # Panics
/// If it does not come to an end.
pub fn run<F: Future>(future: F) -> F::Output {
    // Each action waits once, and a step that goes round takes 1,000 microsteps before it is cut, each with the actions of
    // all states that it leaves and enters.
    const POLLS: usize = 1_000_000;
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..POLLS {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
    panic!("a step did not come to rest after {POLLS} polls")
}

/// Polls a future once and drops it: whether it was still waiting.
pub fn is_pending<F: Future>(future: F) -> bool {
    pin!(future).poll(&mut Context::from_waker(Waker::noop())).is_pending()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_are_checked_field_by_field() {
        let data = serde_json::json!({ "job": "A7", "speed": "fast" });
        let data = data.as_object().expect("it is an object");
        assert_eq!(field::<String>(data, "job").as_deref(), Ok("A7"));
        let error = field::<f32>(data, "speed").expect_err("a speed is a number");
        assert!(error.starts_with("the field `speed` of `data`: invalid type"), "{error}");
        assert_eq!(field::<u8>(data, "code"), Err("`data` lacks the field `code`".to_owned()));
        assert_eq!(only(data, &["job"]), Err("the event has no field `speed`".to_owned()));
    }
}
