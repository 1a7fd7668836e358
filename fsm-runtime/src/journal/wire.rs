//! How commits are written as bytes: numbers as LEB128, byte strings with their length before them.
//!
//! The format is this file's alone; [`FORMAT`] is raised when it changes. Reading never trusts a length: nothing is
//! allocated that the input could not fill.

use super::{Commit, MessageId, Millis, StoredMachine};

/// The number of the format, in every file.
pub(super) const FORMAT: u32 = 1;

const HAS_MESSAGE: u8 = 1;
const HAS_WAKE: u8 = 2;
const ENDED: u8 = 4;

/// Format and checksum of a sealed value.
const SEAL: usize = 4 + 4;

pub(super) fn put_number(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    to.push(number.to_le_bytes()[0]);
}

pub(super) fn put_bytes(to: &mut Vec<u8>, bytes: &[u8]) {
    put_number(to, bytes.len() as u64);
    to.extend_from_slice(bytes);
}

/// A value with the number of its format and its checksum before it, instead of what the buffer held.
pub(super) fn seal(to: &mut Vec<u8>, fill: impl FnOnce(&mut Vec<u8>)) {
    to.clear();
    to.resize(SEAL, 0);
    fill(to);
    to[..4].copy_from_slice(&FORMAT.to_le_bytes());
    let checksum = crc32c::crc32c(&to[SEAL..]).to_le_bytes();
    to[4..SEAL].copy_from_slice(&checksum);
}

/// What was sealed; `None` if it is not what was.
pub(super) fn unsealed(sealed: &[u8]) -> Option<Reader<'_>> {
    let mut reader = Reader(sealed);
    let format = reader.u32()?;
    let checksum = reader.u32()?;
    (format == FORMAT && checksum == crc32c::crc32c(reader.0)).then_some(reader)
}

/// A commit where it is written; as many messages follow it as `outbox` says.
#[derive(Debug, Clone, Copy)]
pub(super) struct CommitRef<'a> {
    pub(super) key: &'a [u8],
    pub(super) sequence: u64,
    pub(super) message: Option<MessageId>,
    pub(super) at: Millis,
    pub(super) event: &'a [u8],
    pub(super) state: &'a [u8],
    pub(super) wake: Option<Millis>,
    pub(super) ended: bool,
    pub(super) outbox: u64,
}

/// A machine where it is written, with the ids of its messages as they are.
#[derive(Debug, Clone, Copy)]
pub(super) struct MachineRef<'a> {
    pub(super) sequence: u64,
    pub(super) at: Millis,
    pub(super) event: &'a [u8],
    pub(super) state: &'a [u8],
    pub(super) wake: Option<Millis>,
    pub(super) ended: bool,
    pub(super) messages: &'a [u8],
}

impl MachineRef<'_> {
    pub(super) fn to_owned(self) -> StoredMachine {
        let Self { sequence, at, event, state, wake, ended, messages } = self;
        let (ids, _) = messages.as_chunks();
        let messages = ids.iter().map(|id| MessageId(u128::from_le_bytes(*id))).collect();
        StoredMachine { sequence, at, event: event.to_vec(), state: state.to_vec(), wake, ended, messages }
    }
}

/// A machine as it is kept, with ids of messages that it handled later.
pub(super) fn put_machine(to: &mut Vec<u8>, machine: &MachineRef<'_>, later: &[MessageId]) {
    let MachineRef { sequence, at, event, state, wake, ended, messages } = *machine;
    to.push(flag(wake.is_some(), HAS_WAKE) | flag(ended, ENDED));
    if let Some(Millis(wake)) = wake {
        put_number(to, wake);
    }
    put_number(to, sequence);
    put_number(to, at.0);
    put_bytes(to, event);
    put_bytes(to, state);
    to.extend_from_slice(messages);
    for MessageId(id) in later {
        to.extend_from_slice(&id.to_le_bytes());
    }
}

fn flag(set: bool, bit: u8) -> u8 {
    if set { bit } else { 0 }
}

pub(super) fn put_commit(to: &mut Vec<u8>, commit: &Commit) {
    let Commit { key, sequence, message, at, event, state, wake, outbox, ended } = commit;
    to.push(flag(message.is_some(), HAS_MESSAGE) | flag(wake.is_some(), HAS_WAKE) | flag(*ended, ENDED));
    put_bytes(to, key);
    put_number(to, *sequence);
    put_number(to, at.0);
    if let Some(MessageId(id)) = message {
        to.extend_from_slice(&id.to_le_bytes());
    }
    if let Some(Millis(wake)) = wake {
        put_number(to, *wake);
    }
    put_bytes(to, event);
    put_bytes(to, state);
    put_number(to, outbox.len() as u64);
    for bytes in outbox {
        put_bytes(to, bytes);
    }
}

/// Reads what was written; every method gives `None` where the bytes are not that.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|taken| taken[0])
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.take(8)?.try_into().ok().map(u64::from_le_bytes)
    }

    pub(super) fn u128(&mut self) -> Option<u128> {
        self.take(16)?.try_into().ok().map(u128::from_le_bytes)
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return None;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        let len = self.number()?;
        self.take(usize::try_from(len).ok()?)
    }

    pub(super) fn commit(&mut self) -> Option<CommitRef<'a>> {
        let flags = self.byte()?;
        if flags & !(HAS_MESSAGE | HAS_WAKE | ENDED) != 0 {
            return None;
        }
        let key = self.bytes()?;
        let sequence = self.number()?;
        let at = Millis(self.number()?);
        let message = if flags & HAS_MESSAGE == 0 { None } else { Some(MessageId(self.u128()?)) };
        let wake = if flags & HAS_WAKE == 0 { None } else { Some(Millis(self.number()?)) };
        let event = self.bytes()?;
        let state = self.bytes()?;
        let outbox = self.number()?;
        Some(CommitRef { key, sequence, message, at, event, state, wake, ended: flags & ENDED != 0, outbox })
    }

    pub(super) fn machine(&mut self) -> Option<MachineRef<'a>> {
        let flags = self.byte()?;
        if flags & !(HAS_WAKE | ENDED) != 0 {
            return None;
        }
        let wake = if flags & HAS_WAKE == 0 { None } else { Some(Millis(self.number()?)) };
        let sequence = self.number()?;
        let at = Millis(self.number()?);
        let event = self.bytes()?;
        let state = self.bytes()?;
        let messages = self.take(self.0.len())?;
        let ended = flags & ENDED != 0;
        messages.len().is_multiple_of(16).then_some(MachineRef { sequence, at, event, state, wake, ended, messages })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "in a test a panic is the report")]
mod tests {
    use proptest::prelude::*;

    use super::{MachineRef, Reader, put_commit, put_machine, put_number, seal, unsealed};
    use crate::journal::{Commit, MessageId, Millis};

    #[test]
    fn a_number_of_any_size_comes_back_and_one_that_is_too_large_does_not() {
        for number in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX - 1, u64::MAX] {
            let mut bytes = Vec::new();
            put_number(&mut bytes, number);
            assert_eq!(Reader(&bytes).number(), Some(number));
            assert_eq!(Reader(&bytes[..bytes.len() - 1]).number(), None);
        }
        let mut large = [0xff; 10];
        large[9] = 0x02;
        assert_eq!(Reader(&large).number(), None);
        assert_eq!(Reader(&[0x80; 20]).number(), None);
    }

    #[test]
    fn a_commit_and_a_machine_come_back() {
        let commit = Commit {
            key: b"robot".to_vec(),
            sequence: 300,
            message: Some(MessageId(u128::MAX - 5)),
            at: Millis(1_790_000_000_000),
            event: b"event".to_vec(),
            state: vec![0; 200],
            wake: Some(Millis(7)),
            outbox: vec![b"one".to_vec(), Vec::new()],
            ended: true,
        };
        let mut bytes = Vec::new();
        put_commit(&mut bytes, &commit);
        let mut reader = Reader(&bytes);
        let read = reader.commit().unwrap();
        let outbox = [reader.bytes().unwrap(), reader.bytes().unwrap()];
        assert!(reader.0.is_empty());
        assert_eq!((read.key, read.event, read.state), (&b"robot"[..], &b"event"[..], &[0; 200][..]));
        assert_eq!((read.sequence, read.message, read.at), (300, commit.message, commit.at));
        assert_eq!((read.wake, read.ended, read.outbox), (Some(Millis(7)), true, 2));
        assert_eq!(outbox, [&b"one"[..], &b""[..]]);

        let (sequence, at, wake, ended) = (3, Millis(5), None, false);
        let machine = MachineRef { sequence, at, event: b"e", state: b"s", wake, ended, messages: &[1; 16] };
        let mut sealed = b"old".to_vec();
        seal(&mut sealed, |to| put_machine(to, &machine, &[MessageId(9)]));
        let read = unsealed(&sealed).unwrap().machine().unwrap().to_owned();
        assert_eq!((read.sequence, read.at, read.event, read.state), (3, Millis(5), b"e".to_vec(), b"s".to_vec()));
        assert_eq!(read.messages, [MessageId(u128::from_le_bytes([1; 16])), MessageId(9)]);
        for at in 0..sealed.len() {
            sealed[at] ^= 4;
            assert!(unsealed(&sealed).is_none(), "byte {at}");
            sealed[at] ^= 4;
        }
    }

    proptest! {
        #[test]
        fn bytes_of_any_kind_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = Reader(&bytes).commit();
            let _ = Reader(&bytes).machine();
            let _ = unsealed(&bytes);
        }
    }
}
