//! The lock, its clock driven by hand.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::future::poll_fn;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use bare::{Actions, Device, Event, State, TIMERS, lock};
use fsm_runtime::core::{Clock, Outcome};

/// Milliseconds, which device and test share.
#[derive(Clone, Default)]
struct Hand(Arc<AtomicU64>);

impl Clock for Hand {
    fn now(&self) -> Duration {
        Duration::from_millis(self.0.load(Relaxed))
    }
}

#[derive(Clone, Default)]
struct Pins(Arc<Mutex<Vec<&'static str>>>);

impl Pins {
    fn note(&self, what: &'static str) {
        self.0.lock().unwrap().push(what);
    }

    fn read(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Actions for Pins {
    /// The motor says that it is there after the third question.
    async fn throw_bolt(&mut self) {
        let mut questions = 0;
        poll_fn(|_| {
            questions += 1;
            if questions < 3 { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
        self.note("out");
    }

    async fn draw_bolt(&mut self) {
        self.note("in");
    }

    async fn buzz(&mut self) {
        self.note("buzz");
    }

    fn right(&self, digits: u16) -> bool {
        digits == 4711
    }
}

struct Door {
    device: Device<Pins, Hand>,
    clock: Hand,
    pins: Pins,
}

impl Door {
    fn new() -> Self {
        let (clock, pins) = (Hand::default(), Pins::default());
        let device = Device::start(pins.clone(), clock.clone()).unwrap();
        assert_eq!(pins.read(), ["out"]);
        Self { device, clock, pins }
    }

    /// Sleeps as long as the device allows, again and again, until so much time has passed.
    fn pass(&mut self, milliseconds: u64) -> State {
        let end = self.clock.now() + Duration::from_millis(milliseconds);
        loop {
            let next = self.device.tick().unwrap().unwrap_or(Duration::MAX);
            let left = end.saturating_sub(self.clock.now());
            let step = u64::try_from(left.min(next).as_millis()).unwrap();
            self.clock.0.fetch_add(step, Relaxed);
            if left.is_zero() {
                return self.device.state();
            }
        }
    }

    fn code(&mut self, digits: u16) -> Outcome {
        self.device.handle(&lock::event::Code { digits }.into()).unwrap()
    }
}

#[test]
fn it_locks_again_by_itself_and_not_early() {
    let mut door = Door::new();
    assert_eq!(door.device.tick(), Ok(None));
    assert_eq!(door.code(4711), Outcome::Transitioned);
    assert_eq!(door.device.tick(), Ok(Some(Duration::from_secs(5))));
    assert_eq!(door.pass(4_999), State::Unlocked);
    assert_eq!(door.pass(1), State::Locked);
    assert_eq!(door.pins.read(), ["in", "out"]);
}

#[test]
fn a_door_that_stands_open_is_heard_of_until_it_is_closed() {
    let mut door = Door::new();
    let _ = door.code(4711);
    assert_eq!(door.pass(4_000), State::Unlocked);
    assert_eq!(door.device.handle(&Event::Opened), Ok(Outcome::Transitioned));
    // It does not lock while it is open.
    assert_eq!(door.pass(30_000), State::Forgotten);
    assert_eq!(door.pass(3_500), State::Forgotten);
    assert_eq!(door.device.handle(&Event::Closed), Ok(Outcome::Transitioned));
    assert_eq!(door.pass(100_000), State::Locked);
    assert_eq!(door.pins.read(), ["in", "buzz", "buzz", "buzz", "out"]);
}

#[test]
fn three_wrong_codes_block_it_for_a_minute() {
    let mut door = Door::new();
    assert_eq!([door.code(1), door.code(2), door.code(3)], [Outcome::Handled, Outcome::Handled, Outcome::Transitioned]);
    assert_eq!((door.code(4711), door.device.state()), (Outcome::Unhandled, State::Blocked));
    // An event that comes when the minute is over finds it over, although nobody looked before.
    door.clock.0.fetch_add(60_000, Relaxed);
    assert_eq!((door.code(4711), door.device.state()), (Outcome::Transitioned, State::Unlocked));
    assert_eq!(door.pins.read(), ["buzz", "buzz", "out", "in"]);
}

#[test]
fn there_is_room_for_every_timer_of_the_spec() {
    assert_eq!(TIMERS, 4);
}
