//! The proc-macro shell of the compiler: [`fsm!`].
//!
//! Tokens in, tokens out; everything that can be right or wrong is decided in fsm-codegen.

mod expand;

/// A state machine: written in place, `fsm! { pub machine Robot { … } }`, or in a file, `fsm!("specs/robot.yaml");`, a
/// path relative to the package. docs/macro.md has the grammar.
///
/// Expands to the module that the compiler generates for it, `pub mod robot { … }`. Each mistake is an error at its own
/// tokens; what is wrong with a file is shown at its path, and a change of the file rebuilds the crate.
#[proc_macro]
pub fn fsm(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    // Without cargo there is no package: paths are then relative to where rustc runs.
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    expand::fsm(input.into(), package.as_ref()).into()
}
