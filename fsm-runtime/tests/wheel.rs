//! The wheel of timers against a sorted map, and what a timer takes in memory.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::collections::BTreeMap;
use std::time::Duration;

use fsm_runtime::timers::{Chain, Wheel};
use proptest::prelude::*;

const OWNERS: usize = 4;
const YEAR: u64 = 31_557_600 * 1_000_000_000;

#[derive(Debug, Clone)]
enum Op {
    /// So many timers of one owner, each so much later than the one before, counted from now.
    Start {
        owner: usize,
        delay: u64,
        count: u16,
        apart: u64,
    },
    /// The pending timer at this place, in the order of the deadlines.
    Cancel(prop::sample::Index),
    CancelAll(usize),
    /// Time passes, and at most so many timers are taken.
    Pass {
        by: u64,
        taken: u16,
    },
    /// Time passes until the wheel says that something may be due.
    Wake,
}

/// Instants that many timers share, neighbours, everyday delays, both sides of each digit, and centuries.
fn span() -> impl Strategy<Value = u64> {
    prop_oneof![
        Just(0),
        1..4_u64,
        0..5_000_u64,
        0..50_000_000_000_u64,
        (0..64_u32, 0..3_u64).prop_map(|(bit, off)| (1_u64 << bit).saturating_sub(1).saturating_add(off)),
        (0..600_u64).prop_map(|years| years.saturating_mul(YEAR)),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let many = prop_oneof![8 => Just(1_u16), 1 => 2..700_u16];
    prop_oneof![
        4 => (0..OWNERS, span(), many, prop_oneof![Just(0), 1..2_000_000_u64])
            .prop_map(|(owner, delay, count, apart)| Op::Start { owner, delay, count, apart }),
        3 => any::<prop::sample::Index>().prop_map(Op::Cancel),
        1 => (0..OWNERS).prop_map(Op::CancelAll),
        3 => (span(), prop_oneof![Just(u16::MAX), 0..20_u16]).prop_map(|(by, taken)| Op::Pass { by, taken }),
        2 => Just(Op::Wake),
    ]
}

/// The wheel and what it has to be like.
#[derive(Default)]
struct Pair {
    wheel: Wheel<(usize, u32)>,
    chains: [Chain; OWNERS],
    /// By deadline and start: whose it is.
    model: BTreeMap<(Duration, u32), usize>,
    now: Duration,
    started: u32,
}

impl Pair {
    fn apply(&mut self, op: &Op) {
        match *op {
            Op::Start { owner, delay, count, apart } => {
                for number in 0..u64::from(count) {
                    self.start(owner, Duration::from_nanos(delay) + Duration::from_nanos(apart * number));
                }
            }
            Op::Cancel(place) => {
                if !self.model.is_empty() {
                    let (key, owner) = self.model.iter().nth(place.index(self.model.len())).unwrap();
                    self.cancel(*key, *owner);
                }
            }
            Op::CancelAll(owner) => {
                self.model.retain(|_, whose| *whose != owner);
                self.wheel.cancel_all(&mut self.chains[owner]);
                assert!(self.chains[owner].is_empty());
            }
            Op::Pass { by, taken } => {
                self.now += Duration::from_nanos(by);
                self.take(usize::from(taken));
            }
            Op::Wake => {
                let first = self.model.first_key_value().map(|((deadline, _), _)| *deadline);
                let wake = self.wheel.next_wake();
                assert_eq!(wake.is_some(), first.is_some());
                assert!(wake <= first, "it wakes too late: {wake:?} for {first:?}");
                self.now = self.now.max(wake.unwrap_or_default());
                self.take(usize::MAX);
            }
        }
        assert_eq!(self.wheel.len(), self.model.len());
    }

    fn start(&mut self, owner: usize, delay: Duration) {
        let deadline = self.now + delay;
        self.started += 1;
        self.wheel.insert(&mut self.chains[owner], self.started, deadline, (owner, self.started));
        if deadline <= Duration::from_nanos(u64::MAX) {
            self.model.insert((deadline, self.started), owner);
        }
    }

    fn cancel(&mut self, key: (Duration, u32), owner: usize) {
        let (deadline, generation) = key;
        assert_eq!(self.wheel.deadline(&self.chains[owner], generation), Some(deadline));
        assert_eq!(self.wheel.cancel(&mut self.chains[owner], generation), Some((owner, generation)));
        assert_eq!(self.wheel.cancel(&mut self.chains[owner], generation), None);
        self.model.remove(&key);
    }

    /// Takes what is due, at most so many: the same ones, in the same order, and none of them early.
    fn take(&mut self, most: usize) {
        for _ in 0..most {
            let chains = &mut self.chains;
            let found = self.wheel.take_due(self.now, |(owner, _)| &mut chains[*owner]);
            let wanted = self.model.first_key_value().filter(|((deadline, _), _)| *deadline <= self.now);
            let Some(((deadline, generation), owner)) = wanted.map(|(key, owner)| (*key, *owner)) else {
                assert_eq!(found, None, "it comes early");
                // Nothing would be worse than a wake-up that never ends.
                assert!(self.wheel.next_wake().is_none_or(|wake| wake > self.now));
                return;
            };
            let found = found.expect("one is lost");
            assert_eq!((found.deadline, found.generation, found.item), (deadline, generation, (owner, generation)));
            self.model.remove(&(deadline, generation));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn nothing_comes_early_late_twice_or_out_of_order(ops in prop::collection::vec(op(), 1..80)) {
        let mut pair = Pair::default();
        for op in &ops {
            pair.apply(op);
        }
        // Whatever is left comes in the end.
        while !pair.model.is_empty() {
            pair.apply(&Op::Wake);
        }
        assert!(pair.wheel.is_empty() && pair.chains.iter().all(Chain::is_empty));
    }
}

#[test]
fn a_slot_with_thousands_of_timers_keeps_their_order() {
    let mut pair = Pair::default();
    // Three digits apart, in an order that no sorting would find by chance, a quarter of them twice.
    for number in 0..6_000_u64 {
        let place = number * 7_919 % 6_000;
        pair.start(usize::try_from(place).unwrap() % OWNERS, Duration::from_nanos(1 << 40 | (place / 4 * 3)));
    }
    pair.now = Duration::from_nanos((1 << 40) + 2_000);
    pair.take(usize::MAX);
    assert!(pair.wheel.len() > 2_000, "the rest is still to come");
    pair.now = Duration::from_nanos(1 << 41);
    pair.take(usize::MAX);
    assert!(pair.wheel.is_empty());
}

#[test]
fn few_timers_are_met_by_one_wake_up_each() {
    let mut pair = Pair::default();
    for seconds in [30, 5, 3_600, 86_400 * 365, 31] {
        pair.start(0, Duration::from_secs(seconds));
    }
    for seconds in [5, 30, 31, 3_600, 86_400 * 365] {
        assert_eq!(pair.wheel.next_wake(), Some(Duration::from_secs(seconds)));
        pair.apply(&Op::Wake);
    }
}

#[test]
fn a_clock_that_goes_back_makes_nothing_early() {
    let (mut wheel, mut chain) = (Wheel::new(), Chain::new());
    assert!(wheel.take_due(Duration::from_secs(10), |()| &mut chain).is_none());
    wheel.insert(&mut chain, 1, Duration::from_secs(8), ());
    wheel.insert(&mut chain, 2, Duration::from_secs(5), ());
    let mut due = |seconds| wheel.take_due(Duration::from_secs(seconds), |()| &mut chain).map(|due| due.generation);
    assert_eq!([due(4), due(6), due(6), due(8), due(9)], [None, Some(2), None, Some(1), None]);
}

/// As in a fleet: whose it is, and which of its timers.
#[derive(Debug, Clone, Copy)]
struct Item {
    owner: u32,
    #[expect(dead_code, reason = "it stands for the enum of a generated machine")]
    timer: Timer,
}

#[derive(Debug, Clone, Copy)]
enum Timer {
    After,
    Every,
}

#[test]
fn a_pending_timer_takes_at_most_64_bytes_all_included() {
    const COUNT: u32 = 100_000;
    let mut most = 0;
    let mut chains: Vec<Chain> = (0..COUNT).map(|_| Chain::new()).collect();
    let mut wheel = Wheel::new();
    let memory = allocation_counter::measure(|| {
        for (chain, owner) in chains.iter_mut().zip(0..) {
            let timer = if owner % 2 == 0 { Timer::After } else { Timer::Every };
            let deadline = Duration::from_micros(u64::from(owner) * 7_919 % 60_000_000);
            wheel.insert(chain, 1, deadline, Item { owner, timer });
        }
        most = wheel.len();
    });
    let chain = std::mem::size_of::<Chain>() as u64;
    let bytes = memory.bytes_current.unsigned_abs() / u64::from(COUNT) + chain;
    assert!((36..=45).contains(&bytes), "{bytes} bytes a timer");
    let taken = allocation_counter::measure(|| {
        let mut count = 0;
        while wheel.take_due(Duration::from_mins(1), |item: &Item| &mut chains[item.owner as usize]).is_some() {
            count += 1;
        }
        assert_eq!(count, most);
    });
    // Sorting takes little, and the memory goes with the timers.
    assert!(taken.bytes_max < 16_384 && taken.bytes_current < -3_000_000, "{taken:?}");
}

#[test]
fn an_empty_wheel_has_allocated_nothing_and_a_steady_one_allocates_no_more() {
    let memory = allocation_counter::measure(|| drop(Wheel::<Item>::new()));
    assert_eq!(memory.count_total, 0);
    let mut wheel = Wheel::new();
    let mut chain = Chain::new();
    let mut now = Duration::ZERO;
    let mut round = |rounds: u32| {
        for generation in 0..rounds {
            let item = Item { owner: 0, timer: Timer::After };
            wheel.insert(&mut chain, generation, now + Duration::from_secs(30), item);
            wheel.insert(&mut chain, u32::MAX, now + Duration::from_millis(20), item);
            now += Duration::from_millis(20);
            assert!(wheel.take_due(now, |_| &mut chain).is_some());
            assert!(wheel.cancel(&mut chain, generation).is_some());
        }
    };
    round(5_000);
    assert_eq!(allocation_counter::measure(|| round(1_000)).count_total, 0);
}
