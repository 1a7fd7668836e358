//! Machines that fail in a fleet with a journal: made anew from what is durable, or by the program.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use fleet::account::{self, Account, Actions, Event, event};
use fleet::{Broken, account as made, fold};
use fsm_runtime::core::Error;
use fsm_runtime::{AskError, Backoff, Fleet, Outcome, Reason, Refused, Supervision, Then};
use tokio::time::sleep;

use crate::rig::{Shelf, builder, spawn, until};

/// At once, as often as need be.
fn at_once() -> Supervision {
    Supervision::new().backoff(Backoff::constant(Duration::ZERO)).limit(u32::MAX, Duration::from_secs(1))
}

fn sum(account: &account::Machine) -> u64 {
    account.context().sum
}

#[tokio::test]
async fn a_machine_that_panics_goes_on_from_what_is_durable() {
    let shelf = Shelf::default();
    let fleet = builder(&shelf).supervise(at_once()).spawn();
    fleet.send(1, event::Add { n: 1 }).await.unwrap();
    // What was handled before is not durable yet when the step panics; it is by the time the machine is back.
    shelf.hold(true);
    fleet.try_send(1, event::Add { n: 2 }).unwrap();
    fleet.try_send(1, Event::Burst).unwrap();
    fleet.try_send(1, event::Add { n: 3 }).unwrap();
    tokio::time::sleep(Duration::from_millis(30)).await;
    shelf.hold(false);
    fleet.send(1, event::Add { n: 4 }).await.unwrap();
    assert_eq!(fleet.inspect(1, sum).await, Ok(Some(fold(4))));
    let error = fleet.send(1, Event::Burst).await.unwrap_err();
    assert_eq!((error.why, error.event), (Refused::Closed(Reason::Panicked), Event::Burst));
    let report = fleet.shutdown().await;
    assert_eq!((report.restarts, report.panicked), (2, 0));
    let steps: Vec<_> = shelf.commits().iter().map(|commit| commit.sequence).collect();
    assert_eq!(steps, [1, 2, 3, 4, 5], "a step that panics leaves nothing, and coming back is no step");
}

#[tokio::test]
async fn a_step_with_an_error_counts_for_nothing_where_that_is_the_policy() {
    let shelf = Shelf::default();
    let fleet = builder(&shelf).supervise(at_once().on_error(Then::Restart)).spawn();
    fleet.send(1, event::Add { n: 1 }).await.unwrap();
    let error = fleet.send(1, Event::Fail).await.unwrap_err();
    assert_eq!((error.why, error.event), (Refused::Closed(Reason::Failed), Event::Fail));
    assert_eq!(fleet.ask(1, Event::Fail).await, Err(AskError::Machine(Error::Action(fleet::Broken))));
    assert_eq!(fleet.ask_with(1, Event::Fail, |_, _| ()).await, Err(AskError::Lost(Reason::Failed)));
    assert_eq!(fleet.send_batch([(1, Event::Fail), (2, Event::Wind)]).await, Ok(1));
    fleet.send(1, event::Add { n: 2 }).await.unwrap();
    assert_eq!(fleet.inspect(1, sum).await, Ok(Some(fold(2))));
    assert_eq!(fleet.shutdown().await.restarts, 4);
    let own = shelf.commits().iter().filter(|commit| commit.key == b"1").count();
    assert_eq!(own, 3);
}

#[tokio::test]
async fn a_deferred_event_that_fails_leaves_the_step_that_tried_it_again_as_it_is() {
    let shelf = Shelf::default();
    let fleet = builder(&shelf).supervise(at_once().on_error(Then::Restart)).spawn();
    fleet.send(1, Event::Hold).await.unwrap();
    fleet.send(1, Event::Fail).await.unwrap();
    let (asked, saw, went) = tokio::join!(
        fleet.ask(1, Event::Fail),
        fleet.ask_with(1, Event::Fail, |account, result| (account.state().clone(), result.is_err())),
        fleet.ask(1, Event::Unwind)
    );
    assert_eq!(asked, Err(AskError::Machine(Error::Action(fleet::Broken))));
    assert_eq!((saw, went), (Ok((account::State::Open, true)), Ok(Outcome::Transitioned)));
    // It is where the step has led to, made anew, and nothing waits in it any more.
    for event in [Event::Hold, Event::Unwind] {
        assert_eq!(fleet.ask(1, event).await, Ok(Outcome::Transitioned));
    }
    let report = fleet.shutdown().await;
    assert_eq!((report.restarts, report.failed, report.deferred), (1, 3, 0));
    let fleet = spawn(&shelf);
    assert_eq!(fleet.inspect(1, |account| account.state().clone()).await, Ok(Some(account::State::Open)));
}

#[tokio::test]
async fn a_machine_that_the_program_makes_anew_is_durable_as_such() {
    let shelf = Shelf::default();
    let fleet = builder(&shelf).supervise_with(at_once(), |_| Some(made())).spawn();
    fleet.send(1, event::Add { n: 1 }).await.unwrap();
    fleet.send(1, event::Work { ms: 3_600_000 }).await.unwrap();
    fleet.send(1, Event::Burst).await.unwrap_err();
    assert_eq!(fleet.ask(1, Event::Wind).await, Ok(Outcome::Transitioned));
    fleet.shutdown().await;
    let steps: Vec<_> = shelf.commits().iter().map(|commit| commit.sequence).collect();
    assert_eq!(steps, [1, 2, 3, 4, 5], "the start of the new machine is a step");
    let fleet = spawn(&shelf);
    assert_eq!(
        fleet.inspect(1, |account| (sum(account), account.state().clone())).await,
        Ok(Some((0, account::State::Wound)))
    );
}

#[tokio::test]
async fn a_machine_that_is_given_up_is_in_the_journal_as_it_was() {
    let shelf = Shelf::default();
    let fleet = builder(&shelf).supervise(at_once().on_error(Then::Stop).limit(0, Duration::from_secs(1))).spawn();
    fleet.send(1, event::Add { n: 1 }).await.unwrap();
    fleet.send(1, Event::Fail).await.unwrap();
    let error = fleet.send(1, event::Add { n: 2 }).await.unwrap_err();
    assert_eq!(error.why, Refused::Closed(Reason::Failed));
    fleet.send(2, event::Add { n: 1 }).await.unwrap();
    fleet.send(2, Event::Burst).await.unwrap_err();
    assert_eq!(fleet.state(2).await, Err(Refused::Closed(Reason::Panicked)));
    let report = fleet.shutdown().await;
    assert_eq!((report.stopped, report.panicked, report.restarts), (1, 1, 0));
    let fleet = spawn(&shelf);
    fleet.send_batch([(1, event::Add { n: 2 }), (2, event::Add { n: 2 })]).await.unwrap();
    assert_eq!((fleet.inspect(1, sum).await, fleet.inspect(2, sum).await), (Ok(Some(fold(2))), Ok(Some(fold(2)))));
}

#[tokio::test]
async fn an_invoke_whose_machine_fails_before_it_may_begin_runs_once() {
    let shelf = Shelf::default();
    let fleet = builder(&shelf).supervise(at_once()).spawn();
    shelf.hold(true);
    fleet.try_send(1, event::Work { ms: 20 }).unwrap();
    fleet.try_send(1, Event::Burst).unwrap();
    tokio::time::sleep(Duration::from_millis(30)).await;
    shelf.hold(false);
    until(|| shelf.commits().len() >= 3).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(fleet.inspect(1, |account| account.context().done).await, Ok(Some(20)));
    // The start, the event, and one result.
    assert_eq!(shelf.commits().len(), 3);
}

/// Its invokes panic after a time, and count how many began.
#[derive(Clone, Default)]
struct Clumsy(Arc<AtomicU32>);

impl Actions for Clumsy {
    async fn fail(&mut self) -> Result<(), Broken> {
        Ok(())
    }

    async fn burst(&mut self) -> Result<(), Broken> {
        Ok(())
    }

    async fn wait(&mut self, _: u64) -> Result<(), Broken> {
        Ok(())
    }

    async fn work(self, ms: u64) -> Result<u64, Broken> {
        self.0.fetch_add(1, Ordering::Relaxed);
        sleep(Duration::from_millis(ms)).await;
        panic!("as ordered")
    }
}

#[tokio::test]
async fn an_invoke_ends_with_the_step_that_leaves_its_state_also_where_that_is_not_durable() {
    let (shelf, began) = (Shelf::default(), Arc::<AtomicU32>::default());
    let own = Clumsy(Arc::clone(&began));
    let fleet =
        Fleet::builder(move |_: &u64| Some(Account::new(own.clone()))).shards(1).journal(shelf.journal()).spawn();
    let state = |key| fleet.inspect(key, |account| account.state().clone());
    for key in [1, 2, 3] {
        fleet.send(key, event::Add { n: 1 }).await.unwrap();
    }
    for key in [1, 2] {
        fleet.send(key, event::Work { ms: 50 }).await.unwrap();
    }
    shelf.hold(true);
    fleet.try_send(1, Event::Unwind).unwrap();
    fleet.try_send(2, Event::Close).unwrap();
    // One that is left before it may begin.
    fleet.try_send(3, event::Work { ms: 0 }).unwrap();
    fleet.try_send(3, Event::Unwind).unwrap();
    sleep(Duration::from_millis(150)).await;
    let states = [state(1).await, state(2).await, state(3).await];
    assert_eq!(
        states,
        [account::State::Open, account::State::Closed, account::State::Open].map(|state| Ok(Some(state)))
    );
    shelf.hold(false);
    for key in [1, 3] {
        fleet.send(key, event::Add { n: 2 }).await.unwrap();
    }
    assert_eq!(began.load(Ordering::Relaxed), 2);
    assert_eq!(fleet.shutdown().await.panicked, 0);
}
