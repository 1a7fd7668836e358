//! What an observer sees of a running machine.

use std::sync::{Arc, Mutex};

use fsm_runtime::core::Outcome;
use fsm_runtime::options;

use crate::rig::{Event, Rig};

#[tokio::test]
async fn an_observer_sees_every_transition_with_its_paths() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let (rig, _log) = Rig::new();
    let handle = options()
        .name("rig 7")
        .on_transition({
            let lines = Arc::clone(&lines);
            move |transition| {
                let (index, source, target) = (transition.index, transition.source, transition.target);
                let outcome = transition.outcome.map(Outcome::name);
                lines.lock().unwrap().push(format!("{transition} | {index:?} {source} {target:?} {outcome:?}"));
            }
        })
        .spawn(rig);
    for event in [Event::Toggle, Event::Count(0, 0), Event::Unknown, Event::Toggle, Event::Finish] {
        handle.send(event).await.unwrap();
    }
    handle.join().await;
    let expected = [
        r#"rig 7: → Idle | None Rig None Some("transitioned")"#,
        r#"rig 7: Idle → Busy.Deep on Toggle | Some(1) Idle Some("Busy.Deep") Some("transitioned")"#,
        r#"rig 7: Busy.Deep → Busy.Deep on Count | Some(0) Rig None Some("handled")"#,
        r#"rig 7: Busy.Deep → Idle on Toggle | Some(2) Busy Some("Idle") Some("transitioned")"#,
        r#"rig 7: Idle → Done on Finish | Some(3) Rig Some("Done") Some("finished")"#,
    ];
    assert_eq!(*lines.lock().unwrap(), expected);
}
