//! The queue of a lane: a ring that takes an event out of its sender's hands without moving it twice.
//!
//! Part of [`super`]. `VecDeque::push_back` takes its item by value, so an event that is still in an `Option` of its
//! sender is moved out of that first and into the queue then; and what is done with must be moved out to be dropped. Each
//! of these moves reads what was written a moment ago in pieces of other sizes, for which the processor waits longer than
//! for the lock. Here an event changes places with the empty slot that it goes to, and is dropped where it lies.
//!
//! Invariants: the number of slots is zero or a power of two, at most 2^31; exactly the `len` slots from `head` on, around the end,
//! hold something.

/// A queue that grows and never shrinks; an empty one has allocated nothing.
#[derive(Debug)]
pub(crate) struct Ring<T> {
    slots: Box<[Option<T>]>,
    head: u32,
    len: u32,
}

impl<T> Default for Ring<T> {
    fn default() -> Self {
        Self { slots: Box::default(), head: 0, len: 0 }
    }
}

impl<T> Ring<T> {
    /// All there are, the oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        (0..self.len).filter_map(|behind| self.slots[self.place(behind) as usize].as_ref())
    }

    /// The one that many behind the oldest.
    pub(crate) fn get(&self, behind: u32) -> Option<&T> {
        if behind >= self.len {
            return None;
        }
        self.slots.get(self.place(behind) as usize)?.as_ref()
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether there is none.
    pub(crate) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Takes what is in `item` as the newest; nothing where that is nothing.
    pub(crate) fn take_back(&mut self, item: &mut Option<T>) {
        if item.is_none() {
            return;
        }
        if self.len() == self.slots.len() {
            self.grow(1);
        }
        let at = self.place(self.len);
        std::mem::swap(&mut self.slots[at as usize], item);
        self.len += 1;
    }

    /// The newest.
    pub(crate) fn push_back(&mut self, item: T) {
        if self.len() == self.slots.len() {
            self.grow(1);
        }
        let at = self.place(self.len);
        // The slot is empty, so that nothing is dropped for it.
        self.slots[at as usize].get_or_insert(item);
        self.len += 1;
    }

    /// The newest, in their order; at most so many of them.
    pub(crate) fn extend(&mut self, items: &mut impl ExactSizeIterator<Item = T>, most: usize) {
        let more = items.len().min(most);
        if self.slots.len() - self.len() < more {
            self.grow(more);
        }
        let tail = self.place(self.len) as usize;
        let (front, back) = self.slots.split_at_mut(tail);
        let straight = more.min(back.len());
        for slot in back[..straight].iter_mut().chain(&mut front[..more - straight]) {
            *slot = items.next();
        }
        #[expect(clippy::cast_possible_truncation, reason = "there are at most 2^31 slots")]
        let more = more as u32;
        self.len += more;
    }

    /// The oldest.
    pub(crate) fn front(&self) -> Option<&T> {
        self.slots.get(self.head as usize)?.as_ref()
    }

    /// The oldest.
    pub(crate) fn front_mut(&mut self) -> Option<&mut T> {
        self.slots.get_mut(self.head as usize)?.as_mut()
    }

    /// Takes the oldest out.
    pub(crate) fn pop_front(&mut self) -> Option<T> {
        let item = self.slots.get_mut(self.head as usize)?.take()?;
        self.head = self.place(1);
        self.len -= 1;
        Some(item)
    }

    /// Drops the oldest where it lies.
    pub(crate) fn drop_front(&mut self) {
        if self.len > 0 {
            self.slots[self.head as usize] = None;
            self.head = self.place(1);
            self.len -= 1;
        }
    }

    /// Takes all out of `other`, as newer than what is here.
    pub(crate) fn append(&mut self, other: &mut Self) {
        if self.is_empty() {
            std::mem::swap(self, other);
        }
        while let Some(item) = other.pop_front() {
            self.push_back(item);
        }
    }

    /// Takes all out, the oldest first.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = T> + '_ {
        std::iter::from_fn(|| self.pop_front())
    }

    /// The slot that many behind the head.
    #[expect(clippy::cast_possible_truncation, reason = "there are at most 2^31 slots")]
    const fn place(&self, behind: u32) -> u32 {
        (self.head + behind) & (self.slots.len() as u32).wrapping_sub(1)
    }

    /// Makes room for so many more.
    #[cold]
    fn grow(&mut self, more: usize) {
        let mut slots = std::mem::take(&mut self.slots).into_vec();
        let new = (self.len() + more).next_power_of_two();
        // What was there begins at the front again, so that it needs no second piece.
        slots.rotate_left(self.head as usize);
        self.head = 0;
        slots.reserve_exact(new - slots.len());
        slots.resize_with(new, || None);
        self.slots = slots.into_boxed_slice();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    enum Do {
        Push(u8),
        Pop,
        Drop,
        Front,
        Append(Vec<u8>),
        Extend(Vec<u8>, usize),
        Drain,
    }

    fn anything() -> impl Strategy<Value = Do> {
        prop_oneof![
            8 => any::<u8>().prop_map(Do::Push),
            4 => Just(Do::Pop),
            3 => Just(Do::Drop),
            2 => Just(Do::Front),
            1 => prop::collection::vec(any::<u8>(), 0..9).prop_map(Do::Append),
            2 => (prop::collection::vec(any::<u8>(), 0..9), 0..12_usize).prop_map(|(items, most)| Do::Extend(items, most)),
            1 => Just(Do::Drain),
        ]
    }

    proptest! {
        #[test]
        fn it_does_what_the_standard_queue_does(all in prop::collection::vec(anything(), 0..200)) {
            let (mut ring, mut queue) = (Ring::default(), VecDeque::new());
            for one in all {
                match one {
                    Do::Push(item) => {
                        let mut hand = Some(Box::new(item));
                        ring.take_back(&mut hand);
                        prop_assert!(hand.is_none());
                        queue.push_back(Box::new(item));
                    }
                    Do::Pop => prop_assert_eq!(ring.pop_front(), queue.pop_front()),
                    Do::Drop => {
                        ring.drop_front();
                        queue.pop_front();
                    }
                    Do::Front => {
                        prop_assert_eq!(ring.front(), queue.front());
                        prop_assert_eq!(ring.front_mut(), queue.front_mut());
                    }
                    Do::Append(items) => {
                        let (mut more, mut rest) = (Ring::default(), VecDeque::new());
                        for item in items {
                            more.push_back(Box::new(item));
                            rest.push_back(Box::new(item));
                        }
                        ring.append(&mut more);
                        queue.append(&mut rest);
                        prop_assert!(more.is_empty());
                    }
                    Do::Extend(items, most) => {
                        ring.extend(&mut items.clone().into_iter().map(Box::new), most);
                        queue.extend(items.into_iter().take(most).map(Box::new));
                    }
                    Do::Drain => prop_assert!(ring.drain().eq(queue.drain(..))),
                }
                prop_assert_eq!((ring.len(), ring.is_empty()), (queue.len(), queue.is_empty()));
                for behind in 0..20 {
                    prop_assert_eq!(ring.get(behind), queue.get(behind as usize));
                }
            }
        }
    }

    #[test]
    fn of_nothing_it_takes_nothing() {
        let mut ring = Ring::<u8>::default();
        ring.take_back(&mut None);
        assert!(ring.is_empty() && ring.front().is_none() && ring.slots.is_empty());
        ring.drop_front();
        assert_eq!(ring.pop_front(), None);
    }
}
