//! Handlers that ask machines of their own fleet.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use fsm_runtime::{Fleet, Outcome, Refused, Undelivered, fsm};
use tokio::time::timeout;

fsm! {
    /// Asks others.
    machine Caller {
        event Call { to: u32 };
        event Look { at: u32 };
        event Tell { to: u32 };
        event Ping;
        initial Idle;
        state Idle {
            on Call / call(event.to);
            on Look / look(event.at);
            on Tell / tell(event.to);
            on Ping / pong;
        }
    }
}

type Callers = Fleet<u32, caller::Machine>;

/// Knows the fleet, and writes down what it hears.
#[derive(Clone, Default)]
struct Hand {
    fleet: Arc<OnceLock<Callers>>,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Hand {
    fn fleet(&self) -> &Callers {
        self.fleet.get().unwrap()
    }

    fn hear(&self, what: impl std::fmt::Debug) {
        self.heard.lock().unwrap().push(format!("{what:?}"));
    }
}

impl caller::Actions for Hand {
    async fn call(&mut self, to: u32) {
        let answer = self.fleet().ask(to, caller::event::Ping).await;
        self.hear(answer);
        let seen = self.fleet().ask_with(to, caller::event::Ping, |_, result| result.is_ok()).await;
        self.hear(seen);
    }

    async fn look(&mut self, at: u32) {
        let seen = self.fleet().state(at).await;
        self.hear(seen);
    }

    async fn tell(&mut self, to: u32) {
        let sent = self.fleet().send(to, caller::event::Ping).await;
        self.hear(sent);
        // Somebody else is to wait for it.
        let fleet = self.fleet().clone();
        tokio::spawn(async move { fleet.ask(to, caller::event::Ping).await });
    }

    async fn pong(&mut self) {}
}

fn spawn(shards: usize) -> (Callers, Hand, Arc<Mutex<Vec<Undelivered>>>) {
    let (hand, dead) = (Hand::default(), Arc::new(Mutex::new(Vec::new())));
    let (own, letters) = (hand.clone(), Arc::clone(&dead));
    let fleet = Fleet::builder(move |_: &u32| Some(caller::Caller::new(own.clone())))
        .shards(shards)
        .dead_letters(move |_, letter| letters.lock().unwrap().push(letter.why))
        .spawn();
    assert!(hand.fleet.set(fleet.clone()).is_ok());
    (fleet, hand, dead)
}

const LONG: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_handler_that_asks_its_own_machine_is_told_so_and_does_not_hang() {
    let (fleet, hand, dead) = spawn(1);
    assert_eq!(timeout(LONG, fleet.ask(1, caller::event::Call { to: 1 })).await, Ok(Ok(Outcome::Handled)));
    assert_eq!(timeout(LONG, fleet.ask(1, caller::event::Look { at: 1 })).await, Ok(Ok(Outcome::Handled)));
    let heard = hand.heard.lock().unwrap().clone();
    assert_eq!(heard, ["Err(Refused(Deadlock))", "Err(Refused(Deadlock))", "Err(Deadlock)"]);
    let said = "a handler cannot wait for its own machine; use `try_send`, which does not wait, `raise` in the spec, or a task \
                that sends";
    assert_eq!(Refused::Deadlock.to_string(), said);
    // Whoever was told so has the answer, and no event is lost behind its back.
    assert_eq!(dead.lock().unwrap().len(), 2);
    assert!(dead.lock().unwrap().iter().all(|why| *why == Undelivered::Deadlock));
}

#[tokio::test]
async fn a_handler_may_ask_other_machines_of_its_shard() {
    let (fleet, hand, _) = spawn(1);
    fleet.send(2, caller::event::Ping).await.unwrap();
    for to in [2, 3] {
        assert_eq!(timeout(LONG, fleet.ask(1, caller::event::Call { to })).await, Ok(Ok(Outcome::Handled)));
        assert_eq!(timeout(LONG, fleet.ask(1, caller::event::Look { at: to })).await, Ok(Ok(Outcome::Handled)));
    }
    let once = ["Ok(Handled)", "Ok(true)", "Ok(Some(Idle))"];
    assert_eq!(*hand.heard.lock().unwrap(), [once, once].concat());
}

#[tokio::test]
async fn a_handler_may_send_to_its_own_machine_and_let_others_ask_it() {
    let (fleet, hand, dead) = spawn(2);
    assert_eq!(timeout(LONG, fleet.ask(1, caller::event::Tell { to: 1 })).await, Ok(Ok(Outcome::Handled)));
    tokio::task::yield_now().await;
    hand.fleet().close();
    assert!(dead.lock().unwrap().is_empty());
    let report = timeout(LONG, fleet.join()).await.unwrap();
    assert!(report.handled >= 2 && report.refused == 0, "{report}");
    assert_eq!(*hand.heard.lock().unwrap(), ["Ok(())"]);
}
