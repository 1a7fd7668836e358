//! The error of a deferred event that is tried again is told to whoever asked for that event, and to nobody else
//! (SEMANTICS.md, 16.7).
#![cfg(feature = "macros")]
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod broken;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use fsm_runtime::core::{Error, Machine as _, Snapshot};
use fsm_runtime::{
    AskError, Backoff, DeadLetter, Fleet, Handle, Outcome, Reason, Supervision, Then, Undelivered, fsm, options,
};
use tokio::join;

use crate::broken::Broken;
use crate::ward::{Event, State, Ward};

fsm!("tests/ward.yaml");

#[derive(Clone)]
struct Hand;

impl ward::Actions for Hand {
    async fn fail(&mut self) -> Result<(), Broken> {
        Err(Broken)
    }
}

/// What nobody took, and why.
#[derive(Clone, Default)]
struct Dead(Arc<Mutex<Vec<(Event, Undelivered)>>>);

impl Dead {
    fn keeper(&self) -> impl Fn(DeadLetter<Event>) + Send + Sync + 'static {
        let own = self.clone();
        move |letter| own.0.lock().unwrap().push((letter.event, letter.why))
    }

    fn letters(&self) -> Vec<(Event, Undelivered)> {
        self.0.lock().unwrap().clone()
    }
}

const BROKEN: Result<Outcome, AskError<Broken>> = Err(AskError::Machine(Error::Action(Broken)));

fn at_once(then: Then) -> Supervision {
    let policy = Supervision::new().backoff(Backoff::constant(Duration::ZERO));
    policy.limit(u32::MAX, Duration::from_secs(1)).on_error(then)
}

/// Goes on from where the one before was.
fn again(last: Option<&ward::Machine>) -> Ward<Hand> {
    match last {
        Some(last) => {
            let snapshot: ward::Snapshot = Snapshot::new(ward::Machine::DEFINITION, last.clone(), [Duration::ZERO; _]);
            Ward::restore(Hand, snapshot).unwrap()
        }
        None => Ward::new(Hand),
    }
}

async fn asleep(handle: &Handle<ward::Machine>) {
    assert_eq!(handle.ask(Event::Sleep).await, Ok(Outcome::Transitioned));
}

#[tokio::test]
async fn the_error_of_a_deferred_event_is_told_to_whoever_asked_for_it() {
    let dead = Dead::default();
    let handle = options().dead_letters(dead.keeper()).spawn(Ward::new(Hand));
    asleep(&handle).await;
    let (failed, nurse, requested, seen, wake) = join!(
        handle.ask(Event::Fail),
        handle.ask(Event::Nurse),
        handle.request(Event::Fail),
        handle.ask_with(Event::Fail, |ward, result| (ward.context().woken, result.is_err())),
        handle.ask(Event::Wake),
    );
    assert_eq!((failed, nurse, wake), (BROKEN, Ok(Outcome::Handled), Ok(Outcome::Transitioned)));
    assert_eq!(requested.map(|(outcome, _)| outcome), BROKEN);
    assert_eq!(seen, Ok((11, true)));
    assert_eq!(dead.letters(), vec![(Event::Fail, Undelivered::Failed); 3]);
    let report = handle.shutdown().await;
    assert_eq!((report.handled, report.failed, report.deferred), (6, 3, 0));
}

#[tokio::test]
async fn whoever_asks_a_fleet_for_a_deferred_event_is_told_its_error() {
    let dead = Dead::default();
    let keep = dead.keeper();
    let fleet =
        Fleet::builder(|_: &u32| Some(Ward::new(Hand))).shards(1).dead_letters(move |_, letter| keep(letter)).spawn();
    assert_eq!(fleet.ask(1, Event::Sleep).await, Ok(Outcome::Transitioned));
    let (failed, nurse, requested, seen, wake) = join!(
        fleet.ask(1, Event::Fail),
        fleet.ask(1, Event::Nurse),
        fleet.request(1, Event::Fail),
        fleet.ask_with(1, Event::Fail, |ward, result| (ward.context().woken, result.is_err())),
        fleet.ask(1, Event::Wake),
    );
    assert_eq!((failed, nurse, wake), (BROKEN, Ok(Outcome::Handled), Ok(Outcome::Transitioned)));
    assert_eq!(requested.map(|(outcome, _)| outcome), BROKEN);
    assert_eq!(seen, Ok((11, true)));
    assert_eq!(dead.letters(), vec![(Event::Fail, Undelivered::Failed); 3]);
    let report = fleet.shutdown().await;
    assert_eq!((report.handled, report.failed, report.deferred), (6, 3, 0));
}

#[tokio::test]
async fn a_deferred_event_of_the_machine_itself_that_fails_is_no_dead_letter() {
    let dead = Dead::default();
    let handle = options().dead_letters(dead.keeper()).spawn(Ward::new(Hand));
    asleep(&handle).await;
    assert_eq!(handle.ask(Event::Ring).await, Ok(Outcome::Handled));
    let (nurse, wake) = join!(handle.ask(Event::Nurse), handle.ask(Event::Wake));
    assert_eq!((nurse, wake), (Ok(Outcome::Handled), Ok(Outcome::Transitioned)));
    let report = handle.shutdown().await;
    assert_eq!((dead.letters(), report.handled, report.failed, report.deferred), (Vec::new(), 4, 0, 0));
}

#[tokio::test]
async fn the_policy_is_asked_about_a_deferred_event_that_fails() {
    for (then, reason) in [(Then::Stop, Reason::Failed), (Then::Escalate, Reason::Failed)] {
        let handle = options().spawn_supervised(at_once(then), |_| Ward::new(Hand));
        asleep(&handle).await;
        let (failed, wake) = join!(handle.ask(Event::Fail), handle.ask(Event::Wake));
        assert_eq!((failed, wake), (BROKEN, Ok(Outcome::Transitioned)));
        assert_eq!(handle.join().await.reason, reason);
    }
    let fleet = Fleet::builder(|_: &u32| Some(Ward::new(Hand))).shards(1).supervise(at_once(Then::Stop)).spawn();
    let _ = fleet.ask(1, Event::Sleep).await.unwrap();
    let (failed, wake) = join!(fleet.ask(1, Event::Fail), fleet.ask(1, Event::Wake));
    assert_eq!((failed, wake), (BROKEN, Ok(Outcome::Transitioned)));
    assert_eq!(fleet.shutdown().await.stopped, 1);
}

#[tokio::test]
async fn a_machine_goes_on_behind_the_step_in_which_a_deferred_event_failed() {
    let handle = options()
        .remember()
        .spawn_supervised(at_once(Then::Restart), |restart| again(restart.and_then(|restart| restart.last)));
    asleep(&handle).await;
    let (failed, wake) = join!(handle.ask(Event::Fail), handle.ask(Event::Wake));
    assert_eq!((failed, wake), (BROKEN, Ok(Outcome::Transitioned)));
    let here = handle.inspect(|ward| (*ward.state(), ward.context().woken)).await;
    assert_eq!(here.unwrap(), (State::Awake, 1));
    asleep(&handle).await;
    assert_eq!(handle.ask(Event::Wake).await, Ok(Outcome::Transitioned), "it is not tried again");
    assert_eq!(handle.shutdown().await.restarts, 1);

    let fleet = Fleet::builder(|_: &u32| Some(Ward::new(Hand)))
        .shards(1)
        .remember()
        .supervise_with(at_once(Then::Restart), |restart| Some(again(restart.last)))
        .spawn();
    let _ = fleet.ask(1, Event::Sleep).await.unwrap();
    let (failed, wake) = join!(fleet.ask(1, Event::Fail), fleet.ask(1, Event::Wake));
    assert_eq!((failed, wake), (BROKEN, Ok(Outcome::Transitioned)));
    assert_eq!(fleet.inspect(1, |ward| (*ward.state(), ward.context().woken)).await, Ok(Some((State::Awake, 1))));
    assert_eq!(fleet.shutdown().await.restarts, 1);
}
