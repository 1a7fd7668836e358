//! Mermaid diagrams, as the real Mermaid reads and draws them.
//!
//! Each diagram goes to `tests/mermaid/verify.mjs` at the root of the repository together with the graph that it must
//! be; there Mermaid's own parser and a headless Chromium are asked. `tests/mermaid/setup.sh` installs both.

mod build;
mod expected;
mod samples;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use fsm_codegen::backend::mermaid;
use fsm_codegen::ir::Machine;
use fsm_codegen::source::Source;
use fsm_codegen::{Config, check};

const SETUP: &str = "run tests/mermaid/setup.sh, which installs what this test needs";

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The machines of all specs, by the stems of their files.
fn specs() -> Vec<(String, Machine)> {
    let Ok(files) = fs::read_dir(repository().join("specs")) else { return Vec::new() };
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).filter(|path| is_spec(path)).collect();
    files.sort();
    files.iter().map(|path| load(path)).collect()
}

fn is_spec(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(".yaml") && !name.ends_with(".scenario.yaml")
}

fn load(path: &Path) -> (String, Machine) {
    let source = Source::new(path.to_string_lossy(), fs::read_to_string(path).unwrap());
    let checked = check(&source, &Config::default());
    let machine = checked.machine.unwrap_or_else(|| panic!("{}: {:#?}", path.display(), checked.diagnostics));
    (source.stem().to_owned(), machine)
}

#[test]
fn mermaid_understands_and_draws_every_state_and_every_transition() {
    let packages = repository().join("tests/mermaid");
    assert!(packages.join("node_modules/mermaid").is_dir(), "Mermaid is not installed: {SETUP}");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("mermaid");
    fs::create_dir_all(&folder).unwrap();
    let mut node = Command::new("node");
    node.arg(packages.join("verify.mjs")).arg("--pictures").arg(&folder);
    for (name, machine) in specs().into_iter().chain(samples::samples()) {
        let (diagram, graph) = (folder.join(format!("{name}.mmd")), folder.join(format!("{name}.json")));
        fs::write(&diagram, mermaid::emit(&machine)).unwrap();
        fs::write(&graph, format!("{:#}", expected::expected(&machine))).unwrap();
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
    let mut goldens: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    goldens.retain(|path| path.extension().is_some_and(|extension| extension == "mmd"));
    goldens.sort();
    assert!(!goldens.is_empty(), "no golden file in {}", folder.display());
    for golden in goldens {
        let stem = golden.file_stem().unwrap().to_string_lossy();
        let (_, machine) = machines.iter().find(|(name, _)| *name == stem).unwrap_or_else(|| panic!("no spec {stem}"));
        let diagram = mermaid::emit(machine);
        if update {
            fs::write(&golden, diagram).unwrap();
        } else {
            let hint = format!("{} differs; UPDATE_GOLDEN=1 writes it anew", golden.display());
            assert_eq!(fs::read_to_string(&golden).unwrap(), diagram, "{hint}");
        }
    }
}
