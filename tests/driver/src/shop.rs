//! What `specs/order.yaml` and `specs/order_saga.yaml` take from their surroundings.

use std::fmt;

use crate::tape::Failure;

/// A part of the shop did not do as it was told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShopError {
    /// The action that failed.
    pub action: &'static str,
}

impl From<Failure> for ShopError {
    fn from(failure: Failure) -> Self {
        Self { action: failure.action }
    }
}

impl fmt::Display for ShopError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the shop failed at `{}`", self.action)
    }
}

impl std::error::Error for ShopError {}
