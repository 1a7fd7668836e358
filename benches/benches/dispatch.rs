//! Dispatch of generated machines beside hand-written code with the same signature, in one run.
//!
//! Each machine in an asynchronous and a synchronous form. The controls are two hand-written shapes,
//! `match state { match event }` and `match (state, event)`; ratios are to the faster of them.
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
    calls: [u64; 5],
    unhandled: u64,
}

macro_rules! generated {
    ($($name:literal)*) => { $(include!(concat!(env!("OUT_DIR"), "/", $name, ".rs"));)* };
}

generated!("flat3_async" "flat3_sync" "dense_async" "dense_sync" "sparse_async" "sparse_sync" "hierarchy_async" "hierarchy_sync");

macro_rules! by_hand {
    ($($module:ident $file:literal)*) => { $(mod $module { include!(concat!(env!("OUT_DIR"), "/", $file)); })* };
}

by_hand! {
    flat3_async_hand "flat3_async_hand.rs" flat3_sync_hand "flat3_sync_hand.rs"
    dense_async_hand "dense_async_hand.rs" dense_sync_hand "dense_sync_hand.rs"
    sparse_async_hand "sparse_async_hand.rs" sparse_sync_hand "sparse_sync_hand.rs"
    hierarchy_async_hand "hierarchy_async_hand.rs" hierarchy_sync_hand "hierarchy_sync_hand.rs"
}

macro_rules! count {
    (async $machine:ident $hand:ident [$($action:ident $index:literal ($($arg:ident: $ty:ty)?)),*]) => {
        impl $machine::Actions for Counter {
            $(async fn $action(&mut self $(, $arg: $ty)?) { self.calls[$index] += 1 $(+ u64::from($arg))?; })*
            fn on_unhandled(&mut self, _: &$machine::Machine, _: &$machine::Event) { self.unhandled += 1; }
        }
        impl $hand::Actions for Counter {
            $(async fn $action(&mut self $(, $arg: $ty)?) { self.calls[$index] += 1 $(+ u64::from($arg))?; })*
            fn on_unhandled(&mut self, _: $hand::State, _: &$hand::Event) { self.unhandled += 1; }
        }
    };
    (sync $machine:ident $hand:ident [$($action:ident $index:literal ($($arg:ident: $ty:ty)?)),*]) => {
        impl $machine::Actions for Counter {
            $(fn $action(&mut self $(, $arg: $ty)?) { self.calls[$index] += 1 $(+ u64::from($arg))?; })*
            fn on_unhandled(&mut self, _: &$machine::Machine, _: &$machine::Event) { self.unhandled += 1; }
        }
        impl $hand::Actions for Counter {
            $(fn $action(&mut self $(, $arg: $ty)?) { self.calls[$index] += 1 $(+ u64::from($arg))?; })*
            fn on_unhandled(&mut self, _: $hand::State, _: &$hand::Event) { self.unhandled += 1; }
        }
    };
}

count!(async flat3_async flat3_async_hand [a0 0 (), a1 1 ()]);
count!(sync flat3_sync flat3_sync_hand [a0 0 (), a1 1 ()]);
count!(async dense_async dense_async_hand [a0 0 (), a1 1 (), a2 2 (), a3 3 (), a4 4 ()]);
count!(sync dense_sync dense_sync_hand [a0 0 (), a1 1 (), a2 2 (), a3 3 (), a4 4 ()]);
count!(async sparse_async sparse_async_hand [a0 0 (), a1 1 (), a2 2 (), a3 3 (), a4 4 ()]);
count!(sync sparse_sync sparse_sync_hand [a0 0 (), a1 1 (), a2 2 (), a3 3 (), a4 4 ()]);
count!(async hierarchy_async hierarchy_async_hand [light 0 (), dark 1 (), load 2 (track: u32), motor_on 3 (), motor_off 4 ()]);
count!(sync hierarchy_sync hierarchy_sync_hand [light 0 (), dark 1 (), load 2 (track: u32), motor_on 3 (), motor_off 4 ()]);

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
    ($mode:ident $title:literal $machine:ident $service:ident $hand:ident $event:expr, $by_hand:expr) => {{
        let events: Vec<$machine::Event> = $event;
        let hand_events: Vec<$hand::Event> = $by_hand;
        let mut nested = $hand::StateFirst::new(Counter::default());
        let mut pairs = $hand::Pairs::new(Counter::default());
        let mut machine = $machine::$service::new(Counter::default());
        measure!(@start $mode machine);
        let subjects = vec![
            Subject::new("by hand: match state, then event", |count| drive!($mode nested, hand_events, count)),
            Subject::new("by hand: match (state, event)", |count| drive!($mode pairs, hand_events, count)),
            Subject::new("generated", |count| drive!($mode machine, events, count)),
        ];
        compare($title, RUN, 2, subjects);
        assert_eq!(nested.actions.calls, machine.actions().calls, "generated and hand-written code disagree");
        assert_eq!(pairs.actions.calls, machine.actions().calls, "generated and hand-written code disagree");
        assert_eq!(nested.actions.unhandled, machine.actions().unhandled, "generated and hand-written code disagree");
    }};
    (@start async $machine:ident) => { let _ = ready($machine.start()); };
    (@start sync $machine:ident) => { let _ = $machine.start(); };
}

/// Numbered events: those of the grids are called `E0`, `E1`, …, in this order.
fn by_number<E: Clone>(all: &[E]) -> Vec<E> {
    numbers(all.len(), EVENTS).into_iter().map(|number| all[number].clone()).collect()
}

macro_rules! all_events {
    (3 $module:ident) => {
        &[$module::Event::E0, $module::Event::E1, $module::Event::E2]
    };
    (50 $module:ident) => {{
        use $module::Event as E;
        &[
            E::E0,
            E::E1,
            E::E2,
            E::E3,
            E::E4,
            E::E5,
            E::E6,
            E::E7,
            E::E8,
            E::E9,
            E::E10,
            E::E11,
            E::E12,
            E::E13,
            E::E14,
            E::E15,
            E::E16,
            E::E17,
            E::E18,
            E::E19,
            E::E20,
            E::E21,
            E::E22,
            E::E23,
            E::E24,
            E::E25,
            E::E26,
            E::E27,
            E::E28,
            E::E29,
            E::E30,
            E::E31,
            E::E32,
            E::E33,
            E::E34,
            E::E35,
            E::E36,
            E::E37,
            E::E38,
            E::E39,
            E::E40,
            E::E41,
            E::E42,
            E::E43,
            E::E44,
            E::E45,
            E::E46,
            E::E47,
            E::E48,
            E::E49,
        ]
    }};
}

macro_rules! grid {
    ($mode:ident $title:literal $machine:ident $service:ident $hand:ident $size:tt) => {
        measure!($mode $title $machine $service $hand
            by_number(all_events!($size $machine)), by_number(all_events!($size $hand)))
    };
}

macro_rules! hierarchy_events {
    ($module:ident) => {{
        use $module::{Event, event};
        numbers(9, EVENTS)
            .into_iter()
            .map(|number| match number {
                0 => Event::Power,
                1 | 2 => Event::Play(event::Play { track: 7 }),
                3 => Event::Pause,
                4 => Event::Stop,
                5 => Event::Louder(event::Louder { by: 1 }),
                6 | 7 => Event::Seek(event::Seek { position: 9 }),
                _ => Event::Done,
            })
            .collect()
    }};
    (hand $module:ident) => {{
        use $module::Event;
        numbers(9, EVENTS)
            .into_iter()
            .map(|number| match number {
                0 => Event::Power,
                1 | 2 => Event::Play { track: 7 },
                3 => Event::Pause,
                4 => Event::Stop,
                5 => Event::Louder { by: 1 },
                6 | 7 => Event::Seek { position: 9 },
                _ => Event::Done,
            })
            .collect()
    }};
}

fn main() {
    println!("CPU time of the thread an event, median of alternating rounds; ratio to the faster hand-written shape\n");
    grid!(async "flat, 3 states, async" flat3_async Flat3Async flat3_async_hand 3);
    grid!(sync "flat, 3 states, sync" flat3_sync Flat3Sync flat3_sync_hand 3);
    grid!(async "flat 50 x 50, every pair handled, async" dense_async DenseAsync dense_async_hand 50);
    grid!(sync "flat 50 x 50, every pair handled, sync" dense_sync DenseSync dense_sync_hand 50);
    grid!(async "flat 50 x 50, a tenth handled, async" sparse_async SparseAsync sparse_async_hand 50);
    grid!(sync "flat 50 x 50, a tenth handled, sync" sparse_sync SparseSync sparse_sync_hand 50);
    measure!(async "three levels, async" hierarchy_async HierarchyAsync hierarchy_async_hand
        hierarchy_events!(hierarchy_async), hierarchy_events!(hand hierarchy_async_hand));
    measure!(sync "three levels, sync" hierarchy_sync HierarchySync hierarchy_sync_hand
        hierarchy_events!(hierarchy_sync), hierarchy_events!(hand hierarchy_sync_hand));
}
