//! Newtype indices and the vectors that they index.
//!
//! Part of the IR: an id means nothing without its machine, and cannot be mistaken for an id of another kind.

use crate::gather::Gathered;
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// An index of one kind.
pub trait Id: Copy {
    /// The id of the entry at `index`.
    fn new(index: usize) -> Self;
    /// The place in the vector.
    fn index(self) -> usize;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl Id for $name {
            fn new(index: usize) -> Self {
                // The limits on sources keep every vector far below four billion entries.
                Self(u32::try_from(index).unwrap_or(u32::MAX))
            }

            fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

ids! {
    /// A state, in document order.
    StateId
    /// An event.
    EventId
    /// A transition, in document order.
    TransitionId
    /// A method that actions call.
    ActionId
    /// A method that guards call.
    GuardId
    /// A pattern of events.
    PatternId
    /// A message to the outside.
    MessageId
    /// A timer of a state.
    TimerId
    /// A name under which sent events can be cancelled.
    SendId
    /// Something that runs beside the machine.
    InvokeId
    /// A method that invokes call.
    TaskId
    /// A named delay.
    DelayId
}

impl StateId {
    /// The machine itself.
    pub const ROOT: Self = Self(0);
}

/// A vector indexed by one kind of id.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexVec<I, T> {
    items: Vec<T>,
    kind: PhantomData<I>,
}

impl<I, T> Default for IndexVec<I, T> {
    fn default() -> Self {
        Self { items: Vec::new(), kind: PhantomData }
    }
}

impl<I: Id, T> IndexVec<I, T> {
    /// Adds an entry and gives its id.
    pub fn push(&mut self, item: T) -> I {
        self.items.push(item);
        I::new(self.items.len() - 1)
    }

    /// The id that the next entry will get.
    #[must_use]
    pub fn next_id(&self) -> I {
        I::new(self.items.len())
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// All ids in order.
    #[must_use]
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = I> + ExactSizeIterator + use<I, T> {
        (0..self.items.len()).map(I::new)
    }

    /// All entries in order.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.items.iter()
    }

    /// All entries in order, each with its id.
    #[must_use]
    pub fn enumerated(&self) -> impl DoubleEndedIterator<Item = (I, &T)> {
        self.items.iter().enumerate().map(|(index, item)| (I::new(index), item))
    }
}

impl<I: Id, T> FromIterator<T> for IndexVec<I, T> {
    fn from_iter<S: IntoIterator<Item = T>>(items: S) -> Self {
        Self { items: items.into_iter().collect(), kind: PhantomData }
    }
}

impl<I: Id, T> Gathered<T> for IndexVec<I, T> {
    fn put(&mut self, item: T) {
        self.items.push(item);
    }
}

impl<'a, I: Id, T> IntoIterator for &'a IndexVec<I, T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<I: Id, T> IntoIterator for IndexVec<I, T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<I: Id, T> Index<I> for IndexVec<I, T> {
    type Output = T;

    fn index(&self, id: I) -> &T {
        &self.items[id.index()]
    }
}

impl<I: Id, T> IndexMut<I> for IndexVec<I, T> {
    fn index_mut(&mut self, id: I) -> &mut T {
        &mut self.items[id.index()]
    }
}
