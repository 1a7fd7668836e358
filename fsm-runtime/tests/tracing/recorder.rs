//! A subscriber that writes down what it hears.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use fsm_runtime::trace::TARGET;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event as TraceEvent, Level, Metadata, Subscriber};
use tracing_core::span::Current;

/// The name of a span and its parent.
pub(crate) type Parent = (&'static str, Option<u64>);

/// Writes spans and events down as text, events indented by the spans around them.
#[derive(Clone, Default)]
pub(crate) struct Recorder {
    pub(crate) text: Arc<Mutex<String>>,
    /// What is less important is not wanted.
    pub(crate) least: Option<Level>,
    spans: Arc<Mutex<Vec<&'static Metadata<'static>>>>,
    /// Which are entered, outermost first.
    pub(crate) entered: Arc<Mutex<Vec<Id>>>,
    /// The spans but those of transitions, each with a parent of its own choice.
    pub(crate) parents: Arc<Mutex<Vec<Parent>>>,
}

impl Recorder {
    fn indent(&self) -> usize {
        2 * self.entered.lock().unwrap().len()
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == TARGET && self.least.is_none_or(|least| *metadata.level() <= least)
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut line = Line::default();
        span.record(&mut line);
        let indent = self.indent();
        writeln!(self.text.lock().unwrap(), "{:indent$}{}{}", "", span.metadata().name(), line.fields).unwrap();
        if span.metadata().name() != "transition" {
            let parent = span.parent().map(Id::into_u64);
            self.parents.lock().unwrap().push((span.metadata().name(), parent));
        }
        let mut spans = self.spans.lock().unwrap();
        spans.push(span.metadata());
        Id::from_u64(spans.len() as u64)
    }

    fn event(&self, event: &TraceEvent<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        let indent = self.indent();
        let level = event.metadata().level();
        writeln!(self.text.lock().unwrap(), "{:indent$}{level} {}{}", "", line.message, line.fields).unwrap();
    }

    fn enter(&self, id: &Id) {
        self.entered.lock().unwrap().push(id.clone());
    }

    fn exit(&self, id: &Id) {
        assert_eq!(self.entered.lock().unwrap().pop().as_ref(), Some(id), "the innermost is left first");
    }

    fn current_span(&self) -> Current {
        let entered = self.entered.lock().unwrap();
        let Some(id) = entered.last() else { return Current::none() };
        let place = usize::try_from(id.into_u64()).unwrap() - 1;
        Current::new(id.clone(), self.spans.lock().unwrap()[place])
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut line = Line::default();
        values.record(&mut line);
        let indent = self.indent();
        writeln!(self.text.lock().unwrap(), "{:indent$}{}", "", line.fields.trim_start()).unwrap();
    }

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
