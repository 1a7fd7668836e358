//! The table: all machines as they were when the log was last folded into it, in one file of redb's.
//!
//! One transaction takes over what a part of the log left: rows, the order of wake-ups, messages that wait, and which
//! group was the last. So after a crash the table and the log behind that group are all there is to know. Each value has
//! the number of its format and a checksum of its own.

use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use redb::{Database, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition, WriteTransaction};

use super::view::View;
use super::wire::{FORMAT, MachineRef, put_bytes, put_machine, put_number, seal, unsealed};
use super::{Due, Millis, Outgoing, StoreError, StoredMachine};

const MACHINES: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("machines");
/// The wake-up, big-endian, with the key behind it.
const DUE: TableDefinition<'_, &[u8], ()> = TableDefinition::new("due");
const OUTBOX: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("outbox");
const MARKS: TableDefinition<'_, &str, u64> = TableDefinition::new("marks");

/// How many bytes of the file are kept in memory.
const CACHE: usize = 64 << 20;

/// How far the log is folded into the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// The last group that is in it; 0 before the first.
    pub(super) group: u64,
    /// The position of the first message of the next one.
    pub(super) position: u64,
}

#[derive(Debug)]
pub(super) struct Table {
    path: PathBuf,
    /// Written only while it is compacted.
    db: RwLock<Database>,
}

impl Table {
    /// Opens it in that directory, or makes it. `verify` reads all of it and compares its checksums.
    pub(super) fn open(dir: &Path, verify: bool) -> Result<(Self, Mark), StoreError> {
        let path = dir.join("machines.redb");
        let opened = guarded(&path, || {
            let mut builder = Database::builder();
            Ok(builder.set_cache_size(CACHE).set_check_integrity_on_open(verify).create(&path)?)
        });
        let table = Self { db: RwLock::new(opened?), path };
        let mark = table.mark()?;
        Ok((table, mark))
    }

    /// Reads how far the log is folded, and writes it in a table that is new.
    fn mark(&self) -> Result<Mark, StoreError> {
        let path = &self.path;
        let found = guarded(path, || {
            let write = self.db().begin_write()?;
            let mut marks = write.open_table(MARKS)?;
            let read = |name| Ok::<_, Fault>(marks.get(name)?.map(|mark| mark.value()));
            if let Some(format) = read("format")? {
                return Ok((format, read("group")?, read("position")?));
            }
            for (name, mark) in [("format", u64::from(FORMAT)), ("group", 0), ("position", 1)] {
                marks.insert(name, mark)?;
            }
            drop(marks);
            write.open_table(MACHINES)?;
            write.open_table(DUE)?;
            write.open_table(OUTBOX)?;
            write.commit()?;
            Ok((FORMAT.into(), Some(0), Some(1)))
        });
        match found? {
            (format, ..) if format > u64::from(FORMAT) => {
                let found = u32::try_from(format).unwrap_or(u32::MAX);
                Err(StoreError::Newer { path: path.clone(), found, known: FORMAT })
            }
            (_, Some(group), Some(position)) => Ok(Mark { group, position }),
            _ => Err(StoreError::corrupt(path, None, "it does not say which groups are in it")),
        }
    }

    /// Begins to write.
    fn begin(&self) -> Result<WriteTransaction, Fault> {
        let mut write = self.db().begin_write()?;
        // After a crash the file would otherwise be read from end to end.
        write.set_quick_repair(true);
        Ok(write)
    }

    /// How many machines are in it, and how many of those keys besides.
    pub(super) fn count_with<'a>(&self, keys: impl Iterator<Item = &'a [u8]>) -> Result<u64, StoreError> {
        guarded(&self.path, || {
            let rows = self.db().begin_read()?.open_table(MACHINES)?;
            let mut count = rows.len()?;
            for key in keys {
                count += u64::from(rows.get(key)?.is_none());
            }
            Ok(count)
        })
    }

    /// Takes over what the groups up to that mark left. At most `window` ids of a machine are kept.
    pub(super) fn fold(&self, view: &View, mark: Mark, window: usize) -> Result<(), StoreError> {
        let mut machines: Vec<_> = view.machines().iter().collect();
        machines.sort_unstable_by_key(|machine| &machine.key);
        guarded(&self.path, || {
            let write = self.begin()?;
            let mut rows = write.open_table(MACHINES)?;
            let mut dues = write.open_table(DUE)?;
            let (mut row, mut older) = (Vec::new(), Vec::new());
            for machine in machines {
                let key = &*machine.key;
                let mut was = None;
                older.clear();
                if let Some(before) = rows.get(key)? {
                    let before = row_of(key, before.value())?;
                    was = before.wake;
                    let kept = window.saturating_sub(machine.messages.len()) * 16;
                    older.extend_from_slice(&before.messages[before.messages.len().saturating_sub(kept)..]);
                }
                if was != machine.wake {
                    if let Some(was) = was {
                        dues.remove(due_key(was, key).as_slice())?;
                    }
                    if let Some(wake) = machine.wake {
                        dues.insert(due_key(wake, key).as_slice(), ())?;
                    }
                }
                let with_ids = MachineRef { messages: &older, ..machine.machine() };
                seal(&mut row, |to| put_machine(to, &with_ids, &machine.messages));
                rows.insert(key, row.as_slice())?;
            }
            let mut outbox = write.open_table(OUTBOX)?;
            for &position in &view.gone {
                outbox.remove(position)?;
            }
            for (&position, message) in &view.outbox {
                seal(&mut row, |to| put_message(to, message));
                outbox.insert(position, row.as_slice())?;
            }
            let mut marks = write.open_table(MARKS)?;
            marks.insert("group", mark.group)?;
            marks.insert("position", mark.position)?;
            drop((rows, dues, outbox, marks));
            Ok(write.commit()?)
        })
    }

    pub(super) fn load(&self, key: &[u8]) -> Result<Option<StoredMachine>, StoreError> {
        guarded(&self.path, || {
            let rows = self.db().begin_read()?.open_table(MACHINES)?;
            let row = rows.get(key)?;
            row.map(|row| Ok(row_of(key, row.value())?.to_owned())).transpose()
        })
    }

    /// Machines that are due by then, the earliest first, without those that are to be left out.
    pub(super) fn due(&self, by: Millis, limit: usize, not: impl Fn(&[u8]) -> bool) -> Result<Vec<Due>, StoreError> {
        guarded(&self.path, || {
            let dues = self.db().begin_read()?.open_table(DUE)?;
            let end = by.0.checked_add(1).map(u64::to_be_bytes);
            let range = match &end {
                Some(end) => dues.range(..end.as_slice())?,
                None => dues.range::<&[u8]>(..)?,
            };
            let mut found = Vec::new();
            for entry in range {
                if found.len() == limit {
                    break;
                }
                let (key, ()) = (entry?.0, ());
                if let Some((wake, key)) = key.value().split_first_chunk()
                    && !not(key)
                {
                    found.push(Due { wake: Millis(u64::from_be_bytes(*wake)), key: key.to_vec() });
                }
            }
            Ok(found)
        })
    }

    /// Messages behind that position, without those that are to be left out.
    pub(super) fn outbox(
        &self,
        after: u64,
        limit: usize,
        not: impl Fn(u64) -> bool,
    ) -> Result<Vec<Outgoing>, StoreError> {
        let Some(first) = after.checked_add(1) else { return Ok(Vec::new()) };
        guarded(&self.path, || {
            let mut found = Vec::new();
            for entry in self.db().begin_read()?.open_table(OUTBOX)?.range(first..)? {
                let (position, message) = entry?;
                let position = position.value();
                if found.len() == limit {
                    break;
                }
                if not(position) {
                    continue;
                }
                found.push(message_of(position, message.value())?);
            }
            Ok(found)
        })
    }

    /// Forgets machines that ended before that moment.
    pub(super) fn forget(&self, before: Millis) -> Result<(), StoreError> {
        guarded(&self.path, || {
            let write = self.begin()?;
            let mut rows = write.open_table(MACHINES)?;
            let mut dues = write.open_table(DUE)?;
            let mut old = Vec::new();
            for entry in rows.iter()? {
                let (key, row) = entry?;
                let machine = row_of(key.value(), row.value())?;
                if machine.ended && machine.at < before {
                    old.push((key.value().to_vec(), machine.wake));
                }
            }
            for (key, wake) in old {
                rows.remove(key.as_slice())?;
                if let Some(wake) = wake {
                    dues.remove(due_key(wake, &key).as_slice())?;
                }
            }
            drop((rows, dues));
            Ok(write.commit()?)
        })
    }

    /// Gives back the room that the file does not need.
    pub(super) fn compact(&self) -> Result<(), StoreError> {
        guarded(&self.path, || {
            let mut db = self.db.write().unwrap_or_else(PoisonError::into_inner);
            Ok(db.compact().map(drop)?)
        })
    }

    fn db(&self) -> RwLockReadGuard<'_, Database> {
        // The database keeps itself whole if a thread panics.
        self.db.read().unwrap_or_else(PoisonError::into_inner)
    }
}

fn due_key(wake: Millis, key: &[u8]) -> Vec<u8> {
    [&wake.0.to_be_bytes(), key].concat()
}

fn row_of<'a>(key: &[u8], bytes: &'a [u8]) -> Result<MachineRef<'a>, Fault> {
    let row = unsealed(bytes).and_then(|mut reader| reader.machine());
    row.ok_or_else(|| Fault::Damage(format!("the row of machine `{}` does not match its checksum", key.escape_ascii())))
}

fn put_message(to: &mut Vec<u8>, message: &Outgoing) {
    put_bytes(to, &message.key);
    put_number(to, message.sequence);
    put_bytes(to, &message.bytes);
}

fn message_of(position: u64, bytes: &[u8]) -> Result<Outgoing, Fault> {
    let read = || {
        let mut reader = unsealed(bytes)?;
        let key = reader.bytes()?.to_vec();
        let sequence = reader.number()?;
        let bytes = reader.bytes()?.to_vec();
        Some(Outgoing { position, key, sequence, bytes })
    };
    read().ok_or_else(|| Fault::Damage(format!("message {position} of the outbox does not match its checksum")))
}

/// What goes wrong in the database's file.
enum Fault {
    /// A value is not what was written.
    Damage(String),
    Database(redb::Error),
}

impl<E: Into<redb::Error>> From<E> for Fault {
    fn from(error: E) -> Self {
        Self::Database(error.into())
    }
}

/// Calls the database. It panics where pages are damaged in ways that it does not expect; that is damage like any other.
fn guarded<T>(path: &Path, call: impl FnOnce() -> Result<T, Fault>) -> Result<T, StoreError> {
    let corrupt = |what: String| StoreError::corrupt(path, None, what);
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(Fault::Damage(what))) => Err(corrupt(what)),
        Ok(Err(Fault::Database(error))) => Err(match error {
            redb::Error::Io(error) if error.kind() == ErrorKind::InvalidData => corrupt(error.to_string()),
            redb::Error::Io(error) => StoreError::io(path, error),
            redb::Error::Corrupted(what) => corrupt(what),
            redb::Error::RepairAborted => corrupt("it cannot be repaired".into()),
            // They are made with the file.
            error @ (redb::Error::TableDoesNotExist(_)
            | redb::Error::TableTypeMismatch { .. }
            | redb::Error::TypeDefinitionChanged { .. }
            | redb::Error::TableIsMultimap(_)) => corrupt(error.to_string()),
            redb::Error::DatabaseAlreadyOpen => StoreError::Locked { path: path.to_path_buf(), owner: None },
            error => StoreError::Database { source: Box::new(error) },
        }),
        Err(_) => Err(corrupt("its pages do not fit together".into())),
    }
}
