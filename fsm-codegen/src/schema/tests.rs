//! The schema beside the tables of the front-end: whatever has a key there is described here.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{behaviour, machine, schema, state};
use crate::frontend::yaml::keys;

#[test]
fn every_key_of_the_front_end_is_described() {
    type Property<'p> = &'p dyn Fn(&str) -> Option<Value>;
    let method = |key: &str| machine::method_property(key, true);
    let tables: [(&str, &[&str], Property<'_>); 10] = [
        ("machine", keys::MACHINE, &machine::property),
        ("state", keys::STATE, &state::property),
        ("history", keys::HISTORY, &state::history_property),
        ("transition", keys::TRANSITION, &behaviour::transition_property),
        ("initial", keys::INITIAL, &behaviour::initial_property),
        ("invoke", keys::INVOKE, &behaviour::invoke_property),
        ("action", keys::ACTION, &behaviour::action_property),
        ("guard", keys::GUARD, &behaviour::guard_property),
        ("call", keys::CALL, &behaviour::call_property),
        ("method", keys::METHOD, &method),
    ];
    for (table, keys, property) in tables {
        for key in keys {
            let described = property(key).and_then(|schema| schema["description"].as_str().map(str::len));
            assert!(described.is_some_and(|length| length > 10), "`{key}` of the table `{table}` is not described");
        }
    }
}

/// The keys of a definition, without what is only let pass because it is empty.
fn keys_of(schema: &Value) -> BTreeSet<&str> {
    schema["properties"].as_object().expect("a mapping").keys().map(String::as_str).collect()
}

fn without<'k>(keys: &'k [&str], left_out: &[&str]) -> BTreeSet<&'k str> {
    assert!(left_out.iter().all(|key| keys.contains(key)), "{left_out:?} are no keys here");
    keys.iter().copied().filter(|key| !left_out.contains(key)).collect()
}

#[test]
fn every_mapping_has_the_keys_of_its_table() {
    let schema = schema();
    let definitions = &schema["$defs"];
    assert_eq!(keys_of(&schema), without(keys::MACHINE, machine::WITHOUT));
    assert_eq!(keys_of(&definitions["plainState"]), without(keys::STATE, state::PLAIN));
    assert_eq!(keys_of(&definitions["parallelState"]), without(keys::STATE, state::PARALLEL));
    assert_eq!(keys_of(&definitions["finalState"]), without(keys::STATE, state::FINAL));
    assert_eq!(keys_of(&definitions["historyState"]), without(keys::HISTORY, state::HISTORY));
    assert_eq!(keys_of(&definitions["transition"]), without(keys::TRANSITION, &[]));
    assert_eq!(keys_of(&definitions["call"]), without(keys::CALL, &[]));
    for (definition, keys) in [("action", keys::ACTION), ("guard", keys::GUARD)] {
        let mut found = BTreeSet::new();
        closed_keys(&definitions[definition], &mut found);
        closed_keys(&definitions["call"], &mut found);
        assert_eq!(found, without(keys, &[]), "{definition}");
    }
}

/// The keys of all mappings in a schema that have no others.
fn closed_keys<'s>(schema: &'s Value, found: &mut BTreeSet<&'s str>) {
    if schema["additionalProperties"] == Value::Bool(false) {
        found.extend(keys_of(schema));
    }
    for branch in ["then", "else"] {
        schema.get(branch).into_iter().for_each(|schema| closed_keys(schema, found));
    }
}

#[test]
fn the_forms_of_an_action_have_all_of_its_keys() {
    let mut forms: Vec<_> = keys::ACTION_HEADS.to_vec();
    forms.extend(keys::ACTION_HEADS.iter().flat_map(|head| keys::beside(head)));
    let forms: BTreeSet<_> = forms.into_iter().collect();
    assert_eq!(forms, keys::ACTION.iter().copied().collect());
}

#[test]
fn every_reference_leads_to_a_definition_and_every_definition_is_used() {
    let schema = schema();
    let mut used = BTreeSet::new();
    references(&schema, &mut used);
    let defined = schema["$defs"].as_object().expect("definitions").keys();
    assert_eq!(used, defined.map(|name| format!("#/$defs/{name}")).collect());
}

fn references(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(entries) => {
            found.extend(entries.get("$ref").and_then(Value::as_str).map(str::to_owned));
            entries.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_property_says_what_it_is() {
    fn check(path: &str, schema: &Value) {
        match schema {
            Value::Object(entries) => {
                for (key, value) in entries {
                    // What stands under `if`, `then` or `not` is asked, not offered.
                    if key == "properties" && schema["additionalProperties"] == Value::Bool(false) {
                        for (name, property) in value.as_object().expect("properties") {
                            assert!(property["description"].is_string(), "{path}/{name} has no description");
                        }
                    }
                    check(&format!("{path}/{key}"), value);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| check(path, item)),
            _ => {}
        }
    }
    check("", &schema());
}
