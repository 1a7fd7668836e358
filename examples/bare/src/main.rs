//! The lock on a computer: the clock is the system's, the keypad is a script, and the pins are lines on the terminal.
//!
//! `cargo run -p bare` takes a quarter of a minute.

use std::error::Error;
use std::thread::sleep;
use std::time::{Duration, Instant};

use bare::{Actions, Device, Event, lock};
use fsm_runtime::core::Clock;

struct System(Instant);

impl Clock for System {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

struct Pins;

impl Actions for Pins {
    async fn throw_bolt(&mut self) {
        println!("bolt: out");
    }

    async fn draw_bolt(&mut self) {
        println!("bolt: in");
    }

    async fn buzz(&mut self) {
        println!("buzzer");
    }

    fn right(&self, digits: u16) -> bool {
        digits == 4711
    }
}

/// What comes in, and how many seconds after the start.
fn script() -> [(u64, Event); 5] {
    let code = |digits| lock::event::Code { digits }.into();
    [(1, code(1234)), (2, code(4711)), (8, code(4711)), (9, Event::Opened), (12, Event::Closed)]
}

fn main() -> Result<(), Box<dyn Error>> {
    let clock = System(Instant::now());
    let mut device = Device::start(Pins, &clock)?;
    for (seconds, event) in script() {
        loop {
            let next = device.tick()?.unwrap_or(Duration::MAX);
            let left = Duration::from_secs(seconds).saturating_sub(clock.now());
            if left.is_zero() {
                break;
            }
            sleep(left.min(next));
        }
        let outcome = device.handle(&event)?;
        println!("{:>4.1} s: {event:?} was {}, now {}", clock.now().as_secs_f64(), outcome.name(), device.state());
    }
    Ok(())
}
