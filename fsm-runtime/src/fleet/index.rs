//! Which entry has a key: an open table of entry numbers with a piece of each hash.
//!
//! Part of [`super::machines`]. A slot is four bytes: as many of the lower bits as numbers need, and above them what the hash
//! has there. So with a million machines all that is looked at before the entry itself lies in half as many lines of
//! the cache as it would with whole hashes, and one look in some thousands goes to a wrong entry; with more machines more do, and
//! there is always a next one. The home is in the lower bits of the hash, which the slot does not hold. Probing is linear, an entry
//! stands as close behind its home as there was room, and what is removed is closed up, so there are no gravestones. Whoever
//! puts in or takes out says the hashes of entries again, because they are not kept.
//!
//! Invariants: at most three quarters of the slots are taken; between the home of an entry and its slot no slot is free;
//! the number of an entry is less than `number`, so that no slot that is taken looks like a free one.

use prefetch_index::prefetch_index;

/// A free slot.
const FREE: u32 = u32::MAX;
/// No smaller table is made.
const LEAST: usize = 16;

pub(super) struct Index {
    /// None, or a power of two.
    slots: Vec<u32>,
    len: usize,
    /// The bits of a slot that are the number: the lower ones.
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
    pub(super) fn ask_for(&self, hash: u64) {
        prefetch_index(&self.slots, self.home(hash));
    }

    /// Puts in an entry; `hash_of` says the hashes of those that are there.
    pub(super) fn insert(&mut self, hash: u64, entry: u32, hash_of: impl Fn(u32) -> u64) {
        if (self.len + 1) * 4 > self.slots.len() * 3 {
            let slots = (self.slots.len() * 2).max(LEAST);
            // Enough for the numbers of as many entries as find room, so that this is done once.
            let number = u32::try_from(slots - 1).unwrap_or(u32::MAX);
            self.resize(slots, number.max(bits(entry)).max(self.number), hash_of);
        } else if entry >= self.number {
            self.resize(self.slots.len(), bits(entry), hash_of);
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

    /// Takes out an entry that was put in under that hash; `hash_of` says those of the others.
    pub(super) fn remove(&mut self, hash: u64, entry: u32, hash_of: impl Fn(u32) -> u64) {
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
            let first = self.home(hash_of(self.slots[at] & number));
            let wrap = self.slots.len() - 1;
            if at.wrapping_sub(first) & wrap >= at.wrapping_sub(gap) & wrap {
                self.slots[gap] = self.slots[at];
                self.slots[at] = FREE;
                gap = at;
            }
            at = self.next(at);
        }
        if self.slots.len() > 4096 && self.len < self.slots.len() / 8 {
            self.resize(self.slots.len() / 4, self.number, hash_of);
        }
    }

    /// `slots` is a power of two.
    fn resize(&mut self, slots: usize, number: u32, hash_of: impl Fn(u32) -> u64) {
        let old = std::mem::replace(&mut self.slots, vec![FREE; slots]);
        let before = std::mem::replace(&mut self.number, number);
        for slot in old.into_iter().filter(|slot| *slot != FREE) {
            let entry = slot & before;
            self.put(hash_of(entry), entry);
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
    use super::Index;

    /// Hashes that fall on each other, at the end of the table above all.
    #[test]
    fn entries_are_found_until_they_are_removed_whatever_their_hashes() {
        let hash = |entry: u32| match entry % 4 {
            0 => u64::MAX,
            1 => u64::from(entry) << 40,
            2 => 0,
            _ => u64::from(entry).wrapping_mul(0x9E37_79B9_7F4A_7C15),
        };
        let mut index = Index::new();
        let mut there = vec![false; 3_000];
        let mut seed = 7_u32;
        for _ in 0..60_000 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let entry = (seed >> 8) % 3_000;
            let found = index.find(hash(entry), |found| found == entry);
            assert_eq!(found.is_some(), there[entry as usize]);
            if found.is_some() {
                index.remove(hash(entry), entry, hash);
            } else {
                index.insert(hash(entry), entry, hash);
            }
            there[entry as usize] = found.is_none();
        }
        assert_eq!(index.len, there.iter().filter(|there| **there).count());
        for entry in 0..3_000 {
            index.remove(hash(entry), entry, hash);
            index.remove(hash(entry), entry, hash);
        }
        assert_eq!(index.len, 0);
        assert!(index.slots.len() <= 4096);
    }
}
