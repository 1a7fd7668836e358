//! What the machines of a fleet tell `tracing`: as one in a task does, each under its key.

use std::sync::{Arc, Mutex};

use fsm_runtime::fleet::Builder;
use fsm_runtime::trace::Origin;
use fsm_runtime::{Fleet, Outcome, fsm};
use tracing::{Instrument as _, Level, Span, info_span};

use crate::recorder::Recorder;
use crate::{Hand, TRACE, origin, works};

fn builder() -> Builder<String, works::Works<Hand>> {
    Fleet::builder(|_: &String| Some(works::Works::new(Hand))).shards(1)
}

fsm! {
    /// Says something.
    machine Teller {
        event Tell;
        initial Idle;
        state Idle { on Tell / log "told"; }
    }
}

struct Nobody;

impl teller::Actions for Nobody {}

fn key(key: &str) -> String {
    key.to_owned()
}

#[tokio::test]
async fn a_step_of_a_fleet_has_the_key_of_its_machine() {
    let _alone = crate::ALONE.lock().await;
    let recorder = Recorder::default();
    let _guard = tracing::subscriber::set_default(recorder.clone());
    let fleet = builder().name(|key| format!("arm {key}")).spawn();
    let (outcome, other) = tokio::join!(
        fleet.traced(origin("order-17")).ask(key("a"), works::event::Late),
        fleet.ask(key("b"), works::event::Ask)
    );
    assert_eq!((outcome, other), (Ok(Outcome::Handled), Ok(Outcome::Handled)));
    let text = recorder.text.lock().unwrap().clone();
    let ids = "message_id=order-17 trace_id=4bf92f3577b34da6a3ce929d0e0e4736";
    let place = "transition=5 source=Idle";
    let expected = format!(
        "\
start machine=Works key=arm a
  to=Idle
  DEBUG transition machine=Works key=arm a source=Works from= to=Idle outcome=transitioned
step machine=Works key=arm a id=1 event=Late {ids} from=Idle
  transition machine=Works key=arm a id=1 event=Late {place} {ids}
    INFO before
start machine=Works key=arm b
  to=Idle
  DEBUG transition machine=Works key=arm b source=Works from= to=Idle outcome=transitioned
step machine=Works key=arm b id=2 event=Ask from=Idle
  transition machine=Works key=arm b id=2 event=Ask transition=1 source=Idle
  to=Idle
  DEBUG transition machine=Works key=arm b id=2 event=Ask transition=1 source=Idle from=Idle to=Idle outcome=handled
    INFO after
  to=Idle
  DEBUG transition machine=Works key=arm a id=1 {ids} event=Late {place} from=Idle to=Idle outcome=handled
"
    );
    assert_eq!(text, expected);
    assert!(recorder.entered.lock().unwrap().is_empty());
}

#[tokio::test]
async fn without_a_name_traces_have_the_key_itself() {
    let _alone = crate::ALONE.lock().await;
    let recorder = Recorder::default();
    let _guard = tracing::subscriber::set_default(recorder.clone());
    let fleet = Fleet::builder(|_: &u32| Some(works::Works::new(Hand))).shards(1).spawn();
    fleet.send(7, works::event::Start { n: 7 }).await.unwrap();
    fleet.send(8, works::event::Start { n: 0 }).await.unwrap();
    fleet.send(8, works::event::Fail).await.unwrap();
    fleet.shutdown().await;
    let text = recorder.text.lock().unwrap().clone();
    assert!(text.contains("step machine=Works key=7 id=1 event=Start "), "{text}");
    assert!(text.contains("\n  invoke machine=Works key=7 generation="), "{text}");
    assert!(text.contains("ERROR a handler panicked machine=Works key=8 event=Fail panic=as ordered\n"), "{text}");
}

#[tokio::test]
async fn a_line_for_the_log_has_the_key_of_its_machine_with_spans_and_without() {
    let _alone = crate::ALONE.lock().await;
    for (least, indent) in [(Level::INFO, ""), (Level::DEBUG, "    ")] {
        let mut recorder = Recorder::default();
        recorder.least = Some(least);
        let _guard = tracing::subscriber::set_default(recorder.clone());
        let fleet = Fleet::builder(|_: &u32| Some(teller::Teller::new(Nobody))).shards(1).spawn();
        fleet.send_batch([(7, teller::event::Tell), (8, teller::event::Tell)]).await.unwrap();
        fleet.shutdown().await;
        let text = recorder.text.lock().unwrap().clone();
        let lines: Vec<_> = text.lines().filter(|line| line.contains("INFO")).collect();
        assert_eq!(lines, [7, 8].map(|key| format!("{indent}INFO told machine=Teller key={key}")));
        assert_eq!(least == Level::INFO, text.lines().count() == 2, "{text}");
    }
}

#[tokio::test]
async fn an_event_that_waited_in_a_fleet_keeps_its_id_and_its_trace() {
    let _alone = crate::ALONE.lock().await;
    let (seen, told) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Vec::new())));
    let (transitions, messages) = (Arc::clone(&seen), Arc::clone(&told));
    let fleet = builder()
        .on_transition(move |transition| {
            let id = transition.message_id.map(str::to_owned);
            transitions.lock().unwrap().push((transition.machine.to_owned(), transition.event, id));
        })
        .on_emit_traced(move |key, _, origin| {
            let trace = origin.and_then(Origin::trace_parent).map(|trace| trace.to_string());
            messages.lock().unwrap().push((key.clone(), origin.and_then(Origin::message_id).map(str::to_owned), trace));
        })
        .spawn();
    for (own, id) in [("x", "a"), ("y", "b")] {
        fleet.send(key(own), works::event::Start { n: 0 }).await.unwrap();
        fleet.traced(origin(id)).send(key(own), works::event::Job).await.unwrap();
    }
    for own in ["y", "x"] {
        assert_eq!(fleet.ask(key(own), works::event::Stop).await, Ok(Outcome::Transitioned));
    }
    fleet.send(key("x"), works::event::Job).await.unwrap();
    fleet.shutdown().await;
    let jobs: Vec<_> = seen.lock().unwrap().drain(..).filter(|seen| seen.1 == Some("Job")).collect();
    let job = |key: &str, id: Option<&str>| (format!("{key:?}"), Some("Job"), id.map(str::to_owned));
    assert_eq!(jobs, [job("y", Some("b")), job("x", Some("a")), job("x", None)]);
    let message = |own: &str, id: Option<&str>| (key(own), id.map(str::to_owned), id.map(|_| TRACE.to_owned()));
    assert_eq!(*told.lock().unwrap(), [message("y", Some("b")), message("x", Some("a")), message("x", None)]);
}

#[tokio::test]
async fn a_message_to_a_fleet_is_joined_to_the_span_of_its_sender() {
    let _alone = crate::ALONE.lock().await;
    let recorder = Recorder::default();
    let _guard = tracing::subscriber::set_default(recorder.clone());
    let linked = Arc::new(Mutex::new(Vec::new()));
    let links = Arc::clone(&linked);
    let link = move |span: &Span, origin: &Origin| {
        links.lock().unwrap().push((span.metadata().unwrap().name(), origin.message_id().map(str::to_owned)));
    };
    let fleet = builder().link_spans(link).spawn();
    let sender = info_span!(target: fsm_runtime::trace::TARGET, "sender");
    let id = sender.id().unwrap().into_u64();
    let asking = async { fleet.traced(Origin::current().id("x")).ask(key("a"), works::event::Late).await };
    assert_eq!(asking.instrument(sender).await, Ok(Outcome::Handled));
    assert_eq!(fleet.ask(key("a"), works::event::Late).await, Ok(Outcome::Handled));
    let parents = recorder.parents.lock().unwrap().clone();
    assert_eq!(parents, [("sender", None), ("start", None), ("step", Some(id)), ("step", None)]);
    assert_eq!(*linked.lock().unwrap(), [("step", Some("x".to_owned()))]);
}

#[tokio::test]
async fn a_link_that_panics_leaves_the_step_as_it_is() {
    let _alone = crate::ALONE.lock().await;
    let _guard = tracing::subscriber::set_default(Recorder::default());
    let fleet = builder().link_spans(|_, _| panic!("as ordered")).spawn();
    let asked = fleet.traced(origin("order-17")).ask(key("a"), works::event::Late).await;
    assert_eq!(asked, Ok(Outcome::Handled));
}
