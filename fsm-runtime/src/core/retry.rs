//! A deferred event while it is tried again (16.7).
//!
//! Named by the generated code of machines that defer. It lives on the stack of the step, between the first guard that is
//! asked and the end of the macrostep. Invariant: a [`Retry`] that was begun is settled, or kept, within its step.

use core::fmt;

use super::run::Aside;
use super::{Driver, Machine, Outcome, Run, Token};

/// A deferred event that was taken out to be tried again.
pub struct Retry<M: Machine> {
    token: Token,
    event: M::Event,
    /// What becomes of it where no transition is taken.
    fate: Outcome,
    own: Aside<M::Error>,
}

impl<M: Machine> Retry<M> {
    /// What comes up from now on belongs to the event.
    pub const fn new(run: &mut Run<M::Error>, token: Token, event: M::Event) -> Self {
        Self { token, event, fate: Outcome::Handled, own: run.set_aside() }
    }

    /// The event.
    pub const fn event(&self) -> &M::Event {
        &self.event
    }

    /// No transition takes it: what that makes of it.
    pub const fn falls_to(&mut self, fate: Outcome) {
        self.fate = fate;
    }

    /// It is to be kept once more: what goes back to those that wait, and what the step had come to before.
    pub fn keep(self) -> ((Token, M::Event), Aside<M::Error>) {
        ((self.token, self.event), self.own)
    }

    /// The macrostep is complete: the driver is told what became of it. Of an event of the machine's own that is only an
    /// error, since nobody waits for it.
    pub fn settle(self, run: &mut Run<M::Error>, driver: &mut impl Driver<M>) {
        match run.take_back(self.own, self.fate) {
            Err(error) => driver.failed(self.token, self.event, error),
            Ok(_) if self.token == Token::OWN => {}
            Ok(outcome) => driver.settled(self.token, outcome),
        }
    }
}

impl<M: Machine> fmt::Debug for Retry<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry").field("token", &self.token).field("fate", &self.fate).finish_non_exhaustive()
    }
}
