//! The trait behind which a journal keeps what machines leave.

use super::{Commit, DEFAULT_WINDOW, Due, Millis, Outgoing, StoreError, StoredMachine};

/// Where commits are kept. It is called from one thread alone, the journal's committer, and may block it.
///
/// After an error of [`Store::commit`] nobody knows what is durable: a store then refuses every later commit
/// ([`StoreError::Broken`]), and whoever opens it anew sees what is there.
pub trait Store: Send + 'static {
    /// Makes all of it durable, atomically and in this order, before it returns. Gives the positions of the messages in
    /// the outboxes of the batch, in their order.
    ///
    /// # Errors
    /// If it cannot be known to be durable, or if a machine has already made that step ([`StoreError::Stale`]).
    fn commit(&mut self, batch: &[Commit]) -> Result<Vec<u64>, StoreError>;

    /// What a machine was when it was last committed; `None` if it never was.
    ///
    /// # Errors
    /// If it cannot be read, or does not match its checksum.
    fn load(&mut self, key: &[u8]) -> Result<Option<StoredMachine>, StoreError>;

    /// Machines that have to be woken up by then, the earliest first, at most so many. With [`Millis::MAX`] and a limit of
    /// one it says when the next one is due.
    ///
    /// # Errors
    /// If it cannot be read.
    fn due(&mut self, by: Millis, limit: usize) -> Result<Vec<Due>, StoreError>;

    /// Messages that are not confirmed as delivered, the oldest first, with positions greater than `after`, at most so many.
    /// Positions begin at 1.
    ///
    /// # Errors
    /// If they cannot be read.
    fn outbox(&mut self, after: u64, limit: usize) -> Result<Vec<Outgoing>, StoreError>;

    /// Takes messages out of the outbox. A confirmation is durable with the next commit, or earlier: after a crash a message
    /// may come again. Positions that are not in the outbox are left alone.
    ///
    /// # Errors
    /// If it cannot be written.
    fn delivered(&mut self, positions: &[u64]) -> Result<(), StoreError>;

    /// Gives back the room of what nobody asks for any more, at once and all of it. A store does so by itself as far as it takes
    /// to stay bounded; nobody has to call this.
    ///
    /// # Errors
    /// If it cannot be written.
    fn compact(&mut self) -> Result<(), StoreError>;

    /// How many machines it keeps, those at their end among them. `None` where that takes long to find out, or where others
    /// may commit too. It is asked for once, when a fleet begins whose metrics are counted.
    ///
    /// # Errors
    /// If it cannot be read.
    fn machines(&mut self) -> Result<Option<u64>, StoreError> {
        Ok(None)
    }

    /// Of how many messages of each machine the ids are kept.
    fn window(&self) -> usize {
        DEFAULT_WINDOW
    }
}

impl Store for Box<dyn Store> {
    fn commit(&mut self, batch: &[Commit]) -> Result<Vec<u64>, StoreError> {
        (**self).commit(batch)
    }

    fn load(&mut self, key: &[u8]) -> Result<Option<StoredMachine>, StoreError> {
        (**self).load(key)
    }

    fn due(&mut self, by: Millis, limit: usize) -> Result<Vec<Due>, StoreError> {
        (**self).due(by, limit)
    }

    fn outbox(&mut self, after: u64, limit: usize) -> Result<Vec<Outgoing>, StoreError> {
        (**self).outbox(after, limit)
    }

    fn delivered(&mut self, positions: &[u64]) -> Result<(), StoreError> {
        (**self).delivered(positions)
    }

    fn compact(&mut self) -> Result<(), StoreError> {
        (**self).compact()
    }

    fn machines(&mut self) -> Result<Option<u64>, StoreError> {
        (**self).machines()
    }

    fn window(&self) -> usize {
        (**self).window()
    }
}
