//! Where pending timers lie: entries in one vector, linked by their indices.
//!
//! An entry is in two lists at a time: a *ring*, which is doubly linked and closed, with the timers of one slot or with
//! those that are due; and the *chain* of its owner, singly linked, with the owner's own timers. A free entry is in the
//! list of free ones, by `next`. The vector grows by a quarter, so at most a fifth of it is empty after growing.

use super::Chain;

/// No entry.
pub(super) const NONE: u32 = u32::MAX;

/// From so many entries on, the memory is given back when the last timer goes.
const KEPT: usize = 1024;

/// One pending timer: 24 bytes beside the owner's item.
pub(super) struct Entry<T> {
    pub(super) deadline: u64,
    pub(super) generation: u32,
    /// The next timer of the same owner.
    sibling: u32,
    pub(super) next: u32,
    prev: u32,
    /// Absent in a free entry.
    pub(super) item: Option<T>,
}

pub(super) struct Slab<T> {
    entries: Vec<Entry<T>>,
    free: u32,
    len: u32,
}

impl<T> Slab<T> {
    pub(super) const fn new() -> Self {
        Self { entries: Vec::new(), free: NONE, len: 0 }
    }

    pub(super) const fn len(&self) -> usize {
        self.len as usize
    }

    pub(super) fn entry(&self, at: u32) -> &Entry<T> {
        &self.entries[at as usize]
    }

    fn entry_mut(&mut self, at: u32) -> &mut Entry<T> {
        &mut self.entries[at as usize]
    }

    /// Puts a timer at the head of its owner's chain; it is in no ring yet.
    pub(super) fn insert(&mut self, chain: &mut Chain, deadline: u64, generation: u32, item: T) -> u32 {
        let entry = Entry { deadline, generation, sibling: chain.0, next: NONE, prev: NONE, item: Some(item) };
        let at = if self.free == NONE {
            if self.entries.len() == self.entries.capacity() {
                self.entries.reserve_exact((self.entries.len() / 4).max(4));
            }
            self.entries.push(entry);
            // Memory ends long before: four thousand million entries take 96 GiB.
            u32::try_from(self.entries.len() - 1).expect("fewer than 2^32 timers")
        } else {
            let at = self.free;
            self.free = std::mem::replace(self.entry_mut(at), entry).next;
            at
        };
        self.len += 1;
        chain.0 = at;
        at
    }

    /// Takes out a timer that is in no ring and no chain any more.
    pub(super) fn remove(&mut self, at: u32) -> Option<T> {
        let free = self.free;
        let entry = self.entry_mut(at);
        let item = entry.item.take();
        entry.next = free;
        self.free = at;
        self.len -= 1;
        if self.len == 0 {
            self.free = NONE;
            self.entries.clear();
            if self.entries.capacity() > KEPT {
                self.entries = Vec::new();
            }
        }
        item
    }

    /// Finds the timer with that generation in a chain.
    pub(super) fn find(&self, chain: &Chain, generation: u32) -> Option<u32> {
        let mut at = chain.0;
        while at != NONE {
            let entry = self.entry(at);
            if entry.generation == generation {
                return Some(at);
            }
            at = entry.sibling;
        }
        None
    }

    /// All timers of a chain, the latest start first.
    pub(super) fn chained(&self, chain: &Chain) -> impl Iterator<Item = &Entry<T>> {
        let mut at = chain.0;
        std::iter::from_fn(move || {
            let entry = self.entries.get(at as usize)?;
            at = entry.sibling;
            Some(entry)
        })
    }

    /// Takes an entry out of its owner's chain.
    pub(super) fn unchain(&mut self, chain: &mut Chain, wanted: u32) {
        let sibling = self.entry(wanted).sibling;
        if chain.0 == wanted {
            chain.0 = sibling;
            return;
        }
        let mut at = chain.0;
        while at != NONE {
            let entry = self.entry_mut(at);
            if entry.sibling == wanted {
                entry.sibling = sibling;
                return;
            }
            at = entry.sibling;
        }
    }

    /// Puts an entry at the end of a ring.
    pub(super) fn push(&mut self, ring: &mut u32, at: u32) {
        if *ring == NONE {
            let entry = self.entry_mut(at);
            (entry.next, entry.prev) = (at, at);
            *ring = at;
        } else {
            self.put_before(*ring, at);
        }
    }

    fn put_before(&mut self, next: u32, at: u32) {
        let prev = std::mem::replace(&mut self.entry_mut(next).prev, at);
        let entry = self.entry_mut(at);
        (entry.next, entry.prev) = (next, prev);
        self.entry_mut(prev).next = at;
    }

    /// Puts an entry into a ring in the order of the deadlines, behind equal ones.
    pub(super) fn push_sorted(&mut self, ring: &mut u32, at: u32) {
        let deadline = self.entry(at).deadline;
        if *ring == NONE {
            return self.push(ring, at);
        }
        let mut next = *ring;
        loop {
            let prev = self.entry(next).prev;
            if self.entry(prev).deadline <= deadline {
                break self.put_before(next, at);
            }
            next = prev;
            if next == *ring {
                self.put_before(next, at);
                *ring = at;
                break;
            }
        }
    }

    /// Takes an entry out of its ring.
    pub(super) fn unlink(&mut self, ring: &mut u32, at: u32) {
        let Entry { next, prev, .. } = *self.entry(at);
        if next == at {
            *ring = NONE;
            return;
        }
        self.entry_mut(prev).next = next;
        self.entry_mut(next).prev = prev;
        if *ring == at {
            *ring = next;
        }
    }

    /// The first entries of a ring, at most `limit`, in its order.
    pub(super) fn ring(&self, ring: u32, limit: usize) -> impl Iterator<Item = (u32, &Entry<T>)> {
        let mut at = ring;
        (0..limit).map_while(move |_| {
            let found = (at != NONE).then(|| (at, self.entry(at)))?;
            at = if found.1.next == ring { NONE } else { found.1.next };
            Some(found)
        })
    }
}
