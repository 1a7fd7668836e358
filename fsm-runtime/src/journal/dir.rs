//! The directory of an embedded journal: it is made, found to be a journal's, and locked.
//!
//! A file `FORMAT` says that the directory is a journal's, and of which format; a file `LOCK` is locked by the process that
//! has it open, and names it. The system lets go of the lock when the process ends, however it ends.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::Path;

use super::wire::FORMAT;
use super::{StoreError, log};

const INTRODUCTION: &str = "fsm-runtime journal, format ";

/// A lock on the directory, as long as it is held.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // To close the file is not enough: a process that is just being started may have it too, for a moment.
        let _ = self.file.unlock();
    }
}

/// Makes the directory if it is not there, locks it, and sees to it that it is a journal's.
pub(super) fn prepare(dir: &Path) -> Result<Lock, StoreError> {
    if dir.is_file() {
        return Err(StoreError::Foreign { path: dir.to_path_buf() });
    }
    create(dir).map_err(|error| StoreError::io(dir, error))?;
    let format = dir.join("FORMAT");
    if !fs::exists(&format).map_err(|error| StoreError::io(&format, error))? {
        must_be_empty(dir)?;
    }
    let lock = lock(dir)?;
    match fs::read_to_string(&format) {
        Ok(text) => check(&format, &text)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            introduce(dir).map_err(|error| StoreError::io(&format, error))?;
        }
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(StoreError::Foreign { path: format });
        }
        Err(error) => return Err(StoreError::io(&format, error)),
    }
    Ok(lock)
}

/// Makes the directory, and sees to it that it is there after a power failure too.
fn create(dir: &Path) -> io::Result<()> {
    let new: Vec<_> = dir.ancestors().take_while(|dir| !dir.as_os_str().is_empty() && !dir.exists()).collect();
    fs::create_dir_all(dir)?;
    for dir in new {
        match dir.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => sync(parent)?,
            _ => sync(Path::new("."))?,
        }
    }
    Ok(())
}

/// Makes durable which files are in a directory.
pub(super) fn sync(dir: &Path) -> io::Result<()> {
    // Elsewhere a directory cannot be opened as a file, and its entries are durable with the files.
    if cfg!(unix) { File::open(dir)?.sync_all() } else { Ok(()) }
}

/// A directory without `FORMAT` is taken only if there is nothing in it that is somebody else's.
fn must_be_empty(dir: &Path) -> Result<(), StoreError> {
    if dir.join(log::LAST).exists() {
        return Err(StoreError::corrupt(&dir.join("FORMAT"), None, "the file is missing"));
    }
    for entry in fs::read_dir(dir).map_err(|error| StoreError::io(dir, error))? {
        let name = entry.map_err(|error| StoreError::io(dir, error))?.file_name();
        if name != "LOCK" && name != "FORMAT" && name != "FORMAT.new" && name != "lost+found" {
            return Err(StoreError::Foreign { path: dir.to_path_buf() });
        }
    }
    Ok(())
}

fn lock(dir: &Path) -> Result<Lock, StoreError> {
    let path = dir.join("LOCK");
    let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
    let mut file = open.map_err(|error| StoreError::io(&path, error))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            // The number of the process only helps to find it.
            let owner = file.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
            return Err(StoreError::Locked { path: dir.to_path_buf(), owner });
        }
        Err(TryLockError::Error(error)) => return Err(StoreError::io(&path, error)),
    }
    let named = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
    named.map_err(|error| StoreError::io(&path, error))?;
    Ok(Lock { file })
}

fn check(path: &Path, text: &str) -> Result<(), StoreError> {
    let foreign = || StoreError::Foreign { path: path.to_path_buf() };
    let number = text.strip_prefix(INTRODUCTION).ok_or_else(foreign)?;
    let found = number.trim_end().parse().map_err(|_| foreign())?;
    let known = FORMAT;
    if found > known { Err(StoreError::Newer { path: path.to_path_buf(), found, known }) } else { Ok(()) }
}

fn introduce(dir: &Path) -> io::Result<()> {
    replace(dir, "FORMAT", &format!("{INTRODUCTION}{FORMAT}"))
}

/// Writes a file of one line, so that it is there with this line, with the one before, or not at all.
pub(super) fn replace(dir: &Path, name: &str, line: &str) -> io::Result<()> {
    let new = dir.join(format!("{name}.new"));
    let mut file = File::create(&new)?;
    writeln!(file, "{line}")?;
    file.sync_all()?;
    fs::rename(&new, dir.join(name))?;
    sync(dir)
}
