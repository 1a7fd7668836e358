//! What happens to events for which the mailbox has no room, and to others that no machine handles.

use std::sync::{Arc, Mutex};

use fsm_runtime::{AskError, DeadLetter, Handle, Options, Overflow, Reason, Refused, Undelivered, options};

use crate::rig::{Event, Log, Rig, RigMachine};
use crate::{poll, settle};

/// Dead letters as texts: `Count 3: Overflow`.
#[derive(Clone, Default)]
struct Letters(Arc<Mutex<Vec<String>>>);

impl Letters {
    fn keep(&self, options: Options<RigMachine>) -> Options<RigMachine> {
        let letters = Arc::clone(&self.0);
        options.dead_letters(move |DeadLetter { event, why, .. }| {
            let event = match event {
                Event::Count(_, place) => format!("Count {place}"),
                Event::Fail => "Fail".to_owned(),
                Event::Panic => "Panic".to_owned(),
                Event::Unknown => "Unknown".to_owned(),
                _ => "another".to_owned(),
            };
            letters.lock().unwrap().push(format!("{event}: {why:?}"));
        })
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// A machine that waits at its gate, with two events in a mailbox for two.
async fn full(overflow: Overflow) -> (Handle<RigMachine>, Log, Letters) {
    let letters = Letters::default();
    let (rig, log) = Rig::new();
    let handle = letters.keep(options()).capacity(2).overflow(overflow).spawn(rig);
    handle.send(Event::Gate).await.unwrap();
    settle().await;
    handle.send(Event::Count(0, 0)).await.unwrap();
    handle.send(Event::Count(0, 1)).await.unwrap();
    (handle, log, letters)
}

#[tokio::test]
async fn a_mailbox_that_rejects_gives_events_back() {
    let (handle, log, letters) = full(Overflow::Reject).await;
    let refused = handle.send(Event::Count(0, 2)).await.unwrap_err();
    assert!(matches!(refused.event, Event::Count(0, 2)) && refused.why == Refused::Full);
    assert_eq!(handle.ask(Event::Toggle).await, Err(AskError::Refused(Refused::Full)));
    log.open_gate(1);
    let report = handle.shutdown().await;
    assert_eq!((report.handled, report.overflowed), (3, 0));
    assert!(letters.take().is_empty(), "whoever sent them has them");
}

#[tokio::test]
async fn a_mailbox_that_drops_the_oldest_always_takes_the_newest() {
    let (handle, log, letters) = full(Overflow::DropOldest).await;
    handle.send(Event::Count(0, 2)).await.unwrap();
    handle.try_send(Event::Count(0, 3)).unwrap();
    assert_eq!(letters.take(), ["Count 0: Overflow", "Count 1: Overflow"]);
    log.open_gate(1);
    let report = handle.shutdown().await;
    assert_eq!(log.places(), [2, 3]);
    assert_eq!((report.handled, report.dropped, report.overflowed), (3, 0, 2));
}

#[tokio::test]
async fn whoever_asked_for_an_event_that_gives_way_is_told_so() {
    let (handle, log, _) = full(Overflow::DropOldest).await;
    let mut first = handle.ask(Event::Count(1, 0));
    let mut second = handle.ask(Event::Count(1, 1));
    assert!(poll(&mut first).is_pending() && poll(&mut second).is_pending());
    handle.send(Event::Count(0, 2)).await.unwrap();
    assert_eq!(first.await, Err(AskError::Refused(Refused::Overflow)));
    let looked = handle.ask_with(Event::Toggle, |_, result| result.is_ok());
    let pushed_out = async {
        settle().await;
        handle.send(Event::Count(0, 3)).await.unwrap();
        handle.send(Event::Count(0, 4)).await.unwrap();
        log.open_gate(1);
    };
    let (looked, ()) = tokio::join!(looked, pushed_out);
    assert_eq!(looked, Err(AskError::Refused(Refused::Overflow)));
    assert_eq!(second.await, Err(AskError::Refused(Refused::Overflow)));
}

#[tokio::test]
async fn a_mailbox_that_drops_the_newest_keeps_what_it_has() {
    let (handle, log, letters) = full(Overflow::DropNewest).await;
    handle.send(Event::Count(0, 2)).await.unwrap();
    assert_eq!(handle.ask(Event::Count(0, 3)).await, Err(AskError::Refused(Refused::Overflow)));
    assert_eq!(handle.try_send(Event::Count(0, 4)).unwrap_err().why, Refused::Full);
    assert_eq!(letters.take(), ["Count 2: Overflow", "Count 3: Overflow"]);
    log.open_gate(1);
    let report = handle.shutdown().await;
    assert_eq!(log.places(), [0, 1]);
    assert_eq!((report.handled, report.overflowed), (3, 2));
}

#[tokio::test]
async fn events_that_nobody_handles_are_dead_letters() {
    let letters = Letters::default();
    let handle = letters.keep(options()).spawn(Rig::new().0);
    for event in [Event::Unknown, Event::Fail, Event::Toggle, Event::Finish, Event::Count(0, 1)] {
        handle.send(event).await.unwrap();
    }
    handle.join().await;
    assert_eq!(letters.take(), ["Unknown: Unhandled", "Fail: Failed", "Count 1: Ended(Finished)"]);

    let handle = letters.keep(options()).spawn(Rig::new().0);
    handle.send(Event::Panic).await.unwrap();
    handle.send(Event::Count(0, 1)).await.unwrap();
    handle.join().await;
    assert_eq!(letters.take(), ["Panic: Failed", "Count 1: Ended(Panicked)"]);
}

#[tokio::test]
async fn a_keeper_of_dead_letters_that_panics_at_the_end_keeps_nobody_waiting() {
    let (rig, log) = Rig::new();
    let handle = options().dead_letters(|letter| panic!("no more paper for {:?}", letter.why)).spawn(rig);
    handle.send(Event::Gate).await.unwrap();
    settle().await;
    handle.send(Event::Count(0, 0)).await.unwrap();
    handle.stop();
    log.open_gate(1);
    let report = handle.join().await;
    assert_eq!((report.reason, report.dropped), (Reason::Stopped, 1));
    assert_eq!(Undelivered::Ended(report.reason).to_string(), "the machine ended before its turn: it was stopped");
}
