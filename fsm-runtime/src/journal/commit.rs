//! What a machine leaves behind after a step, and what comes back of it: plain bytes and numbers.
//!
//! The journal gives them to a [`crate::journal::Store`] and asks for them. A store knows nothing of machines: events,
//! snapshots and messages are bytes to it.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A moment of the wall clock: milliseconds since 1970 in UTC. What a process keeps for the next one cannot be told in
/// [`std::time::Instant`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Millis(pub u64);

impl Millis {
    /// Later than all others.
    pub const MAX: Self = Self(u64::MAX);

    /// By the system's clock. A clock that stands before 1970 is read as 1970.
    #[must_use]
    pub fn now() -> Self {
        Self(0) + SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }

    /// How long after that moment; nothing if it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl std::ops::Add<Duration> for Millis {
    type Output = Self;

    /// Rounds up, so that nothing is due too early.
    fn add(self, after: Duration) -> Self {
        let millis = u64::try_from(after.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(millis))
    }
}

impl std::ops::Sub<Duration> for Millis {
    type Output = Self;

    /// Not before 1970.
    fn sub(self, before: Duration) -> Self {
        let millis = u64::try_from(before.as_millis()).unwrap_or(u64::MAX);
        Self(self.0.saturating_sub(millis))
    }
}

/// By what a message is known, so that one that comes twice is handled once.
///
/// Whoever sends chooses it: a UUID, or the number that a broker gave the message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub u128);

impl MessageId {
    /// Of the bytes by which a sender knows its message, as long as they are: their 128-bit FNV-1a hash.
    ///
    /// Two of them meet by accident once in 2^64 messages. A sender who wants two of its messages to meet can bring that
    /// about, and the second of them is then not handled; where senders are not trusted, let each have ids of its own.
    #[must_use]
    pub const fn of(bytes: &[u8]) -> Self {
        let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
        let mut at = 0;
        while at < bytes.len() {
            hash ^= bytes[at] as u128;
            hash = hash.wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
            at += 1;
        }
        Self(hash)
    }
}

impl From<u128> for MessageId {
    fn from(number: u128) -> Self {
        Self(number)
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#034x}", self.0)
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// What one step left: the event with all that came of it. All of it becomes durable, or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Commit {
    /// Which machine.
    pub key: Vec<u8>,
    /// The step's number in its machine: one more than that of the commit before it, from 1.
    pub sequence: u64,
    /// The id of the event that was handled, if it had one.
    pub message: Option<MessageId>,
    /// When the snapshot was made. What is left of timers in it is left from then on.
    pub at: Millis,
    /// The event that was handled; empty where there was none, as in a step by a timer.
    pub event: Vec<u8>,
    /// The machine's snapshot after the step.
    pub state: Vec<u8>,
    /// When the machine has to be woken up at the latest, for a timer or for an invoke that has not ended.
    pub wake: Option<Millis>,
    /// The messages that the step emitted, to be delivered once the commit is durable.
    pub outbox: Vec<Vec<u8>>,
    /// Whether the machine has come to its end. It is kept all the same, so that it is not started anew by a message that comes
    /// twice.
    pub ended: bool,
}

/// What a machine was when it was last committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMachine {
    /// How many steps it has made.
    pub sequence: u64,
    /// When the snapshot was made.
    pub at: Millis,
    /// The event of its last step.
    pub event: Vec<u8>,
    /// Its snapshot.
    pub state: Vec<u8>,
    /// When it has to be woken up.
    pub wake: Option<Millis>,
    /// Whether it has come to its end.
    pub ended: bool,
    /// The ids of the last messages that it handled, the oldest first: as many as the store keeps.
    pub messages: Vec<MessageId>,
}

/// A machine that has to be woken up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// When.
    pub wake: Millis,
    /// Which.
    pub key: Vec<u8>,
}

/// A message that a step emitted, and that is not confirmed as delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Its place in the order of all messages. Positions grow, with gaps.
    pub position: u64,
    /// Which machine emitted it.
    pub key: Vec<u8>,
    /// In which of its steps.
    pub sequence: u64,
    /// The message.
    pub bytes: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{MessageId, Millis};

    #[test]
    fn a_moment_is_rounded_up_and_never_wraps() {
        assert_eq!(Millis(5) + Duration::from_nanos(1), Millis(6));
        assert_eq!(Millis(5) + Duration::from_millis(1), Millis(6));
        assert_eq!(Millis(5) + Duration::MAX, Millis::MAX);
        assert_eq!(Millis(5) - Duration::from_millis(2), Millis(3));
        assert_eq!(Millis(5) - Duration::MAX, Millis(0));
        assert_eq!(Millis(5).since(Millis(3)), Duration::from_millis(2));
        assert_eq!(Millis(3).since(Millis(5)), Duration::ZERO);
        assert!(Millis::now() > Millis(1_700_000_000_000));
    }

    #[test]
    fn the_hash_of_an_id_is_fnv_1a() {
        // From the test vectors of the reference implementation.
        assert_eq!(MessageId::of(b"").0, 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
        assert_eq!(MessageId::of(b"a").0, 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
        assert_eq!(MessageId::from(7).to_string(), "00000000000000000000000000000007");
    }
}
