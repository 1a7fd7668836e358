//! Questions and answers: `ask`, `state`, `inspect`, `watch`, and handlers that talk to their own machine.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::timeout;

use fsm_runtime::core::{Error, Machine, Outcome, Status};
use fsm_runtime::{AskError, Handle, Reason, Refused, WeakHandle, options, spawn};

use crate::rig::{Event, Rig, RigMachine, State};
use crate::settle;

/// A place where an event's future finds a handle of the machine that handles it.
type Own = Arc<Mutex<Option<WeakHandle<RigMachine>>>>;

fn own(place: &Own) -> Handle<RigMachine> {
    place.lock().unwrap().as_ref().and_then(WeakHandle::upgrade).unwrap()
}

#[tokio::test]
async fn a_look_that_panics_is_the_askers_own_affair() {
    let (rig, _log) = Rig::new();
    let handle = spawn(rig);
    let (looks, asks) = (handle.clone(), handle.clone());
    let looked = tokio::spawn(async move { looks.inspect(|_| -> u32 { panic!("no look") }).await });
    let asked = tokio::spawn(async move { asks.ask_with(Event::Toggle, |_, _| -> u32 { panic!("no answer") }).await });
    for panic in [looked.await.map(drop).unwrap_err(), asked.await.map(drop).unwrap_err()] {
        assert!(panic.is_panic());
    }
    assert_eq!(handle.state().await, Ok(State::Busy));
    let mut seen = handle.subscribe(usize::MAX).await.unwrap();
    let _ = handle.ask(Event::Toggle).await.unwrap();
    assert!(seen.next().await.is_some());
}

#[tokio::test]
async fn a_question_is_answered_with_the_outcome() {
    let (rig, _log) = Rig::new();
    let handle = spawn(rig);
    assert_eq!(handle.ask(Event::Toggle).await, Ok(Outcome::Transitioned));
    assert_eq!(handle.ask(Event::Count(0, 0)).await, Ok(Outcome::Handled));
    assert_eq!(handle.ask(Event::Unknown).await, Ok(Outcome::Unhandled));
    assert_eq!(handle.ask(Event::Finish).await, Ok(Outcome::Finished));
}

#[tokio::test]
async fn an_error_goes_to_the_asker_and_the_machine_goes_on() {
    let (rig, _log) = Rig::new();
    let handle = spawn(rig);
    assert_eq!(handle.ask(Event::Fail).await, Err(AskError::Machine(Error::Action("jammed"))));
    handle.send(Event::Fail).await.unwrap();
    assert_eq!(handle.ask(Event::Toggle).await, Ok(Outcome::Transitioned));
    let report = handle.shutdown().await;
    assert_eq!((report.handled, report.failed), (3, 2));
}

#[tokio::test]
async fn an_error_at_the_start_does_not_end_the_machine() {
    let handle = spawn(Rig::failing_at_start());
    assert_eq!(handle.ask(Event::Toggle).await, Ok(Outcome::Transitioned));
}

#[tokio::test]
async fn a_restored_machine_goes_on_where_it_was() {
    let handle = spawn(Rig::restored(State::Busy, Status::Ready));
    assert_eq!(handle.state().await, Ok(State::Busy));
}

#[tokio::test]
async fn a_question_can_look_at_the_machine_right_after_its_step() {
    let (rig, log) = Rig::new();
    let handle = spawn(rig);
    let (first, second, failed) = tokio::join!(
        handle.ask_with(Event::Toggle, |machine, result| (*machine.state(), result)),
        handle.ask_with(Event::Toggle, |machine, result| (*machine.state(), result)),
        handle.ask_with(Event::Fail, |machine, result| (*machine.state(), result)),
    );
    assert_eq!(first, Ok((State::Busy, Ok(Outcome::Transitioned))));
    assert_eq!(second, Ok((State::Idle, Ok(Outcome::Transitioned))));
    assert_eq!(failed, Ok((State::Idle, Err(Error::Action("jammed")))));

    // Whoever goes away after the event was taken does not hinder the machine.
    assert!(timeout(Duration::from_millis(1), handle.ask_with(Event::Gate, |_, _| ())).await.is_err());
    log.open_gate(1);
    let finished = handle.ask_with(Event::Finish, |machine, result| (*machine.state(), result)).await;
    assert_eq!(finished, Ok((State::Done, Ok(Outcome::Finished))));
    let late = handle.ask_with(Event::Toggle, |_, _| ()).await;
    assert_eq!(late, Err(AskError::Refused(Refused::Closed(Reason::Finished))));
    assert_eq!(handle.join().await.handled, 5);
}

#[tokio::test]
async fn handlers_can_be_made_with_the_handle_of_their_machine() {
    let place = Own::default();
    let handle = options().spawn_with(|own| {
        *place.lock().unwrap() = Some(own.clone());
        assert!(own.upgrade().is_some(), "what is sent now waits for the machine");
        Rig::new().0
    });
    own(&place).send(Event::Toggle).await.unwrap();
    assert_eq!(handle.ask(Event::Toggle).await, Ok(Outcome::Transitioned));
    assert_eq!(handle.state().await, Ok(State::Idle));
    drop(handle);
    let weak = place.lock().unwrap().take().unwrap();
    assert_eq!(weak.join().await.reason, Reason::Abandoned);
}

#[tokio::test]
async fn handlers_that_cannot_be_made_leave_nobody_waiting() {
    let place = Own::default();
    let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        options().spawn_with(|own| -> Rig {
            *place.lock().unwrap() = Some(own.clone());
            panic!("no arm is connected")
        })
    }));
    assert!(made.is_err());
    let weak = place.lock().unwrap().take().unwrap();
    assert!(weak.upgrade().is_none());
    assert_eq!(weak.join().await.handled, 0);
}

#[tokio::test]
async fn inspect_sees_the_machine_between_two_events() {
    let (rig, _log) = Rig::new();
    let handle = spawn(rig);
    let _ = handle.ask(Event::Toggle).await.unwrap();
    assert_eq!(handle.inspect(|machine| machine.active().collect::<Vec<_>>()).await, Ok(vec![3]));
    handle.shutdown().await;
    assert_eq!(handle.state().await, Err(Refused::Closed(Reason::Shutdown)));
}

#[tokio::test]
async fn watch_holds_the_latest_state_and_at_last_the_final_one() {
    let (rig, _log) = Rig::new();
    let handle = spawn(rig);
    let mut states = handle.watch().await.unwrap();
    assert_eq!(*states.borrow_and_update(), State::Idle);
    handle.send(Event::Toggle).await.unwrap();
    states.changed().await.unwrap();
    assert_eq!(*states.borrow_and_update(), State::Busy);
    let _ = handle.ask(Event::Count(0, 0)).await.unwrap();
    assert!(!states.has_changed().unwrap(), "the configuration is unchanged");
    handle.send(Event::Finish).await.unwrap();
    assert_eq!(*states.wait_for(|state| *state == State::Done).await.unwrap(), State::Done);
    handle.join().await;
    assert!(states.changed().await.is_err());
    assert_eq!(*states.borrow(), State::Done);
}

#[tokio::test]
async fn a_watcher_that_goes_away_is_forgotten() {
    let (rig, _log) = Rig::new();
    let handle = spawn(rig);
    drop(handle.watch().await.unwrap());
    let states = handle.watch().await.unwrap();
    assert_eq!(handle.ask(Event::Toggle).await, Ok(Outcome::Transitioned));
    assert_eq!(*states.borrow(), State::Busy);
}

#[tokio::test]
async fn asking_oneself_is_an_error_and_not_a_hang() {
    let (rig, _log) = Rig::new();
    let handle = spawn(rig);
    let place = Own::default();
    *place.lock().unwrap() = Some(handle.downgrade());
    let answers = Arc::new(Mutex::new(None));
    let job = {
        let answers = Arc::clone(&answers);
        Event::run(move || {
            let (handle, answers) = (own(&place), Arc::clone(&answers));
            async move {
                let asked = handle.ask(Event::Toggle).await;
                let looked = handle.state().await;
                *answers.lock().unwrap() = Some((asked, looked));
            }
        })
    };
    assert_eq!(handle.ask(job).await, Ok(Outcome::Handled));
    let expected = (Err(AskError::Refused(Refused::Deadlock)), Err(Refused::Deadlock));
    assert_eq!(*answers.lock().unwrap(), Some(expected));
    assert_eq!(handle.shutdown().await.handled, 1, "the question never got in");
}

#[tokio::test]
async fn a_handler_may_send_to_its_own_machine_until_it_would_have_to_wait() {
    let (rig, log) = Rig::new();
    let handle = options().capacity(2).spawn(rig);
    let place = Own::default();
    *place.lock().unwrap() = Some(handle.downgrade());
    let job = Event::run(move || {
        let handle = own(&place);
        async move {
            handle.send(Event::Count(0, 0)).await.unwrap();
            handle.send(Event::Count(0, 1)).await.unwrap();
            let refused = handle.send(Event::Count(0, 2)).await.unwrap_err();
            assert_eq!(refused.why, Refused::Deadlock);
            assert!(matches!(refused.event, Event::Count(0, 2)));
        }
    });
    assert_eq!(handle.ask(job).await, Ok(Outcome::Handled));
    assert_eq!(handle.shutdown().await.reason, Reason::Shutdown);
    assert_eq!(log.places(), [0, 1]);
}

#[tokio::test]
async fn a_handler_may_close_its_own_machine() {
    let (rig, log) = Rig::new();
    let handle = spawn(rig);
    let place = Own::default();
    *place.lock().unwrap() = Some(handle.downgrade());
    let job = Event::run(move || {
        own(&place).close();
        std::future::ready(())
    });
    handle.send(job).await.unwrap();
    handle.send(Event::Count(0, 0)).await.unwrap();
    let report = handle.join().await;
    assert_eq!((report.reason, report.handled), (Reason::Shutdown, 2));
    assert_eq!(log.places(), [0]);
}

#[tokio::test]
async fn a_weak_handle_does_not_keep_the_machine_running() {
    let (rig, log) = Rig::new();
    let handle = spawn(rig);
    let weak = handle.downgrade();
    weak.upgrade().unwrap().send(Event::Count(0, 0)).await.unwrap();
    drop(handle);
    assert!(weak.upgrade().is_none());
    assert_eq!(weak.join().await.reason, Reason::Abandoned);
    settle().await;
    assert_eq!(log.places(), [0]);
}
