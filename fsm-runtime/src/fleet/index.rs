//! Which entry has a key: an open table of entry numbers with a piece of each hash.
//!
//! Part of [`super::machines`]. A slot is four bytes: as many of the lower bits as numbers need, and above them what the hash
//! has there. So with a million machines all that is looked at before the entry itself lies in half as many lines of the
//! cache as it would with whole hashes. About one look in some thousands meets a wrong entry first, with ten million machines
//! one in some hundreds; whoever compares the keys goes on from there. Probing is linear, an entry stands as
//! close behind its home as there was room, and what is removed is closed up, so there are no gravestones. Hashes are not kept,
//! so whoever puts in or takes out says those of [`Entries`] again. A table that changes its size asks for them in the
//! order in which they lie in memory.
//!
//! Invariants: at most three quarters of the slots are taken; between the home of an entry and its slot no slot is free;
//! the number of an entry is less than `number`, so that no slot that is taken looks like a free one; `number` covers all bits
//! that name a slot, so that the piece of a hash says nothing that its home says.

use prefetch_index::prefetch_index;

/// A free slot.
const FREE: u32 = u32::MAX;
/// No smaller table is made.
const LEAST: usize = 16;
/// So many entries are put into a new table at a time.
const AT_ONCE: usize = 32;

/// The entries that an index leads to.
pub(super) trait Entries {
    /// The hash of the key of an entry.
    fn hash(&self, entry: u32) -> u64;

    /// The numbers of all there are.
    fn all(&self) -> impl Iterator<Item = u32>;
}

pub(super) struct Index {
    /// None, or a power of two.
    slots: Vec<u32>,
    len: usize,
    /// The bits of a slot that are the number: the lower ones. There are never fewer again.
    number: u32,
}

/// The half of a hash that is used here.
const fn half(hash: u64) -> u32 {
    (hash >> 32) as u32
}

impl Index {
    pub(super) const fn new() -> Self {
        Self { slots: Vec::new(), len: 0, number: 0 }
    }

    /// Where a hash is looked for first.
    fn home(&self, hash: u64) -> usize {
        half(hash) as usize & self.slots.len().wrapping_sub(1)
    }

    fn next(&self, at: usize) -> usize {
        (at + 1) & (self.slots.len() - 1)
    }

    /// What the slot of an entry holds.
    fn slot(&self, hash: u64, entry: u32) -> u32 {
        half(hash) & !self.number | entry
    }

    /// The first entry with such a hash that `is` holds for. Without a second look two keys are now and then mistaken for
    /// each other.
    pub(super) fn find(&self, hash: u64, mut is: impl FnMut(u32) -> bool) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let (wanted, number) = (self.slot(hash, 0), self.number);
        let mut at = self.home(hash);
        loop {
            let slot = self.slots[at];
            if slot == FREE {
                return None;
            }
            if slot & !number == wanted && is(slot & number) {
                return Some(slot & number);
            }
            at = self.next(at);
        }
    }

    /// Has the home of a hash brought into the cache.
    pub(super) fn prefetch(&self, hash: u64) {
        prefetch_index(&self.slots, self.home(hash));
    }

    /// Puts in one of the entries.
    pub(super) fn insert(&mut self, hash: u64, entry: u32, entries: &impl Entries) {
        if (self.len + 1) * 4 > self.slots.len() * 3 {
            let slots = (self.slots.len() * 2).max(LEAST);
            // Enough for the numbers of as many entries as find room, so that this is done once.
            let number = u32::try_from(slots - 1).unwrap_or(u32::MAX);
            self.resize(slots, number.max(bits(entry)).max(self.number), entry, entries);
        } else if entry >= self.number {
            self.resize(self.slots.len(), bits(entry), entry, entries);
        }
        self.put(hash, entry);
        self.len += 1;
    }

    fn put(&mut self, hash: u64, entry: u32) {
        let mut at = self.home(hash);
        while self.slots[at] != FREE {
            at = self.next(at);
        }
        self.slots[at] = self.slot(hash, entry);
    }

    /// Takes out one of the entries, which was put in under that hash.
    pub(super) fn remove(&mut self, hash: u64, entry: u32, entries: &impl Entries) {
        if self.slots.is_empty() {
            return;
        }
        let (wanted, number) = (self.slot(hash, entry), self.number);
        let mut gap = self.home(hash);
        while self.slots[gap] != wanted {
            if self.slots[gap] == FREE {
                return;
            }
            gap = self.next(gap);
        }
        self.slots[gap] = FREE;
        self.len -= 1;
        let mut at = self.next(gap);
        while self.slots[at] != FREE {
            // An entry may close the gap unless its home lies behind it.
            let first = self.home(entries.hash(self.slots[at] & number));
            let wrap = self.slots.len() - 1;
            if at.wrapping_sub(first) & wrap >= at.wrapping_sub(gap) & wrap {
                self.slots[gap] = self.slots[at];
                self.slots[at] = FREE;
                gap = at;
            }
            at = self.next(at);
        }
        if self.slots.len() > 4096 && self.len < self.slots.len() / 8 {
            self.resize(self.slots.len() / 4, self.number, entry, entries);
        }
    }

    /// Makes a table of so many slots, a power of two, for all entries but one.
    fn resize(&mut self, slots: usize, number: u32, without: u32, entries: &impl Entries) {
        self.slots = vec![FREE; slots];
        self.number = number;
        let mut all = entries.all().filter(|entry| *entry != without);
        let mut some = Vec::with_capacity(AT_ONCE);
        loop {
            some.extend(all.by_ref().take(AT_ONCE).map(|entry| (entries.hash(entry), entry)));
            if some.is_empty() {
                return;
            }
            // The homes lie anywhere, and come from memory together.
            for (hash, _) in &some {
                self.prefetch(*hash);
            }
            for (hash, entry) in some.drain(..) {
                self.put(hash, entry);
            }
        }
    }
}

/// The bits that hold the number of an entry and at least one more number.
const fn bits(entry: u32) -> u32 {
    match entry.saturating_add(2).checked_next_power_of_two() {
        Some(above) => above - 1,
        None => u32::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::{Entries, Index};

    /// Which entries are there. Their hashes fall on each other, at the end of the table above all.
    struct There(Vec<bool>);

    impl Entries for There {
        fn hash(&self, entry: u32) -> u64 {
            match entry % 4 {
                0 => u64::MAX,
                1 => u64::from(entry) << 40,
                2 => 0,
                _ => u64::from(entry).wrapping_mul(0x9E37_79B9_7F4A_7C15),
            }
        }

        fn all(&self) -> impl Iterator<Item = u32> {
            (0_u32..).zip(&self.0).filter(|(_, there)| **there).map(|(entry, _)| entry)
        }
    }

    #[test]
    fn entries_are_found_until_they_are_removed_whatever_their_hashes() {
        let mut index = Index::new();
        let mut there = There(vec![false; 3_000]);
        let mut seed = 7_u32;
        for _ in 0..60_000 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let entry = (seed >> 8) % 3_000;
            let hash = there.hash(entry);
            let found = index.find(hash, |found| found == entry);
            assert_eq!(found.is_some(), there.0[entry as usize]);
            if found.is_some() {
                index.remove(hash, entry, &there);
            } else {
                there.0[entry as usize] = true;
                index.insert(hash, entry, &there);
            }
            there.0[entry as usize] = found.is_none();
        }
        assert_eq!(index.len, there.all().count());
        for entry in 0..3_000 {
            for _ in 0..2 {
                index.remove(there.hash(entry), entry, &there);
                there.0[entry as usize] = false;
            }
        }
        assert_eq!(index.len, 0);
        assert!(index.slots.len() <= 4096);
    }
}
