//! What happens to any input: every stage, every face, and every back-end of what turns out to be a machine.
//!
//! Shared by the targets. What is asserted beyond "no panic": a machine that prints reads back as itself, in both
//! notations, and a fix never makes text that is not UTF-8 or grows without bound.

use fsm_codegen::diag::{Diagnostics, fix, json, sarif, terminal};
use fsm_codegen::ir::Machine;
use fsm_codegen::source::Source;
use fsm_codegen::{Checked, Config, backend};

/// Larger machines are checked, but not generated: a fuzzer wants many runs.
const MOST_STATES: usize = 200;

/// Shows what was found in every way, and follows the advice.
pub fn shown(source: &Source, diagnostics: &Diagnostics) {
    let _ = terminal::render(source, diagnostics, terminal::Look::Coloured);
    let _ = json::render([(source, diagnostics)]);
    let log = sarif::render([(source, diagnostics)]);
    assert!(serde_json::from_str::<serde_json::Value>(&log).is_ok());
    let fixed = fix::apply(source, diagnostics);
    let added: usize = fixed.made.iter().map(|(_, edit)| edit.text.len()).sum();
    assert!(fixed.text.len() <= source.text().len() + added);
}

/// A spec in YAML through everything.
pub fn yaml(bytes: &[u8]) {
    let config = Config::default();
    let (source, Checked { machine, diagnostics }) = fsm_codegen::check_bytes("fuzz.yaml", bytes, &config);
    shown(&source, &diagnostics);
    if let Some(machine) = machine {
        generated(&machine, &source, &config);
    }
}

/// A machine through every back-end, and through both printers back.
pub fn generated(machine: &Machine, source: &Source, config: &Config) {
    if machine.states.len() > MOST_STATES {
        return;
    }
    let code = backend::rust::emit(machine, source, config);
    let _ = backend::format::format(&code, source);
    let _ = backend::mermaid::emit(machine);
    let text = backend::yaml::emit(machine);
    let again = fsm_codegen::check(&Source::new("printed.yaml", text.as_str()), config);
    assert!(again.machine.as_ref() == Some(machine), "printed as YAML it is another machine:\n{text}");
    let text = backend::fsm::emit(machine);
    let again = in_rust(&text, config);
    assert!(again.as_ref() == Some(machine), "printed as Rust it is another machine:\n{text}");
}

/// The only machine of a Rust file.
fn in_rust(text: &str, config: &Config) -> Option<Machine> {
    let source = Source::new("printed.rs", text);
    let written = fsm_codegen::frontend::tokens::file::machines(&source).ok()?;
    let [written] = written.as_slice() else { return None };
    fsm_codegen::check_written(written, &source, config).machine
}
