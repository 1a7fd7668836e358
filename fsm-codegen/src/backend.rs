//! Back-ends: a finished [`crate::ir::Machine`] in, text or tokens out. They cannot fail and have nothing to report.
//!
//! The largest of them, [`rust`], is a crate of its own.

#[cfg(feature = "tools")]
pub mod fsm;
#[cfg(feature = "tools")]
pub mod mermaid;
#[cfg(feature = "tools")]
mod spelling;
#[cfg(feature = "tools")]
pub mod yaml;

#[cfg(feature = "tools")]
pub use fsm_rust as rust;
#[cfg(feature = "build")]
pub use fsm_rust::format;
