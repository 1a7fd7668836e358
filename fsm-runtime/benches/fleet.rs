//! A million live machines in a fleet: what one of them takes, and what an event costs.
//!
//! `cargo bench -p fsm-runtime --bench fleet`. A generated machine of three states, its handlers a type without size. Memory is
//! what is allocated with all of them alive, by an allocator that counts, less the machine (handlers included) and its
//! key; below it the growth of the resident set, for all of them. Events are sent to keys drawn at random, in batches,
//! and the figure is CPU time of the whole process (sender, shards, kernel) for an event, the median of seven
//! alternating rounds. Beside it what one would write by hand: two tasks with a `HashMap` each of the same machines, hashed as
//! fast as in the fleet, and tokio's `mpsc` of vectors with 64 events; it has no timers, no driver, no handlers that
//! wait, and one event that panics ends all. And a loop over such a map in one thread with no queue at all.

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
use tokio::sync::mpsc;

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

/// The same by hand: the machines of two tasks, and chunks of 64 events.
fn by_hand(runtime: &Runtime, maps: &mut Vec<Map>) -> f64 {
    let keys: Vec<u64> = keys(EVENTS).collect();
    runtime.block_on(async {
        let (mut senders, mut tasks) = (Vec::new(), Vec::new());
        for mut map in maps.drain(..) {
            let (sender, mut receiver) = mpsc::channel::<Vec<(u64, Event)>>(64);
            senders.push(sender);
            tasks.push(tokio::spawn(async move {
                while let Some(chunk) = receiver.recv().await {
                    for (key, event) in chunk {
                        handle(&mut map, key, &event);
                    }
                }
                map
            }));
        }
        let began = cpu_nanoseconds();
        let mut chunks: [Vec<(u64, Event)>; 2] = Default::default();
        for key in keys {
            let shard = usize::from(!key.is_multiple_of(2));
            chunks[shard].push((key, next(key)));
            if chunks[shard].len() == 64 {
                let chunk = std::mem::replace(&mut chunks[shard], Vec::with_capacity(64));
                senders[shard].send(chunk).await.expect("a task that runs");
            }
        }
        drop(senders);
        for task in tasks {
            maps.push(task.await.expect("a task that runs"));
        }
        each(began, EVENTS)
    })
}

type Map = HashMap<u64, Light<Lamp>>;

fn handle(lights: &mut Map, key: u64, event: &Event) {
    let light = lights.get_mut(&key).expect("all of them");
    let step = pin!(light.handle(event));
    if let Poll::Ready(outcome) = step.poll(&mut Context::from_waker(Waker::noop())) {
        let _ = black_box(outcome);
    }
}

/// The same without a queue.
fn map(lights: &mut Map) -> f64 {
    let keys: Vec<u64> = keys(EVENTS).collect();
    let began = cpu_nanoseconds();
    for key in keys {
        handle(lights, key, &next(key));
    }
    each(began, EVENTS)
}

/// The started machines of all keys that `wanted` holds for.
fn lights(wanted: impl Fn(u64) -> bool) -> Map {
    let mut map: Map = (0..MACHINES).filter(|key| wanted(*key)).map(|key| (key, Light::new(Lamp))).collect();
    for light in map.values_mut() {
        let started = pin!(light.start()).poll(&mut Context::from_waker(Waker::noop()));
        assert!(started.is_ready());
    }
    map
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
    let filled = runtime.block_on(async {
        let lights = spawn();
        fill(&lights).await;
        lights
    });
    let mut plain = lights(|_| true);
    let mut halves = vec![lights(|key| key.is_multiple_of(2)), lights(|key| !key.is_multiple_of(2))];
    let mut figures = vec![Vec::with_capacity(ROUNDS); BATCHES.len() + 2];
    for round in 0..=ROUNDS {
        for turn in 0..figures.len() {
            let contender = (turn + round) % figures.len();
            let figure = match contender {
                3 => by_hand(&runtime, &mut halves),
                4 => map(&mut plain),
                _ => fleet(&runtime, &filled, BATCHES[contender]),
            };
            // The first round warms up.
            if round > 0 {
                figures[contender].push(figure);
            }
        }
    }
    println!("CPU ns an event, median of {ROUNDS}:");
    let names = BATCHES.map(|batch| format!("fleet, batches of {batch}"));
    let names = names.into_iter().chain(["by hand, chunks of 64".to_owned(), "a map, without a queue".to_owned()]);
    for (figures, name) in figures.iter_mut().zip(names) {
        println!("{name:24} {:8.1}", median(figures));
    }
}
