//! `fsmc compile`: turns a spec into a Rust module.

use std::path::Path;

use fsm_codegen::backend;
use fsm_codegen::build_script::files;
use fsm_codegen::config::Places;

use super::{Failure, Outcome, deliver, machine};
use crate::args::CompileArgs;
use crate::output;

/// Writes the module, or compares it with what was written before.
pub(crate) fn run(args: &CompileArgs) -> Result<Outcome, Failure> {
    let mut config = args.spec.lints.config();
    config.serde = args.serde;
    config.places = Places::Comments;
    config.testing = args.testing;
    config.proptest = args.proptest;
    config.spans = args.spans;
    let (spec, Some(machine)) = machine(&args.spec, &config)? else { return Ok(Outcome::Errors) };
    let text = backend::format::format(&backend::rust::emit(&machine, spec.source(), &config), spec.source());
    match &args.output {
        Some(file) if args.check => Ok(compare(args, file, &text)),
        file => deliver(&text, file.as_deref()),
    }
}

fn compare(args: &CompileArgs, file: &Path, text: &str) -> Outcome {
    if files::is_current(file, text) {
        return Outcome::Fine;
    }
    let (spec, file) = (args.spec.spec.display(), file.display());
    let flags = [
        (args.serde, " --serde"),
        (args.testing, " --testing"),
        (args.proptest, " --proptest"),
        (args.spans, " --spans"),
    ];
    let flags: String = flags.iter().filter(|flag| flag.0).map(|flag| flag.1).collect();
    output::complain(&format!("{file} is not up to date with {spec}"));
    output::stderr(&format!("help: run `fsmc compile {spec} -o {file}{flags}`\n"));
    Outcome::Errors
}
