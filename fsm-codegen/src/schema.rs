//! The YAML language as a JSON Schema (draft 2020-12), for editors: what completes and checks a spec while it is typed.
//!
//! Beside the front-end, whose tables of keys and words it is made from, so that the two cannot drift apart: a key that
//! is not described here fails a test. Invariant: whatever the compiler accepts, the schema accepts; of what the
//! compiler refuses it catches what shows in the form of a spec: keys, kinds of values, words, delays, and types of
//! states that contradict their content. What a name stands for, and Rust, are beyond it.
//!
//! Descriptions are plain text, since that is how editors show them. `errorMessage` is no word of the standard, which
//! lets validators ignore it; editors show it instead of a regular expression.

mod behaviour;
mod machine;
mod state;
mod terms;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

/// The schema.
#[must_use]
pub fn schema() -> Value {
    let mut schema = machine::machine();
    let root = [
        ("$schema", json!("https://json-schema.org/draft/2020-12/schema")),
        ("title", json!("State machine")),
        ("description", json!("A state machine in XState's vocabulary with Rust types, as fsmc and fsm! compile it.")),
        ("$defs", Value::Object(definitions())),
    ];
    for (key, value) in root {
        schema[key] = value;
    }
    schema
}

/// What is referred to by name, because it stands in several places or holds itself.
fn definitions() -> Map<String, Value> {
    let mut definitions = Map::new();
    for (name, schema) in [terms::definitions(), behaviour::definitions(), state::definitions()].into_iter().flatten() {
        definitions.insert(name.to_owned(), schema);
    }
    definitions
}
