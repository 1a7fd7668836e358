//! The specs that schema and compiler are asked about: those of the repository, good and bad, and changes of them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::validator::repository;

/// A spec, and where it is from.
#[derive(Debug, Clone)]
pub(crate) struct Spec {
    /// Its file, from the root of the repository.
    pub(crate) name: String,
    pub(crate) text: String,
}

/// The folders with specs.
const FOLDERS: &[&str] = &[
    "specs",
    "benches",
    "fsm-codegen/tests",
    "fsm-runtime/tests",
    "tests/driver/semantics",
    "tests/charts/regressions",
    "tests/conformance/said",
    "examples",
];

/// Pages whose blocks of YAML are specs, if they begin like one.
const PAGES: &[&str] = &["README.md", "docs"];

/// All specs of the repository, good and bad.
pub(crate) fn specs() -> Vec<Spec> {
    let mut specs: Vec<_> = FOLDERS.iter().flat_map(|folder| files(&repository().join(folder), "yaml")).collect();
    specs.retain(|spec| !spec.name.ends_with(".scenario.yaml"));
    for page in PAGES.iter().flat_map(|page| files(&repository().join(page), "md")) {
        specs.extend(blocks(&page).into_iter().map(|text| Spec { name: page.name.clone(), text }));
    }
    specs
}

/// The files below a path that end so and are text.
fn files(path: &Path, extension: &str) -> Vec<Spec> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = vec![path.to_owned()];
    while let Some(path) = open.pop() {
        if let Ok(entries) = fs::read_dir(&path) {
            open.extend(entries.filter_map(Result::ok).map(|entry| entry.path()));
        } else if path.extension().is_some_and(|found| found == extension) {
            let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let name = path.strip_prefix(repository()).unwrap_or(&path).to_string_lossy().into_owned();
            found.extend(String::from_utf8(bytes).ok().map(|text| Spec { name, text }));
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

/// The blocks of YAML on a page that have states.
fn blocks(page: &Spec) -> Vec<String> {
    let blocks = page.text.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.filter(|text| text.contains("\nstates:")).map(str::to_owned).collect()
}

/// Good specs of which changes are made: together they have every key of the language.
const CHANGED: &[&str] = &[
    "fsm-codegen/tests/resolved/whole_language.yaml",
    "fsm-codegen/tests/resolved/xstate.yaml",
    "fsm-codegen/tests/resolved/parallel_and_history.yaml",
];

/// Of all changes every so many-th is made, so that the test takes seconds; the number has no divisor in common with those of
/// the changes to a value, so that each kind of change comes to most places.
const STEP: usize = 4;

/// Specs with one change each, as JSON: a value in the place of another, a key less, a key more.
pub(crate) fn changed() -> Vec<Spec> {
    let mut changed = Vec::new();
    for file in CHANGED {
        let text = fs::read_to_string(repository().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let spec: Value = serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        let mut paths = Vec::new();
        pointers(&spec, String::new(), &mut paths);
        for path in paths {
            for (what, changed_spec) in changes(&spec, &path) {
                changed.push(Spec { name: format!("{file}{path} {what}"), text: changed_spec.to_string() });
            }
        }
    }
    changed.into_iter().step_by(STEP).collect()
}

/// The JSON pointers of all values.
fn pointers(value: &Value, path: String, found: &mut Vec<String>) {
    let below = |key: &str| format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::Object(entries) => entries.iter().for_each(|(key, value)| pointers(value, below(key), found)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, value)| pointers(value, below(&at.to_string()), found));
        }
        _ => {}
    }
    found.push(path);
}

fn changes(spec: &Value, path: &str) -> Vec<(String, Value)> {
    let at = |change: &dyn Fn(&mut Value)| {
        let mut changed = spec.clone();
        change(changed.pointer_mut(path).expect("the path is of this spec"));
        changed
    };
    let mut changes = Vec::new();
    for other in [
        json!(null),
        json!(true),
        json!(5),
        json!(""),
        json!("x"),
        json!([]),
        json!({}),
        json!(["x"]),
        json!({ "x": "x" }),
    ] {
        changes.push((format!("is {other}"), at(&|value| *value = other.clone())));
    }
    let Some(Value::Object(entries)) = spec.pointer(path) else { return changes };
    for key in entries.keys() {
        let without = |value: &mut Value| drop(value.as_object_mut().map(|entries| entries.remove(key)));
        changes.push((format!("without {key}"), at(&without)));
    }
    for (key, more) in [
        ("type", json!("final")),
        ("type", json!("parallel")),
        ("type", json!("history")),
        ("type", json!("compound")),
        ("type", json!("atomic")),
        ("history", json!(true)),
        ("history", json!(false)),
        ("target", json!("x")),
        ("actions", json!("x")),
        ("on", json!({ "E": [] })),
        ("always", json!([])),
        ("onDone", json!([])),
        ("data", json!({})),
        ("reenter", json!(true)),
        ("1s", json!("x")),
    ] {
        let with =
            |value: &mut Value| drop(value.as_object_mut().map(|entries| entries.insert(key.to_owned(), more.clone())));
        changes.push((format!("with {key}: {more}"), at(&with)));
    }
    changes
}

/// Specs that have the forms of the language which no file has.
pub(crate) fn forms() -> Vec<Spec> {
    let states = [
        "A:",
        "A: {}",
        "A: { on: {} }",
        "A: { on: { E: [], F: {}, 'a.*': A, '*': [A, { actions: x }] } }",
        "A: { on: { E: { target: A, reenter: true, meta: null, description: 5 } } }",
        "A: { after: { 250: A, 1.5s: A, ' 2 min ': A, .5h: A, soon: A, -late: A, '1000.': A } }",
        "A: { every: { 1d: { actions: x }, often: { actions: x } } }",
        "A: { entry: { send: E, delay: 5 }, exit: [{ send: E, delay: 1h, id: true }, { cancel: true }], on: { E: A } }",
        "A: { entry: { type: note, params: { a: 1, b: true, c: x, d: -1.5 } } }",
        "A: { entry: [{ if: g, then: x }, { if: true, else: [x, y] }, { log: 5 }, { log: '{{}}' }] }",
        "A: { always: [{ guard: { and: [a, { or: [b, { not: c }] }] }, target: A }, { guard: { in: A }, actions: x }] }",
        "A: { always: { guard: { type: g, params: {} }, target: A } }",
        "A: { invoke: [run, { src: 'go() -> u8', id: 5, onDone: A, onError: [] }] }",
        "A: { tags: [], defer: [], meta: null }",
        "A: { tags: true, id: false, description: 1.5 }",
        "A: { type: atomic, states: {}, onDone: [] }",
        "A: { type: compound, initial: B, states: { B: } }",
        "A: { initial: [B], states: { B: , H: { history: deep } } }",
        "A: { initial: { target: B.C, actions: x }, states: { B: { initial: C, states: { C: } } } }",
        "A: { initial: B, states: { B: , H: { type: history, history: false, on: {}, always: [], entry: [] } } }",
        "A: { initial: B, states: { B: , H: { history: true, target: B, actions: [x] } } }",
        "A: { type: parallel, states: { B: , C: }, history: false }",
        "A: { on: { E: B } }\n  B: { type: final, entry: x, output: { a: [1, null] }, on: { E: [] }, after: {}, states: {} }",
        "A: { on: { E: { target: B, data: { n: 5 } } } }\n  B: { data: { n: 'u8 = 3' } }",
    ];
    let tops = [
        "machine: true\nversion: 2",
        "id: m\nversion: '1.0'",
        "visibility: pub(crate)\nattributes: { State: '#[derive(Hash)]', Context: ['#[doc(hidden)]'] }",
        "mode: sync\nsend_futures: false\nqueue: 1\ndefer_capacity: 65535\nunhandled: ignore",
        "use: []\ncontext: { a: u8, b: 'u8 = 1', c: 1, d: true, e: [1, null], f: { x: null }, g: -1.5 }",
        "events: { E: , F: {}, G: { a: u8, reply: bool } }\nemits: { M: { a: 'u8 = 1' } }",
        "actions: [x, y]\nguards: { g: , h: { blocking: false, description: 5 } }\ndelays: [soon]",
        "actions: { x: , y: { blocking: true } }\ndelays: { soon: , later: 5, last: 1.5s }",
        "lints: { FSM0101: allow, trap: deny, unhandled_event: warn }",
        "type: compound\ndata: {}\nhistory: false\ntags: [a]",
    ];
    let with = |top: &str, states: &str| format!("{top}\ninitial: A\nstates:\n  {states}\n");
    let states = states.iter().map(|states| with("machine: M", states));
    let tops = tops.iter().map(|top| with(top, "A: {}"));
    let parallel = "type: parallel\nstates: { A: , B: { initial: C, states: { C: } } }\n".to_owned();
    states.chain(tops).chain([parallel]).map(|text| Spec { name: "form.yaml".to_owned(), text }).collect()
}
