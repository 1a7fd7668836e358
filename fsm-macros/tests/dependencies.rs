//! What a crate with `fsm!` has to build besides itself: asserted, since it only ever grows by accident.

use std::collections::BTreeSet;
use std::process::Command;

/// The packages of the macro without its feature `yaml`, itself included.
const LEAN: &[&str] = &[
    "equivalent",
    "fixedbitset",
    "fsm-codegen",
    "fsm-macros",
    "fsm-model",
    "fsm-rust",
    "hashbrown",
    "indexmap",
    "petgraph",
    "proc-macro2",
    "quote",
    "strsim",
    "syn",
    "unicode-ident",
];

/// The most packages with it: YAML, and diagnostics with the source underlined.
const MOST_WITH_YAML: usize = 40;

/// The packages that `cargo tree` lists for the macro.
fn packages(features: &[&str]) -> BTreeSet<String> {
    let tree = ["tree", "--package", "fsm-macros", "--edges", "normal", "--prefix", "none", "--format", "{p}"];
    let output = Command::new(env!("CARGO"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(tree)
        .args(["--offline", "--locked", "--no-default-features"])
        .args(features)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("cargo writes UTF-8");
    text.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn the_macro_needs_these_packages_and_no_others() {
    let lean: BTreeSet<String> = LEAN.iter().copied().map(str::to_owned).collect();
    assert_eq!(packages(&[]), lean);
}

#[test]
fn yaml_comes_only_with_its_feature() {
    let all = packages(&["--features", "yaml"]);
    assert!(all.contains("serde-saphyr") && all.len() <= MOST_WITH_YAML, "{}: {all:?}", all.len());
}

#[test]
fn the_shell_is_small() {
    let lines = |text: &str| text.lines().count();
    let shell = lines(include_str!("../src/lib.rs")) + lines(include_str!("../src/expand.rs"));
    assert!(shell < 100, "{shell} lines: what can be right or wrong belongs into the compiler");
}
