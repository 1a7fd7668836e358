//! Whose handler runs on this thread: so that one that would wait for itself is told so.
//!
//! Part of [`super`]. A shard says it before each poll of a step, and takes it back behind the last one of a run. What a
//! handler then sends and waits for carries the entry of its machine along, and the shard refuses it where it comes to that
//! very machine. Other machines, of the same shard too, go on while a handler waits, so to ask them is no error. It is not
//! noticed if a handler spawns a task that asks, and waits for that task, or if two machines ask each other.
//!
//! There is one more way to wait for oneself: events that wait for a machine can fill their shard without those of any
//! other, and then nothing is taken from the mailbox before its step is over ([`jams`]). What its handler waits for
//! there, room or an answer, is refused too, by [`super::entering`] and [`super::shard::Shard::jam`].

use std::cell::Cell;
use std::sync::{Arc, Weak};

use super::desk::Door;
use crate::core::Machine;

/// A machine whose handler runs.
#[derive(Clone, Copy)]
struct Active {
    /// The address of its shard's door; 0 where no handler runs.
    shard: usize,
    /// Its entry there.
    at: u32,
    /// Whether its shard takes nothing from the mailbox before the step is over.
    jams: bool,
}

/// The same in cells of their own. Each event writes them; put together first and copied as one, they would be waited for.
struct Running {
    shard: Cell<usize>,
    at: Cell<u32>,
    jams: Cell<bool>,
}

impl Running {
    fn get(&self) -> Active {
        Active { shard: self.shard.get(), at: self.at.get(), jams: self.jams.get() }
    }

    fn set(&self, active: Active) {
        self.shard.set(active.shard);
        self.at.set(active.at);
        self.jams.set(active.jams);
    }
}

thread_local! {
    static RUNNING: Running = const { Running { shard: Cell::new(0), at: Cell::new(0), jams: Cell::new(false) } };
}

/// What a door is known by, as long as the fleet is there.
pub(super) fn address<K, M: Machine>(door: &Door<K, M>) -> usize {
    std::ptr::from_ref(door).addr()
}

/// While handlers of a shard run; after that what was before counts again, also where one panics.
pub(super) struct Within {
    shard: usize,
    before: Active,
}

impl Within {
    /// Handlers of that shard are going to run, and [`Within::name`] names each of them before.
    pub(super) fn enter(shard: usize) -> Self {
        Self { shard, before: RUNNING.with(Running::get) }
    }

    /// From now on it is the handler of that machine.
    pub(super) fn name(&self, at: u32, jams: bool) {
        RUNNING.with(|running| running.set(Active { shard: self.shard, at, jams }));
    }
}

impl Drop for Within {
    fn drop(&mut self) {
        RUNNING.with(|running| running.set(self.before));
    }
}

fn running<K, M: Machine>(door: &Door<K, M>) -> Option<Active> {
    Some(RUNNING.with(Running::get)).filter(|active| active.shard == address(door))
}

/// The entry of the machine whose handler runs here, if it is one of that shard.
pub(super) fn entry<K, M: Machine>(door: &Door<K, M>) -> Option<u32> {
    running(door).map(|active| active.at)
}

/// Whether a handler of that shard runs here.
pub(super) fn is_entered<K, M: Machine>(door: &Door<K, M>) -> bool {
    running(door).is_some()
}

/// Whether the handler that runs here keeps that shard from taking anything from its mailbox until its step is over.
pub(super) fn jams<K, M: Machine>(door: &Door<K, M>) -> bool {
    running(door).is_some_and(|active| active.jams)
}

/// The machine whose handler waits for what becomes of an event, for as long as it does.
pub(super) struct Waits {
    at: u32,
    still: Weak<()>,
}

/// Held while a handler waits for what becomes of an event.
pub(super) type Still = Option<Arc<()>>;

impl Waits {
    /// For the handler that runs here, if it is one of that shard.
    pub(super) fn here<K, M: Machine>(door: &Door<K, M>) -> (Option<Self>, Still) {
        let Some(at) = entry(door) else { return (None, None) };
        let still = Arc::new(());
        (Some(Self { at, still: Arc::downgrade(&still) }), Some(still))
    }

    /// Whether a handler of that machine waits.
    pub(super) fn is(&self, at: u32) -> bool {
        self.at == at && self.still.strong_count() > 0
    }
}
