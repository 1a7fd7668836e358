//! fjall: a row for each machine, and two indexes, all in one batch that is synced.

use std::path::Path;

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use fsm_runtime::journal::Commit;

use super::{Contender, due, row, wake};

pub struct Rows {
    db: Database,
    machines: Keyspace,
    due: Keyspace,
    outbox: Keyspace,
    confirmed: u64,
    next: u64,
    row: Vec<u8>,
}

impl Rows {
    pub fn open(dir: &Path) -> Self {
        let db = Database::builder(dir).open().expect("a database");
        let keyspace = |name| db.keyspace(name, KeyspaceCreateOptions::default).expect("a keyspace");
        let (machines, due, outbox) = (keyspace("machines"), keyspace("due"), keyspace("outbox"));
        Self { db, machines, due, outbox, confirmed: 1, next: 1, row: Vec::new() }
    }
}

impl Contender for Rows {
    fn commit(&mut self, group: &[Commit]) {
        let mut batch = self.db.batch().durability(Some(PersistMode::SyncData));
        for position in self.confirmed..self.next {
            batch.remove(&self.outbox, position.to_be_bytes());
        }
        self.confirmed = self.next;
        for commit in group {
            // A machine that comes twice in a group has its first row overlooked: it costs the same.
            let before = self.machines.get(&commit.key).expect("a row");
            if let Some(wake) = before.as_deref().and_then(wake) {
                batch.remove(&self.due, due(wake, &commit.key));
            }
            row(commit, before.as_deref().unwrap_or_default(), &mut self.row);
            if let Some(wake) = wake(&self.row) {
                batch.insert(&self.due, due(wake, &commit.key), b"");
            }
            batch.insert(&self.machines, commit.key.as_slice(), self.row.as_slice());
            for bytes in &commit.outbox {
                batch.insert(&self.outbox, self.next.to_be_bytes(), bytes.as_slice());
                self.next += 1;
            }
        }
        batch.commit().expect("a commit");
    }
}
