//! What a fleet with a journal counts, seen by a real recorder.

use std::collections::BTreeMap;
use std::time::Duration;

use fleet::account::event;
use fsm_runtime::journal::MessageId;
use fsm_runtime::metrics;
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};

use crate::rig::{Shelf, builder, until};

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
