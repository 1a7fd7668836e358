//! Machines in memory, with the order in which they are due and the messages that wait.
//!
//! [`super::Memory`] is one and nothing else. The embedded store has one of what is in its log and not yet in its table: such
//! a view knows of a machine what was committed since it began, and of the ids of messages those alone.
//!
//! A commit is taken in without an allocation where its machine is known already. Wake-ups go into a heap, and are left in it
//! when they are no longer right: an entry counts if its machine has that wake-up now.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};
use std::sync::Arc;

use super::wire::{CommitRef, MachineRef};
use super::{Due, MessageId, Millis, Outgoing, StoredMachine};

#[derive(Debug, Default)]
pub(super) struct View {
    places: HashMap<Arc<[u8]>, u32>,
    machines: Vec<Kept>,
    wakes: BinaryHeap<Reverse<(Millis, u32)>>,
    /// The wake-ups in their order, once nothing is taken in any more.
    frozen: Vec<(Millis, u32)>,
    pub(super) outbox: BTreeMap<u64, Outgoing>,
    /// Messages that were delivered and are not this view's.
    pub(super) gone: BTreeSet<u64>,
    /// About how many bytes all of this has.
    bytes: usize,
}

/// A machine.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) key: Arc<[u8]>,
    sequence: u64,
    at: Millis,
    pub(super) wake: Option<Millis>,
    ended: bool,
    /// Its event, with the snapshot behind it.
    bytes: Vec<u8>,
    event: usize,
    pub(super) messages: Vec<MessageId>,
}

impl Kept {
    /// How many bytes it takes beside those of its vectors.
    const OVERHEAD: usize = 200;

    /// Without the ids of its messages.
    pub(super) fn machine(&self) -> MachineRef<'_> {
        let &Self { sequence, at, wake, ended, .. } = self;
        let (event, state) = self.bytes.split_at(self.event);
        MachineRef { sequence, at, event, state, wake, ended, messages: &[] }
    }

    /// With the ids of messages that it handled before this view began, if it follows that step.
    pub(super) fn after(&self, before: Option<StoredMachine>, window: usize) -> StoredMachine {
        match before {
            // What came before may be what is here.
            Some(before) if before.sequence >= self.sequence => before,
            before => {
                let mut messages = before.map(|before| before.messages).unwrap_or_default();
                remember(&mut messages, self.messages.iter().copied(), window);
                StoredMachine { messages, ..self.machine().to_owned() }
            }
        }
    }
}

impl View {
    pub(super) fn is_empty(&self) -> bool {
        self.machines.is_empty() && self.gone.is_empty()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn machine(&self, key: &[u8]) -> Option<&Kept> {
        self.places.get(key).and_then(|&place| self.machines.get(place as usize))
    }

    pub(super) fn machines(&self) -> &[Kept] {
        &self.machines
    }

    /// Takes a commit over, without its messages. At most `window` ids are kept.
    pub(super) fn apply(&mut self, commit: &CommitRef<'_>, window: usize) {
        let &CommitRef { key, sequence, message, at, event, state, wake, ended, .. } = commit;
        let place = self.place(key);
        let machine = &mut self.machines[place as usize];
        if machine.wake != wake {
            machine.wake = wake;
            if let Some(wake) = wake {
                self.wakes.push(Reverse((wake, place)));
            }
        }
        self.bytes -= machine.bytes.len();
        self.bytes += event.len() + state.len();
        machine.bytes.clear();
        machine.bytes.extend_from_slice(event);
        machine.bytes.extend_from_slice(state);
        (machine.event, machine.sequence, machine.at, machine.ended) = (event.len(), sequence, at, ended);
        remember(&mut machine.messages, message, window);
        if self.wakes.len() > 2 * self.machines.len() + 1_000 {
            self.tidy();
        }
    }

    /// Takes a message into the outbox.
    pub(super) fn send(&mut self, message: Outgoing) {
        self.bytes += Kept::OVERHEAD + message.key.len() + message.bytes.len();
        self.outbox.insert(message.position, message);
    }

    /// Where a machine is, which is made if it is not known.
    fn place(&mut self, key: &[u8]) -> u32 {
        if let Some(&place) = self.places.get(key) {
            return place;
        }
        // So many machines have no place in memory.
        let place = u32::try_from(self.machines.len()).unwrap_or(u32::MAX);
        let key: Arc<[u8]> = key.into();
        self.bytes += Kept::OVERHEAD + key.len();
        let (bytes, messages) = (Vec::new(), Vec::new());
        let (sequence, at, wake, ended, event) = (0, Millis(0), None, false, 0);
        self.machines.push(Kept { key: Arc::clone(&key), sequence, at, wake, ended, bytes, event, messages });
        self.places.insert(key, place);
        place
    }

    /// Drops the wake-ups that do not count.
    fn tidy(&mut self) {
        let machines = self.machines.iter().zip(0..);
        self.wakes = machines.filter_map(|(machine, place)| Some(Reverse((machine.wake?, place)))).collect();
    }

    /// From now on nothing is taken in.
    pub(super) fn freeze(&mut self) {
        self.tidy();
        let wakes = std::mem::take(&mut self.wakes).into_sorted_vec();
        self.frozen = wakes.into_iter().rev().map(|Reverse(wake)| wake).collect();
    }

    /// Machines of a frozen view that are due by then, the earliest first.
    pub(super) fn due_frozen(&self, by: Millis) -> impl Iterator<Item = Due> {
        let due = self.frozen.iter().take_while(move |(wake, _)| *wake <= by);
        due.map(|&(wake, place)| self.due_at(wake, place))
    }

    /// Machines that are due by then, the earliest first.
    pub(super) fn due(&mut self, by: Millis, limit: usize) -> Vec<Due> {
        let mut found: Vec<(Millis, u32)> = Vec::new();
        while found.len() < limit
            && let Some(&Reverse((wake, place))) = self.wakes.peek()
            && wake <= by
        {
            self.wakes.pop();
            // One that came twice comes one after the other.
            if self.machines[place as usize].wake == Some(wake) && found.last() != Some(&(wake, place)) {
                found.push((wake, place));
            }
        }
        self.wakes.extend(found.iter().copied().map(Reverse));
        found.into_iter().map(|(wake, place)| self.due_at(wake, place)).collect()
    }

    fn due_at(&self, wake: Millis, place: u32) -> Due {
        Due { wake, key: self.machines[place as usize].key.to_vec() }
    }

    /// Messages behind that position.
    pub(super) fn outbox(&self, after: u64) -> impl Iterator<Item = &Outgoing> {
        let behind = after.checked_add(1).map(|first| self.outbox.range(first..));
        behind.into_iter().flatten().map(|(_, message)| message)
    }

    /// A message was delivered. It is noted if it is not one of this view's.
    pub(super) fn delivered(&mut self, position: u64) {
        match self.outbox.remove(&position) {
            Some(message) => self.bytes -= Kept::OVERHEAD + message.key.len() + message.bytes.len(),
            None => drop(self.gone.insert(position)),
        }
    }
}

/// Adds ids to those that are kept, of which the oldest give way.
fn remember(messages: &mut Vec<MessageId>, more: impl IntoIterator<Item = MessageId>, window: usize) {
    messages.extend(more);
    let excess = messages.len().saturating_sub(window);
    messages.drain(..excess);
}
