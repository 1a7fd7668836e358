//! States of every type: what each may hold.
//!
//! A state is asked for its type first, as the front-end and `resolve::structure` do. What contradicts a type may still
//! stand there if it is empty: `on: {}` in a final state says nothing.

use serde_json::{Map, Value, json};

use super::behaviour::{handlers, pauses, timers};
use super::terms::{
    Definition, anything, choice, closed, described, has, is_of_type, mapping, one_or_many, reference, when_of_type,
};
use crate::frontend::yaml::{choices, keys};

/// The definitions of this file.
pub(super) fn definitions() -> Vec<Definition> {
    vec![
        ("state", state()),
        ("region", region()),
        ("plainState", plain()),
        ("parallelState", parallel()),
        ("finalState", closed_to(keys::STATE, FINAL, property)),
        ("historyState", closed_to(keys::HISTORY, HISTORY, history_property)),
        ("fields", fields()),
    ]
}

/// The keys that an atomic or a compound state does not have.
pub(super) const PLAIN: &[&str] = &["target", "output"];

/// The keys that a parallel state does not have.
pub(super) const PARALLEL: &[&str] = &["initial", "target", "output"];

/// The keys that a final state does not have, because nothing happens in it any more.
pub(super) const FINAL: &[&str] =
    &["states", "initial", "on", "always", "after", "every", "invoke", "onDone", "defer", "history", "target"];

/// The keys that a history state does not have, because it is never active.
pub(super) const HISTORY: &[&str] =
    &["states", "initial", "on", "entry", "exit", "always", "after", "every", "invoke", "onDone", "defer", "output"];

/// Any state.
fn state() -> Value {
    let remembers = json!({ "anyOf": [is_of_type("history"), has("history", &json!({ "not": { "const": false } }))] });
    json!({
        "type": ["object", "null"],
        "if": remembers,
        "then": reference("historyState"),
        "else": {
            "if": is_of_type("final"),
            "then": reference("finalState"),
            "else": {
                "if": is_of_type("parallel"),
                "then": reference("parallelState"),
                "else": reference("plainState"),
            },
        },
    })
}

/// A child of a parallel state.
fn region() -> Value {
    let message =
        "A region is not final: a parallel state is complete when each region has reached a final state of its own.";
    json!({ "allOf": [reference("state")], "not": is_of_type("final"), "errorMessage": message })
}

/// An atomic or a compound state.
fn plain() -> Value {
    let mut state = closed_to(keys::STATE, PLAIN, property);
    let children = json!({ "minProperties": 1 });
    let childless = json!({ "properties": { "initial": false, "onDone": { "type": "array", "maxItems": 0 } } });
    state["allOf"] = json!([
        { "if": has("states", &children), "then": { "required": ["initial"] }, "else": childless },
        when_of_type("atomic", &json!({ "properties": { "states": { "maxProperties": 0 } } })),
        when_of_type("compound", &json!({ "required": ["states"], "properties": { "states": children } })),
    ]);
    state
}

/// A state whose children are active at once.
fn parallel() -> Value {
    let mut state = closed_to(keys::STATE, PARALLEL, property);
    state["properties"]["states"] = regions();
    state["required"] = json!(["states"]);
    state
}

/// `states:` of a parallel state.
pub(super) fn regions() -> Value {
    let mut regions = mapping(&reference("region"));
    regions["minProperties"] = json!(1);
    described("The regions, all of which are active at once.", regions)
}

/// A mapping with `keys`, those of `without` left out; empty they may stand.
fn closed_to(keys: &[&str], without: &[&str], property: impl Fn(&str) -> Option<Value>) -> Value {
    let mut state = closed(keys, |key| if without.contains(&key) { None } else { property(key) });
    // A state may stand without a value.
    state["type"] = json!(["object", "null"]);
    let empty = without.iter().filter_map(|key| Some((format!("^{key}$"), empty(key)?)));
    let empty: Map<_, _> = empty.collect();
    if !empty.is_empty() {
        state["patternProperties"] = Value::Object(empty);
    }
    state
}

/// How a key stands that says nothing; `None` where it always says something.
pub(super) fn empty(key: &str) -> Option<Value> {
    let message = format!("A state of this type has no {key}.");
    let no_list = json!({ "type": "array", "maxItems": 0, "errorMessage": message });
    let no_mapping = json!({ "type": "object", "maxProperties": 0, "errorMessage": message });
    Some(match key {
        "history" => json!({ "const": false }),
        "states" | "data" => no_mapping,
        "on" | "after" | "every" => mapping(&no_list),
        "entry" | "exit" | "always" | "invoke" | "onDone" | "defer" => no_list,
        _ => return None,
    })
}

/// A key of a state.
pub(super) fn property(key: &str) -> Option<Value> {
    Some(match key {
        "id" => described("A name under which targets find this state: #id.", reference("name")),
        "type" => described(KIND, choice(choices::KINDS)),
        "initial" => described(INITIAL, reference("initial")),
        "states" => described("The children, by their names.", mapping(&reference("state"))),
        "on" => described(ON, handlers()),
        "entry" => described("What is done on the way in: an action or a list.", reference("actions")),
        "exit" => described("What is done on the way out: an action or a list.", reference("actions")),
        "always" => described(ALWAYS, reference("eventlessTransitions")),
        "after" => {
            described("Delays and the transitions taken once they are over, if the state is still active.", timers())
        }
        "every" => described("Delays and the transitions taken again and again while the state is active.", pauses()),
        "invoke" => described(INVOKE, reference("invoke")),
        "onDone" => described(ON_DONE, reference("transitions")),
        "defer" => described(
            "Events that wait until the state changes: a name, a pattern, or a list.",
            one_or_many(&reference("name")),
        ),
        "data" => described(
            "Fields that live while the state is active: name, and type or 'Type = default'.",
            reference("fields"),
        ),
        "history" => described(REMEMBERS, history()),
        "target" => {
            described("Where the history state leads as long as there is nothing to remember.", reference("targets"))
        }
        "actions" => described("What is done as long as there is nothing to remember.", reference("actions")),
        "tags" => {
            described("Names by which code asks for states of a kind: one or a list.", one_or_many(&reference("name")))
        }
        "description" => described("What the state is for; it becomes documentation.", reference("name")),
        "meta" => described("Anything; the compiler keeps it and asks nothing of it.", anything()),
        "output" => {
            described("The result of a final state: a Rust expression, or a list or mapping as JSON.", output())
        }
        _ => return None,
    })
}

const KIND: &str = "What the state is. atomic: without children. compound: one child is active. parallel: all are. \
    final: the end of its parent. history: stands for the children that were active last. \
    Without it a state with children is compound, one with history is a history state, any other atomic.";

const INITIAL: &str = "The child that is entered first: a name, a dotted path to a descendant, a list into several \
    regions, or { target, actions, data }.";

const ON: &str = "Events, or patterns such as * and a.*, and what they lead to: a target, a transition, or a list of \
    both, of which the first one whose guard holds is taken. {} forbids the event here.";

const ALWAYS: &str = "Transitions without an event, tried whenever something has happened.";

const INVOKE: &str = "What runs while the state is active, and is cancelled on exit: a method, \
    { src, id, onDone, onError }, or a list.";

const ON_DONE: &str = "Transitions when the state is complete: a final child was entered, or every region has come to \
    its end. event.output is the output of the final child.";

const REMEMBERS: &str = "Makes this a history state, which remembers the child of its parent (shallow, or true) or \
    all of its descendants (deep).";

/// A key of a history state; its `data` is supplied to its target.
pub(super) fn history_property(key: &str) -> Option<Value> {
    match key {
        "type" => Some(described(KIND, json!({ "const": "history" }))),
        "data" => {
            let what = "The data of the states that are entered as long as there is nothing to remember.";
            Some(described(what, reference("assignments")))
        }
        key => property(key),
    }
}

fn history() -> Value {
    let words = choices::HISTORIES.iter().map(|(word, _)| json!(word)).chain([json!(true), json!(false)]);
    json!({ "enum": words.collect::<Vec<_>>() })
}

pub(super) fn output() -> Value {
    json!({ "type": ["string", "number", "boolean", "array", "object", "null"], "minLength": 1 })
}

/// Fields with their types.
fn fields() -> Value {
    described("Fields: name, and type or 'Type = default'.", mapping(&reference("rust")))
}
