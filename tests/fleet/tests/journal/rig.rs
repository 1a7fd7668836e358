//! A store that outlives its fleet, and can be made to fail or to wait.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use fleet::account::{Account, Message, message};
use fleet::{Accounts, Clerk, account};
use fsm_runtime::Fleet;
use fsm_runtime::fleet::Builder;
use fsm_runtime::journal::{Commit, Due, Journal, Memory, Millis, Outgoing, Store, StoreError, StoredMachine};

#[derive(Default)]
struct State {
    memory: Memory,
    /// Every commit, in order, and how many groups they came in.
    commits: Vec<Commit>,
    groups: usize,
    loads: usize,
    held: bool,
    failing: bool,
    silent: bool,
}

/// The store, as the test holds it.
#[derive(Clone, Default)]
pub(crate) struct Shelf(Arc<(Mutex<State>, Condvar)>);

impl Shelf {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn journal(&self) -> Journal {
        Journal::of(self.clone())
    }

    /// No commit is durable until this is taken back.
    pub(crate) fn hold(&self, held: bool) {
        self.lock().held = held;
        self.0.1.notify_all();
    }

    pub(crate) fn fail(&self) {
        self.lock().failing = true;
    }

    /// It does not say how many machines it has.
    pub(crate) fn silence(&self) {
        self.lock().silent = true;
    }

    pub(crate) fn commits(&self) -> Vec<Commit> {
        self.lock().commits.clone()
    }

    pub(crate) fn groups(&self) -> usize {
        self.lock().groups
    }

    pub(crate) fn loads(&self) -> usize {
        self.lock().loads
    }

    pub(crate) fn outbox(&self) -> usize {
        self.lock().memory.outbox(0, 1_000).map_or(0, |outbox| outbox.len())
    }

    /// Writes over what a machine was.
    pub(crate) fn spoil(&self, key: &str, state: &str) {
        let mut own = self.lock();
        let stored = own.memory.load(key.as_bytes()).ok().flatten();
        let commit = Commit {
            key: key.into(),
            sequence: stored.map_or(0, |stored| stored.sequence) + 1,
            state: state.into(),
            ..Commit::default()
        };
        assert!(own.memory.commit(&[commit]).is_ok());
    }
}

impl Store for Shelf {
    fn commit(&mut self, batch: &[Commit]) -> Result<Vec<u64>, StoreError> {
        let mut own = self.lock();
        while own.held {
            own = self.0.1.wait(own).unwrap_or_else(PoisonError::into_inner);
        }
        if own.failing {
            return Err(StoreError::Broken { earlier: "as ordered".to_owned() });
        }
        own.commits.extend_from_slice(batch);
        own.groups += 1;
        own.memory.commit(batch)
    }

    fn load(&mut self, key: &[u8]) -> Result<Option<StoredMachine>, StoreError> {
        let mut own = self.lock();
        own.loads += 1;
        own.memory.load(key)
    }

    fn due(&mut self, by: Millis, limit: usize) -> Result<Vec<Due>, StoreError> {
        self.lock().memory.due(by, limit)
    }

    fn outbox(&mut self, after: u64, limit: usize) -> Result<Vec<Outgoing>, StoreError> {
        self.lock().memory.outbox(after, limit)
    }

    fn delivered(&mut self, positions: &[u64]) -> Result<(), StoreError> {
        self.lock().memory.delivered(positions)
    }

    fn compact(&mut self) -> Result<(), StoreError> {
        self.lock().memory.compact()
    }

    fn machines(&mut self) -> Result<Option<u64>, StoreError> {
        let mut own = self.lock();
        if own.silent { Ok(None) } else { own.memory.machines() }
    }
}

/// What came out, by key.
pub(crate) type Told = Arc<Mutex<Vec<(u64, u64)>>>;

/// A fleet that makes machines for all keys below a thousand.
pub(crate) fn builder(shelf: &Shelf) -> Builder<u64, Account<Clerk>> {
    Fleet::builder(|&key| (key < 1_000).then(account)).shards(2).journal(shelf.journal())
}

pub(crate) fn spawn(shelf: &Shelf) -> Accounts {
    builder(shelf).spawn()
}

/// The same, with what comes out.
pub(crate) fn telling(shelf: &Shelf) -> (Accounts, Told) {
    let told = Told::default();
    let sink = Arc::clone(&told);
    let emit = move |key: &u64, Message::Added(message::Added { n, .. }): Message| {
        sink.lock().unwrap_or_else(PoisonError::into_inner).push((*key, n));
    };
    (builder(shelf).on_emit(emit).spawn(), told)
}

/// Waits for something that another thread brings about.
pub(crate) async fn until(mut what: impl FnMut() -> bool) {
    let began = Instant::now();
    while !what() {
        assert!(began.elapsed() < Duration::from_secs(20), "it did not come about");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
