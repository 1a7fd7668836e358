//! What happens: transitions, guards, actions, invocations.

use serde_json::{Value, json};

use super::terms::{
    Definition, PRESENT, anything, closed, described, has, mapping, name, one_or_many, reference, text_or,
};
use crate::frontend::yaml::keys;

/// The definitions of this file.
pub(super) fn definitions() -> Vec<Definition> {
    vec![
        ("transition", transition()),
        ("eventless", eventless()),
        ("transitions", transitions("transition")),
        ("eventlessTransitions", transitions("eventless")),
        ("targets", targets()),
        ("initial", initial()),
        ("guard", guard()),
        ("call", call()),
        ("action", action()),
        ("actions", one_or_many(&reference("action"))),
        ("event", event()),
        ("assignments", described("Fields and the Rust expressions they get.", mapping(&reference("expression")))),
        ("invoke", invoke()),
    ]
}

/// A target, or a list of them.
fn targets() -> Value {
    let mut targets = one_or_many(&reference("name"));
    targets["then"]["minItems"] = json!(1);
    targets
}

/// A target, a transition, or a list of both.
fn transitions(definition: &str) -> Value {
    one_or_many(&text_or(&reference("name"), &reference(definition)))
}

fn transition() -> Value {
    let mut transition = closed(keys::TRANSITION, transition_property);
    // Without a target no state is left, so none can be entered again.
    transition["if"] = has("reenter", &json!({ "const": true }));
    transition["then"] = json!({ "required": ["target"] });
    transition
}

/// A transition under `always`, which needs a reason to end.
fn eventless() -> Value {
    let message = "A transition without an event needs a guard or a target, or it is taken forever.";
    let reason = |key| json!({ "required": [key], "errorMessage": message });
    json!({ "allOf": [reference("transition")], "anyOf": [reason("guard"), reason("target")] })
}

pub(super) fn transition_property(key: &str) -> Option<Value> {
    Some(match key {
        "target" => described(TARGET, reference("targets")),
        "guard" => described("The transition is taken only if this holds.", reference("guard")),
        "actions" => described("What is done on the way: an action or a list.", reference("actions")),
        "reenter" => {
            let what = "Whether the source is left and entered again, where the target is itself or lies inside of it.";
            described(what, json!({ "type": "boolean" }))
        }
        "data" => {
            described("The data of the states that are entered: fields and expressions.", reference("assignments"))
        }
        "description" => described("What the transition is for.", reference("name")),
        "meta" => described("Anything; the compiler keeps it and asks nothing of it.", anything()),
        _ => return None,
    })
}

const TARGET: &str = "The state to enter: a sibling, .child, #id, a dotted path, or a list into several regions. \
    Without it no state is left.";

fn initial() -> Value {
    let transition = required(closed(keys::INITIAL, initial_property), "target");
    json!({ "type": PRESENT, "if": { "type": ["object", "null"] }, "then": transition, "else": reference("targets") })
}

/// A mapping in which a key must stand.
fn required(mut mapping: Value, key: &str) -> Value {
    mapping["required"] = json!([key]);
    mapping
}

/// Mappings of which the first key that stands there says what they are; `otherwise` is what is wrong where there is none.
fn forms(forms: &[(&str, Value)], otherwise: Value) -> Value {
    forms.iter().rev().fold(otherwise, |otherwise, (head, form)| {
        json!({ "if": { "type": "object", "required": [head] }, "then": form, "else": otherwise })
    })
}

/// A mapping that has none of the keys by which its form is known; the editor offers them.
fn unknown(heads: &[&str], property: impl Fn(&str) -> Option<Value>, message: &str) -> Value {
    let mut unknown = closed(heads, property);
    unknown["anyOf"] = heads.iter().map(|head| json!({ "required": [head], "errorMessage": message })).collect();
    unknown
}

pub(super) fn initial_property(key: &str) -> Option<Value> {
    Some(match key {
        "target" => described("The child or descendant to enter first.", reference("targets")),
        "actions" => described("What is done before it is entered.", reference("actions")),
        "data" => described("The data of the states that are entered.", reference("assignments")),
        _ => return None,
    })
}

/// The keys that name the form of a guard. XState's form goes first, as in the front-end.
pub(super) const GUARD_HEADS: &[&str] = &["type", "and", "or", "not", "in"];

/// A guard: `true` or `false`, text, or one of the combinations.
fn guard() -> Value {
    let form = |head: &&'static str| match *head {
        "type" => ("type", reference("call")),
        head => (head, closed(&[head], guard_property)),
    };
    let known: Vec<_> = GUARD_HEADS.iter().map(form).collect();
    let message = "A guard is a name, an expression, or has one of and, or, not, in, type.";
    let text = json!({ "type": ["string", "boolean"], "minLength": 1 });
    text_or(&text, &forms(&known, unknown(GUARD_HEADS, guard_property, message)))
}

pub(super) fn guard_property(key: &str) -> Option<Value> {
    let guards = json!({ "type": "array", "items": reference("guard"), "minItems": 1 });
    Some(match key {
        "and" => described("All of these hold.", guards),
        "or" => described("One of these holds.", guards),
        "not" => described("This does not hold.", reference("guard")),
        "in" => described("This state is active.", reference("name")),
        "type" | "params" => return call_property(key),
        _ => return None,
    })
}

/// XState's form of a call, of a guard or an action.
fn call() -> Value {
    required(closed(keys::CALL, call_property), "type")
}

pub(super) fn call_property(key: &str) -> Option<Value> {
    Some(match key {
        "type" => {
            let own = json!({ "type": "string", "pattern": "^xstate\\." });
            let mut method = name();
            method["not"] = own;
            described("The name of a method, in XState's form of a call.", method)
        }
        "params" => described("The arguments in their order, by names of their own; or the only one.", anything()),
        _ => return None,
    })
}

/// An action: text, or a mapping of which one key names the form.
fn action() -> Value {
    let form = |head: &&'static str| match *head {
        "type" => ("type", reference("call")),
        head => (head, action_form(head)),
    };
    let known: Vec<_> = keys::ACTION_HEADS.iter().map(form).collect();
    let message = format!("An action is a method, or has one of {}.", keys::ACTION_HEADS.join(", "));
    text_or(&reference("rust"), &forms(&known, unknown(keys::ACTION_HEADS, action_property, &message)))
}

fn action_form(head: &str) -> Value {
    let keys: Vec<_> = [head].into_iter().chain(keys::beside(head).iter().copied()).collect();
    let mut form = closed(&keys, action_property);
    if head == "if" {
        let message = "A choice needs then or else.";
        let branch = |key| json!({ "required": [key], "errorMessage": message });
        form["anyOf"] = json!([branch("then"), branch("else")]);
    }
    form
}

pub(super) fn action_property(key: &str) -> Option<Value> {
    let event = |what: &str| described(what, reference("event"));
    Some(match key {
        "assign" => {
            let what = "Sets fields of the context; every expression sees the values from before.";
            described(what, reference("assignments"))
        }
        "raise" => event("Raises an event inside of the machine: E, or 'E { field: expression }'."),
        "send" => event("Sends the machine an event, at once or after a delay: E, or 'E { field: expression }'."),
        "delay" => described("After how long it is sent.", reference("delay")),
        "id" => described("A name under which cancel finds the event.", reference("name")),
        "cancel" => described("The id of a send that shall not arrive any more.", reference("name")),
        "emit" => event("A message to the outside, declared under emits: M, or 'M { field: expression }'."),
        "reply" => {
            described("The answer to whoever sent the event and waits, a Rust expression.", reference("expression"))
        }
        "log" => described("A line of the log; {context.jobs} stands for a value.", reference("expression")),
        "if" => described("A choice, on this guard.", reference("guard")),
        "then" => described("What is done where the guard holds.", reference("actions")),
        "else" => described("What is done where it does not.", reference("actions")),
        "type" | "params" => return call_property(key),
        _ => return None,
    })
}

/// An event that an action makes.
fn event() -> Value {
    let typed = closed(keys::EVENT, |key| {
        (key == "type").then(|| described("The event, in XState's form.", reference("name")))
    });
    text_or(&reference("expression"), &required(typed, "type"))
}

fn invoke() -> Value {
    let mapping = required(closed(keys::INVOKE, invoke_property), "src");
    one_or_many(&text_or(&reference("rust"), &mapping))
}

pub(super) fn invoke_property(key: &str) -> Option<Value> {
    Some(match key {
        "src" => {
            let what = "The method that runs, with its arguments and what it gives: 'fetch(context.id) -> Report'.";
            // A method can be called `true`, since a bare word is a name.
            described(what, json!({ "type": ["string", "boolean"], "minLength": 1 }))
        }
        "input" => {
            let paths = json!({ "type": "string", "pattern": "\\b(?:event|context|state|queue)\\s*\\.\\s*\\w" });
            let mut value = anything();
            value["not"] = paths;
            let mut input = value.clone();
            input["additionalProperties"] = value;
            described("The arguments of the task in their order, as values; or the only one.", input)
        }
        "id" => described("Its name; without it that of the method.", reference("name")),
        "onDone" => described(
            "Transitions when it has come to its end; event.output is what it gave.",
            reference("transitions"),
        ),
        "onError" => described("Transitions when it has failed; event.error says why.", reference("transitions")),
        _ => return None,
    })
}

/// `on:`.
pub(super) fn handlers() -> Value {
    let mut handlers = mapping(&reference("transitions"));
    handlers["propertyNames"] = json!({
        "minLength": 1,
        "not": { "pattern": "^(?:xstate\\.|done\\.|error\\.platform)" },
        "errorMessage": "XState's own events have no meaning here: write onDone, onError, after or always.",
    });
    handlers
}

/// `after:` or `every:`.
pub(super) fn timers() -> Value {
    let mut timers = mapping(&reference("transitions"));
    timers["propertyNames"] = reference("delayKey");
    timers
}

/// A timer that is not over at once.
pub(super) fn pauses() -> Value {
    let mut timers = timers();
    let zero = json!({ "pattern": "^\\s*(?:0+\\.?0*|\\.0+)\\s*[a-z]*\\s*$" });
    timers["propertyNames"] = json!({ "allOf": [reference("delayKey")], "not": zero });
    timers
}
