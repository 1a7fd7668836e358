//! The end of something, for whoever waits for it.
//!
//! As `tokio::sync::SetOnce`, of whose size it takes less where nobody waits. Invariant: whoever waits is woken once the
//! value is there, or finds it there.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

/// A value that is set once, at the end.
#[derive(Debug)]
pub(crate) struct Ending<R> {
    value: OnceLock<Box<R>>,
    /// There from the first wait on.
    waiting: Mutex<Option<Arc<Notify>>>,
}

impl<R> Ending<R> {
    /// Not ended.
    pub(crate) const fn new() -> Self {
        Self { value: OnceLock::new(), waiting: Mutex::new(None) }
    }

    /// The end; the first value stays.
    pub(crate) fn set(&self, value: Box<R>) {
        let _ = self.value.set(value);
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(waiting) = waiting {
            waiting.notify_waiters();
        }
    }

    /// The value, once it has ended.
    pub(crate) fn get(&self) -> Option<&R> {
        self.value.get().map(Box::as_ref)
    }

    /// Waits for the end.
    pub(crate) async fn wait(&self) -> &R {
        loop {
            if let Some(value) = self.get() {
                return value;
            }
            if let Some(notified) = self.listen() {
                notified.await;
            }
        }
    }

    /// What the next call of [`Ending::set`] wakes; nothing where there was one.
    fn listen(&self) -> Option<OwnedNotified> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if self.value.get().is_some() {
            return None;
        }
        // Made under the lock: it counts from when it is made, not from when it is polled first.
        Some(Arc::clone(waiting.get_or_insert_default()).notified_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn whoever_waits_hears_of_it_whenever_they_began() {
        for round in 0..1_000 {
            let ending = Arc::new(Ending::new());
            let waiting: Vec<_> = (0..3)
                .map(|_| {
                    let ending = Arc::clone(&ending);
                    tokio::spawn(async move { *ending.wait().await })
                })
                .collect();
            if round % 2 == 0 {
                tokio::task::yield_now().await;
            }
            ending.set(Box::new(round));
            ending.set(Box::new(-1));
            for task in waiting {
                let value = timeout(Duration::from_mins(1), task).await.expect("woken").expect("no panic");
                assert_eq!(value, round);
            }
            assert_eq!(ending.get(), Some(&round));
        }
    }
}
