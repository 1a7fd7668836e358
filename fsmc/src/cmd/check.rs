//! `fsmc check`: says what is wrong with specs.

use std::path::Path;

use fsm_codegen::Checked;
use fsm_codegen::diag::{Code, Diagnostics, Severity, json, sarif, terminal};
use fsm_codegen::source::Source;

use super::spec::Spec;
use super::{Failure, Outcome, read};
use crate::args::{CheckArgs, CheckFormat};
use crate::output;

/// Of how many codes the last line says that they are explained.
const MOST_EXPLAINED: usize = 3;

/// Checks every spec, the machines of one file together, also after one that cannot be read; that one decides how the run ends.
pub(crate) fn run(args: &CheckArgs) -> Result<Outcome, Failure> {
    let config = args.lints.config();
    let (mut checked, mut failure) = (Vec::new(), None);
    for spec in &args.specs {
        match read(spec).map(|(name, bytes)| Spec::read(spec, &name, &bytes)) {
            Ok((source, specs)) if specs.is_empty() => {
                output::stderr(&format!("{}: no `fsm! {{ … }}` in it\n", spec.display()));
                point(spec, &source);
            }
            Ok((source, specs)) => {
                point(spec, &source);
                let mut all = Diagnostics::default();
                for spec in &specs {
                    let Checked { diagnostics, .. } = spec.check(&config);
                    all.extend(diagnostics);
                }
                checked.push((source, all));
            }
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

/// Says which files a Rust file leaves its machines to: their paths count from the folder of the crate.
fn point(path: &Path, source: &Source) {
    for named in Spec::named(path, source) {
        output::stderr(&format!(
            "{}: `fsm!(\"{named}\")` names a file of its own, which is checked by its name\n",
            path.display()
        ));
    }
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
    let errors = checked.iter().flat_map(|(_, found)| found.iter()).filter(|found| found.severity == Severity::Error);
    if let Some(line) = explained(errors.map(|error| error.code)) {
        output::stderr(&line);
    }
}

/// Where the codes that occurred are explained, at most a few of them; nothing where there is none.
fn explained(codes: impl Iterator<Item = Code>) -> Option<String> {
    let mut distinct: Vec<Code> = Vec::new();
    for code in codes {
        if !distinct.contains(&code) {
            distinct.push(code);
        }
    }
    let (first, more) = distinct.split_first()?;
    let mut others: Vec<String> = more.iter().take(MOST_EXPLAINED - 1).map(|code| code.id().to_owned()).collect();
    match more.len() - others.len() {
        0 => {}
        1 => others.push("one more".to_owned()),
        rest => others.push(format!("{rest} more")),
    }
    let others = match others.as_slice() {
        [] => String::new(),
        [only] => format!("; {only} is explained too"),
        [init @ .., last] => format!("; {} and {last} are explained too", init.join(", ")),
    };
    Some(format!("help: `fsmc explain {}` tells more{others}\n", first.id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(codes: &[Code]) -> String {
        explained(codes.iter().copied()).unwrap_or_default()
    }

    #[test]
    fn each_code_is_named_once_and_only_a_few_are() {
        use Code::{DuplicateKey, EmptyValue, InvalidName, UnknownKey, WrongType};
        assert_eq!(line(&[]), "");
        assert_eq!(line(&[UnknownKey, UnknownKey]), "help: `fsmc explain FSM0010` tells more\n");
        assert_eq!(
            line(&[WrongType, UnknownKey, WrongType]),
            "help: `fsmc explain FSM0012` tells more; FSM0010 is explained too\n"
        );
        let all = [UnknownKey, DuplicateKey, WrongType, EmptyValue, InvalidName];
        assert_eq!(
            line(&all),
            "help: `fsmc explain FSM0010` tells more; FSM0011, FSM0012 and 2 more are explained too\n"
        );
        assert!(line(&all[..4]).ends_with("FSM0011, FSM0012 and one more are explained too\n"));
    }
}
