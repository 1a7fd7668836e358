//! Machines in memory, with the order in which they are due and the messages that wait.
//!
//! [`super::Memory`] is one and nothing else. The embedded store has one of what is in its log and not yet in its table: such
//! a view knows of a machine what was committed since it began, and of the ids of messages those alone.
//! Invariant: `due` has an entry for each machine that has a wake-up, and no other.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Commit, Due, MessageId, Millis, Outgoing, StoredMachine};

#[derive(Debug, Default)]
pub(super) struct View {
    pub(super) machines: HashMap<Vec<u8>, StoredMachine>,
    due: BTreeSet<Due>,
    pub(super) outbox: BTreeMap<u64, Outgoing>,
    /// Messages that were delivered and are not this view's.
    pub(super) gone: BTreeSet<u64>,
}

impl View {
    pub(super) fn is_empty(&self) -> bool {
        self.machines.is_empty() && self.gone.is_empty()
    }

    /// Takes a commit over. Its messages get the positions from `position` on. At most `window` ids are kept.
    pub(super) fn apply(&mut self, commit: Commit, position: u64, window: usize) {
        let Commit { key, sequence, message, at, event, state, wake, outbox, ended } = commit;
        for (position, bytes) in (position..).zip(outbox) {
            self.outbox.insert(position, Outgoing { position, key: key.clone(), sequence, bytes });
        }
        let known = self.machines.get_mut(&key);
        let woken = known.as_ref().and_then(|machine| machine.wake);
        if woken != wake {
            if let Some(wake) = woken {
                self.due.remove(&Due { wake, key: key.clone() });
            }
            if let Some(wake) = wake {
                self.due.insert(Due { wake, key: key.clone() });
            }
        }
        if let Some(known) = known {
            let mut messages = std::mem::take(&mut known.messages);
            remember(&mut messages, message, window);
            *known = StoredMachine { sequence, at, event, state, wake, ended, messages };
        } else {
            let messages = message.into_iter().take(window).collect();
            self.machines.insert(key, StoredMachine { sequence, at, event, state, wake, ended, messages });
        }
    }

    /// Machines that are due by then, the earliest first.
    pub(super) fn due(&self, by: Millis) -> impl Iterator<Item = &Due> {
        self.due.iter().take_while(move |due| due.wake <= by)
    }

    /// Messages behind that position.
    pub(super) fn outbox(&self, after: u64) -> impl Iterator<Item = &Outgoing> {
        let behind = after.checked_add(1).map(|first| self.outbox.range(first..));
        behind.into_iter().flatten().map(|(_, message)| message)
    }

    /// A message was delivered. It is noted if it is not one of this view's.
    pub(super) fn delivered(&mut self, position: u64) {
        if self.outbox.remove(&position).is_none() {
            self.gone.insert(position);
        }
    }
}

/// Adds ids to those that are kept, of which the oldest give way.
pub(super) fn remember(messages: &mut Vec<MessageId>, more: impl IntoIterator<Item = MessageId>, window: usize) {
    messages.extend(more);
    let excess = messages.len().saturating_sub(window);
    messages.drain(..excess);
}
