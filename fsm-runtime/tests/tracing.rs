//! What a running machine tells `tracing`. In a process of its own: who listens there is a matter of the whole process.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[path = "running/rig.rs"]
#[expect(dead_code, reason = "the other tests need more of it")]
mod rig;

use std::fmt::{Debug, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use fsm_runtime::spawn;
use fsm_runtime::trace::TARGET;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event as TraceEvent, Metadata, Subscriber, info};

use crate::rig::{Event, Rig};

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
step machine=Rig id=1 event=Toggle
  DEBUG transition machine=Rig id=1 event=Toggle transition=1 source=Idle target=Busy.Deep from=Idle to=Busy.Deep outcome=transitioned
step machine=Rig id=2 event=Run
  INFO in the handler
  DEBUG no transition machine=Rig event=Run state=Busy.Deep outcome=handled
step machine=Rig id=3 event=Fail
  DEBUG no transition machine=Rig event=Fail state=Busy.Deep outcome=failed
step machine=Rig id=4 event=Fail
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
        } else if field.name() != "took" {
            // How long a step takes is another time each time.
            write!(self.fields, " {}={value:?}", field.name()).unwrap();
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        write!(self.fields, " {}={value}", field.name()).unwrap();
    }
}
