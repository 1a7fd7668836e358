//! ajv, in a process of Node: `tests/schema/validate.mjs` at the root of the repository.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread;

use serde_json::Value;

use super::corpus::Spec;

const SETUP: &str = "run tests/schema/setup.sh, which installs what this test needs";

/// What the validator says of a spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It fits the schema.
    Valid,
    /// The schema objects at these lines.
    Invalid(Vec<usize>),
    /// The text is no YAML to the reader.
    Unreadable(String),
}

impl Answer {
    /// Whether there is an objection at that line; an editor shows no other where the text is no YAML.
    pub(crate) fn objects_at(&self, line: usize) -> bool {
        match self {
            Self::Valid => false,
            Self::Invalid(lines) => lines.contains(&line),
            Self::Unreadable(_) => true,
        }
    }
}

/// The root of the repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the repository")
}

/// The schema as a file, written once for all tests.
fn schema() -> &'static Path {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schema.json");
        fs::write(&file, fsm_codegen::schema::schema().to_string()).expect("the target folder can be written");
        file
    })
}

/// An answer for each spec, in order.
pub(crate) fn validate(specs: &[Spec]) -> Vec<Answer> {
    let packages = repository().join("tests/schema");
    assert!(packages.join("node_modules/ajv").is_dir(), "ajv is not installed: {SETUP}");
    let texts: Vec<_> = specs.iter().map(|spec| Value::from(spec.text.as_str()).to_string() + "\n").collect();
    let lines = texts.concat();
    let mut node = Command::new("node");
    node.arg(packages.join("validate.mjs")).arg(schema()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut node = node.spawn().unwrap_or_else(|error| panic!("cannot run node ({error}): {SETUP}"));
    let mut stdin = node.stdin.take().expect("a pipe");
    // Answers come while specs are still being written.
    let writer = thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = node.wait_with_output().expect("node ends");
    assert!(output.status.success(), "the schema is no schema to ajv; it says so on standard error");
    writer.join().expect("the writer ends").expect("ajv reads all specs");
    let answers: Vec<_> = String::from_utf8(output.stdout).expect("text").lines().map(answer).collect();
    assert_eq!(answers.len(), specs.len(), "an answer for each spec");
    answers
}

fn answer(line: &str) -> Answer {
    let answer: Value = serde_json::from_str(line).expect("answers are JSON");
    if let Some(message) = answer["unreadable"].as_str() {
        return Answer::Unreadable(message.to_owned());
    }
    let lines = answer["lines"].as_array().expect("lines");
    if lines.is_empty() {
        return Answer::Valid;
    }
    let number = |line: &Value| line.as_u64().and_then(|line| usize::try_from(line).ok()).expect("a line");
    Answer::Invalid(lines.iter().map(number).collect())
}
