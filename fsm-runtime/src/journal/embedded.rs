//! The embedded store: a directory of this process, with a log and a table.
//!
//! A commit is one group at the end of the [`super::log`], and durable with its one `fdatasync`. What it means is found out
//! behind that, by the [`super::index`], and ends up in the [`super::table`]. A confirmation of delivery goes into the log
//! with the next group.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use super::dir::{self, Lock};
use super::index::{Index, State};
use super::log::{self, Log, Torn};
use super::recent::Recent;
use super::table::Table;
use super::wire::{put_commit, put_number};
use super::{Commit, Due, Millis, Options, Outgoing, Store, StoreError, StoredMachine};

#[derive(Debug)]
pub(super) struct Embedded {
    log: Log,
    index: Index,
    recent: Recent,
    /// The last group.
    last: u64,
    /// The position of the next message.
    next: u64,
    /// Messages that were delivered, and whose confirmation is not in the log yet.
    delivered: BTreeSet<u64>,
    window: usize,
    /// How long machines are kept after their end; `None` for ever.
    forget: Option<Duration>,
    /// What was said when a commit failed.
    broken: Option<String>,
    /// Let go of at last.
    _lock: Lock,
}

impl Embedded {
    pub(super) fn open(path: &Path, options: Options) -> Result<(Self, Option<Torn>), StoreError> {
        let Options { window, segment, verify, forget } = options;
        let lock = dir::prepare(path)?;
        let (table, mark) = Table::open(path, verify)?;
        if let Some(after) = forget {
            table.forget(Millis::now() - after)?;
        }
        if mark.group > 0 && log::files(path)?.is_empty() {
            return Err(StoreError::corrupt(path, None, "the files of the log are missing"));
        }
        // They are there if the process ended between folding and removing.
        log::remove(path, mark.group)?;
        let mut state = State::new(mark);
        let read = |number, payload: &[u8]| state.take(number, payload, window);
        let (log, torn) = log::open(path, mark.group + 1, segment, read)?;
        let (last, next) = (state.mark().group, state.mark().position);
        let index = Index::new(path.to_path_buf(), table, state, window, segment)?;
        let recent = Recent::new();
        let store = Self {
            log,
            index,
            recent,
            last,
            next,
            delivered: BTreeSet::new(),
            window,
            forget,
            broken: None,
            _lock: lock,
        };
        Ok((store, torn))
    }

    /// Whether nothing went wrong so far.
    fn sound(&mut self) -> Result<(), StoreError> {
        if let Some(earlier) = &self.broken {
            return Err(StoreError::Broken { earlier: earlier.clone() });
        }
        self.index.failure().map_or(Ok(()), |error| Err(self.broke(error)))
    }

    fn broke(&mut self, error: StoreError) -> StoreError {
        self.broken = Some(error.to_string());
        error
    }

    /// Makes a group durable and hands it over.
    fn append(&mut self, batch: &[Commit]) -> Result<(), StoreError> {
        let Self { log, index, delivered, next, .. } = self;
        let appended = log.append(index.buffer(), |to| {
            put_number(to, *next);
            put_number(to, delivered.len() as u64);
            for &position in &*delivered {
                put_number(to, position);
            }
            for commit in batch {
                put_commit(to, commit);
            }
        });
        let group = match appended {
            // Nothing of it was written.
            Err(error @ StoreError::TooLarge { .. }) => return Err(error),
            Err(error) => return Err(self.broke(error)),
            Ok(group) => group,
        };
        self.last = group.number;
        self.delivered.clear();
        self.index.hand_over(group);
        Ok(())
    }
}

impl Store for Embedded {
    fn commit(&mut self, batch: &[Commit]) -> Result<Vec<u64>, StoreError> {
        self.sound()?;
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        self.recent.follow(batch)?;
        self.append(batch)?;
        let first = self.next;
        self.next += batch.iter().map(|commit| commit.outbox.len() as u64).sum::<u64>();
        Ok((first..self.next).collect())
    }

    fn load(&mut self, key: &[u8]) -> Result<Option<StoredMachine>, StoreError> {
        self.index.load(key, self.last)
    }

    fn due(&mut self, by: Millis, limit: usize) -> Result<Vec<Due>, StoreError> {
        self.index.due(by, limit, self.last)
    }

    fn outbox(&mut self, after: u64, limit: usize) -> Result<Vec<Outgoing>, StoreError> {
        self.index.outbox(after, limit, self.last, |position| self.delivered.contains(&position))
    }

    fn delivered(&mut self, positions: &[u64]) -> Result<(), StoreError> {
        // A position that no message ever had would be kept for ever.
        self.delivered.extend(positions.iter().filter(|&&position| position < self.next));
        Ok(())
    }

    fn compact(&mut self) -> Result<(), StoreError> {
        self.sound()?;
        if !self.delivered.is_empty() {
            self.append(&[])?;
        }
        self.log.begin_another().map_err(|error| self.broke(error))?;
        let ended = self.forget.map(|after| Millis::now() - after);
        // One that is forgotten may begin anew.
        self.recent.forget();
        self.index.compact(self.last, ended).map_err(|error| self.broke(error))
    }

    fn machines(&mut self) -> Result<Option<u64>, StoreError> {
        self.index.machines(self.last).map(Some)
    }

    fn window(&self) -> usize {
        self.window
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        if self.broken.is_none() && !self.delivered.is_empty() {
            // A confirmation that is lost only makes its message come again.
            let _ = self.append(&[]);
        }
    }
}
