//! The end of machines and of fleets: final states, panics, idleness, shutdown.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fsm_runtime::{AskError, Fleet, Outcome, Reason, Refused, Undelivered};
use tokio::time::sleep;

use crate::crew::{Crew, Event, State, event};
use crate::rig::{Hand, Log, builder};

#[tokio::test]
async fn a_finished_machine_takes_no_more_events_and_says_so() {
    let dead = Arc::new(Mutex::new(Vec::new()));
    let letters = Arc::clone(&dead);
    let fleet = builder(&Log::default())
        .dead_letters(move |key, letter| letters.lock().unwrap().push((*key, letter.why)))
        .spawn();
    assert_eq!(fleet.ask(1, Event::End).await, Ok(Outcome::Finished));
    assert_eq!(fleet.ask(1, Event::Ask).await, Ok(Outcome::Finished));
    assert_eq!(fleet.request(1, Event::Ask).await, Ok((Outcome::Finished, None)));
    fleet.send(1, Event::Ask).await.unwrap();
    assert_eq!(fleet.state(1).await, Ok(Some(State::Done)));
    let report = fleet.shutdown().await;
    assert_eq!((report.finished, report.handled, report.refused), (1, 1, 3));
    assert_eq!(dead.lock().unwrap().last(), Some(&(1, Undelivered::Ended(Reason::Finished))));
}

#[tokio::test(start_paused = true)]
async fn a_finished_machine_leaves_memory_when_it_is_idle_and_others_stay() {
    let log = Log::default();
    let fleet = builder(&log).shards(1).passivate_after(Duration::from_secs(10)).spawn();
    assert_eq!(fleet.ask(1, Event::End).await, Ok(Outcome::Finished));
    fleet.send(2, event::Note { n: 2 }).await.unwrap();
    sleep(Duration::from_secs(9)).await;
    assert_eq!((fleet.len(), fleet.state(1).await), (2, Ok(Some(State::Done))));
    sleep(Duration::from_secs(5)).await;
    assert_eq!((fleet.len(), fleet.state(1).await, fleet.contains(2).await), (1, Ok(None), Ok(true)));
    // The key is free again.
    assert_eq!(fleet.ask(1, event::Note { n: 1 }).await, Ok(Outcome::Handled));
}

#[tokio::test(start_paused = true)]
async fn a_panic_loses_its_machine_and_what_waits_for_it_and_the_shard_goes_on() {
    let (dead, failed) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Vec::new())));
    let (letters, failures) = (Arc::clone(&dead), Arc::clone(&failed));
    let log = Log::default();
    let fleet = builder(&log)
        .shards(1)
        .name(|key| format!("crew {key}"))
        .dead_letters(move |key, letter| letters.lock().unwrap().push((*key, letter.event, letter.why)))
        .on_failure(move |_, failure| failures.lock().unwrap().push(failure.to_string()))
        .spawn();
    fleet.send(1, event::Rest { ms: 10 }).await.unwrap();
    let asked = tokio::join!(fleet.ask(1, Event::Burst), fleet.ask(1, Event::Ask), fleet.ask(2, Event::Ask));
    assert_eq!(asked.0, Err(AskError::Lost(Reason::Panicked)));
    assert_eq!(asked.1, Err(AskError::Refused(Refused::Closed(Reason::Panicked))));
    assert_eq!(asked.2, Ok(Outcome::Handled));
    assert_eq!(fleet.ask(1, Event::Stop).await, Err(AskError::Refused(Refused::Closed(Reason::Panicked))));
    assert_eq!(fleet.state(1).await, Err(Refused::Closed(Reason::Panicked)));
    assert_eq!(*failed.lock().unwrap(), ["crew 1 failed on Burst: it panicked: as ordered"]);
    assert_eq!(
        *dead.lock().unwrap(),
        [
            (1, Event::Burst, Undelivered::Failed),
            (1, Event::Ask, Undelivered::Ended(Reason::Panicked)),
            (1, Event::Stop, Undelivered::Ended(Reason::Panicked)),
        ]
    );
    // Whoever knows better makes room for a new one.
    assert_eq!(fleet.forget(1).await, Ok(true));
    assert_eq!(fleet.ask(1, Event::Ask).await, Ok(Outcome::Handled));
    let report = fleet.shutdown().await;
    assert_eq!((report.panicked, report.handled, report.failed, report.refused), (1, 4, 1, 2));
}

#[tokio::test]
async fn an_error_is_told_and_the_machine_goes_on() {
    let failed = Arc::new(Mutex::new(Vec::new()));
    let failures = Arc::clone(&failed);
    let fleet = builder(&Log::default())
        .on_failure(move |key, failure| failures.lock().unwrap().push((*key, failure.to_string())))
        .spawn();
    fleet.send(1, Event::Fail).await.unwrap();
    assert_eq!(fleet.ask(1, Event::Ask).await, Ok(Outcome::Handled));
    let said = "Crew failed on Fail, in the transition of Idle: Action(Broken)";
    assert_eq!(*failed.lock().unwrap(), [(1, said.to_owned())]);
}

#[tokio::test]
async fn a_hook_that_panics_hurts_nobody() {
    let fleet = builder(&Log::default())
        .shards(1)
        .name(|_| panic!("as ordered"))
        .on_emit(|_, _| panic!("as ordered"))
        .on_failure(|_, _| panic!("as ordered"))
        .dead_letters(|_, _| panic!("as ordered"))
        .spawn();
    assert_eq!(fleet.ask(1, event::Tell { n: 1 }).await, Ok(Outcome::Handled));
    assert!(matches!(fleet.ask(1, Event::Fail).await, Err(AskError::Machine(_))));
    // Nobody asks, so the error is traced, with a name for the machine.
    fleet.send(1, Event::Fail).await.unwrap();
    assert_eq!(fleet.ask(1, Event::Ask).await, Ok(Outcome::Handled));
}

/// A key that cannot be shown.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Secret;

impl fmt::Debug for Secret {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("as ordered")
    }
}

#[tokio::test]
async fn a_key_whose_debug_panics_hurts_nobody() {
    let fleet = Fleet::builder(|_: &Secret| Some(Crew::new(Hand::new(1, &Log::default())))).spawn();
    fleet.send(Secret, Event::Fail).await.unwrap();
    assert_eq!(fleet.ask(Secret, Event::Burst).await, Err(AskError::Lost(Reason::Panicked)));
}

#[tokio::test]
async fn an_observer_that_panics_loses_the_machine_of_its_step_and_nothing_else() {
    let fleet = builder(&Log::default())
        .shards(1)
        .on_transition(|transition| assert!(transition.event != Some("Tell"), "as ordered"))
        .spawn();
    assert_eq!(fleet.ask(1, event::Tell { n: 1 }).await, Err(AskError::Lost(Reason::Panicked)));
    assert_eq!(fleet.ask(1, Event::Ask).await, Err(AskError::Refused(Refused::Closed(Reason::Panicked))));
    assert_eq!(fleet.ask(2, Event::Ask).await, Ok(Outcome::Handled));
}

#[tokio::test]
async fn a_factory_that_panics_refuses_its_key() {
    let fleet = Fleet::builder(|key: &u32| {
        assert!(*key != 1, "as ordered");
        None::<Crew<Hand>>
    })
    .spawn();
    assert_eq!(fleet.ask(1, Event::Ask).await, Err(AskError::Refused(Refused::Unknown)));
    assert_eq!(fleet.ask(2, Event::Ask).await, Err(AskError::Refused(Refused::Unknown)));
}

#[tokio::test(start_paused = true)]
async fn shutdown_drains_what_was_taken_and_gives_the_rest_back() {
    let log = Log::default();
    let fleet = builder(&log).shards(2).spawn();
    fleet.send(1, event::Rest { ms: 1_000 }).await.unwrap();
    fleet.send_batch((0..100).map(|n| (n % 4, event::Note { n }))).await.unwrap();
    fleet.close();
    let error = fleet.send(1, Event::Ask).await.unwrap_err();
    assert_eq!((error.why, error.event), (Refused::Closed(Reason::Shutdown), Event::Ask));
    let error = fleet.send_batch([(1, Event::Ask), (2, Event::Stop)]).await.unwrap_err();
    assert_eq!((error.why, error.sent, error.rest.len()), (Refused::Closed(Reason::Shutdown), 0, 2));
    let report = fleet.join().await;
    assert_eq!((report.reason, report.handled, report.dropped), (Reason::Shutdown, 101, 0));
    assert_eq!(log.of(1).len(), 26);
    assert_eq!(fleet.state(1).await, Err(Refused::Closed(Reason::Shutdown)));
    let said = report.to_string();
    assert_eq!(said, "it was shut down (4 machines; 101 handled, 0 failed, 0 refused, 0 dropped)");
}

#[tokio::test(start_paused = true)]
async fn a_fleet_that_is_stopped_drops_what_waits_and_tells_of_it() {
    let dead = Arc::new(Mutex::new(Vec::new()));
    let letters = Arc::clone(&dead);
    let log = Log::default();
    let fleet = builder(&log)
        .shards(1)
        .dead_letters(move |_, letter| letters.lock().unwrap().push((letter.event, letter.why)))
        .spawn();
    fleet.send(1, event::Rest { ms: 1_000 }).await.unwrap();
    fleet.send(1, event::Note { n: 1 }).await.unwrap();
    let asking = tokio::spawn({
        let fleet = fleet.clone();
        async move { fleet.ask(1, Event::Ask).await }
    });
    sleep(Duration::from_millis(10)).await;
    fleet.stop();
    let report = fleet.join().await;
    assert_eq!((report.reason, report.handled, report.dropped, report.machines), (Reason::Stopped, 0, 3, 1));
    assert_eq!(asking.await.unwrap(), Err(AskError::Lost(Reason::Stopped)));
    let why = Undelivered::Ended(Reason::Stopped);
    let expected = [event::Rest { ms: 1_000 }.into(), event::Note { n: 1 }.into(), Event::Ask];
    assert_eq!(*dead.lock().unwrap(), expected.map(|event| (event, why)));
    assert!(log.of(1).is_empty());
}

#[tokio::test]
async fn dropping_all_handles_drains_and_ends() {
    let log = Log::default();
    let fleet = builder(&log).shards(1).spawn();
    fleet.send_batch((0..1_000).map(|n| (n % 10, event::Note { n }))).await.unwrap();
    drop(fleet);
    while log.of(9).len() < 100 {
        tokio::task::yield_now().await;
    }
}

#[test]
fn a_runtime_that_goes_away_leaves_nobody_waiting() {
    let log = Log::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let fleet = runtime.block_on(async {
        let fleet = builder(&log).shards(2).spawn();
        fleet.send(1, event::Rest { ms: 60_000 }).await.unwrap();
        fleet
    });
    drop(runtime);
    let other = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let report = other.block_on(async {
        let error = fleet.ask(1, Event::Ask).await;
        assert_eq!(error, Err(AskError::Refused(Refused::Closed(Reason::Aborted))));
        fleet.join().await
    });
    assert_eq!((report.reason, report.dropped), (Reason::Aborted, 1));
}
