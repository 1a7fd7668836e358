//! The wheel: eleven levels of 64 slots, by the digits in which a deadline differs from the time.
//!
//! See [`super`] for what it promises. How it works: deadlines and the *cursor*, the time up to which the wheel has been
//! opened, are nanoseconds and are read as eleven digits to the base 64. A timer lies on the level of the highest digit
//! in which its deadline differs from the cursor, in the slot of that digit; one that is not later than the cursor is in
//! the ring of what is due, by deadline. Invariants:
//!
//! - That place is a function of deadline and cursor, and stays the right one while the cursor moves within what lies
//!   before the slot. So equal deadlines are always in one slot, and since rings keep their order, in the order of
//!   their starts.
//! - All timers of a level come before all of a higher one, and the slots of a level stand in the order of time. So the
//!   lowest bits of two bitmaps name the first slot.
//! - Only [`Wheel::open`] moves the cursor, and it skips no slot: the first one is emptied, what is due goes behind what
//!   is due already, and the rest is put to lower levels. A timer goes down at most ten times in its life; two or three
//!   times is usual, since a slot that lies in the past goes as a whole.

use std::time::Duration;

use super::slab::{NONE, Slab};
use super::{Chain, Due};

const DIGIT: u32 = 6;
const SLOTS: usize = 1 << DIGIT;
const LEVELS: usize = u64::BITS.div_ceil(DIGIT) as usize;

/// A slot with more timers is not sorted but dealt out to the next lower level.
const SORTED: usize = 256;
/// Of a slot with more timers only the beginning is known, without looking at them.
const LOOKED_AT: usize = 16;

/// The slots of one level, each a ring of entries.
struct Level {
    occupied: u64,
    slots: [u32; SLOTS],
}

impl Default for Level {
    fn default() -> Self {
        Self { occupied: 0, slots: [NONE; SLOTS] }
    }
}

/// Pending timers, each with an item that says whose it is.
///
/// Times are durations since a start that the owner of the wheel chose.
pub struct Wheel<T> {
    slab: Slab<T>,
    /// Allocated when they are used first.
    levels: [Option<Box<Level>>; LEVELS],
    /// Which levels hold timers.
    occupied: u16,
    cursor: u64,
    /// The ring of timers that are not later than the cursor.
    due: u32,
    /// What is being sorted: deadline, place in the ring, entry.
    sorting: Vec<(u64, u32, u32)>,
}

/// The first slot that holds timers.
struct First {
    level: usize,
    slot: usize,
    start: u64,
    ring: u32,
}

impl<T> Wheel<T> {
    /// An empty wheel; it allocates with its first timer.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            slab: Slab::new(),
            levels: [const { None }; LEVELS],
            occupied: 0,
            cursor: 0,
            due: NONE,
            sorting: Vec::new(),
        }
    }

    /// How many timers are pending.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.slab.len()
    }

    /// Whether none is.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Starts a timer of the owner of `chain`. A deadline beyond the clock's end, 584 years after its start, never comes.
    ///
    /// # Panics
    /// With 2^32 timers pending.
    pub fn insert(&mut self, chain: &mut Chain, generation: u32, deadline: Duration, item: T) {
        if let Ok(deadline) = u64::try_from(deadline.as_nanos()) {
            let at = self.slab.insert(chain, deadline, generation, item);
            if deadline > self.cursor {
                self.place(at, deadline);
            } else {
                self.slab.push_sorted(&mut self.due, at);
            }
        }
    }

    /// Takes a timer back; it will not come. Its item, unless it was due before.
    pub fn cancel(&mut self, chain: &mut Chain, generation: u32) -> Option<T> {
        let at = self.slab.find(chain, generation)?;
        self.drop_out(chain, at)
    }

    /// Takes back all timers of one owner.
    pub fn cancel_all(&mut self, chain: &mut Chain) {
        while chain.0 != NONE {
            let at = chain.0;
            drop(self.drop_out(chain, at));
        }
    }

    /// When a pending timer is due: what a snapshot of its owner keeps.
    #[must_use]
    pub fn deadline(&self, chain: &Chain, generation: u32) -> Option<Duration> {
        let at = self.slab.find(chain, generation)?;
        Some(Duration::from_nanos(self.slab.entry(at).deadline))
    }

    /// When the first timer of one owner is due.
    #[must_use]
    pub fn earliest(&self, chain: &Chain) -> Option<Duration> {
        self.slab.chained(chain).map(|entry| Duration::from_nanos(entry.deadline)).min()
    }

    /// Takes the next timer that is due by `now`, if one is. `chain` gives the chain of its owner, in which it was started.
    pub fn take_due<'a>(&mut self, now: Duration, chain: impl FnOnce(&T) -> &'a mut Chain) -> Option<Due<T>> {
        let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        while self.due == NONE {
            self.open(now)?;
        }
        let entry = self.slab.entry(self.due);
        if entry.deadline > now {
            return None;
        }
        let (deadline, generation) = (Duration::from_nanos(entry.deadline), entry.generation);
        let chain = chain(entry.item.as_ref()?);
        let item = self.drop_out(chain, self.due)?;
        Some(Due { item, generation, deadline })
    }

    /// No timer is due before this: the next deadline itself, or a time before it where many timers lie close together.
    /// When it has come, [`Wheel::take_due`] finds a timer, or the next such time is a later one.
    #[must_use]
    pub fn next_wake(&self) -> Option<Duration> {
        if self.due != NONE {
            return Some(Duration::from_nanos(self.slab.entry(self.due).deadline));
        }
        let first = self.first()?;
        let mut least = u64::MAX;
        for (count, (_, entry)) in self.slab.ring(first.ring, LOOKED_AT + 1).enumerate() {
            least = if count == LOOKED_AT { first.start } else { least.min(entry.deadline) };
        }
        Some(Duration::from_nanos(least))
    }

    /// Level and slot of a deadline that is later than the cursor.
    const fn position(&self, deadline: u64) -> (usize, usize) {
        let level = (deadline ^ self.cursor).ilog2() / DIGIT;
        let slot = (deadline >> (level * DIGIT)) % SLOTS as u64;
        #[expect(clippy::cast_possible_truncation, reason = "the remainder is below 64")]
        (level as usize, slot as usize)
    }

    /// Puts an entry where its deadline, which is later than the cursor, belongs.
    fn place(&mut self, at: u32, deadline: u64) {
        let (number, slot) = self.position(deadline);
        let level = self.levels[number].get_or_insert_default();
        self.slab.push(&mut level.slots[slot], at);
        level.occupied |= 1 << slot;
        self.occupied |= 1 << number;
    }

    /// Takes an entry out of everything.
    fn drop_out(&mut self, chain: &mut Chain, at: u32) -> Option<T> {
        let deadline = self.slab.entry(at).deadline;
        if deadline > self.cursor {
            let (number, slot) = self.position(deadline);
            let level = self.levels[number].as_deref_mut()?;
            self.slab.unlink(&mut level.slots[slot], at);
            self.note_empty(number, slot);
        } else {
            self.slab.unlink(&mut self.due, at);
        }
        self.slab.unchain(chain, at);
        self.slab.remove(at)
    }

    /// Clears the bits of a slot, and of its level, that hold nothing any more.
    fn note_empty(&mut self, number: usize, slot: usize) {
        if let Some(level) = self.levels[number].as_deref_mut().filter(|level| level.slots[slot] == NONE) {
            level.occupied &= !(1 << slot);
            if level.occupied == 0 {
                self.occupied &= !(1 << number);
            }
        }
    }

    fn first(&self) -> Option<First> {
        let number = self.occupied.trailing_zeros();
        let level = self.levels.get(number as usize)?.as_deref()?;
        let slot = level.occupied.trailing_zeros() as usize;
        let shift = number * DIGIT;
        let above = (self.cursor >> shift) / SLOTS as u64 * SLOTS as u64;
        let start = (above + slot as u64) << shift;
        Some(First { level: number as usize, slot, start, ring: *level.slots.get(slot)? })
    }

    /// Opens the first slot, unless it begins after `now`: then there is nothing more to open.
    fn open(&mut self, now: u64) -> Option<()> {
        let Some(first) = self.first().filter(|first| first.start <= now) else {
            self.cursor = self.cursor.max(now);
            return None;
        };
        let First { level: number, slot, start, ring } = first;
        let level = self.levels[number].as_deref_mut()?;
        level.slots[slot] = NONE;
        self.note_empty(number, slot);
        if number == 0 {
            // All of one deadline, in the order of their starts.
            self.cursor = start;
            self.due = ring;
        } else if self.slab.ring(ring, SORTED + 1).count() > SORTED {
            self.deal_out(ring, start);
        } else {
            let last = start | !(u64::MAX << (u32::try_from(number).ok()? * DIGIT));
            self.sort_out(ring, now.min(last));
        }
        Some(())
    }

    /// Puts all timers of a ring to where they belong at the time `cursor`.
    fn deal_out(&mut self, ring: u32, cursor: u64) {
        self.cursor = cursor;
        let mut at = ring;
        loop {
            let entry = self.slab.entry(at);
            let (deadline, next) = (entry.deadline, entry.next);
            self.put(at, deadline);
            if next == ring {
                break;
            }
            at = next;
        }
    }

    fn put(&mut self, at: u32, deadline: u64) {
        if deadline > self.cursor {
            self.place(at, deadline);
        } else {
            self.slab.push(&mut self.due, at);
        }
    }

    /// The same, with those that are due by deadline and then by start.
    fn sort_out(&mut self, ring: u32, cursor: u64) {
        self.cursor = cursor;
        let mut sorting = std::mem::take(&mut self.sorting);
        sorting.extend((0..).zip(self.slab.ring(ring, SORTED)).map(|(place, (at, entry))| (entry.deadline, place, at)));
        // By deadline and place, so that those that stay keep their order too.
        sorting.sort_unstable();
        for (deadline, _, at) in sorting.drain(..) {
            self.put(at, deadline);
        }
        self.sorting = sorting;
    }
}

impl<T> Default for Wheel<T> {
    fn default() -> Self {
        Self::new()
    }
}
