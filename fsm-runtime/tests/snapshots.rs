//! Snapshots of a machine that runs in a task, and machines that go on from one.
#![cfg(feature = "macros")]
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod broken;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use fsm_runtime::{AskError, Backoff, Handle, Outcome, Reason, Refused, Supervision, Then, fsm, options, spawn};
use tokio::time::{Instant, sleep, sleep_until};
use works::{State, Works};

use crate::broken::Broken;

fsm!("tests/works.yaml");

/// Its task never ends. `fail` panics, or gives an error where `gently` says so.
#[derive(Clone, Default)]
struct Hand {
    gently: bool,
    /// How often its task was begun.
    begun: Arc<Mutex<u32>>,
}

impl works::Actions for Hand {
    async fn late(&mut self) -> Result<(), Broken> {
        Ok(())
    }

    async fn fail(&mut self) -> Result<(), Broken> {
        assert!(self.gently, "as ordered");
        Err(Broken)
    }

    async fn work(self, _n: u32) -> Result<u32, Broken> {
        *self.begun.lock().unwrap() += 1;
        std::future::pending().await
    }
}

const SECOND: Duration = Duration::from_secs(1);

/// Until so many seconds after the beginning, and a little for the machine.
async fn until(begin: Instant, seconds: u32) {
    sleep_until(begin + SECOND * seconds + Duration::from_millis(10)).await;
}

async fn ticks(handle: &Handle<works::Machine>) -> u32 {
    handle.inspect(|machine| machine.context().ticks).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_running_machine_is_laid_down_and_goes_on_elsewhere_with_what_is_left_of_its_timers() {
    let (begin, hand) = (Instant::now(), Hand::default());
    let handle = spawn(Works::new(hand.clone()));
    handle.send(works::event::Start { n: 7 }).await.unwrap();
    handle.send(works::event::Job).await.unwrap();
    until(begin, 25).await;
    let snapshot = handle.snapshot::<Works<Hand>>().await.unwrap();
    assert_eq!(ticks(&handle).await, 2);
    assert_eq!(handle.shutdown().await.deferred, 1);
    // Nobody runs it for a while.
    sleep(SECOND * 1_000).await;

    let begin = Instant::now();
    let handle = options().spawn(Works::restore(hand.clone(), snapshot).unwrap());
    until(begin, 4).await;
    assert_eq!(ticks(&handle).await, 2);
    until(begin, 5).await;
    assert_eq!(ticks(&handle).await, 3, "the tick that was 5 s away");
    until(begin, 34).await;
    assert_eq!((ticks(&handle).await, handle.state().await), (5, Ok(State::Working(works::state::Working { n: 7 }))));
    until(begin, 35).await;
    assert_eq!(handle.state().await, Ok(State::Slow), "the minute is over, 25 s of it in another task");
    assert_eq!(*hand.begun.lock().unwrap(), 2, "the task was begun anew");
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_goes_ahead_of_waiting_events_and_has_those_that_are_deferred() {
    let handle = spawn(Works::new(Hand::default()));
    handle.send(works::event::Start { n: 7 }).await.unwrap();
    handle.send(works::event::Job).await.unwrap();
    handle.ready().await.unwrap();
    assert_eq!(handle.ask(works::event::Ask).await, Ok(Outcome::Unhandled));
    let taken = tokio::join!(handle.ask(works::event::Stop), handle.snapshot::<Works<Hand>>());
    let other = spawn(Works::restore(Hand::default(), taken.1.unwrap()).unwrap());
    assert_eq!(other.state().await, Ok(State::Working(works::state::Working { n: 7 })));
    assert_eq!(other.ask(works::event::Stop).await, Ok(Outcome::Transitioned));
    assert_eq!(other.shutdown().await.deferred, 0);
}

#[tokio::test]
async fn whoever_names_other_handlers_is_told_so() {
    #[derive(Clone)]
    struct Nobody;
    impl works::Actions for Nobody {
        async fn late(&mut self) -> Result<(), Broken> {
            Ok(())
        }

        async fn fail(&mut self) -> Result<(), Broken> {
            Ok(())
        }

        async fn work(self, n: u32) -> Result<u32, Broken> {
            Ok(n)
        }
    }
    let handle = spawn(Works::new(Hand::default()));
    let refused = handle.snapshot::<Works<Nobody>>().await.unwrap_err();
    assert_eq!(refused, Refused::OtherService);
    let said =
        "the machine runs with other handlers; ask for the snapshot of what was spawned, `snapshot::<Robot<Arm>>()`";
    assert_eq!(refused.to_string(), said);
    handle.shutdown().await;
    let ended = handle.snapshot::<Works<Hand>>().await.unwrap_err();
    assert_eq!(ended, Refused::Closed(Reason::Shutdown));
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_fails_goes_on_from_before_the_step_with_what_is_left_of_its_timers() {
    for gently in [false, true] {
        let (begin, hand) = (Instant::now(), Hand { gently, ..Hand::default() });
        let policy = Supervision::new().on_error(Then::Restart).backoff(Backoff::constant(SECOND * 3));
        let own = hand.clone();
        let handle = options().spawn_resuming(policy, move || Works::new(own.clone()));
        handle.send(works::event::Start { n: 7 }).await.unwrap();
        until(begin, 24).await;
        let asked = handle.ask(works::event::Fail).await;
        assert!(matches!(asked, Err(AskError::Lost(Reason::Panicked) | AskError::Machine(_))), "{asked:?}");
        until(begin, 29).await;
        assert_eq!(ticks(&handle).await, 2, "as it was before");
        until(begin, 30).await;
        assert_eq!(ticks(&handle).await, 3, "time went on while it waited");
        until(begin, 59).await;
        assert_eq!(handle.state().await, Ok(State::Working(works::state::Working { n: 7 })));
        until(begin, 60).await;
        assert_eq!(handle.state().await, Ok(State::Slow));
        assert_eq!(*hand.begun.lock().unwrap(), 2);
        assert_eq!(handle.shutdown().await.restarts, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_came_due_while_it_waited_comes_at_once() {
    let begin = Instant::now();
    let policy = Supervision::new().backoff(Backoff::constant(SECOND * 100));
    let handle = options().spawn_resuming(policy, || Works::new(Hand::default()));
    handle.send(works::event::Start { n: 7 }).await.unwrap();
    handle.send(works::event::Fail).await.unwrap();
    until(begin, 100).await;
    assert_eq!(handle.state().await, Ok(State::Slow));
}
