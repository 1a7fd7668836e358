//! Handlers that wait for a shard that the events for their own machine fill.
//!
//! All of it runs on one thread, so a shard has its turn where a test, or a handler, lets it.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::Poll;
use std::time::Duration;

use fsm_runtime::{AskError, Fleet, Outcome, Refused, Undelivered, fsm};
use tokio::sync::Notify;
use tokio::task::yield_now;
use tokio::time::timeout;

fsm! {
    /// Counts what comes, and does something else besides.
    machine Juggler {
        event Ball;
        event Go;
        initial Idle;
        state Idle {
            on Ball / catch;
            on Go / go;
        }
    }
}

use juggler::event::{Ball, Go};

type Jugglers = Fleet<u32, juggler::Machine>;
type Going = Pin<Box<dyn Future<Output = ()> + Send>>;

/// So many events in the mailbox, and as many that wait inside.
const CAPACITY: usize = 70;
const OWN: u32 = 1;
const OTHER: u32 = 2;
const SLOW: u32 = 3;

/// What the machine [`OWN`] does, and what all see.
#[derive(Clone)]
struct Stage {
    fleet: Arc<OnceLock<Jugglers>>,
    act: Arc<dyn Fn(Stage) -> Going + Send + Sync>,
    caught: Arc<Mutex<HashMap<u32, usize>>>,
    heard: Arc<Mutex<Vec<String>>>,
    dead: Arc<Mutex<Vec<Undelivered>>>,
    /// Lets [`OWN`] go on, and [`SLOW`].
    gates: Arc<[Notify; 2]>,
}

impl Stage {
    /// One shard, and what the handler of [`OWN`] does when it is told to go.
    fn new<F: Future<Output = ()> + Send + 'static>(act: impl Fn(Self) -> F + Send + Sync + 'static) -> Self {
        let stage = Self {
            fleet: Arc::default(),
            act: Arc::new(move |stage| Box::pin(act(stage))),
            caught: Arc::default(),
            heard: Arc::default(),
            dead: Arc::default(),
            gates: Arc::default(),
        };
        let (own, dead) = (stage.clone(), Arc::clone(&stage.dead));
        let fleet = Fleet::builder(move |&key| Some(juggler::Juggler::new(Hand { key, stage: own.clone() })))
            .shards(1)
            .capacity(CAPACITY)
            .dead_letters(move |_, letter| dead.lock().unwrap().push(letter.why))
            .spawn();
        assert!(stage.fleet.set(fleet).is_ok());
        stage
    }

    fn fleet(&self) -> &Jugglers {
        self.fleet.get().unwrap()
    }

    fn hear(&self, what: impl std::fmt::Debug) {
        self.heard.lock().unwrap().push(format!("{what:?}"));
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// Waits until something was heard.
    async fn listen(&self) {
        let heard = async {
            while self.heard().is_empty() {
                yield_now().await;
            }
        };
        timeout(LONG, heard).await.unwrap();
    }

    fn caught(&self, key: u32) -> usize {
        self.caught.lock().unwrap().get(&key).copied().unwrap_or(0)
    }

    fn fill(&self, key: u32, count: usize) {
        (0..count).for_each(|_| self.fleet().try_send(key, Ball).unwrap());
    }
}

struct Hand {
    key: u32,
    stage: Stage,
}

impl juggler::Actions for Hand {
    async fn catch(&mut self) {
        *self.stage.caught.lock().unwrap().entry(self.key).or_default() += 1;
    }

    async fn go(&mut self) {
        if self.key == OWN {
            (self.stage.act)(self.stage.clone()).await;
        } else {
            self.stage.gates[1].notified().await;
        }
    }
}

/// Lets everybody go on as far as they can.
async fn settle() {
    for _ in 0..100 {
        yield_now().await;
    }
}

/// Lets the shard go on, which comes back before it looks at the next events.
async fn wink() {
    let mut winked = false;
    poll_fn(|context| {
        context.waker().wake_by_ref();
        if std::mem::replace(&mut winked, true) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

const LONG: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_handler_that_fills_its_shard_with_events_for_its_own_machine_is_told_so() {
    let stage = Stage::new(|stage| async move {
        let mut sent = 0;
        let refused = loop {
            match stage.fleet().send(OWN, Ball).await {
                Ok(()) => sent += 1,
                Err(error) => break error,
            }
        };
        assert!(matches!(refused.event, juggler::Event::Ball), "it comes back");
        stage.hear((sent, refused.why));
        // The shard takes nothing for its other machines either.
        stage.hear(stage.fleet().send(OTHER, Ball).await.err().map(|error| error.why));
        stage.hear(stage.fleet().ask(OTHER, Ball).await);
        let batch = stage.fleet().send_batch([(OWN, Ball), (OTHER, Ball)]).await.unwrap_err();
        stage.hear((batch.sent, batch.rest.len(), batch.why));
    });
    assert_eq!(timeout(LONG, stage.fleet().ask(OWN, Go)).await, Ok(Ok(Outcome::Handled)));
    let (all, asked) = (2 * CAPACITY, AskError::<()>::Refused(Refused::Deadlock));
    let expected = [
        format!("({all}, Deadlock)"),
        "Some(Deadlock)".to_owned(),
        format!("Err({asked:?})"),
        "(0, 2, Deadlock)".to_owned(),
    ];
    assert_eq!(stage.heard(), expected);
    let report = timeout(LONG, stage.fleet().shutdown()).await.unwrap();
    assert_eq!((report.handled, stage.caught(OWN), stage.caught(OTHER)), (all as u64 + 1, all, 0));
    assert!(stage.dead.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_handler_that_waits_for_room_is_told_when_events_for_its_machine_fill_the_shard() {
    let stage = Stage::new(|stage| async move {
        let fleet = stage.fleet();
        stage.fill(OWN, CAPACITY);
        // There is no room, and no sign yet that there will be none.
        let sent = fleet.send(OTHER, Ball).await;
        stage.hear(sent.is_ok());
        stage.fill(OWN, CAPACITY - 1);
        let more = [fleet.send(OTHER, Ball).await, fleet.send(OWN, Ball).await];
        stage.hear(more.map(|sent| sent.err().map(|error| error.why)));
        stage.hear(fleet.ask(OTHER, Ball).await.is_err());
    });
    assert_eq!(timeout(LONG, stage.fleet().ask(OWN, Go)).await, Ok(Ok(Outcome::Handled)));
    assert_eq!(stage.heard(), ["true", "[Some(Deadlock), Some(Deadlock)]", "true"]);
    timeout(LONG, stage.fleet().shutdown()).await.unwrap();
    assert_eq!((stage.caught(OWN), stage.caught(OTHER)), (2 * CAPACITY - 1, 1));
}

#[tokio::test]
async fn a_handler_that_waits_in_line_behind_the_events_of_its_machine_is_told_so() {
    let stage = Stage::new(|stage| async move {
        stage.gates[0].notified().await;
        stage.hear(stage.fleet().send(OTHER, Ball).await.err().map(|error| error.why));
    });
    stage.fleet().send(OWN, Go).await.unwrap();
    settle().await;
    // More senders than the shard can take before the handler has its turn, all of them for its machine.
    let senders: Vec<_> = (0..4 * CAPACITY)
        .map(|_| {
            let fleet = stage.fleet().clone();
            tokio::spawn(async move { fleet.send(OWN, Ball).await })
        })
        .collect();
    yield_now().await;
    stage.gates[0].notify_one();
    for sender in senders {
        timeout(LONG, sender).await.unwrap().unwrap().unwrap();
    }
    timeout(LONG, stage.fleet().shutdown()).await.unwrap();
    assert_eq!((stage.heard(), stage.caught(OWN)), (vec!["Some(Deadlock)".to_owned()], 4 * CAPACITY));
}

#[tokio::test]
async fn a_handler_waits_for_room_as_long_as_others_can_make_some() {
    let stage = Stage::new(|stage| async move {
        stage.gates[0].notified().await;
        stage.hear(stage.fleet().send(OWN, Ball).await.is_ok());
    });
    for key in [OWN, SLOW] {
        stage.fleet().send(key, Go).await.unwrap();
    }
    settle().await;
    // All but one of those that wait inside are for a machine that will be back.
    stage.fill(OWN, 1);
    stage.fill(SLOW, CAPACITY - 1);
    settle().await;
    stage.fill(OWN, CAPACITY);
    stage.gates[0].notify_one();
    settle().await;
    assert!(stage.heard().is_empty(), "it waits");
    stage.gates[1].notify_one();
    stage.listen().await;
    timeout(LONG, stage.fleet().shutdown()).await.unwrap();
    assert_eq!((stage.heard(), stage.caught(OWN)), (vec!["true".to_owned()], CAPACITY + 2));
}

#[tokio::test]
async fn a_question_that_lies_behind_the_events_of_its_own_machine_is_refused_and_one_that_was_dropped_is_not() {
    let stage = Stage::new(|stage| async move {
        stage.gates[0].notified().await;
        // The shard takes what is for this machine, and has not looked at it yet.
        wink().await;
        let mut dropped = Box::pin(stage.fleet().ask(OTHER, Ball));
        assert!(poll_fn(|context| Poll::Ready(dropped.as_mut().poll(context).is_pending())).await);
        drop(dropped);
        let asked = stage.fleet().ask(OTHER, Ball).await;
        stage.hear(asked == Err(AskError::Refused(Refused::Deadlock)));
    });
    stage.fleet().send(OWN, Go).await.unwrap();
    stage.fill(OWN, 10);
    settle().await;
    stage.fill(OWN, CAPACITY);
    stage.gates[0].notify_one();
    stage.listen().await;
    let report = timeout(LONG, stage.fleet().shutdown()).await.unwrap();
    assert_eq!((stage.heard(), report.refused), (vec!["true".to_owned()], 1));
    assert_eq!((stage.caught(OWN), stage.caught(OTHER)), (CAPACITY + 10, 1));
}
