//! What is said about two versions of a machine: `diff/*.yaml` against the `.txt` beside each.
//!
//! A file holds both versions, the old one first, with a line `---` between. `UPDATE_GOLDEN=1` writes the texts anew;
//! read the difference before committing it.

use std::path::{Path, PathBuf};
use std::{env, fs};

use fsm_codegen::Config;
use fsm_codegen::diff::{Diff, Verdict, text};
use fsm_codegen::ir::Machine;
use fsm_codegen::source::Source;

fn machine(name: &str, text: &str) -> Machine {
    let source = Source::new(name, text.to_owned());
    let checked = fsm_codegen::check(&source, &Config::default());
    let complaints: Vec<_> = checked.diagnostics.iter().map(|it| it.message.clone()).collect();
    checked.machine.unwrap_or_else(|| panic!("{name}: {complaints:?}\n{text}"))
}

/// The two versions in a file.
fn versions(path: &Path) -> [Machine; 2] {
    let name = path.to_string_lossy();
    let text = fs::read_to_string(path).expect("a spec is text").replace("\r\n", "\n");
    let (old, new) = text.split_once("\n---\n").unwrap_or_else(|| panic!("{name} has two versions"));
    [machine(&name, old), machine(&name, new)]
}

fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).expect("the folder is there");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.to_string_lossy().ends_with(".yaml") && !path.to_string_lossy().contains(".scenario."));
    files.sort();
    files
}

#[test]
fn pairs_of_versions_are_judged_as_written() {
    let pairs = files("tests/diff");
    assert!(pairs.len() > 10, "pairs are missing");
    for pair in pairs {
        let [old, new] = versions(&pair);
        let text = text::render(&Diff::new(&old, &new));
        let golden = pair.with_extension("txt");
        if env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&golden, &text).expect("the golden file can be written");
        }
        let expected = fs::read_to_string(&golden).unwrap_or_default().replace("\r\n", "\n");
        assert_eq!(text, expected, "{}: set UPDATE_GOLDEN=1 to accept it", pair.display());
    }
}

/// Nothing changed where nothing changed, and whatever is there one way is gone the other way.
#[test]
fn a_machine_is_no_other_than_itself_and_both_ways_agree() {
    for pair in files("tests/diff") {
        let [old, new] = versions(&pair);
        for machine in [&old, &new] {
            let diff = Diff::new(machine, machine);
            assert!(diff.changes.is_empty() && diff.snapshots() == Verdict::Same, "{}", text::render(&diff));
        }
        let (there, back) = (Diff::new(&old, &new), Diff::new(&new, &old));
        assert_eq!(there.changes.is_empty(), back.changes.is_empty(), "{}", pair.display());
    }
    for spec in files("../specs").into_iter().chain(files("tests/resolved")).chain(files("tests/generated")) {
        let name = spec.to_string_lossy();
        let text = fs::read_to_string(&spec).expect("a spec is text");
        let diff = Diff::new(&machine(&name, &text), &machine(&name, &text));
        assert!(diff.changes.is_empty(), "{name}:\n{}", text::render(&diff));
    }
}

/// A hash that is another one has a reason that is told.
#[test]
fn whatever_changes_the_hash_is_told() {
    for pair in files("tests/diff") {
        let diff = {
            let [old, new] = versions(&pair);
            Diff::new(&old, &new)
        };
        assert!(diff.old.hash == diff.new.hash || !diff.changes.is_empty(), "{}", pair.display());
        let is_broken = matches!(diff.snapshots(), Verdict::Broken(_));
        assert!(!is_broken || diff.old.hash != diff.new.hash, "{}: what does not fit has another hash", pair.display());
    }
}
