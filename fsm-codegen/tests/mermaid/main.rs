//! Mermaid diagrams, as the real Mermaid reads and draws them.
//!
//! Each diagram goes to `tests/mermaid/verify.mjs` at the root of the repository together with the graph that it must
//! be; there Mermaid's own parser and a headless Chromium are asked. `tests/mermaid/setup.sh` installs both.

mod build;
mod expected;
mod samples;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs};

use build::{on, state};
use fsm_codegen::backend::mermaid;
use fsm_codegen::ir::Machine;
use fsm_codegen::source::Source;
use fsm_codegen::{Config, check};

const SETUP: &str = "run tests/mermaid/setup.sh, which installs what this test needs";

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The machines of all specs, and of those beside this file, by the stems of their files.
fn specs() -> Vec<(String, Machine)> {
    let folders = [repository().join("specs"), Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mermaid")];
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).expect("there is a folder of specs"));
    let mut files: Vec<_> = files.flatten().map(|file| file.path()).filter(|path| is_spec(path)).collect();
    files.sort();
    files.iter().map(|path| load(path)).collect()
}

fn is_spec(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(".yaml") && !name.ends_with(".scenario.yaml")
}

fn load(path: &Path) -> (String, Machine) {
    let source = Source::new(path.to_string_lossy(), fs::read_to_string(path).expect("the spec can be read"));
    let checked = check(&source, &Config::default());
    let machine = checked.machine.unwrap_or_else(|| panic!("{}: {:#?}", path.display(), checked.diagnostics));
    (source.stem().to_owned(), machine)
}

#[test]
fn mermaid_understands_and_draws_every_state_and_every_transition() {
    let packages = repository().join("tests/mermaid");
    assert!(packages.join("node_modules/mermaid").is_dir(), "Mermaid is not installed: {SETUP}");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("mermaid");
    fs::create_dir_all(&folder).expect("the folder for diagrams can be made");
    let mut node = Command::new("node");
    node.arg(packages.join("verify.mjs")).arg("--pictures").arg(&folder);
    for (name, machine) in specs().into_iter().chain(samples::samples()) {
        let (diagram, graph) = (folder.join(format!("{name}.mmd")), folder.join(format!("{name}.json")));
        fs::write(&diagram, mermaid::emit(&machine)).expect("diagrams can be written");
        fs::write(&graph, format!("{:#}", expected::expected(&machine))).expect("graphs can be written");
        node.args([diagram, graph]);
    }
    let output = node.output().unwrap_or_else(|error| panic!("cannot run node ({error}): {SETUP}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{}{}\nif something is missing: {SETUP}",
        text(&output.stdout),
        text(&output.stderr)
    );
    println!("{}pictures are in {}", text(&output.stdout), folder.display());
}

#[test]
fn diagrams_are_as_in_the_golden_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let update = env::var_os("UPDATE_GOLDEN").is_some();
    let machines: Vec<_> = specs().into_iter().chain(samples::samples()).collect();
    let files = fs::read_dir(&folder).expect("there is a folder of golden files");
    let mut goldens: Vec<_> = files.flatten().map(|file| file.path()).collect();
    goldens.retain(|path| path.extension().is_some_and(|extension| extension == "mmd"));
    goldens.sort();
    assert!(!goldens.is_empty(), "no golden file in {}", folder.display());
    for golden in goldens {
        let stem = golden.file_stem().unwrap_or_default().to_string_lossy();
        let (_, machine) = machines.iter().find(|(name, _)| *name == stem).unwrap_or_else(|| panic!("no spec {stem}"));
        let diagram = mermaid::emit(machine);
        if update {
            fs::write(&golden, diagram).expect("golden files can be written");
        } else {
            let hint = format!("{} differs; UPDATE_GOLDEN=1 writes it anew", golden.display());
            assert_eq!(fs::read_to_string(&golden).expect("golden files can be read"), diagram, "{hint}");
        }
    }
}

#[test]
fn the_example_in_the_book_is_what_the_back_end_writes() {
    let page = repository().join("docs/mermaid.md");
    let text = fs::read_to_string(&page).expect("the page can be read");
    let (head, rest) = text.split_once("```mermaid\n").expect("the page has an example");
    let (_, tail) = rest.split_once("\n```").expect("the example ends");
    let (_, machine) = load(&repository().join("specs/turnstile.yaml"));
    let fresh = format!("{head}```mermaid\n{}\n```{tail}", mermaid::emit(&machine).trim_end());
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&page, fresh).expect("the page can be written");
    } else {
        assert_eq!(text, fresh, "the example in docs/mermaid.md differs; UPDATE_GOLDEN=1 writes it anew");
    }
}

#[test]
fn ten_thousand_states_are_drawn_in_time_that_grows_with_their_number() {
    // Flat, all with the same id to number, and with arrows between composites.
    let wide = |count: usize| {
        let composite = |index: usize| {
            let name = format!("Ü{index}");
            let child = state("é").entry("beep").on(on("go").guard("x > 1").to(&name).run("n := 1"));
            state(&name).initial("é", &[]).about("A composite").on(on("go").to("Ü0")).with([child])
        };
        mermaid::emit(&state("Wide").initial("Ü0", &[]).with((0..count / 2).map(composite)).machine())
    };
    let small = wide(1_000);
    let start = Instant::now();
    let large = wide(10_000);
    assert!(start.elapsed() < Duration::from_secs(10), "10,000 states took {:?}", start.elapsed());
    assert!(large.len() < small.len() * 12, "{} bytes for ten times {}", large.len(), small.len());
}

#[test]
fn a_thousand_levels_need_neither_stack_nor_indentation_without_end() {
    let deep = |levels: usize| {
        let leaf = state("leaf").on(on("up").to("level 0"));
        let nested = (0..levels).rev().fold(leaf, |child, level| {
            let name = child.name().to_owned();
            state(&format!("level {level}")).initial(&name, &[]).with([child])
        });
        mermaid::emit(&state("Deep").initial("level 0", &[]).with([nested]).machine())
    };
    assert!(deep(1_000).len() < 12 * deep(100).len());
}
