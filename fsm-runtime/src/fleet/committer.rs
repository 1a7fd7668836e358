//! The thread that owns a fleet's store: commits in groups, loads machines, wakes those that are due.
//!
//! Part of [`super`]. While it makes one group durable the next one gathers, so a group is as large as the load is high, up
//! to [`GROUP`]. How much gathers is bounded by the shards, which take no more while too many of their steps wait.
//! Shards are told of their commits in the order in which they made them. Once a commit has failed nothing more is
//! acknowledged: the shards are told, and the fleet ends.

use std::iter::Peekable;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::Key;
use super::codec::{Codec, ReadMessage};
use super::desk::Shared;
use super::post::Post;
use crate::core::{Machine, Service};
use crate::dispatcher::{Runnable, caught};
use crate::journal::{Commit, Millis, Store, StoreError, StoredMachine};
use crate::meter::{FleetMeter, FleetMetering as _};
use crate::trace::TARGET;

/// So often machines that are due are looked for.
const EVERY: Duration = Duration::from_millis(500);
/// Machines are woken before their time, so that their timers come in time.
pub(super) const AHEAD: Duration = Duration::from_secs(2);
/// So many bytes go into a group, or one commit that is larger. Groups that are larger still gain nothing, and no store has
/// to take more at once than this and one commit.
const GROUP: usize = 16 << 20;
/// What a commit counts beside the bytes that it brings.
const COMMIT: usize = 64;
/// So many at a time, unless there are more.
const DUE: usize = 1024;
/// So many messages of the outbox are read at a time.
const PAGE: usize = 1024;

/// What a shard hears from the committer.
pub(super) enum News<K> {
    /// What the journal knows of the machine that a slot waits for.
    Loaded(u32, Result<Option<StoredMachine>, String>),
    /// So many of its commits are durable; with the positions of their messages.
    Committed(usize, Vec<u64>),
    /// A machine has to be brought back, for a timer or an invoke.
    Wake(K),
    /// The journal failed.
    Failed,
}

/// What shards ask of the committer.
#[derive(Default)]
pub(super) struct Inbox {
    orders: Mutex<Orders>,
    bell: Condvar,
}

#[derive(Default)]
struct Orders {
    commits: Vec<(usize, Commit)>,
    loads: Vec<(usize, u32, Vec<u8>)>,
    delivered: Vec<u64>,
    /// How many shards there are still.
    shards: usize,
}

impl Orders {
    fn is_empty(&self) -> bool {
        self.commits.is_empty() && self.loads.is_empty() && self.delivered.is_empty()
    }
}

impl Inbox {
    pub(super) fn new(shards: usize) -> Self {
        Self { orders: Mutex::new(Orders { shards, ..Orders::default() }), bell: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Orders> {
        // Each change is whole.
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn commit(&self, shard: usize, commit: Commit) {
        let mut orders = self.lock();
        let quiet = orders.is_empty();
        orders.commits.push((shard, commit));
        drop(orders);
        // Who is awake looks again before it sleeps.
        if quiet {
            self.bell.notify_one();
        }
    }

    pub(super) fn load(&self, shard: usize, slot: u32, key: Vec<u8>) {
        self.lock().loads.push((shard, slot, key));
        self.bell.notify_one();
    }

    pub(super) fn delivered(&self, positions: impl IntoIterator<Item = u64>) {
        self.lock().delivered.extend(positions);
        self.bell.notify_one();
    }

    /// A shard has ended.
    pub(super) fn leave(&self) {
        self.lock().shards -= 1;
        self.bell.notify_one();
    }

    /// Waits for orders, no longer than that; `None` when nobody is left.
    fn wait(&self, longest: Duration) -> Option<Orders> {
        let mut orders = self.lock();
        if orders.is_empty() && orders.shards > 0 {
            orders = match self.bell.wait_timeout(orders, longest) {
                Ok((orders, _)) => orders,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
        let shards = orders.shards;
        let taken = std::mem::replace(&mut *orders, Orders { shards, ..Orders::default() });
        (shards > 0 || !taken.is_empty()).then_some(taken)
    }
}

/// The committer of one fleet.
pub(super) struct Committer<K: Key, S: Service>
where
    S::Machine: Machine,
{
    pub(super) store: Box<dyn Store>,
    pub(super) codec: Arc<dyn Codec<K, S>>,
    pub(super) read_message: ReadMessage<S::Machine>,
    pub(super) shared: Arc<Shared<K, S::Machine>>,
    pub(super) inbox: Arc<Inbox>,
    pub(super) news: Vec<Arc<Post<News<K>>>>,
    pub(super) meter: FleetMeter,
}

impl<K: Key, S> Committer<K, S>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
{
    /// Sets the thread going.
    pub(super) fn spawn(mut self) -> std::io::Result<()> {
        let work = move || {
            let ended = caught(|| self.work()).unwrap_or_else(|_| {
                let earlier = "the store panicked".to_owned();
                Err(StoreError::Broken { earlier })
            });
            let Self { store, shared, news, .. } = self;
            // A store gives its directory free, whatever the fleet does next.
            let _ = caught(|| drop(store));
            if let Err(error) = ended {
                tracing::error!(target: TARGET, machine = S::Machine::DEFINITION.name, %error, "the journal failed");
                // Set by this thread alone.
                let _ = shared.broken.set(error);
                for post in &news {
                    post.leave(News::Failed);
                }
            }
            let _ = shared.closed.set(());
        };
        thread::Builder::new().name("fsm-journal".to_owned()).spawn(work).map(drop)
    }

    fn work(&mut self) -> Result<(), StoreError> {
        self.deliver_rest()?;
        let mut next = Instant::now();
        let mut limit = DUE;
        loop {
            let now = Instant::now();
            if now >= next {
                limit = self.wake(limit)?;
                next = now + EVERY;
            }
            let Some(orders) = self.inbox.wait(next.saturating_duration_since(now)) else { return Ok(()) };
            self.follow(orders)?;
        }
    }

    fn follow(&mut self, orders: Orders) -> Result<(), StoreError> {
        if !orders.delivered.is_empty() {
            self.store.delivered(&orders.delivered)?;
        }
        let mut commits = orders.commits.into_iter().peekable();
        while commits.peek().is_some() {
            let (shards, batch) = next_group(&mut commits);
            self.commit(shards, &batch)?;
        }
        // Behind the commits, since a machine that was let go and comes back has its last one among them.
        for (shard, slot, key) in orders.loads {
            let loaded = self.store.load(&key).map_err(|error| error.to_string());
            self.news[shard].leave(News::Loaded(slot, loaded));
        }
        Ok(())
    }

    /// Makes a group durable, and tells the shards of its commits.
    fn commit(&mut self, shards: Vec<usize>, batch: &[Commit]) -> Result<(), StoreError> {
        let began = self.meter.begin_group();
        let mut positions = self.store.commit(batch)?.into_iter();
        self.meter.end_group(began, batch.len());
        let mut told = vec![(0, Vec::new()); self.news.len()];
        for (shard, commit) in shards.into_iter().zip(batch) {
            told[shard].0 += 1;
            told[shard].1.extend(positions.by_ref().take(commit.outbox.len()));
        }
        for (post, (count, positions)) in self.news.iter().zip(told) {
            if count > 0 {
                post.leave(News::Committed(count, positions));
            }
        }
        Ok(())
    }

    /// Has the machines brought back that are due; gives how many to look for next time. Those that are in memory see to
    /// themselves, and there may be so many of them that others are not reached: then more are looked for.
    fn wake(&mut self, limit: usize) -> Result<usize, StoreError> {
        let due = self.store.due(Millis::now() + AHEAD, limit)?;
        let all = due.len() < limit;
        for due in due {
            match self.codec.read_key(&due.key) {
                Ok(key) => {
                    let shard = self.shared.shard(self.shared.hash(&key));
                    self.news[shard].leave(News::Wake(key));
                }
                Err(error) => {
                    let key = due.key.escape_ascii().to_string();
                    tracing::error!(target: TARGET, key, error, "the key of a machine that is due cannot be read");
                }
            }
        }
        Ok(if all { DUE } else { limit.saturating_mul(2) })
    }

    /// Delivers the messages that were committed and not confirmed when the fleet ended last.
    fn deliver_rest(&mut self) -> Result<(), StoreError> {
        if self.shared.hooks.on_emit.is_none() {
            return Ok(());
        }
        let mut after = 0;
        loop {
            let page = self.store.outbox(after, PAGE)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.position;
            let mut delivered = Vec::with_capacity(page.len());
            for outgoing in page {
                let read = self.codec.read_key(&outgoing.key);
                match read.and_then(|key| Ok((key, (self.read_message)(&outgoing.bytes)?))) {
                    Ok((key, message)) => {
                        if self.shared.hooks.emit(&key, message, None) {
                            delivered.push(outgoing.position);
                        }
                    }
                    Err(error) => {
                        let position = outgoing.position;
                        tracing::error!(target: TARGET, position, error, "a message of the outbox cannot be read");
                    }
                }
            }
            self.store.delivered(&delivered)?;
        }
    }
}

/// The next commits that go into one group, with their shards: at least one, and as many as [`GROUP`] lets in.
fn next_group(commits: &mut Peekable<impl Iterator<Item = (usize, Commit)>>) -> (Vec<usize>, Vec<Commit>) {
    let (mut shards, mut batch, mut room) = (Vec::new(), Vec::new(), GROUP);
    while let Some((shard, commit)) = commits.next_if(|(_, commit)| batch.is_empty() || size(commit) <= room) {
        room = room.saturating_sub(size(&commit));
        shards.push(shard);
        batch.push(commit);
    }
    (shards, batch)
}

/// About how many bytes a commit takes.
fn size(commit: &Commit) -> usize {
    let messages: usize = commit.outbox.iter().map(Vec::len).sum();
    COMMIT + commit.key.len() + commit.event.len() + commit.state.len() + messages
}

#[cfg(test)]
mod tests {
    use super::{Commit, GROUP, next_group};

    #[test]
    fn commits_that_are_large_together_go_into_several_groups_in_their_order() {
        let commit = |size| Commit { state: vec![0; size], outbox: vec![vec![0; size]], ..Commit::default() };
        let sizes = [1, 1, GROUP / 2, GROUP / 4, GROUP / 4, 1];
        let mut commits = sizes.map(commit).into_iter().enumerate().peekable();
        let mut groups = Vec::new();
        while commits.peek().is_some() {
            groups.push(next_group(&mut commits).0);
        }
        assert_eq!(groups, [vec![0, 1], vec![2], vec![3], vec![4, 5]]);
    }
}
