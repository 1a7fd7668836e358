//! `fsmc explain`: says what a diagnostic means.

use fsm_codegen::diag::explain;

use super::{Failure, Outcome};
use crate::args::ExplainArgs;
use crate::output;

/// Prints the page of a code, or the list of all.
pub(crate) fn run(args: &ExplainArgs) -> Result<Outcome, Failure> {
    output::stdout(&args.code.map_or_else(explain::list, explain::plain)).map(|()| Outcome::Fine)
}
