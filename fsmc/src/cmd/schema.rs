//! `fsmc schema`: the YAML language for editors.

use super::{Failure, Outcome, deliver};
use crate::args::SchemaArgs;

/// Writes the JSON Schema of specs.
pub(crate) fn run(args: &SchemaArgs) -> Result<Outcome, Failure> {
    deliver(&format!("{:#}\n", fsm_codegen::schema::schema()), args.output.as_deref())
}
