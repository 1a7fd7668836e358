//! Rust text in a spec becomes syntax.
