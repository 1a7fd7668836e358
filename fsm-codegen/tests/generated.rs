//! Generated code in a crate of its own: no warning, not from rustc and not under `clippy::pedantic`, and no error in the
//! edition of Rust before.
//!
//! Every machine of `specs/` and of `tests/generated/`, the latter written to reach the corners of the back-end. The
//! crate depends on fsm-runtime alone, without its default features, and on `serde_json` where a spec holds JSON.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use fsm_codegen::{Config, backend, check, config::Places, source::Source};

/// Types that the specs name.
const TYPES: &str = "
pub mod arm {
    #[derive(Debug)]
    pub struct ArmError;
    pub trait Motor {
        type Speed: Clone + std::fmt::Debug + PartialEq;
        const MOST: u32;
    }
    #[derive(Debug)]
    pub struct Fault<M>(pub M);
    #[derive(Debug, Clone, PartialEq)]
    pub struct Held<M>(pub M);
}
pub mod net {
    #[derive(Debug)]
    pub struct NetError;
    impl From<fsm_runtime::core::Overflow> for NetError {
        fn from(_: fsm_runtime::core::Overflow) -> Self {
            Self
        }
    }
}
pub mod shop { #[derive(Debug)] pub struct ShopError; }
";

#[test]
fn generated_code_is_clean_under_clippy_pedantic_and_compiles_in_the_edition_before() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let specs = specs(&[root.join("tests/generated"), root.join("../specs")]);
    assert!(specs.len() > 5, "no specs found");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("generated");
    let mut library = format!("#![warn(clippy::pedantic)]\n#![allow(clippy::duplicate_mod)]\n//! Generated.\n{TYPES}");
    std::fs::create_dir_all(folder.join("src")).expect("a folder");
    for (at, spec) in specs.iter().enumerate() {
        std::fs::write(folder.join(format!("src/m{at}.rs")), generate(spec)).expect("a module");
        // In a private module, since clippy spares what it believes to be a public API, and in a public one, since there
        // it asks for more docs.
        writeln!(library, "mod m{at}; // {}", spec.display()).expect("text");
        writeln!(library, "#[path = \"m{at}.rs\"]\npub mod p{at};").expect("text");
    }
    std::fs::write(folder.join("src/lib.rs"), library).expect("a library");
    for (edition, command) in
        [("2024", &["clippy", "--quiet", "--", "-D", "warnings"][..]), ("2021", &["check", "--quiet"])]
    {
        std::fs::write(folder.join("Cargo.toml"), manifest(&root.join("../fsm-runtime"), edition)).expect("a manifest");
        let output = Command::new(env!("CARGO"))
            .args(command)
            .current_dir(&folder)
            .env("CARGO_TARGET_DIR", folder.join("target"))
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "edition {edition}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// The specs of the folders, in the order of their names.
fn specs(folders: &[PathBuf]) -> Vec<PathBuf> {
    let entries = folders.iter().flat_map(|folder| std::fs::read_dir(folder).expect("a folder"));
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .filter(|path| !path.to_string_lossy().ends_with(".scenario.yaml"))
        .collect();
    paths.sort();
    paths
}

fn generate(spec: &Path) -> String {
    let text = std::fs::read_to_string(spec).expect("a spec");
    let source = Source::new(spec.file_name().unwrap_or_default().to_string_lossy(), text);
    // The handlers for tests are held to the same.
    let config = Config { places: Places::Comments, testing: true, ..Config::default() };
    let checked = check(&source, &config);
    let machine = checked.machine.unwrap_or_else(|| panic!("{}: {:#?}", spec.display(), checked.diagnostics));
    backend::format::format(&backend::rust::emit(&machine, &source, &config), &source)
}

fn manifest(runtime: &Path, edition: &str) -> String {
    format!(
        "[package]\nname = \"generated\"\nversion = \"0.0.0\"\nedition = \"{edition}\"\npublish = false\n\n[workspace]\n\n\
         [dependencies]\nfsm-runtime = {{ path = {:?}, default-features = false, features = [\"testing\"] }}\n\
         serde_json = {{ version = \"1\", default-features = false, features = [\"alloc\"] }}\n",
        runtime.display().to_string()
    )
}
