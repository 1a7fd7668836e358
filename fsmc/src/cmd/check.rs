//! `fsmc check`: says what is wrong with specs.

use fsm_codegen::Checked;
use fsm_codegen::diag::{Diagnostics, json, sarif, terminal};
use fsm_codegen::source::Source;

use super::spec::Spec;
use super::{Failure, Outcome};
use crate::args::{CheckArgs, CheckFormat};
use crate::output;

/// Checks every spec, also after one that cannot be read; that one decides how the run ends.
pub(crate) fn run(args: &CheckArgs) -> Result<Outcome, Failure> {
    let config = args.lints.config();
    let (mut checked, mut failure) = (Vec::new(), None);
    for spec in &args.specs {
        match Spec::all(spec) {
            Ok(specs) if specs.is_empty() => {
                output::stderr(&format!("{}: no `fsm! {{ … }}` in it\n", spec.display()));
            }
            Ok(specs) => checked.extend(specs.iter().map(|spec| {
                let Checked { diagnostics, .. } = spec.check(&config);
                (spec.source().clone(), diagnostics)
            })),
            Err(Failure(message)) => {
                if let Some(Failure(earlier)) = failure.replace(Failure(message)) {
                    output::complain(&earlier);
                }
            }
        }
    }
    let pairs = checked.iter().map(|(source, diagnostics)| (source, diagnostics));
    match args.format {
        CheckFormat::Human => show(&checked),
        CheckFormat::Json => output::stdout(&(json::render(pairs) + "\n"))?,
        CheckFormat::Sarif => output::stdout(&(sarif::render(pairs) + "\n"))?,
    }
    let errors = checked.iter().any(|(_, diagnostics)| diagnostics.has_errors());
    failure.map_or(Ok(if errors { Outcome::Errors } else { Outcome::Fine }), Err)
}

fn show(checked: &[(Source, Diagnostics)]) {
    let look = output::look();
    for (source, diagnostics) in checked {
        if diagnostics.is_empty() {
            output::stderr(&format!("{}: no problems\n", source.name()));
        } else {
            output::stderr(&terminal::render(source, diagnostics, look));
        }
    }
    let fixes: usize = checked.iter().map(|(source, found)| found.iter().filter_map(|d| d.fix(source)).count()).sum();
    match fixes {
        0 => {}
        1 => output::stderr("help: `fsmc fix` mends one of them\n"),
        more => output::stderr(&format!("help: `fsmc fix` mends {more} of them\n")),
    }
}
