//! What is told when: acknowledgements, answers, messages, and what becomes of them when the journal fails.

use std::time::Duration;

use fleet::account::{Event, State, event};
use fleet::fold;
use fsm_runtime::journal::{MessageId, StoreError};
use fsm_runtime::{AskError, Outcome, Reason, Refused};
use tokio::time::timeout;

use crate::rig::{Shelf, builder, spawn, telling, until};

const MOMENT: Duration = Duration::from_millis(30);

#[tokio::test]
async fn nothing_is_told_before_it_is_durable_and_the_machine_goes_on_meanwhile() {
    let shelf = Shelf::default();
    let (fleet, told) = telling(&shelf);
    shelf.hold(true);
    let mut send = tokio::spawn({
        let fleet = fleet.clone();
        async move { fleet.send(1, event::Add { n: 1 }).await }
    });
    let mut ask = tokio::spawn({
        let fleet = fleet.clone();
        async move { fleet.ask(1, event::Add { n: 2 }).await }
    });
    assert!(timeout(MOMENT, &mut send).await.is_err() && timeout(MOMENT, &mut ask).await.is_err());
    assert!(told.lock().unwrap().is_empty());
    // Both were handled.
    assert_eq!(fleet.inspect(1, |account| account.context().sum).await, Ok(Some(fold(2))));
    shelf.hold(false);
    assert_eq!((send.await.unwrap().is_ok(), ask.await.unwrap()), (true, Ok(Outcome::Handled)));
    assert_eq!(*told.lock().unwrap(), [(1, 1), (1, 2)]);
    fleet.shutdown().await;
    let commits = shelf.commits();
    assert_eq!(commits.iter().map(|commit| commit.sequence).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(commits[0].event.is_empty() && String::from_utf8_lossy(&commits[1].event).contains("Add"));
    assert_eq!(shelf.outbox(), 0, "what was delivered is confirmed");
}

#[tokio::test]
async fn commits_of_many_machines_become_durable_in_groups() {
    let shelf = Shelf::default();
    let fleet = spawn(&shelf);
    assert_eq!(fleet.send_batch((0..100).map(|key| (key, event::Add { n: 1 }))).await, Ok(100));
    let before = shelf.groups();
    shelf.hold(true);
    let sent = tokio::spawn({
        let fleet = fleet.clone();
        async move { fleet.send_batch((0..300).map(|n| (n % 100, event::Add { n: n / 100 + 2 }))).await }
    });
    for key in 0..100 {
        while fleet.inspect(key, |account| account.context().sum).await != Ok(Some(fold(4))) {
            tokio::task::yield_now().await;
        }
    }
    shelf.hold(false);
    assert_eq!(sent.await.unwrap(), Ok(300));
    // What was on its way when the store began to wait, and all that gathered meanwhile.
    assert!(shelf.groups() <= before + 2, "{} groups, {before} of them before", shelf.groups());
    let report = fleet.shutdown().await;
    assert_eq!((report.handled, shelf.commits().len()), (400, 500));
}

#[tokio::test]
async fn a_message_with_an_id_is_handled_once_also_after_a_restart() {
    let shelf = Shelf::default();
    let fleet = spawn(&shelf);
    assert_eq!(fleet.send_with_id(1, MessageId(7), event::Add { n: 1 }).await, Ok(true));
    assert_eq!(fleet.send_with_id(1, MessageId(7), event::Add { n: 1 }).await, Ok(false));
    // Another machine knows nothing of it.
    assert_eq!(fleet.send_with_id(2, MessageId(7), event::Add { n: 1 }).await, Ok(true));
    fleet.shutdown().await;
    let fleet = spawn(&shelf);
    assert_eq!(fleet.send_with_id(1, MessageId(7), event::Add { n: 1 }).await, Ok(false));
    assert_eq!(fleet.send_with_id(1, MessageId(8), event::Add { n: 2 }).await, Ok(true));
    assert_eq!(fleet.inspect(1, |account| account.context().sum).await, Ok(Some(fold(2))));
}

#[tokio::test]
async fn a_message_that_comes_again_is_acknowledged_no_earlier_than_the_first_one() {
    let shelf = Shelf::default();
    let fleet = spawn(&shelf);
    fleet.send(1, event::Add { n: 1 }).await.unwrap();
    shelf.hold(true);
    let sends: Vec<_> = (0..2)
        .map(|_| {
            let fleet = fleet.clone();
            tokio::spawn(async move { fleet.send_with_id(1, MessageId(7), event::Add { n: 2 }).await })
        })
        .collect();
    tokio::time::sleep(MOMENT).await;
    assert!(sends.iter().all(|send| !send.is_finished()));
    shelf.hold(false);
    let mut handled = Vec::new();
    for send in sends {
        handled.push(send.await.unwrap().unwrap());
    }
    handled.sort_unstable();
    assert_eq!(handled, [false, true]);
}

#[tokio::test]
async fn a_commit_that_fails_ends_the_fleet_and_nothing_of_it_is_told() {
    let shelf = Shelf::default();
    let (fleet, told) = telling(&shelf);
    fleet.send(1, event::Add { n: 1 }).await.unwrap();
    shelf.fail();
    let (send, ask) = tokio::join!(fleet.send(1, event::Add { n: 2 }), fleet.ask(2, Event::Wind));
    let error = send.unwrap_err();
    assert_eq!((error.why, error.event), (Refused::Closed(Reason::Journal), event::Add { n: 2 }.into()));
    assert_eq!(ask, Err(AskError::Lost(Reason::Journal)));
    let report = fleet.join().await;
    assert_eq!(report.reason, Reason::Journal);
    assert!(matches!(fleet.journal_error(), Some(StoreError::Broken { .. })));
    assert_eq!(*told.lock().unwrap(), [(1, 1)]);
    let error = fleet.send(1, event::Add { n: 3 }).await.unwrap_err();
    assert_eq!(error.why, Refused::Closed(Reason::Journal));
    let said = "the machine takes no more events: the journal failed; `Fleet::journal_error` says why; start the fleet anew when \
                that is seen to";
    assert_eq!(error.to_string(), said);
}

#[tokio::test]
async fn a_step_that_panics_leaves_nothing_and_the_machine_comes_back_as_it_was_before() {
    let shelf = Shelf::default();
    let (fleet, told) = telling(&shelf);
    fleet.send(1, event::Add { n: 1 }).await.unwrap();
    let error = fleet.send(1, Event::Burst).await.unwrap_err();
    assert_eq!((error.why, error.event), (Refused::Closed(Reason::Panicked), Event::Burst));
    let error = fleet.send(1, event::Add { n: 2 }).await.unwrap_err();
    assert_eq!(error.why, Refused::Closed(Reason::Panicked));
    assert_eq!(fleet.forget(1).await, Ok(true));
    fleet.send(1, event::Add { n: 2 }).await.unwrap();
    assert_eq!(fleet.inspect(1, |account| account.context().sum).await, Ok(Some(fold(2))));
    assert_eq!(*told.lock().unwrap(), [(1, 1), (1, 2)]);
}

#[tokio::test]
async fn a_step_that_fails_is_durable_as_any_other() {
    let shelf = Shelf::default();
    let fleet = spawn(&shelf);
    fleet.send(1, Event::Fail).await.unwrap();
    assert!(matches!(fleet.ask(1, Event::Fail).await, Err(AskError::Machine(_))));
    fleet.shutdown().await;
    assert_eq!(shelf.commits().len(), 3);
}

#[tokio::test]
async fn a_machine_that_is_finished_stays_so() {
    let shelf = Shelf::default();
    let fleet = spawn(&shelf);
    assert_eq!(fleet.ask(1, Event::Close).await, Ok(Outcome::Finished));
    fleet.shutdown().await;
    assert!(shelf.commits()[1].ended);
    let fleet = spawn(&shelf);
    let error = fleet.send(1, event::Add { n: 1 }).await.unwrap_err();
    assert_eq!((error.why, error.event), (Refused::Closed(Reason::Finished), event::Add { n: 1 }.into()));
    assert_eq!(fleet.ask(1, Event::Wind).await, Ok(Outcome::Finished));
    assert_eq!(fleet.state(1).await, Ok(Some(State::Closed)));
}

#[tokio::test]
async fn a_key_that_the_factory_refuses_gets_its_event_back() {
    let shelf = Shelf::default();
    let fleet = spawn(&shelf);
    let error = fleet.send(1_000, Event::Wind).await.unwrap_err();
    assert_eq!((error.why, error.event), (Refused::Unknown, Event::Wind));
    assert_eq!(fleet.send_batch([(1, Event::Wind), (1_000, Event::Wind)]).await, Ok(1));
    until(|| fleet.len() == 1).await;
}

#[tokio::test]
async fn shutdown_waits_for_what_is_not_durable_yet() {
    let shelf = Shelf::default();
    let fleet = builder(&shelf).spawn();
    shelf.hold(true);
    fleet.try_send(1, event::Wait { ms: 20 }).unwrap();
    fleet.try_send(1, event::Add { n: 1 }).unwrap();
    let mut end = tokio::spawn({
        let fleet = fleet.clone();
        async move { fleet.shutdown().await }
    });
    assert!(timeout(MOMENT * 3, &mut end).await.is_err());
    shelf.hold(false);
    assert_eq!(end.await.unwrap().handled, 2);
    assert_eq!(shelf.commits().len(), 3);
}
