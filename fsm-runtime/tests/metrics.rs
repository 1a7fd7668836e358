//! What a running machine counts, seen by a real recorder.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[path = "running/rig.rs"]
#[expect(dead_code, reason = "the other tests need more of it")]
mod rig;

use std::collections::BTreeMap;
use std::time::Duration;

use fsm_runtime::{Backoff, Fleet, Outcome, Overflow, Supervision, fsm, metrics, options, spawn};
use metrics_util::MetricKind;
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use tokio::time::sleep;

use crate::rig::{Event, Rig};

fsm! {
    /// Goes out by itself.
    machine Beacon {
        event Switch;
        event Burst;
        initial On;
        state On {
            after 5s => Off;
            on Switch => Off;
            on Burst / burst;
        }
        state Off {
            on Switch => On;
        }
    }
}

struct Nothing;

impl beacon::Actions for Nothing {
    async fn burst(&mut self) {
        panic!("as ordered");
    }
}

/// Listens to this thread, and so to the machines of a test.
fn listen() -> (::metrics::LocalRecorderGuard<'static>, Snapshotter) {
    let recorder: &'static DebuggingRecorder = Box::leak(Box::default());
    (::metrics::set_default_local_recorder(recorder), recorder.snapshotter())
}

/// Every counter that moved and every histogram that got something, with its labels.
fn counted(snapshotter: &Snapshotter) -> BTreeMap<String, Vec<f64>> {
    let series = snapshotter.snapshot().into_vec().into_iter().filter_map(|(key, _, _, value)| {
        let labels: Vec<_> = key.key().labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        let name = format!("{}{{{}}}", key.key().name(), labels.join(","));
        let values = match value {
            DebugValue::Counter(0) => return None,
            #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
            DebugValue::Counter(count) => vec![count as f64],
            DebugValue::Histogram(values) if values.is_empty() => return None,
            DebugValue::Histogram(values) => values.into_iter().map(|value| value.0).collect(),
            DebugValue::Gauge(value) => vec![value.0],
        };
        assert_eq!(key.kind() == MetricKind::Counter, name.contains("_total{"), "{name}");
        Some((name, values))
    });
    series.collect()
}

#[tokio::test]
async fn events_are_counted_by_outcome() {
    let (_guard, snapshotter) = listen();
    let handle = options().label("arm", "left").name("not a label").spawn(Rig::new().0);
    for event in [Event::Toggle, Event::Count(0, 0), Event::Count(0, 1), Event::Unknown, Event::Fail] {
        handle.send(event).await.unwrap();
    }
    assert_eq!(handle.ask(Event::Finish).await, Ok(Outcome::Finished));
    handle.join().await;
    let counted = counted(&snapshotter);
    let events: Vec<_> =
        counted.iter().filter(|(name, _)| name.starts_with(metrics::EVENTS)).map(|(name, n)| (&**name, n[0])).collect();
    assert_eq!(
        events,
        [
            ("fsm_events_total{machine=Rig,arm=left,outcome=failed}", 1.0),
            ("fsm_events_total{machine=Rig,arm=left,outcome=finished}", 1.0),
            ("fsm_events_total{machine=Rig,arm=left,outcome=handled}", 2.0),
            ("fsm_events_total{machine=Rig,arm=left,outcome=transitioned}", 1.0),
            ("fsm_events_total{machine=Rig,arm=left,outcome=unhandled}", 1.0),
        ]
    );
    assert_eq!(counted["fsm_machines_started_total{machine=Rig,arm=left}"], [1.0]);
    assert_eq!(counted["fsm_machines_ended_total{machine=Rig,arm=left,reason=finished}"], [1.0]);
    // The entry into the initial state is a step too.
    assert_eq!(counted["fsm_step_duration_seconds{machine=Rig,arm=left}"].len(), 7);
}

#[tokio::test]
async fn the_depth_of_the_mailbox_is_seen_when_it_is_emptied() {
    let (_guard, snapshotter) = listen();
    let (rig, log) = Rig::new();
    let handle = options().capacity(8).overflow(Overflow::DropNewest).spawn(rig);
    handle.send(Event::Gate).await.unwrap();
    tokio::task::yield_now().await;
    // The machine waits in its handler; of these one more is dropped than there is room for.
    for place in 0..9 {
        handle.send(Event::Count(0, place)).await.unwrap();
    }
    log.open_gate(1);
    let report = handle.shutdown().await;
    assert_eq!((report.handled, report.overflowed), (9, 1));
    let counted = counted(&snapshotter);
    assert_eq!(counted["fsm_mailbox_depth{machine=Rig}"], [1.0, 8.0]);
    assert_eq!(counted["fsm_events_dropped_total{machine=Rig,reason=overflow}"], [1.0]);
}

#[tokio::test(start_paused = true)]
async fn a_step_lasts_as_long_as_its_handlers() {
    let (_guard, snapshotter) = listen();
    let handle = spawn(Rig::new().0);
    let _ = handle.ask(Event::run(|| sleep(Duration::from_millis(1_500)))).await.unwrap();
    assert_eq!(counted(&snapshotter)["fsm_step_duration_seconds{machine=Rig}"], [0.0, 1.5]);
}

#[tokio::test(start_paused = true)]
async fn restarts_and_what_comes_too_late_are_counted() {
    let (_guard, snapshotter) = listen();
    let (_, log) = Rig::new();
    let policy = Supervision::new()
        .backoff(Backoff::exponential(Duration::ZERO, Duration::ZERO))
        .limit(1, Duration::from_mins(1));
    let handle = options().spawn_supervised(policy, move |_| Rig::with_log(&log));
    handle.send(Event::Panic).await.unwrap();
    handle.send(Event::Panic).await.unwrap();
    handle.send(Event::Toggle).await.unwrap();
    handle.join().await;
    let counted = counted(&snapshotter);
    assert_eq!(counted["fsm_events_total{machine=Rig,outcome=panicked}"], [2.0]);
    assert_eq!(counted["fsm_restarts_total{machine=Rig,reason=panicked}"], [1.0]);
    assert_eq!(counted["fsm_machines_ended_total{machine=Rig,reason=panicked}"], [1.0]);
    assert_eq!(counted["fsm_events_dropped_total{machine=Rig,reason=ended}"], [1.0]);
}

#[tokio::test(start_paused = true)]
async fn timers_are_counted() {
    let (_guard, snapshotter) = listen();
    let handle = spawn(beacon::Beacon::new(Nothing));
    for _ in 0..4 {
        let _ = handle.ask(beacon::event::Switch).await.unwrap();
    }
    sleep(Duration::from_secs(6)).await;
    assert_eq!(handle.state().await, Ok(beacon::State::Off));
    let counted = counted(&snapshotter);
    assert_eq!(counted["fsm_timers_total{machine=Beacon,change=started}"], [3.0]);
    assert_eq!(counted["fsm_timers_total{machine=Beacon,change=cancelled}"], [2.0]);
    assert_eq!(counted["fsm_timers_total{machine=Beacon,change=fired}"], [1.0]);
}

#[tokio::test(start_paused = true)]
async fn the_machines_of_a_fleet_are_counted_together() {
    let (_guard, snapshotter) = listen();
    let fleet = Fleet::builder(|key: &u32| (*key < 10).then(|| beacon::Beacon::new(Nothing)))
        .shards(1)
        .label("site", "north")
        .spawn();
    fleet
        .send_batch([(1, beacon::event::Switch), (2, beacon::event::Switch), (11, beacon::event::Switch)])
        .await
        .unwrap();
    assert_eq!(fleet.ask(1, beacon::event::Switch).await, Ok(Outcome::Transitioned));
    fleet.ask(3, beacon::event::Burst).await.unwrap_err();
    assert_eq!(fleet.forget(2).await, Ok(true));
    sleep(Duration::from_secs(6)).await;
    assert_eq!(fleet.state(1).await, Ok(Some(beacon::State::Off)));
    let counted = counted(&snapshotter);
    let expected: BTreeMap<String, Vec<f64>> = [
        ("fsm_events_dropped_total{machine=Beacon,site=north,reason=refused}", vec![1.0]),
        ("fsm_events_total{machine=Beacon,site=north,outcome=panicked}", vec![1.0]),
        ("fsm_events_total{machine=Beacon,site=north,outcome=transitioned}", vec![3.0]),
        ("fsm_fleet_machines_live{machine=Beacon,site=north}", vec![2.0]),
        ("fsm_machines_ended_total{machine=Beacon,site=north,reason=panicked}", vec![1.0]),
        ("fsm_machines_ended_total{machine=Beacon,site=north,reason=stopped}", vec![1.0]),
        ("fsm_machines_started_total{machine=Beacon,site=north}", vec![3.0]),
        ("fsm_mailbox_depth{machine=Beacon,site=north,shard=0}", vec![4.0, 1.0]),
        // Three starts, three events, one timer; that of the event that panicked has no end.
        ("fsm_step_duration_seconds{machine=Beacon,site=north}", vec![0.0; 7]),
        ("fsm_timers_total{machine=Beacon,site=north,change=cancelled}", vec![2.0]),
        ("fsm_timers_total{machine=Beacon,site=north,change=fired}", vec![1.0]),
        ("fsm_timers_total{machine=Beacon,site=north,change=started}", vec![4.0]),
    ]
    .map(|(name, values)| (name.to_owned(), values))
    .into();
    assert_eq!(counted, expected);
    fleet.shutdown().await;
    // This recorder begins anew with each look: two are less than before.
    let after = snapshotter.snapshot().into_vec();
    let live = after.iter().find(|(key, ..)| key.key().name() == metrics::MACHINES_LIVE).map(|(.., value)| value);
    assert_eq!(live, Some(&DebugValue::Gauge((-2.0).into())));
}

#[tokio::test]
async fn a_machine_without_a_recorder_counts_nothing() {
    let handle = spawn(Rig::new().0);
    let _ = handle.ask(Event::Toggle).await.unwrap();
    let (_guard, snapshotter) = listen();
    let _ = handle.ask(Event::Toggle).await.unwrap();
    handle.shutdown().await;
    assert!(counted(&snapshotter).is_empty(), "it was spawned before");
}

#[test]
fn the_names_have_descriptions() {
    let (_guard, snapshotter) = listen();
    metrics::describe();
    let names = [
        metrics::EVENTS,
        metrics::EVENTS_DROPPED,
        metrics::STEP_DURATION,
        metrics::MAILBOX_DEPTH,
        metrics::TIMERS,
        metrics::RESTARTS,
        metrics::MACHINES_STARTED,
        metrics::MACHINES_ENDED,
        metrics::MACHINES_PASSIVATED,
        metrics::MACHINES_BROUGHT_BACK,
        metrics::JOURNAL_GROUP_SIZE,
        metrics::JOURNAL_COMMIT_DURATION,
    ];
    ::metrics::gauge!(metrics::MACHINES_LIVE).set(1.0);
    for name in names {
        if name.ends_with("_total") {
            ::metrics::counter!(name).increment(1);
        } else {
            ::metrics::histogram!(name).record(1.0);
        }
    }
    let told = snapshotter.snapshot().into_vec();
    assert_eq!(told.len(), names.len() + 1);
    assert!(told.iter().all(|(_, _, description, _)| description.is_some()), "{told:?}");
}
