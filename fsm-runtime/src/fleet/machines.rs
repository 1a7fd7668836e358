//! Where the machines of a shard lie: entries in chunks, found by their keys.
//!
//! An [`Index`] leads from hashes to entry numbers; keys are compared in the entries themselves, so each is kept once.
//! Chunks never move when there are more machines, and one that holds none any more gives its memory back. An entry's
//! number stays the same as long as the machine is there.

use std::hash::{BuildHasher, Hash};

use hashbrown::DefaultHashBuilder;

use super::chunk::{CHUNK, Chunk};
use super::index::{Entries, Index};
use super::keeping::Kept;
use crate::report::Reason;
use crate::timers::Chain;

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

pub(super) struct Machines<K, S> {
    hasher: DefaultHashBuilder,
    index: Index,
    chunks: Vec<Chunk<Entry<K, S>>>,
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
    pub(super) fn prefetch(&self, hash: u64) {
        self.index.prefetch(hash);
    }

    /// The entry of the key with that hash, or [`NONE`], unless two keys look the same in the index. The entry is brought into
    /// the cache, and not looked at.
    pub(super) fn guess(&self, hash: u64) -> u32 {
        let Some(at) = self.index.find(hash, |_| true) else { return NONE };
        let (chunk, place) = split(at);
        if let Some(chunk) = self.chunks.get(chunk) {
            chunk.prefetch(place);
        }
        at
    }

    /// The entry of a key, if it is the one that was guessed.
    pub(super) fn find_at(&self, guess: u32, key: &K) -> Option<&Entry<K, S>> {
        self.get(guess).filter(|entry| entry.key == *key)
    }

    /// The same, to be changed.
    pub(super) fn find_at_mut(&mut self, guess: u32, key: &K) -> Option<&mut Entry<K, S>> {
        self.get_mut(guess).filter(|entry| entry.key == *key)
    }

    pub(super) fn get(&self, at: u32) -> Option<&Entry<K, S>> {
        entry(&self.chunks, at)
    }

    pub(super) fn get_mut(&mut self, at: u32) -> Option<&mut Entry<K, S>> {
        let (chunk, place) = split(at);
        self.chunks.get_mut(chunk)?.get_mut(place)
    }

    /// Puts a machine in whose key is not there.
    pub(super) fn insert(&mut self, hash: u64, key: K, body: Body<S>, used: u32) -> u32 {
        let chunk = self.roomy.last().copied().unwrap_or_else(|| self.add_chunk());
        let entry = Entry { key, body, timers: Chain::new(), used, durable: None };
        let home = &mut self.chunks[chunk as usize];
        let place = home.insert(entry);
        if home.is_full() {
            self.roomy.pop();
        }
        self.len += 1;
        let at = chunk * CHUNK + place;
        self.index.insert(hash, at, &Keys { hasher: &self.hasher, chunks: &self.chunks });
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
        let keys = Keys { hasher: &self.hasher, chunks: &self.chunks };
        self.index.remove(self.hasher.hash_one(&self.get(at)?.key), at, &keys);
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

/// The keys of all entries, as the index asks for them.
struct Keys<'a, K, S> {
    hasher: &'a DefaultHashBuilder,
    chunks: &'a [Chunk<Entry<K, S>>],
}

impl<K: Hash, S> Entries for Keys<'_, K, S> {
    fn hash(&self, at: u32) -> u64 {
        // What the index knows is there.
        entry(self.chunks, at).map_or(0, |entry| self.hasher.hash_one(&entry.key))
    }

    fn all(&self) -> impl Iterator<Item = u32> {
        let chunks = (0_u32..).step_by(CHUNK as usize).zip(self.chunks);
        chunks.flat_map(|(first, chunk)| chunk.taken().map(move |place| first + place))
    }
}

fn split(at: u32) -> (usize, usize) {
    ((at / CHUNK) as usize, (at % CHUNK) as usize)
}

fn entry<K, S>(chunks: &[Chunk<Entry<K, S>>], at: u32) -> Option<&Entry<K, S>> {
    let (chunk, place) = split(at);
    chunks.get(chunk)?.get(place)
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
        assert!(machines.chunks.iter().all(|chunk| !chunk.has_memory()));
        assert_eq!(machines.roomy.len(), machines.chunks.len());
        assert!(machines.end() <= 11 * CHUNK, "{}", machines.end());
    }
}
