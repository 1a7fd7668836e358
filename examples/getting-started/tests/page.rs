//! The programs of docs/getting-started.md are those of this package, and print what stands there.
//!
//! `UPDATE_GOLDEN=1` puts the programs and what they print into the page.

use std::process::Command;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/getting-started.md");

/// The headings of the page with the blocks below them: their languages, and what has to stand in them.
fn sections() -> [(&'static str, Vec<(&'static str, String)>); 2] {
    let file = |path: &str| {
        let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
    };
    let door = vec![
        ("yaml", file("specs/door.yaml")),
        ("rust", file("build.rs")),
        ("rust", file("src/main.rs")),
        ("text", printed(env!("CARGO_BIN_EXE_getting-started"))),
    ];
    let lamp = vec![("rust", file("src/bin/lamp.rs")), ("text", printed(env!("CARGO_BIN_EXE_lamp")))];
    [("## A spec, a build script, a service\n", door), ("## In Rust, without a runtime\n", lamp)]
}

fn printed(program: &str) -> String {
    let output = Command::new(program).output().unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn the_programs_of_the_page_are_those_that_are_compiled_and_print_what_it_says() {
    let page = std::fs::read_to_string(PAGE).expect("the page");
    let mut wanted = page.clone();
    for (heading, blocks) in sections() {
        let mut from = wanted.find(heading).unwrap_or_else(|| panic!("the page has no `{heading}`"));
        for (language, text) in blocks {
            let fence = format!("```{language}\n");
            let start = wanted[from..].find(&fence).map(|at| from + at + fence.len());
            let start = start.unwrap_or_else(|| panic!("no block of {language} below `{heading}`"));
            let length = wanted[start..].find("```").expect("the end of the block");
            wanted.replace_range(start..start + length, &text);
            from = start + text.len();
        }
    }
    if page != wanted && std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(PAGE, wanted).expect("the page can be written");
    } else {
        assert_eq!(page, wanted, "the page is not what the programs are");
    }
}

#[test]
fn the_manifests_of_the_page_name_what_the_programs_depend_on() {
    let page = std::fs::read_to_string(PAGE).expect("the page");
    let own = include_str!("../Cargo.toml");
    let mut seen = 0;
    for block in page.split("```toml\n").skip(1) {
        let block = block.split("```").next().unwrap_or_default();
        let dependencies = block.lines().skip_while(|line| !line.contains("dependencies]"));
        for line in dependencies.filter(|line| line.contains(" = ")) {
            let (name, _) = line.split_once(" = ").expect("a dependency");
            let known =
                own.lines().find(|own| own.starts_with(&format!("{name} ")) || own.starts_with(&format!("{name}.")));
            let known = known.unwrap_or_else(|| panic!("the programs do not depend on {name}"));
            if let Some((_, features)) = line.split_once("features = ") {
                assert!(known.contains(features), "`{known}` has other features than `{line}`");
            }
            seen += 1;
        }
    }
    assert_eq!(seen, 4, "the dependencies of both manifests");
}
