//! A shard with a journal: each step is written down, and what it has for others waits until that is durable.
//!
//! Part of [`super::shard`]. The next event of a machine need not wait: its step is committed behind the one before.
//! Invariants: commits of a shard are made in the order of its steps, and what follows from them is let out in that
//! order; a machine leaves memory only when all its commits are durable; an event whose id its machine knows is
//! acknowledged no earlier than the event that had the id first.

mod loading;
mod writing;

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::Key;
use super::after::After;
use super::codec::Codec;
use super::committer::{Inbox, News};
use super::job::{Papers, Step, Work};
use super::letters::{Asker, Left};
use super::post::Post;
use super::shard::Shard;
use crate::core::Service;
use crate::dispatcher::Runnable;
use crate::journal::MessageId;
use crate::report::Reason;

/// What a journal knows of a machine that is in memory.
pub(super) struct Durable {
    /// The number of its last step.
    sequence: u64,
    /// The ids of the last messages, the oldest first.
    ids: VecDeque<MessageId>,
    /// How many of its steps are not durable yet.
    pending: u32,
    /// The generations of its invokes.
    invokes: Vec<u32>,
    /// Whether it is another one than the journal has, made anew after a failure.
    anew: bool,
}

impl Durable {
    /// Of a machine that is in the journal as it is, after so many steps.
    const fn new(sequence: u64, ids: VecDeque<MessageId>) -> Self {
        Self { sequence, ids, pending: 0, invokes: Vec::new(), anew: false }
    }
}

/// Kept with each machine; nothing where there is no journal.
pub(super) type Kept = Option<Box<Durable>>;

/// What goes on a step: its work, and who asked.
pub(super) type Admitted<M> = (Work<M>, Option<Asker<M>>);

/// The id of the message that a step is about.
pub(super) type Id = Option<MessageId>;

/// That of a step whose message has none.
pub(super) const NO_ID: Id = None;

/// A step that is not durable yet, or what waits behind one.
enum Held<S: Service> {
    Step(Box<Papers<S>>, After<S::Machine>),
    /// An event whose id was known.
    Known(Option<Asker<S::Machine>>, Work<S::Machine>),
}

/// A shard's side of the journal; `None` where there is none.
pub(super) struct Keeping<K, S: Service>(Option<Ledger<K, S>>);

struct Ledger<K, S: Service> {
    shard: usize,
    codec: Arc<dyn Codec<K, S>>,
    inbox: Arc<Inbox>,
    news: Arc<Post<News<K>>>,
    heard: Vec<News<K>>,
    held: VecDeque<Held<S>>,
    /// Of how many messages of a machine the ids are kept.
    window: usize,
}

impl<K, S: Service> Drop for Ledger<K, S> {
    fn drop(&mut self) {
        self.inbox.leave();
    }
}

impl<K, S: Service> Keeping<K, S> {
    pub(super) const fn off() -> Self {
        Self(None)
    }

    pub(super) fn on(
        shard: usize,
        codec: Arc<dyn Codec<K, S>>,
        inbox: Arc<Inbox>,
        news: Arc<Post<News<K>>>,
        window: usize,
    ) -> Self {
        Self(Some(Ledger { shard, codec, inbox, news, heard: Vec::new(), held: VecDeque::new(), window }))
    }

    pub(super) const fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// How many steps wait to be durable, and events behind them.
    pub(super) fn held(&self) -> usize {
        self.0.as_ref().map_or(0, |ledger| ledger.held.len())
    }

    /// Sleeps until there is news.
    pub(super) fn sleep(&self, context: &Context<'_>) -> Poll<()> {
        self.0.as_ref().map_or(Poll::Pending, |ledger| ledger.news.sleep(context))
    }

    /// Ends; gives who waits for commits that nobody knows about.
    pub(super) fn end(&mut self) -> Vec<Left<S::Machine>> {
        let Some(mut ledger) = self.0.take() else { return Vec::new() };
        let held = ledger.held.drain(..);
        held.map(|held| {
            let (asker, work) = match held {
                Held::Step(_, After { asker, work, .. }) => (asker, work),
                Held::Known(asker, work) => (asker, Some(work)),
            };
            match work {
                Some(Work::Event(event)) => (asker, Some(event)),
                _ => (asker, None),
            }
        })
        .collect()
    }
}

impl<K: Key, S, G> Shard<K, S, G>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
    G: Step<S>,
{
    /// Hears what the committer has to say. `Err` ends the shard.
    pub(super) fn hear(&mut self) -> Result<bool, Reason> {
        let Some(ledger) = &mut self.keeping.0 else { return Ok(false) };
        ledger.news.swap(&mut ledger.heard);
        if ledger.heard.is_empty() {
            return Ok(false);
        }
        let mut heard = std::mem::take(&mut ledger.heard);
        for news in heard.drain(..) {
            match news {
                News::Committed(count, positions) => self.committed(count, positions),
                News::Loaded(slot, loaded) => self.loaded(slot, loaded),
                News::Wake(key) => {
                    let hash = self.desk.shared.hash(&key);
                    if self.machines.find(hash, &key).is_none() {
                        self.fetch(hash, key);
                    }
                }
                News::Failed => return Err(Reason::Journal),
            }
        }
        if let Some(ledger) = &mut self.keeping.0 {
            ledger.heard = heard;
        }
        Ok(true)
    }
}
