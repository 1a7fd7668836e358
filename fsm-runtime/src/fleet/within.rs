//! Whose handler runs on this thread: so that one that would wait for itself is told so.
//!
//! Part of [`super`]. A shard says it around each poll of a step. What a handler then sends and waits for carries the
//! entry of its machine along, and the shard refuses it where it comes to that very machine. Other machines, of the same
//! shard too, go on while a handler waits, so to ask them is no error. It is not noticed if a handler spawns a task that asks, and waits for
//! that task, or if two machines ask each other.

use std::cell::Cell;

use super::desk::Door;
use crate::core::Machine;

/// A machine: the address of its shard's door, and its entry there.
type Place = (usize, u32);

thread_local! {
    static RUNNING: Cell<Option<Place>> = const { Cell::new(None) };
}

/// What a door is known by, as long as the fleet is there.
pub(super) fn address<K, M: Machine>(door: &Door<K, M>) -> usize {
    std::ptr::from_ref(door).addr()
}

/// Leaves a handler, also where it panics.
pub(super) struct Within(Option<Place>);

impl Within {
    /// A handler of that machine runs from now on.
    pub(super) fn enter(shard: usize, at: u32) -> Self {
        Self(RUNNING.replace(Some((shard, at))))
    }
}

impl Drop for Within {
    fn drop(&mut self) {
        RUNNING.set(self.0);
    }
}

/// The entry of the machine whose handler runs here, if it is one of that shard.
pub(super) fn entry<K, M: Machine>(door: &Door<K, M>) -> Option<u32> {
    let (shard, at) = RUNNING.get()?;
    (shard == address(door)).then_some(at)
}
