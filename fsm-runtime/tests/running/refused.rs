//! Every way to be refused: which error it is, and what its text says to do.

use std::time::Duration;

use fsm_runtime::trace::Origin;
use fsm_runtime::{AskError, Handle, Outcome, Reason, Refused, SendError, options, spawn};
use tokio::time::timeout;

use crate::rig::{Event, Rig, RigMachine};
use crate::{poll, settle};

/// What each way to send, to ask and to look says, in the order of the documentation.
async fn all(handle: &Handle<RigMachine>) -> Vec<Refused> {
    fn sent<T>(result: Result<(), SendError<T>>) -> Refused {
        result.unwrap_err().why
    }
    fn asked<T>(result: Result<T, AskError<&'static str>>) -> Refused {
        match result {
            Err(AskError::Refused(why)) => why,
            Err(other) => panic!("{other:?}"),
            Ok(_) => panic!("it was answered"),
        }
    }
    vec![
        sent(handle.send(Event::Toggle).await),
        sent(handle.try_send(Event::Toggle)),
        sent(handle.send_urgent(Event::Toggle)),
        sent(handle.traced(Origin::new()).send(Event::Toggle).await),
        asked(handle.ask(Event::Toggle).await),
        asked(handle.ask_with(Event::Toggle, |_, _| ()).await),
        asked(handle.request(Event::Toggle).await),
        asked(handle.traced(Origin::new()).ask(Event::Toggle).await),
        handle.inspect(|_| ()).await.unwrap_err(),
        handle.state().await.unwrap_err(),
        handle.ready().await.unwrap_err(),
        handle.watch().await.map(drop).unwrap_err(),
        handle.wait_for(|_| true).await.unwrap_err(),
        handle.subscribe(1).await.map(drop).unwrap_err(),
        handle.records().await.unwrap_err(),
    ]
}

#[tokio::test]
async fn after_shutdown_everybody_is_told_to_spawn_another() {
    let handle = spawn(Rig::new().0);
    handle.shutdown().await;
    let refused = all(&handle).await;
    assert!(refused.iter().all(|why| *why == Refused::Closed(Reason::Shutdown)), "{refused:?}");
    assert_eq!(
        refused[0].to_string(),
        "the machine takes no more events: it was shut down; spawn another one to go on"
    );
    let error = handle.try_send(Event::Count(7, 7)).unwrap_err();
    assert!(matches!(error.event, Event::Count(7, 7)), "the event comes back");
    assert_eq!(error.to_string(), refused[0].to_string());
}

#[tokio::test]
async fn a_finished_machine_says_where_its_output_is() {
    let handle = spawn(Rig::new().0);
    assert_eq!(handle.ask(Event::Finish).await, Ok(Outcome::Finished));
    handle.join().await;
    let why = handle.send(Event::Toggle).await.unwrap_err().why;
    assert_eq!(why, Refused::Closed(Reason::Finished));
    assert_eq!(
        why.to_string(),
        "the machine takes no more events: it is finished; its output is in the report that `join` gives"
    );
    // To be asked at its end is no error: the machine itself would answer so.
    assert_eq!(handle.ask(Event::Toggle).await, Ok(Outcome::Finished));
    assert_eq!(handle.request(Event::Toggle).await, Ok((Outcome::Finished, None)));
    let looked = handle.ask_with(Event::Toggle, |_, _| ()).await.unwrap_err();
    assert_eq!(looked, AskError::Refused(Refused::Closed(Reason::Finished)), "there is no machine to look at");
}

#[tokio::test]
async fn a_full_mailbox_says_how_to_wait() {
    let (rig, log) = Rig::new();
    let handle = options().capacity(1).spawn(rig);
    handle.send(Event::Gate).await.unwrap();
    settle().await;
    handle.try_send(Event::Toggle).unwrap();
    handle.send_urgent(Event::Toggle).unwrap();
    for error in [
        handle.try_send(Event::Count(1, 2)).unwrap_err(),
        handle.send_urgent(Event::Count(1, 2)).unwrap_err(),
        handle.traced(Origin::new()).try_send(Event::Count(1, 2)).unwrap_err(),
    ] {
        assert!(matches!(error.event, Event::Count(1, 2)), "the event comes back");
        assert_eq!(error.to_string(), "the mailbox is full; send later, or wait with `send`");
    }
    let mut waits = handle.send(Event::Toggle);
    assert!(poll(&mut waits).is_pending());
    log.open_gate(1);
    waits.await.unwrap();
    assert_eq!(handle.shutdown().await.handled, 4);
}

#[tokio::test]
async fn a_handler_that_would_wait_for_itself_is_told_what_to_do_instead() {
    let (sender, mut refusals) = tokio::sync::mpsc::unbounded_channel();
    let (rig, _log) = Rig::new();
    let handle = options().capacity(1).spawn(rig);
    let own = handle.clone();
    let job = Event::run(move || {
        let (own, sender) = (own.clone(), sender.clone());
        async move {
            // After this one the mailbox is full.
            own.send(Event::Toggle).await.unwrap();
            own.send_urgent(Event::Toggle).unwrap();
            let mut all = vec![own.send(Event::Toggle).await.unwrap_err().why];
            for asked in [own.ask(Event::Toggle).await, own.traced(Origin::new()).ask(Event::Toggle).await] {
                let Err(AskError::Refused(why)) = asked else { panic!("{asked:?}") };
                all.push(why);
            }
            let Err(AskError::Refused(why)) = own.request(Event::Toggle).await else { panic!("it is answered") };
            all.extend([why, own.state().await.unwrap_err(), own.ready().await.unwrap_err()]);
            all.push(own.wait_for(|_| true).await.unwrap_err());
            sender.send(all).unwrap();
        }
    });
    handle.send(job).await.unwrap();
    let all = timeout(Duration::from_secs(10), refusals.recv()).await.expect("nobody hangs").unwrap();
    assert!(all.iter().all(|why| *why == Refused::Deadlock), "{all:?}");
    assert_eq!(
        all[0].to_string(),
        "a handler cannot wait for its own machine; use `try_send`, which does not wait, `raise` in the spec, or a task \
         that sends"
    );
}

#[tokio::test]
async fn whoever_gets_no_answer_is_told_why() {
    let handle = spawn(Rig::new().0);
    let lost = handle.ask(Event::Panic).await.unwrap_err();
    assert_eq!(lost, AskError::Lost(Reason::Panicked));
    assert_eq!(
        lost.to_string(),
        "the machine did not come to answer: a handler panicked; `on_failure` is told what it said; supervised it is made \
         anew, and `Fleet::forget` lets go of it"
    );
}
