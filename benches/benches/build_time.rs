//! What rustc needs for a machine of 2,500 transitions, generated and written by hand.
//!
//! CPU time of rustc for a library that holds the machine and one use of it, optimised and not, in alternating rounds;
//! medians, and the ratio to the hand-written `match state { match event }`.
#![allow(missing_docs, reason = "a benchmark has no API")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use benches::{children_seconds, median};

const ROUNDS: usize = 3;

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("build_time");
    fs::create_dir_all(&folder)?;
    let runtime = folder.join("libfsm_runtime.rlib");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fsm-runtime/src/lib.rs");
    rustc(&["--crate-name", "fsm_runtime", "-O"], &source, &runtime, None)?;
    println!("CPU time of rustc for 50 x 50 transitions, median of {ROUNDS} alternating rounds\n");
    for mode in ["async", "sync"] {
        let subjects = [library(&folder, mode, "hand")?, library(&folder, mode, "generated")?];
        for (level, flag) in [("optimised", "-Copt-level=3"), ("not optimised", "-Copt-level=0")] {
            let mut times = [Vec::new(), Vec::new()];
            for round in 0..ROUNDS {
                for turn in 0..2 {
                    let at = (round + turn) % 2;
                    times[at].push(rustc(&[flag], &subjects[at], &folder.join("out.rlib"), Some(&runtime))?);
                }
            }
            let [by_hand, generated] = times.map(|mut times| median(&mut times));
            let ratio = generated / by_hand;
            println!("{mode}, {level:<14} by hand {by_hand:>6.2} s, generated {generated:>6.2} s, ratio {ratio:.2}");
        }
    }
    Ok(())
}

/// A library with one machine, and a function that makes rustc generate all of it.
fn library(folder: &Path, mode: &str, kind: &str) -> io::Result<PathBuf> {
    let out = env!("OUT_DIR");
    let (text, module, service) = if kind == "hand" {
        let text = fs::read_to_string(format!("{out}/dense_{mode}_hand.rs"))?;
        (format!("pub mod dense {{ {text} }}"), "dense", "StateFirst")
    } else {
        let service = if mode == "async" { "DenseAsync" } else { "DenseSync" };
        (
            fs::read_to_string(format!("{out}/dense_{mode}.rs"))?,
            if mode == "async" { "dense_async" } else { "dense_sync" },
            service,
        )
    };
    let keyword = if mode == "async" { "async" } else { "" };
    let hook = if kind == "hand" { format!("_: {module}::State") } else { format!("_: &{module}::Machine") };
    let run = if mode == "async" {
        "let mut future = Box::pin(future); let mut context = std::task::Context::from_waker(std::task::Waker::noop());
         let _ = std::future::Future::poll(future.as_mut(), &mut context);"
    } else {
        "let _ = future;"
    };
    let mut actions = String::new();
    for at in 0..5 {
        // Writing to a string cannot fail.
        let _ = writeln!(actions, "{keyword} fn a{at}(&mut self) {{ self.0 += {at}; }}");
    }
    let path = folder.join(format!("{mode}_{kind}.rs"));
    fs::write(
        &path,
        format!(
            "#![allow(warnings)]\n{text}\npub struct Counter(u64);\nimpl {module}::Actions for Counter {{
                {actions} fn on_unhandled(&mut self, {hook}, _: &{module}::Event) {{ self.0 += 1; }}\n}}
            pub fn run(machine: &mut {module}::{service}<Counter>, event: &{module}::Event) {{
                let future = machine.handle(event); {run}
            }}\n"
        ),
    )?;
    Ok(path)
}

/// Compiles one file; the seconds of CPU time that it took.
fn rustc(flags: &[&str], source: &Path, output: &Path, runtime: Option<&Path>) -> io::Result<f64> {
    let mut command = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    command.args(["--edition=2024", "--crate-type=lib"]).args(flags).arg("-o").arg(output).arg(source);
    if let Some(runtime) = runtime {
        command.arg("--extern").arg(format!("fsm_runtime={}", runtime.display()));
    }
    let before = children_seconds()?;
    let status = command.status()?;
    if !status.success() {
        return Err(io::Error::other(format!("rustc failed on {}", source.display())));
    }
    Ok(children_seconds()? - before)
}
