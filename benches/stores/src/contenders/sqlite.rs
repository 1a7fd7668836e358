//! SQLite with a write-ahead log, every transaction synced: once with a row for each machine, once with a row for each group.

use std::path::Path;

use fsm_runtime::journal::Commit;
use rusqlite::{Connection, params};

use super::Contender;

fn open(dir: &Path, schema: &str) -> Connection {
    let db = Connection::open(dir.join("db")).expect("a database");
    db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;")
        .expect("pragmas");
    db.execute_batch(schema).expect("a schema");
    db.set_prepared_statement_cache_capacity(16);
    db
}

pub struct Rows {
    db: Connection,
    next: i64,
}

impl Rows {
    pub fn open(dir: &Path) -> Self {
        let schema = "
            CREATE TABLE machine (key BLOB PRIMARY KEY, sequence, at, event, state, wake, ids) WITHOUT ROWID;
            CREATE INDEX due ON machine (wake) WHERE wake IS NOT NULL;
            CREATE TABLE outbox (position INTEGER PRIMARY KEY, key, sequence, bytes);";
        Self { db: open(dir, schema), next: 1 }
    }
}

impl Contender for Rows {
    fn commit(&mut self, group: &[Commit]) {
        let upsert = "
            INSERT INTO machine VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT DO UPDATE SET sequence = excluded.sequence, at = excluded.at, event = excluded.event,
            state = excluded.state, wake = excluded.wake, ids = substr(excluded.ids || ids, 1, 512)";
        let transaction = self.db.transaction().expect("a transaction");
        let before = self.next;
        {
            let mut upsert = transaction.prepare_cached(upsert).expect("a statement");
            let mut send =
                transaction.prepare_cached("INSERT INTO outbox VALUES (?1, ?2, ?3, ?4)").expect("a statement");
            let mut confirm =
                transaction.prepare_cached("DELETE FROM outbox WHERE position < ?1").expect("a statement");
            confirm.execute([before]).expect("a confirmation");
            for commit in group {
                let id = commit.message.map_or(0, |message| message.0).to_le_bytes();
                let wake = commit.wake.map(|wake| wake.0 as i64);
                let row = params![
                    commit.key,
                    commit.sequence as i64,
                    commit.at.0 as i64,
                    commit.event,
                    commit.state,
                    wake,
                    id
                ];
                upsert.execute(row).expect("a row");
                for bytes in &commit.outbox {
                    send.execute(params![self.next, commit.key, commit.sequence as i64, bytes]).expect("a message");
                    self.next += 1;
                }
            }
        }
        transaction.commit().expect("a commit");
    }
}

/// Nothing but the log: what a machine is would have to be found out by reading it.
pub struct Groups {
    db: Connection,
    buffer: Vec<u8>,
    row: Vec<u8>,
}

impl Groups {
    pub fn open(dir: &Path) -> Self {
        Self {
            db: open(dir, "CREATE TABLE log (number INTEGER PRIMARY KEY, bytes)"),
            buffer: Vec::new(),
            row: Vec::new(),
        }
    }
}

impl Contender for Groups {
    fn commit(&mut self, group: &[Commit]) {
        self.buffer.clear();
        for commit in group {
            super::row(commit, &[], &mut self.row);
            self.buffer.extend_from_slice(&commit.key);
            self.buffer.extend_from_slice(&self.row);
            commit.outbox.iter().for_each(|bytes| self.buffer.extend_from_slice(bytes));
        }
        let mut insert = self.db.prepare_cached("INSERT INTO log (bytes) VALUES (?1)").expect("a statement");
        insert.execute([&self.buffer]).expect("a group");
    }
}
