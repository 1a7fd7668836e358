//! Handlers that send to machines of their own fleet, where that means to wait for a commit.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use fleet::account::{Account, Actions, Event, event};
use fleet::{Accounts, Broken, fold};
use fsm_runtime::journal::MessageId;
use fsm_runtime::{Fleet, Outcome, Refused};
use tokio::time::timeout;

use crate::rig::Shelf;

/// Sends to the machine whose key it is told.
#[derive(Clone, Default)]
struct Sender {
    fleet: Arc<OnceLock<Accounts>>,
    heard: Arc<Mutex<Vec<Heard>>>,
}

/// To whom it was sent, or how many events of a batch were acknowledged; why not.
type Heard = (u64, Option<Refused>);

impl Actions for Sender {
    async fn fail(&mut self) -> Result<(), Broken> {
        Ok(())
    }

    async fn burst(&mut self) -> Result<(), Broken> {
        // One is for another machine.
        let sent = self.fleet.get().unwrap().send_batch([(1, event::Add { n: 7 }), (3, event::Add { n: 1 })]).await;
        self.heard.lock().unwrap().push((sent.unwrap() as u64, None));
        Ok(())
    }

    async fn wait(&mut self, to: u64) -> Result<(), Broken> {
        let fleet = self.fleet.get().unwrap();
        let plain = fleet.send(to, event::Add { n: 1 }).await.err().map(|error| error.why);
        let known = fleet.send_with_id(to, MessageId(1), event::Add { n: 2 }).await.err().map(|error| error.why);
        self.heard.lock().unwrap().extend([(to, plain), (to, known)]);
        Ok(())
    }

    async fn work(self, ms: u64) -> Result<u64, Broken> {
        Ok(ms)
    }
}

#[tokio::test]
async fn a_handler_that_would_wait_for_a_commit_of_its_own_machine_is_told_so() {
    let (shelf, sender) = (Shelf::default(), Sender::default());
    let own = sender.clone();
    let fleet =
        Fleet::builder(move |_: &u64| Some(Account::new(own.clone()))).shards(1).journal(shelf.journal()).spawn();
    assert!(sender.fleet.set(fleet.clone()).is_ok());
    let long = Duration::from_secs(10);
    assert_eq!(timeout(long, fleet.ask(1, event::Wait { ms: 1 })).await, Ok(Ok(Outcome::Handled)));
    assert_eq!(timeout(long, fleet.ask(1, event::Wait { ms: 2 })).await, Ok(Ok(Outcome::Handled)));
    assert_eq!(timeout(long, fleet.ask(1, Event::Burst)).await, Ok(Ok(Outcome::Handled)));
    let deadlock = Some(Refused::Deadlock);
    assert_eq!(*sender.heard.lock().unwrap(), [(1, deadlock), (1, deadlock), (2, None), (2, None), (1, None)]);
    let sum = |key| fleet.inspect(key, |account| account.context().sum);
    assert_eq!((sum(1).await, sum(2).await, sum(3).await), (Ok(Some(0)), Ok(Some(fold(2))), Ok(Some(fold(1)))));
}

/// Fills its shard with events for its own machine before it sends to another one.
#[derive(Clone, Default)]
struct Flood(Sender);

impl Actions for Flood {
    async fn fail(&mut self) -> Result<(), Broken> {
        Ok(())
    }

    async fn burst(&mut self) -> Result<(), Broken> {
        Ok(())
    }

    async fn wait(&mut self, to: u64) -> Result<(), Broken> {
        let Sender { fleet, heard } = &self.0;
        let fleet = fleet.get().unwrap();
        for n in [1, 2] {
            fleet.try_send(1, event::Add { n }).unwrap();
        }
        // The shard takes them, and they wait for the end of this step; the mailbox has room again.
        tokio::time::sleep(Duration::from_millis(20)).await;
        let batch = fleet.send_batch([(to, event::Add { n: 1 })]).await.unwrap_err();
        heard.lock().unwrap().push((batch.rest.len() as u64, Some(batch.why)));
        self.0.wait(to).await
    }

    async fn work(self, ms: u64) -> Result<u64, Broken> {
        Ok(ms)
    }
}

#[tokio::test]
async fn a_handler_whose_shard_takes_nothing_before_its_step_is_over_is_told_so() {
    let (shelf, flood) = (Shelf::default(), Flood::default());
    let own = flood.clone();
    let builder = Fleet::builder(move |_: &u64| Some(Account::new(own.clone()))).shards(1).capacity(2);
    let fleet = builder.journal(shelf.journal()).spawn();
    assert!(flood.0.fleet.set(fleet.clone()).is_ok());
    let asked = timeout(Duration::from_secs(10), fleet.ask(1, event::Wait { ms: 2 })).await;
    assert_eq!(asked, Ok(Ok(Outcome::Handled)));
    let deadlock = Some(Refused::Deadlock);
    assert_eq!(*flood.0.heard.lock().unwrap(), [(1, deadlock), (2, deadlock), (2, deadlock)]);
    fleet.send(2, event::Add { n: 1 }).await.unwrap();
    let sum = |key| fleet.inspect(key, |account| account.context().sum);
    assert_eq!((sum(1).await, sum(2).await), (Ok(Some(fold(2))), Ok(Some(fold(1)))));
}

#[tokio::test]
async fn what_was_seen_after_a_step_is_told_when_the_step_is_durable() {
    let shelf = Shelf::default();
    let fleet = crate::rig::spawn(&shelf);
    fleet.send(1, event::Add { n: 1 }).await.unwrap();
    shelf.hold(true);
    let mut asks: Vec<_> = (2..4)
        .map(|n| {
            let fleet = fleet.clone();
            tokio::spawn(async move { fleet.ask_with(1, event::Add { n }, |account, _| account.context().sum).await })
        })
        .collect();
    for ask in &mut asks {
        assert!(timeout(Duration::from_millis(30), ask).await.is_err());
    }
    // Both steps were made by now, and each asker is shown its own.
    assert_eq!(fleet.inspect(1, |account| account.context().sum).await, Ok(Some(fold(3))));
    shelf.hold(false);
    let mut sums = Vec::new();
    for ask in asks {
        sums.push(ask.await.unwrap());
    }
    assert_eq!(sums, [Ok(fold(2)), Ok(fold(3))]);
    shelf.fail();
    let lost = fleet.ask_with(1, event::Add { n: 4 }, |_, _| ()).await;
    assert_eq!(lost, Err(fsm_runtime::AskError::Lost(fsm_runtime::Reason::Journal)));
}
