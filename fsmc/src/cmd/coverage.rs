//! `fsmc coverage`: what of a machine has run.

use fsm_codegen::backend;
use fsm_codegen::coverage::Counts;
use fsm_codegen::ir::Machine;

use super::lines::Lines;
use super::{Failure, Outcome, deliver, is_stdin, machine};
use crate::args::{CoverageArgs, CoverageFormat};
use crate::output;

/// Adds up the records and shows the sum.
pub(crate) fn run(args: &CoverageArgs) -> Result<Outcome, Failure> {
    let from_stdin = args.records.iter().filter(|record| is_stdin(record)).count();
    if from_stdin + usize::from(is_stdin(&args.spec.spec)) > 1 {
        return Err(Failure("only one file can come from standard input".to_owned()));
    }
    let (spec, Some(machine)) = machine(&args.spec, &args.spec.lints.config())? else { return Ok(Outcome::Errors) };
    let counts = read(args, &machine)?.completed(&machine);
    let text = match args.format {
        CoverageFormat::Text => counts.text(&machine, spec.source()),
        CoverageFormat::Json => counts.json(&machine, spec.source()) + "\n",
        CoverageFormat::Mermaid => backend::mermaid::heat_map(&machine, &counts),
    };
    let delivered = deliver(&text, args.output.as_deref())?;
    let Some(min) = args.min else { return Ok(delivered) };
    if counts.states(&machine).reaches(min) && counts.transitions().reaches(min) {
        return Ok(delivered);
    }
    output::complain(&format!(
        "less than {min} % of {} has run: {}",
        args.spec.spec.display(),
        counts.summary(&machine)
    ));
    Ok(Outcome::Errors)
}

/// All records; the first that does not fit ends the run, or a sum would be shown that is none.
fn read(args: &CoverageArgs, machine: &Machine) -> Result<Counts, Failure> {
    let mut counts = Counts::new(machine);
    for record in &args.records {
        let mut lines = Lines::open(record)?;
        let mut empty = true;
        while let Some(line) = lines.next()? {
            let added = line.and_then(|line| counts.add(machine, &line).map_err(|misfit| misfit.to_string()));
            added.map_err(|problem| Failure(format!("{}: {problem}", lines.place())))?;
            empty = false;
        }
        if empty {
            return Err(Failure(format!("{} holds no record of a run", record.display())));
        }
    }
    Ok(counts)
}
