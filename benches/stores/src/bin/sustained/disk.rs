//! What lies in a journal's directory.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Between two of the little writes.
const EVERY: Duration = Duration::from_millis(100);

/// Bytes of the files of the log, and of all others.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sizes {
    pub log: u64,
    pub table: u64,
}

impl Sizes {
    pub fn of(dir: &Path) -> Self {
        let mut sizes = Self::default();
        for entry in std::fs::read_dir(dir).expect("a directory").flatten() {
            // A file of the log may go meanwhile.
            let Ok(bytes) = entry.metadata().map(|data| data.len()) else { continue };
            let is_log = entry.path().extension().is_some_and(|extension| extension == "log");
            *if is_log { &mut sizes.log } else { &mut sizes.table } += bytes;
        }
        sizes
    }
}

/// Looks at a directory at the end of each slice, and writes a little beside it all the time: how long that takes tells
/// what the disk, and the machine, do by themselves.
pub struct Watch {
    dir: PathBuf,
    longest: Arc<AtomicU64>,
    done: Arc<AtomicBool>,
    writer: Option<JoinHandle<()>>,
}

impl Watch {
    pub fn of(dir: &Path) -> Self {
        let (longest, done) = (Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default());
        let mut file = File::create(dir.with_extension("beside")).expect("a file");
        let (worst, end) = (Arc::clone(&longest), Arc::clone(&done));
        let writer = thread::spawn(move || {
            while !end.load(Ordering::Relaxed) {
                let start = Instant::now();
                thread::sleep(EVERY);
                file.write_all(&[1; 512]).and_then(|()| file.sync_data()).expect("a disk");
                worst.fetch_max((start.elapsed() - EVERY).as_micros() as u64, Ordering::Relaxed);
            }
        });
        Self { dir: dir.to_path_buf(), longest, done, writer: Some(writer) }
    }

    /// What is there now, and the longest of the little writes since the last look.
    pub fn lap(&self) -> (Sizes, Duration) {
        (Sizes::of(&self.dir), Duration::from_micros(self.longest.swap(0, Ordering::Relaxed)))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(writer) = self.writer.take() {
            writer.join().expect("it writes in peace");
        }
    }
}
