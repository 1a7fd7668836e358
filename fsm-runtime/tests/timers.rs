//! The rules of SEMANTICS.md about timers, through a machine in a task, on a paused clock.
//!
//! | rule | test |
//! |---|---|
//! | 2.4 | `the_end_cancels_timers` |
//! | 5.2, 14.5 | `a_timer_starts_behind_the_entry_block_and_ends_with_its_state`, `a_timer_that_is_due_while_its_state_is_being_left_does_not_come` |
//! | 7.2, 14.11 | `an_action_that_fails_in_a_step_by_a_timer_ends_neither_machine_nor_timer` |
//! | 13.6, 14.1, 14.7 | `a_timer_without_delay_is_due_in_its_step_behind_internal_events` |
//! | 14.1 | `a_sent_event_without_delay_comes_in_its_step_behind_internal_events` |
//! | 14.2 | `a_delayed_event_outlives_its_state_with_the_payload_of_then`, `more_delayed_events_than_fit_are_an_error` |
//! | 14.3, 14.4 | `a_sent_event_can_be_cancelled_and_replaced` |
//! | 14.5 | `where_all_guards_are_false_a_timer_is_over` |
//! | 14.6 | `every_repeats_until_its_state_is_left` |
//! | 14.8 | `due_timers_come_by_deadline_then_by_start`, `timers_go_before_results_and_results_before_events` |
//! | 14.9 | `a_named_delay_is_asked_each_time`, `centuries_are_waited_for_and_what_is_beyond_the_clock_never_comes` |
//! | 14.10 | `a_timer_that_is_due_and_cancelled_at_the_same_instant_does_not_come` |
//! | 14.11 | `a_step_by_a_timer_has_the_outcome_of_what_it_set_off` |
//! | 15.2 | `leaving_the_state_aborts_its_invoke_and_its_timers` in `works.rs` |
//! | 18.1, 18.2 | `a_restored_machine_waits_for_what_was_left` |
//! | 20.1 | `the_answer_to_an_event_that_a_step_sent_belongs_to_the_event_of_the_step` in `answers.rs` |
//! | 20.4 | `a_timer_starts_behind_the_entry_block_and_ends_with_its_state`: `*` takes events, not timers |
//!
//! And of no rule: `a_timer_never_comes_early`, `a_timer_that_every_event_starts_anew_comes_after_the_last`,
//! `timers_come_in_the_middle_of_a_flood`, `each_rule_about_timers_has_its_test`, `each_test_of_the_table_is_there`.
#![cfg(feature = "macros")]
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod broken;
mod diary;

use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use diary::clockwork::{Clockwork, Event, State, Timer};
use diary::{Diary, running, state, tell};
use fsm_runtime::core::{Error, Status};
use fsm_runtime::{AskError, Outcome, Reason, options, spawn};
use tokio::time::{Instant, sleep, timeout};

#[test]
fn each_rule_about_timers_has_its_test() {
    let (rules, tests) = (include_str!("../../SEMANTICS.md"), include_str!("timers.rs"));
    let table: String = tests.lines().filter(|line| line.starts_with("//! |")).collect();
    let rules: Vec<_> = rules
        .lines()
        .filter_map(|line| line.strip_prefix("**14.")?.split_once("**"))
        .map(|(rule, _)| format!("14.{rule}"))
        .collect();
    assert!(rules.len() >= 11, "{rules:?}");
    let mentioned: Vec<_> = table.split(|c: char| !c.is_ascii_digit() && c != '.').collect();
    for rule in rules {
        assert!(mentioned.contains(&&*rule), "no test is named for {rule}");
    }
}

#[test]
fn each_test_of_the_table_is_there() {
    let files = [include_str!("timers.rs"), include_str!("works.rs"), include_str!("answers.rs")];
    let words =
        files[0].lines().filter(|line| line.starts_with("//!")).flat_map(|line| line.split('`').skip(1).step_by(2));
    let tests: Vec<_> = words.filter(|word| word.contains('_')).collect();
    assert!(tests.len() > 20, "{tests:?}");
    for test in tests {
        assert!(files.iter().any(|file| file.contains(&format!("fn {test}()"))), "there is no `{test}`");
    }
}

#[tokio::test(start_paused = true)]
async fn the_end_cancels_timers() {
    let (diary, handle) = running();
    diary.first.store(true, Relaxed);
    tell(&handle, Event::Wait).await;
    assert_eq!(handle.ask(Event::End).await, Ok(Outcome::Finished));
    assert_eq!(handle.join().await.reason, Reason::Finished);
    diary.until(60_000).await;
    assert_eq!(diary.read(), [(0, "settle"), (0, "leave")]);
}

#[tokio::test(start_paused = true)]
async fn a_timer_starts_behind_the_entry_block_and_ends_with_its_state() {
    let mut diary = Diary::new();
    diary.settling = Duration::from_secs(3);
    diary.first.store(true, Relaxed);
    let handle = spawn(Clockwork::new(diary.clone()));
    tell(&handle, Event::Wait).await;
    diary.until(12_999).await;
    assert_eq!((diary.read(), state(&handle).await), (vec![(3_000, "settle")], State::Waiting));
    diary.until(13_000).await;
    assert_eq!((diary.read(), state(&handle).await), (vec![(13_000, "leave"), (13_000, "one")], State::Idle));
    // Left before it is due, and entered anew: it starts from the beginning. Events go to `*`, no timer does.
    tell(&handle, Event::Wait).await;
    diary.until(25_000).await;
    tell(&handle, Event::Again).await;
    tell(&handle, Event::Raised).await;
    diary.until(37_999).await;
    let again = [(16_000, "settle"), (25_000, "leave"), (28_000, "settle"), (28_000, "other")];
    assert_eq!((diary.read(), state(&handle).await), (again.to_vec(), State::Waiting));
    tell(&handle, Event::Back).await;
    diary.until(90_000).await;
    assert_eq!(diary.read(), [(37_999, "leave")]);
}

#[tokio::test(start_paused = true)]
async fn a_timer_that_is_due_while_its_state_is_being_left_does_not_come() {
    let (diary, handle) = running();
    diary.first.store(true, Relaxed);
    tell(&handle, Event::Wait).await;
    diary.until(9_000).await;
    diary.leaving.store(3_000, Relaxed);
    tell(&handle, Event::Back).await;
    diary.until(60_000).await;
    assert_eq!((diary.read(), state(&handle).await), (vec![(0, "settle"), (12_000, "leave")], State::Idle));
}

#[tokio::test(start_paused = true)]
async fn where_all_guards_are_false_a_timer_is_over() {
    let (diary, handle) = running();
    tell(&handle, Event::Wait).await;
    diary.until(10_000).await;
    diary.second.store(true, Relaxed);
    diary.until(90_000).await;
    assert_eq!((diary.read(), state(&handle).await), (vec![(0, "settle")], State::Waiting));
    // The second of its transitions, where the first does not want.
    tell(&handle, Event::Again).await;
    diary.until(200_000).await;
    assert_eq!(diary.read(), [(90_000, "leave"), (90_000, "settle"), (100_000, "two")]);
}

#[tokio::test(start_paused = true)]
async fn every_repeats_until_its_state_is_left() {
    let (diary, handle) = running();
    tell(&handle, Event::Tick).await;
    diary.until(60_000).await;
    let ticks = [(2_000, "tick"), (4_000, "tick"), (6_000, "tick")];
    assert_eq!((diary.read(), state(&handle).await), (ticks.to_vec(), State::Idle));
}

#[tokio::test(start_paused = true)]
async fn a_timer_without_delay_is_due_in_its_step_behind_internal_events() {
    let (diary, handle) = running();
    tell(&handle, Event::Nil).await;
    assert_eq!((diary.read(), state(&handle).await), (vec![(0, "raised"), (0, "due")], State::Idle));
}

#[tokio::test(start_paused = true)]
async fn a_sent_event_without_delay_comes_in_its_step_behind_internal_events() {
    let (diary, handle) = running();
    tell(&handle, Event::Now).await;
    // The first of two was taken back before its turn.
    assert_eq!(diary.read(), [(0, "one"), (0, "raised"), (0, "late")]);
    assert_eq!(handle.inspect(|machine| machine.context().got).await, Ok(2));
}

#[tokio::test(start_paused = true)]
async fn a_delayed_event_outlives_its_state_with_the_payload_of_then() {
    let (diary, handle) = running();
    tell(&handle, Event::Send).await;
    assert_eq!(state(&handle).await, State::Away);
    diary.until(6_000).await;
    assert_eq!((diary.read(), state(&handle).await), (vec![(5_000, "late")], State::Idle));
    assert_eq!(handle.inspect(|machine| (machine.context().n, machine.context().got)).await, Ok((9, 7)));
}

#[tokio::test(start_paused = true)]
async fn more_delayed_events_than_fit_are_an_error() {
    let (diary, handle) = running();
    assert_eq!(handle.ask(Event::Fill).await, Err(AskError::Machine(Error::QueueFull)));
    diary.until(9_000).await;
    assert_eq!(diary.read(), [(1_000, "late"), (2_000, "late")]);
}

#[tokio::test(start_paused = true)]
async fn a_sent_event_can_be_cancelled_and_replaced() {
    let (diary, handle) = running();
    tell(&handle, Event::Note).await;
    diary.until(3_000).await;
    tell(&handle, Event::Note).await;
    diary.until(20_000).await;
    assert_eq!(diary.read(), [(8_000, "late")]);
    tell(&handle, Event::Note).await;
    diary.until(24_999).await;
    tell(&handle, Event::Forget).await;
    tell(&handle, Event::Forget).await;
    diary.until(60_000).await;
    assert!(diary.read().is_empty());
}

#[tokio::test(start_paused = true)]
async fn due_timers_come_by_deadline_then_by_start() {
    let (diary, handle) = running();
    tell(&handle, Event::Nest).await;
    diary.until(9_000).await;
    let in_time = [(1_000, "outer_one"), (2_000, "inner_two"), (3_000, "outer_three"), (3_000, "inner_three")];
    assert_eq!(diary.read(), in_time);
    // Also where the machine looks up late and all of them are due.
    tell(&handle, Event::Back).await;
    tell(&handle, Event::Nest).await;
    diary.until(9_500).await;
    tokio::time::advance(Duration::from_secs(30)).await;
    diary.until(60_000).await;
    let late: Vec<_> = diary.read().into_iter().map(|(_, what)| what).collect();
    assert_eq!(late, ["outer_one", "inner_two", "outer_three", "inner_three"]);
}

#[tokio::test(start_paused = true)]
async fn timers_go_before_results_and_results_before_events() {
    let (diary, handle) = running();
    tell(&handle, Event::Work).await;
    handle.send(Event::Long).await.unwrap();
    diary.until(1_000).await;
    handle.send(Event::Raised).await.unwrap();
    // The result is there after 4 s, the timer is due after 5 s; the machine is busy until 10 s.
    diary.until(20_000).await;
    assert_eq!(diary.read(), [(10_000, "long"), (10_000, "one"), (10_000, "result"), (10_000, "raised")]);
}

#[tokio::test(start_paused = true)]
async fn a_named_delay_is_asked_each_time() {
    let (diary, handle) = running();
    diary.backoff.store(1_000, Relaxed);
    tell(&handle, Event::Try).await;
    diary.backoff.store(4_000, Relaxed);
    diary.until(9_500).await;
    assert_eq!(diary.read(), [(1_000, "tried"), (5_000, "tried"), (9_000, "tried")]);
}

#[tokio::test(start_paused = true)]
async fn centuries_are_waited_for_and_what_is_beyond_the_clock_never_comes() {
    const YEAR: u64 = 31_557_600_000;
    let (diary, handle) = running();
    diary.backoff.store(3 * YEAR, Relaxed);
    tell(&handle, Event::Try).await;
    diary.backoff.store(u64::MAX, Relaxed);
    diary.until(3 * YEAR - 1).await;
    assert!(diary.read().is_empty());
    diary.until(3 * YEAR).await;
    assert_eq!(diary.read(), [(u128::from(3 * YEAR), "tried")]);
    // The next one is started with a delay for which there is no deadline.
    diary.until(4 * YEAR).await;
    assert!(diary.read().is_empty());
    tell(&handle, Event::Back).await;
    diary.backoff.store(200 * YEAR, Relaxed);
    tell(&handle, Event::Try).await;
    tell(&handle, Event::Back).await;
    assert_eq!(handle.shutdown().await.reason, Reason::Shutdown);
}

#[tokio::test(start_paused = true)]
async fn a_timer_that_is_due_and_cancelled_at_the_same_instant_does_not_come() {
    let (diary, handle) = running();
    tell(&handle, Event::Race).await;
    diary.until(9_000).await;
    assert_eq!((diary.read(), state(&handle).await), (vec![(1_000, "one")], State::Idle));
}

#[tokio::test(start_paused = true)]
async fn a_step_by_a_timer_has_the_outcome_of_what_it_set_off() {
    let diary = Diary::new();
    let told = Arc::new(Mutex::new(Vec::new()));
    let list = Arc::clone(&told);
    let handle = options()
        .on_transition(move |transition| list.lock().unwrap().push((transition.event, transition.outcome)))
        .spawn(Clockwork::new(diary.clone()));
    tell(&handle, Event::Tick).await;
    diary.until(60_000).await;
    let told = told.lock().unwrap()[2..].to_vec();
    let tick = (None, Some(Outcome::Handled));
    assert_eq!(told, [tick, tick, tick, (None, Some(Outcome::Transitioned))]);
}

#[tokio::test(start_paused = true)]
async fn an_action_that_fails_in_a_step_by_a_timer_ends_neither_machine_nor_timer() {
    let (diary, handle) = running();
    tell(&handle, Event::Fail).await;
    diary.until(2_500).await;
    assert_eq!((diary.read(), state(&handle).await), (vec![(1_000, "fail"), (2_000, "fail")], State::Failing));
    // Nobody asked for it, so it is no failed event.
    assert_eq!(handle.shutdown().await.failed, 0);
}

#[tokio::test(start_paused = true)]
async fn a_restored_machine_waits_for_what_was_left() {
    let diary = Diary::new();
    diary.first.store(true, Relaxed);
    let mut subject = Clockwork::new(diary.clone());
    assert_eq!(subject.start().await, Ok(Outcome::Transitioned));
    assert_eq!(subject.handle(&Event::Note).await, Ok(Outcome::Handled));
    assert_eq!(subject.handle(&Event::Wait).await, Ok(Outcome::Transitioned));
    let left = |timer, _| Duration::from_secs(if timer == Timer::Sent { 2 } else { 4 });
    let snapshot = subject.snapshot(left);
    diary.read();
    let again = Clockwork::restore(diary.clone(), snapshot).unwrap();
    assert_eq!(again.machine().status(), Status::Suspended);
    let handle = spawn(again);
    diary.until(60_000).await;
    // It waits where a sent event is none of its own: `*` takes it.
    assert_eq!(diary.read(), [(2_000, "other"), (4_000, "leave"), (4_000, "one")]);
    assert_eq!(state(&handle).await, State::Idle);
}

#[tokio::test(start_paused = true)]
async fn a_timer_never_comes_early() {
    let (diary, handle) = running();
    // Tokio wakes up at whole milliseconds; the machine is woken in between.
    sleep(Duration::from_micros(700)).await;
    let start = Instant::now();
    tell(&handle, Event::Tick).await;
    while start.elapsed() < Duration::from_secs(2) {
        assert!(diary.read().is_empty());
        sleep(Duration::from_micros(7_300)).await;
        // It looks at the clock before this event, which nobody takes.
        assert_eq!(handle.ask(Event::Raised).await, Ok(Outcome::Unhandled));
    }
    // The first event behind the deadline finds the timer gone by.
    assert_eq!(diary.read().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_timer_that_every_event_starts_anew_comes_after_the_last() {
    let (diary, handle) = running();
    diary.first.store(true, Relaxed);
    tell(&handle, Event::Wait).await;
    for second in 1..=100 {
        diary.until(second * 1_000).await;
        tell(&handle, Event::Again).await;
    }
    diary.read();
    diary.until(109_999).await;
    assert!(diary.read().is_empty());
    diary.until(110_000).await;
    assert_eq!(diary.read(), [(110_000, "leave"), (110_000, "one")]);
}

#[tokio::test]
async fn timers_come_in_the_middle_of_a_flood() {
    let (diary, handle) = running();
    tell(&handle, Event::Fail).await;
    let flood = tokio::spawn({
        let handle = handle.clone();
        async move { while handle.send(Event::Raised).await.is_ok() {} }
    });
    let come = async {
        while diary.read().is_empty() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(20), come).await.unwrap();
    drop(handle.shutdown().await);
    flood.await.unwrap();
}
