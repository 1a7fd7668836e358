//! A store that takes its time.
//!
//! What is acknowledged too early is durable a moment later all the same, and a process that is killed seldom dies in that
//! moment. Here it is long: before a commit reaches the store below, and after.

use std::thread::sleep;
use std::time::Duration;

use fsm_runtime::journal::{Commit, Due, Journal, Millis, Outgoing, Store, StoreError, StoredMachine};

/// A store that waits before and after each commit, another time each time.
pub struct Slow {
    store: Box<dyn Store>,
    longest: u64,
    seed: u64,
}

impl Slow {
    /// Waits for so many microseconds at most.
    #[must_use]
    pub fn new(journal: Journal, longest: u64) -> Self {
        Self { store: journal.into_store(), longest, seed: std::process::id().into() }
    }

    fn wait(&mut self) {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        sleep(Duration::from_micros((self.seed >> 33) % self.longest.max(1)));
    }
}

impl Store for Slow {
    fn commit(&mut self, batch: &[Commit]) -> Result<Vec<u64>, StoreError> {
        self.wait();
        let positions = self.store.commit(batch);
        self.wait();
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
