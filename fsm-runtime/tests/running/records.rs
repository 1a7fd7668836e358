//! Transitions as records: the last ones, and those of a subscription. Waiting for a state.

use std::time::Duration;

use fsm_runtime::{Reason, Record, Refused, Seen, Subscription, options, spawn};
use tokio::time::timeout;

use crate::rig::{Event, Rig, State};
use crate::{poll, settle};

/// `1 Toggle: Idle -> Busy.Deep`, or the count of what was missed.
async fn next(subscription: &mut Subscription) -> Option<String> {
    let seen = timeout(Duration::from_secs(10), subscription.next()).await.expect("something comes")?;
    Some(match seen {
        Seen::Transition(record) => line(&record),
        Seen::Missed(missed) => format!("{missed} missed"),
    })
}

fn line(record: &Record) -> String {
    let message = record.message.map(|message| format!("{message} ")).unwrap_or_default();
    let event = record.event.unwrap_or("start");
    format!("{message}{event}: {} -> {}", record.from.join(", "), record.to.join(", "))
}

#[tokio::test]
async fn the_last_transitions_are_kept() {
    let handle = options().records(3).spawn(Rig::new().0);
    for event in [Event::Toggle, Event::Count(0, 0), Event::Unknown, Event::Toggle, Event::Finish] {
        handle.send(event).await.unwrap();
    }
    let report = handle.join().await;
    let lines: Vec<_> = report.records.iter().map(|record| line(record)).collect();
    assert_eq!(lines, ["2 Count: Busy.Deep -> Busy.Deep", "4 Toggle: Busy.Deep -> Idle", "5 Finish: Idle -> Done"]);
    let last = &report.records[2];
    assert_eq!((last.index, last.source, last.target), (Some(3), "Rig", Some("Done")));
}

#[tokio::test(start_paused = true)]
async fn a_record_tells_how_long_the_step_took() {
    let handle = options().records(1).spawn(Rig::new().0);
    handle.send(Event::run(|| async { tokio::time::sleep(Duration::from_secs(3)).await })).await.unwrap();
    handle.send(Event::Toggle).await.unwrap();
    let idle = handle.records().await.unwrap();
    assert_eq!(idle.iter().map(|record| record.took).collect::<Vec<_>>(), [Duration::ZERO]);
}

#[tokio::test]
async fn a_machine_keeps_no_records_unless_it_is_asked_to() {
    let handle = spawn(Rig::new().0);
    let _ = handle.ask(Event::Toggle).await.unwrap();
    assert!(handle.records().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_subscriber_sees_each_transition_from_then_to_the_end() {
    let handle = spawn(Rig::new().0);
    let _ = handle.ask(Event::Toggle).await.unwrap();
    let mut seen = handle.subscribe(16).await.unwrap();
    let mut other = handle.subscribe(16).await.unwrap();
    for event in [Event::Toggle, Event::Count(0, 0), Event::Finish] {
        handle.send(event).await.unwrap();
    }
    handle.join().await;
    let expected = ["2 Toggle: Busy.Deep -> Idle", "3 Count: Idle -> Idle", "4 Finish: Idle -> Done"];
    for subscription in [&mut seen, &mut other] {
        for line in expected {
            assert_eq!(next(subscription).await.as_deref(), Some(line));
        }
        assert_eq!(next(subscription).await, None);
    }
    assert_eq!(handle.subscribe(1).await.err(), Some(Refused::Closed(Reason::Finished)));
}

#[tokio::test]
async fn a_subscriber_that_falls_behind_is_told_how_far_and_holds_up_nobody() {
    let handle = spawn(Rig::new().0);
    let mut slow = handle.subscribe(2).await.unwrap();
    for place in 0..5 {
        let _ = handle.ask(Event::Count(0, place)).await.unwrap();
    }
    assert_eq!(next(&mut slow).await.as_deref(), Some("3 missed"));
    assert_eq!(next(&mut slow).await.as_deref(), Some("4 Count: Idle -> Idle"));
    assert_eq!(next(&mut slow).await.as_deref(), Some("5 Count: Idle -> Idle"));
}

#[tokio::test]
async fn a_state_can_be_waited_for() {
    let handle = spawn(Rig::new().0);
    assert_eq!(handle.wait_for(|state| *state == State::Idle).await, Ok(State::Idle), "it is there already");
    let mut busy = Box::pin(handle.wait_for(|state| *state == State::Busy));
    assert!(poll(&mut busy).is_pending());
    settle().await;
    handle.send(Event::Toggle).await.unwrap();
    assert_eq!(timeout(Duration::from_secs(10), busy).await.unwrap(), Ok(State::Busy));
    let mut never = Box::pin(handle.wait_for(|state| *state == State::Done));
    assert!(poll(&mut never).is_pending());
    settle().await;
    handle.stop();
    assert_eq!(timeout(Duration::from_secs(10), never).await.unwrap(), Err(Refused::Closed(Reason::Stopped)));
}

#[tokio::test]
async fn a_machine_is_ready_once_it_has_started() {
    let handle = spawn(Rig::new().0);
    assert_eq!(handle.ready().await, Ok(()));
    handle.shutdown().await;
    assert_eq!(handle.ready().await, Err(Refused::Closed(Reason::Shutdown)));
}
