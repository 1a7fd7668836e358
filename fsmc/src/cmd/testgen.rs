//! `fsmc testgen`: writes a test that takes every transition of a machine.

use fsm_codegen::names::snake;
use fsm_codegen::testgen;

use super::{Failure, Outcome, deliver, machine};
use crate::args::TestgenArgs;
use crate::output;

/// Writes the test; what it leaves out goes to standard error too.
pub(crate) fn run(args: &TestgenArgs) -> Result<Outcome, Failure> {
    let (spec, Some(machine)) = machine(&args.spec, &args.spec.lints.config())? else { return Ok(Outcome::Errors) };
    let file = args.spec.spec.display();
    if let Some(obstacle) = testgen::obstacle(&machine) {
        return Err(Failure(format!("no test can be written for {file}: {obstacle}")));
    }
    let module = args.module.clone().unwrap_or_else(|| format!("crate::{}", snake(&machine.name.value)));
    let tests = testgen::tests(&machine, spec.source(), &module);
    for missing in &tests.missing {
        output::stderr(&format!("not taken: {missing}\n"));
    }
    deliver(&tests.text, args.output.as_deref())
}
