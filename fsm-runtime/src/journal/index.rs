//! What is in the log, findable: groups are taken into a view by a thread of their own, and folded into the table by another.
//!
//! The committer hands over each group once it is durable and goes on. Whoever reads waits until what was handed over is
//! taken in. When a view is as large as a file of the log, it becomes the old one and is folded, while groups go into a
//! young one; then the files of the log that hold nothing else are removed.
//!
//! Invariants: table, old view and young view together are what was committed, the young one last; the table may hold
//! already what the old one does; a file of the log is removed only after what it holds is durable in the table.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::log::Group;
use super::table::{Mark, Table};
use super::view::View;
use super::wire::Reader;
use super::{Due, Millis, Outgoing, StoreError, StoredMachine, log};

/// How many groups may wait to be taken in.
const WAITING: usize = 64;
/// Larger buffers are not kept.
const SPARE: usize = 1 << 20;
/// So many files of the log, or memory as for so many, make a view that is to be folded.
const LOG: u64 = 8;
const MEMORY: u64 = 2;
/// So many times as large the young view may become while the old one is folded; then commits wait.
const BEHIND: u64 = 4;

#[derive(Debug)]
pub(super) struct Index {
    shared: Arc<Shared>,
    /// `None` once it is dropped.
    groups: Option<SyncSender<Group>>,
    /// Buffers of groups that were taken in.
    spare: Receiver<Vec<u8>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    dir: PathBuf,
    table: Table,
    window: usize,
    /// How long a file of the log is.
    segment: u64,
    state: Mutex<State>,
    /// Whether anything went wrong.
    trouble: AtomicBool,
    changed: Condvar,
}

#[derive(Debug)]
pub(super) struct State {
    young: View,
    /// How many bytes of the log it has taken in.
    bytes: u64,
    /// Up to which group it has.
    mark: Mark,
    old: Option<Arc<View>>,
    folder: Option<JoinHandle<()>>,
    /// What went wrong, until it is told.
    failed: Option<StoreError>,
    /// Whether anything did: then nothing is folded any more.
    stuck: bool,
}

impl State {
    pub(super) fn new(mark: Mark) -> Self {
        Self { young: View::default(), bytes: 0, mark, old: None, folder: None, failed: None, stuck: false }
    }

    pub(super) fn mark(&self) -> Mark {
        self.mark
    }

    /// What is told to whoever waits for something that will not come.
    fn failure(&mut self) -> StoreError {
        let earlier = || "the journal's table could not be written".into();
        self.failed.take().unwrap_or_else(|| StoreError::Broken { earlier: earlier() })
    }

    /// Takes a group in; `None` if it cannot be read.
    pub(super) fn take(&mut self, number: u64, payload: &[u8], window: usize) -> Option<()> {
        self.bytes += payload.len() as u64;
        let mut reader = Reader(payload);
        let mut position = reader.number()?;
        for _ in 0..reader.number()? {
            self.young.delivered(reader.number()?);
        }
        while !reader.0.is_empty() {
            let commit = reader.commit()?;
            self.young.apply(&commit, window);
            for _ in 0..commit.outbox {
                let (key, bytes) = (commit.key.to_vec(), reader.bytes()?.to_vec());
                self.young.send(Outgoing { position, key, sequence: commit.sequence, bytes });
                position = position.checked_add(1)?;
            }
        }
        self.mark = Mark { group: number, position };
        Some(())
    }
}

impl Index {
    /// Of what is in the table and what was read of the log.
    pub(super) fn new(
        dir: PathBuf,
        table: Table,
        state: State,
        window: usize,
        segment: u64,
    ) -> Result<Self, StoreError> {
        let state = Mutex::new(state);
        let shared = Arc::new(Shared {
            dir,
            table,
            window,
            segment,
            state,
            trouble: AtomicBool::new(false),
            changed: Condvar::new(),
        });
        let (groups, receiver) = sync_channel(WAITING);
        let (used, spare) = sync_channel(4);
        let indexed = Arc::clone(&shared);
        let thread = thread::Builder::new().name("fsm-index".into()).spawn(move || indexed.run(&receiver, &used));
        let thread = thread.map_err(|error| StoreError::io(&shared.dir, error))?;
        Ok(Self { shared, groups: Some(groups), spare, thread: Some(thread) })
    }

    /// Hands over a group that is durable.
    pub(super) fn hand_over(&self, group: Group) {
        // The thread ends before the sender is dropped only if it panicked, and then whoever reads is told.
        let _ = self.groups.as_ref().map(|groups| groups.send(group));
    }

    /// A buffer for a group, used or new.
    pub(super) fn buffer(&self) -> Vec<u8> {
        self.spare.try_recv().unwrap_or_default()
    }

    /// What went wrong in the background, once.
    pub(super) fn failure(&self) -> Option<StoreError> {
        // The committer must not wait for the index with each group.
        self.shared.trouble.load(Ordering::Acquire).then(|| self.shared.lock().failed.take()).flatten()
    }

    pub(super) fn load(&self, key: &[u8], last: u64) -> Result<Option<StoredMachine>, StoreError> {
        let state = self.caught_up(last)?;
        let mut machine = self.shared.table.load(key)?;
        let views = state.old.as_deref().into_iter().chain([&state.young]);
        for later in views.filter_map(|view| view.machine(key)) {
            machine = Some(later.after(machine, self.shared.window));
        }
        Ok(machine)
    }

    pub(super) fn due(&self, by: Millis, limit: usize, last: u64) -> Result<Vec<Due>, StoreError> {
        let mut state = self.caught_up(last)?;
        let mut due = state.young.due(by, limit);
        let in_young = |key: &[u8]| state.young.machine(key).is_some();
        let in_old = |key: &[u8]| state.old.as_ref().is_some_and(|old| old.machine(key).is_some());
        due.extend(self.shared.table.due(by, limit, |key| in_young(key) || in_old(key))?);
        let old = state.old.iter().flat_map(|old| old.due_frozen(by)).filter(|due| !in_young(&due.key));
        due.extend(old.take(limit));
        due.sort_unstable();
        due.truncate(limit);
        Ok(due)
    }

    /// Messages behind that position, without those that are to be left out.
    pub(super) fn outbox(
        &self,
        after: u64,
        limit: usize,
        last: u64,
        not: impl Fn(u64) -> bool,
    ) -> Result<Vec<Outgoing>, StoreError> {
        let state = self.caught_up(last)?;
        let gone_later = |position: u64| not(position) || state.young.gone.contains(&position);
        let gone_old = |position: u64| {
            state.old.as_ref().is_some_and(|old| old.gone.contains(&position) || old.outbox.contains_key(&position))
        };
        let mut found =
            self.shared.table.outbox(after, limit, |position| gone_later(position) || gone_old(position))?;
        // Positions grow from the table to the old view and on to the young one.
        let old = state.old.iter().flat_map(|old| old.outbox(after));
        let views = old.chain(state.young.outbox(after)).filter(|message| !gone_later(message.position));
        found.extend(views.take(limit - found.len()).cloned());
        Ok(found)
    }

    /// How many machines there are.
    pub(super) fn machines(&self, last: u64) -> Result<u64, StoreError> {
        let state = self.caught_up(last)?;
        let young = state.young.machines().iter().map(|machine| &*machine.key);
        let old = state.old.iter().flat_map(|old| old.machines()).map(|machine| &*machine.key);
        self.shared.table.count_with(young.chain(old.filter(|key| state.young.machine(key).is_none())))
    }

    /// Folds all that was handed over, forgets machines that ended before that moment, and gives back what room there is.
    pub(super) fn compact(&self, last: u64, ended: Option<Millis>) -> Result<(), StoreError> {
        let mut state = self.unfolding(self.caught_up(last)?)?;
        if !state.young.is_empty() {
            self.shared.fold(&mut state)?;
            state = self.unfolding(state)?;
        }
        let folded = state.mark.group;
        drop(state);
        log::remove(&self.shared.dir, folded)?;
        if let Some(ended) = ended {
            self.shared.table.forget(ended)?;
        }
        self.shared.table.compact()
    }

    /// Waits until nothing is being folded.
    fn unfolding<'a>(&'a self, mut state: MutexGuard<'a, State>) -> Result<MutexGuard<'a, State>, StoreError> {
        while state.old.is_some() {
            if state.stuck {
                return Err(state.failure());
            }
            state = self.shared.wait(state);
        }
        Ok(state)
    }

    /// Waits until that group is taken in.
    fn caught_up(&self, last: u64) -> Result<MutexGuard<'_, State>, StoreError> {
        let mut state = self.shared.lock();
        while state.mark.group < last {
            if self.thread.as_ref().is_none_or(JoinHandle::is_finished) {
                return Err(state.failure());
            }
            state = self.shared.wait(state);
        }
        Ok(state)
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        drop(self.groups.take());
        // That they panicked was told as an error, and what is durable is durable.
        let _ = self.thread.take().map(JoinHandle::join);
        let folder = self.shared.lock().folder.take();
        let _ = folder.map(JoinHandle::join);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fail(&self, state: &mut State, error: StoreError) {
        state.failed = Some(error);
        state.stuck = true;
        self.trouble.store(true, Ordering::Release);
    }

    /// Waits for a change. A thread that ends without one is noticed a little later.
    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let waited = self.changed.wait_timeout(state, Duration::from_millis(100));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn run(self: &Arc<Self>, groups: &Receiver<Group>, used: &SyncSender<Vec<u8>>) {
        for group in groups {
            let number = group.number;
            let mut state = self.lock();
            if state.take(number, group.payload(), self.window).is_none() {
                let what = format!("group {number} cannot be read though it was just written");
                self.fail(&mut state, StoreError::corrupt(&self.dir, None, what));
                return;
            }
            self.changed.notify_all();
            if group.size() <= SPARE {
                // If there are enough of them it is dropped.
                let _ = used.try_send(group.into_buffer());
            }
            while state.old.is_some() && self.enough(&state, BEHIND) && !state.stuck {
                state = self.wait(state);
            }
            if self.enough(&state, 1)
                && state.old.is_none()
                && !state.stuck
                && let Err(error) = self.fold(&mut state)
            {
                self.fail(&mut state, error);
            }
        }
    }

    /// Whether the young view is large enough to be folded, or so many times as large.
    fn enough(&self, state: &State, times: u64) -> bool {
        let of = |files: u64| files.saturating_mul(times).saturating_mul(self.segment);
        state.bytes >= of(LOG) || state.young.bytes() as u64 >= of(MEMORY)
    }

    /// Begins to fold the young view.
    fn fold(self: &Arc<Self>, state: &mut State) -> Result<(), StoreError> {
        // The one before has ended, or is about to: there is no old view.
        let _ = state.folder.take().map(JoinHandle::join);
        let mut old = std::mem::take(&mut state.young);
        old.freeze();
        let old = Arc::new(old);
        state.old = Some(Arc::clone(&old));
        state.bytes = 0;
        let (mark, shared) = (state.mark, Arc::clone(self));
        let folder = thread::Builder::new().name("fsm-fold".into()).spawn(move || {
            let folded = shared.table.fold(&old, mark, shared.window);
            let folded = folded.and_then(|()| log::remove(&shared.dir, mark.group));
            let mut state = shared.lock();
            match folded {
                Ok(()) => state.old = None,
                Err(error) => shared.fail(&mut state, error),
            }
            drop(state);
            shared.changed.notify_all();
        });
        state.folder = Some(folder.map_err(|error| StoreError::io(&self.dir, error))?);
        Ok(())
    }
}
