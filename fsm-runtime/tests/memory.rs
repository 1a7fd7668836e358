//! What a machine takes that has nothing to do: its task, and what its handles share with it.
#![cfg(all(feature = "macros", feature = "tokio", not(feature = "metrics")))]
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use allocation_counter::measure;
use fsm_runtime::{fsm, spawn};
use tokio::runtime::Builder;
use tokio::task::yield_now;

fsm! {
    pub machine Light {
        mode sync;
        context { changes: u64 }
        initial Red;
        state Red { on Next => Green / assign changes = context.changes + 1; }
        state Green { on Next => Red; }
    }
}

struct Bulb;

impl light::Actions for Bulb {}

/// The task has 512 bytes: tokio rounds them up to a multiple of 128, so a few more would make 640 of them.
const MOST: i64 = 700;

#[test]
fn an_idle_machine_takes_a_task_and_little_more() {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        // Whatever comes into being with the first machine alone.
        let first = spawn(light::Light::new(Bulb));
        yield_now().await;
        let mut handles = Vec::with_capacity(1_000);
        let spawned = measure(|| handles.extend((0..1_000).map(|_| spawn(light::Light::new(Bulb)))));
        let each = spawned.bytes_current / 1_000;
        assert!(each <= MOST, "{each} bytes");
        yield_now().await;
        let told = measure(|| handles.iter().for_each(|handle| handle.try_send(light::Event::Next).unwrap()));
        let each = each + told.bytes_current / 1_000;
        // A place for an event on either side of the mailbox, beside what tokio needs to wake so many at once.
        assert!(each <= MOST + 64, "{each} bytes with an event each");
        drop(first);
    });
}
