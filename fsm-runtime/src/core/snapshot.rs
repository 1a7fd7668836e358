//! A machine laid down between two steps, to be taken up again: in another process, on another day.
//!
//! The generated `snapshot` makes one and `restore` takes it back. What waits inside of a step is not part of it, since
//! there is no such thing between two steps.

use core::fmt;
use core::time::Duration;

use super::Definition;

/// Everything that a machine is, with what its timers have left.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Snapshot<M, const N: usize> {
    /// The version of its spec.
    pub version: Version,
    /// The hash of its spec.
    pub hash: u64,
    /// The plain data.
    pub machine: M,
    /// What is left of each timer: an entry for each `after` and `every`, then one for each event that waits for its delay.
    #[cfg_attr(feature = "serde", serde(with = "super::wire::array"))]
    pub remaining: [Duration; N],
}

impl<M, const N: usize> Snapshot<M, N> {
    /// Of a machine of that definition.
    pub fn new(definition: &Definition, machine: M, remaining: [Duration; N]) -> Self {
        Self { version: Version::new(definition.version), hash: definition.hash, machine, remaining }
    }

    /// The same, so much later: that much less is left of its timers.
    #[must_use]
    pub fn later(mut self, by: Duration) -> Self {
        for left in &mut self.remaining {
            *left = left.saturating_sub(by);
        }
        self
    }

    /// Whether a machine of that definition can go on from here.
    ///
    /// # Errors
    /// What it was made from instead.
    pub fn check(&self, definition: &Definition) -> Result<(), RestoreError> {
        let version = Version::new(definition.version);
        if self.version != version {
            return Err(RestoreError::Version { found: self.version, expected: version });
        }
        if self.hash != definition.hash {
            return Err(RestoreError::Hash { found: self.hash, expected: definition.hash });
        }
        Ok(())
    }
}

/// Why a snapshot cannot be restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RestoreError {
    /// It was made by another version of the spec.
    Version {
        /// Its version.
        found: Version,
        /// That of the machine that is to go on from it.
        expected: Version,
    },
    /// The spec was changed without a new version.
    Hash {
        /// Its hash.
        found: u64,
        /// That of the machine that is to go on from it.
        expected: u64,
    },
    /// It was made by a spec from which no migration leads to this one.
    Unknown {
        /// Its mark.
        found: Mark,
        /// Those of the specs that can be restored: the machine's own first, then older ones, the newest first.
        known: &'static [Known],
    },
    /// Events wait in it for which the machine has no room.
    Room {
        /// How many can wait.
        room: usize,
    },
}

/// By what a snapshot knows its spec. It can be read alone, to find out as what the rest has to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Mark {
    /// The version of the spec.
    pub version: Version,
    /// The hash of the spec.
    pub hash: u64,
}

/// A spec that snapshots may be of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Known {
    /// Its version; empty where it has none.
    pub version: &'static str,
    /// Its hash.
    pub hash: u64,
}

impl Known {
    /// The spec with that definition.
    #[must_use]
    pub const fn new(definition: &Definition) -> Self {
        Self { version: definition.version, hash: definition.hash }
    }

    /// Whether a snapshot with that mark is of this spec.
    #[must_use]
    pub fn is(&self, mark: Mark) -> bool {
        Version::new(self.version) == mark.version && self.hash == mark.hash
    }
}

/// What to do with a snapshot of another spec.
const MIGRATE: &str = "`migrates_from` and `restore_any` take it over (docs/versions.md)";

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version { found, expected } => {
                write!(
                    f,
                    "the snapshot is of version `{found}` of the machine, this is version `{expected}`; {MIGRATE}"
                )
            }
            Self::Hash { found, expected } => {
                write!(
                    f,
                    "the machine was changed since the snapshot: its hash was {found:#x} and is {expected:#x}; {MIGRATE}"
                )
            }
            Self::Unknown { found, known } => {
                write!(f, "the snapshot is of version `{}` with hash {:#x}, known are", found.version, found.hash)?;
                for (at, Known { version, hash }) in known.iter().enumerate() {
                    let comma = if at == 0 { "" } else { "," };
                    write!(f, "{comma} `{version}` with {hash:#x}")?;
                }
                f.write_str("; give `migrates_from` the spec that it was made from")
            }
            Self::Room { room } => {
                write!(f, "more events wait in the snapshot than the machine has room for, which is {room}")
            }
        }
    }
}

impl core::error::Error for RestoreError {}

/// Why a snapshot of any version cannot be restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MigrateError<R, M> {
    /// It cannot be read.
    Read(R),
    /// The migration refused it.
    Migrate(M),
    /// It is of no version that can be restored, or has no place.
    Restore(RestoreError),
}

impl<R: fmt::Display, M: fmt::Display> fmt::Display for MigrateError<R, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => write!(f, "the snapshot cannot be read: {error}"),
            Self::Migrate(error) => write!(f, "the snapshot cannot be migrated: {error}"),
            Self::Restore(error) => error.fmt(f),
        }
    }
}

impl<R: core::error::Error, M: core::error::Error> core::error::Error for MigrateError<R, M> {}

/// Where a snapshot was written down: it is read twice, once for its mark and once for what it is.
/// docs/versions.md has one for JSON.
#[cfg(feature = "serde")]
pub trait Stored {
    /// Why it cannot be read.
    type Error;

    /// Reads it from its beginning. What `T` has no place for is left out.
    ///
    /// # Errors
    /// Those of the format.
    fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, Self::Error>;
}

/// The version of a spec, as far as it fits: the first 31 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Version {
    bytes: [u8; Self::LONGEST],
    len: u8,
}

impl Version {
    const LONGEST: usize = 31;

    /// Of a spec.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut end = text.len().min(Self::LONGEST);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let mut bytes = [0; Self::LONGEST];
        bytes[..end].copy_from_slice(&text.as_bytes()[..end]);
        // At most 31.
        Self { bytes, len: u8::try_from(end).unwrap_or(u8::MAX) }
    }

    /// As the spec spells it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // It was cut between two characters.
        core::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::Version;
    #[cfg(feature = "tokio")]
    use super::{Known, Mark, MigrateError, RestoreError};

    #[cfg(feature = "tokio")]
    #[test]
    fn an_unknown_version_is_named_with_those_that_are_known() {
        static KNOWN: [Known; 2] = [Known { version: "2", hash: 0xb }, Known { version: "", hash: 0xa }];
        let found = Mark { version: Version::new("3"), hash: 0xc };
        assert!(!KNOWN.iter().any(|known| known.is(found)));
        assert!(KNOWN[1].is(Mark { version: Version::new(""), hash: 0xa }));
        let error = MigrateError::<RestoreError, RestoreError>::Restore(RestoreError::Unknown { found, known: &KNOWN });
        let said = "the snapshot is of version `3` with hash 0xc, known are `2` with 0xb, `` with 0xa; give `migrates_from` the \
                    spec that it was made from";
        assert_eq!(std::format!("{error}"), said);
    }

    #[test]
    fn a_version_is_kept_as_it_is_or_cut_between_two_characters() {
        assert_eq!(Version::new("2.1").as_str(), "2.1");
        let long = "v".repeat(30) + "é";
        assert_eq!(Version::new(&long).as_str(), "v".repeat(30));
    }
}
