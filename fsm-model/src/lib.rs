//! What the stages of the compiler hand to each other, and nothing that does anything with it.
//!
//! ```text
//! source ──► diag ──► rust ──► ast ──► json ──► ir ──► labels
//! ```
//!
//! Below every stage. fsm-codegen reads specs into an [`ast::Machine`], resolves them to an [`ir::Machine`] and looks for
//! faults; fsm-rust makes Rust of it. Both know this crate and not each other, so that the two halves of the compiler
//! build side by side: whoever uses `fsm!` waits for them.
//!
//! Like all of the compiler it serves the project's own shells and changes with them.

pub mod ast;
pub mod config;
pub mod diag;
pub mod gather;
pub mod ir;
pub mod json;
pub mod labels;
pub mod names;
pub mod rust;
pub mod source;
