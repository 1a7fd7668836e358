//! What a machine of a fleet takes beside its own state and its key.
//!
//! `benches/fleet.rs` prints the same of a million. Metrics are counted by shard, so they change nothing here.
#![cfg(all(feature = "macros", feature = "tokio"))]
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use allocation_counter::measure;
use fsm_runtime::{Fleet, Outcome, fsm};
use tokio::runtime::Builder;

fsm! {
    /// As in `benches/fleet.rs`: small, and its handlers could wait.
    machine Light {
        context { last: u64 }
        event Next { number: u64 }
        initial Red;
        state Red { on Next => Green / assign last = event.number; }
        state Green { on Next => Red / shine(); }
    }
}

/// What handlers are made of.
struct Lamp;

impl light::Actions for Lamp {
    async fn shine(&mut self) {}
}

type Lights = Fleet<u64, light::Machine>;

/// What a fleet may take for each machine beside that and its key.
const MOST: i64 = 64;

/// A fleet in one shard in which that many machines have had an event each.
async fn filled(machines: u64) -> Lights {
    let fleet = Fleet::builder(|_: &u64| Some(light::Light::new(Lamp))).shards(1).spawn();
    fleet.send_batch((0..machines).map(|key| (key, light::event::Next { number: key }))).await.unwrap();
    // Behind all others.
    assert_eq!(fleet.ask(0, light::event::Next { number: 0 }).await, Ok(Outcome::Transitioned));
    fleet
}

#[track_caller]
fn assert_small(machines: u64) {
    let runtime = Builder::new_current_thread().build().unwrap();
    let mut fleet = None;
    let memory = measure(|| fleet = Some(runtime.block_on(filled(machines))));
    let count = i64::try_from(machines).unwrap();
    let own = i64::try_from(size_of::<light::Light<Lamp>>() + size_of::<u64>()).unwrap();
    let beside = memory.bytes_current / count - own;
    assert!((1..=MOST).contains(&beside), "{beside} bytes a machine of {own}, of {machines}");
}

#[test]
fn a_machine_of_a_fleet_takes_little_beside_its_state_and_its_key() {
    assert_small(100_000);
}

/// The index doubles when it is three quarters full, and then has room for as many again.
#[test]
fn nor_does_it_take_more_where_the_index_has_just_grown() {
    assert_small((1 << 16) * 3 / 4 + 1);
}
