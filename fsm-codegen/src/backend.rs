//! Back-ends: a finished [`crate::ir::Machine`] in, text or tokens out. They cannot fail and have nothing to report.

#[cfg(feature = "build")]
pub mod format;
#[cfg(feature = "tools")]
pub mod fsm;
#[cfg(feature = "tools")]
pub mod mermaid;
pub mod rust;
#[cfg(feature = "tools")]
mod spelling;
#[cfg(feature = "tools")]
pub mod yaml;
