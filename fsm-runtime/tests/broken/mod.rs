//! What the machines of these tests fail with.

use fsm_runtime::core::Overflow;

/// Says nothing of why.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
#[allow(unreachable_pub, reason = "the generated types that hold it are public")]
pub struct Broken;

impl From<Overflow> for Broken {
    fn from(_: Overflow) -> Self {
        Self
    }
}
