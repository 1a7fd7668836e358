//! The way in: order, back-pressure, answers, refusals.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use fsm_runtime::{AskError, Outcome, Refused, Undelivered};
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};

use crate::crew::{Event, Reply, State, event};
use crate::rig::{Log, builder};

#[tokio::test]
async fn each_key_has_a_machine_of_its_own() {
    let log = Log::default();
    let fleet = builder(&log).shards(3).spawn();
    for n in 0..100 {
        fleet.send(n % 10, event::Note { n }).await.unwrap();
    }
    assert_eq!(fleet.ask(3, Event::Ask).await, Ok(Outcome::Handled));
    let report = fleet.shutdown().await;
    assert_eq!((report.machines, report.handled, report.dropped), (10, 101, 0));
    assert_eq!(log.of(3), (0..10).map(|n| n * 10 + 3).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_senders_lose_nothing_and_keep_their_order_for_each_key() {
    let log = Log::default();
    let fleet = builder(&log).shards(2).capacity(3).spawn();
    let senders: Vec<_> = (0..4)
        .map(|sender| {
            let fleet = fleet.clone();
            tokio::spawn(async move {
                for n in 0..500 {
                    let event = event::Note { n: sender * 1_000 + n };
                    if n % 2 == 0 {
                        fleet.send(n / 2 % 7, event).await.unwrap();
                    } else {
                        fleet.send_batch([(n / 2 % 7, event)]).await.unwrap();
                    }
                }
            })
        })
        .collect();
    for sender in senders {
        sender.await.unwrap();
    }
    let report = fleet.shutdown().await;
    assert_eq!((report.handled, report.machines), (2_000, 7));
    for key in 0..7 {
        for sender in 0..4 {
            let own: Vec<_> = log.of(key).into_iter().filter(|n| n / 1_000 == sender).collect();
            let expected: Vec<_> = (0..500).filter(|n| n / 2 % 7 == key).map(|n| sender * 1_000 + n).collect();
            assert_eq!(own, expected);
        }
    }
}

#[tokio::test]
async fn a_batch_goes_to_all_its_keys_in_order_also_where_it_does_not_fit() {
    let log = Log::default();
    let fleet = builder(&log).shards(2).capacity(5).spawn();
    let sent = fleet.send_batch((0..300).map(|n| (n % 3, event::Note { n }))).await;
    assert_eq!(sent, Ok(300));
    fleet.shutdown().await;
    assert_eq!(log.of(1), (0..100).map(|n| n * 3 + 1).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn machines_that_come_and_go_in_the_middle_of_a_batch_get_their_own_events() {
    let log = Log::default();
    let fleet = builder(&log).shards(1).spawn();
    let mut sent = vec![Vec::new(); 80];
    let mut seed = 1_u32;
    let mut random = |below: u32| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) % below
    };
    for round in 0..400 {
        let batch: Vec<_> = (0..random(200)).map(|n| (random(80), round * 1_000 + n)).collect();
        for (key, n) in &batch {
            sent[*key as usize].push(*n);
        }
        fleet.send_batch(batch.into_iter().map(|(key, n)| (key, event::Note { n }))).await.unwrap();
        // It goes before what is left of the batch, and the next one to come takes its place.
        for _ in 0..8 {
            fleet.forget(random(80)).await.unwrap();
        }
    }
    fleet.shutdown().await;
    assert_eq!((0..80).map(|key| log.of(key)).collect::<Vec<_>>(), sent);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_waits_holds_up_its_own_machine_alone() {
    let log = Log::default();
    let fleet = builder(&log).shards(1).spawn();
    fleet.send(1, event::Rest { ms: 100 }).await.unwrap();
    fleet.send(1, event::Note { n: 1 }).await.unwrap();
    fleet.send(2, event::Note { n: 2 }).await.unwrap();
    assert_eq!(fleet.ask(2, Event::Ask).await, Ok(Outcome::Handled));
    assert_eq!((log.of(1), log.of(2)), (vec![], vec![2]));
    // What is seen is a machine at rest, which it is after its step.
    assert_eq!(fleet.state(1).await, Ok(Some(State::Idle)));
    assert_eq!(log.of(1), [100, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_full_fleet_makes_senders_wait() {
    let log = Log::default();
    let fleet = builder(&log).shards(1).capacity(4).spawn();
    fleet.send(1, event::Rest { ms: 100 }).await.unwrap();
    // Eight wait inside of the shard, in batches of four, and four before it.
    let mut sent = 0;
    while timeout(Duration::from_millis(1), fleet.send(1, event::Note { n: sent })).await.is_ok() {
        sent += 1;
    }
    assert!((8..=12).contains(&sent), "{sent}");
    let error = fleet.try_send(1, event::Note { n: sent }).unwrap_err();
    assert_eq!((error.why, error.event), (Refused::Full, event::Note { n: sent }.into()));
    sleep(Duration::from_millis(200)).await;
    fleet.try_send(1, event::Note { n: sent }).unwrap();
    fleet.shutdown().await;
    let expected: Vec<_> = std::iter::once(100).chain(0..=sent).collect();
    assert_eq!(log.of(1), expected);
}

#[tokio::test]
async fn a_question_has_the_outcome_and_a_request_the_answer() {
    let fleet = builder(&Log::default()).spawn();
    assert_eq!(fleet.ask(1, Event::Stop).await, Ok(Outcome::Unhandled));
    assert_eq!(fleet.request(1, Event::Ask).await, Ok((Outcome::Handled, Some(Reply::Ask(0)))));
    assert_eq!(fleet.inspect(1, |crew| crew.context().late).await, Ok(Some(0)));
    let error = fleet.ask(1, Event::Fail).await.unwrap_err();
    assert!(matches!(error, AskError::Machine(_)), "{error:?}");
    assert_eq!((fleet.contains(1).await, fleet.contains(2).await), (Ok(true), Ok(false)));
}

#[tokio::test]
async fn a_key_that_the_factory_refuses_is_a_typed_error_and_a_dead_letter() {
    let dead = Arc::new(Mutex::new(Vec::new()));
    let letters = Arc::clone(&dead);
    let fleet = builder(&Log::default())
        .dead_letters(move |key, letter| letters.lock().unwrap().push((*key, letter.event, letter.why)))
        .spawn();
    assert_eq!(fleet.ask(1_000, Event::Ask).await, Err(AskError::Refused(Refused::Unknown)));
    assert_eq!(fleet.ask(1, Event::Stop).await, Ok(Outcome::Unhandled));
    assert_eq!(fleet.contains(1_000).await, Ok(false));
    // Whoever only sends is told nothing.
    assert!(fleet.send(1_001, Event::Ask).await.is_ok());
    assert_eq!(fleet.send_batch([(1_002, Event::Ask)]).await, Ok(1));
    let report = fleet.shutdown().await;
    assert_eq!((report.refused, report.handled), (3, 1));
    let mut dead = dead.lock().unwrap().clone();
    dead.sort_by_key(|letter| letter.0);
    let unknown = |key| (key, Event::Ask, Undelivered::Unknown);
    assert_eq!(dead[0], (1, Event::Stop, Undelivered::Unhandled));
    assert_eq!(dead[1..], [1_000, 1_001, 1_002].map(unknown));
    let said = Refused::Unknown.to_string();
    assert_eq!(said, "there is no machine for the key, and the fleet's factory makes none; check the key");
}

#[tokio::test]
async fn a_dropped_send_is_not_sent() {
    let log = Log::default();
    let fleet = builder(&log).shards(1).capacity(1).spawn();
    fleet.send(1, event::Note { n: 0 }).await.unwrap();
    for n in 1..50 {
        // The mailbox is full until the shard, in the same thread, has its turn.
        let sent = tokio::select! {
            biased;
            sent = fleet.send(1, event::Note { n: n * 2 }) => sent.is_ok(),
            () = yield_now(), if n % 3 == 0 => false,
        };
        if !sent {
            fleet.send(1, event::Note { n: n * 2 + 1 }).await.unwrap();
        }
    }
    fleet.shutdown().await;
    let log = log.of(1);
    assert_eq!(log.len(), 50);
    assert!(log.windows(2).all(|pair| pair[0] / 2 + 1 == pair[1] / 2), "{log:?}");
}

#[tokio::test(start_paused = true)]
async fn a_question_can_look_at_the_machine_right_after_its_step() {
    let fleet = builder(&Log::default()).shards(1).spawn();
    let seen = tokio::join!(
        fleet.ask_with(1, event::Work { ms: 50 }, |crew, result| (crew.state().clone(), result)),
        fleet.ask_with(1, Event::Stop, |crew, result| (crew.state().clone(), result)),
    );
    let busy = State::Busy(crate::crew::state::Busy { ms: 50 });
    assert_eq!(seen, (Ok((busy, Ok(Outcome::Transitioned))), Ok((State::Idle, Ok(Outcome::Transitioned)))));
    // One that is deferred is seen after the step in which it is handled for good.
    fleet.send(1, event::Work { ms: 50 }).await.unwrap();
    let job = fleet.ask_with(1, Event::Job, |crew, result| (crew.state().clone(), result)).await;
    assert_eq!(job, Ok((State::Idle, Ok(Outcome::Handled))));
    assert_eq!(fleet.ask_with(1, Event::Fail, |_, result| result.is_err()).await, Ok(true));
    // Whoever panics has its answer in that, and nobody else suffers.
    let asks = fleet.clone();
    let asked = tokio::spawn(async move { asks.ask_with(1, Event::Ask, |_, _| -> u32 { panic!("as ordered") }).await });
    assert!(asked.await.map(drop).unwrap_err().is_panic());
    assert_eq!(fleet.ask_with(1, Event::End, |crew, _| crew.state().clone()).await, Ok(State::Done));
    let ended = fleet.ask_with(1, Event::Ask, |_, _| ()).await;
    assert_eq!(ended, Err(AskError::Refused(Refused::Closed(fsm_runtime::Reason::Finished))));
}
