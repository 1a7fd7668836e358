//! A part of a shard's memory: places for entries that never move, are freed and taken again.
//!
//! Part of [`super::machines`]. Places that divide a line of the processor's cache stand in rows that begin with one, so that an
//! entry lies in a single line. Larger ones lie in several whatever is done, and stand where they come.
//!
//! Invariant: the free places among the first `used` ones are a list that begins with `free`.

use std::mem::replace;

use prefetch_index::prefetch_index;

/// So many entries are in a chunk.
pub(super) const CHUNK: u32 = 1024;
/// The bytes of a line.
const LINE: usize = 64;
/// So many places stand in a row, which is at most [`LINE`] times as many bytes.
const ROW: usize = 8;
/// No place.
const NONE: u32 = u32::MAX;

enum Place<T> {
    /// The next free one.
    Free(u32),
    Taken(T),
}

#[repr(align(64))]
struct Row<T>([Place<T>; ROW]);

pub(super) struct Chunk<T> {
    /// The places, where they divide a line.
    rows: Vec<Row<T>>,
    /// The places, where they do not.
    places: Vec<Place<T>>,
    /// How many places were ever taken, all of them in front.
    used: u32,
    free: u32,
    taken: u32,
}

impl<T> Chunk<T> {
    const IN_ROWS: bool = LINE.is_multiple_of(size_of::<Place<T>>());

    pub(super) const fn new() -> Self {
        Self { rows: Vec::new(), places: Vec::new(), used: 0, free: NONE, taken: 0 }
    }

    pub(super) const fn is_full(&self) -> bool {
        self.taken == CHUNK
    }

    fn place(&self, at: usize) -> Option<&Place<T>> {
        if Self::IN_ROWS { Some(&self.rows.get(at / ROW)?.0[at % ROW]) } else { self.places.get(at) }
    }

    fn place_mut(&mut self, at: usize) -> Option<&mut Place<T>> {
        if Self::IN_ROWS { Some(&mut self.rows.get_mut(at / ROW)?.0[at % ROW]) } else { self.places.get_mut(at) }
    }

    pub(super) fn get(&self, at: usize) -> Option<&T> {
        match self.place(at)? {
            Place::Taken(entry) => Some(entry),
            Place::Free(_) => None,
        }
    }

    pub(super) fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        match self.place_mut(at)? {
            Place::Taken(entry) => Some(entry),
            Place::Free(_) => None,
        }
    }

    /// Has both ends of an entry brought into the cache.
    pub(super) fn prefetch(&self, at: usize) {
        if !Self::IN_ROWS {
            prefetch_index(&self.places, at);
            // The line in which it ends.
            prefetch_index(&self.places, at + 1);
        } else if let Some(row) = self.rows.get(at / ROW) {
            prefetch_index(&row.0, at % ROW);
        }
    }

    /// The places that are taken.
    pub(super) fn taken(&self) -> impl Iterator<Item = u32> {
        (0..self.used).filter(|at| self.get(*at as usize).is_some())
    }

    /// Puts an entry in where there is room; gives its place.
    pub(super) fn insert(&mut self, entry: T) -> u32 {
        self.taken += 1;
        let at = self.free;
        let Some(place) = self.place_mut(at as usize) else { return self.push(entry) };
        if let Place::Free(next) = replace(place, Place::Taken(entry)) {
            self.free = next;
        }
        at
    }

    /// Puts an entry behind all that were ever there.
    fn push(&mut self, entry: T) -> u32 {
        let at = self.used;
        self.used += 1;
        if !Self::IN_ROWS {
            self.places.push(Place::Taken(entry));
            return at;
        }
        if at as usize == self.rows.len() * ROW {
            self.rows.push(Row(std::array::from_fn(|_| Place::Free(NONE))));
        }
        if let Some(place) = self.place_mut(at as usize) {
            *place = Place::Taken(entry);
        }
        at
    }

    /// Takes an entry out; a chunk that holds none any more gives its memory back.
    pub(super) fn remove(&mut self, at: usize) -> Option<T> {
        let free = self.free;
        let place = self.place_mut(at).filter(|place| matches!(place, Place::Taken(_)))?;
        let Place::Taken(entry) = replace(place, Place::Free(free)) else { return None };
        self.taken -= 1;
        // Below CHUNK.
        self.free = u32::try_from(at).unwrap_or(NONE);
        if self.taken == 0 {
            *self = Self::new();
        }
        Some(entry)
    }

    #[cfg(test)]
    pub(super) fn has_memory(&self) -> bool {
        self.rows.capacity() + self.places.capacity() > 0
    }
}
