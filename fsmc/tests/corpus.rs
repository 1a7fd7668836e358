//! Every bad spec through every command: an answer each time, never a panic.

mod running;

use std::fs;
use std::path::Path;

use running::{empty_folder, files, run};

const COMMANDS: [&str; 8] = [
    "check",
    "check --format json",
    "check --format sarif --deny warnings",
    "fix --check",
    "compile",
    "convert --to rust",
    "render --format mermaid",
    "import",
];

#[test]
fn nothing_in_the_corpus_makes_it_panic() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut corpus = Vec::new();
    files(&here.join("../fsm-codegen/tests/errors"), &mut corpus);
    files(&here.join("../fsm-codegen/tests/scxml"), &mut corpus);
    assert!(corpus.len() > 100, "the corpus is there");
    let folder = empty_folder("corpus");
    for (nth, file) in corpus.iter().enumerate() {
        // The same text as a spec, and as a Rust file, which it never is.
        let bytes = fs::read(file).expect("it can be read");
        for name in ["bad.yaml", "bad.rs"] {
            fs::write(folder.join(name), &bytes).expect("the folder can be written");
        }
        for command in COMMANDS {
            // A Rust file takes the same way behind the front-end: one command in turn is enough.
            let names: &[&str] = if nth % COMMANDS.len() == 0 { &["bad.yaml", "bad.rs"] } else { &["bad.yaml"] };
            for name in names {
                let ran = run(&folder, &format!("{command} {name}"));
                let fine = matches!(ran.status, Some(0..=2)) && !ran.stderr.contains("bug in fsmc");
                assert!(fine, "{} under `{command}`: {:?} {}", file.display(), ran.status, ran.stderr);
            }
        }
    }
}
