//! A store that forgets everything when it is dropped: for tests, and for what other stores are compared with.

use std::collections::HashMap;

use super::view::View;
use super::wire::CommitRef;
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
        check(batch, |key| self.view.machine(key).map_or(0, |machine| machine.machine().sequence))?;
        let first = self.next;
        for commit in batch {
            let Commit { key, sequence, message, at, event, state, wake, outbox, ended } = commit;
            let (sequence, message, at, wake, ended) = (*sequence, *message, *at, *wake, *ended);
            let taken = CommitRef { key, sequence, message, at, event, state, wake, ended, outbox: 0 };
            self.view.apply(&taken, self.window);
            for bytes in outbox {
                let (key, bytes) = (key.clone(), bytes.clone());
                self.view.send(Outgoing { position: self.next, key, sequence, bytes });
                self.next += 1;
            }
        }
        Ok((first..self.next).collect())
    }

    fn load(&mut self, key: &[u8]) -> Result<Option<StoredMachine>, StoreError> {
        Ok(self.view.machine(key).map(|machine| machine.after(None, self.window)))
    }

    fn due(&mut self, by: Millis, limit: usize) -> Result<Vec<Due>, StoreError> {
        Ok(self.view.due(by, limit))
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

    fn machines(&mut self) -> Result<Option<u64>, StoreError> {
        Ok(Some(self.view.machines().len() as u64))
    }

    fn window(&self) -> usize {
        self.window
    }
}

/// Whether each commit of a batch is the next step of its machine; `last` knows the step before the batch.
fn check(batch: &[Commit], last: impl Fn(&[u8]) -> u64) -> Result<(), StoreError> {
    let mut seen = HashMap::new();
    for commit in batch {
        let before = match seen.get(commit.key.as_slice()) {
            Some(&before) => before,
            None => last(&commit.key),
        };
        if commit.sequence != before + 1 {
            return Err(StoreError::Stale { key: commit.key.clone(), sequence: commit.sequence });
        }
        seen.insert(commit.key.as_slice(), commit.sequence);
    }
    Ok(())
}
