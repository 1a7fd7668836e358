//! The kit for tests: a machine on a testbed, with handlers that follow a script.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod broken;

use std::time::Duration;

use fsm_runtime::testing::{Answers, Script, Testbed};
use fsm_runtime::{assert_trace, fsm};
use works::{Event, Invoke, event};

use crate::broken::Broken;

fsm!("tests/works.yaml");

/// As `Scripted`, which the compiler generates.
#[derive(Debug, Clone, Default)]
struct Hands {
    script: Script<Broken>,
    work: Answers<Result<u32, Broken>>,
}

impl Hands {
    fn testbed(&self) -> Testbed<works::Works<Self>> {
        Testbed::new(works::Works::new(self.clone()), self.script.log().clone())
    }
}

impl works::Actions for Hands {
    async fn late(&mut self) -> Result<(), Broken> {
        self.script.called("late", &[]);
        self.script.result("late")
    }

    async fn fail(&mut self) -> Result<(), Broken> {
        self.script.called("fail", &[]);
        self.script.result("fail")
    }

    async fn work(self, n: u32) -> Result<u32, Broken> {
        self.script.called("work", &[&n]);
        self.work.take("work")
    }
}

fn started() -> (Hands, Testbed<works::Works<Hands>>) {
    let hands = Hands::default();
    let mut works = hands.testbed();
    let result = works.start();
    works.expect(&result, "transitioned", &["Idle"], &[]);
    (hands, works)
}

#[test]
fn time_passes_by_hand_and_what_is_due_happens_in_order() {
    let (_, mut works) = started();
    let _ = works.handle(event::Start { n: 3 }).unwrap();
    assert_eq!(works.waiting(), [Duration::from_secs(10), Duration::from_mins(1)]);
    let result = works.advance(Duration::from_secs(9));
    works.expect(&result, "handled", &["Working"], &[]);
    let result = works.advance(Duration::from_secs(12));
    works.expect(&result, "handled", &["Working"], &["Working --after 10s--> (internal)"; 2]);
    let _ = works.take_trace();
    let _ = works.advance(Duration::from_mins(10)).unwrap();
    let tick = "Working --after 10s--> (internal)";
    // The repeated timer was started anew before the minute was over: it comes after what was started first.
    assert_trace!(works, [tick, tick, tick, "Working --after 1min--> Slow", "late"]);
    assert!(works.waiting().is_empty());
}

#[test]
fn an_invoke_ends_when_the_test_says_so() {
    let (hands, mut works) = started();
    let _ = works.handle(event::Start { n: 3 }).unwrap();
    assert_eq!(works.running().count(), 1);
    hands.work.give(Ok(7));
    let result = works.complete(|invoke| matches!(invoke, Invoke::Work { .. }));
    works.expect(&result, "transitioned", &["Idle"], &["Working --done(work)--> Idle"]);
    assert_trace!(works, ["Idle --Start--> Working", "work(3)", "Working --done(work)--> Idle"]);
    assert_eq!((works.service().context().got, works.running().count()), (7, 0));
    let _ = works.handle(event::Start { n: 4 }).unwrap();
    hands.work.give(Err(Broken));
    let result = works.complete(|_| true);
    works.expect(&result, "finished", &["Failed"], &["Working --error(work)--> Failed"]);
}

#[test]
#[should_panic(expected = "such an invoke is under way")]
fn what_does_not_run_cannot_end() {
    let (_, mut works) = started();
    let _ = works.complete(|_| true);
}

#[test]
fn messages_answers_and_failures_are_seen() {
    let (hands, mut works) = started();
    let _ = works.handle(Event::Job).unwrap();
    let _ = works.handle(Event::Ask).unwrap();
    let _ = works.handle(Event::Remind).unwrap();
    hands.script.fail("late", Broken);
    let result = works.advance(Duration::from_secs(5));
    works.expect(&result, "action", &["Idle"], &["Idle --Late--> (internal)"]);
    assert_trace!(
        works,
        [
            "Idle --Job--> (internal)",
            "emit Told(Told { n: 0 })",
            "Idle --Ask--> (internal)",
            "reply Ask(0)",
            "Idle --Remind--> (internal)",
            "Idle --Late--> (internal)",
            "late",
        ]
    );
    assert_eq!(works.recorder().transitions().iter().sum::<usize>(), 4);
}

#[test]
#[should_panic(
    expected = "the trace differs: - is expected, + is what happened\n    Idle --Forget--> (internal)\n  - late\n"
)]
fn a_trace_that_differs_is_shown_as_a_difference() {
    let (_, mut works) = started();
    let _ = works.handle(Event::Forget).unwrap();
    assert_trace!(works, ["Idle --Forget--> (internal)", "late"]);
}
