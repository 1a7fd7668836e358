//! Senders that wait: each has one event on its way, and sends the next one when that is acknowledged.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use fsm_runtime::Fleet;
use fsm_runtime::journal::{Journal, MessageId};

use crate::control::Groups;
use crate::disk::Sizes;

fsm_runtime::include_fsm!("robot");

/// How many machines there are.
const MACHINES: u64 = 10_000;
const SENDERS: u64 = 1_024;
const SHARDS: usize = 2;
/// Small, so that senders wait for room too.
const CAPACITY: usize = 256;
/// Before anything counts.
const WARM: Duration = Duration::from_secs(2);

/// The machine has no actions of its own.
struct Hand;

impl robot::Actions for Hand {}

type Robots = Fleet<u64, robot::Machine>;

/// What was seen in a time.
pub struct Slice {
    pub time: Duration,
    /// From sending to the acknowledgement, in microseconds, in their order.
    pub waits: Vec<u32>,
    /// The longest time in which nothing was acknowledged.
    pub pause: Duration,
    /// The longest time that one group took.
    pub group: Duration,
    pub sizes: Sizes,
    /// The longest of the little writes beside all this.
    pub beside: Duration,
}

pub struct Load {
    pub slices: Vec<Slice>,
    pub all: Slice,
}

/// What the senders leave for whoever counts.
struct Tally {
    start: Instant,
    done: AtomicBool,
    waits: Mutex<Vec<u32>>,
    /// When the last acknowledgement came, in microseconds after the start.
    last: AtomicU64,
    pause: AtomicU64,
}

impl Tally {
    fn acknowledged(&self, sent: Instant) {
        let wait = u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX);
        self.waits.lock().unwrap_or_else(PoisonError::into_inner).push(wait);
        let now = self.start.elapsed().as_micros() as u64;
        let last = self.last.swap(now, Ordering::Relaxed);
        self.pause.fetch_max(now.saturating_sub(last), Ordering::Relaxed);
    }

    fn slice(&self, time: Duration, group: Duration, (sizes, beside): (Sizes, Duration)) -> Slice {
        let mut waits = std::mem::take(&mut *self.waits.lock().unwrap_or_else(PoisonError::into_inner));
        waits.sort_unstable();
        let pause = Duration::from_micros(self.pause.swap(0, Ordering::Relaxed));
        Slice { time, waits, pause, group, sizes, beside }
    }
}

impl Load {
    /// So many slices of load, after a time in which all machines are made.
    pub fn run(
        journal: Journal,
        groups: &Groups,
        slice: Duration,
        slices: usize,
        lap: impl Fn() -> (Sizes, Duration),
    ) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().expect("threads");
        let entered = runtime.enter();
        let fleet: Robots = Fleet::builder(|_: &u64| Some(robot::Robot::new(Hand)))
            .shards(SHARDS)
            .capacity(CAPACITY)
            .on_emit(|_, _| {})
            .journal(journal)
            .spawn();
        drop(entered);
        let (start, done) = (Instant::now(), AtomicBool::new(false));
        let tally =
            Arc::new(Tally { start, done, waits: Mutex::default(), last: AtomicU64::new(0), pause: AtomicU64::new(0) });
        let senders: Vec<_> =
            (0..SENDERS).map(|at| runtime.spawn(send(fleet.clone(), at, Arc::clone(&tally)))).collect();
        std::thread::sleep(WARM);
        drop(tally.slice(Duration::ZERO, groups.longest(), lap()));
        let (mut seen, mut from) = (Vec::new(), Instant::now());
        let began = from;
        for at in 1..=slices {
            std::thread::sleep((slice * at as u32).saturating_sub(began.elapsed()));
            let now = Instant::now();
            seen.push(tally.slice(now - from, groups.longest(), lap()));
            from = now;
        }
        tally.done.store(true, Ordering::Relaxed);
        runtime.block_on(async {
            for sender in senders {
                sender.await.expect("a sender ends in peace");
            }
            fleet.shutdown().await;
        });
        let all = total(&seen);
        Self { slices: seen, all }
    }
}

/// Sends to machines of its own at random, always the same ones.
async fn send(fleet: Robots, at: u64, tally: Arc<Tally>) {
    let mut random = at.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut id = u128::from(at) << 64;
    while !tally.done.load(Ordering::Relaxed) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        id += 1;
        let sent = Instant::now();
        let acknowledged = fleet.send_with_id(random % MACHINES, MessageId(id), arrived(random, id as u64)).await;
        acknowledged.expect("the fleet runs");
        tally.acknowledged(sent);
    }
}

fn arrived(random: u64, at: u64) -> robot::event::Arrived {
    robot::event::Arrived { station: (random % 500) as u32, load: (random % 77) as u32, at: 1_790_000_000_000 + at }
}

fn total(slices: &[Slice]) -> Slice {
    let mut waits: Vec<_> = slices.iter().flat_map(|slice| slice.waits.iter().copied()).collect();
    waits.sort_unstable();
    let longest = |of: fn(&Slice) -> Duration| slices.iter().map(of).max().unwrap_or_default();
    Slice {
        time: slices.iter().map(|slice| slice.time).sum(),
        waits,
        pause: longest(|slice| slice.pause),
        group: longest(|slice| slice.group),
        beside: longest(|slice| slice.beside),
        sizes: slices.last().map(|slice| slice.sizes).unwrap_or_default(),
    }
}
