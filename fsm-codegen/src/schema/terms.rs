//! The smallest parts of the schema: text, names, delays, and how parts are put together.
//!
//! Scalars follow the front-end: a name may be a number or a boolean to YAML, Rust stands in text, and an expression in
//! either.

use serde_json::{Map, Value, json};

use crate::frontend::delay::{LONGEST, UNITS};

/// The name of a definition, and the definition.
pub(super) type Definition = (&'static str, Value);

/// Refers to a definition.
pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// The same with a description, which editors show instead of the definition's own.
pub(super) fn described(description: &str, mut schema: Value) -> Value {
    schema["description"] = json!(description);
    schema
}

/// A mapping with these keys and no others, as far as `property` has them.
pub(super) fn closed(keys: &[&str], property: impl Fn(&str) -> Option<Value>) -> Value {
    let properties = keys.iter().filter_map(|key| Some(((*key).to_owned(), property(key)?)));
    let properties: Map<_, _> = properties.collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// A mapping of names to values.
pub(super) fn mapping(value: &Value) -> Value {
    json!({ "type": "object", "additionalProperties": value })
}

/// A list.
pub(super) fn list(item: &Value) -> Value {
    json!({ "type": "array", "items": item })
}

/// A list of values, or such a value. Whoever writes a spec hears what is wrong with the one that is there: `anyOf` would name
/// the mistakes of either.
pub(super) fn list_or(item: &Value, one: &Value) -> Value {
    json!({ "type": PRESENT, "if": { "type": "array" }, "then": list(item), "else": one })
}

/// A value, or a list of such.
pub(super) fn one_or_many(item: &Value) -> Value {
    list_or(item, item)
}

/// What is text, and what is a mapping; an editor offers the keys of the mapping where there is nothing yet.
pub(super) fn text_or(text: &Value, mapping: &Value) -> Value {
    json!({ "type": PRESENT, "if": { "type": SCALAR }, "then": text, "else": mapping })
}

/// Anything.
pub(super) fn anything() -> Value {
    json!({ "type": ["string", "number", "boolean", "array", "object", "null"] })
}

/// The types of all values but nothing. The first one tells editors how to go on behind a key; that is why it stands also
/// where the branches say more.
pub(super) const PRESENT: [&str; 5] = ["string", "number", "boolean", "array", "object"];

/// The types of what is one word or text to the language.
const SCALAR: [&str; 3] = ["string", "number", "boolean"];

/// One of some words.
pub(super) fn choice<T>(words: &[(&'static str, T)]) -> Value {
    json!({ "enum": words.iter().map(|(word, _)| *word).collect::<Vec<_>>() })
}

/// A mapping in which `key` stands with a value of the form `value`.
pub(super) fn has(key: &str, value: &Value) -> Value {
    json!({ "type": "object", "required": [key], "properties": { key: value } })
}

/// A mapping that declares itself to be of this type.
pub(super) fn is_of_type(kind: &str) -> Value {
    // No `const`: to an editor that completes, a value that is still to be written equals every constant.
    has("type", &json!({ "type": "string", "pattern": format!("^{kind}$") }))
}

/// What is asked of a state of this type.
pub(super) fn when_of_type(kind: &str, then: &Value) -> Value {
    json!({ "if": is_of_type(kind), "then": then })
}

/// The definitions of scalars.
pub(super) fn definitions() -> Vec<Definition> {
    vec![
        ("name", name()),
        ("rust", described("Rust.", json!({ "type": "string", "minLength": 1 }))),
        ("expression", expression()),
        ("delay", described(DELAY, delay(&["[^\\s0-9.-]", "-(?:[^0-9.]|$)"]))),
        (
            "duration",
            described(
                "How long: 250ms, 1.5s, 5min, 2h, 1d, or a number of milliseconds; nothing where a method gives it.",
                duration(),
            ),
        ),
        ("delayKey", described(DELAY, delay_key())),
    ]
}

/// A name.
pub(super) fn name() -> Value {
    json!({ "type": SCALAR, "pattern": "\\S", "errorMessage": "A name is text that is not empty." })
}

fn expression() -> Value {
    json!({ "type": SCALAR, "minLength": 1, "description": "A Rust expression." })
}

const DELAY: &str = "How long: 250ms, 1.5s, 5min, 2h, 1d, a number of milliseconds, or a name of delays.";

const NO_DELAY: &str = "This is no delay: write 250ms, 1.5s, 5min, 2h, 1d, or a number of milliseconds.";

/// A delay. Text begins like a name, in one of the ways of `names`, or it is a number with a unit.
fn delay(names: &[&str]) -> Value {
    json!({
        "type": ["string", "number"],
        "minimum": 0,
        "maximum": LONGEST * 1_000.0,
        "pattern": delay_pattern(names),
        "errorMessage": NO_DELAY,
    })
}

/// A delay that is written out, or nothing.
fn duration() -> Value {
    let mut duration = delay(&[]);
    duration["type"] = json!(["string", "number", "null"]);
    duration
}

fn delay_pattern(names: &[&str]) -> String {
    let units: Vec<_> = UNITS.iter().map(|(unit, _)| *unit).collect();
    let number = format!("(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)\\s*(?:{})?\\s*$", units.join("|"));
    let forms: Vec<_> = names.iter().copied().chain([number.as_str()]).collect();
    format!("^\\s*(?:{})", forms.join("|"))
}

/// A delay as a key, which is always text.
fn delay_key() -> Value {
    let pattern = delay_pattern(&["[^\\s0-9.-]", "-(?:[^0-9.]|$)"]);
    json!({ "type": "string", "pattern": pattern, "errorMessage": NO_DELAY })
}
