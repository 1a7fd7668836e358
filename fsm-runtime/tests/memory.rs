//! What a machine takes that has nothing to do: its task, and what its handles share with it.
#![cfg(all(feature = "macros", feature = "tokio", not(feature = "metrics")))]
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::future::pending;

use allocation_counter::measure;
use fsm_runtime::core::Service;
use fsm_runtime::{Machine, Runnable, fsm, spawn};
use tokio::runtime::Builder;
use tokio::task::yield_now;

fsm! {
    /// Its handlers are plain functions.
    pub machine Plain {
        mode sync;
        context { changes: u64 }
        initial Red;
        state Red { on Next => Green / assign changes = context.changes + 1; }
        state Green { on Next => Red; }
    }
}

fsm! {
    /// As in `benches/peers`: its handlers could wait.
    pub machine Light {
        context { last: u64 }
        event Next { number: u64 }
        event Reset;
        initial Red;
        state Red {
            on Next => Green / assign last = event.number;
            on Reset => Red;
        }
        state Green {
            on Next => Amber;
            on Reset => Red;
        }
        state Amber {
            on Next => Red;
            on Reset => Red;
        }
    }
}

fsm! {
    /// Its handlers do wait, one of them for ever.
    pub machine Worker {
        context { done: u64, failed: u64 }
        error super::WorkError;
        event Work { job: u64 }
        event Rest;
        initial Idle;
        state Idle { on Work => Busy / fetch(event.job), assign done = context.done + 1; }
        state Busy {
            entry / work(context.done);
            exit / clean();
            on Rest => Idle / report(context.failed);
        }
    }
}

/// Why a job was not done.
#[derive(Debug)]
pub struct WorkError;

struct Bulb;

impl plain::Actions for Bulb {}
impl light::Actions for Bulb {}

/// Where its work is: what handlers are made of.
struct Bench {
    _address: String,
    _retries: u64,
}

impl worker::Actions for Bench {
    async fn fetch(&mut self, _: u64) -> Result<(), WorkError> {
        yield_now().await;
        Ok(())
    }

    async fn work(&mut self, _: u64) -> Result<(), WorkError> {
        yield_now().await;
        Ok(())
    }

    async fn clean(&mut self) -> Result<(), WorkError> {
        pending().await
    }

    async fn report(&mut self, _: u64) -> Result<(), WorkError> {
        yield_now().await;
        Err(WorkError)
    }
}

/// The task has 384 bytes: tokio rounds them up to a multiple of 128, so a few more would make 512 of them.
const MOST: i64 = 600;

/// Where handlers wait, the future of the longest wait is part of the task, and so are the handlers themselves.
const MOST_WITH_WAITS: i64 = 700;

/// The bytes for each of a thousand machines; with an event each, as well.
fn bytes_each<S>(make: impl Fn() -> S, event: impl Fn() -> <S::Machine as Machine>::Event) -> (i64, i64)
where
    S: Service<Machine: Runnable> + Send + 'static,
{
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        // Whatever comes into being with the first machine alone.
        let _first = spawn(make());
        yield_now().await;
        let mut handles = Vec::with_capacity(1_000);
        let spawned = measure(|| handles.extend((0..1_000).map(|_| spawn(make()))));
        let idle = spawned.bytes_current / 1_000;
        yield_now().await;
        let told = measure(|| handles.iter().for_each(|handle| handle.try_send(event()).unwrap()));
        (idle, idle + told.bytes_current / 1_000)
    })
}

#[track_caller]
fn assert_small((idle, told): (i64, i64), most: i64) {
    assert!(idle <= most, "{idle} bytes");
    // A place for an event on either side of the mailbox, beside what tokio needs to wake so many at once.
    assert!(told <= most + 64, "{told} bytes with an event each");
}

#[test]
fn an_idle_machine_takes_a_task_and_little_more() {
    assert_small(bytes_each(|| plain::Plain::new(Bulb), || plain::Event::Next), MOST);
}

#[test]
fn an_idle_machine_with_asynchronous_handlers_takes_no_more() {
    let next = || light::Event::Next(light::event::Next { number: 1 });
    assert_small(bytes_each(|| light::Light::new(Bulb), next), MOST);
}

#[test]
fn an_idle_machine_whose_handlers_wait_takes_their_longest_wait_besides() {
    let bench = || Bench { _address: String::new(), _retries: 3 };
    let work = || worker::Event::Work(worker::event::Work { job: 1 });
    assert_small(bytes_each(|| worker::Worker::new(bench()), work), MOST_WITH_WAITS);
}
