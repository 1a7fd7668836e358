//! Records, as the recorder of fsm-runtime writes them: a JSON object on a line for each run.
//!
//! Whatever a file holds, it is refused or understood: a record of another machine, or of the same one before its spec
//! changed, counts for nothing and must not be added.

use serde::Deserialize;

use super::Counts;
use crate::backend;
use crate::diag::shown;
use crate::ir::{IndexVec, Machine};

/// The form of records that is understood.
const FORM: u64 = 1;

/// Why a line is no record of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit(String);

impl std::fmt::Display for Misfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Misfit {}

#[derive(Deserialize)]
struct Head {
    fsm_coverage: u64,
}

#[derive(Deserialize)]
struct Record {
    machine: String,
    version: String,
    hash: String,
    transitions: Vec<u64>,
    states: Vec<u64>,
}

impl Counts {
    /// Adds a record: the text of a line.
    ///
    /// # Errors
    /// Where it is no record, or one of another spec; nothing is added then.
    pub fn add(&mut self, machine: &Machine, line: &str) -> Result<(), Misfit> {
        let wrong = |error: &serde_json::Error| Misfit(format!("this is no record of a run: {error}"));
        let Head { fsm_coverage } = serde_json::from_str(line).map_err(|error| wrong(&error))?;
        if fsm_coverage != FORM {
            let newer = "written by another version of fsm-runtime, and only form 1 is understood";
            return Err(Misfit(format!("this record has the form {fsm_coverage}: it was {newer}")));
        }
        let record: Record = serde_json::from_str(line).map_err(|error| wrong(&error))?;
        check(machine, &record)?;
        add(&mut self.states, &record.states);
        add(&mut self.transitions, &record.transitions);
        Ok(())
    }
}

fn check(machine: &Machine, record: &Record) -> Result<(), Misfit> {
    let (name, found) = (&machine.name.value, &record.machine);
    if found != name {
        return Err(Misfit(format!("this is a record of the machine `{}`, not of `{}`", shown(found), shown(name))));
    }
    let hash = format!("{:016x}", backend::rust::hash(machine));
    let lengths = (record.states.len(), record.transitions.len());
    if record.hash == hash && lengths == (machine.states.len(), machine.transitions.len()) {
        return Ok(());
    }
    let version = machine.version.as_deref().unwrap_or_default();
    let versions = if record.version == version {
        String::new()
    } else {
        let named =
            |version: &str| if version.is_empty() { "none".to_owned() } else { format!("`{}`", shown(version)) };
        format!(" (its version was {} and is {})", named(&record.version), named(version))
    };
    let what = format!("this is a record of `{}` with another spec{versions}", shown(name));
    Err(Misfit(format!("{what}: delete it, and run what writes it again")))
}

fn add<I: crate::ir::Id>(counts: &mut IndexVec<I, u64>, more: &[u64]) {
    *counts = counts.iter().zip(more).map(|(count, more)| count.saturating_add(*more)).collect();
}
