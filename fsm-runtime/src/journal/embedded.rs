//! The embedded store: a directory of this process.
//!
//! Commits go into the [`super::log`]; what they leave is kept in memory, and read from the log when it is opened.

use std::path::Path;

use super::dir::{self, Lock};
use super::log::{self, Log, Torn};
use super::view::View;
use super::wire::{Reader, put_commit, put_number};
use super::{Commit, Due, Millis, Outgoing, Store, StoreError, StoredMachine, store};

/// A group of commits.
const COMMITS: u8 = 1;
/// Positions of messages that were delivered.
const DELIVERED: u8 = 2;

#[derive(Debug)]
pub(super) struct Embedded {
    /// Held as long as the store is there.
    _lock: Lock,
    log: Log,
    view: View,
    /// The position of the next message.
    next: u64,
    window: usize,
    /// What was said when a commit failed.
    broken: Option<String>,
}

impl Embedded {
    pub(super) fn open(path: &Path, window: usize, segment: u64) -> Result<(Self, Option<Torn>), StoreError> {
        let lock = dir::prepare(path)?;
        let mut view = View::default();
        let mut next = 1;
        let (log, torn) = log::open(path, 1, segment, |_, payload| read(&mut view, &mut next, window, payload))?;
        Ok((Self { _lock: lock, log, view, next, window, broken: None }, torn))
    }

    fn append(&mut self, fill: impl FnOnce(&mut Vec<u8>)) -> Result<(), StoreError> {
        if let Some(earlier) = &self.broken {
            return Err(StoreError::Broken { earlier: earlier.clone() });
        }
        self.log.append(fill).map(drop).inspect_err(|error| self.broken = Some(error.to_string()))
    }
}

/// Takes a group over; `None` if it cannot be read.
fn read(view: &mut View, next: &mut u64, window: usize, payload: &[u8]) -> Option<()> {
    let mut reader = Reader(payload);
    match reader.byte()? {
        COMMITS => {
            *next = reader.number()?;
            while !reader.0.is_empty() {
                let commit = reader.commit()?;
                let messages = commit.outbox.len() as u64;
                view.apply(commit, *next, window);
                *next = next.checked_add(messages)?;
            }
        }
        DELIVERED => {
            while !reader.0.is_empty() {
                view.delivered(reader.number()?);
            }
        }
        _ => return None,
    }
    Some(())
}

impl Store for Embedded {
    fn commit(&mut self, batch: &[Commit]) -> Result<Vec<u64>, StoreError> {
        store::check(batch, |key| Ok(self.view.sequence(key)))?;
        let first = self.next;
        self.append(|to| {
            to.push(COMMITS);
            put_number(to, first);
            for commit in batch {
                put_commit(to, commit);
            }
        })?;
        for commit in batch {
            self.view.apply(commit.clone(), self.next, self.window);
            self.next += commit.outbox.len() as u64;
        }
        Ok((first..self.next).collect())
    }

    fn load(&mut self, key: &[u8]) -> Result<Option<StoredMachine>, StoreError> {
        Ok(self.view.load(key))
    }

    fn due(&mut self, by: Millis, limit: usize) -> Result<Vec<Due>, StoreError> {
        Ok(self.view.due(by, limit))
    }

    fn outbox(&mut self, after: u64, limit: usize) -> Result<Vec<Outgoing>, StoreError> {
        Ok(self.view.outbox(after, limit))
    }

    fn delivered(&mut self, positions: &[u64]) -> Result<(), StoreError> {
        self.append(|to| {
            to.push(DELIVERED);
            for &position in positions {
                put_number(to, position);
            }
        })?;
        for &position in positions {
            self.view.delivered(position);
        }
        Ok(())
    }

    fn compact(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}
