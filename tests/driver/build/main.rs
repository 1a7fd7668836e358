//! Compiles every spec that is played as a user's build script does, and writes the glue that lets the player drive it.
//!
//! The specs are found, not listed: a new one needs no line here. Three kinds take part:
//!
//! - the corpus in `specs/`, compiled as it comes and in its notation as `fsm!`, both of which are played, and with
//!   serde's traits, for the form on the wire;
//! - the machines of SEMANTICS.md in `semantics/`, one for each rule, compiled as they come and in `mode: sync`, the
//!   latter with serde's traits; one test plays a scenario in both modes;
//! - random machines, which `tests/random.rs` compares with a reference.

#[path = "../src/dice.rs"]
#[allow(unreachable_pub, reason = "a public module of the library")]
mod dice;
mod glue;
mod random;

use std::path::{Path, PathBuf};
use std::{env, error, fs, io};

use fsm_codegen::diag::Code;
use fsm_codegen::ir::Machine;
use fsm_codegen::names::{snake, snake_ident};
use fsm_codegen::source::Source;
use fsm_codegen::{Config, Level};
use glue::Subject;
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};

type Result<T> = std::result::Result<T, Box<dyn error::Error>>;

/// The corpus, as seen from this package.
const SPECS: &str = "../../specs";
/// A machine for each rule of SEMANTICS.md.
const SEMANTICS: &str = "semantics";
/// Where their copies in `mode: sync` go, below `OUT_DIR`.
const SYNC: &str = "sync";

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
    fsm_codegen::configure().deny_warnings().testing(true).proptest(true).spans(true).compile(&specs)?;
    fsm_codegen::configure().serde(true).out_dir(wire).compile(&specs)?;
    let machines: Vec<(Source, Machine)> = specs.iter().map(|spec| checked(spec)).collect::<Result<_>>()?;
    write_text(&out.join("tours.rs"), &tours(&machines))?;
    let members = machines.iter().map(|(source, machine)| member(machine, source));
    let sizes = machines.iter().map(|(source, machine)| {
        let (stem, module) = (source.stem(), snake_ident(&machine.name.value));
        quote!((#stem, size_of::<#module::State>(), size_of::<#module::Machine>()))
    });
    Ok(quote! {
        #(#members)*

        /// Each spec of the corpus, with the bytes of its `State` and of its `Machine`.
        pub const SIZES: &[(&str, usize, usize)] = &[#(#sizes),*];
    })
}

/// What `fsmc testgen` writes for each spec, in a module of its own, and how many transitions each leaves out.
fn tours(machines: &[(Source, Machine)]) -> String {
    let mut text = String::new();
    let mut left_out = Vec::new();
    for (source, machine) in machines {
        let module = snake(&machine.name.value);
        let tests = fsm_codegen::testgen::tests(machine, source, &format!("crate::{module}"));
        text.extend(["mod ", &module, " {\n", &tests.text, "}\n"]);
        left_out.push(format!("({module:?}, {}, {})", tests.taken, tests.missing.len()));
    }
    text + &format!("const LEFT_OUT: &[(&str, usize, usize)] = &[{}];\n", left_out.join(", "))
}

/// A spec of the corpus with its test.
fn member(machine: &Machine, source: &Source) -> TokenStream {
    let name = snake(&machine.name.value);
    let (test, wire) = (format_ident!("{name}_plays_its_scenario"), format_ident!("{name}_wire"));
    let (stem, wire_file) = (source.stem(), format!("/wire/{}.rs", source.stem()));
    let wire_doc = format!(" `{}` with serde's traits.", machine.name.value);
    let module = snake_ident(&machine.name.value);
    let subject = Subject { machine, source, folder: None, wire: Some(quote!(#wire::#module)) };
    let (code, ty) = (subject.emit(), subject.ty());
    let macro_file = format!("/{SPECS}/{}.rs", source.stem());
    let (in_macro, macro_doc) = (format_ident!("{name}_in_macro"), format!(" `{}` as `fsm!`.", machine.name.value));
    let glue = Subject { wire: None, ..subject }.glue();
    quote! {
        #code

        #[doc = #macro_doc]
        pub mod #in_macro {
            use fsm_runtime::fsm;

            include!(concat!(env!("CARGO_MANIFEST_DIR"), #macro_file));
            #glue
        }

        #[doc = #wire_doc]
        pub mod #wire {
            include!(concat!(env!("OUT_DIR"), #wire_file));
        }

        #[cfg(test)]
        #[test]
        fn #test() {
            crate::play::scenario::<#ty>("specs", #stem);
            crate::play::scenario::<#in_macro::#ty>("specs", #stem);
            // Records and snapshots of one are good for the other.
            assert_eq!(#module::DEFINITION.hash, #in_macro::#module::DEFINITION.hash);
        }
    }
}

/// The machines of SEMANTICS.md. They have no `mode:`, so that both can be set here.
fn semantics(out: &Path) -> Result<TokenStream> {
    let specs = specs(SEMANTICS)?;
    let folder = out.join(SYNC);
    fs::create_dir_all(&folder)?;
    let mut copies = Vec::new();
    for spec in &specs {
        let copy = folder.join(spec.file_name().ok_or("a spec is a file")?);
        // At the end, so that every other place stays where it is.
        write_text(&copy, &format!("{}mode: sync\n", fs::read_to_string(spec)?))?;
        copies.push(copy);
    }
    fsm_codegen::configure().deny_warnings().compile(&specs)?;
    fsm_codegen::configure().emit_rerun(false).serde(true).out_dir(folder).compile(&copies)?;
    let rules: TokenStream = specs.iter().map(|spec| rule(spec)).collect::<Result<_>>()?;
    let copies: TokenStream = copies.iter().map(|copy| copy_of_rule(copy)).collect::<Result<_>>()?;
    Ok(quote! {
        #rules

        /// The same machines in `mode: sync`, with serde's traits.
        pub mod sync {
            #copies
        }
    })
}

/// A machine, and the test that plays its scenario in both modes.
fn rule(spec: &Path) -> Result<TokenStream> {
    let (source, machine) = checked(spec)?;
    let mut subject = Subject { machine: &machine, source: &source, folder: None, wire: None };
    let module = subject.module();
    subject.wire = Some(quote!(sync::#module));
    let (code, ty) = (subject.emit(), subject.ty());
    let (stem, test) = (source.stem(), format_ident!("{}", source.stem()));
    let folder = format!("tests/driver/{SEMANTICS}");
    Ok(quote! {
        #code

        #[cfg(test)]
        #[test]
        fn #test() {
            crate::play::scenario::<#ty>(#folder, #stem);
            crate::play::scenario::<sync::#ty>(#folder, #stem);
        }
    })
}

fn copy_of_rule(copy: &Path) -> Result<TokenStream> {
    let (source, machine) = checked(copy)?;
    let mut subject = Subject { machine: &machine, source: &source, folder: Some(SYNC), wire: None };
    subject.wire = Some(subject.module().into_token_stream());
    Ok(subject.emit())
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
        machines.iter().map(|(source, machine)| Subject { machine, source, folder: None, wire: None }).collect();
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
