//! What `specs/mqtt_session.yaml` and `specs/ota_updater.yaml` take from their surroundings.

use std::fmt;

use fsm_runtime::core::Overflow;

use crate::tape::Failure;

/// The network, or what hangs on it, did not do as it was told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NetError {
    /// The action or the task that failed.
    pub action: &'static str,
}

impl From<Failure> for NetError {
    fn from(failure: Failure) -> Self {
        Self { action: failure.action }
    }
}

/// The machines read `event.error`, so their own arithmetic fails with this type too.
impl From<Overflow> for NetError {
    fn from(_: Overflow) -> Self {
        Self { action: "arithmetic" }
    }
}

impl fmt::Display for NetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the network failed at `{}`", self.action)
    }
}

impl std::error::Error for NetError {}
