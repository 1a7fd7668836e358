//! Timers and delayed events on a virtual clock (SEMANTICS 14).
//!
//! What is due first comes first; of what is due at one instant, what was started first.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Message;
use crate::ir::{SendId, TimerId};

/// Something that is due at some time.
#[derive(Debug, Clone)]
pub(super) enum Due {
    Timer(TimerId),
    Event(Message),
}

/// The deadline, and the order of the start.
type Key = (Duration, u64);

/// The virtual clock, and what waits on it.
#[derive(Debug, Clone, Default)]
pub(super) struct Clock {
    now: Duration,
    started: u64,
    due: BTreeMap<Key, Due>,
    timers: BTreeMap<TimerId, Key>,
}

impl Clock {
    pub(super) const fn now(&self) -> Duration {
        self.now
    }

    pub(super) fn set(&mut self, now: Duration) {
        self.now = now;
    }

    fn key(&mut self, wait: Duration) -> Key {
        self.started += 1;
        (self.now.saturating_add(wait), self.started)
    }

    /// Starts a timer, or starts it anew.
    pub(super) fn start(&mut self, timer: TimerId, wait: Duration) {
        self.cancel(timer);
        let key = self.key(wait);
        self.due.insert(key, Due::Timer(timer));
        self.timers.insert(timer, key);
    }

    pub(super) fn cancel(&mut self, timer: TimerId) {
        if let Some(key) = self.timers.remove(&timer) {
            self.due.remove(&key);
        }
    }

    /// Keeps an event until it is due.
    pub(super) fn send(&mut self, message: Message, wait: Duration) {
        let key = self.key(wait);
        self.due.insert(key, Due::Event(message));
    }

    /// How many events wait.
    pub(super) fn pending(&self) -> usize {
        self.due.len() - self.timers.len()
    }

    /// How long each thing still waits, what is due first in front.
    pub(super) fn waiting(&self) -> impl Iterator<Item = Duration> + '_ {
        self.due.keys().map(|(deadline, _)| deadline.saturating_sub(self.now))
    }

    /// What waits, with how long it waits still.
    pub(super) fn due(&self) -> impl Iterator<Item = (Duration, &Due)> {
        self.due.iter().map(|((deadline, _), due)| (deadline.saturating_sub(self.now), due))
    }

    /// Forgets the events that were sent under `id`.
    pub(super) fn cancel_sent(&mut self, id: SendId) {
        self.due.retain(|_, due| !matches!(due, Due::Event(message) if message.id == Some(id)));
    }

    /// The next thing that is due until then; the clock is set to its deadline.
    pub(super) fn next(&mut self, until: Duration) -> Option<Due> {
        let entry = self.due.first_entry().filter(|entry| entry.key().0 <= until)?;
        self.now = entry.key().0;
        let due = entry.remove();
        if let Due::Timer(timer) = due {
            self.timers.remove(&timer);
        }
        Some(due)
    }

    pub(super) fn clear(&mut self) {
        self.due.clear();
        self.timers.clear();
    }
}
