//! What `specs/robot.yaml` takes from its surroundings.

use std::fmt;

use crate::tape::Failure;

/// The arm did not do as it was told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ArmError {
    /// The action that failed.
    pub action: &'static str,
}

impl From<Failure> for ArmError {
    fn from(failure: Failure) -> Self {
        Self { action: failure.action }
    }
}

impl fmt::Display for ArmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the arm failed at `{}`", self.action)
    }
}

impl std::error::Error for ArmError {}
