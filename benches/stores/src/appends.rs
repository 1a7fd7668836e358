//! What nothing can be faster than: the bytes of a group at the end of a file, and one `fdatasync`.
//!
//! The control of both measurements here, of groups alone and of a whole fleet.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use fsm_runtime::journal::Commit;

/// A file to which groups are appended. It cannot be read.
pub struct Appends {
    file: File,
    buffer: Vec<u8>,
}

impl Appends {
    pub fn create(file: &Path) -> Self {
        Self { file: File::create(file).expect("a file"), buffer: Vec::new() }
    }

    /// Makes a group durable.
    pub fn append(&mut self, group: &[Commit]) {
        self.buffer.clear();
        for commit in group {
            self.buffer.extend_from_slice(&commit.sequence.to_le_bytes());
            self.buffer.extend_from_slice(&commit.at.0.to_le_bytes());
            self.buffer.extend_from_slice(&commit.wake.unwrap_or_default().0.to_le_bytes());
            self.buffer.extend_from_slice(&commit.message.map_or(0, |message| message.0).to_le_bytes());
            for bytes in [&commit.key, &commit.event, &commit.state].into_iter().chain(&commit.outbox) {
                self.buffer.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
                self.buffer.extend_from_slice(bytes);
            }
        }
        self.file.write_all(&self.buffer).expect("room");
        self.file.sync_data().expect("a disk");
    }
}
