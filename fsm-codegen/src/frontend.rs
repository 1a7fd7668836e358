//! Front-ends: text or tokens in, an [`crate::ast::Machine`] out.
//!
//! The first stage. A front-end never fails, it reports: what cannot be read is left out of the tree, and
//! [`crate::diag::Diagnostics`] says so. After it, every piece of Rust in the tree is parsed and within the limits.

pub(crate) mod delay;
pub mod expr;
pub mod tokens;
mod twice;
pub(crate) mod words;
#[cfg(feature = "yaml")]
pub mod yaml;
