//! What a crate with one machine costs to build: with `fsm!`, statig, smlang, and written by hand.
//!
//! The same robot in four packages (`benches/build/crates`), each with the target folder of its own that a user has.
//! fsm-runtime is a dependency by git, at the commit that is checked out: like those from a registry, and unlike those by a
//! path, cargo builds it without the notes for incremental builds.
//! *From nothing*: `cargo build` with an empty target folder, everything downloaded; seconds on the clock. *Again*: a
//! line of the crate itself changes; seconds of CPU time of all processes, and on the clock. Alternating rounds,
//! medians. Run it on an idle machine with network access: `cargo bench -p benches --bench crate_time`.
#![allow(missing_docs, reason = "a benchmark has no API")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use std::{env, fs, io};

use benches::{children_seconds, median};

/// The name of each contender, and what its manifest has under `[dependencies]`.
const CONTENDERS: [(&str, &str); 4] = [
    ("fsm", "fsm-runtime = { git = 'file://{root}', default-features = false, features = ['macros'] }"),
    ("statig", "statig = '=0.4.1'"),
    ("smlang", "smlang = '=0.8.0'"),
    ("hand", ""),
];

const FROM_NOTHING: usize = 3;
const AGAIN: usize = 9;

/// What one build cost.
#[derive(Clone, Copy)]
struct Cost {
    cpu: f64,
    clock: f64,
}

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("crate_time");
    let crates = CONTENDERS.map(|(name, dependency)| package(&folder, name, dependency));
    let crates = crates.into_iter().collect::<io::Result<Vec<PathBuf>>>()?;
    let mut fresh = vec![Vec::new(); crates.len()];
    let mut again = vec![Vec::new(); crates.len()];
    for _ in 0..FROM_NOTHING {
        for (at, package) in crates.iter().enumerate() {
            // There is none before the first round.
            let _ = fs::remove_dir_all(package.join("target"));
            fresh[at].push(build(package)?);
        }
    }
    for round in 0..AGAIN {
        for (at, package) in crates.iter().enumerate() {
            change(package, round)?;
            again[at].push(build(package)?);
        }
    }
    println!("medians of {FROM_NOTHING} builds from nothing and {AGAIN} after a change, alternating\n");
    println!("{:<8} {:>14} {:>12} {:>14}", "", "from nothing", "again, CPU", "again, clock");
    for (at, (name, _)) in CONTENDERS.iter().enumerate() {
        let of = |costs: &[Cost], what: fn(&Cost) -> f64| median(&mut costs.iter().map(what).collect::<Vec<_>>());
        let (fresh, cpu, clock) =
            (of(&fresh[at], |cost| cost.clock), of(&again[at], |cost| cost.cpu), of(&again[at], |cost| cost.clock));
        println!("{name:<8} {fresh:>12.1} s {cpu:>10.2} s {clock:>12.2} s");
    }
    Ok(())
}

/// A package of its own, its dependencies downloaded.
fn package(folder: &Path, name: &str, dependency: &str) -> io::Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let package = folder.join(name);
    fs::create_dir_all(package.join("src"))?;
    let dependency = dependency.replace("{root}", &here.join("..").canonicalize()?.display().to_string());
    let manifest =
        format!("[package]\nname = \"robot-{name}\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n{dependency}\n");
    fs::write(package.join("Cargo.toml"), manifest)?;
    fs::copy(here.join(format!("build/crates/{name}.rs")), package.join("src/main.rs"))?;
    run(cargo(&package).arg("fetch"))?;
    Ok(package)
}

/// Another line in the crate itself.
fn change(package: &Path, round: usize) -> io::Result<()> {
    let main = package.join("src/main.rs");
    let text = fs::read_to_string(&main)?;
    let text = text.split("\nconst ROUND").next().unwrap_or_default();
    fs::write(&main, format!("{text}\nconst ROUND: usize = {round};\nconst _: usize = ROUND;\n"))
}

fn build(package: &Path) -> io::Result<Cost> {
    let (before, start) = (children_seconds()?, Instant::now());
    run(cargo(package).args(["build", "--offline"]))?;
    Ok(Cost { clock: start.elapsed().as_secs_f64(), cpu: children_seconds()? - before })
}

fn cargo(package: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(package).env("CARGO_TARGET_DIR", "target").stdout(Stdio::null()).stderr(Stdio::null());
    // What cargo tells its own children is not for these.
    command.env_remove("CARGO_MANIFEST_DIR").env_remove("RUSTFLAGS").env_remove("CARGO_INCREMENTAL");
    command
}

fn run(command: &mut Command) -> io::Result<()> {
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("{command:?} failed"))) }
}
