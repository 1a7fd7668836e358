//! `fsmc render`: draws a spec.

use fsm_codegen::backend;

use super::{Failure, Outcome, deliver, machine};
use crate::args::{RenderArgs, RenderFormat};

/// Writes the picture of a spec that has no errors.
pub(crate) fn run(args: &RenderArgs) -> Result<Outcome, Failure> {
    let (_, Some(machine)) = machine(&args.spec, &args.spec.lints.config())? else { return Ok(Outcome::Errors) };
    let text = match args.format {
        RenderFormat::Mermaid => backend::mermaid::emit(&machine),
    };
    deliver(&text, args.output.as_deref())
}
