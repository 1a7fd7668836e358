//! A look ahead: the machines of the next events come from memory while the present one is in its step.
//!
//! Part of [`super::shard`]. With a million machines both looks of an event, at the index and at the entry, are waits for
//! memory, each as long as some steps. So the index is prefetched for the events up to [`FAR`] behind, and the entries of
//! those up to [`NEAR`] behind, whose places in the index are there by then. That is done for half of the near ones
//! at a time. Where the processor has no prefetch, or none that is known here, each look waits.
//!
//! Invariants: what is found here is a guess, which whoever uses it compares with the key, because machines come and go
//! meanwhile; `front <= found <= touched`, `found <= front + NEAR`, `touched <= front + FAR`.

use std::hash::Hash;

use super::letters::Envelope;
use super::machines::{Machines, NONE};
use crate::core::Machine;
use crate::mailbox::Ring;

/// So many events ahead entries are prefetched; a power of two. Memory takes 0.1 to 0.2 µs, and half as many steps 0.3.
const NEAR: u32 = 16;
/// So many events ahead the index is.
const FAR: u32 = 2 * NEAR;

pub(super) struct Ahead {
    /// The number of the next event. Numbers go around.
    front: u32,
    /// That of the first event whose entry is not known.
    found: u32,
    /// That of the first event for which the index is not on its way.
    touched: u32,
    /// The entries, by the last digits of their events' numbers.
    entries: [u32; NEAR as usize],
}

impl Ahead {
    pub(super) const fn new() -> Self {
        Self { front: 0, found: 0, touched: 0, entries: [NONE; NEAR as usize] }
    }

    /// Where the machine of the next event is, most likely; where there is no event, any number.
    pub(super) fn look<K, S, M>(&mut self, machines: &Machines<K, S>, events: &Ring<Envelope<K, M>>) -> u32
    where
        K: Hash + Eq,
        M: Machine,
    {
        let found = self.found.wrapping_sub(self.front);
        if found < NEAR / 2 && (found as usize) < events.len() {
            self.look_ahead(machines, events);
        }
        self.entries[(self.front % NEAR) as usize]
    }

    // Apart from what each event does, which is shorter without it.
    #[inline(never)]
    fn look_ahead<K, S, M>(&mut self, machines: &Machines<K, S>, events: &Ring<Envelope<K, M>>)
    where
        K: Hash + Eq,
        M: Machine,
    {
        let (found, touched) = (self.found.wrapping_sub(self.front), self.touched.wrapping_sub(self.front));
        for event in (touched..FAR).map_while(|behind| events.get(behind)) {
            machines.prefetch(event.hash);
            self.touched = self.touched.wrapping_add(1);
        }
        for event in (found..NEAR).map_while(|behind| events.get(behind)) {
            self.entries[(self.found % NEAR) as usize] = machines.guess(event.hash);
            self.found = self.found.wrapping_add(1);
        }
    }

    /// The next event, which there was a look at, is taken out.
    pub(super) const fn pass(&mut self) {
        self.front = self.front.wrapping_add(1);
    }
}
