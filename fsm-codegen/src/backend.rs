//! Back-ends: a finished [`crate::ir::Machine`] in, text or tokens out. They cannot fail and have nothing to report.

#[cfg(feature = "build")]
pub mod format;
pub mod fsm;
pub mod mermaid;
pub mod rust;
mod spelling;
pub mod yaml;
