//! Reading and writing files as all shells do: bounded, atomic, and only on change.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::source::MAX_BYTES;

/// The bytes of a spec; of one that is too large just enough for [`crate::check_bytes`] to say so.
///
/// # Errors
///
/// When the file cannot be read.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    read_from(File::open(path)?)
}

/// Likewise, from a stream.
///
/// # Errors
///
/// When the stream cannot be read.
pub fn read_from(stream: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes a file unless it holds `text` already; says whether it had to. Nobody ever sees half of the text.
///
/// # Errors
///
/// When the file cannot be written.
pub fn write_if_changed(path: &Path, text: &str) -> io::Result<bool> {
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        // A pipe or a device: there is nothing to compare with, and it must not be replaced by a file.
        return fs::write(path, text).map(|()| true);
    }
    if is_current(path, text) {
        return Ok(false);
    }
    // What a link points to is written, the link stays.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let temporary = temporary(&path);
    let written = fs::write(&temporary, text).and_then(|()| {
        if let Ok(found) = fs::metadata(&path) {
            fs::set_permissions(&temporary, found.permissions())?;
        }
        fs::rename(&temporary, &path)
    });
    if written.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(&temporary);
    }
    written.map(|()| true)
}

/// Whether the file holds `text`; ends of lines may differ, as version control changes them.
#[must_use]
pub fn is_current(path: &Path, text: &str) -> bool {
    // No more is read than what could be equal, each newline counted twice.
    let most = text.len() as u64 * 2 + 1;
    let mut found = Vec::new();
    let read = File::open(path).and_then(|file| file.take(most).read_to_end(&mut found));
    read.is_ok() && String::from_utf8(found).is_ok_and(|found| found == text || found.replace("\r\n", "\n") == text)
}

/// A name beside `path`, of this process alone.
fn temporary(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}
