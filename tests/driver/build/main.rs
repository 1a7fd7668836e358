//! Compiles every spec that is played as a user's build script does, and writes the glue that lets the player drive it.
//!
//! The specs are found, not listed: a new one needs no line here. Three kinds take part:
//!
//! - the corpus in `specs/`, compiled as it comes, which is what is played, and with serde's traits, for the form on the
//!   wire;
//! - the machines of SEMANTICS.md in `semantics/`, one for each rule, compiled as they come and in `mode: sync`, the
//!   latter with serde's traits; one test plays a scenario in both modes;
//! - random machines, which `tests/random.rs` compares with a reference.

#[path = "../src/dice.rs"]
mod dice;
mod glue;
mod random;

use std::path::{Path, PathBuf};
use std::{env, error, fs, io};

use fsm_codegen::diag::Code;
use fsm_codegen::ir::Machine;
use fsm_codegen::names::snake;
use fsm_codegen::source::Source;
use fsm_codegen::{Config, Level};
use glue::Subject;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

type Result<T> = std::result::Result<T, Box<dyn error::Error>>;

/// The corpus, as seen from this package.
const SPECS: &str = "../../specs";
/// A machine for each rule of SEMANTICS.md.
const SEMANTICS: &str = "semantics";

fn main() -> Result<()> {
    for watched in [SPECS, SEMANTICS, "build"] {
        println!("cargo::rerun-if-changed={watched}");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    write(&out.join("corpus.rs"), &corpus(&out)?)?;
    write(&out.join("semantics.rs"), &semantics(&out)?)?;
    write(&out.join("random.rs"), &random(&out)?)
}

/// The specs of the repository.
fn corpus(out: &Path) -> Result<TokenStream> {
    let specs = specs(SPECS)?;
    let wire = out.join("wire");
    fs::create_dir_all(&wire)?;
    fsm_codegen::configure().deny_warnings().compile(&specs)?;
    fsm_codegen::configure().serde(true).out_dir(wire).compile(&specs)?;
    specs.iter().map(|spec| checked(spec).map(|(source, machine)| member(&machine, &source))).collect()
}

/// A spec of the corpus with its test.
fn member(machine: &Machine, source: &Source) -> TokenStream {
    let name = snake(&machine.name.value);
    let (test, wire) = (format_ident!("{name}_plays_its_scenario"), format_ident!("{name}_wire"));
    let (stem, wire_file) = (source.stem(), format!("/wire/{}.rs", source.stem()));
    let wire_doc = format!(" `{}` with serde's traits.", machine.name.value);
    let subject = Subject { machine, source, wire: Some(wire.clone()) };
    let (code, ty) = (subject.emit(), subject.ty());
    quote! {
        #code

        #[doc = #wire_doc]
        pub mod #wire {
            include!(concat!(env!("OUT_DIR"), #wire_file));
        }

        #[cfg(test)]
        #[test]
        fn #test() {
            crate::play::scenario::<#ty>("specs", #stem);
        }
    }
}

/// The machines of SEMANTICS.md. They have no `machine:` and no `mode:`, so that both can be set here.
fn semantics(out: &Path) -> Result<TokenStream> {
    let specs = specs(SEMANTICS)?;
    let folder = out.join("sync");
    fs::create_dir_all(&folder)?;
    let mut sync = Vec::new();
    for spec in &specs {
        let stem = Source::new(spec.to_string_lossy(), "").stem().to_owned();
        let copy = folder.join(format!("{stem}_sync.yaml"));
        // At the end, so that every place in the docs is the same.
        write_text(&copy, &format!("{}\nmode: sync\n", fs::read_to_string(spec)?))?;
        sync.push(copy);
    }
    fsm_codegen::configure().deny_warnings().compile(&specs)?;
    fsm_codegen::configure().emit_rerun(false).serde(true).compile(&sync)?;
    specs.iter().zip(&sync).map(|(spec, sync)| rule(spec, sync)).collect()
}

/// A machine in both modes, and one test that plays them.
fn rule(spec: &Path, sync: &Path) -> Result<TokenStream> {
    let ((source, machine), (sync_source, sync_machine)) = (checked(spec)?, checked(sync)?);
    let wire = Some(format_ident!("{}_wire", snake(&sync_machine.name.value)));
    let subject = Subject { machine: &machine, source: &source, wire: wire.clone() };
    let sync = Subject { machine: &sync_machine, source: &sync_source, wire: wire.clone() };
    let (stem, test, sync_module, module) =
        (source.stem(), format_ident!("{}", source.stem()), sync.module(), subject.module());
    let (code, sync_code, ty, sync_ty) = (subject.emit(), sync.emit(), subject.ty(), sync.ty());
    let folder = format!("tests/driver/{SEMANTICS}");
    Ok(quote! {
        #code
        #sync_code

        // The form on the wire is the same in both modes.
        mod #wire {
            pub(super) use super::#sync_module;
            pub(super) use super::#sync_module as #module;
        }

        #[cfg(test)]
        #[test]
        fn #test() {
            crate::play::scenario::<#ty>(#folder, #stem);
            crate::play::scenario::<#sync_ty>(#folder, #stem);
        }
    })
}

/// Random machines, and a list of them for the test.
fn random(out: &Path) -> Result<TokenStream> {
    let folder = out.join("random");
    fs::create_dir_all(&folder)?;
    let mut specs = Vec::new();
    for (name, text) in random::specs() {
        specs.push(folder.join(format!("{name}.yaml")));
        write_text(&folder.join(format!("{name}.yaml")), &text)?;
    }
    // Nobody wrote them, so nobody is told what could be better.
    Code::lints()
        .fold(fsm_codegen::configure(), |builder, lint| builder.lint(lint.name(), Level::Allow))
        .emit_rerun(false)
        .compile(&specs)?;
    let machines: Vec<(Source, Machine)> = specs.iter().map(|spec| checked(spec)).collect::<Result<_>>()?;
    let subjects: Vec<Subject<'_>> =
        machines.iter().map(|(source, machine)| Subject { machine, source, wire: None }).collect();
    let codes = subjects.iter().map(Subject::emit);
    let rows = subjects.iter().map(|subject| {
        let (ty, file) = (subject.ty(), format!("/random/{}.yaml", subject.source.stem()));
        quote!((include_str!(concat!(env!("OUT_DIR"), #file)), compare::<#ty>))
    });
    Ok(quote! {
        #(#codes)*

        /// Each spec, and its comparison with the reference.
        const MACHINES: &[(&str, Compare)] = &[#(#rows),*];
    })
}

/// All specs of a folder, scenarios left out, in the order of their names.
fn specs(folder: &str) -> io::Result<Vec<PathBuf>> {
    let mut specs = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_yaml = path.extension().is_some_and(|extension| extension == "yaml");
        // `robot.scenario` is what is left of `robot.scenario.yaml`.
        let is_scenario = path.with_extension("").extension().is_some_and(|extension| extension == "scenario");
        if is_yaml && !is_scenario {
            specs.push(path);
        }
    }
    specs.sort();
    Ok(specs)
}

/// A spec that was compiled before.
fn checked(spec: &Path) -> Result<(Source, Machine)> {
    let (source, checked) = fsm_codegen::check_bytes(&spec.to_string_lossy(), &fs::read(spec)?, &Config::default());
    let machine = checked.machine.ok_or("a spec with errors has ended the build before")?;
    Ok((source, machine))
}

/// Writes code, formatted so that rustc's messages about it can be read.
fn write(path: &Path, code: &TokenStream) -> Result<()> {
    Ok(write_text(path, &prettyplease::unparse(&syn::parse2(code.clone())?))?)
}

/// Writes what has changed.
fn write_text(path: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|before| before == text) { Ok(()) } else { fs::write(path, text) }
}
