//! A store that forgets everything when it is dropped: for tests, and for what other stores are compared with.

use super::store::check;
use super::view::View;
use super::{Commit, DEFAULT_WINDOW, Due, Millis, Outgoing, Store, StoreError, StoredMachine};

/// A store in memory. It keeps all rules of [`Store`] but the one that matters: nothing is durable.
#[derive(Debug)]
pub struct Memory {
    view: View,
    next: u64,
    window: usize,
}

impl Memory {
    /// An empty one that keeps the ids of the last [`DEFAULT_WINDOW`] messages of each machine.
    #[must_use]
    pub fn new() -> Self {
        Self::with_window(DEFAULT_WINDOW)
    }

    /// An empty one that keeps the ids of so many messages of each machine.
    #[must_use]
    pub fn with_window(window: usize) -> Self {
        Self { view: View::default(), next: 1, window }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Store for Memory {
    fn commit(&mut self, batch: &[Commit]) -> Result<Vec<u64>, StoreError> {
        check(batch, |key| Ok(self.view.machines.get(key).map_or(0, |machine| machine.sequence)))?;
        let first = self.next;
        for commit in batch {
            self.view.apply(commit.clone(), self.next, self.window);
            self.next += commit.outbox.len() as u64;
        }
        Ok((first..self.next).collect())
    }

    fn load(&mut self, key: &[u8]) -> Result<Option<StoredMachine>, StoreError> {
        Ok(self.view.machines.get(key).cloned())
    }

    fn due(&mut self, by: Millis, limit: usize) -> Result<Vec<Due>, StoreError> {
        Ok(self.view.due(by).take(limit).cloned().collect())
    }

    fn outbox(&mut self, after: u64, limit: usize) -> Result<Vec<Outgoing>, StoreError> {
        Ok(self.view.outbox(after).take(limit).cloned().collect())
    }

    fn delivered(&mut self, positions: &[u64]) -> Result<(), StoreError> {
        for &position in positions {
            self.view.outbox.remove(&position);
        }
        Ok(())
    }

    fn compact(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}
