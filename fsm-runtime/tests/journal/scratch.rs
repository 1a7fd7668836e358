//! Directories that are gone after the test.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use fsm_runtime::journal::{Journal, Options, Store};

/// A directory of one test.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("fsm-journal-{}-{count}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn store(&self) -> Box<dyn Store> {
        Journal::open(&self.0).unwrap().into_store()
    }

    pub(crate) fn open(&self, options: Options) -> Box<dyn Store> {
        options.open(&self.0).unwrap().into_store()
    }

    /// The files of the log, the oldest first.
    pub(crate) fn logs(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path());
        let mut logs: Vec<_> = entries.filter(|path| path.extension().is_some_and(|end| end == "log")).collect();
        logs.sort();
        logs
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
