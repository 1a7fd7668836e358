//! Timers, invokes, deferral and messages.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use fsm_runtime::{Outcome, Reason};
use tokio::time::{advance, sleep};

use crate::crew::{Event, Message, Reply, State, event, message, state};
use crate::rig::{Log, builder};

fn busy(ms: u32) -> State {
    State::Busy(state::Busy { ms })
}

const MOMENT: Duration = Duration::from_millis(2);

#[tokio::test(start_paused = true)]
async fn timers_of_many_machines_come_when_they_are_due_and_not_when_they_are_cancelled() {
    let log = Log::default();
    let fleet = builder(&log).shards(2).spawn();
    for key in 0..200 {
        fleet.send(key, Event::Later).await.unwrap();
        if key % 2 == 0 {
            fleet.send(key, Event::Never).await.unwrap();
        }
        sleep(MOMENT).await;
    }
    sleep(Duration::from_millis(4_550)).await;
    assert_eq!((log.of(1), log.of(151)), (vec![], vec![]));
    sleep(Duration::from_millis(150)).await;
    assert_eq!((log.of(1), log.of(0), log.of(151)), (vec![1_000], vec![], vec![]));
    sleep(Duration::from_secs(1)).await;
    let come = (0..200).filter(|key| log.of(*key) == [1_000]).count();
    assert_eq!(come, 100);
}

#[tokio::test(start_paused = true)]
async fn the_result_of_an_invoke_comes_back_and_leaving_its_state_aborts_it() {
    let log = Log::default();
    let fleet = builder(&log).shards(1).spawn();
    fleet.send(1, event::Work { ms: 50 }).await.unwrap();
    fleet.send(2, event::Work { ms: 60 }).await.unwrap();
    assert_eq!(fleet.ask(2, Event::Stop).await, Ok(Outcome::Transitioned));
    assert_eq!(fleet.state(1).await, Ok(Some(busy(50))));
    sleep(Duration::from_millis(100)).await;
    assert_eq!(fleet.request(1, Event::Ask).await, Ok((Outcome::Handled, Some(Reply::Ask(50)))));
    assert_eq!((log.of(1), log.of(2)), (vec![50], vec![]));
}

#[tokio::test(start_paused = true)]
async fn a_state_that_takes_too_long_is_left_by_its_timer() {
    let fleet = builder(&Log::default()).shards(1).spawn();
    fleet.send(1, event::Work { ms: 3_600_000 }).await.unwrap();
    sleep(Duration::from_secs(59)).await;
    assert_eq!(fleet.state(1).await, Ok(Some(busy(3_600_000))));
    sleep(Duration::from_secs(2)).await;
    assert_eq!(fleet.state(1).await, Ok(Some(State::Idle)));
}

#[tokio::test(start_paused = true)]
async fn a_timer_goes_before_the_events_that_came_while_its_machine_was_busy() {
    let log = Log::default();
    let fleet = builder(&log).shards(1).spawn();
    fleet.send(1, Event::Later).await.unwrap();
    fleet.send(1, event::Rest { ms: 10_000 }).await.unwrap();
    fleet.send(1, event::Note { n: 1 }).await.unwrap();
    sleep(Duration::from_millis(10_010)).await;
    assert_eq!(log.of(1), [10_000, 1_000, 1]);
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_for_a_deferred_event_is_answered_when_it_is_handled() {
    let fleet = builder(&Log::default()).shards(1).spawn();
    fleet.send(1, event::Work { ms: 100 }).await.unwrap();
    let asking = tokio::spawn({
        let fleet = fleet.clone();
        async move { fleet.request(1, Event::Job).await }
    });
    sleep(Duration::from_millis(50)).await;
    assert!(!asking.is_finished());
    sleep(Duration::from_millis(100)).await;
    assert_eq!(asking.await.unwrap(), Ok((Outcome::Handled, Some(Reply::Job(0)))));
    let report = fleet.shutdown().await;
    assert_eq!((report.handled, report.deferred), (2, 0));
}

#[tokio::test]
async fn messages_come_out_with_their_keys() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&told);
    let fleet =
        builder(&Log::default()).on_emit(move |key, message| sink.lock().unwrap().push((*key, message))).spawn();
    for n in 0..3 {
        assert_eq!(fleet.ask(5, event::Tell { n }).await, Ok(Outcome::Handled));
    }
    let expected: Vec<_> = (0..3).map(|n| (5, Message::Told(message::Told { n }))).collect();
    assert_eq!(*told.lock().unwrap(), expected);
}

#[tokio::test(start_paused = true)]
async fn an_invoke_that_panics_loses_its_machine_and_no_other() {
    let log = Log::default();
    let fleet = builder(&log).shards(1).spawn();
    fleet.send(1, event::Work { ms: 1 }).await.unwrap();
    fleet.send(2, event::Work { ms: 20 }).await.unwrap();
    advance(MOMENT).await;
    sleep(Duration::from_millis(100)).await;
    assert_eq!(fleet.state(1).await, Err(fsm_runtime::Refused::Closed(Reason::Panicked)));
    assert_eq!(fleet.state(2).await, Ok(Some(State::Idle)));
    let report = fleet.shutdown().await;
    assert_eq!(report.panicked, 1);
}

#[tokio::test(start_paused = true)]
async fn an_invoke_that_panics_during_a_step_counts_unless_that_step_leaves_its_state() {
    let fleet = builder(&Log::default()).shards(1).spawn();
    for key in [1, 2] {
        fleet.send(key, event::Work { ms: 1 }).await.unwrap();
    }
    let left = tokio::join!(fleet.ask(1, event::Rest { ms: 50 }), fleet.ask(2, event::Hold { ms: 50 }));
    assert_eq!(left, (Ok(Outcome::Transitioned), Ok(Outcome::Handled)));
    assert_eq!(fleet.state(1).await, Ok(Some(State::Idle)));
    assert_eq!(fleet.state(2).await, Err(fsm_runtime::Refused::Closed(Reason::Panicked)));
    assert_eq!(fleet.shutdown().await.panicked, 1);
}

#[tokio::test(start_paused = true)]
async fn forgetting_a_machine_ends_what_runs_beside_it() {
    let log = Log::default();
    let fleet = builder(&log).shards(1).spawn();
    assert_eq!(fleet.ask(1, event::Work { ms: 50 }).await, Ok(Outcome::Transitioned));
    assert!(fleet.ask(2, Event::Later).await.is_ok());
    assert_eq!((fleet.forget(1).await, fleet.forget(2).await, fleet.forget(3).await), (Ok(true), Ok(true), Ok(false)));
    // Others take the places of the two.
    fleet.send(4, event::Note { n: 4 }).await.unwrap();
    fleet.send(5, event::Note { n: 5 }).await.unwrap();
    sleep(Duration::from_secs(100)).await;
    assert_eq!((log.of(1), log.of(2), log.of(4), log.of(5)), (vec![], vec![], vec![4], vec![5]));
}
