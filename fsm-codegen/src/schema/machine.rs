//! The top of a spec: the keys of the machine as a whole, and those of a state that it has too.

use serde_json::{Map, Value, json};

use super::state;
use super::terms::{choice, closed, described, is_of_type, list_or, mapping, one_or_many, reference};
use crate::diag::Code;
use crate::frontend::yaml::{choices, keys};
use crate::ir::{DEFER_CAPACITY, QUEUE};

/// The keys of [`keys::MACHINE`] that are always wrong there: the front-end knows them for the sake of what it says.
pub(super) const WITHOUT: &[&str] = &["data", "history", "target"];

/// A whole spec.
pub(super) fn machine() -> Value {
    let mut machine = closed(keys::MACHINE, |key| if WITHOUT.contains(&key) { None } else { property(key) });
    let empty = WITHOUT.iter().filter_map(|key| Some((format!("^{key}$"), state::empty(key)?)));
    machine["patternProperties"] = Value::Object(empty.collect());
    machine["required"] = json!(["states"]);
    machine["if"] = is_of_type("parallel");
    machine["then"] = json!({ "properties": { "initial": false, "states": state::regions() } });
    machine["else"] = json!({ "required": ["initial"] });
    machine
}

/// A key of the machine.
pub(super) fn property(key: &str) -> Option<Value> {
    let rust = |what: &str| described(what, reference("rust"));
    Some(match key {
        "machine" => described("The name of the machine; without it that of the file.", reference("name")),
        "id" => {
            described("The name of the machine, as XState writes it, and a name for #id targets.", reference("name"))
        }
        "visibility" => visibility(),
        "attributes" => attributes(),
        "version" => described("The spec's own version: text or a number.", reference("name")),
        "description" => {
            described("What the machine is for; it becomes documentation of the module.", reference("name"))
        }
        "mode" => described(
            "Whether handlers are async functions (async, the default) or plain ones (sync).",
            choice(choices::MODES),
        ),
        "send_futures" => described(SEND_FUTURES, json!({ "type": "boolean" })),
        "generics" => rust("Generic parameters of the machine: 'M: Motor, const MOST: u32'."),
        "use" => described("Paths that types and expressions name: one or a list.", one_or_many(&reference("rust"))),
        "context" => context(),
        "error" => rust("The Rust type that actions and invokes fail with; without it actions cannot fail."),
        "output" => described(
            "The Rust type of the machine's output, which its final states give; in an XState config the output.",
            state::output(),
        ),
        "events" => {
            events("The events from outside and inside, with their payloads. With this block there are no others.")
        }
        "emits" => events("The messages to the outside, with their payloads. With this block there are no others."),
        "actions" => methods("The methods that actions call. With this block there are no others.", true),
        "guards" => methods("The methods that guards call. With this block there are no others.", false),
        "delays" => delays(),
        "unhandled" => described(UNHANDLED, choice(choices::UNHANDLED)),
        "queue" => capacity("How many events the machine can raise before it takes them.", QUEUE),
        "defer_capacity" => capacity("How many deferred events wait at most.", DEFER_CAPACITY),
        "lints" => lints(),
        "type" => {
            let what = "Whether one of the states is active (compound, the default) or all of them are (parallel).";
            described(what, json!({ "enum": ["compound", "parallel"] }))
        }
        "states" => {
            let mut states = mapping(&reference("state"));
            states["minProperties"] = json!(1);
            described("The states, by their names.", states)
        }
        key => return state::property(key),
    })
}

const SEND_FUTURES: &str = "false where the executor keeps to one thread, so that futures need not be Send.";

const UNHANDLED: &str = "What becomes of an event that no state handles. report: a hook runs (default). error: the \
    step fails. ignore: nothing. defer: it waits until the state changes.";

fn visibility() -> Value {
    let rust = described("Who sees the generated module: pub (default), pub(crate), private.", reference("rust"));
    with_examples(rust, &["pub", "pub(crate)", "private"])
}

fn with_examples(mut schema: Value, examples: &[&str]) -> Value {
    schema["examples"] = json!(examples);
    schema
}

fn attributes() -> Value {
    let what = "Attributes of generated types, by the names of these: { State: '#[derive(Hash)]' }; \
        event.Start is the payload of an event, message.Told that of a message.";
    described(what, mapping(&one_or_many(&reference("rust"))))
}

/// The fields of the context: Rust, or what JSON can say.
fn context() -> Value {
    let what = "A type, 'Type = default', or a JSON value that is the default.";
    let field = json!({ "type": ["string", "number", "boolean", "array", "object", "null"], "minLength": 1 });
    let what_all = "What the machine knows besides its state: fields with their types.";
    described(what_all, mapping(&described(what, field)))
}

fn events(what: &str) -> Value {
    let mut payload = mapping(&reference("rust"));
    payload["type"] = json!(["object", "null"]);
    let reply = "The Rust type of the answer to whoever sent the event and waits.";
    payload["properties"] = json!({ "reply": described(reply, reference("rust")) });
    described(what, mapping(&described("The payload: fields with their types.", payload)))
}

fn methods(what: &str, may_block: bool) -> Value {
    let mut method = closed(keys::METHOD, |key| method_property(key, may_block));
    method["type"] = json!(["object", "null"]);
    described(what, declared(&method))
}

/// Names with what is known of each, or a list of names.
fn declared(known: &Value) -> Value {
    let mut names = list_or(&reference("name"), &mapping(known));
    names["type"] = json!(["object", "array"]);
    names
}

/// A key of a declared action or guard.
pub(super) fn method_property(key: &str, may_block: bool) -> Option<Value> {
    Some(match key {
        "blocking" if may_block => described(
            "Whether the method blocks its thread, so that it runs on one of its own.",
            json!({ "type": "boolean" }),
        ),
        "blocking" => {
            described("A guard is asked while the machine waits, so it cannot block.", json!({ "const": false }))
        }
        "description" => described("What the method is for; it becomes documentation.", reference("name")),
        _ => return None,
    })
}

fn delays() -> Value {
    let what = "Names of delays. With this block there are no others; one without a value is given by a method.";
    described(what, declared(&reference("duration")))
}

fn capacity(what: &str, default: u32) -> Value {
    described(what, json!({ "type": "integer", "minimum": 1, "maximum": u16::MAX, "default": default }))
}

/// `lints:`. Names are offered, numbers are taken too.
fn lints() -> Value {
    let level = |code: Code| {
        let default = choices::LEVELS.iter().find(|(_, level)| Some(*level) == code.default_level());
        let default = default.map_or("", |(name, _)| *name);
        described(&format!("{}: {} (by default {default}).", code.id(), code.title()), choice(choices::LEVELS))
    };
    let names: Map<_, _> = Code::lints().map(|code| (code.name().to_owned(), level(code))).collect();
    let numbers: Map<_, _> = Code::lints().map(|code| (format!("^{}$", code.id()), level(code))).collect();
    let lints =
        json!({ "type": "object", "properties": names, "patternProperties": numbers, "additionalProperties": false });
    described("The level of each lint: allow, warn or deny.", lints)
}
