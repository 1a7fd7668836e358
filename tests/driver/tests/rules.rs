//! SEMANTICS.md and its tests belong together: no rule without a test, no test that is not there, and no machine in
//! `semantics/` that proves no rule.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A rule: its number and the tests that it names.
struct Rule {
    number: String,
    tests: Vec<String>,
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The paragraphs that begin with a bold number; the tests are the names in backticks behind the last `Test:` or
/// `Tests:`.
fn rules() -> Vec<Rule> {
    let text = fs::read_to_string(here().join("../../SEMANTICS.md")).expect("SEMANTICS.md");
    let rules = text.split("\n\n").filter_map(|paragraph| {
        let (number, rest) = paragraph.strip_prefix("**")?.split_once("**")?;
        number.starts_with(|first: char| first.is_ascii_digit()).then_some(())?;
        let cited = rest.rsplit_once("Test: ").or_else(|| rest.rsplit_once("Tests: ")).map_or("", |(_, cited)| cited);
        let tests = cited.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        Some(Rule { number: number.to_owned(), tests })
    });
    rules.collect()
}

/// The files of a folder of this package that end so.
fn files(folder: &str, end: &str) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(here().join(folder))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.to_string_lossy().ends_with(end))
        .collect();
    paths.sort();
    paths
}

/// The rules that have a machine.
fn scenarios() -> BTreeSet<String> {
    let name = |path: PathBuf| path.file_name()?.to_str()?.strip_suffix(".scenario.yaml").map(str::to_owned);
    files("semantics", ".scenario.yaml").into_iter().filter_map(name).collect()
}

/// The tests written in Rust.
fn functions() -> BTreeSet<String> {
    let mut sources = files("tests", ".rs");
    sources.extend(files("tests/random", ".rs"));
    sources.extend(files("../versions/tests", ".rs"));
    sources.extend(files("../../fsm-runtime/tests/fleet", ".rs"));
    sources.extend(files("../fleet/tests", ".rs"));
    sources.extend(files("../fleet/tests/journal", ".rs"));
    let mut found = BTreeSet::new();
    for source in sources {
        let text = fs::read_to_string(source).expect("a file");
        let tests = text.split("#[test]\nfn ").skip(1).filter_map(|test| test.split_once('('));
        found.extend(tests.map(|(name, _)| name.to_owned()));
        let tests = text.split("#[tokio::test").skip(1).filter_map(|test| test.split_once("]\nasync fn "));
        found.extend(tests.filter_map(|(_, test)| test.split_once('(')).map(|(name, _)| name.to_owned()));
    }
    found
}

#[test]
fn every_rule_cites_a_test_that_exists() {
    let (scenarios, functions) = (scenarios(), functions());
    let rules = rules();
    assert!(rules.len() > 40, "only {} rules were found", rules.len());
    for Rule { number, tests } in rules {
        assert!(!tests.is_empty(), "rule {number} cites no test");
        for test in tests {
            assert!(scenarios.contains(&test) || functions.contains(&test), "rule {number}: there is no test `{test}`");
        }
    }
}

#[test]
fn every_machine_proves_a_rule() {
    let cited: BTreeSet<String> = rules().into_iter().flat_map(|rule| rule.tests).collect();
    let idle: Vec<String> = scenarios().difference(&cited).cloned().collect();
    assert!(idle.is_empty(), "no rule cites {idle:?}");
    let specs = files("semantics", ".yaml").len();
    assert_eq!(specs, 2 * scenarios().len(), "a machine lacks its scenario, or a scenario its machine");
}

#[test]
fn rules_are_numbered_without_gaps() {
    let mut last = (0, 0);
    for Rule { number, .. } in rules() {
        let (chapter, rule) = number.split_once('.').expect("chapter and rule");
        let at: (u32, u32) = (chapter.parse().expect("a number"), rule.parse().expect("a number"));
        let follows = at == (last.0, last.1 + 1) || at == (last.0 + 1, 1);
        assert!(follows, "{number} stands behind {}.{}", last.0, last.1);
        last = at;
    }
}
