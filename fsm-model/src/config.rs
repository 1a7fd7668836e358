//! What a user can choose about one compilation; the same struct serves build script, macro and command line.

use crate::diag::{Code, Level};
use crate::rust::Syntax;

/// Settings of one compilation.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "switches, each of its own")]
pub struct Config {
    /// Derive serde's traits for the generated types, up to the snapshot of a machine; the user's crate then depends on
    /// `serde` with `derive`, and on fsm-runtime with its feature `serde`.
    pub serde: bool,
    /// Add a module `testing` with handlers that follow a script; the user's crate then depends on fsm-runtime with its
    /// feature `testing`.
    pub testing: bool,
    /// Implement proptest's `Arbitrary` for events; the user's crate then depends on fsm-runtime with its feature `proptest`.
    pub proptest: bool,
    /// Add a module `spans` with handlers that run in spans of `tracing`; the user's crate then depends on fsm-runtime with
    /// its feature `tokio`.
    pub spans: bool,
    /// The path under which generated code finds fsm-runtime.
    pub runtime: Syntax<syn::Path>,
    /// Levels that go before those of the spec, the last one for a code counts.
    pub lints: Vec<(Code, Level)>,
    /// What becomes of every warning in the end: nothing, a warning, or an error.
    pub warnings: Level,
    /// How generated code tells where in the spec an expression stands.
    pub places: Places,
}

/// How generated code tells where in a spec's file an expression stands. A macro's own tokens need none of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Places {
    /// Not at all.
    #[default]
    Unknown,
    /// By a comment beside it. Only for tokens that become text by `fsm_rust::format`.
    Comments,
    /// By the name of a macro around it, which rustc's errors mention: for a macro that reads a file.
    Macros,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            serde: false,
            testing: false,
            proptest: false,
            spans: false,
            runtime: Syntax::new(syn::parse_quote!(::fsm_runtime)),
            lints: Vec::new(),
            warnings: Level::Warn,
            places: Places::default(),
        }
    }
}
