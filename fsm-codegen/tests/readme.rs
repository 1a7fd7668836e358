//! The README's machine is a real one: its types are generated as they stand there, and so is its picture. So is the
//! generic machine of docs/yaml.md.
//!
//! `UPDATE_GOLDEN=1` puts the current picture into the README.

use fsm_codegen::source::Source;
use fsm_codegen::{Config, backend, check};

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/yaml.md");

#[test]
fn the_machine_of_the_readme_is_compiled_and_drawn_as_it_says() {
    let readme = std::fs::read_to_string(README).expect("the README");
    let source = Source::new("door.yaml", block(&readme, "yaml"));
    let config = Config::default();
    let checked = check(&source, &config);
    assert!(checked.diagnostics.is_empty(), "{:#?}", checked.diagnostics);
    let machine = checked.machine.expect("a machine without diagnostics");

    let code = backend::format::format(&backend::rust::emit(&machine, &source, &config), &source);
    let code: Vec<&str> = code.lines().map(str::trim).collect();
    for line in block(&readme, "rust").lines().map(str::trim) {
        assert!(code.contains(&line), "generated code has no line `{line}`");
    }

    let (picture, shown) = (backend::mermaid::emit(&machine), block(&readme, "mermaid"));
    if picture.trim() != shown.trim() && std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(README, readme.replace(shown, &picture)).expect("the README can be written");
    } else {
        assert_eq!(picture.trim(), shown.trim(), "the picture is not that of the machine");
    }
}

#[test]
fn the_generic_machine_of_the_page_on_the_language_has_the_types_that_stand_there() {
    let page = std::fs::read_to_string(PAGE).expect("the page");
    let (_, section) = page.split_once("\n## Generic parameters\n").expect("its section");
    let source = Source::new("robot.yaml", block(section, "yaml"));
    let config = Config::default();
    let checked = check(&source, &config);
    let machine = checked.machine.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics));
    let code = backend::format::format(&backend::rust::emit(&machine, &source, &config), &source);
    for line in block(section, "rust").lines() {
        assert!(code.lines().any(|found| found.trim() == line), "generated code has no line `{line}`");
    }
}

/// The first fenced block of a language.
fn block<'a>(text: &'a str, language: &str) -> &'a str {
    let fence = format!("```{language}\n");
    let start = text.find(&fence).expect("a block of that language") + fence.len();
    let length = text[start..].find("```").expect("the end of the block");
    &text[start..start + length]
}
