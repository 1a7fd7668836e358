//! What most machines never use: a pointer until then.
//!
//! A task is to cost a few hundred bytes while it waits, so everything that needs a watcher, a failure, a timer or a crowd
//! to be of use stands behind one of these. Invariant: nothing is allocated by looking.

/// A value that comes into being by its first use.
#[derive(Debug)]
pub(crate) struct Rare<T>(Option<Box<T>>);

impl<T> Default for Rare<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Rare<T> {
    /// Not there yet.
    pub(crate) const fn new() -> Self {
        Self(None)
    }

    /// The value, if there is one.
    pub(crate) fn get(&self) -> Option<&T> {
        self.0.as_deref()
    }

    /// The value, if there is one.
    pub(crate) fn get_mut(&mut self) -> Option<&mut T> {
        self.0.as_deref_mut()
    }

    /// The value, which is there from now on.
    pub(crate) fn make(&mut self) -> &mut T
    where
        T: Default,
    {
        self.0.get_or_insert_default()
    }

    /// Takes the value away.
    pub(crate) fn take(&mut self) -> Option<Box<T>> {
        self.0.take()
    }
}
