//! The way in: order, back-pressure, cancellation, fairness.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use fsm_runtime::{Reason, Refused, options, spawn};
use tokio::task::yield_now;

use crate::rig::{Event, Rig, State};
use crate::{poll, settle};

#[tokio::test]
async fn events_of_one_producer_are_handled_in_order() {
    let (rig, log) = Rig::new();
    let handle = options().capacity(7).spawn(rig);
    for place in 0..1000 {
        handle.send(Event::Count(0, place)).await.unwrap();
    }
    assert_eq!(handle.shutdown().await.handled, 1000);
    assert_eq!(log.places(), (0..1000).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_producers_lose_and_double_nothing_and_keep_their_order() {
    const PRODUCERS: usize = 8;
    const EVENTS: usize = 2000;
    for capacity in [1, 3, 64, 100_000] {
        let (rig, log) = Rig::new();
        let handle = options().capacity(capacity).spawn(rig);
        let producers: Vec<_> = (0..PRODUCERS)
            .map(|producer| {
                let handle = handle.clone();
                tokio::spawn(async move {
                    for place in 0..EVENTS {
                        handle.send(Event::Count(producer, place)).await.unwrap();
                    }
                })
            })
            .collect();
        for producer in producers {
            producer.await.unwrap();
        }
        assert_eq!(handle.shutdown().await.handled, (PRODUCERS * EVENTS) as u64);
        let mut expected = [0; PRODUCERS];
        for (producer, place) in log.counts() {
            assert_eq!(place, expected[producer], "capacity {capacity}, producer {producer}");
            expected[producer] += 1;
        }
        assert_eq!(expected, [EVENTS; PRODUCERS], "capacity {capacity}");
    }
}

#[tokio::test]
async fn a_full_mailbox_makes_senders_wait_until_the_batch_is_taken() {
    let (rig, log) = Rig::new();
    let handle = options().capacity(2).spawn(rig);
    handle.send(Event::Gate).await.unwrap();
    settle().await; // the gate is now being handled, the mailbox is empty
    handle.send(Event::Count(0, 0)).await.unwrap();
    handle.send(Event::Count(0, 1)).await.unwrap();
    let mut waiting = handle.send(Event::Count(0, 2));
    assert!(poll(&mut waiting).is_pending());
    settle().await;
    assert!(poll(&mut waiting).is_pending(), "the machine still works on the gate");
    log.open_gate(1);
    settle().await;
    assert!(poll(&mut waiting).is_ready());
    handle.shutdown().await;
    assert_eq!(log.places(), [0, 1, 2]);
}

#[tokio::test]
async fn capacity_one_and_capacity_zero_work() {
    for capacity in [0, 1] {
        let (rig, log) = Rig::new();
        let handle = options().capacity(capacity).spawn(rig);
        for place in 0..100 {
            handle.send(Event::Count(0, place)).await.unwrap();
        }
        handle.shutdown().await;
        assert_eq!(log.places().len(), 100);
    }
}

#[tokio::test]
async fn try_send_gives_the_event_back() {
    let (rig, log) = Rig::new();
    let handle = options().capacity(1).spawn(rig);
    handle.send(Event::Gate).await.unwrap();
    settle().await;
    handle.try_send(Event::Count(0, 0)).unwrap();
    let full = handle.try_send(Event::Count(0, 1)).unwrap_err();
    assert_eq!(full.why, Refused::Full);
    assert!(matches!(full.event, Event::Count(0, 1)));
    log.open_gate(1);
    handle.shutdown().await;
    let closed = handle.try_send(Event::Count(0, 2)).unwrap_err();
    assert_eq!(closed.why, Refused::Closed(Reason::Shutdown));
    assert!(matches!(closed.event, Event::Count(0, 2)));
    assert_eq!(log.places(), [0]);
}

#[tokio::test]
async fn waiting_senders_get_in_in_the_order_in_which_they_came() {
    let (rig, log) = Rig::new();
    let handle = options().capacity(1).spawn(rig);
    handle.send(Event::Gate).await.unwrap();
    settle().await;
    handle.send(Event::Count(0, 0)).await.unwrap();
    let mut senders = Vec::new();
    for place in 1..20 {
        let handle = handle.clone();
        senders.push(tokio::spawn(async move { handle.send(Event::Count(0, place)).await.unwrap() }));
        settle().await;
    }
    log.open_gate(1);
    for sender in senders {
        sender.await.unwrap();
    }
    handle.shutdown().await;
    assert_eq!(log.places(), (0..20).collect::<Vec<_>>());
}

#[tokio::test]
async fn nobody_takes_the_place_of_a_sender_whose_turn_has_come() {
    let (rig, log) = Rig::new();
    let handle = options().capacity(1).spawn(rig);
    handle.send(Event::Gate).await.unwrap();
    settle().await;
    handle.send(Event::Count(0, 0)).await.unwrap();
    let mut first = handle.send(Event::Count(0, 1));
    let mut second = handle.send(Event::Count(0, 2));
    assert!(poll(&mut first).is_pending() && poll(&mut second).is_pending());
    log.open_gate(1);
    settle().await;
    assert_eq!(handle.try_send(Event::Unknown).unwrap_err().why, Refused::Full);
    assert!(poll(&mut second).is_pending(), "it is the turn of the first");
    drop(first);
    assert!(poll(&mut second).is_ready(), "the place was passed on");
    handle.shutdown().await;
    assert_eq!(log.places(), [0, 2]);
}

/// How far a sender gets before its future is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DropAt {
    Unpolled,
    InLine,
    Granted,
    Never,
}

#[tokio::test]
async fn a_dropped_send_is_not_sent_whenever_it_is_dropped() {
    use DropAt::{Granted, InLine, Never, Unpolled};
    const POINTS: [DropAt; 4] = [Unpolled, InLine, Granted, Never];
    for combination in 0..POINTS.len().pow(3) {
        let fates = [POINTS[combination % 4], POINTS[combination / 4 % 4], POINTS[combination / 16]];
        let (rig, log) = Rig::new();
        let handle = options().capacity(1).spawn(rig);
        handle.send(Event::Gate).await.unwrap();
        settle().await;
        handle.send(Event::Count(0, 99)).await.unwrap();

        let mut senders: Vec<_> = (0..3).map(|place| Some(handle.send(Event::Count(0, place)))).collect();
        for (sender, fate) in senders.iter_mut().zip(fates) {
            if fate != Unpolled {
                assert!(poll(sender.as_mut().unwrap()).is_pending());
            }
        }
        let drop_those = |senders: &mut Vec<_>, at| {
            fates
                .iter()
                .zip(senders)
                .filter(|(fate, _)| **fate == at)
                .for_each(|(_, sender)| drop(Option::take(sender)));
        };
        drop_those(&mut senders, Unpolled);
        drop_those(&mut senders, InLine);
        log.open_gate(1);
        settle().await; // the first that is left was granted its place
        drop_those(&mut senders, Granted);
        let mut sent = vec![99];
        for (place, sender) in senders.iter_mut().enumerate() {
            if let Some(sender) = sender {
                settle().await;
                assert!(matches!(poll(sender), Poll::Ready(Ok(()))), "{fates:?}: sender {place} hangs");
                sent.push(place);
            }
        }
        drop(senders);
        handle.send(Event::Count(0, 100)).await.unwrap();
        sent.push(100);
        handle.shutdown().await;
        assert_eq!(log.places(), sent, "{fates:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_handled_once_under_random_cancellation() {
    const PRODUCERS: usize = 6;
    let (rig, log) = Rig::new();
    let handle = options().capacity(2).spawn(rig);
    let producers: Vec<_> = (0..PRODUCERS)
        .map(|producer| {
            let handle = handle.clone();
            tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                let mut random = u32::try_from(producer).unwrap() + 1;
                for place in 0..3000 {
                    random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let patience = random >> 30;
                    let mut sending = pin!(handle.send(Event::Count(producer, place)));
                    let mut polls = 0;
                    let sent = std::future::poll_fn(|context| match sending.as_mut().poll(context) {
                        Poll::Ready(result) => Poll::Ready(result.is_ok()),
                        Poll::Pending if polls == patience => Poll::Ready(false),
                        Poll::Pending => {
                            polls += 1;
                            context.waker().wake_by_ref();
                            Poll::Pending
                        }
                    });
                    if sent.await {
                        acknowledged.push((producer, place));
                    }
                    if random & 0x10 == 0 {
                        yield_now().await;
                    }
                }
                acknowledged
            })
        })
        .collect();
    let mut acknowledged = Vec::new();
    for producer in producers {
        acknowledged.extend(producer.await.unwrap());
    }
    let report = handle.shutdown().await;
    assert_eq!(report.handled, acknowledged.len() as u64);
    let mut handled = log.counts();
    handled.sort_unstable();
    assert_eq!(handled, acknowledged);
}

#[tokio::test]
async fn a_dropped_question_is_handled_if_it_was_taken_and_only_then() {
    let (rig, log) = Rig::new();
    let handle = options().capacity(1).spawn(rig);
    handle.send(Event::Gate).await.unwrap();
    settle().await;
    let mut taken = handle.ask(Event::Count(0, 1));
    assert!(poll(&mut taken).is_pending());
    let mut in_line = handle.ask(Event::Count(0, 2));
    assert!(poll(&mut in_line).is_pending());
    drop((taken, in_line));
    log.open_gate(1);
    handle.shutdown().await;
    assert_eq!(log.places(), [1]);
}

#[tokio::test]
async fn a_flood_does_not_starve_other_tasks() {
    let (rig, log) = Rig::new();
    let handle = options().capacity(100_000).spawn(rig);
    for place in 0..50_000 {
        handle.try_send(Event::Count(0, place)).unwrap();
    }
    let turns = Arc::new(AtomicUsize::new(0));
    let neighbour = tokio::spawn({
        let turns = Arc::clone(&turns);
        async move {
            loop {
                turns.fetch_add(1, Ordering::Relaxed);
                yield_now().await;
            }
        }
    });
    handle.shutdown().await;
    neighbour.abort();
    assert_eq!(log.places().len(), 50_000);
    assert!(turns.load(Ordering::Relaxed) > 50, "{turns:?} turns");
}

#[tokio::test]
async fn a_sender_that_never_waits_yields_too() {
    use fsm_runtime::Overflow::{DropNewest, DropOldest, Reject, Wait};
    for (capacity, overflow) in [(1_000_000, Wait), (1, Reject), (1, DropOldest), (1, DropNewest)] {
        let (rig, _log) = Rig::new();
        let handle = options().capacity(capacity).overflow(overflow).spawn(rig);
        let sender = tokio::spawn({
            let handle = handle.clone();
            async move {
                for place in 0..100_000 {
                    // Most are refused where that is what the mailbox does.
                    let _ = handle.send(Event::Count(0, place)).await;
                }
            }
        });
        yield_now().await;
        assert!(!sender.is_finished(), "100,000 sends in one poll: {overflow:?}");
        sender.await.unwrap();
        handle.shutdown().await;
    }
}

#[tokio::test]
async fn questions_about_the_machine_go_ahead_of_waiting_events() {
    let (rig, log) = Rig::new();
    let handle = spawn(rig);
    handle.send(Event::Gate).await.unwrap();
    settle().await;
    handle.send(Event::Toggle).await.unwrap();
    let mut state = pin!(handle.state());
    assert!(state.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    log.open_gate(1);
    assert_eq!(state.await, Ok(State::Idle), "asked before `Toggle` was handled");
    assert_eq!(handle.state().await, Ok(State::Busy));
}
