//! The machine as a Rust module.

use proc_macro2::TokenStream;

use crate::config::Config;
use crate::ir::Machine;
use crate::source::Source;

/// The module `mod robot { … }` for machine `Robot`.
#[must_use]
pub fn emit(machine: &Machine, source: &Source, config: &Config) -> TokenStream {
    let _ = (machine, source, config);
    TokenStream::new()
}
