//! The span of the transition that is being taken, inside of the one of its step.
//!
//! The driver learns in the middle of a poll that another transition begins, and whoever polls the step has to leave its
//! span when a handler waits. Both hold a [`Turns`]. Invariant: the span is entered only while the step is polled, and by
//! [`Turns::poll`], so that none stays entered on a thread that goes on to other tasks, not even by a panic.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tracing::Span;

/// Shared by the driver of a step and whoever polls it.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<Turn>);

#[derive(Debug)]
struct Turn {
    polled: bool,
    span: Span,
}

impl Default for Turn {
    fn default() -> Self {
        Self { polled: false, span: Span::none() }
    }
}

impl Turns {
    /// Another transition begins. Where nobody polls by [`Turns::poll`], nobody would leave its span.
    pub(crate) fn turn(&self, span: impl FnOnce() -> Span) {
        let mut turn = self.lock();
        if turn.polled {
            leave(&turn.span);
            // What was the span of the transition before is no parent of this one.
            turn.span = span();
            enter(&turn.span);
        }
    }

    /// The step is over.
    pub(crate) fn end(&self) {
        self.lock().span = Span::none();
    }

    /// Polls the step inside of the span of its transition, and of those that begin meanwhile.
    pub(crate) fn poll<T>(&self, poll: impl FnOnce() -> T) -> T {
        let mut turn = self.lock();
        turn.polled = true;
        enter(&turn.span);
        drop(turn);
        let _polling = Polling(self);
        poll()
    }

    fn lock(&self) -> MutexGuard<'_, Turn> {
        // Each change is whole, whatever a subscriber does.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leaves the span, also where a handler panics.
struct Polling<'a>(&'a Turns);

impl Drop for Polling<'_> {
    fn drop(&mut self) {
        let mut turn = self.0.lock();
        turn.polled = false;
        leave(&turn.span);
    }
}

fn enter(span: &Span) {
    span.with_subscriber(|(id, subscriber)| subscriber.enter(id));
}

fn leave(span: &Span) {
    span.with_subscriber(|(id, subscriber)| subscriber.exit(id));
}
