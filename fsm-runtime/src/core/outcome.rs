//! What a step reports: the [`Outcome`] where it worked, the [`Error`] where it did not.

use core::fmt;

use super::Definition;

/// What became of an event. The strongest thing that happened in the step counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[must_use = "an event may have been rejected or unhandled"]
#[non_exhaustive]
pub enum Outcome {
    /// A state was left or entered.
    Transitioned,
    /// A transition was taken and the configuration is unchanged.
    Handled,
    /// There are transitions for the event, and every guard was false.
    Rejected,
    /// The event waits until the state changes.
    Deferred(Token),
    /// No active state has a transition for the event.
    Unhandled,
    /// The machine is at its end, now or since before.
    Finished,
}

impl Outcome {
    /// The name in JSON: `transitioned`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Transitioned => "transitioned",
            Self::Handled => "handled",
            Self::Rejected => "rejected",
            Self::Deferred(_) => "deferred",
            Self::Unhandled => "unhandled",
            Self::Finished => "finished",
        }
    }
}

/// Names a deferred event until it is handled for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Token(pub u32);

impl Token {
    /// That of events that the machine raised or sent itself: nobody is ever given it.
    pub const OWN: Self = Self(0);
}

/// The last transitions of a step that did not come to rest.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cycle {
    definition: &'static Definition,
    transitions: [u32; Self::SHOWN],
    taken: u32,
}

impl Cycle {
    const SHOWN: usize = 8;

    /// No transition of the machine yet.
    #[must_use]
    pub const fn new(definition: &'static Definition) -> Self {
        Self { definition, transitions: [0; Self::SHOWN], taken: 0 }
    }

    /// Notes a transition, an index into [`Definition::transitions`].
    pub const fn note(&mut self, transition: u32) {
        self.transitions[self.taken as usize % Self::SHOWN] = transition;
        self.taken = self.taken.wrapping_add(1);
    }

    /// The last transitions, oldest first: indices into [`Definition::transitions`]. The shortest sequence that repeats
    /// itself, where there is one.
    pub fn transitions(&self) -> impl Iterator<Item = u32> {
        let shown = Self::SHOWN.min(self.taken as usize);
        let at = move |back: usize| self.transitions[(self.taken as usize).wrapping_sub(back) % Self::SHOWN];
        let period = (1..=shown / 2).find(|period| (1..=shown - period).all(|back| at(back) == at(back + period)));
        (1..=period.unwrap_or(shown)).rev().map(at)
    }
}

impl fmt::Debug for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.transitions()).finish()
    }
}

/// `Working.Moving -> Paused -> …`: the sources of the transitions.
impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for transition in self.transitions() {
            let source = self.definition.transitions[transition as usize].source;
            write!(f, "{} -> ", self.definition.states[source as usize].path)?;
        }
        f.write_str("…")
    }
}

/// Why a step failed. `E` is the spec's `error:` type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Error<E> {
    /// The machine was not started.
    Stopped,
    /// Nobody handles the event, and the spec says `unhandled: error`.
    Unhandled,
    /// An action failed and nothing took the event `error`. The configuration has changed all the same.
    Action(E),
    /// An integer in an `assign` left its type's range, or was divided by zero. Otherwise as [`Error::Action`].
    Overflow,
    /// What the machine does by itself did not come to rest within the limit (13.5): the last transitions.
    Livelock(Cycle),
    /// The queue of internal events is full.
    QueueFull,
    /// The queue of deferred events is full.
    DeferFull,
    /// An earlier step was dropped or panicked half-way; the machine takes no further event.
    Poisoned,
}

impl<E> Error<E> {
    /// The name in JSON: `queue_full`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Unhandled => "unhandled",
            Self::Action(_) => "action",
            Self::Overflow => "overflow",
            Self::Livelock(_) => "livelock",
            Self::QueueFull => "queue_full",
            Self::DeferFull => "defer_full",
            Self::Poisoned => "poisoned",
        }
    }
}

impl<E: fmt::Display> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped => f.write_str("the machine was not started"),
            Self::Unhandled => f.write_str("no active state handles the event"),
            Self::Action(error) => write!(f, "an action failed: {error}"),
            Self::Overflow => f.write_str("an assignment left the range of its type"),
            Self::Livelock(cycle) => write!(f, "the machine does not come to rest: {cycle}"),
            Self::QueueFull => f.write_str("the queue of internal events is full"),
            Self::DeferFull => f.write_str("the queue of deferred events is full"),
            Self::Poisoned => f.write_str("an earlier step was interrupted; the machine takes no further event"),
        }
    }
}

impl<E: core::error::Error + 'static> core::error::Error for Error<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Action(error) => Some(error),
            _ => None,
        }
    }
}
