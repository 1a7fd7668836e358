//! Transitions as records of their own: kept in a ring, and sent to whoever subscribed.
//!
//! Beside [`crate::trace`], which calls the [`Recorder`] with each transition. Invariants: the ring never holds more than
//! it was made for; a subscriber that reads too slowly loses the oldest records, is told how many, and holds up nobody.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::core::Outcome;
use crate::trace::{TraceParent, Transition};

/// A transition that was taken: an owned [`Transition`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// The number of the event that set it off among those of this machine, from 1; `None` where none did.
    pub message: Option<u64>,
    /// The id that its sender gave the message ([`crate::trace::Origin::id`]).
    pub message_id: Option<Arc<str>>,
    /// The trace that its sender said the message belongs to ([`crate::trace::Origin::trace`]).
    pub trace: Option<TraceParent>,
    /// The event's name; `None` at the start, and in steps by timers and invokes.
    pub event: Option<&'static str>,
    /// An index into [`crate::Definition::transitions`]; `None` where the machine enters its initial state.
    pub index: Option<usize>,
    /// The path of the state where the transition is written; the machine's name at the start.
    pub source: &'static str,
    /// The path of its target; `None` for an internal transition.
    pub target: Option<&'static str>,
    /// The paths of the active states without children before the step; none at the start.
    pub from: Vec<&'static str>,
    /// The same after the step.
    pub to: Vec<&'static str>,
    /// What became of the event; `None` if the step failed.
    pub outcome: Option<Outcome>,
    /// How long the step took, handlers included.
    pub took: Duration,
}

impl From<&Transition<'_>> for Record {
    fn from(transition: &Transition<'_>) -> Self {
        let &Transition { message, message_id, trace, event, index, source, target, from, to, outcome, took, .. } =
            transition;
        let (from, to) = (from.paths().collect(), to.paths().collect());
        Self {
            message,
            message_id: message_id.map(Arc::from),
            trace,
            event,
            index,
            source,
            target,
            from,
            to,
            outcome,
            took,
        }
    }
}

/// What comes of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// A transition.
    Transition(Arc<Record>),
    /// So many transitions were lost, because they were not read in time.
    Missed(u64),
}

/// Each transition of a running machine, from when [`crate::Handle::subscribe`] was called to its end.
#[derive(Debug)]
pub struct Subscription {
    receiver: broadcast::Receiver<Arc<Record>>,
}

impl Subscription {
    /// The next one, waiting for it; `None` once the machine has ended and all was read.
    ///
    /// Cancel-safe: what was not given out comes next time.
    pub async fn next(&mut self) -> Option<Seen> {
        match self.receiver.recv().await {
            Ok(record) => Some(Seen::Transition(record)),
            Err(RecvError::Lagged(missed)) => Some(Seen::Missed(missed)),
            Err(RecvError::Closed) => None,
        }
    }
}

/// No subscriber can fall further behind: room for all is taken at once.
const MOST: usize = 1 << 20;

/// Makes records, keeps the last ones and sends them to subscribers.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    capacity: usize,
    ring: VecDeque<Arc<Record>>,
    subscribers: Vec<broadcast::Sender<Arc<Record>>>,
}

impl Recorder {
    /// Keeps so many; `None` where that is none.
    pub(crate) fn keeping(capacity: usize) -> Option<Self> {
        (capacity > 0).then(|| Self { capacity, ..Self::default() })
    }

    /// Whether anybody wants records.
    pub(crate) fn is_on(&self) -> bool {
        self.capacity > 0 || !self.subscribers.is_empty()
    }

    pub(crate) fn last(&self) -> Vec<Arc<Record>> {
        self.ring.iter().cloned().collect()
    }

    /// A subscriber that may fall so far behind.
    pub(crate) fn subscribe(&mut self, capacity: usize) -> Subscription {
        let (sender, receiver) = broadcast::channel(capacity.clamp(1, MOST));
        self.subscribers.retain(|sender| sender.receiver_count() > 0);
        self.subscribers.push(sender);
        Subscription { receiver }
    }

    pub(crate) fn record(&mut self, transition: &Transition<'_>) {
        let record = Arc::new(Record::from(transition));
        self.subscribers.retain(|sender| sender.send(Arc::clone(&record)).is_ok());
        if self.capacity > 0 {
            if self.ring.len() == self.capacity {
                self.ring.pop_front();
            }
            self.ring.push_back(record);
        }
    }
}
