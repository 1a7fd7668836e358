//! What a running machine tells: the observer, and events and spans of `tracing`.

use std::fmt::{Debug, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use fsm_runtime::core::Outcome;
use fsm_runtime::trace::TARGET;
use fsm_runtime::{options, spawn};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event as TraceEvent, Metadata, Subscriber, info};

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

#[tokio::test]
async fn tracing_gets_a_span_a_step_and_an_event_a_transition() {
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
  DEBUG transition machine=Rig source=Rig from= to=Idle outcome=transitioned
step machine=Rig event=Toggle
  DEBUG transition machine=Rig event=Toggle transition=1 source=Idle target=Busy.Deep from=Idle to=Busy.Deep outcome=transitioned
step machine=Rig event=Run
  INFO in the handler
  DEBUG no transition machine=Rig event=Run state=Busy.Deep outcome=handled
step machine=Rig event=Fail
  DEBUG no transition machine=Rig event=Fail state=Busy.Deep outcome=failed
step machine=Rig event=Fail
  DEBUG no transition machine=Rig event=Fail state=Busy.Deep outcome=failed
ERROR the step failed machine=Rig event=Fail error=Action(\"jammed\")
DEBUG ended machine=Rig reason=shutdown
";
    assert_eq!(*recorder.text.lock().unwrap(), expected);
}

/// Writes spans and events down as text, events indented by the spans around them.
#[derive(Clone, Default)]
struct Recorder {
    text: Arc<Mutex<String>>,
    spans: Arc<AtomicU64>,
    depth: Arc<AtomicU64>,
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == TARGET
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut line = Line::default();
        span.record(&mut line);
        writeln!(self.text.lock().unwrap(), "{}{}", span.metadata().name(), line.fields).unwrap();
        Id::from_u64(self.spans.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn event(&self, event: &TraceEvent<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        let indent = 2 * usize::try_from(self.depth.load(Ordering::Relaxed)).unwrap();
        let level = event.metadata().level();
        writeln!(self.text.lock().unwrap(), "{:indent$}{level} {}{}", "", line.message, line.fields).unwrap();
    }

    fn enter(&self, _: &Id) {
        self.depth.fetch_add(1, Ordering::Relaxed);
    }

    fn exit(&self, _: &Id) {
        self.depth.fetch_sub(1, Ordering::Relaxed);
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}
}

#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        } else {
            write!(self.fields, " {}={value:?}", field.name()).unwrap();
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        write!(self.fields, " {}={value}", field.name()).unwrap();
    }
}
