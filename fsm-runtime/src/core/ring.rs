//! A queue of bounded size, without allocation: what waits inside of a machine.
//!
//! Internal events, sent events and deferred ones wait in rings of a size that stands in the spec. Elements stay in
//! the order in which they came; [`Ring::remove`] and [`Ring::insert`] keep it, at the cost of moving what lies behind.

use core::fmt;

/// At most `N` values, first in, first out.
#[derive(Clone)]
pub struct Ring<T, const N: usize> {
    slots: [Option<T>; N],
    /// Where the oldest lies.
    head: usize,
    len: usize,
}

impl<T, const N: usize> Ring<T, N> {
    /// An empty one.
    #[must_use]
    pub const fn new() -> Self {
        Self { slots: [const { None }; N], head: 0, len: 0 }
    }

    /// How many values wait.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether none waits.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn slot(&self, at: usize) -> usize {
        let slot = self.head + at;
        if slot >= N { slot - N } else { slot }
    }

    /// Puts a value at the end.
    ///
    /// # Errors
    /// The value, where there is no place.
    pub fn push(&mut self, value: T) -> Result<(), T> {
        if self.len == N {
            return Err(value);
        }
        let slot = self.slot(self.len);
        self.slots[slot] = Some(value);
        self.len += 1;
        Ok(())
    }

    /// Takes the oldest.
    pub fn pop(&mut self) -> Option<T> {
        if self.len == 0 {
            return None;
        }
        let value = self.slots[self.head].take();
        self.head = self.slot(1);
        self.len -= 1;
        value
    }

    /// The value at `at`, counted from the oldest.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<&T> {
        if at < self.len { self.slots[self.slot(at)].as_ref() } else { None }
    }

    /// Takes the value at `at`, counted from the oldest.
    pub fn remove(&mut self, at: usize) -> Option<T> {
        if at >= self.len {
            return None;
        }
        let slot = self.slot(at);
        let value = self.slots[slot].take();
        for later in at + 1..self.len {
            let (from, to) = (self.slot(later), self.slot(later - 1));
            self.slots[to] = self.slots[from].take();
        }
        self.len -= 1;
        value
    }

    /// Puts a value at the place `at`, counted from the oldest, or at the end where there are fewer.
    ///
    /// # Errors
    /// The value, where there is no place.
    pub fn insert(&mut self, at: usize, value: T) -> Result<(), T> {
        if self.len == N {
            return Err(value);
        }
        let at = at.min(self.len);
        for later in (at..self.len).rev() {
            let (from, to) = (self.slot(later), self.slot(later + 1));
            self.slots[to] = self.slots[from].take();
        }
        let slot = self.slot(at);
        self.slots[slot] = Some(value);
        self.len += 1;
        Ok(())
    }

    /// Takes the oldest value for which `wanted` holds.
    pub fn take(&mut self, mut wanted: impl FnMut(&T) -> bool) -> Option<T> {
        let at = self.iter().position(&mut wanted)?;
        self.remove(at)
    }

    /// All values, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        (0..self.len).filter_map(|at| self.slots[self.slot(at)].as_ref())
    }

    /// Takes everything out.
    pub fn clear(&mut self) {
        while self.pop().is_some() {}
    }
}

impl<T, const N: usize> Default for Ring<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

/// Where the values lie in the array does not count.
impl<T: PartialEq, const N: usize> PartialEq for Ring<T, N> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().eq(other.iter())
    }
}

impl<T: Eq, const N: usize> Eq for Ring<T, N> {}

impl<T: fmt::Debug, const N: usize> fmt::Debug for Ring<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Ring;

    fn list(ring: &Ring<u8, 4>) -> [Option<u8>; 4] {
        [0, 1, 2, 3].map(|at| ring.get(at).copied())
    }

    #[test]
    fn values_come_out_in_the_order_in_which_they_went_in() {
        let mut ring = Ring::<u8, 4>::new();
        for round in 0..10 {
            assert_eq!(ring.push(round), Ok(()));
            assert_eq!(ring.push(round + 100), Ok(()));
            assert_eq!((ring.pop(), ring.pop(), ring.pop()), (Some(round), Some(round + 100), None));
        }
    }

    #[test]
    fn a_full_ring_gives_the_value_back() {
        let mut ring = Ring::<u8, 4>::new();
        for value in 0..4 {
            assert_eq!(ring.push(value), Ok(()));
        }
        assert_eq!((ring.push(9), ring.insert(0, 9)), (Err(9), Err(9)));
        assert_eq!(Ring::<u8, 0>::new().push(1), Err(1));
    }

    #[test]
    fn removing_and_inserting_keep_the_order_across_the_edge() {
        for offset in 0..4 {
            let mut ring = Ring::<u8, 4>::new();
            for _ in 0..offset {
                assert_eq!(ring.push(0), Ok(()));
                ring.pop();
            }
            for value in 1..=4 {
                assert_eq!(ring.push(value), Ok(()));
            }
            assert_eq!(ring.remove(1), Some(2));
            assert_eq!(list(&ring), [Some(1), Some(3), Some(4), None]);
            assert_eq!(ring.insert(1, 2), Ok(()));
            assert_eq!(list(&ring), [Some(1), Some(2), Some(3), Some(4)]);
            assert_eq!(ring.take(|value| *value > 2), Some(3));
            assert_eq!((ring.remove(3), ring.len()), (None, 3));
        }
    }
}
