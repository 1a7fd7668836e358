//! Machines that fail: what the policy says, and what becomes of everything around them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use fsm_runtime::core::{Error, Machine as _, Snapshot};
use fsm_runtime::{AskError, Backoff, Fleet, Outcome, Reason, Refused, Supervision, Then};
use tokio::time::{Instant, sleep};

use crate::broken::Broken;
use crate::crew::{self, Crew, Event, Reply, State, event, state};
use crate::rig::{Hand, Log, builder};

const SECOND: Duration = Duration::from_secs(1);

/// At once, as often as need be.
fn at_once() -> Supervision {
    Supervision::new().backoff(Backoff::constant(Duration::ZERO)).limit(u32::MAX, SECOND)
}

#[tokio::test]
async fn a_machine_that_panics_is_made_anew_and_what_waits_for_it_lives_on() {
    let log = Log::default();
    let fleet = builder(&log).shards(1).supervise(at_once()).spawn();
    fleet.send(1, event::Rest { ms: 1 }).await.unwrap();
    let asked = tokio::join!(fleet.ask(1, Event::Burst), fleet.ask(1, event::Note { n: 7 }), fleet.ask(2, Event::Ask));
    assert_eq!(asked, (Err(AskError::Lost(Reason::Panicked)), Ok(Outcome::Handled), Ok(Outcome::Handled)));
    assert_eq!(log.of(1), [1, 7]);
    let report = fleet.shutdown().await;
    assert_eq!((report.restarts, report.panicked, report.handled, report.failed), (1, 0, 4, 1));
    assert_eq!(
        report.to_string(),
        "it was shut down (2 machines; 4 handled, 1 failed, 0 refused, 0 dropped, 1 restarts)"
    );
}

#[tokio::test(start_paused = true)]
async fn an_error_lets_a_machine_go_on_unless_the_policy_says_otherwise() {
    let failed = Err(AskError::Machine(Error::Action(Broken)));
    let busy = State::Busy(state::Busy { ms: 50 });
    for (then, after) in [
        (None, Ok(Some(State::Idle))),
        (Some(Then::Restart), Ok(Some(State::Idle))),
        (Some(Then::Stop), Err(Refused::Closed(Reason::Failed))),
    ] {
        let policy = then.map_or(at_once(), |then| at_once().on_error(then));
        let fleet = builder(&Log::default()).shards(1).supervise(policy).spawn();
        fleet.send(1, Event::Later).await.unwrap();
        assert_eq!(fleet.ask(1, Event::Fail).await, failed, "the asker is told what happened, not what follows");
        assert_eq!(fleet.state(1).await, after);
        sleep(SECOND * 6).await;
        // The timer of the machine that failed never reaches the new one.
        let late = fleet.inspect(1, |crew| crew.context().late).await;
        assert_eq!(late.ok().flatten(), if then.is_none() { Some(7) } else { after.ok().map(|_| 0) });
        assert_eq!(fleet.ask(2, event::Work { ms: 50 }).await, Ok(Outcome::Transitioned));
        assert_eq!(fleet.state(2).await, Ok(Some(busy.clone())));
        let report = fleet.shutdown().await;
        let counts = (report.restarts, report.stopped);
        assert_eq!(counts, (u64::from(then == Some(Then::Restart)), u64::from(then == Some(Then::Stop))));
    }
}

#[tokio::test]
async fn a_machine_can_go_on_from_where_it_was_before_the_step_that_failed() {
    let log = Log::default();
    let (told, own) = (Arc::new(Mutex::new(Vec::new())), log.clone());
    let restarts = Arc::clone(&told);
    let fleet = builder(&log)
        .shards(1)
        .remember()
        .supervise_with(at_once(), move |restart| {
            restarts.lock().unwrap().push((*restart.key, restart.count, restart.reason));
            let snapshot: crew::Snapshot =
                Snapshot::new(crew::Machine::DEFINITION, restart.last?.clone(), [Duration::ZERO; _]);
            Crew::restore(Hand::new(*restart.key, &own), snapshot).ok()
        })
        .spawn();
    fleet.send(1, event::Work { ms: 0 }).await.unwrap();
    fleet.send(2, Event::Due).await.unwrap();
    for _ in 0..2 {
        fleet.send(2, Event::Burst).await.unwrap();
    }
    assert_eq!(fleet.request(2, Event::Job).await, Ok((Outcome::Handled, Some(Reply::Job(7)))));
    let reason = Reason::Panicked;
    assert_eq!(*told.lock().unwrap(), [(2, 1, reason), (2, 2, reason)]);
}

#[tokio::test(start_paused = true)]
async fn a_machine_waits_longer_after_each_failure_and_is_given_up_after_too_many() {
    let backoff = Backoff::exponential(SECOND, SECOND * 4).jitter(0.0);
    let log = Log::default();
    let fleet = builder(&log).shards(1).supervise(Supervision::new().backoff(backoff).limit(4, SECOND * 60)).spawn();
    let begin = Instant::now();
    for _ in 0..5 {
        fleet.send(1, Event::Burst).await.unwrap();
    }
    // Others do not wait with it.
    assert_eq!(fleet.ask(2, event::Note { n: 2 }).await, Ok(Outcome::Handled));
    assert_eq!(begin.elapsed(), Duration::ZERO);
    let lost = fleet.ask(1, event::Note { n: 1 }).await;
    assert_eq!(lost, Err(AskError::Refused(Refused::Closed(Reason::Panicked))));
    assert_eq!(begin.elapsed().as_secs(), 1 + 2 + 4 + 4);
    assert_eq!(fleet.forget(1).await, Ok(true));
    assert_eq!(fleet.ask(1, event::Note { n: 1 }).await, Ok(Outcome::Handled));
    let report = fleet.shutdown().await;
    assert_eq!((report.restarts, report.panicked, log.of(1)), (4, 1, vec![1]));
}

#[tokio::test(start_paused = true)]
async fn failures_of_a_machine_that_lie_far_apart_do_not_add_up() {
    let policy = Supervision::new().backoff(Backoff::constant(SECOND)).limit(1, SECOND * 60);
    let fleet = builder(&Log::default()).shards(1).supervise(policy).spawn();
    for _ in 0..4 {
        fleet.send(1, Event::Burst).await.unwrap();
        sleep(SECOND * 100).await;
    }
    assert_eq!(fleet.ask(1, Event::Ask).await, Ok(Outcome::Handled));
}

#[tokio::test(start_paused = true)]
async fn a_fleet_whose_machine_waits_to_be_made_anew_can_be_stopped() {
    let policy = Supervision::new().backoff(Backoff::constant(SECOND * 3_600));
    let fleet = builder(&Log::default()).shards(1).supervise(policy).spawn();
    fleet.send(1, Event::Burst).await.unwrap();
    let asking = tokio::spawn({
        let fleet = fleet.clone();
        async move { fleet.ask(1, Event::Ask).await }
    });
    sleep(SECOND).await;
    assert!(!asking.is_finished());
    assert_eq!(fleet.forget(1).await, Ok(false), "it is on its way");
    fleet.stop();
    let report = fleet.join().await;
    assert_eq!((report.reason, report.dropped), (Reason::Stopped, 1));
    assert_eq!(asking.await.unwrap(), Err(AskError::Lost(Reason::Stopped)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_that_escalates_ends_its_fleet() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let failures = Arc::clone(&told);
    let fleet = builder(&Log::default())
        .shards(4)
        .on_failure(move |key, failure| failures.lock().unwrap().push((*key, failure.to_string(), failure.then)))
        .supervise(at_once().on_error(Then::Escalate))
        .spawn();
    for key in 0..20 {
        assert_eq!(fleet.ask(key, Event::Ask).await, Ok(Outcome::Handled));
    }
    assert!(matches!(fleet.ask(7, Event::Fail).await, Err(AskError::Machine(_))));
    let report = fleet.join().await;
    assert_eq!((report.reason, report.stopped), (Reason::Failed, 1));
    let error = fleet.send(8, Event::Ask).await.unwrap_err();
    assert_eq!(error.why, Refused::Closed(Reason::Failed));
    let said = "Crew failed on Fail, in the transition of Idle: Action(Broken)";
    assert_eq!(*told.lock().unwrap(), [(7, said.to_owned(), Some(Then::Escalate))]);
}

#[tokio::test(start_paused = true)]
async fn an_invoke_that_panics_has_its_machine_made_anew() {
    let log = Log::default();
    let fleet = builder(&log).shards(1).supervise(at_once()).spawn();
    fleet.send(1, event::Work { ms: 1 }).await.unwrap();
    sleep(SECOND).await;
    assert_eq!(fleet.state(1).await, Ok(Some(State::Idle)));
    assert_eq!(fleet.ask(1, Event::Ask).await, Ok(Outcome::Handled));
    let report = fleet.shutdown().await;
    assert_eq!((report.restarts, report.panicked), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_deferred_event_of_a_machine_that_fails_is_told() {
    let fleet = builder(&Log::default()).shards(1).supervise(at_once()).spawn();
    fleet.send(1, event::Work { ms: 1 }).await.unwrap();
    assert_eq!(fleet.ask(1, Event::Job).await, Err(AskError::Lost(Reason::Panicked)));
    assert_eq!(fleet.ask(1, Event::Job).await, Ok(Outcome::Handled));
}

#[tokio::test]
async fn a_machine_that_cannot_be_made_anew_is_given_up() {
    let log = Log::default();
    let fleet = builder(&log).shards(1).supervise_with(at_once(), |_| panic!("no second arm")).spawn();
    fleet.send(1, Event::Burst).await.unwrap();
    let closed = Err(AskError::Refused(Refused::Closed(Reason::Panicked)));
    assert_eq!(fleet.ask(1, Event::Ask).await, closed);
    let fleet = Fleet::builder(|key: &u32| (*key == 1).then(|| Crew::new(Hand::new(1, &Log::default()))))
        .shards(1)
        .supervise_with(at_once(), |_| None)
        .spawn();
    fleet.send(1, Event::Burst).await.unwrap();
    assert_eq!(fleet.ask(1, Event::Ask).await, closed);
    assert_eq!(fleet.shutdown().await.panicked, 1);
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_waits_for_ever_to_be_made_anew_holds_up_no_other() {
    let forever = Supervision::new().backoff(Backoff::constant(Duration::MAX));
    let fleet = builder(&Log::default()).shards(1).supervise(forever).spawn();
    sleep(SECOND).await;
    assert_eq!(fleet.ask(1, Event::Burst).await, Err(AskError::Lost(Reason::Panicked)));
    assert_eq!(fleet.ask(2, event::Rest { ms: 10 }).await, Ok(Outcome::Handled));
}

/// Cannot be copied.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Single;

impl Clone for Single {
    fn clone(&self) -> Self {
        panic!("as ordered")
    }
}

fsm_runtime::fsm! {
    /// Something that cannot be copied is a part of it.
    machine Rare {
        context { single: super::Single, rings: u32 }
        event Ring;
        event Burst;
        initial On;
        state On {
            on Ring / assign rings = context.rings + 1;
            on Burst / burst();
        }
    }
}

struct Clapper;

impl rare::Actions for Clapper {
    async fn burst(&mut self) {
        panic!("as ordered")
    }
}

#[tokio::test]
async fn a_machine_that_cannot_be_copied_goes_on_and_is_not_remembered() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let lasts = Arc::clone(&seen);
    let fleet = Fleet::builder(|_: &u32| Some(rare::Rare::new(Clapper)))
        .shards(1)
        .remember()
        .supervise_with(at_once(), move |restart| {
            lasts.lock().unwrap().push(restart.last.is_some());
            Some(rare::Rare::new(Clapper))
        })
        .spawn();
    assert_eq!(fleet.ask(1, rare::Event::Ring).await, Ok(Outcome::Handled));
    assert_eq!(fleet.ask(1, rare::Event::Burst).await, Err(AskError::Lost(Reason::Panicked)));
    assert_eq!(fleet.inspect(1, |rare| rare.context().rings).await, Ok(Some(0)));
    assert_eq!(*seen.lock().unwrap(), [false]);
}
