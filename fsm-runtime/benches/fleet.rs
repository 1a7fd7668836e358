//! A million live machines in a fleet: what one of them takes, and what an event costs.
//!
//! `cargo bench -p fsm-runtime --bench fleet`. A generated machine of three states, its handlers a type without size. Memory is
//! what is allocated with all of them alive, by an allocator that counts, less the machine (handlers included) and its
//! key; below it the growth of the resident set, for all of them. Events are sent to keys drawn at random, in batches,
//! and the figure is CPU time of the whole process (sender, shards, kernel) for an event, the median of seven
//! alternating rounds. Beside it a loop over a `HashMap` of the same machines, hashed as fast as in the fleet, in one
//! thread with no queue at all: what is left of the difference are mailboxes, tasks and the driver.

use std::fs;
use std::hint::black_box;
use std::mem::size_of;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use fsm_runtime::{Fleet, fsm};
use hashbrown::HashMap;
use light::{Event, Light, Machine};
use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::{Builder, Runtime};

fsm!("benches/light.yaml");

const MACHINES: u64 = 1_000_000;
const EVENTS: usize = 4_000_000;
const ROUNDS: usize = 7;
const BATCHES: [usize; 3] = [1, 64, 512];

#[derive(Debug, Clone, Copy)]
struct Lamp;

impl light::Actions for Lamp {
    async fn shine(&mut self) {
        black_box(());
    }
}

type Lights = Fleet<u64, Machine>;

fn spawn() -> Lights {
    Fleet::builder(|_| Some(Light::new(Lamp))).shards(2).spawn()
}

/// Numbers below a million that are the same in every run (xorshift, Marsaglia 2003).
fn keys(count: usize) -> impl Iterator<Item = u64> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    (0..count).map(move |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 16) % MACHINES
    })
}

fn next(by: u64) -> Event {
    light::event::Next { by }.into()
}

async fn fill(fleet: &Lights) {
    let all: Vec<u64> = (0..MACHINES).collect();
    for keys in all.chunks(512) {
        fleet.send_batch(keys.iter().map(|key| (*key, next(0)))).await.expect("an open fleet");
    }
    // An answer says that all before it were handled.
    while fleet.len() < all.len() {
        tokio::task::yield_now().await;
    }
}

/// The nanoseconds of CPU time that this process has used.
fn cpu_nanoseconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    #[expect(clippy::cast_precision_loss, reason = "differences of seconds are measured, not of years")]
    let nanoseconds = time.tv_sec as f64 * 1e9 + time.tv_nsec as f64;
    nanoseconds
}

fn resident_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = status.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or_default();
    pages * 4096
}

/// Bytes allocated for a machine beside itself and its key.
fn memory() -> (i64, i64) {
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
    let mut fleet = None;
    let before = resident_bytes();
    let memory = allocation_counter::measure(|| {
        let lights = runtime.block_on(async {
            let lights = spawn();
            fill(&lights).await;
            lights
        });
        fleet = Some(lights);
    });
    let resident = i64::try_from(resident_bytes() - before).unwrap_or(i64::MAX);
    let own = i64::try_from(size_of::<Light<Lamp>>() + size_of::<u64>()).unwrap_or(i64::MAX);
    let count = i64::try_from(MACHINES).unwrap_or(i64::MAX);
    (memory.bytes_current / count - own, resident / count - own)
}

/// CPU time of an event in batches of that size.
fn fleet(runtime: &Runtime, lights: &Lights, batch: usize) -> f64 {
    let keys: Vec<u64> = keys(EVENTS).collect();
    runtime.block_on(async {
        let began = cpu_nanoseconds();
        for keys in keys.chunks(batch) {
            if let &[key] = keys {
                lights.send(key, next(key)).await.expect("an open fleet");
            } else {
                lights.send_batch(keys.iter().map(|key| (*key, next(*key)))).await.expect("an open fleet");
            }
        }
        // The last event of each shard is handled after all others.
        for key in 0..64 {
            let _ = lights.ask(key, Event::Reset).await.expect("an answer");
        }
        each(began, EVENTS)
    })
}

/// The same without a fleet.
fn map(lights: &mut HashMap<u64, Light<Lamp>>) -> f64 {
    let keys: Vec<u64> = keys(EVENTS).collect();
    let began = cpu_nanoseconds();
    let mut context = Context::from_waker(Waker::noop());
    for key in keys {
        let light = lights.get_mut(&key).expect("all of them");
        let event = next(key);
        let step = pin!(light.handle(&event));
        let Poll::Ready(outcome) = step.poll(&mut context) else { continue };
        let _ = black_box(outcome);
    }
    each(began, EVENTS)
}

fn each(began: f64, events: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a few millions")]
    let events = events as f64;
    (cpu_nanoseconds() - began) / events
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn main() {
    let (bytes, resident) = memory();
    println!("{MACHINES} machines of {} bytes, keys of 8", size_of::<Light<Lamp>>());
    println!("bytes a machine beside both: {bytes} allocated, {resident} resident");
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_time().build().expect("a runtime");
    let lights = runtime.block_on(async {
        let lights = spawn();
        fill(&lights).await;
        lights
    });
    let mut plain: HashMap<u64, Light<Lamp>> = (0..MACHINES).map(|key| (key, Light::new(Lamp))).collect();
    for light in plain.values_mut() {
        let started = pin!(light.start()).poll(&mut Context::from_waker(Waker::noop()));
        assert!(started.is_ready());
    }
    let mut figures = vec![Vec::with_capacity(ROUNDS); BATCHES.len() + 1];
    for round in 0..=ROUNDS {
        for turn in 0..figures.len() {
            let contender = (turn + round) % figures.len();
            let figure = match BATCHES.get(contender) {
                Some(&batch) => fleet(&runtime, &lights, batch),
                None => map(&mut plain),
            };
            // The first round warms up.
            if round > 0 {
                figures[contender].push(figure);
            }
        }
    }
    println!("CPU ns an event, median of {ROUNDS}:");
    for (figures, batch) in figures.iter_mut().zip(BATCHES.map(Some).into_iter().chain([None])) {
        let figure = median(figures);
        match batch {
            Some(batch) => println!("{:24} {figure:8.1}", format!("batches of {batch}")),
            None => println!("{:24} {figure:8.1}", "a map, without a queue"),
        }
    }
}
