//! What a driver plays: every test with the spec that stands for its document.

use std::fs;
use std::path::Path;

use fsm_codegen::ir::Machine;

use crate::others::{OTHERS, Other};
use crate::suite::{self, Test};

/// A test that can be played.
#[derive(Debug)]
pub struct Case {
    /// The test.
    pub test: Test,
    /// The spec: imported, or written by hand.
    pub spec: String,
    /// Its machine.
    pub machine: Machine,
}

/// The 110 tests that are imported, and of the [`OTHERS`] those that a spec can say.
///
/// # Errors
///
/// What importer and compiler say about each document that has errors.
pub fn cases() -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    let mut failed = Vec::new();
    for test in suite::tests() {
        let spec = match OTHERS.iter().find(|other| other.name == test.name) {
            None => test.import(),
            Some(Other { said: Some(said), .. }) => Ok(by_hand(said)),
            Some(Other { said: None, .. }) => continue,
        };
        match spec.and_then(|spec| Ok((suite::machine(&test.name, &spec)?, spec))) {
            Ok((machine, spec)) => cases.push(Case { test, spec, machine }),
            Err(said) => failed.push(said),
        }
    }
    if failed.is_empty() { Ok(cases) } else { Err(format!("{} fail\n{}", failed.len(), failed.join("\n"))) }
}

fn by_hand(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("said").join(format!("{name}.yaml"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
