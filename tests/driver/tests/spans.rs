//! Handlers in spans of their own, inside of those of the runtime.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use driver::order_saga::spans::Spans;
use driver::order_saga::testing::Scripted;
use driver::order_saga::{OrderSaga, State, event};
use driver::shop::ShopError;
use fsm_runtime::trace::tracing::field::{Field, Visit};
use fsm_runtime::trace::tracing::span::{Attributes, Id, Record};
use fsm_runtime::trace::tracing::{self, Event, Metadata, Subscriber};

/// Writes down each span as the path of names that leads to it.
#[derive(Clone, Default)]
struct Paths(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    all: Vec<String>,
    entered: Vec<usize>,
}

impl Subscriber for Paths {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "fsm"
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let inner = &mut *self.0.lock().unwrap();
        let outer = if span.is_contextual() { inner.entered.last().copied() } else { None };
        let mut name = Name(span.metadata().name().to_owned());
        span.record(&mut name);
        inner.all.push(outer.map(|outer| format!("{} > ", inner.all[outer])).unwrap_or_default() + &name.0);
        Id::from_u64(inner.all.len() as u64)
    }

    fn enter(&self, id: &Id) {
        self.0.lock().unwrap().entered.push(usize::try_from(id.into_u64()).unwrap() - 1);
    }

    fn exit(&self, _: &Id) {
        self.0.lock().unwrap().entered.pop();
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}
}

/// The name of a span, with its event where it has one.
struct Name(String);

impl Visit for Name {
    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "event" {
            self.0 = format!("{}({value})", self.0);
        }
    }
}

#[test]
fn each_handler_has_a_span_below_that_of_its_transition() {
    let paths = Paths::default();
    let _guard = tracing::subscriber::set_default(paths.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let scripted = Scripted::default();
    scripted.tasks.reserve_stock.give(Err(ShopError { action: "reserve" }));
    runtime.block_on(async {
        let saga = fsm_runtime::spawn(OrderSaga::new(Spans(scripted)));
        saga.send(event::Place { order: 7, total: 1_200 }).await.unwrap();
        let ended = saga.wait_for(|state| !matches!(state, State::Idle | State::Booking(_)));
        tokio::time::timeout(Duration::from_secs(10), ended).await.unwrap().unwrap();
    });
    let all: BTreeSet<String> = paths.0.lock().unwrap().all.iter().cloned().collect();
    let expected = [
        "start",
        "step((invoke))",
        "step((invoke)) > transition",
        "step((invoke)) > transition > report",
        "step(Place)",
        "step(Place) > invoke",
        "step(Place) > invoke > reserve_stock",
        "step(Place) > transition(Place)",
    ];
    assert_eq!(all.into_iter().collect::<Vec<_>>(), expected);
}
