//! Whoever asks a generated machine gets his own answer, and gets it although the machine is busy.
#![cfg(feature = "macros")]
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod broken;

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::time::Duration;

use fsm_runtime::{Handle, Outcome, Reason, fsm, spawn};
use tokio::join;
use tokio::time::{sleep, timeout};

use crate::broken::Broken;

fsm!("tests/answers.yaml");
fsm!("tests/gate.yaml");
fsm!("tests/late.yaml");

/// Works for so many seconds, or panics after half of one. It takes a second to pack up.
#[derive(Clone)]
struct Hand(u64);

impl desk::Actions for Hand {
    async fn pack(&mut self) -> Result<(), Broken> {
        sleep(Duration::from_secs(1)).await;
        Ok(())
    }

    async fn work(self) -> Result<u32, Broken> {
        if self.0 == 0 {
            sleep(Duration::from_millis(500)).await;
            panic!("as ordered");
        }
        sleep(Duration::from_secs(self.0)).await;
        Ok(1)
    }
}

fn desk(seconds: u64) -> Handle<desk::Machine> {
    spawn(desk::Desk::new(Hand(seconds)))
}

#[tokio::test(start_paused = true)]
async fn the_invoke_of_the_initial_state_starts_by_itself() {
    let handle = desk(5);
    sleep(Duration::from_mins(1)).await;
    assert_eq!(handle.inspect(|machine| machine.state().to_string()).await.unwrap(), "Free");
}

#[tokio::test(start_paused = true)]
async fn each_request_gets_its_own_answer_also_where_events_were_deferred() {
    let handle = desk(500);
    let (quiet, one, two, free) = join!(
        handle.request(desk::event::Quiet),
        handle.request(desk::event::Job),
        handle.request(desk::event::Job),
        handle.request(desk::event::Free),
    );
    assert_eq!(quiet, Ok((Outcome::Handled, None)));
    assert_eq!(one, Ok((Outcome::Handled, Some(desk::Reply::Job(2)))));
    assert_eq!(two, Ok((Outcome::Handled, Some(desk::Reply::Job(3)))));
    assert_eq!(free, Ok((Outcome::Transitioned, Some(desk::Reply::Free(7)))));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_requested_goes_to_nobody_else() {
    let handle = desk(20);
    let (quiet, asked) = join!(handle.request(desk::event::Quiet), handle.ask(desk::event::Ask));
    assert_eq!(asked, Ok(Outcome::Handled));
    assert_eq!(quiet, Ok((Outcome::Handled, None)));
}

#[tokio::test(start_paused = true)]
async fn a_request_to_a_finished_machine_is_told_so_at_any_time() {
    let handle = desk(5);
    let (waiting, stopped, behind) =
        join!(handle.request(desk::event::Job), handle.request(desk::event::Stop), handle.request(desk::event::Ask),);
    assert_eq!(stopped, Ok((Outcome::Finished, None)));
    assert_eq!((waiting, behind), (Ok((Outcome::Finished, None)), Ok((Outcome::Finished, None))));
    handle.join().await;
    assert_eq!(handle.request(desk::event::Stop).await, Ok((Outcome::Finished, None)));
}

#[tokio::test(start_paused = true)]
async fn an_invoke_that_panics_while_its_state_is_left_ends_nothing() {
    let handle = desk(0);
    assert_eq!(handle.ask(desk::event::Free).await, Ok(Outcome::Transitioned));
    assert_eq!(handle.request(desk::event::Job).await, Ok((Outcome::Handled, Some(desk::Reply::Job(1)))));
    assert_eq!(handle.shutdown().await.reason, Reason::Shutdown);
}

/// Opens the gate wholly, or by half, or not.
#[derive(Clone)]
struct Opening(Arc<AtomicU8>);

impl gate::Actions for Opening {
    fn ready(&self) -> bool {
        self.0.load(Relaxed) == 2
    }

    fn half(&self) -> bool {
        self.0.load(Relaxed) == 1
    }
}

/// A gate that was closed at its start, and is open so far now.
async fn gate(opening: u8) -> Handle<gate::Machine> {
    let shared = Arc::new(AtomicU8::new(0));
    let handle = spawn(gate::Gate::new(Opening(Arc::clone(&shared))));
    assert_eq!(handle.state().await, Ok(gate::State::Busy));
    shared.store(opening, Relaxed);
    handle
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_waited_for_also_where_the_state_changes_in_the_step_that_deferred() {
    let job = Ok((Outcome::Handled, Some(gate::Reply::Job(1))));
    assert_eq!(gate(2).await.request(gate::event::Job).await, job);
    let half = gate(1).await;
    let (found, went) = join!(half.request(gate::event::Job), half.request(gate::event::Go));
    assert_eq!((found, went), (job, Ok((Outcome::Transitioned, None))));
}

#[tokio::test(start_paused = true)]
async fn the_answer_to_an_event_that_a_step_sent_belongs_to_the_event_of_the_step() {
    let handle = gate(0).await;
    let (job, go) = join!(handle.request(gate::event::Job), handle.request(gate::event::Go));
    assert_eq!(job, Ok((Outcome::Handled, Some(gate::Reply::Job(1)))));
    assert_eq!(go, Ok((Outcome::Transitioned, Some(gate::Reply::Note(9)))));
}

#[test]
fn watchers_that_went_away_take_no_room_in_a_machine_that_stays_where_it_is() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let handle = runtime.block_on(gate(0));
    // Everything runs on this thread, whose allocations are counted.
    let watch = |rounds| {
        let bytes = allocation_counter::measure(|| {
            runtime.block_on(async {
                for _ in 0..rounds {
                    drop(handle.watch().await.unwrap());
                }
            });
        });
        bytes.bytes_current
    };
    watch(100);
    assert!(watch(1_000) < 1_000, "not even a byte a watcher");
}

/// Takes longer than there is time for.
struct Slow;

impl late::Actions for Slow {
    async fn slow(&mut self) {
        sleep(Duration::from_millis(15)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_is_always_late_hears_events_questions_and_the_end() {
    let soon = Duration::from_secs(1);
    let handle = spawn(late::Late::new(Slow));
    sleep(Duration::from_millis(50)).await;
    assert_eq!(timeout(soon, handle.ask(late::event::Look)).await.unwrap(), Ok(Outcome::Handled));
    assert_eq!(timeout(soon, handle.inspect(|machine| machine.state().to_string())).await.unwrap().unwrap(), "On");
    assert_eq!(timeout(soon, handle.shutdown()).await.unwrap().reason, Reason::Shutdown);
}
