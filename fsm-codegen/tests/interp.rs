//! Every scenario of the repository, played through the interpreter: the corpus in `specs/` and the machines of
//! SEMANTICS.md. The same files are played through generated code by `tests/driver`.

use std::fs;
use std::path::{Path, PathBuf};

use fsm_codegen::Config;
use fsm_codegen::interp::session::scenario;
use fsm_codegen::source::Source;

/// The specs of a folder of the repository that have a scenario beside them.
fn specs(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let files = fs::read_dir(&folder).expect("the folder").map(|entry| entry.expect("an entry").path());
    let mut specs: Vec<PathBuf> = files
        .filter(|path| {
            let name = path.to_string_lossy();
            name.ends_with(".yaml") && !name.ends_with(".scenario.yaml")
        })
        .collect();
    specs.sort();
    specs
}

/// Plays them all and says what went wrong; `SCENARIO=name` picks one.
fn play(folder: &str) {
    let wanted = std::env::var("SCENARIO").ok();
    let (mut wrong, mut played) = (Vec::new(), 0);
    for spec in specs(folder) {
        let name = spec.file_stem().expect("a name").to_string_lossy().into_owned();
        if wanted.as_ref().is_some_and(|wanted| *wanted != name) {
            continue;
        }
        let text = fs::read_to_string(&spec).expect("the spec");
        let source = Source::new(format!("{name}.yaml"), text);
        let checked = fsm_codegen::check(&source, &Config::default());
        let Some(machine) = checked.machine else {
            let problems: Vec<&str> = checked.diagnostics.iter().map(|it| it.message.as_str()).collect();
            wrong.push(format!("{name}: {problems:#?}"));
            continue;
        };
        let text = fs::read_to_string(spec.with_extension("scenario.yaml")).expect("its scenario");
        let report = scenario::play(&machine, &source, &format!("{folder}/{name}.scenario.yaml"), &text);
        wrong.extend(report.problems.iter().chain(&report.missing).map(|problem| format!("{name}: {problem}")));
        played += 1;
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(wanted.is_some() || played > 4, "only {played} scenarios were found");
}

#[test]
fn the_interpreter_plays_the_corpus() {
    play("specs");
}

#[test]
fn the_interpreter_keeps_the_rules() {
    play("tests/driver/semantics");
}
