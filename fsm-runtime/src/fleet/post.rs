//! What others leave for a task, which sleeps until there is something.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// A list without bound: whoever uses it sees to that.
pub(super) struct Post<T>(Mutex<Letters<T>>);

struct Letters<T> {
    list: Vec<T>,
    /// The task, while it sleeps.
    owner: Option<Waker>,
}

impl<T> Default for Post<T> {
    fn default() -> Self {
        Self(Mutex::new(Letters { list: Vec::new(), owner: None }))
    }
}

impl<T> Post<T> {
    fn lock(&self) -> MutexGuard<'_, Letters<T>> {
        // Each change is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves something, and wakes the task.
    pub(super) fn leave(&self, letter: T) {
        let mut letters = self.lock();
        letters.list.push(letter);
        let owner = letters.owner.take();
        drop(letters);
        if let Some(owner) = owner {
            owner.wake();
        }
    }

    /// Takes all there is, in exchange for an empty list.
    pub(super) fn swap(&self, empty: &mut Vec<T>) {
        std::mem::swap(&mut self.lock().list, empty);
    }

    /// Sleeps until something is left, unless it is.
    pub(super) fn sleep(&self, context: &Context<'_>) -> Poll<()> {
        let mut letters = self.lock();
        if !letters.list.is_empty() {
            return Poll::Ready(());
        }
        if !letters.owner.as_ref().is_some_and(|owner| owner.will_wake(context.waker())) {
            let old = letters.owner.replace(context.waker().clone());
            drop((letters, old));
        }
        Poll::Pending
    }
}
