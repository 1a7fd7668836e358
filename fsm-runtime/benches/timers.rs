//! A million pending timers: the wheel of the runtime beside tokio-util's `DelayQueue` and a binary heap, in one run.
//!
//! `cargo bench -p fsm-runtime --bench timers`. Each contender keeps one timer for each of a million owners, due at random
//! within a minute. *start* fills it; *cancel* takes half of them back, in random order; *fire* lets a minute pass in
//! steps of ten milliseconds and takes what is due, which are the other half. *restart* takes a timer back and starts it
//! anew, as a machine does that waits for silence, with a million pending. CPU time of the thread for one timer, median
//! of seven alternating rounds. Memory is what is allocated with a million timers pending, by an allocator that counts,
//! and 4 bytes an owner for the handle of the wheel (`Chain`) and of the heap (a generation).
//!
//! The heap cancels lazily: a timer whose generation is no longer that of its owner is skipped when it comes up. It keeps
//! cancelled timers until then, and so `restart` lets it grow.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::future::poll_fn;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use fsm_runtime::timers::{Chain, Wheel};
use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, advance};
use tokio_util::time::DelayQueue;
use tokio_util::time::delay_queue::Key;

const COUNT: usize = 1_000_000;
const ROUNDS: usize = 7;
const MINUTE: u64 = 60_000_000_000;
const STEP: Duration = Duration::from_millis(10);
const PHASES: [&str; 4] = ["start", "cancel", "fire", "restart"];

/// What a fleet would keep with a timer.
#[derive(Clone, Copy)]
struct Item {
    owner: u32,
    timer: Timer,
}

#[derive(Clone, Copy)]
enum Timer {
    After,
    Every,
}

/// What all contenders are given.
struct Plan {
    deadlines: Vec<Duration>,
    /// All owners in random order; the first half of them cancels.
    order: Vec<usize>,
}

impl Plan {
    fn new() -> Self {
        let deadlines = numbers(MINUTE, COUNT).map(Duration::from_nanos).collect();
        let mut order: Vec<usize> = (0..COUNT).collect();
        for (at, other) in numbers(COUNT as u64, COUNT).enumerate() {
            order.swap(at, usize::try_from(other).unwrap_or_default());
        }
        Self { deadlines, order }
    }

    fn item(owner: usize) -> Item {
        let timer = if owner.is_multiple_of(2) { Timer::After } else { Timer::Every };
        Item { owner: u32::try_from(owner).unwrap_or(u32::MAX), timer }
    }
}

/// One way to keep timers, one for each owner.
trait Contender {
    fn start(&mut self, owner: usize, deadline: Duration);
    fn cancel(&mut self, owner: usize);
    /// Takes what is due by `now`; gives how many.
    fn fire(&mut self, now: Duration) -> usize;
}

struct Ours {
    wheel: Wheel<Item>,
    chains: Vec<Chain>,
}

impl Contender for Ours {
    fn start(&mut self, owner: usize, deadline: Duration) {
        self.wheel.insert(&mut self.chains[owner], 1, deadline, Plan::item(owner));
    }

    fn cancel(&mut self, owner: usize) {
        self.wheel.cancel(&mut self.chains[owner], 1);
    }

    fn fire(&mut self, now: Duration) -> usize {
        let mut count = 0;
        let chains = &mut self.chains;
        while let Some(due) = self.wheel.take_due(now, |item| &mut chains[item.owner as usize]) {
            black_box(due.item.timer);
            count += 1;
        }
        count
    }
}

struct Queue {
    timers: DelayQueue<Item>,
    keys: Vec<Option<Key>>,
    start: Instant,
}

impl Contender for Queue {
    fn start(&mut self, owner: usize, deadline: Duration) {
        self.keys[owner] = Some(self.timers.insert_at(Plan::item(owner), self.start + deadline));
    }

    fn cancel(&mut self, owner: usize) {
        if let Some(key) = self.keys[owner].take() {
            self.timers.remove(&key);
        }
    }

    fn fire(&mut self, _: Duration) -> usize {
        let mut count = 0;
        let drain = poll_fn(|context| {
            while let Poll::Ready(Some(expired)) = self.timers.poll_expired(context) {
                let item = expired.into_inner();
                self.keys[item.owner as usize] = None;
                black_box(item.timer);
                count += 1;
            }
            Poll::Ready(())
        });
        let _ = pin!(drain).poll(&mut Context::from_waker(Waker::noop()));
        count
    }
}

/// By deadline and start; with the generation of the start, and the owner's present one.
struct Heap {
    heap: BinaryHeap<Reverse<(Duration, u32, u32, bool)>>,
    generations: Vec<u32>,
}

impl Contender for Heap {
    fn start(&mut self, owner: usize, deadline: Duration) {
        let Item { owner, timer } = Plan::item(owner);
        let generation = self.generations[owner as usize];
        self.heap.push(Reverse((deadline, generation, owner, matches!(timer, Timer::Every))));
    }

    fn cancel(&mut self, owner: usize) {
        self.generations[owner] += 1;
    }

    fn fire(&mut self, now: Duration) -> usize {
        let mut count = 0;
        while let Some(Reverse((deadline, generation, owner, timer))) = self.heap.peek().copied() {
            if deadline > now {
                break;
            }
            self.heap.pop();
            if self.generations[owner as usize] == generation {
                black_box(timer);
                count += 1;
            }
        }
        count
    }
}

fn ours() -> Ours {
    Ours { wheel: Wheel::new(), chains: (0..COUNT).map(|_| Chain::new()).collect() }
}

fn queue() -> Queue {
    Queue { timers: DelayQueue::new(), keys: vec![None; COUNT], start: Instant::now() }
}

fn heap() -> Heap {
    Heap { heap: BinaryHeap::new(), generations: vec![0; COUNT] }
}

/// CPU nanoseconds for one of `count`.
fn each(count: usize, work: impl FnOnce()) -> f64 {
    let before = cpu_nanoseconds();
    work();
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let count = count as f64;
    (cpu_nanoseconds() - before) / count
}

/// All phases with one contender, on tokio's clock, which stands still but for `advance`.
fn measure<C: Contender>(runtime: &Runtime, plan: &Plan, mut new: impl FnMut() -> C) -> [f64; PHASES.len()] {
    let _inside = runtime.enter();
    let (cancelled, _) = plan.order.split_at(COUNT / 2);
    let mut contender = new();
    let start = each(COUNT, || {
        for (owner, deadline) in plan.deadlines.iter().enumerate() {
            contender.start(owner, *deadline);
        }
    });
    let restart = each(COUNT, || {
        for owner in &plan.order {
            contender.cancel(*owner);
            contender.start(*owner, plan.deadlines[*owner]);
        }
    });
    drop(contender);
    let mut contender = new();
    for (owner, deadline) in plan.deadlines.iter().enumerate() {
        contender.start(owner, *deadline);
    }
    let cancel = each(COUNT / 2, || cancelled.iter().for_each(|owner| contender.cancel(*owner)));
    let (mut now, mut fired, mut fire) = (Duration::ZERO, 0, 0.0);
    // Tokio rounds deadlines up to its next millisecond.
    while now <= Duration::from_nanos(MINUTE) + STEP {
        now += STEP;
        runtime.block_on(advance(STEP));
        fire += each(COUNT / 2, || fired += contender.fire(now));
    }
    assert_eq!(fired, COUNT - COUNT / 2, "all the others, and each once");
    [start, cancel, fire, restart]
}

/// Bytes a timer with a million pending.
fn memory<C: Contender>(runtime: &Runtime, plan: &Plan, new: impl FnOnce() -> C) -> i64 {
    let _inside = runtime.enter();
    let mut contender = None;
    let memory = allocation_counter::measure(|| {
        let mut filled = new();
        for (owner, deadline) in plan.deadlines.iter().enumerate() {
            filled.start(owner, *deadline);
        }
        contender = Some(filled);
    });
    memory.bytes_current / i64::try_from(COUNT).unwrap_or(i64::MAX)
}

/// The nanoseconds of CPU time that this thread has used.
fn cpu_nanoseconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    #[expect(clippy::cast_precision_loss, reason = "differences of seconds are measured, not of years")]
    let nanoseconds = time.tv_sec as f64 * 1e9 + time.tv_nsec as f64;
    nanoseconds
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Numbers below `limit` that are the same in every run (xorshift, Marsaglia 2003).
fn numbers(limit: u64, count: usize) -> impl Iterator<Item = u64> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    (0..count).map(move |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 16) % limit
    })
}

/// A runtime whose clock stands.
fn standing() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime")
}

fn main() {
    let plan = Plan::new();
    let names = ["wheel", "DelayQueue", "heap, lazy"];
    let mut figures = vec![vec![Vec::with_capacity(ROUNDS); PHASES.len()]; names.len()];
    for round in 0..=ROUNDS {
        for turn in 0..names.len() {
            let contender = (turn + round) % names.len();
            let runtime = standing();
            let measured = match contender {
                0 => measure(&runtime, &plan, ours),
                1 => measure(&runtime, &plan, queue),
                _ => measure(&runtime, &plan, heap),
            };
            // The first round warms up.
            for (figures, figure) in figures[contender].iter_mut().zip(measured).filter(|_| round > 0) {
                figures.push(figure);
            }
        }
    }
    let runtime = standing();
    let bytes = [memory(&runtime, &plan, ours), memory(&runtime, &plan, queue), memory(&runtime, &plan, heap)];
    println!("CPU ns a timer with {COUNT} pending, median of {ROUNDS}; in brackets: by the wheel's");
    println!("{:12} {:>15} {:>15} {:>15} {:>15} {:>7}", "", PHASES[0], PHASES[1], PHASES[2], PHASES[3], "bytes");
    let medians: Vec<Vec<f64>> =
        figures.iter_mut().map(|phases| phases.iter_mut().map(|times| median(times)).collect()).collect();
    for ((name, phases), bytes) in names.iter().zip(&medians).zip(bytes) {
        print!("{name:12}");
        for (own, ours) in phases.iter().zip(&medians[0]) {
            print!(" {own:8.1} ({:4.1})", own / ours);
        }
        println!(" {bytes:7}");
    }
}
