//! What a running machine tells `tracing`. In a process of its own: who listens there is a matter of the whole process.
#![cfg(feature = "macros")]
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[path = "../broken/mod.rs"]
mod broken;
#[path = "../running/rig.rs"]
#[expect(dead_code, reason = "the other tests need more of it")]
mod rig;

mod fleet;
mod recorder;

use std::sync::{Arc, Mutex};

use fsm_runtime::trace::{Origin, TARGET};
use fsm_runtime::{Outcome, Reason, fsm, options, spawn};
use tracing::{Instrument as _, Span, info, info_span};

use crate::broken::Broken;
use crate::recorder::Recorder;
use crate::rig::{Event, Rig};

fsm!("tests/works.yaml");

#[tokio::test]
async fn tracing_gets_a_span_a_step_and_an_event_a_transition() {
    let _alone = ALONE.lock().await;
    let recorder = Recorder::default();
    let _guard = tracing::subscriber::set_default(recorder.clone());
    let (rig, _log) = Rig::new();
    let handle = spawn(rig);
    let _ = handle.ask(Event::Toggle).await.unwrap();
    let _ = handle.ask(Event::run(|| async { info!(target: TARGET, "in the handler") })).await.unwrap();
    handle.ask(Event::Fail).await.unwrap_err();
    handle.send(Event::Fail).await.unwrap();
    handle.shutdown().await;
    let expected = "\
start machine=Rig
  to=Idle
  DEBUG transition machine=Rig source=Rig from= to=Idle outcome=transitioned
step machine=Rig id=1 event=Toggle from=Idle
  transition machine=Rig id=1 event=Toggle transition=1 source=Idle target=Busy.Deep
  to=Busy.Deep
  DEBUG transition machine=Rig id=1 event=Toggle transition=1 source=Idle target=Busy.Deep from=Idle to=Busy.Deep outcome=transitioned
step machine=Rig id=2 event=Run from=Busy.Deep
  INFO in the handler
  to=Busy.Deep
  DEBUG no transition machine=Rig event=Run state=Busy.Deep outcome=handled
step machine=Rig id=3 event=Fail from=Busy.Deep
  to=Busy.Deep
  DEBUG no transition machine=Rig event=Fail state=Busy.Deep outcome=failed
step machine=Rig id=4 event=Fail from=Busy.Deep
  to=Busy.Deep
  DEBUG no transition machine=Rig event=Fail state=Busy.Deep outcome=failed
ERROR the step failed machine=Rig event=Fail error=Action(\"jammed\")
DEBUG ended machine=Rig reason=shutdown
";
    assert_eq!(*recorder.text.lock().unwrap(), expected);
}

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn origin(id: &str) -> Origin {
    Origin::new().id(id).trace(TRACE.parse().unwrap())
}

#[tokio::test]
async fn a_handler_stands_in_the_span_of_its_transition_also_while_others_run() {
    let _alone = ALONE.lock().await;
    let recorder = Recorder::default();
    let _guard = tracing::subscriber::set_default(recorder.clone());
    let handle = options().name("seven").spawn(works::Works::new(Hand));
    handle.ready().await.unwrap();
    recorder.text.lock().unwrap().clear();
    let other = async {
        for _ in 0..4 {
            info!(target: TARGET, "elsewhere");
            tokio::task::yield_now().await;
        }
    };
    let asking = handle.traced(origin("order-17")).ask(works::event::Late);
    let (outcome, ()) = tokio::join!(asking, other);
    assert_eq!(outcome, Ok(Outcome::Handled));
    let text = recorder.text.lock().unwrap().replace("INFO elsewhere\n", "");
    let ids = "message_id=order-17 trace_id=4bf92f3577b34da6a3ce929d0e0e4736";
    let place = "transition=5 source=Idle";
    let expected = format!(
        "\
step machine=Works key=seven id=1 event=Late {ids} from=Idle
  transition machine=Works key=seven id=1 event=Late {place} {ids}
    INFO before
    INFO after
  to=Idle
  DEBUG transition machine=Works key=seven id=1 {ids} event=Late {place} from=Idle to=Idle outcome=handled
"
    );
    assert_eq!(text, expected);
}

#[tokio::test]
async fn a_span_is_left_where_a_handler_panics() {
    let _alone = ALONE.lock().await;
    let recorder = Recorder::default();
    let _guard = tracing::subscriber::set_default(recorder.clone());
    let handle = spawn(works::Works::new(Hand));
    handle.send(works::event::Start { n: 7 }).await.unwrap();
    handle.send(works::event::Fail).await.unwrap();
    assert_eq!(handle.join().await.reason, Reason::Panicked);
    assert!(recorder.entered.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_invoke_runs_in_a_span_below_that_of_its_step() {
    let _alone = ALONE.lock().await;
    let recorder = Recorder::default();
    let _guard = tracing::subscriber::set_default(recorder.clone());
    let handle = spawn(works::Works::new(Hand));
    let _ = handle.ask(works::event::Start { n: 7 }).await.unwrap();
    handle.wait_for(|state| matches!(state, works::State::Idle)).await.unwrap();
    let text = recorder.text.lock().unwrap().clone();
    assert!(text.contains("\n  invoke machine=Works generation="), "{text}");
    assert!(text.contains("\n  INFO at work n=7\n"), "{text}");
}

#[tokio::test]
async fn an_event_that_waited_keeps_its_id_and_its_trace() {
    let _alone = ALONE.lock().await;
    let handle = options().records(8).spawn(works::Works::new(Hand));
    handle.traced(origin("a")).send(works::event::Start { n: 0 }).await.unwrap();
    handle.traced(origin("b")).try_send(works::event::Job).unwrap();
    handle.traced(origin("c")).send_urgent(works::event::Remind).unwrap();
    assert_eq!(handle.traced(origin("d")).ask(works::event::Stop).await, Ok(Outcome::Transitioned));
    assert_eq!(
        handle.traced(origin("e")).request(works::event::Ask).await,
        Ok((Outcome::Handled, Some(works::Reply::Ask(0))))
    );
    let records = handle.shutdown().await.records;
    let lines: Vec<_> = records
        .iter()
        .map(|record| (record.message, record.event.unwrap_or("start"), record.message_id.as_deref().unwrap_or("-")))
        .collect();
    let expected = [
        (None, "start", "-"),
        (Some(1), "Remind", "c"),
        (Some(2), "Start", "a"),
        (Some(4), "Stop", "d"),
        (Some(3), "Job", "b"),
        (Some(5), "Ask", "e"),
    ];
    assert_eq!(lines, expected);
    assert!(records[1..].iter().all(|record| record.trace.unwrap().to_string() == TRACE));
}

#[tokio::test]
async fn what_a_step_emits_belongs_to_the_trace_of_its_message() {
    let _alone = ALONE.lock().await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let list = Arc::clone(&told);
    let handle = options()
        .on_emit_traced(move |_, origin| {
            let trace = origin.and_then(Origin::trace_parent).map(|trace| trace.to_string());
            list.lock().unwrap().push((origin.and_then(Origin::message_id).map(str::to_owned), trace));
        })
        .spawn(works::Works::new(Hand));
    // With nobody else listening: one that is handled at once, and one that waits, with others after it.
    handle.traced(origin("a")).send(works::event::Job).await.unwrap();
    handle.send(works::event::Job).await.unwrap();
    handle.send(works::event::Start { n: 0 }).await.unwrap();
    handle.traced(origin("b")).send(works::event::Job).await.unwrap();
    handle.send(works::event::Job).await.unwrap();
    handle.send(works::event::Stop).await.unwrap();
    handle.send(works::event::Job).await.unwrap();
    handle.shutdown().await;
    let told: Vec<_> =
        told.lock().unwrap().drain(..).map(|(id, trace)| (id, trace.is_some_and(|it| it == TRACE))).collect();
    let of = |id: &str| (Some(id.to_owned()), true);
    let nobody = || (None, false);
    assert_eq!(told, [of("a"), nobody(), of("b"), nobody(), nobody()]);
}

#[tokio::test]
async fn a_message_is_joined_to_the_span_of_its_sender() {
    let _alone = ALONE.lock().await;
    let recorder = Recorder::default();
    let _guard = tracing::subscriber::set_default(recorder.clone());
    let linked = Arc::new(Mutex::new(Vec::new()));
    let links = Arc::clone(&linked);
    let link = move |span: &Span, origin: &Origin| {
        let name = span.metadata().unwrap().name();
        links.lock().unwrap().push((name, origin.message_id().map(str::to_owned), origin.state().map(str::to_owned)));
    };
    let handle = options().link_spans(link).spawn(works::Works::new(Hand));
    let sender = info_span!(target: TARGET, "sender");
    let id = sender.id().unwrap().into_u64();
    let asking = async { handle.traced(Origin::current().id("x").trace_state("a=1")).ask(works::event::Late).await };
    assert_eq!(asking.instrument(sender).await, Ok(Outcome::Handled));
    assert_eq!(handle.ask(works::event::Late).await, Ok(Outcome::Handled));
    let parents = recorder.parents.lock().unwrap().clone();
    assert_eq!(parents, [("sender", None), ("start", None), ("step", Some(id)), ("step", None)]);
    assert_eq!(*linked.lock().unwrap(), [("step", Some("x".to_owned()), Some("a=1".to_owned()))]);
}

/// Held by each test: what is enabled is known for the whole process, and a place in the code that is met for the first time while
/// another thread sets its subscriber can stay off.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Tells where it is.
#[derive(Clone)]
struct Hand;

impl works::Actions for Hand {
    async fn late(&mut self) -> Result<(), Broken> {
        info!(target: TARGET, "before");
        tokio::task::yield_now().await;
        info!(target: TARGET, "after");
        Ok(())
    }

    async fn fail(&mut self) -> Result<(), Broken> {
        panic!("as ordered");
    }

    async fn work(self, n: u32) -> Result<u32, Broken> {
        info!(target: TARGET, n, "at work");
        if n == 0 { std::future::pending().await } else { Ok(n) }
    }
}
