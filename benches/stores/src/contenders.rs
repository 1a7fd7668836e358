//! Who is compared. Each opens a store in an empty directory and makes groups of commits durable.

mod bare;
mod fjall;
mod journal;
mod redb;
mod sqlite;

use std::path::Path;

use fsm_runtime::journal::Commit;

use crate::appends::Appends;

pub trait Contender {
    /// Makes the group durable; its messages are confirmed as delivered with the next one.
    fn commit(&mut self, group: &[Commit]);
}

/// Opens a store in a folder.
type Open = fn(&Path) -> Box<dyn Contender>;

/// The first is what the others are measured by.
pub const CONTENDERS: [(&str, Open); 6] = [
    ("bare append", |dir| Box::new(Appends::create(&dir.join("log")))),
    ("journal", |dir| Box::new(journal::Own::open(dir))),
    ("SQLite", |dir| Box::new(sqlite::Rows::open(dir))),
    ("SQLite, a group a row", |dir| Box::new(sqlite::Groups::open(dir))),
    ("fjall", |dir| Box::new(fjall::Rows::open(dir))),
    ("redb", |dir| Box::new(redb::Rows::open(dir))),
];

/// What a machine's row holds, as bytes: all of a commit but its key and messages, with the ids of its last messages.
pub fn row(commit: &Commit, before: &[u8], to: &mut Vec<u8>) {
    const IDS: usize = 32 * 16;
    to.clear();
    to.extend_from_slice(&commit.wake.map_or(u64::MAX, |wake| wake.0).to_be_bytes());
    to.extend_from_slice(&commit.sequence.to_le_bytes());
    to.extend_from_slice(&commit.at.0.to_le_bytes());
    to.extend_from_slice(&(commit.event.len() as u32).to_le_bytes());
    to.extend_from_slice(&(commit.state.len() as u32).to_le_bytes());
    to.extend_from_slice(&commit.event);
    to.extend_from_slice(&commit.state);
    to.extend_from_slice(&commit.message.map_or(0, |message| message.0).to_le_bytes());
    if before.len() > 32 {
        let len = |at: usize| u32::from_le_bytes(before[at..at + 4].try_into().expect("four bytes")) as usize;
        let ids = &before[32 + len(24) + len(28)..];
        to.extend_from_slice(&ids[..ids.len().min(IDS - 16)]);
    }
}

/// When a row's machine is due.
pub fn wake(row: &[u8]) -> Option<[u8; 8]> {
    row.get(..8)?.try_into().ok().filter(|wake| *wake != [0xff; 8])
}

/// The key of a machine in the order of wake-ups.
pub fn due(wake: [u8; 8], key: &[u8]) -> Vec<u8> {
    [&wake, key].concat()
}
