//! The store that nothing can be faster than, and what counts the groups of any.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::appends::Appends;
use fsm_runtime::journal::{Commit, Due, Millis, Outgoing, Store, StoreError, StoredMachine};

/// Bare appends as a store. It cannot read: no machine ever was.
pub struct Bare {
    appends: Appends,
    next: u64,
}

impl Bare {
    pub fn open(dir: &Path) -> Self {
        Self { appends: Appends::create(&dir.join("0.log")), next: 1 }
    }
}

impl Store for Bare {
    fn commit(&mut self, batch: &[Commit]) -> Result<Vec<u64>, StoreError> {
        self.appends.append(batch);
        let first = self.next;
        self.next += batch.iter().map(|commit| commit.outbox.len() as u64).sum::<u64>();
        Ok((first..self.next).collect())
    }

    fn load(&mut self, _: &[u8]) -> Result<Option<StoredMachine>, StoreError> {
        Ok(None)
    }

    fn due(&mut self, _: Millis, _: usize) -> Result<Vec<Due>, StoreError> {
        Ok(Vec::new())
    }

    fn outbox(&mut self, _: u64, _: usize) -> Result<Vec<Outgoing>, StoreError> {
        Ok(Vec::new())
    }

    fn delivered(&mut self, _: &[u64]) -> Result<(), StoreError> {
        Ok(())
    }

    fn compact(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// How many groups there were, how many commits in them, and the longest time that one took, since it was last asked.
#[derive(Clone, Default)]
pub struct Groups(Arc<Counts>);

#[derive(Default)]
struct Counts {
    groups: AtomicU64,
    commits: AtomicU64,
    longest: AtomicU64,
}

impl Groups {
    fn count(&self, commits: usize, took: Duration) {
        self.0.groups.fetch_add(1, Ordering::Relaxed);
        self.0.commits.fetch_add(commits as u64, Ordering::Relaxed);
        self.0.longest.fetch_max(took.as_micros() as u64, Ordering::Relaxed);
    }

    /// Groups and commits so far.
    pub fn total(&self) -> (u64, u64) {
        (self.0.groups.load(Ordering::Relaxed), self.0.commits.load(Ordering::Relaxed))
    }

    /// The longest group since the last look.
    pub fn longest(&self) -> Duration {
        Duration::from_micros(self.0.longest.swap(0, Ordering::Relaxed))
    }
}

/// Any store, with its groups counted.
pub struct Counting<S> {
    store: S,
    groups: Groups,
}

impl<S: Store> Counting<S> {
    pub fn new(store: S, groups: &Groups) -> Self {
        Self { store, groups: groups.clone() }
    }
}

impl<S: Store> Store for Counting<S> {
    fn commit(&mut self, batch: &[Commit]) -> Result<Vec<u64>, StoreError> {
        let start = Instant::now();
        let positions = self.store.commit(batch);
        self.groups.count(batch.len(), start.elapsed());
        positions
    }

    fn load(&mut self, key: &[u8]) -> Result<Option<StoredMachine>, StoreError> {
        self.store.load(key)
    }

    fn due(&mut self, by: Millis, limit: usize) -> Result<Vec<Due>, StoreError> {
        self.store.due(by, limit)
    }

    fn outbox(&mut self, after: u64, limit: usize) -> Result<Vec<Outgoing>, StoreError> {
        self.store.outbox(after, limit)
    }

    fn delivered(&mut self, positions: &[u64]) -> Result<(), StoreError> {
        self.store.delivered(positions)
    }

    fn compact(&mut self) -> Result<(), StoreError> {
        self.store.compact()
    }

    fn window(&self) -> usize {
        self.store.window()
    }
}
