//! Generated code of many charts in one crate, whose program is told sequences of inputs and tells what each did.
//!
//! ```text
//! tests/driver/src ──► driver/src/                the player of the scenarios, as a crate that is built once
//! charts ──► fsm-codegen ──► NAME/src/c0.rs, …    with the glue of tests/driver; held to rustc's lints
//!                            NAME/src/main.rs     a loop over lines
//! 0 [steps] on its standard input ──► a line of JSON for each step
//! ```
//!
//! All crates of one run share a target folder, so that dependencies are built once.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use fsm_codegen::{Config, backend};
use quote::quote;
use serde_json::Value;

use crate::check::Checked;
use crate::glue::Subject;

/// What the crate `driver` of a run has beside the modules of tests/driver.
const PLAYER: &str = include_str!("player.rs");
/// The modules of tests/driver that play scenarios.
const MODULES: [&str; 7] = ["coverage", "play", "play/rules", "scenario", "subject", "tape", "world"];
/// How long a step may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// What rustc says, by chart.
pub(crate) type Said = BTreeMap<usize, String>;

/// The program of some charts.
pub(crate) struct Batch {
    program: PathBuf,
    /// The charts of whose code rustc warns.
    pub(crate) warned: Said,
}

impl Batch {
    /// Generates and builds; `name` is that of the crate, and of its folder.
    ///
    /// # Errors
    /// The charts whose code does not compile.
    pub(crate) fn build(name: &str, charts: &[&Checked]) -> Result<Self, Said> {
        let work = work();
        player(&work);
        let (folder, target) = (work.join(name), work.join("target"));
        let source = folder.join("src");
        let _ = std::fs::remove_dir_all(&source);
        std::fs::create_dir_all(&source).expect("a folder");
        let (mut modules, mut plays) = (String::new(), String::new());
        for (number, Checked { source: spec, machine }) in charts.iter().enumerate() {
            let code = backend::rust::emit(machine, spec, &Config::default());
            let glue = Subject { machine, source: spec, folder: None, wire: None }.glue();
            // What is generated is held to rustc's lints; not all of a public module is used here.
            let text = quote!(#code #[allow(warnings)] #glue);
            std::fs::write(source.join(format!("c{number}.rs")), text.to_string()).expect("a module");
            std::fs::write(source.join(format!("c{number}.yaml")), spec.text()).expect("a spec");
            write!(
                modules,
                "#[allow(dead_code, reason = \"a program uses less than a library gives\")]\nmod c{number};\n"
            )
            .expect("text");
            write!(plays, "driver::play::<c{number}::m::M<driver::tape::Tape>>, ").expect("text");
        }
        let main = format!("{modules}\nfn main() {{\n    driver::serve(&[{plays}]);\n}}\n");
        std::fs::write(source.join("main.rs"), main).expect("a program");
        let manifest = manifest(name, "driver = { path = \"../driver\" }");
        std::fs::write(folder.join("Cargo.toml"), manifest).expect("a manifest");
        // The versions are those of the workspace.
        std::fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).expect("a lock file");
        let output = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--color", "never", "--message-format", "short"])
            .current_dir(&folder)
            .env("CARGO_TARGET_DIR", &target)
            .output()
            .expect("cargo build");
        let told = String::from_utf8_lossy(&output.stderr);
        if output.status.success() {
            return Ok(Self { program: target.join("debug").join(name), warned: said(&told, "warning", &source) });
        }
        let failed = said(&told, "error", &source);
        assert!(!failed.is_empty(), "the program itself does not compile\n{told}");
        Err(failed)
    }

    /// Plays sequences, each with the number of its chart; what each step of each did. A step that does not come to its
    /// end has no answer, nor have those behind it in its sequence.
    pub(crate) fn play(&self, sequences: &[(usize, String)]) -> Vec<Vec<Value>> {
        let mut played = Vec::new();
        while played.len() < sequences.len() {
            self.play_on(&sequences[played.len()..], &mut played);
        }
        played
    }

    /// Plays sequences up to one that does not come to its end.
    fn play_on(&self, sequences: &[(usize, String)], played: &mut Vec<Vec<Value>>) {
        let lines: String = sequences.iter().map(|(chart, steps)| format!("{chart} {steps}\n")).collect();
        let mut child = Command::new(&self.program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let (mut input, output) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
        // Both pipes could fill up.
        let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
        let (sender, answers) = mpsc::channel();
        let reader = std::thread::spawn(move || {
            BufReader::new(output).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        let mut answered = vec![Vec::new()];
        while answered.len() <= sequences.len() {
            let Ok(line) = answers.recv_timeout(PATIENCE) else { break };
            match answered.last_mut() {
                Some(last) if line != "end" => last.push(serde_json::from_str(&line).unwrap_or(Value::Null)),
                _ => answered.push(Vec::new()),
            }
        }
        // What runs forever is ended; whether it had ended by itself does not matter.
        let _ = child.kill();
        let _ = (child.wait(), writer.join(), reader.join());
        answered.truncate(sequences.len());
        played.append(&mut answered);
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Where the crates of a run are written and built.
fn work() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from).join("charts")
}

/// The crate of the player. It is written only where it has changed, so that it is built once.
fn player(work: &Path) {
    let (folder, driver) = (work.join("driver"), root().join("tests/driver/src"));
    std::fs::create_dir_all(folder.join("src/play")).expect("a folder");
    let modules = MODULES.iter().filter(|module| !module.contains('/'));
    let modules: String = modules.map(|module| format!("pub mod {module};\n")).collect();
    let read = |module: &&str| {
        let path = format!("src/{module}.rs");
        (path, std::fs::read_to_string(driver.join(format!("{module}.rs"))).expect("a module"))
    };
    let dependencies = "serde = { version = \"1\", features = [\"derive\", \"std\"] }\n\
                        serde-saphyr = { version = \"2.1\", default-features = false, features = [\"deserialize\"] }";
    let mut files: Vec<(String, String)> = MODULES.iter().map(read).collect();
    files.push(("src/lib.rs".to_owned(), format!("{PLAYER}\n{modules}")));
    files.push(("Cargo.toml".to_owned(), manifest("driver", dependencies)));
    for (path, text) in files {
        let path = folder.join(path);
        if std::fs::read_to_string(&path).is_ok_and(|before| before == text) {
            continue;
        }
        std::fs::write(path, text).expect("a file");
    }
}

/// What rustc says with that severity, with the code around the place: each message names the file of its chart.
fn said(told: &str, severity: &str, source: &Path) -> Said {
    let mut said = Said::new();
    for line in told.lines() {
        let Some((place, message)) = line.split_once(&format!(": {severity}")) else { continue };
        let mut place = place.split(':');
        let file = place.next().and_then(|file| file.strip_prefix("src/c")?.strip_suffix(".rs"));
        let Some(number) = file.and_then(|number| number.parse().ok()) else { continue };
        let column: usize = place.nth(1).and_then(|column| column.parse().ok()).unwrap_or_default();
        // A module is one line.
        let code = std::fs::read_to_string(source.join(format!("c{number}.rs"))).unwrap_or_default();
        let around: String = code.chars().skip(column.saturating_sub(200)).take(400).collect();
        let _ = writeln!(said.entry(number).or_default(), "{severity}{message}\n  … {around} …");
    }
    said
}

fn manifest(name: &str, dependencies: &str) -> String {
    let runtime = root().join("fsm-runtime").display().to_string();
    format!(
        "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n[workspace]\n\n\
         [profile.dev]\ndebug = false\nincremental = false\n\n[dependencies]\n\
         fsm-runtime = {{ path = {runtime:?}, default-features = false }}\nserde_json = \"1\"\n{dependencies}\n"
    )
}
