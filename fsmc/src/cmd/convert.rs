//! `fsmc convert`: writes a spec in another notation.

use fsm_codegen::backend;

use super::{Failure, Outcome, deliver, machine};
use crate::args::{ConvertArgs, Notation};

/// Writes a spec that has no errors anew.
pub(crate) fn run(args: &ConvertArgs) -> Result<Outcome, Failure> {
    let (_, Some(machine)) = machine(&args.spec, &args.spec.lints.config())? else { return Ok(Outcome::Errors) };
    let text = match args.to {
        Notation::Rust => backend::fsm::emit(&machine),
        Notation::Yaml => backend::yaml::emit(&machine),
    };
    deliver(&text, args.output.as_deref())
}
