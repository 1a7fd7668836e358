//! Which machines have been idle for long enough to leave memory.
//!
//! Part of [`super`]. Time is counted in ticks, an eighth of the time after which a machine is idle, so that an event costs
//! no look at the clock: it notes the tick. Every other tick the shard goes over its machines, some of them a turn.

use std::time::Duration;

/// So many ticks without an event, and a machine is idle.
const TICKS: u32 = 8;
/// So many entries are looked at in a turn.
pub(super) const SWEEP: u32 = 512;

pub(super) struct Idle {
    /// How long a tick is; `None` where machines stay for ever.
    unit: Option<Duration>,
    tick: u32,
    /// When the next sweep begins.
    next: Duration,
    /// The next entry of the sweep that is going on.
    cursor: Option<u32>,
}

impl Idle {
    pub(super) fn after(after: Option<Duration>) -> Self {
        let unit = after.map(|after| (after / TICKS).max(Duration::from_millis(1)));
        Self { unit, tick: 0, next: unit.unwrap_or_default() * TICKS, cursor: None }
    }

    /// The present tick.
    pub(super) const fn tick(&self) -> u32 {
        self.tick
    }

    /// When the clock has to be looked at next.
    pub(super) fn next(&self) -> Option<Duration> {
        self.unit.map(|_| self.next)
    }

    /// Looks at the clock.
    pub(super) fn look(&mut self, now: impl FnOnce() -> Duration) {
        let Some(unit) = self.unit else { return };
        let now = now();
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the count begins anew, and each sweep is a few ticks away"
        )]
        let tick = (now.as_nanos() / unit.as_nanos()) as u32;
        self.tick = tick;
        if now >= self.next {
            self.next = now + unit * 2;
            self.cursor.get_or_insert(0);
        }
    }

    /// Whether a machine that was used last at that tick is idle.
    pub(super) const fn is_idle(&self, used: u32) -> bool {
        self.tick.wrapping_sub(used) > TICKS
    }

    /// The next entries to be looked at, of so many; `None` where no sweep goes on.
    pub(super) fn part(&mut self, end: u32) -> Option<std::ops::Range<u32>> {
        let from = self.cursor?;
        let to = from.saturating_add(SWEEP).min(end);
        self.cursor = (to < end).then_some(to);
        Some(from..to)
    }
}
