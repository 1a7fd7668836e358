//! Logs in SARIF 2.1.0 against the format's own JSON Schema, by an outside validator (ajv).
//!
//! `tests/schema/setup.sh` at the root of the repository installs it.

mod running;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use running::{empty_folder, files, run};

const SETUP: &str = "run tests/schema/setup.sh, which installs what this test needs";

/// An answer for each log.
fn validate(logs: &[String]) -> Vec<String> {
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/schema");
    assert!(packages.join("node_modules/ajv-draft-04").is_dir(), "the validator is not installed: {SETUP}");
    let mut node = Command::new("node");
    node.arg(packages.join("sarif.mjs")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut node = node.spawn().unwrap_or_else(|error| panic!("cannot run node ({error}): {SETUP}"));
    let (mut stdin, lines) = (node.stdin.take().expect("a pipe"), logs.concat());
    // Answers come while logs are still being written.
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = node.wait_with_output().expect("node ends");
    writer.join().expect("the writer ends").expect("the validator reads all logs");
    String::from_utf8(output.stdout).expect("text").lines().map(str::to_owned).collect()
}

#[test]
fn every_log_is_one_of_sarif() {
    let folder = empty_folder("sarif");
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut corpus = Vec::new();
    files(&here.join("../fsm-codegen/tests/errors"), &mut corpus);
    files(&here.join("../specs"), &mut corpus);
    let (mut logs, mut fixes) = (Vec::new(), 0);
    for file in corpus.iter().filter(|file| file.extension().is_some_and(|end| end == "yaml")) {
        // A name that a URI cannot hold as it stands.
        fs::copy(file, folder.join("fü#.yaml")).expect("the folder can be written");
        let ran = run(&folder, "check fü#.yaml --format sarif");
        fixes += ran.stdout.matches("\"fixes\"").count();
        logs.push(ran.stdout);
    }
    logs.push(run(&folder, "check fü#.yaml missing.yaml --format sarif").stdout);
    assert!(logs.len() > 100 && fixes > 40, "the corpus is there: {} logs, {fixes} fixes", logs.len());
    let answers = validate(&logs);
    assert_eq!(answers.len(), logs.len(), "an answer for each log");
    for (log, answer) in logs.iter().zip(answers) {
        assert_eq!(answer, "valid", "{log}");
    }
    let broken = logs[0].replace("\"2.1.0\"", "\"3\"");
    assert!(validate(&[broken])[0].contains("version"), "the validator looks");
}
