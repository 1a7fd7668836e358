//! redb: a row for each machine, and two indexes, all in one durable transaction.

use std::path::Path;

use fsm_runtime::journal::Commit;
use redb::{Database, ReadableTable, TableDefinition};

use super::{Contender, due, row, wake};

const MACHINES: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("machines");
const DUE: TableDefinition<'_, &[u8], ()> = TableDefinition::new("due");
const OUTBOX: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("outbox");

pub struct Rows {
    db: Database,
    confirmed: u64,
    next: u64,
    row: Vec<u8>,
}

impl Rows {
    pub fn open(dir: &Path) -> Self {
        Self { db: Database::create(dir.join("db")).expect("a database"), confirmed: 1, next: 1, row: Vec::new() }
    }
}

impl Contender for Rows {
    fn commit(&mut self, group: &[Commit]) {
        let transaction = self.db.begin_write().expect("a transaction");
        {
            let mut machines = transaction.open_table(MACHINES).expect("a table");
            let mut dues = transaction.open_table(DUE).expect("a table");
            let mut outbox = transaction.open_table(OUTBOX).expect("a table");
            for position in self.confirmed..self.next {
                outbox.remove(position).expect("a confirmation");
            }
            self.confirmed = self.next;
            for commit in group {
                let key = commit.key.as_slice();
                let before = machines.get(key).expect("a row").map(|row| row.value().to_vec()).unwrap_or_default();
                if let Some(wake) = wake(&before) {
                    dues.remove(due(wake, key).as_slice()).expect("an entry");
                }
                row(commit, &before, &mut self.row);
                if let Some(wake) = wake(&self.row) {
                    dues.insert(due(wake, key).as_slice(), ()).expect("an entry");
                }
                machines.insert(key, self.row.as_slice()).expect("a row");
                for bytes in &commit.outbox {
                    outbox.insert(self.next, bytes.as_slice()).expect("a message");
                    self.next += 1;
                }
            }
        }
        transaction.commit().expect("a commit");
    }
}
