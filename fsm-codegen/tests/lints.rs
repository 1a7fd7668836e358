//! The page on lints against the lints: each section's example gives that lint and no other diagnostic.

#![cfg(feature = "yaml")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use fsm_codegen::diag::{Code, Level};
use fsm_codegen::source::Source;
use fsm_codegen::{Config, check};

#[test]
fn every_lint_has_a_section_whose_example_shows_it() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/lints.md");
    let page = fs::read_to_string(page).expect("the page is there");
    let mut sections = page.split("\n## ").skip(1);
    for lint in Code::lints() {
        let section = sections.next().expect("a section for each lint, in the order of the catalogue");
        assert!(section.starts_with(&format!("{} `{}`\n", lint.id(), lint.name())), "{}: {section}", lint.id());
        let silent = lint.default_level() == Some(Level::Allow);
        assert_eq!(section.contains("By default `allow`"), silent, "{} says its level", lint.id());

        let example = section.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next());
        let checked = check(&Source::new("example.yaml", example.expect("an example")), &Config::default());
        let found: BTreeSet<_> = checked.diagnostics.iter().map(|found| found.code).collect();
        assert_eq!(found, BTreeSet::from([lint]), "{:#?}", checked.diagnostics);
    }
    assert_eq!(sections.next(), None, "a section too many");
}
