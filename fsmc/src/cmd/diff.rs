//! `fsmc diff`: what changed between two versions of a machine, and whether what was stored still fits.

use std::path::Path;

use fsm_codegen::backend::rust::{Older, cannot_migrate, migration_stub};
use fsm_codegen::diag::terminal;
use fsm_codegen::diff::{Diff, json, text};
use fsm_codegen::ir::Machine;
use fsm_codegen::{Checked, Config};

use super::spec::Spec;
use super::{Failure, Outcome, deliver, is_stdin};
use crate::args::{DiffArgs, DiffFormat, SpecArgs};
use crate::output;

/// Compares two machines without errors; what no longer fits decides how the run ends.
pub(crate) fn run(args: &DiffArgs) -> Result<Outcome, Failure> {
    if is_stdin(&args.old) && is_stdin(&args.new) {
        return Err(Failure("the two specs cannot both come from standard input".to_owned()));
    }
    let config = args.lints.config();
    let (old, new) = (side(args, &args.old, &config, true)?, side(args, &args.new, &config, false)?);
    let (Some((was, old)), Some((is, new))) = (old, new) else { return Ok(Outcome::Errors) };
    let diff = Diff::new(&old, &new);
    let outcome = if diff.fits() { Outcome::Fine } else { Outcome::Errors };
    if let Some(file) = &args.stub {
        let (old, new) = (Older { machine: &old, source: was.source() }, Older { machine: &new, source: is.source() });
        if let Some(problem) = cannot_migrate(new.machine, &[old]) {
            return Err(Failure(format!("there is no stub to write: {problem}")));
        }
        let to_stdout = is_stdin(file);
        // What was finished by hand cannot be written anew.
        if !to_stdout && file.exists() {
            let file = file.display();
            return Err(Failure(format!("{file} is there already; write the stub to another file, or to `-`")));
        }
        deliver(&migration_stub(old, new), (!to_stdout).then_some(file.as_path()))?;
        if to_stdout {
            return Ok(outcome);
        }
    }
    output::stdout(&match args.format {
        DiffFormat::Human => text::render(&diff),
        DiffFormat::Json => json::render(&diff) + "\n",
    })?;
    Ok(outcome)
}

/// One of the machines. Of an old one only errors are told: nobody is going to mend it.
fn side(args: &DiffArgs, path: &Path, config: &Config, old: bool) -> Result<Option<(Spec, Machine)>, Failure> {
    let spec =
        Spec::one(&SpecArgs { spec: path.to_owned(), machine: args.machine.clone(), lints: args.lints.clone() })?;
    let Checked { machine, diagnostics } = spec.check(config);
    if !old || diagnostics.has_errors() {
        output::stderr(&terminal::render(spec.source(), &diagnostics, output::look()));
    }
    Ok(machine.map(|machine| (spec, machine)))
}
