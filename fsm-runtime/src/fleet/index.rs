//! Which entry has a key: an open table of hashes and entry numbers.
//!
//! Part of [`super::machines`]. A slot is eight bytes: half of the hash and the number of the entry, one look at memory for
//! both, where a table of numbers alone would have to ask the entry. Probing is linear, an entry stands as close behind
//! its home as there was room, and what is removed is closed up, so there are no gravestones. The home is the upper bits
//! of the half that is kept; so the table grows and shrinks without looking at a key.
//!
//! Invariants: at most three quarters of the slots are taken; between the home of an entry and its slot no slot is free.

/// A free slot. No entry has the number `u32::MAX`.
const FREE: u64 = u64::MAX;
/// No smaller table is made.
const LEAST: usize = 16;

pub(super) struct Index {
    slots: Vec<u64>,
    len: usize,
}

/// The half of a hash that is kept.
const fn tag(hash: u64) -> u64 {
    hash >> 32
}

const fn number(slot: u64) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "the lower half is the number")]
    let number = slot as u32;
    number
}

impl Index {
    pub(super) const fn new() -> Self {
        Self { slots: Vec::new(), len: 0 }
    }

    /// Where a tag is looked for first.
    fn home(&self, tag: u64) -> usize {
        // The product's upper half is below the number of slots.
        usize::try_from((tag * self.slots.len() as u64) >> 32).unwrap_or_default()
    }

    fn next(&self, at: usize) -> usize {
        (at + 1) & (self.slots.len() - 1)
    }

    /// The first entry with such a hash that `is` holds for. Without a second look two keys are mistaken for each other
    /// once in 2^32 times.
    pub(super) fn find(&self, hash: u64, mut is: impl FnMut(u32) -> bool) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let tag = tag(hash);
        let mut at = self.home(tag);
        loop {
            let slot = self.slots[at];
            if slot == FREE {
                return None;
            }
            if slot >> 32 == tag && is(number(slot)) {
                return Some(number(slot));
            }
            at = self.next(at);
        }
    }

    /// Brings the home of a hash into the cache.
    pub(super) fn touch(&self, hash: u64) -> u64 {
        self.slots.get(self.home(tag(hash))).copied().unwrap_or_default()
    }

    pub(super) fn insert(&mut self, hash: u64, entry: u32) {
        if (self.len + 1) * 4 > self.slots.len() * 3 {
            self.resize((self.slots.len() * 2).max(LEAST));
        }
        self.put(tag(hash) << 32 | u64::from(entry));
        self.len += 1;
    }

    fn put(&mut self, slot: u64) {
        let mut at = self.home(slot >> 32);
        while self.slots[at] != FREE {
            at = self.next(at);
        }
        self.slots[at] = slot;
    }

    /// Takes out an entry that was put in under that hash.
    pub(super) fn remove(&mut self, hash: u64, entry: u32) {
        if self.slots.is_empty() {
            return;
        }
        let wanted = tag(hash) << 32 | u64::from(entry);
        let mut gap = self.home(tag(hash));
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
            let first = self.home(self.slots[at] >> 32);
            let wrap = self.slots.len() - 1;
            if at.wrapping_sub(first) & wrap >= at.wrapping_sub(gap) & wrap {
                self.slots[gap] = self.slots[at];
                self.slots[at] = FREE;
                gap = at;
            }
            at = self.next(at);
        }
        if self.slots.len() > 4096 && self.len < self.slots.len() / 8 {
            self.resize(self.slots.len() / 4);
        }
    }

    /// `slots` is a power of two.
    fn resize(&mut self, slots: usize) {
        let old = std::mem::replace(&mut self.slots, vec![FREE; slots]);
        old.into_iter().filter(|slot| *slot != FREE).for_each(|slot| self.put(slot));
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
                index.remove(hash(entry), entry);
            } else {
                index.insert(hash(entry), entry);
            }
            there[entry as usize] = found.is_none();
        }
        assert_eq!(index.len, there.iter().filter(|there| **there).count());
        for entry in 0..3_000 {
            index.remove(hash(entry), entry);
            index.remove(hash(entry), entry);
        }
        assert_eq!(index.len, 0);
        assert!(index.slots.len() <= 4096);
    }
}
