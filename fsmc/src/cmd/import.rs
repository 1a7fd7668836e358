//! `fsmc import`: turns a machine in another language into a spec.

use fsm_codegen::diag::terminal;
use fsm_codegen::import::Imported;
use fsm_codegen::import::scxml::{self, Options};

use super::{Failure, Outcome, deliver, read};
use crate::args::ImportArgs;
use crate::output;

/// Writes the spec of a file that has no errors.
pub(crate) fn run(args: &ImportArgs) -> Result<Outcome, Failure> {
    let (name, bytes) = read(&args.file)?;
    let mut options = Options::default();
    options.events.clone_from(&args.event);
    let (source, Imported { text, diagnostics }) = scxml::import_bytes(&name, &bytes, &options);
    output::stderr(&terminal::render(&source, &diagnostics, output::look()));
    text.map_or(Ok(Outcome::Errors), |text| deliver(&text, args.output.as_deref()))
}
