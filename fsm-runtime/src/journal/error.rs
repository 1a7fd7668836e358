//! What goes wrong in a store, each with what to do about it.

use std::error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a store cannot be opened, read or written.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// Nothing can be written there.
    ReadOnly {
        /// The file or directory.
        path: PathBuf,
    },
    /// There is no room for more: the disk is full, a quota is used up, or a file may not grow.
    Full {
        /// The file.
        path: PathBuf,
    },
    /// Another process has it open, or another journal of this one.
    Locked {
        /// The directory.
        path: PathBuf,
        /// Who has it, as far as it is known: the number of a process.
        owner: Option<u32>,
    },
    /// It was written by a later version of this library.
    Newer {
        /// The file.
        path: PathBuf,
        /// The number of its format.
        found: u32,
        /// The latest that is understood here.
        known: u32,
    },
    /// The files are not those of a journal.
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// What is there is not what was written.
    Corrupt {
        /// Where.
        place: Place,
        /// What is wrong with it.
        what: String,
    },
    /// A commit of a machine that has already made that step: somebody else writes for it.
    Stale {
        /// The machine.
        key: Vec<u8>,
        /// The number of the step.
        sequence: u64,
    },
    /// A commit that no store takes.
    TooLarge {
        /// How many bytes it has.
        bytes: usize,
        /// How many there may be.
        most: usize,
    },
    /// An earlier commit failed, so nothing more is taken.
    Broken {
        /// What was said then.
        earlier: String,
    },
    /// The operating system refused something else.
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// The database behind the store refused something else.
    Database {
        /// What it said.
        source: Box<dyn error::Error + Send + Sync>,
    },
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// The byte in it, from 0; `None` where it cannot be said.
    pub offset: Option<u64>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.offset {
            Some(offset) => write!(f, "{} at byte {offset}", self.path.display()),
            None => self.path.display().fmt(f),
        }
    }
}

impl StoreError {
    /// Of an operation on a file.
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => Self::ReadOnly { path },
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                Self::Full { path }
            }
            _ => Self::Io { path, source },
        }
    }

    pub(crate) fn corrupt(path: &Path, offset: Option<u64>, what: impl Into<String>) -> Self {
        Self::Corrupt { place: Place { path: path.to_path_buf(), offset }, what: what.into() }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReadOnly { path } => write!(
                f,
                "the journal cannot write to {}; give this process the right to, or choose another directory",
                path.display()
            ),
            Self::Full { path } => write!(
                f,
                "there is no room for the journal at {}; make room and start again: nothing that was acknowledged is lost",
                path.display()
            ),
            Self::Locked { path, owner } => {
                write!(f, "the journal at {} is in use", path.display())?;
                match owner {
                    Some(own) if *own == std::process::id() => {
                        return f.write_str(" by this very process; go on with the one that is open, or drop it first");
                    }
                    Some(owner) => write!(f, " by process {owner}")?,
                    None => {}
                }
                f.write_str("; end that process first, or choose another directory")
            }
            Self::Newer { path, found, known } => write!(
                f,
                "{} is of format {found}, and this version of fsm-runtime knows formats up to {known}; use the version that \
                 wrote it, or a later one",
                path.display()
            ),
            Self::Foreign { path } => {
                write!(f, "{} is not a journal's; choose a directory that is empty or not there yet", path.display())
            }
            Self::Corrupt { place, what } => write!(
                f,
                "the journal is damaged: {what}, in {place}; restore it from a copy: what was acknowledged is not all there, and \
                 nothing was changed"
            ),
            Self::Stale { key, sequence } => write!(
                f,
                "machine `{}` has already made step {sequence}: another process, or another fleet, runs it too; let one of \
                 them have it",
                key.escape_ascii()
            ),
            Self::TooLarge { bytes, most } => {
                write!(f, "a commit of {bytes} bytes is too large: there may be {most}; keep less in the machine")
            }
            Self::Broken { earlier } => {
                write!(
                    f,
                    "an earlier commit failed, so nothing more is taken; open the journal anew. It was said: {earlier}"
                )
            }
            Self::Io { path, source } => write!(f, "the journal failed at {}: {source}", path.display()),
            Self::Database { source } => write!(f, "the journal's database failed: {source}"),
        }
    }
}

impl error::Error for StoreError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Database { source } => Some(source.as_ref()),
            _ => None,
        }
    }
}
