//! The compiler of state machines.
//!
//! ```text
//! spec.yaml ──► frontend::yaml ──► ast ──► resolve ──► ir::Machine ──► analysis ──► diagnostics
//!                                                          ├──► fsm_rust
//!                                                          └──► backend::mermaid
//! ```
//!
//! What the stages hand to each other is the crate fsm-model, whose modules are this crate's own for whoever uses it; the
//! Rust back-end is the crate fsm-rust.
//!
//! The Rust API of this crate is for the project's own shells (the `fsmc` command, the `fsm!` macro) and changes with
//! them; only `configure` is meant for build scripts. Outside of `build_script` nothing here reads a file, an
//! environment variable or a clock, and nothing prints.

pub mod analysis;
pub mod backend;
#[cfg(feature = "build")]
pub mod build_script;
#[cfg(feature = "tools")]
pub mod coverage;
#[cfg(feature = "tools")]
pub mod diff;
pub mod frontend;
#[cfg(feature = "scxml")]
pub mod import;
#[cfg(feature = "interp")]
pub mod interp;
pub mod resolve;
#[cfg(all(feature = "yaml", feature = "json"))]
pub mod schema;
#[cfg(feature = "interp")]
pub mod testgen;

#[cfg(feature = "build")]
pub use build_script::{BuildError, configure};
use diag::Diagnostics;
pub use fsm_model::config::Config;
pub use fsm_model::diag::Level;
pub use fsm_model::{ast, config, diag, ir, json, labels, names, rust, source};
use source::Source;

/// What a check of one spec gives.
#[derive(Debug)]
pub struct Checked {
    /// The machine; `None` where there is an error.
    pub machine: Option<ir::Machine>,
    /// Everything there is to say, in the order of the source.
    pub diagnostics: Diagnostics,
}

/// Reads, resolves and analyses a spec in YAML.
#[cfg(feature = "yaml")]
#[must_use]
pub fn check(source: &Source, config: &Config) -> Checked {
    let mut diagnostics = Diagnostics::default();
    let spec = frontend::yaml::parse(source, &mut diagnostics);
    finish(spec, source, config, diagnostics)
}

/// What a front-end read through the later stages.
fn finish(spec: Option<ast::Machine>, source: &Source, config: &Config, mut diagnostics: Diagnostics) -> Checked {
    // Names are resolved although the front-end complained: one build shows the mistakes of both stages.
    let resolved = spec.and_then(|spec| resolve::resolve(&spec, source, &mut diagnostics));
    let machine = resolved.filter(|_| !diagnostics.has_errors());
    if let Some(machine) = &machine {
        analysis::check(machine, source.notation(), config, &mut diagnostics);
    }
    diagnostics.turn_warnings(config.warnings);
    diagnostics.sort();
    let machine = machine.filter(|_| !diagnostics.has_errors());
    Checked { machine, diagnostics }
}

/// Reads, resolves and analyses a machine in the tokens of `fsm! { … }`; `name` is that of their file.
#[must_use]
pub fn check_tokens(name: &str, tokens: proc_macro2::TokenStream, config: &Config) -> (Source, Checked) {
    let (source, layout) = frontend::tokens::layout::Layout::new(name, &tokens);
    let mut diagnostics = Diagnostics::default();
    // Nobody shows a macro the bracket behind its tokens.
    let last = tokens.clone().into_iter().last().map_or_else(proc_macro2::Span::call_site, |last| last.span());
    let spec = frontend::tokens::parse(tokens, last, &source, &layout, &mut diagnostics);
    let checked = finish(spec, &source, config, diagnostics);
    (source, checked)
}

/// Reads, resolves and analyses one of the machines of a Rust file, as [`frontend::tokens::file::machines`] finds them.
#[must_use]
pub fn check_written(written: &frontend::tokens::file::Written, source: &Source, config: &Config) -> Checked {
    let mut diagnostics = Diagnostics::default();
    let spec =
        frontend::tokens::parse(written.tokens.clone(), written.close, source, &written.layout, &mut diagnostics);
    finish(spec, source, config, diagnostics)
}

/// Reads, resolves and analyses a spec as it comes from a file; also of one that is no text there is a [`Source`] in
/// which its diagnostics are shown.
#[cfg(feature = "yaml")]
#[must_use]
pub fn check_bytes(name: &str, bytes: &[u8], config: &Config) -> (Source, Checked) {
    match Source::from_bytes(name, bytes) {
        Ok(source) => {
            let checked = check(&source, config);
            (source, checked)
        }
        Err(unreadable) => {
            let mut diagnostics = Diagnostics::default();
            diagnostics.push(unreadable.diagnostic);
            (unreadable.source, Checked { machine: None, diagnostics })
        }
    }
}
