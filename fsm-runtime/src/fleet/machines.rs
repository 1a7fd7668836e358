//! Where the machines of a shard lie: entries in chunks, found by their keys.
//!
//! An [`Index`] leads from hashes to entry numbers; keys are compared in the entries themselves, so each is kept once.
//! Chunks never move when there are more machines, and one that holds none any more gives its memory back. An entry's
//! number stays the same as long as the machine is there.

use std::hash::{BuildHasher, Hash};

use hashbrown::DefaultHashBuilder;
use prefetch_index::prefetch_index;

use super::index::Index;
use super::keeping::Kept;
use crate::report::Reason;
use crate::timers::Chain;

/// So many entries are in a chunk.
const CHUNK: u32 = 1024;
/// So many of them stand in a row.
const ROW: usize = 16;
/// No entry.
pub(super) const NONE: u32 = u32::MAX;

/// One machine.
pub(super) struct Entry<K, S> {
    /// When it was last used, in the shard's ticks.
    pub(super) used: u32,
    pub(super) timers: Chain,
    pub(super) key: K,
    /// What a journal knows of it.
    #[cfg_attr(not(feature = "journal"), expect(dead_code, reason = "without a journal nothing is known"))]
    pub(super) durable: Kept,
    pub(super) body: Body<S>,
}

/// Where the machine itself is.
pub(super) enum Body<S> {
    /// At rest.
    Here(S),
    /// In a step, or on its way from the journal: a slot of [`super::flight::Flight`].
    Away(u32),
    /// It takes no more events.
    Gone(Reason),
}

enum Place<K, S> {
    /// The next free one in its chunk.
    Free(u32),
    Taken(Entry<K, S>),
}

/// Places that begin with a line of the processor's cache, so that an entry lies in as few of them as it can.
#[repr(align(64))]
struct Row<K, S>([Place<K, S>; ROW]);

struct Chunk<K, S> {
    rows: Vec<Row<K, S>>,
    /// How many places were ever taken, all of them in front.
    used: u32,
    free: u32,
    taken: u32,
}

pub(super) struct Machines<K, S> {
    hasher: DefaultHashBuilder,
    index: Index,
    chunks: Vec<Chunk<K, S>>,
    /// Chunks with room, each once.
    roomy: Vec<u32>,
    len: usize,
}

impl<K: Hash + Eq, S> Machines<K, S> {
    pub(super) const fn new(hasher: DefaultHashBuilder) -> Self {
        Self { hasher, index: Index::new(), chunks: Vec::new(), roomy: Vec::new(), len: 0 }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// One more than the greatest number of an entry.
    pub(super) fn end(&self) -> u32 {
        // As many as fit in memory, and far fewer than 2^32.
        u32::try_from(self.chunks.len()).map_or(NONE, |chunks| chunks.saturating_mul(CHUNK))
    }

    pub(super) fn find(&self, hash: u64, key: &K) -> Option<u32> {
        let chunks = &self.chunks;
        self.index.find(hash, |at| entry(chunks, at).is_some_and(|entry| entry.key == *key))
    }

    /// Has the place of a hash in the index brought into the cache.
    pub(super) fn ask_for_index(&self, hash: u64) {
        self.index.ask_for(hash);
    }

    /// The entry of the key with that hash, or [`NONE`], unless two keys look the same in the index; it is brought into the
    /// cache, and not looked at.
    pub(super) fn guess(&self, hash: u64) -> u32 {
        let Some(at) = self.index.find(hash, |_| true) else { return NONE };
        let (chunk, place) = split(at);
        if let Some(row) = self.chunks.get(chunk).and_then(|chunk| chunk.rows.get(place / ROW)) {
            prefetch_index(&row.0, place % ROW);
        }
        at
    }

    /// The entry of a key, if it is the one that was guessed.
    pub(super) fn find_at(&mut self, found: u32, key: &K) -> Option<&mut Entry<K, S>> {
        self.get_mut(found).filter(|entry| entry.key == *key)
    }

    pub(super) fn get(&self, at: u32) -> Option<&Entry<K, S>> {
        entry(&self.chunks, at)
    }

    pub(super) fn get_mut(&mut self, at: u32) -> Option<&mut Entry<K, S>> {
        let (chunk, place) = split(at);
        self.chunks.get_mut(chunk)?.place_mut(place)?.entry_mut()
    }

    /// Puts a machine in whose key is not there.
    pub(super) fn insert(&mut self, hash: u64, key: K, body: Body<S>, used: u32) -> u32 {
        let chunk = self.roomy.last().copied().unwrap_or_else(|| self.add_chunk());
        let entry = Entry { key, body, timers: Chain::new(), used, durable: None };
        let (place, full) = self.chunks[chunk as usize].insert(entry);
        if full {
            self.roomy.pop();
        }
        self.len += 1;
        let at = chunk * CHUNK + place;
        let (hasher, chunks) = (&self.hasher, &self.chunks);
        self.index.insert(hash, at, |at| hash_of(hasher, chunks, at));
        at
    }

    fn add_chunk(&mut self) -> u32 {
        self.chunks.push(Chunk::new());
        // Memory ends long before 2^22 chunks.
        let chunk = u32::try_from(self.chunks.len() - 1).unwrap_or(NONE);
        self.roomy.push(chunk);
        chunk
    }

    pub(super) fn remove(&mut self, at: u32) -> Option<Entry<K, S>> {
        let (hasher, chunks) = (&self.hasher, &self.chunks);
        let hash = hasher.hash_one(&entry(chunks, at)?.key);
        self.index.remove(hash, at, |at| hash_of(hasher, chunks, at));
        let (number, place) = split(at);
        let chunk = self.chunks.get_mut(number)?;
        let was_full = chunk.is_full();
        let entry = chunk.remove(place)?;
        if was_full {
            self.roomy.push(at / CHUNK);
        }
        self.len -= 1;
        Some(entry)
    }
}

impl<K, S> Chunk<K, S> {
    const fn new() -> Self {
        Self { rows: Vec::new(), used: 0, free: NONE, taken: 0 }
    }

    fn is_full(&self) -> bool {
        self.taken == CHUNK
    }

    fn place(&self, at: usize) -> Option<&Place<K, S>> {
        Some(&self.rows.get(at / ROW)?.0[at % ROW])
    }

    fn place_mut(&mut self, at: usize) -> Option<&mut Place<K, S>> {
        Some(&mut self.rows.get_mut(at / ROW)?.0[at % ROW])
    }

    /// A place that is free; the next one that is, is known afterwards.
    fn take_free(&mut self) -> u32 {
        if self.free == NONE {
            self.used += 1;
            if self.used as usize > self.rows.len() * ROW {
                self.rows.push(Row(std::array::from_fn(|_| Place::Free(NONE))));
            }
            return self.used - 1;
        }
        let at = self.free;
        if let Some(Place::Free(next)) = self.place(at as usize) {
            self.free = *next;
        }
        at
    }

    /// Puts an entry in where there is room; gives its place, and whether there is no more now.
    fn insert(&mut self, entry: Entry<K, S>) -> (u32, bool) {
        let at = self.take_free();
        if let Some(place) = self.place_mut(at as usize) {
            *place = Place::Taken(entry);
        }
        self.taken += 1;
        (at, self.is_full())
    }

    fn remove(&mut self, at: usize) -> Option<Entry<K, S>> {
        let free = self.free;
        let place = self.place_mut(at).filter(|place| matches!(place, Place::Taken(_)))?;
        let Place::Taken(entry) = std::mem::replace(place, Place::Free(free)) else { return None };
        self.taken -= 1;
        // Below CHUNK.
        self.free = u32::try_from(at).unwrap_or(NONE);
        if self.taken == 0 {
            *self = Self::new();
        }
        Some(entry)
    }
}

impl<K, S> Place<K, S> {
    const fn entry(&self) -> Option<&Entry<K, S>> {
        match self {
            Self::Taken(entry) => Some(entry),
            Self::Free(_) => None,
        }
    }

    const fn entry_mut(&mut self) -> Option<&mut Entry<K, S>> {
        match self {
            Self::Taken(entry) => Some(entry),
            Self::Free(_) => None,
        }
    }
}

fn split(at: u32) -> (usize, usize) {
    ((at / CHUNK) as usize, (at % CHUNK) as usize)
}

fn entry<K, S>(chunks: &[Chunk<K, S>], at: u32) -> Option<&Entry<K, S>> {
    let (chunk, place) = split(at);
    chunks.get(chunk)?.place(place)?.entry()
}

fn hash_of<K: Hash, S>(hasher: &DefaultHashBuilder, chunks: &[Chunk<K, S>], at: u32) -> u64 {
    // What the index knows is there.
    entry(chunks, at).map_or(0, |entry| hasher.hash_one(&entry.key))
}

#[cfg(test)]
mod tests {
    use super::{Body, CHUNK, DefaultHashBuilder, Machines};
    use std::hash::BuildHasher as _;

    /// Ten thousand keys come and go in an order of their own, against a sorted map.
    #[test]
    fn machines_are_found_by_their_keys_and_memory_is_given_back() {
        let hasher = DefaultHashBuilder::default();
        let mut machines: Machines<u64, u64> = Machines::new(hasher.clone());
        let mut model = std::collections::BTreeMap::new();
        let mut seed = 1_u64;
        for round in 0..40_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let key = (seed >> 33) % 10_000;
            let hash = hasher.hash_one(key);
            if let Some(at) = machines.find(hash, &key) {
                assert_eq!(model.get(&key), Some(&at));
                let entry = machines.remove(at).map(|entry| (entry.key, matches!(entry.body, Body::Here(_))));
                assert_eq!(entry, Some((key, true)));
                model.remove(&key);
            } else {
                assert!(!model.contains_key(&key));
                model.insert(key, machines.insert(hash, key, Body::Here(round), 0));
            }
            assert_eq!(machines.len(), model.len());
        }
        for (key, at) in model {
            assert_eq!(machines.get(at).map(|entry| entry.key), Some(key));
            assert!(machines.remove(at).is_some() && machines.remove(at).is_none());
        }
        assert_eq!(machines.len(), 0);
        assert!(machines.chunks.iter().all(|chunk| chunk.rows.capacity() == 0));
        assert_eq!(machines.roomy.len(), machines.chunks.len());
        assert!(machines.end() <= 11 * CHUNK, "{}", machines.end());
    }
}
