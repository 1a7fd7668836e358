//! Machines whose steps can take more than one transition, beside hand-written code that does the same.
//!
//! Parallel regions, history, and the loop of eventless transitions, raised events and timers; each asynchronous and
//! synchronous. The control is one hand-written shape: the one that suits the machine best.
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::pedantic,
    reason = "hand-written code as text, made by the build script"
)]

use std::hint::black_box;

use benches::{Subject, compare, numbers, ready};

const EVENTS: usize = 1 << 16;
const RUN: usize = 1 << 20;

/// The handlers of all subjects: they count, so that nothing can be left out.
#[derive(Default)]
struct Counter {
    calls: [u64; 3],
    unhandled: u64,
}

macro_rules! machines {
    ($($mode:ident $machine:ident $hand:ident [$($action:ident $index:literal),*])*) => { $(
        include!(concat!(env!("OUT_DIR"), "/", stringify!($machine), ".rs"));
        mod $hand {
            include!(concat!(env!("OUT_DIR"), "/", stringify!($hand), ".rs"));
        }
        impl $machine::Actions for Counter {
            methods!($mode $($action $index),*);
            fn on_unhandled(&mut self, _: &$machine::Machine, _: &$machine::Event) {
                self.unhandled += 1;
            }
        }
        impl $hand::Actions for Counter {
            methods!($mode $($action $index),*);
            fn on_unhandled(&mut self, _: $hand::State, _: &$hand::Event) {
                self.unhandled += 1;
            }
        }
    )* };
}

macro_rules! methods {
    (async $($action:ident $index:literal),*) => { $(async fn $action(&mut self) { self.calls[$index] += 1; })* };
    (sync $($action:ident $index:literal),*) => { $(fn $action(&mut self) { self.calls[$index] += 1; })* };
}

machines! {
    async parallel2_async parallel2_async_hand [enter 0, leave 1, work 2]
    sync parallel2_sync parallel2_sync_hand [enter 0, leave 1, work 2]
    async parallel4_async parallel4_async_hand [enter 0, leave 1, work 2]
    sync parallel4_sync parallel4_sync_hand [enter 0, leave 1, work 2]
    async history_async history_async_hand [motor_on 0, motor_off 1, resume 2]
    sync history_sync history_sync_hand [motor_on 0, motor_off 1, resume 2]
    async loop_async loop_async_hand [begin 0, finish 1]
    sync loop_sync loop_sync_hand [begin 0, finish 1]
}

/// Handles `$count` events, the prepared ones over and over.
macro_rules! drive {
    (async $machine:ident, $events:ident, $count:ident) => {
        ready(async {
            for at in 0..$count {
                let _ = black_box($machine.handle(black_box(&$events[at % EVENTS])).await);
            }
        })
    };
    (sync $machine:ident, $events:ident, $count:ident) => {
        for at in 0..$count {
            let _ = black_box($machine.handle(black_box(&$events[at % EVENTS])));
        }
    };
}

macro_rules! measure {
    ($mode:ident $title:literal $machine:ident $service:ident $hand:ident [$($event:ident),*]) => {{
        let events: Vec<$machine::Event> = drawn(&[$($machine::Event::$event),*]);
        let hand_events: Vec<$hand::Event> = drawn(&[$($hand::Event::$event),*]);
        let mut by_hand = $hand::ByHand::new(Counter::default());
        let mut machine = $machine::$service::new(Counter::default());
        measure!(@start $mode machine);
        let subjects = vec![
            Subject::new("by hand", |count| drive!($mode by_hand, hand_events, count)),
            Subject::new("generated", |count| drive!($mode machine, events, count)),
        ];
        compare($title, RUN, 1, subjects);
        assert_eq!(by_hand.actions.calls, machine.actions().calls, "generated and hand-written code disagree");
        assert_eq!(by_hand.actions.unhandled, machine.actions().unhandled, "generated and hand-written code disagree");
    }};
    (@start async $machine:ident) => { let _ = ready($machine.start()); };
    (@start sync $machine:ident) => { let _ = $machine.start(); };
}

/// Events drawn from these, the same ones in every run.
fn drawn<E: Clone>(all: &[E]) -> Vec<E> {
    numbers(all.len(), EVENTS).into_iter().map(|number| all[number].clone()).collect()
}

fn main() {
    println!("CPU time of the thread an event, median of alternating rounds; ratio to the hand-written code\n");
    measure!(async "two regions, async" parallel2_async Parallel2Async parallel2_async_hand [E0, E1, Every, Nobody]);
    measure!(sync "two regions, sync" parallel2_sync Parallel2Sync parallel2_sync_hand [E0, E1, Every, Nobody]);
    measure!(async "four regions, async" parallel4_async Parallel4Async parallel4_async_hand
        [E0, E1, E2, E3, Every, Nobody]);
    measure!(sync "four regions, sync" parallel4_sync Parallel4Sync parallel4_sync_hand [E0, E1, E2, E3, Every, Nobody]);
    measure!(async "history, async" history_async HistoryAsync history_async_hand
        [Play, Next, Stop, Hold, Resume, Restart]);
    measure!(sync "history, sync" history_sync HistorySync history_sync_hand [Play, Next, Stop, Hold, Resume, Restart]);
    measure!(async "always, raise and after, async" loop_async LoopAsync loop_async_hand [Go, Done, Check, Note]);
    measure!(sync "always, raise and after, sync" loop_sync LoopSync loop_sync_hand [Go, Done, Check, Note]);
}
