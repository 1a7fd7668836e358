//! The machine as a Mermaid state diagram.

use crate::ir::Machine;

/// The text of a `stateDiagram-v2`.
#[must_use]
pub fn emit(machine: &Machine) -> String {
    let _ = machine;
    String::new()
}
