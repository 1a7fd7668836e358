//! The proc-macro shell of the compiler.
