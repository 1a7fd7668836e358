//! Timers and invokes of a generated machine, on tokio's clock.
#![cfg(feature = "macros")]
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod broken;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fsm_runtime::{Handle, Outcome, Reason, fsm, options, spawn};
use tokio::time::{advance, sleep};

use crate::broken::Broken;

fsm!("tests/works.yaml");

/// Works as long as it is told to, in milliseconds; 0 fails, 1 panics.
#[derive(Clone, Default)]
struct Hand {
    late: Arc<AtomicU32>,
    /// How many tasks came to their own end.
    ended: Arc<AtomicU32>,
}

impl works::Actions for Hand {
    async fn late(&mut self) -> Result<(), Broken> {
        self.late.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    async fn fail(&mut self) -> Result<(), Broken> {
        Err(Broken)
    }

    async fn work(self, n: u32) -> Result<u32, Broken> {
        assert!(n != 1, "as ordered");
        sleep(Duration::from_millis(n.into())).await;
        self.ended.fetch_add(1, Ordering::Relaxed);
        if n == 0 { Err(Broken) } else { Ok(n) }
    }
}

type Running = Handle<works::Machine>;

fn running(hand: &Hand) -> Running {
    spawn(works::Works::new(hand.clone()))
}

async fn start(handle: &Running, n: u32) {
    assert_eq!(handle.ask(works::event::Start { n }).await, Ok(Outcome::Transitioned));
}

async fn state(handle: &Running) -> String {
    handle.inspect(|machine| machine.state().to_string()).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_result_of_an_invoke_comes_back_as_an_event() {
    let handle = running(&Hand::default());
    start(&handle, 25_000).await;
    sleep(Duration::from_secs(24)).await;
    // It does not stand in the way of other events.
    assert_eq!(state(&handle).await, "Working");
    assert_eq!(handle.inspect(|machine| machine.context().ticks).await, Ok(2));
    sleep(Duration::from_secs(2)).await;
    assert_eq!(state(&handle).await, "Idle");
    assert_eq!(handle.inspect(|machine| machine.context().got).await, Ok(25_000));
    // Its timers ended with its state.
    sleep(Duration::from_mins(10)).await;
    assert_eq!(handle.inspect(|machine| machine.context().ticks).await, Ok(2));
}

#[tokio::test(start_paused = true)]
async fn leaving_the_state_aborts_its_invoke_and_its_timers() {
    let hand = Hand::default();
    let handle = running(&hand);
    start(&handle, 30_000).await;
    assert_eq!(handle.ask(works::event::Stop).await, Ok(Outcome::Transitioned));
    sleep(Duration::from_mins(10)).await;
    assert_eq!((state(&handle).await.as_str(), hand.ended.load(Ordering::Relaxed)), ("Idle", 0));
    assert_eq!(hand.late.load(Ordering::Relaxed), 0);
    // A new start is a new task and a new timer.
    start(&handle, 90_000).await;
    sleep(Duration::from_millis(60_001)).await;
    assert_eq!(state(&handle).await, "Slow");
    assert_eq!(hand.late.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_sent_event_comes_when_it_is_due_unless_it_is_cancelled() {
    let hand = Hand::default();
    let handle = running(&hand);
    handle.send(works::event::Remind).await.unwrap();
    assert_eq!(handle.ask(works::event::Forget).await, Ok(Outcome::Handled));
    sleep(Duration::from_mins(1)).await;
    assert_eq!(hand.late.load(Ordering::Relaxed), 0);
    handle.send(works::event::Remind).await.unwrap();
    sleep(Duration::from_millis(4_999)).await;
    assert_eq!(hand.late.load(Ordering::Relaxed), 0);
    sleep(Duration::from_millis(2)).await;
    assert_eq!(hand.late.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failing_invoke_ends_the_machine_by_its_own_transition_and_a_panicking_one_as_a_handler() {
    let handle = running(&Hand::default());
    start(&handle, 0).await;
    let report = handle.join().await;
    assert_eq!((report.reason, report.configuration), (Reason::Finished, vec!["Failed"]));
    let handle = running(&Hand::default());
    start(&handle, 1).await;
    let report = handle.join().await;
    assert_eq!((report.reason, report.panic.as_deref()), (Reason::Panicked, Some("as ordered")));
}

/// The dispatcher is woken by the panic, and finds that the state's timer is due as well, which leaves the state first.
#[tokio::test]
async fn an_invoke_that_panics_is_nothing_to_a_state_that_was_left() {
    let handle = spawn(leaving::Leaving::new(Hasty));
    assert_eq!(handle.ask(leaving::event::Go).await, Ok(Outcome::Transitioned));
    sleep(Duration::from_millis(100)).await;
    assert_eq!(handle.inspect(|machine| machine.state().to_string()).await.unwrap(), "Left");
}

fsm! {
    machine Leaving {
        event Go;
        initial Idle;
        state Idle { on Go => Working; }
        state Working {
            invoke work() -> u32 { done => Idle; }
            after 10ms => Left;
        }
        state Left;
    }
}

#[derive(Clone)]
struct Hasty;

impl leaving::Actions for Hasty {
    async fn work(self) -> u32 {
        sleep(Duration::from_millis(5)).await;
        // Past the timer, on the only thread.
        std::thread::sleep(Duration::from_millis(20));
        panic!("as ordered")
    }
}

#[tokio::test(start_paused = true)]
async fn shutdown_aborts_what_runs_beside_the_machine() {
    let hand = Hand::default();
    let handle = running(&hand);
    start(&handle, 5_000).await;
    handle.shutdown().await;
    advance(Duration::from_mins(1)).await;
    tokio::task::yield_now().await;
    assert_eq!(hand.ended.load(Ordering::Relaxed), 0);
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_for_a_deferred_event_is_answered_when_it_is_handled() {
    let messages = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&messages);
    let service = works::Works::new(Hand::default());
    let handle = options().on_emit(move |message| told.lock().unwrap().push(message)).spawn(service);
    start(&handle, 20_000).await;
    let asked = tokio::time::Instant::now();
    assert_eq!(handle.ask(works::event::Job).await, Ok(Outcome::Handled));
    assert_eq!(asked.elapsed().as_secs(), 20);
    assert_eq!(*messages.lock().unwrap(), [works::Message::Told(works::message::Told { n: 2 })]);
}

#[tokio::test(start_paused = true)]
async fn a_request_gives_the_answer_of_the_machine() {
    let handle = running(&Hand::default());
    assert_eq!(handle.request(works::event::Ask).await, Ok((Outcome::Handled, Some(works::Reply::Ask(0)))));
    assert_eq!(handle.request(works::event::Forget).await, Ok((Outcome::Handled, None)));
}
