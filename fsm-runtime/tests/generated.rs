//! A generated machine on the runtime, from the spec to the report.
#![cfg(feature = "macros")]
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use fsm_runtime::{Outcome, Reason, fsm, spawn};

fsm!("tests/lamp.yaml");

struct Bulb {
    lit: Arc<AtomicU32>,
}

impl lamp::Actions for Bulb {
    async fn shine(&mut self) {
        tokio::task::yield_now().await;
        self.lit.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn a_generated_machine_runs_from_its_first_event_to_its_final_state() {
    let lit = Arc::new(AtomicU32::new(0));
    let handle = spawn(lamp::Lamp::new(Bulb { lit: Arc::clone(&lit) }));
    assert_eq!(handle.ask(lamp::event::Switch).await, Ok(Outcome::Transitioned));
    assert_eq!(handle.ask(lamp::event::Flash { times: 3 }).await, Ok(Outcome::Handled));
    assert_eq!(handle.inspect(|lamp| lamp.context().flashes).await, Ok(3));
    assert_eq!(handle.state().await, Ok(lamp::State::On));
    handle.send(lamp::event::Break).await.unwrap();
    let report = handle.join().await;
    assert_eq!((report.reason, report.handled), (Reason::Finished, 3));
    assert_eq!(report.configuration, ["Broken"]);
    assert_eq!(lit.load(Ordering::Relaxed), 1);
}
