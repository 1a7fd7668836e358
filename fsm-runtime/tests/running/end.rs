//! The end: shutdown, dropped handles, a final state, panics, a runtime that goes away. Nobody waits for ever.

use std::sync::Arc;
use std::time::Duration;

use fsm_runtime::core::{Outcome, Status};
use fsm_runtime::{AskError, Reason, Refused, options, spawn};
use tokio::sync::Notify;

use crate::rig::{Event, Rig, State};
use crate::{poll, settle};

#[tokio::test]
async fn shutdown_drains_what_was_taken_and_gives_the_rest_back() {
    let (rig, log) = Rig::new();
    let handle = options().capacity(2).spawn(rig);
    handle.send(Event::Gate).await.unwrap();
    settle().await;
    handle.send(Event::Count(0, 0)).await.unwrap();
    handle.send(Event::Count(0, 1)).await.unwrap();
    let mut waiting = handle.send(Event::Count(0, 2));
    assert!(poll(&mut waiting).is_pending());

    handle.close();
    assert!(handle.is_closed());
    let refused = waiting.await.unwrap_err();
    assert_eq!(refused.why, Refused::Closed(Reason::Shutdown));
    assert!(matches!(refused.event, Event::Count(0, 2)));
    assert!(handle.report().is_none(), "the gate is still closed");

    log.open_gate(1);
    let report = handle.shutdown().await;
    assert_eq!((report.reason, report.handled, report.dropped), (Reason::Shutdown, 3, 0));
    assert_eq!(report.configuration, ["Idle"]);
    assert_eq!(log.places(), [0, 1]);
    assert_eq!(handle.report(), Some(&report));
}

#[tokio::test]
async fn shutdown_refuses_a_sender_whose_turn_had_come() {
    let (rig, log) = Rig::new();
    let handle = options().capacity(1).spawn(rig);
    handle.send(Event::Gate).await.unwrap();
    settle().await;
    handle.send(Event::Gate).await.unwrap();
    let mut granted = handle.send(Event::Count(0, 0));
    assert!(poll(&mut granted).is_pending());
    log.open_gate(1);
    settle().await;
    handle.close();
    assert_eq!(granted.await.unwrap_err().why, Refused::Closed(Reason::Shutdown));
    log.open_gate(1);
    assert_eq!(handle.shutdown().await.handled, 2);
}

#[tokio::test]
async fn shutting_down_twice_gives_the_same_report() {
    let (rig, _log) = Rig::new();
    let handle = spawn(rig);
    handle.send(Event::Toggle).await.unwrap();
    let (first, second) = tokio::join!(handle.shutdown(), handle.shutdown());
    assert_eq!(first, second);
    assert_eq!(first.configuration, ["Busy.Deep"]);
}

#[tokio::test]
async fn a_handler_that_never_ends_can_be_aborted() {
    let (rig, log) = Rig::new();
    let handle = spawn(rig);
    let (gone, behind) = (handle.clone(), handle.clone());
    let asked = tokio::spawn(async move { gone.ask(Event::Gate).await });
    let waits = tokio::spawn(async move { behind.ask(Event::Toggle).await });
    settle().await;
    handle.stop();
    settle().await;
    assert!(handle.report().is_none(), "`stop` waits for the step");
    handle.abort();
    let report = handle.join().await;
    assert_eq!((report.reason, report.handled, report.dropped), (Reason::Aborted, 1, 1));
    assert!(log.is_dropped());
    assert!(matches!(asked.await.unwrap(), Err(AskError::Lost(_))));
    assert!(matches!(waits.await.unwrap(), Err(AskError::Lost(_))));
    handle.abort();
}

#[tokio::test]
async fn the_service_is_dropped_before_the_end_is_seen() {
    let (rig, log) = Rig::new();
    let handle = spawn(rig);
    assert!(!log.is_dropped());
    handle.shutdown().await;
    assert!(log.is_dropped());
}

#[tokio::test]
async fn dropping_all_handles_drains_and_ends() {
    let (rig, log) = Rig::new();
    let handle = spawn(rig);
    let other = handle.clone();
    let weak = handle.downgrade();
    handle.send(Event::Count(0, 0)).await.unwrap();
    drop(handle);
    other.send(Event::Count(0, 1)).await.unwrap();
    drop(other);
    let report = weak.join().await;
    assert_eq!((report.reason, report.handled), (Reason::Abandoned, 2));
    assert_eq!(log.places(), [0, 1]);
}

#[tokio::test]
async fn a_finished_machine_ends_and_gives_events_back() {
    let (rig, log) = Rig::new();
    let handle = spawn(rig);
    handle.send(Event::Finish).await.unwrap();
    handle.send(Event::Count(0, 0)).await.unwrap();
    let report = handle.join().await;
    assert_eq!((report.reason, report.handled, report.dropped), (Reason::Finished, 1, 1));
    assert_eq!(report.configuration, ["Done"]);
    let refused = handle.send(Event::Count(0, 1)).await.unwrap_err();
    assert_eq!(refused.why, Refused::Closed(Reason::Finished));
    assert!(matches!(refused.event, Event::Count(0, 1)));
    assert_eq!(handle.try_send(Event::Toggle).unwrap_err().why, Refused::Closed(Reason::Finished));
    assert!(log.places().is_empty());
}

#[tokio::test]
async fn whoever_asks_a_finished_machine_is_told_so_at_any_time() {
    let (rig, log) = Rig::new();
    let handle = options().capacity(2).spawn(rig);
    handle.send(Event::Gate).await.unwrap();
    settle().await;
    let mut finish = handle.ask(Event::Finish);
    let mut in_the_mailbox = handle.ask(Event::Toggle);
    let mut in_line = handle.ask(Event::Toggle);
    assert!(
        poll(&mut finish).is_pending() && poll(&mut in_the_mailbox).is_pending() && poll(&mut in_line).is_pending()
    );
    log.open_gate(1);
    assert_eq!(finish.await, Ok(Outcome::Finished));
    assert_eq!(in_the_mailbox.await, Ok(Outcome::Finished));
    assert_eq!(in_line.await, Ok(Outcome::Finished));
    assert_eq!(handle.ask(Event::Toggle).await, Ok(Outcome::Finished));
}

#[tokio::test]
async fn a_machine_that_finishes_while_it_drains_is_finished() {
    let (rig, _log) = Rig::new();
    let handle = spawn(rig);
    handle.send(Event::Finish).await.unwrap();
    let mut left = handle.ask(Event::Toggle);
    assert!(poll(&mut left).is_pending());
    assert_eq!(handle.shutdown().await.reason, Reason::Finished);
    assert_eq!(left.await, Ok(Outcome::Finished));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_ends_the_machine_and_nobody_hangs() {
    for _ in 0..50 {
        let (rig, log) = Rig::new();
        let handle = options().capacity(2).spawn(rig);
        handle.send(Event::Gate).await.unwrap();
        let askers: Vec<_> = (0..6)
            .map(|asker| {
                let handle = handle.clone();
                let event = if asker == 0 { Event::Panic } else { Event::Toggle };
                tokio::spawn(async move { handle.ask(event).await })
            })
            .collect();
        tokio::task::yield_now().await;
        log.open_gate(1);
        let report = tokio::time::timeout(Duration::from_secs(30), handle.join()).await.unwrap();
        assert_eq!(report.reason, Reason::Panicked);
        assert_eq!(report.panic.as_deref(), Some("the arm fell off"));
        assert!(log.is_dropped());
        for (asker, answer) in askers.into_iter().enumerate() {
            let answer = tokio::time::timeout(Duration::from_secs(30), answer).await.unwrap().unwrap();
            match answer {
                Err(AskError::Lost(Reason::Panicked)) => {}
                Err(AskError::Refused(Refused::Closed(Reason::Panicked))) | Ok(Outcome::Transitioned) if asker != 0 => {
                }
                other => panic!("asker {asker}: {other:?}"),
            }
        }
        assert_eq!(handle.send(Event::Toggle).await.unwrap_err().why, Refused::Closed(Reason::Panicked));
        assert_eq!(handle.state().await, Err(Refused::Closed(Reason::Panicked)));
    }
}

#[tokio::test]
async fn a_panicking_observer_ends_the_machine_too() {
    let (rig, _log) = Rig::new();
    let handle = options().on_transition(|_| panic!("no paper")).spawn(rig);
    let report = handle.join().await;
    assert_eq!((report.reason, report.panic.as_deref()), (Reason::Panicked, Some("no paper")));
}

#[tokio::test]
async fn a_machine_that_is_finished_or_poisoned_from_the_start_ends_at_once() {
    let finished = spawn(Rig::restored(State::Done, Status::Finished));
    assert_eq!(finished.join().await.reason, Reason::Finished);
    let poisoned = spawn(Rig::restored(State::Idle, Status::Stepping));
    assert_eq!(poisoned.join().await.reason, Reason::Poisoned);
    assert_eq!(poisoned.ask(Event::Toggle).await, Err(AskError::Refused(Refused::Closed(Reason::Poisoned))));
}

#[test]
fn a_runtime_that_goes_away_leaves_nobody_waiting() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let outside = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (rig, log) = Rig::new();
    let handle = options().capacity(1).spawn_on(rig, runtime.handle());
    outside.block_on(async {
        let entered = Arc::new(Notify::new());
        let hangs = {
            let entered = Arc::clone(&entered);
            Event::run(move || {
                entered.notify_one();
                std::future::pending()
            })
        };
        let mut being_handled = handle.ask(hangs);
        assert!(poll(&mut being_handled).is_pending());
        entered.notified().await;
        let mut in_the_mailbox = handle.ask(Event::Toggle);
        let mut in_line = handle.send(Event::Toggle);
        assert!(poll(&mut in_the_mailbox).is_pending() && poll(&mut in_line).is_pending());
        runtime.shutdown_background();
        assert_eq!(being_handled.await, Err(AskError::Lost(Reason::Aborted)));
        assert_eq!(in_the_mailbox.await, Err(AskError::Lost(Reason::Aborted)));
        assert_eq!(in_line.await.unwrap_err().why, Refused::Closed(Reason::Aborted));
        let report = handle.join().await;
        assert_eq!((report.reason, report.handled, report.dropped), (Reason::Aborted, 1, 1));
    });
    assert!(log.is_dropped());
}

#[test]
fn a_task_that_never_ran_leaves_a_report_too() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (rig, log) = Rig::new();
    let handle = options().spawn_on(rig, runtime.handle());
    handle.try_send(Event::Toggle).unwrap();
    drop(runtime);
    let report = handle.report().unwrap();
    assert_eq!((report.reason, report.handled, report.dropped), (Reason::Aborted, 0, 1));
    assert!(log.is_dropped());
}
