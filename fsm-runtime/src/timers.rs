//! Pending timers: of one machine, and of a million machines in one structure.
//!
//! [`Wheel`] is a hierarchical timing wheel. It knows no clock: times are [`Duration`]s since a start
//! that its owner chose. The timers of a machine in a task put tokio's clock on it. What it promises:
//!
//! - What is due comes in the order of the deadlines, and among equal ones in the order of the starts (SEMANTICS.md, 14.8),
//!   to the nanosecond; nothing comes early, and what was cancelled never comes.
//! - A start and a cancellation take the same time however many timers are pending.
//! - A pending timer takes 24 bytes beside its item: 32 where the item is an owner's index and an enum. The vector that
//!   they lie in grows by a quarter, so it is 40 at most. Nothing else grows with the number of timers: an empty
//!   wheel has allocated nothing, and each of its eleven levels takes 264 bytes from its first use.
//! - Deadlines may be centuries away; one beyond the clock's end never comes.
//! - The next time to wake up is found without walking over the timers.
//!
//! # How a timer is found that is to be cancelled
//!
//! A machine names its timers by generations, numbers of its own. A map from generations to places would take as much
//! memory as the timers themselves, and hashing at each start; and a place that the machine would keep is not to be had,
//! since it knows no driver. So all timers of one owner form a [`Chain`]: four bytes with the owner, four with each
//! timer. A cancellation walks over the timers of that owner alone, the latest first. A machine has as many as there are
//! `after`, `every` and delayed `send` pending in it at a time: few, and never more than its spec has timers and
//! `queue:` says. The generated code walks over the same number when it cancels a sent event.

mod machine;
mod slab;
mod wheel;

use std::time::Duration;

pub(crate) use machine::Timers;
pub use wheel::Wheel;

/// The timers of one owner in a [`Wheel`]. It belongs to one wheel, and to one owner as long as it has timers.
#[derive(Debug)]
pub struct Chain(u32);

impl Chain {
    /// Without a timer.
    #[must_use]
    pub const fn new() -> Self {
        Self(slab::NONE)
    }

    /// Whether no timer is pending.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0 == slab::NONE
    }
}

impl Default for Chain {
    fn default() -> Self {
        Self::new()
    }
}

/// A timer that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due<T> {
    /// What it was started with.
    pub item: T,
    /// The number under which its owner started it.
    pub generation: u32,
    /// When it was to come.
    pub deadline: Duration,
}
