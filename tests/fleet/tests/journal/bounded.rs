//! A store that takes its time: what has not become durable fills a shard, and those who bring more wait.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use fleet::account::{Account, Actions, Event, event};
use fleet::{Accounts, Broken, account, fold};
use fsm_runtime::fleet::Builder;
use fsm_runtime::{Fleet, Outcome, Refused};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use crate::rig::{Shelf, until};

const CAPACITY: usize = 8;
/// As many as are surely taken in, if any are.
const WHILE: Duration = Duration::from_millis(20);

fn builder(shelf: &Shelf) -> Builder<u64, Account<fleet::Clerk>> {
    Fleet::builder(|_: &u64| Some(account())).shards(1).capacity(CAPACITY).journal(shelf.journal())
}

/// Sends as long as there is room; gives the last number.
async fn fill(fleet: &Accounts, mut n: u64) -> u64 {
    loop {
        let before = n;
        while fleet.try_send(1, event::Add { n: n + 1 }).is_ok() {
            n += 1;
        }
        assert!(n < 100 * CAPACITY as u64, "there is no end to the room");
        sleep(WHILE).await;
        if n == before {
            return n;
        }
    }
}

#[tokio::test]
async fn steps_that_are_not_durable_fill_their_shard_as_events_that_wait_do() {
    let shelf = Shelf::default();
    let fleet = builder(&shelf).spawn();
    fleet.send(1, event::Add { n: 1 }).await.unwrap();
    shelf.hold(true);
    let last = fill(&fleet, 1).await;
    let taken = usize::try_from(last).unwrap() - 1;
    // Twice the capacity, with what the mailbox lets in after one less, and a mailbox full.
    assert!((3 * CAPACITY..4 * CAPACITY).contains(&taken), "{taken}");
    assert_eq!(fleet.try_send(1, event::Add { n: 0 }).unwrap_err().why, Refused::Full);
    // To look at a machine is no step.
    assert!(fleet.inspect(1, |account| account.context().last).await.is_ok_and(|n| n > Some(1)));
    shelf.hold(false);
    fleet.send(1, event::Add { n: last + 1 }).await.unwrap();
    assert_eq!(fleet.inspect(1, |account| account.context().sum).await, Ok(Some(fold(last + 1))));
    let report = fleet.shutdown().await;
    assert_eq!((report.handled, report.dropped), (last + 1, 0));
}

#[tokio::test]
async fn timers_wait_while_too_many_steps_are_not_durable() {
    let shelf = Shelf::default();
    let fleet = builder(&shelf).spawn();
    fleet.send(1, Event::Wind).await.unwrap();
    shelf.hold(true);
    sleep(Duration::from_millis(500)).await;
    let ticks = || fleet.inspect(1, |account| account.context().ticks);
    let behind = ticks().await.unwrap().unwrap();
    sleep(Duration::from_millis(50)).await;
    assert_eq!(ticks().await, Ok(Some(behind)));
    // One or more were durable before, and one was begun that is not counted as behind.
    assert!(behind <= 2 * CAPACITY as u64 + 4, "{behind}");
    shelf.hold(false);
    until(|| shelf.commits().len() > 4 * CAPACITY).await;
    fleet.stop();
}

/// Fills its shard, waits for room, and tells when it begins to.
#[derive(Clone, Default)]
struct Patient {
    fleet: Arc<OnceLock<Accounts>>,
    waits: Arc<Notify>,
}

impl Actions for Patient {
    async fn fail(&mut self) -> Result<(), Broken> {
        Ok(())
    }

    async fn burst(&mut self) -> Result<(), Broken> {
        Ok(())
    }

    async fn wait(&mut self, n: u64) -> Result<(), Broken> {
        let fleet = self.fleet.get().unwrap();
        let last = fill(fleet, n).await;
        self.waits.notify_one();
        fleet.send(1, event::Add { n: last + 1 }).await.map_err(|_| Broken)
    }

    async fn work(self, ms: u64) -> Result<u64, Broken> {
        Ok(ms)
    }
}

#[tokio::test]
async fn a_handler_waits_for_room_as_long_as_commits_can_make_some() {
    let (shelf, patient) = (Shelf::default(), Patient::default());
    let own = patient.clone();
    let builder = Fleet::builder(move |_: &u64| Some(Account::new(own.clone())));
    let fleet = builder.shards(1).capacity(CAPACITY).journal(shelf.journal()).spawn();
    assert!(patient.fleet.set(fleet.clone()).is_ok());
    fleet.send(1, event::Add { n: 1 }).await.unwrap();
    shelf.hold(true);
    let asked = {
        let fleet = fleet.clone();
        tokio::spawn(async move { fleet.ask(2, event::Wait { ms: 1 }).await })
    };
    timeout(Duration::from_secs(10), patient.waits.notified()).await.unwrap();
    sleep(WHILE).await;
    assert!(!asked.is_finished());
    shelf.hold(false);
    let asked = timeout(Duration::from_secs(10), asked).await;
    assert_eq!(asked.unwrap().unwrap(), Ok(Outcome::Handled));
}
