//! What a fleet with a journal counts, seen by a real recorder.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::Duration;

use fleet::account::event;
use fsm_runtime::journal::MessageId;
use fsm_runtime::{Supervision, metrics};
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};

use crate::rig::{Shelf, builder, until};

/// What a gauge without labels of its own shows; `None` if there is none.
fn gauge(snapshotter: &Snapshotter, name: &str) -> Option<String> {
    counted(snapshotter).remove(&format!("{name}{{}}")).map(|(value, _)| value)
}

/// Every series with its label values, as the text of its sum, and how many values came into a histogram.
fn counted(snapshotter: &Snapshotter) -> BTreeMap<String, (String, usize)> {
    let series = snapshotter.snapshot().into_vec().into_iter().map(|(key, _, _, value)| {
        let labels: Vec<_> = key.key().labels().skip(1).map(|label| label.value().to_owned()).collect();
        let value = match value {
            DebugValue::Counter(count) => (count.to_string(), 1),
            DebugValue::Histogram(values) => {
                (values.iter().map(|value| value.0).sum::<f64>().to_string(), values.len())
            }
            DebugValue::Gauge(value) => (value.0.to_string(), 1),
        };
        (format!("{}{{{}}}", key.key().name(), labels.join(",")), value)
    });
    series.collect()
}

#[tokio::test]
async fn a_journal_counts_its_groups_and_who_comes_and_goes() {
    let recorder: &'static DebuggingRecorder = Box::leak(Box::default());
    let guard = ::metrics::set_default_local_recorder(recorder);
    let shelf = Shelf::default();
    let fleet = builder(&shelf).passivate_after(Duration::from_millis(40)).spawn();
    drop(guard);
    fleet.send_batch((0..100).map(|key| (key, event::Add { n: 1 }))).await.unwrap();
    until(|| fleet.is_empty()).await;
    fleet.send_batch((0..30).map(|key| (key, event::Add { n: 2 }))).await.unwrap();
    assert_eq!(fleet.send_with_id(1, MessageId(7), event::Add { n: 3 }).await, Ok(true));
    assert_eq!(fleet.send_with_id(1, MessageId(7), event::Add { n: 3 }).await, Ok(false));
    until(|| fleet.is_empty()).await;
    let report = fleet.shutdown().await;
    assert_eq!((report.handled, report.repeated, report.dropped), (131, 1, 0));
    let counted = counted(&recorder.snapshotter());
    let of = |name: &str, label: &str| {
        let (sum, count) = &counted[&format!("{name}{{{label}}}")];
        (sum.as_str(), *count)
    };
    assert_eq!(of(metrics::MACHINES_STARTED, "").0, "100");
    assert_eq!(of(metrics::MACHINES_PASSIVATED, "").0, "130");
    assert_eq!(of(metrics::MACHINES_BROUGHT_BACK, "").0, "30");
    assert_eq!(of(metrics::MACHINES_LIVE, "").0, "0");
    assert_eq!(of(metrics::EVENTS, "handled").0, "131");
    assert_eq!(of(metrics::EVENTS_DROPPED, "repeated").0, "1");
    // A hundred starts and 131 events, in as many groups as the store saw.
    assert_eq!(of(metrics::JOURNAL_GROUP_SIZE, ""), ("231", shelf.groups()));
    let (took, groups) = of(metrics::JOURNAL_COMMIT_DURATION, "");
    assert!(groups == shelf.groups() && took != "0", "{took}");
    let depths = ["0", "1"].map(|shard| of(metrics::MAILBOX_DEPTH, shard).0.parse::<u32>().unwrap());
    assert_eq!(depths.iter().sum::<u32>(), 132);
}

#[tokio::test]
async fn a_gauge_shows_how_many_machines_are_in_the_journal_alone() {
    let recorder: &'static DebuggingRecorder = Box::leak(Box::default());
    let (shelf, snapshotter) = (Shelf::default(), recorder.snapshotter());
    let spawn = || {
        let _guard = ::metrics::set_default_local_recorder(recorder);
        builder(&shelf).supervise(Supervision::new()).spawn()
    };
    // What is looked at begins anew with this recorder.
    let sum = Cell::new(0);
    let passive = || {
        let more: i32 = gauge(&snapshotter, metrics::MACHINES_PASSIVE).unwrap().parse().unwrap();
        sum.set(sum.get() + more);
        sum.get()
    };
    let fleet = spawn();
    fleet.send_batch((0..100).map(|key| (key, event::Add { n: 1 }))).await.unwrap();
    assert_eq!(passive(), 0, "all are in memory");
    for key in 0..60 {
        assert_eq!(fleet.forget(key).await, Ok(true));
    }
    assert_eq!(passive(), 60);
    for key in 0..10 {
        assert_eq!(fleet.contains(key).await, Ok(true));
    }
    // One that never was, one for which there is to be none, and a new one.
    assert_eq!(fleet.contains(500).await, Ok(false));
    assert!(fleet.send(5_000, event::Add { n: 1 }).await.is_err());
    fleet.send(200, event::Add { n: 1 }).await.unwrap();
    assert_eq!(passive(), 50);
    fleet.shutdown().await;
    assert_eq!(passive(), 0, "nobody could bring them back");
    let fleet = spawn();
    assert_eq!(passive(), 101, "all those that are in the journal");
    fleet.send(7, event::Add { n: 1 }).await.unwrap();
    // It goes on from the journal, and was in memory all the time.
    assert!(fleet.ask(7, event::Burst).await.is_err());
    fleet.send(7, event::Add { n: 1 }).await.unwrap();
    assert_eq!(passive(), 100);
    fleet.shutdown().await;
}

#[tokio::test]
async fn where_a_store_cannot_say_how_many_machines_it_has_there_is_no_such_gauge() {
    let recorder: &'static DebuggingRecorder = Box::leak(Box::default());
    let (shelf, snapshotter) = (Shelf::default(), recorder.snapshotter());
    shelf.silence();
    let guard = ::metrics::set_default_local_recorder(recorder);
    let fleet = builder(&shelf).spawn();
    drop(guard);
    fleet.send(1, event::Add { n: 1 }).await.unwrap();
    assert_eq!(fleet.forget(1).await, Ok(true));
    assert_eq!(gauge(&snapshotter, metrics::MACHINES_PASSIVE), None);
    fleet.shutdown().await;
    assert_eq!(gauge(&snapshotter, metrics::MACHINES_LIVE).as_deref(), Some("0"));
}
