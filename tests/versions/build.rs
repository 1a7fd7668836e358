//! Compiles the machine with its older versions, and each older version for itself, as it ran once.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, error, fs, io};

use fsm_codegen::Config;
use fsm_codegen::backend::format::format;
use fsm_codegen::backend::rust::{self, Older, migration_stub};
use fsm_codegen::diff::{Diff, Verdict};
use fsm_codegen::ir::Machine;
use fsm_codegen::names::snake;
use fsm_codegen::source::Source;

/// The pairs that the compiler's tests judge.
const PAIRS: &str = "../../fsm-codegen/tests/diff";

const OLDER: [&str; 2] = ["old/delivery_v1.yaml", "old/delivery_v2.yaml"];

fn main() -> Result<(), Box<dyn error::Error>> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    fs::create_dir_all(out.join("old"))?;
    fsm_codegen::configure().serde(true).out_dir(out.join("old")).compile(&OLDER)?;
    fsm_codegen::configure().serde(true).migrates_from(&OLDER).compile(&["delivery.yaml"])?;
    // One step, and the stub for it.
    fs::create_dir_all(out.join("one"))?;
    let one = fsm_codegen::configure().serde(true).migrates_from(&OLDER[1..]).out_dir(out.join("one"));
    one.compile(&["delivery.yaml"])?;
    let [(old, old_source), (new, new_source)] = [read(OLDER[1])?, read("delivery.yaml")?];
    let stub =
        migration_stub(Older { machine: &old, source: &old_source }, Older { machine: &new, source: &new_source });
    fs::write(out.join("stub.rs"), stub)?;
    fs::write(out.join("fitting.rs"), fitting()?)?;
    Ok(())
}

/// Every pair of versions of which the compiler says that snapshots fit, as modules, and a list of them.
fn fitting() -> Result<String, Box<dyn error::Error>> {
    println!("cargo::rerun-if-changed={PAIRS}");
    let mut paths: Vec<PathBuf> = fs::read_dir(PAIRS)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths.sort();
    let (mut modules, mut rows) = (String::new(), String::new());
    let config = Config { serde: true, ..Config::default() };
    for path in paths {
        let text = fs::read_to_string(&path)?.replace("\r\n", "\n");
        let (old, new) = text.split_once("\n---\n").ok_or("a file has two versions")?;
        let machine = |text: &str| {
            let source = Source::new(path.to_string_lossy(), text.to_owned());
            let machine = fsm_codegen::check(&source, &config).machine.ok_or("a spec has errors")?;
            let code = format(&rust::emit(&machine, &source, &config), &source);
            Ok::<_, Box<dyn error::Error>>((snake(&machine.name.value), code, machine))
        };
        let ((old_name, old_code, old), (new_name, new_code, new)) = (machine(old)?, machine(new)?);
        if matches!(Diff::new(&old, &new).snapshots(), Verdict::Broken(_)) {
            continue;
        }
        let stem = path.file_stem().ok_or("a file has a name")?.to_string_lossy().into_owned();
        writeln!(modules, "pub mod {stem} {{ pub mod old {{ {old_code} }} pub mod new {{ {new_code} }} }}")?;
        writeln!(rows, "(\"{stem}\", fitting!({stem}::old::{old_name}, {stem}::new::{new_name})),")?;
    }
    Ok(format!(
        "{modules}/// A pair's name, and what becomes of a snapshot.\npub type Pair = (&'static str, fn() -> String);\n\
         /// All of them.\npub const ALL: &[Pair] = &[{rows}];\n"
    ))
}

fn read(spec: &str) -> Result<(Machine, Source), Box<dyn error::Error>> {
    let (source, checked) = fsm_codegen::check_bytes(spec, &fs::read(spec)?, &Config::default());
    Ok((checked.machine.ok_or("a spec has errors")?, source))
}
