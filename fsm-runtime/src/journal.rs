//! What machines leave behind after each step, kept so that nothing acknowledged is ever lost.
//!
//! A step runs in memory. What it left, the event with its result, is a [`Commit`]; a [`Store`] makes a batch of them
//! durable in one go, of however many machines they are. [`Journal::open`] has one in a directory; others implement
//! the trait. docs/journal.md says what is guaranteed.
//!
//! Invariants: a commit is durable with all that belongs to it or not at all; recovery loads what was committed and never
//! runs an action again; damage is an error with its place, never a silent gap.

mod commit;
#[cfg(feature = "journal-postgres")]
mod database;
mod dir;
mod embedded;
mod error;
mod index;
mod log;
#[cfg(any(test, feature = "testing"))]
mod memory;
mod recent;
mod store;
mod table;
mod view;
mod wire;

use std::fmt;
use std::path::Path;
use std::time::Duration;

pub use commit::{Commit, Due, MessageId, Millis, Outgoing, StoredMachine};
#[cfg(feature = "journal-postgres")]
pub use database::Postgres;
use embedded::Embedded;
pub use error::{Place, StoreError};
pub use log::Torn;
#[cfg(any(test, feature = "testing"))]
pub use memory::Memory;
/// The client that [`Postgres::with`] takes.
#[cfg(feature = "journal-postgres")]
pub use postgres;
pub use store::Store;

/// Of how many messages of each machine the ids are kept, unless [`Options::window`] says otherwise.
pub const DEFAULT_WINDOW: usize = 32;

/// Where a fleet keeps its machines.
pub struct Journal {
    store: Box<dyn Store>,
    torn: Option<Torn>,
}

impl Journal {
    /// The journal in a directory, which is made if it is not there. It belongs to this process as long as it is open.
    ///
    /// # Errors
    /// If the directory cannot be written, is in use, is of a later format or somebody else's, or is damaged.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, StoreError> {
        Options::new().open(dir)
    }

    /// A journal in some other store.
    #[must_use]
    pub fn of(store: impl Store) -> Self {
        Self { store: Box::new(store), torn: None }
    }

    /// What was cut off when it was opened: a group that was being written when the process or the machine died, and that
    /// nobody was told of. `None` if it had been closed in peace.
    #[must_use]
    pub fn torn(&self) -> Option<&Torn> {
        self.torn.as_ref()
    }

    /// The store, to be called from one thread.
    #[must_use]
    pub fn into_store(self) -> Box<dyn Store> {
        self.store
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal").field("torn", &self.torn).finish_non_exhaustive()
    }
}

/// How a journal in a directory is kept.
#[derive(Debug, Clone, Copy)]
#[must_use = "options do nothing by themselves"]
pub struct Options {
    window: usize,
    segment: u64,
    verify: bool,
    forget: Option<Duration>,
}

impl Options {
    /// The defaults.
    pub const fn new() -> Self {
        Self { window: DEFAULT_WINDOW, segment: 32 << 20, verify: true, forget: None }
    }

    /// Of how many messages of each machine the ids are kept. A message that comes again after so many others is handled
    /// again.
    pub const fn window(mut self, ids: usize) -> Self {
        self.window = ids;
        self
    }

    /// How long a file of the log gets, in bytes. What eight of them hold is folded into the table, or earlier what takes memory
    /// as for two; the more, the less is written twice where machines make many steps. So much of the log is read when the
    /// journal is opened.
    pub const fn segment(mut self, bytes: u64) -> Self {
        self.segment = bytes;
        self
    }

    /// Whether all of the table is read when it is opened, and compared with its checksums, as it is by default. Otherwise
    /// opening takes no time, and damage is found when the machine is loaded that it is in.
    pub const fn verify(mut self, verify: bool) -> Self {
        self.verify = verify;
        self
    }

    /// How long a machine is kept after its end. Later it is forgotten when the journal is opened or compacted, and an event for
    /// it is an event for a machine that never was. By default it is kept for ever.
    pub const fn forget(mut self, after: Duration) -> Self {
        self.forget = Some(after);
        self
    }

    /// Opens the journal in a directory, as [`Journal::open`] does.
    ///
    /// # Errors
    /// As there.
    pub fn open(self, dir: impl AsRef<Path>) -> Result<Journal, StoreError> {
        let dir = dir.as_ref();
        let (store, torn) = Embedded::open(dir, self)?;
        if let Some(Torn { place, bytes }) = &torn {
            tracing::warn!(target: "fsm", %place, bytes, "a group of commits that nobody was told of was cut off");
        }
        Ok(Journal { store: Box::new(store), torn })
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}
