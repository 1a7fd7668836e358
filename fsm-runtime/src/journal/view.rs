//! The machines of a store in memory, with the order in which they are due and the messages that wait.
//!
//! [`super::Memory`] is nothing else. Invariant: `due` has an entry for each machine that has a wake-up, and no other.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Commit, Due, MessageId, Millis, Outgoing, StoredMachine};

#[derive(Debug, Default)]
pub(super) struct View {
    machines: HashMap<Vec<u8>, StoredMachine>,
    due: BTreeSet<Due>,
    outbox: BTreeMap<u64, Outgoing>,
}

impl View {
    /// The number of the machine's last step; 0 before its first.
    pub(super) fn sequence(&self, key: &[u8]) -> u64 {
        self.machines.get(key).map_or(0, |machine| machine.sequence)
    }

    /// Takes a commit over. Its messages get the positions from `position` on. At most `window` ids are kept.
    pub(super) fn apply(&mut self, commit: Commit, position: u64, window: usize) {
        let Commit { key, sequence, message, at, event, state, wake, outbox, ended } = commit;
        for (position, bytes) in (position..).zip(outbox) {
            self.outbox.insert(position, Outgoing { position, key: key.clone(), sequence, bytes });
        }
        let before = self.machines.remove(&key);
        if let Some(wake) = before.as_ref().and_then(|machine| machine.wake) {
            self.due.remove(&Due { wake, key: key.clone() });
        }
        if let Some(wake) = wake {
            self.due.insert(Due { wake, key: key.clone() });
        }
        let mut messages = before.map(|machine| machine.messages).unwrap_or_default();
        remember(&mut messages, message, window);
        self.machines.insert(key, StoredMachine { sequence, at, event, state, wake, ended, messages });
    }

    pub(super) fn load(&self, key: &[u8]) -> Option<StoredMachine> {
        self.machines.get(key).cloned()
    }

    pub(super) fn due(&self, by: Millis, limit: usize) -> Vec<Due> {
        self.due.iter().take_while(|due| due.wake <= by).take(limit).cloned().collect()
    }

    pub(super) fn outbox(&self, after: u64, limit: usize) -> Vec<Outgoing> {
        let Some(first) = after.checked_add(1) else { return Vec::new() };
        self.outbox.range(first..).take(limit).map(|(_, message)| message.clone()).collect()
    }

    pub(super) fn delivered(&mut self, position: u64) {
        self.outbox.remove(&position);
    }
}

/// Adds an id to those that are kept, of which the oldest give way.
pub(super) fn remember(messages: &mut Vec<MessageId>, message: Option<MessageId>, window: usize) {
    messages.extend(message);
    let excess = messages.len().saturating_sub(window);
    messages.drain(..excess);
}
