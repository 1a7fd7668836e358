//! The subcommands, and what they share: reading a spec, and how a run ends.

pub(crate) mod check;
pub(crate) mod compile;
pub(crate) mod convert;
pub(crate) mod coverage;
pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod fix;
pub(crate) mod import;
mod lines;
pub(crate) mod render;
pub(crate) mod schema;
pub(crate) mod simulate;
mod spec;
pub(crate) mod testgen;

use std::io;
use std::path::Path;

use fsm_codegen::build_script::files;
use fsm_codegen::diag::terminal;
use fsm_codegen::ir::Machine;
use fsm_codegen::{Checked, Config};

use crate::args::SpecArgs;
use crate::output;
use spec::Spec;

/// How a run that could do its work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing is wrong, or warnings only.
    Fine,
    /// A spec has errors, a file is not up to date, or what was stored no longer fits.
    Errors,
}

/// Why a run could not do its work.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

/// Whether a path stands for standard input.
fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// The bytes of a file, and the name that messages show; `-` is standard input.
fn read(path: &Path) -> Result<(String, Vec<u8>), Failure> {
    let (name, bytes) = if is_stdin(path) {
        ("<stdin>".into(), files::read_from(io::stdin().lock()))
    } else {
        (path.to_string_lossy(), files::read(path))
    };
    let bytes = bytes.map_err(|error| Failure(format!("cannot read {name}: {error}")))?;
    // What is written names the file: two ways to write one path shall not make a difference.
    Ok((name.strip_prefix("./").unwrap_or(&name).to_owned(), bytes))
}

/// The machine of one spec; what there is to say about it goes to standard error.
fn machine(args: &SpecArgs, config: &Config) -> Result<(Spec, Option<Machine>), Failure> {
    let spec = Spec::one(args)?;
    let Checked { machine, diagnostics } = spec.check(config);
    output::stderr(&terminal::render(spec.source(), &diagnostics, output::look()));
    Ok((spec, machine))
}

/// Puts the text where the user wants it: into a file, or on standard output.
fn deliver(text: &str, file: Option<&Path>) -> Result<Outcome, Failure> {
    let Some(file) = file else { return output::stdout(text).map(|()| Outcome::Fine) };
    match files::write_if_changed(file, text) {
        Ok(_) => Ok(Outcome::Fine),
        Err(error) => Err(Failure(format!("cannot write {}: {error}", file.display()))),
    }
}
