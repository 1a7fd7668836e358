//! Failures: told, and followed by what the policy says.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fsm_runtime::core::{Error, Outcome, Status};
use fsm_runtime::{AskError, Backoff, Handle, Options, Reason, Supervision, Then, options};
use tokio::time::{Instant, sleep};

use crate::rig::{Event, Log, Rig, RigMachine, State};
use crate::settle;

const SECOND: Duration = Duration::from_secs(1);

/// At once, as often as need be.
fn at_once() -> Supervision {
    Supervision::new().backoff(Backoff::constant(Duration::ZERO)).limit(u32::MAX, SECOND)
}

fn supervised(options: Options<RigMachine>, policy: Supervision) -> (Handle<RigMachine>, Log, Arc<AtomicUsize>) {
    let (_, log) = Rig::new();
    let (made, of) = (Arc::<AtomicUsize>::default(), log.clone());
    let count = Arc::clone(&made);
    let handle = options.spawn_supervised(policy, move |_| {
        count.fetch_add(1, Relaxed);
        Rig::with_log(&of)
    });
    (handle, log, made)
}

#[tokio::test]
async fn watchers_see_where_a_restart_puts_the_machine() {
    for status in [Status::Ready, Status::Suspended] {
        let handle = options().spawn_supervised(at_once(), move |restart| match restart {
            None => Rig::new().0,
            Some(_) => Rig::restored(State::Busy, status),
        });
        let states = handle.watch().await.unwrap();
        handle.send(Event::Panic).await.unwrap();
        assert_eq!(handle.wait_for(|state| *state == State::Busy).await, Ok(State::Busy));
        assert_eq!(*states.borrow(), State::Busy, "{status:?}");
    }
}

#[tokio::test]
async fn a_machine_that_panics_is_made_anew_and_its_mailbox_lives_on() {
    let (handle, log, made) = supervised(options(), at_once());
    let _ = handle.ask(Event::Toggle).await.unwrap();
    let (panicked, later) = tokio::join!(handle.ask(Event::Panic), handle.ask(Event::Count(0, 1)));
    assert_eq!(panicked, Err(AskError::Lost(Reason::Panicked)));
    assert_eq!(later, Ok(Outcome::Handled));
    assert_eq!(handle.state().await, Ok(State::Idle), "it began from its initial state");
    assert_eq!((log.places(), made.load(Relaxed)), (vec![1], 2));
    let report = handle.shutdown().await;
    assert_eq!((report.reason, report.handled, report.restarts), (Reason::Shutdown, 3, 1));
    assert_eq!(report.panic.as_deref(), Some("the arm fell off"), "the last one");
}

#[tokio::test]
async fn an_error_lets_the_machine_go_on_unless_the_policy_says_otherwise() {
    let (handle, _, made) = supervised(options(), at_once());
    let failed = Err(AskError::Machine(Error::Action("jammed")));
    assert_eq!(handle.ask(Event::Fail).await, failed);
    assert_eq!(made.load(Relaxed), 1);

    let (handle, _, made) = supervised(options(), at_once().on_error(Then::Restart));
    assert_eq!(handle.ask(Event::Fail).await, failed, "the asker is told what happened, not what follows");
    assert_eq!(handle.ask(Event::Toggle).await, Ok(Outcome::Transitioned));
    assert_eq!(made.load(Relaxed), 2);

    let (handle, _, made) = supervised(options(), at_once().on_error(Then::Stop));
    assert_eq!(handle.ask(Event::Fail).await, failed);
    assert_eq!((handle.join().await.reason, made.load(Relaxed)), (Reason::Failed, 1));
}

#[tokio::test]
async fn it_can_go_on_from_where_it_was_before_the_step_that_failed() {
    let (_, log) = Rig::new();
    let handle = options().remember().spawn_supervised(at_once(), move |restart| match restart {
        None => Rig::with_log(&log),
        Some(restart) => Rig::going_on(&log, restart.last.unwrap()),
    });
    let _ = handle.ask(Event::Toggle).await.unwrap();
    handle.send(Event::Panic).await.unwrap();
    assert_eq!(handle.state().await, Ok(State::Busy));
    assert_eq!(handle.ask(Event::Toggle).await, Ok(Outcome::Transitioned));
}

#[tokio::test(start_paused = true)]
async fn it_waits_longer_after_each_failure_and_gives_up_after_too_many() {
    let backoff = Backoff::exponential(SECOND, SECOND * 4).jitter(0.0);
    let policy = Supervision::new().backoff(backoff).limit(4, SECOND * 60);
    let (handle, log, made) = supervised(options(), policy);
    let begin = Instant::now();
    for _ in 0..5 {
        handle.send(Event::Panic).await.unwrap();
    }
    handle.send(Event::Count(0, 0)).await.unwrap();
    let report = handle.join().await;
    assert_eq!((report.reason, report.restarts, report.dropped), (Reason::Panicked, 4, 1));
    assert_eq!(begin.elapsed().as_secs(), 1 + 2 + 4 + 4);
    assert_eq!(made.load(Relaxed), 5);
    assert!(log.places().is_empty());
}

#[tokio::test(start_paused = true)]
async fn failures_that_lie_far_apart_do_not_add_up() {
    let policy = Supervision::new().backoff(Backoff::constant(SECOND)).limit(1, SECOND * 60);
    let (handle, _, made) = supervised(options(), policy);
    for _ in 0..5 {
        handle.send(Event::Panic).await.unwrap();
        sleep(SECOND * 100).await;
    }
    assert_eq!(handle.ask(Event::Toggle).await, Ok(Outcome::Transitioned));
    assert_eq!(made.load(Relaxed), 6);
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_waits_to_be_made_anew_can_be_stopped() {
    let (handle, _, _) = supervised(options(), Supervision::new().backoff(Backoff::constant(SECOND * 3_600)));
    handle.send(Event::Panic).await.unwrap();
    settle().await;
    let begin = Instant::now();
    handle.stop();
    assert_eq!(handle.join().await.reason, Reason::Stopped);
    assert_eq!(begin.elapsed(), Duration::ZERO);
}

#[tokio::test]
async fn each_failure_is_told_with_the_transition_that_failed() {
    let told = Arc::<Mutex<Vec<String>>>::default();
    let tell = {
        let told = Arc::clone(&told);
        options()
            .name("arm")
            .on_failure(move |failure| told.lock().unwrap().push(format!("{failure} {:?}", failure.then)))
    };
    let (handle, _, _) = supervised(tell, at_once().on_panic(Then::Escalate));
    handle.send(Event::Fail).await.unwrap();
    handle.send(Event::Panic).await.unwrap();
    assert_eq!(handle.join().await.reason, Reason::Panicked);
    let expected = [
        "arm failed on Fail: Action(\"jammed\") None",
        "arm failed on Panic: it panicked: the arm fell off Some(Escalate)",
    ];
    assert_eq!(*told.lock().unwrap(), expected);
}

#[tokio::test]
async fn a_machine_that_cannot_be_made_anew_ends() {
    let (_, log) = Rig::new();
    let handle = options().spawn_supervised(at_once(), move |restart| {
        assert!(restart.is_none(), "no second arm");
        Rig::with_log(&log)
    });
    handle.send(Event::Panic).await.unwrap();
    let report = handle.join().await;
    assert_eq!((report.reason, report.panic.as_deref()), (Reason::Panicked, Some("no second arm")));
}
