//! What goes before the events that wait: urgent ones, and the order to stop.

use std::time::Duration;

use fsm_runtime::{Reason, Refused, WeakHandle, options, spawn};
use tokio::time::timeout;

use crate::rig::{Event, Rig, RigMachine};
use crate::settle;

#[tokio::test]
async fn an_urgent_event_goes_before_those_that_wait() {
    let (rig, log) = Rig::new();
    let handle = spawn(rig);
    handle.send(Event::Gate).await.unwrap();
    settle().await;
    for place in 0..3 {
        handle.send(Event::Count(0, place)).await.unwrap();
    }
    handle.send_urgent(Event::Count(0, 10)).unwrap();
    handle.send_urgent(Event::Count(0, 11)).unwrap();
    log.open_gate(1);
    assert_eq!(handle.shutdown().await.handled, 6);
    assert_eq!(log.places(), [10, 11, 0, 1, 2]);
}

#[tokio::test]
async fn urgent_events_wake_a_machine_that_has_nothing_to_do() {
    let (rig, log) = Rig::new();
    let handle = spawn(rig);
    handle.ready().await.unwrap();
    handle.send_urgent(Event::Count(0, 1)).unwrap();
    settle().await;
    assert_eq!(log.places(), [1]);
}

#[tokio::test]
async fn urgent_events_do_not_starve_the_others() {
    let (rig, log) = Rig::new();
    let handle = options().capacity(100).spawn(rig);
    handle.send(Event::Gate).await.unwrap();
    settle().await;
    for place in 0..40 {
        handle.send_urgent(Event::Count(1, place)).unwrap();
    }
    for place in 0..3 {
        handle.send(Event::Count(0, place)).await.unwrap();
    }
    log.open_gate(1);
    handle.shutdown().await;
    let turns: Vec<_> = log.counts().iter().enumerate().filter(|(_, count)| count.0 == 0).map(|(at, _)| at).collect();
    assert_eq!(turns, [16, 33, 42], "after 16 urgent ones, after 16 more, and after the last 8");
    let urgent: Vec<_> = log.counts().into_iter().filter(|count| count.0 == 1).map(|count| count.1).collect();
    assert_eq!(urgent, (0..40).collect::<Vec<_>>());
}

/// An event that sends itself again, so that the lane never runs dry.
fn again(own: WeakHandle<RigMachine>) -> Event {
    Event::run(move || {
        let own = own.clone();
        async move {
            if let Some(handle) = own.upgrade() {
                let _ = handle.send_urgent(again(own));
            }
        }
    })
}

#[tokio::test]
async fn a_lane_that_never_runs_dry_does_not_starve_the_others() {
    let (rig, log) = Rig::new();
    let handle = spawn(rig);
    let own = handle.downgrade();
    handle.send_urgent(again(own)).unwrap();
    settle().await;
    timeout(Duration::from_secs(10), handle.send(Event::Count(0, 7))).await.unwrap().unwrap();
    timeout(Duration::from_secs(10), async {
        while log.places().is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    handle.stop();
    assert_eq!(timeout(Duration::from_secs(10), handle.join()).await.unwrap().reason, Reason::Stopped);
}

#[tokio::test]
async fn the_urgent_lane_is_bounded() {
    let (rig, log) = Rig::new();
    let handle = options().capacity(2).spawn(rig);
    handle.send(Event::Gate).await.unwrap();
    settle().await;
    handle.send_urgent(Event::Toggle).unwrap();
    handle.send_urgent(Event::Toggle).unwrap();
    let refused = handle.send_urgent(Event::Count(0, 3)).unwrap_err();
    assert!(matches!(refused.event, Event::Count(0, 3)) && refused.why == Refused::Full);
    log.open_gate(1);
    assert_eq!(handle.shutdown().await.handled, 3);
    assert_eq!(handle.send_urgent(Event::Toggle).unwrap_err().why, Refused::Closed(Reason::Shutdown));
}

#[tokio::test]
async fn a_machine_that_is_stopped_ends_after_the_step_that_is_running() {
    let (rig, log) = Rig::new();
    let handle = spawn(rig);
    handle.send(Event::Gate).await.unwrap();
    settle().await;
    for place in 0..3 {
        handle.send(Event::Count(0, place)).await.unwrap();
    }
    handle.send_urgent(Event::Count(0, 3)).unwrap();
    handle.stop();
    assert!(handle.is_closed() && handle.report().is_none(), "the gate is still closed");
    log.open_gate(1);
    let report = handle.join().await;
    assert_eq!((report.reason, report.handled, report.dropped), (Reason::Stopped, 1, 4));
    assert!(log.places().is_empty());
    assert_eq!(report.to_string(), "it was stopped (1 handled, 0 failed, 4 dropped)");
}

#[tokio::test]
async fn a_machine_that_drains_or_sleeps_can_be_stopped_too() {
    let (rig, log) = Rig::new();
    let handle = spawn(rig);
    handle.send(Event::Gate).await.unwrap();
    settle().await;
    handle.send(Event::Count(0, 0)).await.unwrap();
    handle.close();
    handle.stop();
    log.open_gate(1);
    assert_eq!(handle.join().await.dropped, 1);

    let handle = spawn(Rig::new().0);
    handle.ready().await.unwrap();
    handle.stop();
    assert_eq!(handle.join().await.reason, Reason::Stopped);
}
