//! What a step keeps while it runs: its first error, the strongest thing that happened, and how far it has come.
//!
//! Named by the generated code of machines that can take more than one transition a step. It lives on the stack of the
//! step and is gone with it.

use super::{Cycle, Definition, Error, Outcome};

/// The first error of a step. Which transitions did not come to rest stands in the notes once: they lie in the future
/// of every step, and what is large there is slow.
#[derive(Debug)]
enum First<E> {
    Livelock,
    Stopped,
    Unhandled,
    Action(E),
    Overflow,
    QueueFull,
    DeferFull,
    Poisoned,
}

impl<E> First<E> {
    fn of(error: Error<E>) -> Self {
        match error {
            Error::Livelock(_) => Self::Livelock,
            Error::Stopped => Self::Stopped,
            Error::Unhandled => Self::Unhandled,
            Error::Action(error) => Self::Action(error),
            Error::Overflow => Self::Overflow,
            Error::QueueFull => Self::QueueFull,
            Error::DeferFull => Self::DeferFull,
            Error::Poisoned => Self::Poisoned,
        }
    }

    fn told(self, cycle: Cycle) -> Error<E> {
        match self {
            Self::Livelock => Error::Livelock(cycle),
            Self::Stopped => Error::Stopped,
            Self::Unhandled => Error::Unhandled,
            Self::Action(error) => Error::Action(error),
            Self::Overflow => Error::Overflow,
            Self::QueueFull => Error::QueueFull,
            Self::DeferFull => Error::DeferFull,
            Self::Poisoned => Error::Poisoned,
        }
    }
}

/// What a step has come to by itself, while a deferred event is tried again (16.7).
#[derive(Debug)]
pub struct Aside<E> {
    failed: Option<(u32, First<E>)>,
    outcome: Option<Outcome>,
}

/// The notes of one step.
#[derive(Debug)]
pub struct Run<E> {
    /// The first error so far, and when in the step it came up.
    failed: Option<(u32, First<E>)>,
    /// How many errors came up.
    errors: u32,
    /// What the transitions taken so far amount to.
    outcome: Option<Outcome>,
    /// Whether a state was left or entered since [`Run::take_change`] was last asked.
    changed: bool,
    ended: bool,
    stuck: bool,
    faults: u32,
    microsteps: u32,
    /// How many events of the machine itself set nothing off.
    idle: u32,
    /// What the next transition of the microstep leaves and enters, while another's states are entered.
    rest: (u32, u32),
    cycle: Cycle,
}

impl<E> Run<E> {
    /// How many microsteps a step may take (13.5).
    pub const LIMIT: u32 = 1_000;

    /// A step in which nothing has happened yet.
    #[must_use]
    pub const fn new(definition: &'static Definition) -> Self {
        Self {
            failed: None,
            errors: 0,
            outcome: None,
            changed: false,
            ended: false,
            stuck: false,
            faults: 0,
            microsteps: 0,
            idle: 0,
            rest: (0, 0),
            cycle: Cycle::new(definition),
        }
    }

    /// Begins a microstep; false where there were too many already: then the step has to end.
    pub const fn begin(&mut self) -> bool {
        self.stuck = self.microsteps >= Self::LIMIT;
        self.microsteps += 1;
        !self.stuck
    }

    /// An event of the machine itself has set nothing off; true where that came too often: then the step has to end. A
    /// guard that overflows raises an error each time it is asked, and so on without a single microstep.
    pub const fn idle(&mut self) -> bool {
        self.idle += 1;
        self.stuck = self.idle > Self::LIMIT;
        self.stuck
    }

    /// Whether [`Run::begin`] or [`Run::idle`] said that the step has to end.
    #[must_use]
    pub const fn is_stuck(&self) -> bool {
        self.stuck
    }

    /// The transitions that do not come to rest.
    #[must_use]
    pub const fn cycle(&self) -> Cycle {
        self.cycle
    }

    /// A transition is taken: an index into [`Definition::transitions`].
    pub fn taken(&mut self, transition: u32) {
        self.cycle.note(transition);
        self.outcome.get_or_insert(Outcome::Handled);
    }

    /// A state was left or entered.
    pub const fn moved(&mut self) {
        self.outcome = Some(Outcome::Transitioned);
        self.changed = true;
    }

    /// Whether a state was left or entered since this was last asked.
    pub const fn take_change(&mut self) -> bool {
        core::mem::replace(&mut self.changed, false)
    }

    /// The machine comes to its end with this microstep.
    pub const fn end(&mut self) {
        self.ended = true;
    }

    /// Whether the machine comes to its end.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        self.ended
    }

    /// A guard left the range of a type.
    pub const fn fault(&mut self) {
        self.faults += 1;
    }

    /// How many guards have done so since this was last asked.
    pub const fn take_faults(&mut self) -> u32 {
        core::mem::replace(&mut self.faults, 0)
    }

    /// An error comes up: its place among those of the step. Whether the step gives it may be told later.
    pub const fn error(&mut self) -> u32 {
        self.errors += 1;
        self.errors
    }

    /// An error that the step will give, if it is the first.
    pub fn fail(&mut self, error: Error<E>) {
        let order = self.error();
        self.fail_at(order, error);
    }

    /// An error that came up at a place from [`Run::error`], and that nobody has taken.
    pub fn fail_at(&mut self, order: u32, error: Error<E>) {
        if self.failed.as_ref().is_some_and(|(first, _)| *first < order) {
            return;
        }
        self.failed = Some((order, First::of(error)));
    }

    /// The states of one transition are entered, those of `rest` come later.
    pub const fn entering(&mut self, rest: (u32, u32)) {
        self.rest = rest;
    }

    /// Whether states between these two are still to be entered in this microstep, by another transition.
    #[must_use]
    pub const fn enters_later(&self, first: u32, end: u32) -> bool {
        self.rest.0 < end && first < self.rest.1
    }

    /// A deferred event is tried again: what comes up until [`Run::take_back`] belongs to it.
    pub const fn set_aside(&mut self) -> Aside<E> {
        Aside { failed: self.failed.take(), outcome: self.outcome.take() }
    }

    /// The step goes on for itself. Gives what became of the deferred event; `fate` is that where no transition was taken.
    ///
    /// # Errors
    /// The first error that came up meanwhile. That it did not come to rest is one of the step.
    pub fn take_back(&mut self, own: Aside<E>, fate: Outcome) -> Result<Outcome, Error<E>> {
        let (failed, outcome) = (core::mem::replace(&mut self.failed, own.failed), self.outcome);
        if outcome != Some(Outcome::Transitioned) {
            self.outcome = own.outcome.or(outcome);
        }
        if self.stuck {
            self.fail(Error::Livelock(self.cycle));
        }
        match failed {
            None | Some((_, First::Livelock)) => Ok(self.amounts_to(outcome, fate)),
            Some((_, first)) => Err(first.told(self.cycle)),
        }
    }

    fn amounts_to(&self, outcome: Option<Outcome>, fate: Outcome) -> Outcome {
        if self.ended { Outcome::Finished } else { outcome.unwrap_or(fate) }
    }

    /// What the step gives; `fate` is what became of its event where no transition was taken.
    ///
    /// # Errors
    /// The first error of the step.
    pub fn finish(self, fate: Outcome) -> Result<Outcome, Error<E>> {
        let outcome = self.amounts_to(self.outcome, fate);
        match self.failed {
            Some((_, first)) => Err(first.told(self.cycle)),
            None => Ok(outcome),
        }
    }
}

/// Where something that runs beside the machine is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Slot {
    /// It does not run.
    #[default]
    Idle,
    /// It starts when the macrostep is complete.
    Wanted,
    /// It runs, under this generation.
    Running(u32),
}

/// The active leaves of a configuration, in document order.
#[derive(Debug, Clone, Copy)]
pub struct Leaves<const N: usize> {
    list: [usize; N],
    len: usize,
}

impl<const N: usize> Leaves<N> {
    /// None yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { list: [0; N], len: 0 }
    }

    /// Notes a leaf, an index into [`Definition::states`]. More than `N` are never active.
    pub const fn push(&mut self, leaf: usize) {
        if self.len < N {
            self.list[self.len] = leaf;
            self.len += 1;
        }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.list[..self.len].iter().copied()
    }
}

impl<const N: usize> Default for Leaves<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> IntoIterator for Leaves<N> {
    type Item = usize;
    type IntoIter = core::iter::Take<core::array::IntoIter<usize, N>>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter().take(self.len)
    }
}
