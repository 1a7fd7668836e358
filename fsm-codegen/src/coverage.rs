//! What of a machine has run: counts of its states and transitions, added up from records, and how they are shown.
//!
//! Beside the back-ends: it knows the machine, and nothing of the runtime but the form of a record, which the
//! `coverage::Recorder` of fsm-runtime writes.
//!
//! ```text
//! record ──► entries (what transitions enter by default) ──► report (text, JSON)
//!                                                        └─► backend::mermaid (heat map)
//! ```

mod entries;
#[cfg(feature = "json")]
mod record;
#[cfg(feature = "json")]
mod report;
#[cfg(any(feature = "json", feature = "interp"))]
mod words;

use crate::ir::{IndexVec, Machine, StateId, StateKind, TransitionId};

#[cfg(feature = "json")]
pub use record::Misfit;
#[cfg(feature = "interp")]
pub(crate) use words::describe;

/// How often something ran.
#[derive(Debug, Clone)]
pub struct Counts {
    /// How often each state was entered, as far as is known; those of history states mean nothing.
    pub states: IndexVec<StateId, u64>,
    /// How often each transition was taken.
    pub transitions: IndexVec<TransitionId, u64>,
}

/// How much of something ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// What ran at least once.
    pub covered: usize,
    /// All there is.
    pub total: usize,
}

impl Counts {
    /// Nothing has run.
    #[must_use]
    pub fn new(machine: &Machine) -> Self {
        Self {
            states: machine.states.ids().map(|_| 0).collect(),
            transitions: machine.transitions.ids().map(|_| 0).collect(),
        }
    }

    /// The same counts, with the states that were entered for certain beside those that were seen.
    #[must_use]
    pub fn completed(mut self, machine: &Machine) -> Self {
        let certain = entries::certain(machine, &self);
        self.states = self.states.iter().zip(&certain).map(|(seen, certain)| *seen.max(certain)).collect();
        self
    }

    /// Of the states below the machine that can be active.
    #[must_use]
    pub fn states(&self, machine: &Machine) -> Share {
        let states = countable(machine).map(|state| self.states[state]);
        Share::of(states)
    }

    /// Of all transitions.
    #[must_use]
    pub fn transitions(&self) -> Share {
        Share::of(self.transitions.iter().copied())
    }
}

/// The states below the machine that can be active.
fn countable(machine: &Machine) -> impl Iterator<Item = StateId> + '_ {
    machine.states.ids().skip(1).filter(|state| !matches!(machine.states[*state].kind, StateKind::History(_)))
}

impl Share {
    fn of(counts: impl Iterator<Item = u64>) -> Self {
        counts.fold(Self { covered: 0, total: 0 }, |share, count| Self {
            covered: share.covered + usize::from(count > 0),
            total: share.total + 1,
        })
    }

    /// Whether it is at least so many of a hundred. Of nothing, all has run.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "there are far fewer states than a float counts exactly")]
    pub fn reaches(self, percent: f64) -> bool {
        self.covered as f64 * 100.0 >= percent * self.total as f64
    }

    /// In tenths of a percent, rounded down: 100 % is all of it.
    fn per_mille(self) -> usize {
        (self.covered * 1000).checked_div(self.total).unwrap_or(1000)
    }

    /// `57.1`, or `100` without a fraction.
    #[must_use]
    pub fn percent(self) -> String {
        let (whole, tenths) = (self.per_mille() / 10, self.per_mille() % 10);
        if tenths == 0 { whole.to_string() } else { format!("{whole}.{tenths}") }
    }
}

#[cfg(all(test, feature = "yaml", feature = "json"))]
mod tests;
