//! The log: groups of commits one after the other in files, each made durable by one `fdatasync`.
//!
//! A file is named after its first group and begins with a head: magic, format, that number, a checksum. A group is
//! `length: u32, checksum: u32, number: u64` and its payload, everything little-endian; the checksum is the CRC32C of
//! length, number and payload. Numbers have no gaps. So of each group it is known whether it is what was written, and of
//! the log whether one is missing.
//!
//! A file is written into room that is made ahead, of zeros: where its length does not change, `fdatasync` has only data to
//! write, and waits for nothing else that the file system is about to do. So behind the last group there are zeros.
//!
//! A file `LAST` names the last one, from when that was whole; so it is noticed if it goes, with groups that nothing else
//! tells of.
//!
//! A group whose writing was interrupted can only be the last one. It was not acknowledged; it is cut off, and that is
//! told. A group that does not match its checksum with another one after it is damage, and opening fails.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::wire::{FORMAT, Reader};
use super::{Place, StoreError, dir};

const MAGIC: [u8; 8] = *b"fsm-log\0";
/// Magic, format, first group, checksum.
const HEAD: usize = 8 + 4 + 8 + 4;
/// Length, checksum, number.
const GROUP_HEAD: usize = 4 + 4 + 8;
/// How much room is made ahead.
const AHEAD: u64 = 1 << 20;
/// The file with the name of the last one.
pub(super) const LAST: &str = "LAST";
/// The most bytes of a group's payload.
const MOST: usize = 1 << 30;

/// What was cut off the end of the log: a group that was being written when the process or the machine died.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Torn {
    /// Where it began.
    pub place: Place,
    /// How many bytes of it there were.
    pub bytes: u64,
}

/// The last file of the log, open for more.
#[derive(Debug)]
pub(super) struct Log {
    dir: PathBuf,
    path: PathBuf,
    file: File,
    /// Where the next group belongs.
    end: u64,
    /// How long the file is.
    length: u64,
    /// The number of the next group.
    next: u64,
    /// Beyond that, another file is begun.
    most: u64,
}

impl Log {
    /// A new file that begins with that group.
    pub(super) fn create(dir: &Path, next: u64, most: u64) -> Result<Self, StoreError> {
        let path = dir.join(name(next));
        let mut head = Vec::with_capacity(HEAD);
        head.extend_from_slice(&MAGIC);
        head.extend_from_slice(&FORMAT.to_le_bytes());
        head.extend_from_slice(&next.to_le_bytes());
        head.extend_from_slice(&crc32c::crc32c(&head).to_le_bytes());
        let create = || {
            let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&path)?;
            file.write_all(&head)?;
            file.sync_all()?;
            dir::sync(dir)?;
            dir::replace(dir, LAST, &name(next))?;
            Ok(file)
        };
        let file = create().map_err(|error| StoreError::io(&path, error))?;
        Ok(Self { dir: dir.to_path_buf(), path, file, end: HEAD as u64, length: HEAD as u64, next, most })
    }

    /// Writes a group and makes it durable. `bytes` is a buffer for it.
    pub(super) fn append(&mut self, mut bytes: Vec<u8>, fill: impl FnOnce(&mut Vec<u8>)) -> Result<Group, StoreError> {
        if self.end >= self.most {
            self.begin_another()?;
        }
        bytes.clear();
        bytes.resize(GROUP_HEAD, 0);
        fill(&mut bytes);
        let length = bytes.len() - GROUP_HEAD;
        let short = u32::try_from(length).ok().filter(|_| length <= MOST);
        let short = short.ok_or(StoreError::TooLarge { bytes: length, most: MOST })?;
        let checksum = checksum(short, self.next, &bytes[GROUP_HEAD..]);
        bytes[..4].copy_from_slice(&short.to_le_bytes());
        bytes[4..8].copy_from_slice(&checksum.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.next.to_le_bytes());
        self.write(&mut bytes).map_err(|error| StoreError::io(&self.path, error))?;
        let number = self.next;
        self.next += 1;
        Ok(Group { number, bytes })
    }

    /// Writes a group at the end, with room for others where there is none.
    fn write(&mut self, group: &mut Vec<u8>) -> std::io::Result<()> {
        let bytes = group.len();
        let end = self.end + bytes as u64;
        let length = if end > self.length { end + AHEAD.min(self.most) } else { self.length };
        if length > self.length {
            // At most 1 MiB more.
            group.resize(bytes + usize::try_from(length - end).unwrap_or_default(), 0);
        }
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(group)?;
        self.file.sync_data()?;
        group.truncate(bytes);
        (self.end, self.length) = (end, length);
        Ok(())
    }

    /// Begins another file, unless this one has no group yet.
    pub(super) fn begin_another(&mut self) -> Result<(), StoreError> {
        if self.end > HEAD as u64 {
            *self = Self::create(&self.dir, self.next, self.most)?;
        }
        Ok(())
    }
}

/// A group that is in the log.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) number: u64,
    bytes: Vec<u8>,
}

impl Group {
    pub(super) fn payload(&self) -> &[u8] {
        &self.bytes[GROUP_HEAD..]
    }

    pub(super) fn size(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn into_buffer(self) -> Vec<u8> {
        self.bytes
    }
}

/// Removes the files that have no group after that one. The last file stays: it is written.
pub(super) fn remove(dir: &Path, group: u64) -> Result<(), StoreError> {
    let files = files(dir)?;
    for pair in files.windows(2) {
        let ((_, path), (after, _)) = (&pair[0], &pair[1]);
        if *after > group + 1 {
            break;
        }
        std::fs::remove_file(path).map_err(|error| StoreError::io(path, error))?;
    }
    Ok(())
}

/// Reads all groups of a directory from that number on, in their order, and opens the log behind the last one.
pub(super) fn open(
    dir: &Path,
    from: u64,
    most: u64,
    mut each: impl FnMut(u64, &[u8]) -> Option<()>,
) -> Result<(Log, Option<Torn>), StoreError> {
    let files = files(dir)?;
    let noted = noted(dir)?;
    let newest = files.last().map(|(first, _)| *first);
    if let Some(noted) = noted.filter(|noted| newest < Some(*noted)) {
        return Err(StoreError::corrupt(&dir.join(name(noted)), None, "the last file of the log is missing"));
    }
    let mut next = from;
    let mut torn = None;
    let mut last = None;
    for (at, (first, path)) in files.iter().enumerate() {
        let is_last = at + 1 == files.len();
        if *first > next {
            let what = format!("the groups {next} to {} are missing", first - 1);
            return Err(StoreError::corrupt(path, None, what));
        }
        let mut bytes = Vec::new();
        let read = File::open(path).and_then(|mut file| file.read_to_end(&mut bytes));
        read.map_err(|error| StoreError::io(path, error))?;
        // A file that was just being made; no group was in it.
        if is_last && noted != Some(*first) && (bytes.len() < HEAD || bytes == [0; HEAD]) {
            torn = Some(Torn { place: Place { path: path.clone(), offset: Some(0) }, bytes: bytes.len() as u64 });
            break;
        }
        head(path, *first, &bytes)?;
        let (end, after) = groups(path, *first, &bytes, |number, payload| {
            if number >= from {
                next = number + 1;
                each(number, payload)
            } else {
                Some(())
            }
        })?;
        let rest = &bytes[end..];
        if let Some(part) = rest.iter().rposition(|&byte| byte != 0) {
            let place = Place { path: path.clone(), offset: Some(end as u64) };
            if !is_last {
                return Err(StoreError::Corrupt { place, what: "a group does not match its checksum".into() });
            }
            torn = Some(Torn { place, bytes: part as u64 + 1 });
        }
        // Behind groups that are older than those that are asked for, nothing is written.
        last = (is_last && after == next).then_some((path, end as u64, bytes.len() as u64));
    }
    let Some((path, end, mut length)) = last else { return Ok((Log::create(dir, next, most)?, torn)) };
    if torn.is_some() {
        length = end;
    }
    let reopen = || {
        let file = OpenOptions::new().write(true).open(path)?;
        if torn.is_some() {
            file.set_len(end)?;
            file.sync_all()?;
        }
        Ok(file)
    };
    let file = reopen().map_err(|error| StoreError::io(path, error))?;
    if noted != newest {
        dir::replace(dir, LAST, &name(newest.unwrap_or(next))).map_err(|error| StoreError::io(path, error))?;
    }
    let log = Log { dir: dir.to_path_buf(), path: path.clone(), file, end, length, next, most };
    Ok((log, torn))
}

/// The files of the log with the numbers of their first groups, the oldest first.
pub(super) fn files(dir: &Path) -> Result<Vec<(u64, PathBuf)>, StoreError> {
    let mut files = Vec::new();
    let mut read = || {
        for entry in std::fs::read_dir(dir)? {
            let entry = entry?;
            if let Some(first) = entry.file_name().to_str().and_then(number) {
                files.push((first, entry.path()));
            }
        }
        Ok(())
    };
    read().map_err(|error| StoreError::io(dir, error))?;
    files.sort_unstable();
    Ok(files)
}

/// The first group of the last file, as far as it was noted.
fn noted(dir: &Path) -> Result<Option<u64>, StoreError> {
    let path = dir.join(LAST);
    match std::fs::read_to_string(&path) {
        Ok(line) => match number(line.trim_end()) {
            Some(first) => Ok(Some(first)),
            None => Err(StoreError::corrupt(&path, None, "it does not name a file of the log")),
        },
        // The directory is new, or older than this file.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::io(&path, error)),
    }
}

fn name(first: u64) -> String {
    format!("{first:016x}.log")
}

fn number(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".log").filter(|digits| digits.len() == 16)?;
    u64::from_str_radix(digits, 16).ok()
}

fn checksum(length: u32, number: u64, payload: &[u8]) -> u32 {
    let mut head = [0; 12];
    head[..4].copy_from_slice(&length.to_le_bytes());
    head[4..].copy_from_slice(&number.to_le_bytes());
    crc32c::crc32c_append(crc32c::crc32c(&head), payload)
}

/// Whether a file begins as a log of this format that starts with that group.
fn head(path: &Path, first: u64, bytes: &[u8]) -> Result<(), StoreError> {
    let damaged = |what: &str| StoreError::corrupt(path, Some(0), what);
    let mut reader = Reader(bytes);
    if reader.take(8) != Some(&MAGIC) {
        return Err(damaged("the file does not begin as a log does"));
    }
    let found = reader.u32().ok_or_else(|| damaged("the head is cut short"))?;
    let known = FORMAT;
    if found > known {
        return Err(StoreError::Newer { path: path.to_path_buf(), found, known });
    }
    let number = reader.u64();
    if reader.u32() != bytes.get(..HEAD - 4).map(crc32c::crc32c) {
        return Err(damaged("the head does not match its checksum"));
    }
    if number != Some(first) {
        return Err(damaged("the head is that of another file"));
    }
    Ok(())
}

/// Reads groups to the first that is not whole. Gives where it begins, or the end, and the number that belongs there.
fn groups(
    path: &Path,
    first: u64,
    bytes: &[u8],
    mut each: impl FnMut(u64, &[u8]) -> Option<()>,
) -> Result<(usize, u64), StoreError> {
    let mut at = HEAD;
    let mut expected = first;
    while let Some((number, payload)) = group(&bytes[at..]) {
        if number != expected {
            let what = format!("group {number} stands where {expected} belongs");
            return Err(StoreError::corrupt(path, Some(at as u64), what));
        }
        if each(number, payload).is_none() {
            return Err(StoreError::corrupt(path, Some(at as u64), format!("group {number} cannot be read")));
        }
        at += GROUP_HEAD + payload.len();
        expected += 1;
    }
    // If the next one is the one that was being written, none can come after it.
    let room = (bytes.len() / GROUP_HEAD) as u64;
    for start in at + 1..bytes.len() {
        let number = bytes.get(start + 8..).and_then(|bytes| Reader(bytes).u64());
        // Most places are passed by their numbers; a checksum is made of few.
        let later = number.is_some_and(|number| number > expected && number - expected <= room);
        if later && group(&bytes[start..]).is_some() {
            let what = format!("group {expected} does not match its checksum");
            return Err(StoreError::corrupt(path, Some(at as u64), what));
        }
    }
    Ok((at, expected))
}

/// The group at the beginning of the bytes, if it is whole.
fn group(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut reader = Reader(bytes);
    let length = reader.u32()?;
    let sum = reader.u32()?;
    let number = reader.u64()?;
    let payload = reader.take(usize::try_from(length).ok()?)?;
    (sum == checksum(length, number, payload)).then_some((number, payload))
}
