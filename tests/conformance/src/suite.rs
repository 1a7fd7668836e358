//! The tests of the suite: a document, and events with the configurations that follow.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fsm_codegen::diag::terminal;
use fsm_codegen::import::scxml::{self, Options};
use fsm_codegen::ir::{Machine, StateId};
use fsm_codegen::source::Source;
use fsm_codegen::{Config, check};
use serde::Deserialize;

/// The ids of the active atomic states.
pub type Configuration = BTreeSet<String>;

/// One test.
#[derive(Debug)]
pub struct Test {
    /// Its folder and its file without extension: `history/history0`.
    pub name: String,
    /// The SCXML document.
    pub document: String,
    /// The configuration after the start.
    pub initial: Configuration,
    /// What happens then.
    pub steps: Vec<Step>,
}

/// An event, and what follows.
#[derive(Debug)]
pub struct Step {
    /// How long nothing happens before.
    pub after: Duration,
    /// The event.
    pub event: String,
    /// The configuration after it.
    pub expected: Configuration,
}

/// What stands beside a document. Some tests also say what an older algorithm of SCION gave (`legacySemantics`).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Script {
    initial_configuration: Configuration,
    events: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    #[serde(default)]
    after: u64,
    event: Event,
    next_configuration: Configuration,
}

#[derive(Deserialize)]
struct Event {
    name: String,
}

/// Where `setup.sh` puts the suite.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("node_modules/@scion-scxml/test-framework/test")
}

/// All tests that SCION wrote itself, by name; its translation of the W3C's is another suite.
///
/// # Panics
///
/// Where the suite is not installed, or is not what it was.
#[must_use]
pub fn tests() -> Vec<Test> {
    let folder = folder();
    assert!(folder.is_dir(), "{} is missing: run tests/conformance/setup.sh", folder.display());
    let mut tests: Vec<Test> = below(&folder)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "scxml"))
        .filter(|path| !path.components().any(|part| part.as_os_str() == "w3c-ecma"))
        .map(|path| test(&folder, &path))
        .collect();
    tests.sort_by(|one, other| one.name.cmp(&other.name));
    assert_eq!(tests.len(), 127, "the suite is not the one that is pinned");
    tests
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    paths.flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] }).collect()
}

fn test(folder: &Path, path: &Path) -> Test {
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let name = path.with_extension("");
    let name = name.strip_prefix(folder).unwrap_or(&name);
    let name: Vec<_> = name.iter().map(|part| part.to_string_lossy()).collect();
    let script: Script = serde_json::from_str(&read(&path.with_extension("json")))
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let steps = script.events.into_iter().map(|line| Step {
        after: Duration::from_millis(line.after),
        event: line.event.name,
        expected: line.next_configuration,
    });
    Test { name: name.join("/"), document: read(path), initial: script.initial_configuration, steps: steps.collect() }
}

impl Test {
    /// The spec that the importer makes of the document, or what it says.
    ///
    /// # Errors
    ///
    /// Where the document cannot be translated.
    pub fn import(&self) -> Result<String, String> {
        let source = Source::new(format!("{}.scxml", self.name), self.document.as_str());
        let mut options = Options::default();
        options.events = self.steps.iter().map(|step| step.event.clone()).collect();
        let imported = scxml::import(&source, &options);
        let said = || terminal::render(&source, &imported.diagnostics, terminal::Look::Plain);
        imported.text.clone().ok_or_else(said)
    }

    /// The machine of the imported spec.
    ///
    /// # Errors
    ///
    /// Where the document cannot be translated, or the spec not be compiled.
    pub fn machine(&self) -> Result<Machine, String> {
        machine(&self.name, &self.import()?)
    }
}

/// The machine of a spec.
///
/// # Errors
///
/// What the compiler says.
pub fn machine(name: &str, spec: &str) -> Result<Machine, String> {
    let source = Source::new(format!("{name}.yaml"), spec);
    let checked = check(&source, &Config::default());
    let said = || terminal::render(&source, &checked.diagnostics, terminal::Look::Plain) + spec;
    checked.machine.ok_or_else(said)
}

/// What the document called a state: its `id` where it has one in the spec, else its name.
#[must_use]
pub fn id(machine: &Machine, state: StateId) -> &str {
    let state = &machine.states[state];
    state.id.as_ref().map_or(&state.name.value, |id| &id.value)
}
