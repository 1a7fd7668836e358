//! Where the machines of a shard lie: entries in chunks, found by their keys.
//!
//! An [`Index`] leads from hashes to entry numbers; keys are compared in the entries themselves, so each is kept once.
//! Chunks never move when there are more machines, and one that holds none any more gives its memory back. An entry's
//! number stays the same as long as the machine is there.

use std::hash::{BuildHasher, Hash};
use std::hint::black_box;

use hashbrown::DefaultHashBuilder;

use super::index::Index;
use super::keeping::Kept;
use crate::report::Reason;
use crate::timers::Chain;

/// So many entries are in a chunk.
const CHUNK: u32 = 1024;
/// No entry.
const NONE: u32 = u32::MAX;

/// One machine. The order of fields is fixed, so that [`Machines::find_all`] touches both ends of a small one.
#[repr(C)]
pub(super) struct Entry<K, S> {
    /// When it was last used, in the shard's ticks.
    pub(super) used: u32,
    pub(super) timers: Chain,
    pub(super) key: K,
    /// What a journal knows of it.
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

/// What [`Machines::find_all`] found out of a key.
#[derive(Clone, Copy, Default)]
pub(super) struct Found {
    hash: u64,
    pub(super) at: Option<u32>,
}

enum Place<K, S> {
    /// The next free one in its chunk.
    Free(u32),
    Taken(Entry<K, S>),
}

struct Chunk<K, S> {
    places: Vec<Place<K, S>>,
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

    /// The same for many keys, as far as there is room for what is found; gives for how many. With a million machines each
    /// look at index or entry is a wait for memory; here those of all keys fall together, since none depends on another.
    pub(super) fn find_all<'a>(&self, keys: impl Iterator<Item = (u64, &'a K)> + Clone, found: &mut [Found]) -> usize
    where
        K: 'a,
    {
        let (mut count, mut touched) = (0, 0);
        // A branch that waits for memory would hold up all behind it, so there is none yet.
        for (found, (hash, _)) in found.iter_mut().zip(keys.clone()) {
            found.hash = hash;
            touched ^= self.index.touch(hash);
            count += 1;
        }
        black_box(touched);
        // Two keys with the same half of a hash are rare enough to be looked for again.
        for found in &mut found[..count] {
            found.at = self.index.find(found.hash, |_| true);
        }
        for (found, (hash, key)) in found[..count].iter_mut().zip(keys) {
            let Some(at) = found.at else { continue };
            match self.get(at) {
                Some(entry) if entry.key == *key => {
                    // An entry may lie in two lines of the cache: the step is to find both there.
                    black_box((entry.used, matches!(entry.body, Body::Here(_))));
                }
                _ => found.at = self.find(hash, key),
            }
        }
        count
    }

    pub(super) fn get(&self, at: u32) -> Option<&Entry<K, S>> {
        entry(&self.chunks, at)
    }

    pub(super) fn get_mut(&mut self, at: u32) -> Option<&mut Entry<K, S>> {
        let (chunk, place) = split(at);
        match self.chunks.get_mut(chunk)?.places.get_mut(place)? {
            Place::Taken(entry) => Some(entry),
            Place::Free(_) => None,
        }
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
        self.index.insert(hash, at);
        at
    }

    fn add_chunk(&mut self) -> u32 {
        self.chunks.push(Chunk { places: Vec::new(), free: NONE, taken: 0 });
        // Memory ends long before 2^22 chunks.
        let chunk = u32::try_from(self.chunks.len() - 1).unwrap_or(NONE);
        self.roomy.push(chunk);
        chunk
    }

    pub(super) fn remove(&mut self, at: u32) -> Option<Entry<K, S>> {
        let hash = self.hasher.hash_one(&self.get(at)?.key);
        self.index.remove(hash, at);
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
    fn is_full(&self) -> bool {
        self.taken == CHUNK
    }

    /// Puts an entry in; gives its place, and whether there is no more room now.
    fn insert(&mut self, entry: Entry<K, S>) -> (u32, bool) {
        self.taken += 1;
        let place = Place::Taken(entry);
        let at = if let Some(free) = self.places.get_mut(self.free as usize) {
            let at = self.free;
            if let Place::Free(next) = std::mem::replace(free, place) {
                self.free = next;
            }
            at
        } else {
            self.places.push(place);
            // At most CHUNK.
            u32::try_from(self.places.len() - 1).unwrap_or(NONE)
        };
        (at, self.is_full())
    }

    fn remove(&mut self, at: usize) -> Option<Entry<K, S>> {
        let place = self.places.get_mut(at).filter(|place| matches!(place, Place::Taken(_)))?;
        let Place::Taken(entry) = std::mem::replace(place, Place::Free(self.free)) else { return None };
        self.taken -= 1;
        // Below CHUNK.
        self.free = u32::try_from(at).unwrap_or(NONE);
        if self.taken == 0 {
            self.places = Vec::new();
            self.free = NONE;
        }
        Some(entry)
    }
}

fn split(at: u32) -> (usize, usize) {
    ((at / CHUNK) as usize, (at % CHUNK) as usize)
}

fn entry<K, S>(chunks: &[Chunk<K, S>], at: u32) -> Option<&Entry<K, S>> {
    let (chunk, place) = split(at);
    match chunks.get(chunk)?.places.get(place)? {
        Place::Taken(entry) => Some(entry),
        Place::Free(_) => None,
    }
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
        assert!(machines.chunks.iter().all(|chunk| chunk.places.capacity() == 0));
        assert_eq!(machines.roomy.len(), machines.chunks.len());
        assert!(machines.end() <= 11 * CHUNK, "{}", machines.end());
    }
}
