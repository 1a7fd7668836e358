//! What nothing can be faster than: the bytes at the end of a file, and one `fdatasync` a group.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use fsm_runtime::journal::Commit;

use super::Contender;

pub struct Bare {
    file: File,
    buffer: Vec<u8>,
}

impl Bare {
    pub fn open(dir: &Path) -> Self {
        Self { file: File::create(dir.join("log")).expect("a file"), buffer: Vec::new() }
    }
}

impl Contender for Bare {
    fn commit(&mut self, group: &[Commit]) {
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
