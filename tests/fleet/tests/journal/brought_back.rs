//! Machines that are not in memory: brought back by events, looks, timers and invokes, as they were.

use std::time::Duration;

use fleet::account::{Event, Snapshot, State, event, state};
use fleet::{account, fold};
use fsm_runtime::core::Persist as _;
use fsm_runtime::journal::Journal;
use fsm_runtime::{Reason, Refused};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tokio::time::sleep;

use crate::rig::{Shelf, builder, spawn, telling, until};

#[tokio::test]
async fn an_idle_machine_leaves_memory_and_comes_back_as_it_was() {
    let shelf = Shelf::default();
    let fleet = builder(&shelf).passivate_after(Duration::from_millis(40)).spawn();
    fleet.send_batch((0..100).map(|key| (key, event::Add { n: 1 }))).await.unwrap();
    until(|| fleet.is_empty()).await;
    let loads = shelf.loads();
    fleet.send_batch((0..100).map(|key| (key, event::Add { n: 2 }))).await.unwrap();
    assert_eq!(shelf.loads(), loads + 100);
    assert_eq!(fleet.inspect(7, |account| account.context().sum).await, Ok(Some(fold(2))));
    fleet.shutdown().await;
    let steps: Vec<_> = shelf.commits().iter().filter(|commit| commit.key == b"7").map(|it| it.sequence).collect();
    assert_eq!(steps, [1, 2, 3], "coming back is no step");
}

#[tokio::test]
async fn to_look_at_a_machine_makes_none() {
    let shelf = Shelf::default();
    let fleet = spawn(&shelf);
    assert_eq!((fleet.state(1).await, fleet.contains(1).await), (Ok(None), Ok(false)));
    assert!(shelf.commits().is_empty() && fleet.is_empty());
    fleet.send(1, event::Add { n: 1 }).await.unwrap();
    fleet.shutdown().await;
    let fleet = spawn(&shelf);
    assert_eq!(fleet.state(1).await, Ok(Some(State::Open)));
}

#[tokio::test]
async fn a_timer_fires_after_a_restart_with_what_was_left_of_it() {
    let shelf = Shelf::default();
    let fleet = spawn(&shelf);
    fleet.send(1, Event::Wind).await.unwrap();
    sleep(Duration::from_millis(60)).await;
    fleet.shutdown().await;
    let wound = shelf.commits().len();
    assert!(wound >= 4, "{wound}");
    // Nobody sends anything: the journal knows when it is due.
    let fleet = spawn(&shelf);
    until(|| shelf.commits().len() >= wound + 3).await;
    let ticks = fleet.inspect(1, |account| account.context().ticks).await.unwrap().unwrap();
    assert!(ticks >= 5, "{ticks}");
    assert_eq!(fleet.state(1).await, Ok(Some(State::Wound)));
}

#[tokio::test]
async fn the_time_that_passed_counts_also_where_a_closure_takes_the_snapshot_up() {
    let shelf = Shelf::default();
    let fleet = spawn(&shelf);
    fleet.send(1, Event::Wind).await.unwrap();
    fleet.shutdown().await;
    sleep(Duration::from_millis(300)).await;
    let commits = shelf.commits().len();
    let _fleet = fsm_runtime::Fleet::builder(|_: &u64| Some(account()))
        .journal_with(shelf.journal(), |account, bytes| {
            let snapshot = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
            account.restore(snapshot, Duration::ZERO).map_err(|error| error.to_string())
        })
        .spawn();
    until(|| shelf.commits().len() > commits).await;
    let snapshot: Snapshot = serde_json::from_slice(&shelf.commits()[commits].state).unwrap();
    assert!(snapshot.remaining[1] <= Duration::from_millis(59_700), "{:?}", snapshot.remaining);
}

#[tokio::test]
async fn an_invoke_that_had_not_ended_starts_anew_after_a_restart() {
    let shelf = Shelf::default();
    let fleet = spawn(&shelf);
    fleet.send(1, event::Work { ms: 300 }).await.unwrap();
    assert_eq!(fleet.state(1).await, Ok(Some(State::Working(state::Working { ms: 300 }))));
    fleet.shutdown().await;
    let commits = shelf.commits().len();
    let fleet = spawn(&shelf);
    until(|| shelf.commits().len() > commits).await;
    assert_eq!(fleet.inspect(1, |account| account.context().done).await, Ok(Some(300)));
    assert_eq!(shelf.commits().last().unwrap().wake, None);
}

#[tokio::test]
async fn a_machine_with_an_invoke_stays_in_memory() {
    let shelf = Shelf::default();
    let fleet = builder(&shelf).passivate_after(Duration::from_millis(10)).spawn();
    fleet.send(1, event::Work { ms: 150 }).await.unwrap();
    sleep(Duration::from_millis(100)).await;
    assert_eq!((fleet.len(), shelf.loads()), (1, 1));
    until(|| fleet.is_empty()).await;
    assert_eq!(fleet.inspect(1, |account| account.context().done).await, Ok(Some(150)));
}

#[tokio::test]
async fn messages_that_were_not_delivered_come_after_a_restart() {
    let shelf = Shelf::default();
    let fleet = builder(&shelf).on_emit(|_, _| panic!("as ordered")).spawn();
    fleet.send_batch((1..4).map(|n| (1, event::Add { n }))).await.unwrap();
    fleet.shutdown().await;
    assert_eq!(shelf.outbox(), 3);
    let (fleet, told) = telling(&shelf);
    until(|| told.lock().unwrap().len() == 3).await;
    fleet.send(1, event::Add { n: 4 }).await.unwrap();
    fleet.shutdown().await;
    assert_eq!((told.lock().unwrap().clone(), shelf.outbox()), (vec![(1, 1), (1, 2), (1, 3), (1, 4)], 0));
}

#[tokio::test]
async fn a_snapshot_that_cannot_be_read_is_an_error_and_no_new_machine() {
    let shelf = Shelf::default();
    shelf.spoil("1", "{}");
    let fleet = spawn(&shelf);
    let error = fleet.send(1, event::Add { n: 1 }).await.unwrap_err();
    assert_eq!((error.why, error.event), (Refused::Unreadable, event::Add { n: 1 }.into()));
    assert_eq!(fleet.state(1).await, Err(Refused::Unreadable));
    // Other machines go on.
    fleet.send(2, event::Add { n: 1 }).await.unwrap();
}

#[tokio::test]
async fn a_closure_for_older_snapshots_that_panics_concerns_their_machine_alone() {
    let shelf = Shelf::default();
    shelf.spoil("1", "of old");
    let fleet = fsm_runtime::Fleet::builder(|_: &u64| Some(account()))
        .shards(1)
        .journal_with(Journal::of(shelf.clone()), |_, _| panic!("as ordered"))
        .spawn();
    let error = fleet.send(1, event::Add { n: 1 }).await.unwrap_err();
    assert_eq!((error.why, error.event), (Refused::Unreadable, event::Add { n: 1 }.into()));
    assert_eq!(fleet.state(1).await, Err(Refused::Unreadable));
    fleet.send(2, event::Add { n: 1 }).await.unwrap();
}

/// A key that can be written and not read, or not even written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Odd(u64);

impl Serialize for Odd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        assert!(self.0 != 7, "as ordered");
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Odd {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        panic!("as ordered")
    }
}

#[tokio::test]
async fn a_key_that_panics_when_it_is_written_or_read_concerns_its_machine_alone() {
    let shelf = Shelf::default();
    let spawn = || fsm_runtime::Fleet::builder(|_: &Odd| Some(account())).shards(1).journal(shelf.journal()).spawn();
    let fleet = spawn();
    let error = fleet.send(Odd(7), event::Add { n: 1 }).await.unwrap_err();
    assert_eq!(error.why, Refused::Unreadable);
    fleet.send(Odd(1), Event::Wind).await.unwrap();
    fleet.shutdown().await;
    // Its timer is due, and its key cannot be read.
    let fleet = spawn();
    fleet.send(Odd(2), event::Add { n: 1 }).await.unwrap();
    assert_eq!(fleet.shutdown().await.reason, Reason::Shutdown);
}

#[tokio::test]
async fn snapshots_of_older_versions_go_through_the_closure_that_is_given() {
    let shelf = Shelf::default();
    shelf.spoil("1", "of old");
    let fleet = fsm_runtime::Fleet::builder(|_: &u64| Some(account()))
        .journal_with(Journal::of(shelf.clone()), |account, bytes| {
            if bytes == b"of old" { Ok(account) } else { Err("of another time".to_owned()) }
        })
        .spawn();
    fleet.send(1, event::Add { n: 1 }).await.unwrap();
    assert_eq!(fleet.inspect(1, |account| account.context().sum).await, Ok(Some(fold(1))));
}
