//! Compiles every spec of the corpus as a user's build script does, and writes the glue that lets the player drive it.
//!
//! Each spec is compiled twice: as it comes, which is what is played, and with serde's traits, for the form on the wire.
//! The specs are found, not listed: a new one needs no line here.

mod glue;

use std::path::{Path, PathBuf};
use std::{env, error, fs, io};

use fsm_codegen::Config;
use proc_macro2::TokenStream;

/// The corpus, as seen from this package.
const SPECS: &str = "../../specs";

fn main() -> Result<(), Box<dyn error::Error>> {
    println!("cargo::rerun-if-changed={SPECS}");
    println!("cargo::rerun-if-changed=build");
    let specs = specs()?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let wire = out.join("wire");
    fs::create_dir_all(&wire)?;
    fsm_codegen::configure().deny_warnings().compile(&specs)?;
    fsm_codegen::configure().serde(true).out_dir(wire).compile(&specs)?;
    let glue: TokenStream = specs.iter().map(|spec| glue_of(spec)).collect::<io::Result<_>>()?;
    // Formatted, so that rustc's messages about it can be read.
    fs::write(out.join("corpus.rs"), prettyplease::unparse(&syn::parse2(glue)?))?;
    Ok(())
}

/// All specs, scenarios left out, in the order of their names.
fn specs() -> io::Result<Vec<PathBuf>> {
    let mut specs = Vec::new();
    for entry in fs::read_dir(SPECS)? {
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

fn glue_of(spec: &Path) -> io::Result<TokenStream> {
    let (source, checked) = fsm_codegen::check_bytes(&spec.to_string_lossy(), &fs::read(spec)?, &Config::default());
    // A spec with errors has ended the build before.
    Ok(checked.machine.map(|machine| glue::emit(&machine, &source)).unwrap_or_default())
}
