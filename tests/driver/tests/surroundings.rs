//! Rules of SEMANTICS.md about what surrounds a machine: what a driver is told, snapshots, questions.

use std::time::Duration;

use driver::semantics::a_delayed_event_outlives_its_state as delayed;
use driver::semantics::a_machine_answers_questions as asked;
use driver::semantics::a_timer_belongs_to_its_state as timed;
use driver::semantics::an_error_of_a_deferred_event_is_its_own as failing;
use driver::semantics::an_invoke_runs_while_its_state_is_active as invoking;
use driver::semantics::deferred_events_are_retried_after_a_change as deferring;
use driver::semantics::history_restores_data as remembering;
use driver::semantics::invokes_start_when_the_macrostep_is_complete as starting;
use driver::semantics::sync::a_delayed_event_outlives_its_state as written;
use driver::semantics::sync::history_restores_data as kept;
use driver::semantics::the_driver_is_told_of_messages_replies_and_logs as telling;
use driver::subject::run;
use driver::tape::Tape;
use fsm_runtime::core::{Driver, Error, Machine, Outcome, RestoreError, Service, Status, Token};

/// Writes down what it is told.
struct Diary(Vec<String>);

impl<M: Machine<Timer: std::fmt::Debug, Invoke: std::fmt::Debug, Message: std::fmt::Debug, Reply: std::fmt::Debug>>
    Driver<M> for Diary
{
    fn start_timer(&mut self, timer: M::Timer, generation: u32, delay: Duration) {
        self.0.push(format!("start {timer:?} {generation} {delay:?}"));
    }

    fn cancel_timer(&mut self, timer: M::Timer, generation: u32) {
        self.0.push(format!("cancel {timer:?} {generation}"));
    }

    fn start_invoke(&mut self, invoke: M::Invoke, generation: u32) {
        self.0.push(format!("invoke {invoke:?} {generation}"));
    }

    fn cancel_invoke(&mut self, generation: u32) {
        self.0.push(format!("abort {generation}"));
    }

    fn emit(&mut self, message: M::Message) {
        self.0.push(format!("emit {message:?}"));
    }

    fn reply(&mut self, reply: M::Reply) {
        self.0.push(format!("reply {reply:?}"));
    }

    fn log(&mut self, text: std::fmt::Arguments<'_>) {
        self.0.push(format!("log {text}"));
    }

    fn retried(&mut self, token: Token) {
        self.0.push(format!("retried {}", token.0));
    }

    fn settled(&mut self, token: Token, outcome: Outcome) {
        self.0.push(format!("settled {} {}", token.0, outcome.name()));
    }

    fn failed(&mut self, token: Token, event: M::Event, error: Error<M::Error>) {
        let event = M::DEFINITION.events[M::event_index(&event)].name;
        self.0.push(format!("failed {} {event} {}", token.0, error.name()));
    }
}

/// What the driver is told in one step.
fn told<T>(step: impl AsyncFnOnce(&mut Diary) -> T) -> (T, Vec<String>) {
    let mut diary = Diary(Vec::new());
    let result = run(step(&mut diary));
    (result, diary.0)
}

/// Guards that all hold.
fn willing() -> Tape {
    Tape::new([("ready".to_owned(), true), ("first".to_owned(), true)].into(), [].into())
}

#[test]
fn messages_replies_and_logs_reach_the_driver() {
    let mut subject = telling::TheDriverIsToldOfMessagesRepliesAndLogs::new(Tape::default());
    assert_eq!(run(subject.start()), Ok(Outcome::Transitioned));
    let ask = telling::event::Ask { by: 4 }.into();
    let (result, lines) = told(async |diary| Service::handle(&mut subject, diary, &ask).await);
    assert_eq!(result, Ok(Outcome::Handled));
    assert_eq!(lines, ["reply Ask(8)", "log asked by 4, 3"]);
    let (_, lines) = told(async |diary| Service::handle(&mut subject, diary, &telling::Event::Tell).await);
    assert_eq!(lines, ["emit Told(Told { n: 3, text: \"x\" })", "emit Empty"]);
}

#[test]
fn invokes_start_in_order_with_their_arguments_and_not_where_a_state_is_only_passed() {
    let mut subject = starting::InvokesStartWhenTheMacrostepIsComplete::new(Tape::default());
    assert_eq!(run(subject.start()), Ok(Outcome::Transitioned));
    let (_, lines) = told(async |diary| Service::handle(&mut subject, diary, &starting::Event::Go).await);
    assert_eq!(lines, ["invoke First { n: 2 } 1", "invoke Second 2", "invoke Third 3"]);
    let (_, lines) = told(async |diary| Service::handle(&mut subject, diary, &starting::Event::Back).await);
    assert_eq!(lines, ["abort 3", "abort 2", "abort 1"]);
}

#[test]
fn what_comes_late_does_nothing() {
    let mut subject = timed::ATimerBelongsToItsState::new(willing());
    assert_eq!(run(subject.start()), Ok(Outcome::Transitioned));
    let (_, lines) = told(async |diary| Service::handle(&mut subject, diary, &timed::Event::Go).await);
    assert_eq!(lines, ["start WaitingAfter10s 1 10s"]);
    let (_, lines) = told(async |diary| Service::handle(&mut subject, diary, &timed::Event::Again).await);
    assert_eq!(lines, ["cancel WaitingAfter10s 1", "start WaitingAfter10s 2 10s"]);
    let timer = timed::Timer::WaitingAfter10s;
    assert_eq!(run(Service::fire(&mut subject, &mut (), timer, 1)), Ok(Outcome::Handled));
    assert_eq!(*subject.state(), timed::State::Waiting);
    assert_eq!(run(Service::fire(&mut subject, &mut (), timer, 2)), Ok(Outcome::Transitioned));
    assert_eq!(*subject.state(), timed::State::Late);

    let mut subject = invoking::AnInvokeRunsWhileItsStateIsActive::new(Tape::default());
    assert_eq!(run(subject.start()), Ok(Outcome::Transitioned));
    for event in [invoking::Event::Go, invoking::Event::Leave, invoking::Event::Go] {
        assert_eq!(run(subject.handle(&event)), Ok(Outcome::Transitioned));
    }
    let late = run(Service::complete(&mut subject, &mut (), 1, invoking::Done::Work(Ok(7))));
    assert_eq!((late, *subject.state()), (Ok(Outcome::Handled), invoking::State::Working));
    let done = run(Service::complete(&mut subject, &mut (), 2, invoking::Done::Work(Ok(7))));
    assert_eq!((done, *subject.state()), (Ok(Outcome::Transitioned), invoking::State::Done));
}

#[test]
fn the_driver_is_told_what_becomes_of_a_deferred_event() {
    let mut subject = deferring::DeferredEventsAreRetriedAfterAChange::new(Tape::default());
    assert_eq!(run(subject.start()), Ok(Outcome::Transitioned));
    for (n, token) in [(1, 1), (9, 2), (2, 3)] {
        let job = deferring::event::Job { n }.into();
        assert_eq!(run(subject.handle(&job)), Ok(Outcome::Deferred(Token(token))));
    }
    let (_, lines) = told(async |diary| Service::handle(&mut subject, diary, &deferring::Event::Done).await);
    assert_eq!(lines, ["retried 1", "settled 1 handled", "settled 2 rejected", "retried 3", "settled 3 transitioned"]);
}

#[test]
fn the_driver_is_told_the_error_of_a_deferred_event() {
    let mut subject = failing::AnErrorOfADeferredEventIsItsOwn::new(Tape::default());
    assert_eq!(run(subject.start()), Ok(Outcome::Transitioned));
    for (event, token) in [(failing::Event::Full, 1), (failing::Event::Bad, 2), (failing::Event::Nobody, 3)] {
        assert_eq!(run(subject.handle(&event)), Ok(Outcome::Deferred(Token(token))));
    }
    let (result, lines) = told(async |diary| Service::handle(&mut subject, diary, &failing::Event::Free).await);
    assert_eq!(result, Ok(Outcome::Transitioned));
    let told = ["retried 1", "failed 1 Full queue_full", "retried 2", "settled 2 handled", "failed 3 Nobody unhandled"];
    assert_eq!(lines, told);
}

#[test]
fn a_snapshot_goes_on_where_it_was_taken() {
    let mut subject = delayed::ADelayedEventOutlivesItsState::new(Tape::default());
    assert_eq!(run(subject.start()), Ok(Outcome::Transitioned));
    assert_eq!(run(subject.handle(&delayed::Event::Go)), Ok(Outcome::Transitioned));
    let snapshot = subject.snapshot(|_, generation| Duration::from_millis(u64::from(generation)));
    let mut again =
        delayed::ADelayedEventOutlivesItsState::restore(Tape::default(), snapshot).expect("it is of this spec");
    assert_eq!(again.machine().status(), Status::Suspended);
    assert_eq!(run(again.handle(&delayed::Event::Next)), Err(Error::Stopped));
    let (result, lines) = told(async |diary| Service::start(&mut again, diary).await);
    assert_eq!((result, lines), (Ok(Outcome::Handled), vec!["start Sent 1 1ms".to_owned()]));
    assert!(again.actions().is_silent());
    assert_eq!(run(again.handle(&delayed::Event::Next)), Ok(Outcome::Transitioned));
    assert_eq!(run(Service::fire(&mut again, &mut (), delayed::Timer::Sent, 1)), Ok(Outcome::Transitioned));
    assert_eq!(again.context().got, 7);

    let mut subject = invoking::AnInvokeRunsWhileItsStateIsActive::new(Tape::default());
    assert_eq!(run(subject.start()), Ok(Outcome::Transitioned));
    assert_eq!(run(subject.handle(&invoking::Event::Go)), Ok(Outcome::Transitioned));
    let mut again =
        invoking::AnInvokeRunsWhileItsStateIsActive::restore(Tape::default(), subject.snapshot()).expect("it is");
    let (_, lines) = told(async |diary| Service::start(&mut again, diary).await);
    assert_eq!(lines, ["invoke Work { n: 3 } 2"]);

    let mut subject = remembering::HistoryRestoresData::new(Tape::default());
    assert_eq!(run(subject.start()), Ok(Outcome::Transitioned));
    for event in [remembering::event::Go { n: 5 }.into(), remembering::Event::Next, remembering::Event::Pause] {
        assert_eq!(run(subject.handle(&event)), Ok(Outcome::Transitioned));
    }
    let mut again = remembering::HistoryRestoresData::restore(Tape::default(), subject.snapshot()).expect("it is");
    assert_eq!(run(again.handle(&remembering::Event::Deep)), Ok(Outcome::Transitioned));
    assert_eq!(again.state().to_string(), "Player.Playing.Quiet");
}

#[test]
fn a_snapshot_survives_json_and_refuses_nonsense() {
    type Delayed = written::ADelayedEventOutlivesItsState<Tape>;
    let mut subject = Delayed::new(Tape::default());
    assert_eq!(subject.start(), Ok(Outcome::Transitioned));
    assert_eq!(subject.handle(&written::Event::Go), Ok(Outcome::Transitioned));
    let snapshot = subject.snapshot(|_, _| Duration::from_millis(1_500));
    let text = serde_json::to_string(&snapshot).expect("it has serde's traits");
    let read: written::Snapshot = serde_json::from_str(&text).expect("it was written so");
    assert_eq!(read, snapshot);
    let mut again = Delayed::restore(Tape::default(), read).expect("it is of this spec");
    let (result, lines) = told(async |diary| Service::start(&mut again, diary).await);
    assert_eq!((result, lines), (Ok(Outcome::Handled), vec!["start Sent 1 1.5s".to_owned()]));
    assert_eq!(again.handle(&written::Event::Next), Ok(Outcome::Transitioned));
    assert_eq!(run(Service::fire(&mut again, &mut (), written::Timer::Sent, 1)), Ok(Outcome::Transitioned));
    assert_eq!(again.context().got, 7);

    let mut value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let waiting = value["machine"]["delayed"][0].clone();
    value["machine"]["delayed"] = vec![waiting; 17].into();
    let refused = serde_json::from_value::<written::Snapshot>(value.clone()).expect_err("16 have a place");
    assert_eq!(refused.to_string(), "invalid length 17, expected a list of at most 16 items");
    value["machine"]["delayed"] = serde_json::json!([]);
    value["remaining"] = serde_json::json!([]);
    let refused = serde_json::from_value::<written::Snapshot>(value.clone()).expect_err("16 times are missing");
    assert_eq!(refused.to_string(), "invalid length 0, expected a list of 16 items");
    value["machine"]["state"] = "E".into();
    let refused = serde_json::from_value::<written::Snapshot>(value).expect_err("there is no such state");
    assert!(refused.to_string().starts_with("unknown variant `E`"), "{refused}");
}

#[test]
fn a_snapshot_of_a_machine_that_was_restored_and_not_started_is_the_same() {
    let mut subject = timed::ATimerBelongsToItsState::new(Tape::default());
    assert_eq!(run(subject.start()), Ok(Outcome::Transitioned));
    assert_eq!(run(subject.handle(&timed::Event::Go)), Ok(Outcome::Transitioned));
    let snapshot = subject.snapshot(|_, _| Duration::from_secs(20));
    assert!(snapshot.remaining.contains(&Duration::from_secs(20)), "a timer runs");
    let again = timed::ATimerBelongsToItsState::restore(Tape::default(), snapshot.clone()).expect("it is of this spec");
    let second = again.snapshot(|_, _| unreachable!("nobody knows"));
    assert_eq!(second.remaining, snapshot.remaining);

    // Nothing has to be started here, whatever is written.
    let snapshot = kept::HistoryRestoresData::new(Tape::default()).snapshot();
    let mut value = serde_json::to_value(&snapshot).expect("it has serde's traits");
    value["machine"]["status"] = "suspended".into();
    let read = serde_json::from_value(value).expect("a status");
    let mut again = kept::HistoryRestoresData::restore(Tape::default(), read).expect("it is of this spec");
    assert_ne!(again.handle(&kept::Event::Next), Err(Error::Stopped));
}

#[test]
fn a_snapshot_of_another_spec_is_refused() {
    let subject = asked::AMachineAnswersQuestions::new(Tape::default());
    let mut other = subject.snapshot();
    other.hash ^= 1;
    let refused = asked::AMachineAnswersQuestions::restore(Tape::default(), other).expect_err("another hash");
    assert!(matches!(refused, RestoreError::Hash { .. }));
    let mut other = subject.snapshot();
    other.version = fsm_runtime::core::Version::new("2");
    let refused = asked::AMachineAnswersQuestions::restore(Tape::default(), other).expect_err("another version");
    assert_eq!(
        refused.to_string(),
        "the snapshot is of version `2` of the machine, this is version `3`; `migrates_from` and `restore_any` take it over (docs/versions.md)"
    );
}

#[test]
fn tags_paths_and_accepted_events_are_answered() {
    let mut subject = asked::AMachineAnswersQuestions::new(willing());
    assert_eq!(subject.accepted().count(), 0);
    assert_eq!(run(subject.start()), Ok(Outcome::Transitioned));
    // No guard is asked.
    assert_eq!(subject.accepted().collect::<Vec<_>>(), ["Go"]);
    assert!(subject.state().matches("Off") && !subject.state().matches("On") && !subject.state().matches("Nowhere"));
    assert_eq!(run(subject.handle(&asked::Event::Go)), Ok(Outcome::Transitioned));
    assert_eq!(subject.accepted().collect::<Vec<_>>(), ["Stop", "Other"]);
    let state = *subject.state();
    assert!(state.matches("On") && state.matches("On.Left.A") && !state.matches("On.Left.B"));
    assert!([asked::Tag::Busy, asked::Tag::Warm, asked::Tag::HalfWay].into_iter().all(|tag| state.has_tag(tag)));
    assert_eq!(state.to_string(), "On.Left.A, On.Right.C");
    assert_eq!(run(subject.handle(&asked::Event::Other)), Ok(Outcome::Transitioned));
    assert!(!subject.state().has_tag(asked::Tag::Warm));
}
