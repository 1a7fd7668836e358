//! How long to wait before a machine is made anew: longer after each failure, and never all machines at the same moment.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// Exponential back-off with jitter: the waits double from the first to the longest, and a random part is taken off each,
/// so that machines that failed together do not come back together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    jitter: f64,
}

impl Default for Backoff {
    fn default() -> Self {
        Self::exponential(Duration::from_millis(100), Duration::from_secs(30))
    }
}

impl Backoff {
    /// From the first wait, doubled each time, up to the longest; with a jitter of a fifth.
    #[must_use]
    pub const fn exponential(first: Duration, longest: Duration) -> Self {
        Self { first, longest, jitter: 0.2 }
    }

    /// The same wait each time, without jitter.
    #[must_use]
    pub const fn constant(wait: Duration) -> Self {
        Self { first: wait, longest: wait, jitter: 0.0 }
    }

    /// How much of a wait is left to chance: from 0, nothing, to 1, all of it.
    #[must_use]
    pub const fn jitter(mut self, part: f64) -> Self {
        self.jitter = part.clamp(0.0, 1.0);
        self
    }

    /// The wait after so many recent failures.
    pub(super) fn wait(&self, failures: u32) -> Duration {
        let doubled = self.first.saturating_mul(1_u32.checked_shl(failures).unwrap_or(u32::MAX));
        let whole = doubled.min(self.longest);
        if self.jitter == 0.0 {
            return whole;
        }
        // The longest of all durations is rounded up.
        let less = whole.as_secs_f64() * (1.0 - self.jitter * chance());
        Duration::try_from_secs_f64(less).unwrap_or(whole)
    }
}

/// From 0 to 1. The standard library's hashes are keyed by chance, which is good enough here.
fn chance() -> f64 {
    let [one, other, ..] = RandomState::new().hash_one(0).to_be_bytes();
    f64::from(u16::from_be_bytes([one, other])) / f64::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn waits_double_up_to_the_longest() {
        let backoff = Backoff::exponential(MS * 100, MS * 1_000).jitter(0.0);
        let waits: Vec<_> = (0..6).map(|failures| backoff.wait(failures).as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1_000, 1_000]);
        assert_eq!(backoff.wait(u32::MAX), MS * 1_000);
        assert_eq!(Backoff::constant(MS).wait(7), MS);
        // With the least that chance may take off.
        let backoff = Backoff::constant(Duration::MAX).jitter(f64::MIN_POSITIVE);
        assert_eq!(backoff.wait(7), Duration::MAX);
    }

    #[test]
    fn chance_takes_off_no_more_than_the_jitter() {
        let backoff = Backoff::exponential(MS * 100, MS * 100).jitter(0.5);
        let waits: Vec<_> = (0..1_000).map(|_| backoff.wait(0)).collect();
        assert!(waits.iter().all(|wait| (MS * 50..=MS * 100).contains(wait)));
        let (least, most) = (waits.iter().min(), waits.iter().max());
        assert!(least < Some(&(MS * 60)) && most > Some(&(MS * 90)), "{least:?} {most:?}");
    }
}
