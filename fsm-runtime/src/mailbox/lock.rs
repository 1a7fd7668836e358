//! The lock of the mailbox: whoever finds it taken stays away for a moment.
//!
//! Part of [`super`]. The lock is held for the time of a push, some twenty nanoseconds, or of a batch; what costs is that the line of the
//! cache in which it lies goes from one processor to another and back, each time for as long as several pushes take.
//! Senders that looked again at once would take the line from whoever works with it, message by message. Away for a
//! microsecond, a thread leaves the others the line for dozens of pushes, and a dispatcher finds that many events
//! instead of one. Two threads that push, or push and take, need a quarter to half of the time then
//! (docs/benchmarks.md).
//!
//! Invariant: whoever waited in vain sleeps in the queue of [`Mutex`], so a holder that the system stopped is not
//! waited for by burning time.

use std::hint::spin_loop;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

/// How long to stay away before each look, in pauses of the processor: of 20 to 45 ns on today's x86, of less elsewhere.
const PAUSES: [u32; 3] = [32, 64, 128];

/// A mutex that is held for a push, or for those of a batch, at a time. Whoever changes what is in it does so whole before anything
/// can panic, so that poison says nothing.
#[derive(Debug)]
pub(super) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    pub(super) const fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    #[inline]
    pub(super) fn lock(&self) -> MutexGuard<'_, T> {
        self.try_lock().unwrap_or_else(|| self.lock_later())
    }

    #[inline]
    fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    #[cold]
    fn lock_later(&self) -> MutexGuard<'_, T> {
        for pauses in PAUSES {
            (0..pauses).for_each(|_| spin_loop());
            if let Some(guard) = self.try_lock() {
                return guard;
            }
        }
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
