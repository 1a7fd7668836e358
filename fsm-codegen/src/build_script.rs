//! `fsm_codegen::configure()` for build scripts.
