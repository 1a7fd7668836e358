//! A door lock on a device: no tokio, no `std`, no allocator. To be copied.
//!
//! `lock.yaml` is compiled into `mod lock`. [`Device`] holds the machine with its handlers and its pending timers, and is
//! driven by a loop of the program's own: events come in by [`Device::handle`], time passes by [`Device::tick`], which says
//! how long the processor may sleep. Its three parts that a device brings along are the handlers (pins), a
//! [`Clock`] (a hardware timer), and a way to wait for either an interrupt or the next deadline.
#![no_std]

use core::fmt;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;

use fsm_runtime::core::{Alarms, Clock, Error, Machine as _, Never, NoRoom, Outcome, Service as _};

fsm_runtime::fsm!("lock.yaml");

pub use lock::{Actions, Event, State};
use lock::{Lock, Machine, Timer};

/// How many timers can be pending: those of the spec, since it sends no delayed events.
pub const TIMERS: usize = Machine::DEFINITION.timers.len();

/// A lock with its handlers and its timers.
pub struct Device<H: Actions, C> {
    lock: Lock<H>,
    alarms: Alarms<Timer, C, TIMERS>,
}

impl<H: Actions + Send + Sync, C: Clock + Send> Device<H, C> {
    /// A lock that is locked.
    ///
    /// # Errors
    /// What a step can fail with.
    pub fn start(handlers: H, clock: C) -> Result<Self, Fault> {
        let mut device = Self { lock: Lock::new(handlers), alarms: Alarms::new(clock) };
        let Self { lock, alarms } = &mut device;
        let _ = block_on(fsm_runtime::Service::start(lock, alarms))?;
        Ok(device)
    }

    /// Where it is.
    pub fn state(&self) -> State {
        *self.lock.machine().state()
    }

    /// Something happened: first what was due before it, then the event.
    ///
    /// # Errors
    /// What a step can fail with.
    pub fn handle(&mut self, event: &Event) -> Result<Outcome, Fault> {
        self.tick()?;
        let Self { lock, alarms } = self;
        Ok(block_on(fsm_runtime::Service::handle(lock, alarms, event))?)
    }

    /// Time passed: does everything that is due by now, and gives how long nothing will be.
    ///
    /// # Errors
    /// What a step can fail with, and more timers than there is room for.
    pub fn tick(&mut self) -> Result<Option<Duration>, Fault> {
        let Self { lock, alarms } = self;
        let now = alarms.clock().now();
        while let Some(alarm) = alarms.take_due(now)? {
            let _ = block_on(lock.fire(alarms, alarm.timer, alarm.generation))?;
        }
        Ok(alarms.next_deadline().map(|deadline| deadline.saturating_sub(alarms.clock().now())))
    }
}

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A step failed; the lock goes on.
    Step(&'static str),
    /// [`TIMERS`] is too small.
    Timers(NoRoom<Timer>),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step(what) => f.write_str(what),
            Self::Timers(lost) => lost.fmt(f),
        }
    }
}

impl core::error::Error for Fault {}

impl From<Error<Never>> for Fault {
    fn from(error: Error<Never>) -> Self {
        Self::Step(match error {
            Error::Overflow => "a number left its range",
            Error::Poisoned => "an earlier step was interrupted",
            _ => "the machine failed",
        })
    }
}

impl From<NoRoom<Timer>> for Fault {
    fn from(lost: NoRoom<Timer>) -> Self {
        Self::Timers(lost)
    }
}

/// Polls a future until it is ready. On a device `spin_loop` is the place of `wfe`, and a waker that ends it.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => core::hint::spin_loop(),
        }
    }
}
