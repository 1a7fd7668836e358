//! A store in a PostgreSQL database, for machines that move between hosts.
//!
//! A batch is one transaction. The steps of a machine have a primary key, so of two processes that run the same machine one is
//! refused. Rows carry the number of their format and a checksum, as in the embedded store. The client blocks, and lives in
//! the committer's thread; it is made and dropped in threads of its own, since it has a runtime inside and must not do that
//! in another one.

mod columns;
mod statements;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use postgres::error::SqlState;
use postgres::{Client, Config, NoTls};

use super::wire::{FORMAT, unsealed};
use super::{Commit, DEFAULT_WINDOW, Due, MessageId, Millis, Outgoing, Store, StoreError, StoredMachine};
use columns::{Machines, Messages, Steps, signed, unsigned};
use statements::{FORGET, MACHINES, PRUNE, SCHEMA, SEND, STEPS, TURN};

/// A store in a PostgreSQL database, in tables `fsm_…` that it makes in the first schema of the connection's `search_path`.
///
/// Several processes may use the same tables, as long as each machine is run by one of them; what waits in the outbox is
/// everybody's.
pub struct Postgres {
    /// `None` once it is dropped.
    client: Option<Client>,
    /// The database, for messages.
    database: PathBuf,
    window: i64,
    forget: Option<Duration>,
    /// Messages that were delivered; they are taken out with the next commit.
    delivered: BTreeSet<i64>,
    broken: Option<String>,
}

impl Postgres {
    /// Connects without TLS: `host=localhost user=robot dbname=robots`, or `postgres://…`. Nothing else than that is tried: whoever
    /// wants TLS makes a client and gives it to [`Postgres::with`].
    ///
    /// # Errors
    /// If there is no such database, or it cannot be written.
    pub fn connect(url: &str) -> Result<Self, StoreError> {
        let config: Config = url.parse().map_err(|error| failure(&PathBuf::from("PostgreSQL"), error))?;
        let database = place(&config);
        let client = elsewhere(|| config.connect(NoTls)).map_err(|error| failure(&database, error))?;
        Self::new(client, database)
    }

    /// With a client that is connected.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn with(client: Client) -> Result<Self, StoreError> {
        Self::new(client, PathBuf::from("PostgreSQL"))
    }

    /// Of how many messages of each machine the ids are kept, as in [`super::Options::window`].
    #[must_use]
    pub fn window(mut self, ids: usize) -> Self {
        self.window = i64::try_from(ids).unwrap_or(i64::MAX);
        self
    }

    /// How long a machine is kept after its end, as in [`super::Options::forget`].
    #[must_use]
    pub fn forget(mut self, after: Duration) -> Self {
        self.forget = Some(after);
        self
    }

    fn new(client: Client, database: PathBuf) -> Result<Self, StoreError> {
        let window = i64::try_from(DEFAULT_WINDOW).unwrap_or(i64::MAX);
        let mut store =
            Self { client: Some(client), database, window, forget: None, delivered: BTreeSet::new(), broken: None };
        let format = store.call(|client| {
            client.batch_execute(&format!("BEGIN; {SCHEMA} COMMIT;"))?;
            client.query_one("SELECT max(format) FROM fsm_format", &[])?.try_get::<_, i64>(0)
        })?;
        let (found, known) = (u32::try_from(format).unwrap_or(u32::MAX), FORMAT);
        if found > known { Err(StoreError::Newer { path: store.database.clone(), found, known }) } else { Ok(store) }
    }

    /// Asks the database, in a thread that has no runtime of its own.
    fn call<T: Send>(
        &mut self,
        ask: impl FnOnce(&mut Client) -> Result<T, postgres::Error> + Send,
    ) -> Result<T, StoreError> {
        let Some(client) = &mut self.client else {
            return Err(StoreError::Broken { earlier: "the connection was closed".into() });
        };
        let asked = if in_runtime() { elsewhere(|| ask(client)) } else { ask(client) };
        asked.map_err(|error| failure(&self.database, error))
    }

    fn sound(&self) -> Result<(), StoreError> {
        self.broken.as_ref().map_or(Ok(()), |earlier| Err(StoreError::Broken { earlier: earlier.clone() }))
    }

    fn damaged(&self, what: String) -> StoreError {
        StoreError::corrupt(&self.database, None, what)
    }

    /// The transaction. `None` if a machine has made a step already.
    fn write(&mut self, batch: &[Commit]) -> Result<Option<Vec<u64>>, StoreError> {
        let delivered: Vec<i64> = self.delivered.iter().copied().collect();
        let window = self.window;
        let (steps, machines, messages) = (Steps::of(batch, window), Machines::of(batch), Messages::of(batch));
        self.call(|client| {
            let mut transaction = client.transaction()?;
            let Steps { keys, sequences, ids, .. } = &steps;
            let inserted = transaction.execute(STEPS, &[keys, sequences, ids]);
            if inserted.as_ref().is_err_and(|error| error.code() == Some(&SqlState::UNIQUE_VIOLATION)) {
                return Ok(None);
            }
            inserted?;
            let Machines { keys, sequences, wakes, ends, rows } = &machines;
            let upserted = transaction.execute(MACHINES, &[keys, sequences, wakes, ends, rows])?;
            if upserted != keys.len() as u64 {
                return Ok(None);
            }
            if !delivered.is_empty() {
                transaction.execute("DELETE FROM fsm_outbox WHERE position = ANY($1)", &[&delivered])?;
            }
            if !steps.tidy.is_empty() {
                transaction.execute(PRUNE, &[&window, &steps.tidy])?;
            }
            let mut positions = Vec::new();
            if !messages.keys.is_empty() {
                transaction.execute(TURN, &[])?;
                let Messages { keys, sequences, bytes } = &messages;
                for row in transaction.query(SEND, &[keys, sequences, bytes])? {
                    positions.push(unsigned(row.try_get(0)?));
                }
                positions.sort_unstable();
            }
            transaction.commit()?;
            Ok(Some(positions))
        })
    }
}

impl Store for Postgres {
    fn commit(&mut self, batch: &[Commit]) -> Result<Vec<u64>, StoreError> {
        self.sound()?;
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        match self.write(batch) {
            Ok(Some(positions)) => {
                self.delivered.clear();
                Ok(positions)
            }
            Ok(None) => Err(self.stale(batch)),
            Err(error) => {
                self.broken = Some(error.to_string());
                Err(error)
            }
        }
    }

    fn load(&mut self, key: &[u8]) -> Result<Option<StoredMachine>, StoreError> {
        let ids = "SELECT message FROM fsm_step WHERE key = $1 AND message IS NOT NULL ORDER BY sequence DESC LIMIT $2";
        let window = self.window;
        let (row, ids) = self.call(|client| {
            // Nobody else runs this machine, so the two belong together.
            let row = client.query_opt("SELECT row FROM fsm_machine WHERE key = $1", &[&key])?;
            let row = row.map(|row| row.try_get::<_, Vec<u8>>(0)).transpose()?;
            let ids = client.query(ids, &[&key, &window])?;
            Ok((row, ids.iter().rev().map(|row| row.try_get::<_, Vec<u8>>(0)).collect::<Result<Vec<_>, _>>()?))
        })?;
        let Some(row) = row else { return Ok(None) };
        let read = || {
            let mut machine = unsealed(&row)?.machine()?.to_owned();
            for id in ids {
                machine.messages.push(MessageId(u128::from_le_bytes(id.try_into().ok()?)));
            }
            Some(machine)
        };
        let what = || format!("the row of machine `{}` does not match its checksum", key.escape_ascii());
        read().ok_or_else(|| self.damaged(what())).map(Some)
    }

    fn due(&mut self, by: Millis, limit: usize) -> Result<Vec<Due>, StoreError> {
        let (by, limit) = (signed(by.0), signed(limit as u64));
        self.call(|client| {
            let query = "SELECT wake, key FROM fsm_machine WHERE wake <= $1 ORDER BY wake, key LIMIT $2";
            let rows = client.query(query, &[&by, &limit])?;
            rows.iter().map(|row| Ok(Due { wake: Millis(unsigned(row.try_get(0)?)), key: row.try_get(1)? })).collect()
        })
    }

    fn outbox(&mut self, after: u64, limit: usize) -> Result<Vec<Outgoing>, StoreError> {
        let (after, limit) = (signed(after), signed(limit as u64));
        let delivered: Vec<i64> = self.delivered.iter().copied().collect();
        let rows = self.call(|client| {
            let query = "
                SELECT position, key, sequence, bytes FROM fsm_outbox
                WHERE position > $1 AND position <> ALL($2) ORDER BY position LIMIT $3";
            let rows = client.query(query, &[&after, &delivered, &limit])?;
            let row = |row: &postgres::Row| {
                Ok((
                    unsigned(row.try_get(0)?),
                    row.try_get(1)?,
                    unsigned(row.try_get(2)?),
                    row.try_get::<_, Vec<u8>>(3)?,
                ))
            };
            rows.iter().map(row).collect::<Result<Vec<_>, _>>()
        })?;
        let message = |(position, key, sequence, row): (u64, Vec<u8>, u64, Vec<u8>)| {
            let bytes = unsealed(&row).map(|reader| reader.0.to_vec());
            let what = || format!("message {position} of the outbox does not match its checksum");
            Ok(Outgoing { position, key, sequence, bytes: bytes.ok_or_else(|| self.damaged(what()))? })
        };
        rows.into_iter().map(message).collect()
    }

    fn delivered(&mut self, positions: &[u64]) -> Result<(), StoreError> {
        self.delivered.extend(positions.iter().map(|&position| signed(position)));
        Ok(())
    }

    fn compact(&mut self) -> Result<(), StoreError> {
        self.sound()?;
        let (delivered, window) = (std::mem::take(&mut self.delivered), self.window);
        let delivered: Vec<i64> = delivered.into_iter().collect();
        let ended = self.forget.map(|after| signed((Millis::now() - after).0));
        self.call(|client| {
            client.execute("DELETE FROM fsm_outbox WHERE position = ANY($1)", &[&delivered])?;
            if let Some(ended) = ended {
                client.execute(FORGET, &[&ended])?;
            }
            client.execute(&PRUNE.replace("WHERE key = ANY($2)", ""), &[&window]).map(drop)
        })
    }

    fn window(&self) -> usize {
        usize::try_from(self.window).unwrap_or(usize::MAX)
    }
}

impl Postgres {
    /// Which of the steps of a batch was made already, after the transaction was rolled back.
    fn stale(&mut self, batch: &[Commit]) -> StoreError {
        let keys: Vec<&[u8]> = batch.iter().map(|commit| commit.key.as_slice()).collect();
        let made = self.call(|client| {
            let rows = client.query("SELECT key, sequence FROM fsm_machine WHERE key = ANY($1)", &[&keys])?;
            rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<BTreeMap<Vec<u8>, i64>, _>>()
        });
        let made = match made {
            Ok(made) => made,
            Err(error) => return error,
        };
        let is_made = |commit: &&Commit| made.get(&commit.key).is_some_and(|&last| signed(commit.sequence) <= last);
        // Without one, two steps in the batch itself have the same number.
        match batch.iter().find(is_made).or(batch.first()) {
            Some(commit) => StoreError::Stale { key: commit.key.clone(), sequence: commit.sequence },
            None => StoreError::Stale { key: Vec::new(), sequence: 0 },
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.broken.is_none() && !self.delivered.is_empty() {
            // A confirmation that is lost only makes its message come again.
            let delivered: Vec<i64> = self.delivered.iter().copied().collect();
            let _ =
                self.call(|client| client.execute("DELETE FROM fsm_outbox WHERE position = ANY($1)", &[&delivered]));
        }
        let client = self.client.take();
        elsewhere(|| drop(client));
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").field("database", &self.database).finish_non_exhaustive()
    }
}

fn in_runtime() -> bool {
    tokio::runtime::Handle::try_current().is_ok()
}

/// In a thread of its own.
fn elsewhere<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| match scope.spawn(work).join() {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}

/// The database's name for messages, without a password.
fn place(config: &Config) -> PathBuf {
    let host = match config.get_hosts().first() {
        Some(postgres::config::Host::Tcp(host)) => host.clone(),
        Some(postgres::config::Host::Unix(path)) => path.display().to_string(),
        None => "localhost".into(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let name = config.get_dbname().or(config.get_user()).unwrap_or("postgres");
    format!("PostgreSQL {host}:{port}/{name}").into()
}

fn failure(database: &std::path::Path, error: postgres::Error) -> StoreError {
    let path = database.to_path_buf();
    match error.code() {
        Some(code) if [SqlState::READ_ONLY_SQL_TRANSACTION, SqlState::INSUFFICIENT_PRIVILEGE].contains(code) => {
            StoreError::ReadOnly { path }
        }
        Some(&SqlState::DISK_FULL) => StoreError::Full { path },
        Some(&SqlState::DATA_CORRUPTED | &SqlState::INDEX_CORRUPTED) => {
            StoreError::corrupt(database, None, error.to_string())
        }
        _ => StoreError::Database { source: Box::new(error) },
    }
}
