//! What once differed, as `regressions/NAME.yaml` with `NAME.scenario.yaml`; every run plays it again.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::batch::Batch;
use crate::check::{Checked, Played};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions")
}

/// Keeps a chart and its sequences as a spec with a scenario; what is expected is what the interpreter does.
pub(crate) fn keep(name: &str, spec: &str, played: &[Played]) {
    let mut scenario = String::new();
    for (input, output) in played.iter().flat_map(|played| played.inputs.iter().zip(&played.outputs)) {
        let mut step = input.clone();
        step["expect"] = expectation(output);
        scenario += &format!("- {step}\n");
    }
    std::fs::create_dir_all(folder()).expect("a folder");
    std::fs::write(folder().join(format!("{name}.yaml")), spec).expect("a spec");
    std::fs::write(folder().join(format!("{name}.scenario.yaml")), scenario).expect("a scenario");
}

/// What a scenario can expect: what the simulator does not tell stays out, and so does what there is none of.
fn expectation(output: &Value) -> Value {
    let told = |(key, value): &(&String, &Value)| match key.as_str() {
        "waiting" | "invokes" => false,
        "emitted" | "log" => **value != json!([]),
        _ => !value.is_null(),
    };
    let output = output.as_object().into_iter().flatten();
    Value::Object(output.filter(told).map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// A step of a scenario: its input, and what is expected.
fn step(line: &str) -> (Value, Value) {
    let mut step: Value = serde_json::from_str(line.trim_start_matches("- ")).expect("a step is JSON");
    let expect = step.as_object_mut().and_then(|step| step.remove("expect")).expect("something is expected");
    (step, expect)
}

#[test]
fn what_once_differed_agrees() {
    let mut specs: Vec<PathBuf> = std::fs::read_dir(folder())
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .filter(|path| !path.to_string_lossy().ends_with(".scenario.yaml"))
        .collect();
    specs.sort();
    assert!(!specs.is_empty(), "nothing is kept");
    let read = |path: &Path| std::fs::read_to_string(path).expect("text");
    let checked: Vec<Checked> =
        specs.iter().map(|path| Checked::new(&read(path)).unwrap_or_else(|problem| panic!("{problem}"))).collect();
    let scenarios: Vec<Vec<(Value, Value)>> =
        specs.iter().map(|path| read(&path.with_extension("scenario.yaml")).lines().map(step).collect()).collect();
    let batch = Batch::build("regressions", &checked.iter().collect::<Vec<_>>());
    let batch = batch.unwrap_or_else(|failed| panic!("{specs:?}\n{failed:?}"));
    let inputs = |steps: &Vec<(Value, Value)>| steps.iter().map(|(input, _)| input.clone()).collect::<Vec<_>>();
    let lines = scenarios.iter().enumerate().map(|(chart, steps)| (chart, Value::from(inputs(steps)).to_string()));
    let found = batch.play(&lines.collect::<Vec<_>>());
    for (number, (path, steps)) in specs.iter().zip(&scenarios).enumerate() {
        let name = path.display();
        let played = checked[number].replay(&inputs(steps)).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        for (at, (_, expected)) in steps.iter().enumerate() {
            let output = &played.outputs[at];
            for (key, expected) in expected.as_object().into_iter().flatten() {
                assert_eq!(output[key], *expected, "{name}, step {at}, {key}, interpreter");
            }
            assert_eq!(found[number].get(at), Some(output), "{name}, step {at}, generated code");
        }
    }
}
