//! The timers of one machine, on tokio's clock; a paused clock tests them.
//!
//! A machine that has started none pays for a pointer. The clock is read where a timer starts; and while one runs, before
//! the next event whenever the task was woken or a step has waited, since time may have passed then, and else before
//! every sixteenth event. So the order of 14.8 holds to within sixteen steps that never wait, and no message costs a look
//! at the clock.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use super::{Chain, Wheel};

/// After so many events without any waiting the clock is read again.
const EVENTS: u8 = 16;

/// The timers of one machine.
pub(crate) struct Timers<T>(Option<Box<Running<T>>>);

struct Running<T> {
    wheel: Wheel<T>,
    chain: Chain,
    /// From when the wheel counts: the start of the first timer.
    start: Instant,
    /// Set to an earlier time where that is needed. One that comes too early does no harm, so a timer that is
    /// started anew by each event does not set it each time.
    sleep: Option<Pin<Box<Sleep>>>,
    /// In which poll of the task the clock was read last, and how many events ago.
    read: (Option<u32>, u8),
}

impl<T> Timers<T> {
    pub(crate) const fn new() -> Self {
        Self(None)
    }

    pub(crate) fn start(&mut self, timer: T, generation: u32, delay: Duration) {
        let now = Instant::now();
        let running = self.0.get_or_insert_with(|| Box::new(Running::new(now)));
        // A delay beyond the clock's end never comes.
        if let Some(deadline) = now.duration_since(running.start).checked_add(delay) {
            running.wheel.insert(&mut running.chain, generation, deadline, timer);
        }
    }

    pub(crate) fn cancel(&mut self, generation: u32) {
        if let Some(running) = &mut self.0 {
            running.wheel.cancel(&mut running.chain, generation);
        }
    }

    /// What is left of a timer; nothing where it is due or there is none.
    pub(crate) fn left(&self, generation: u32) -> Duration {
        let Some(running) = &self.0 else { return Duration::ZERO };
        let deadline = running.wheel.deadline(&running.chain, generation);
        deadline.map_or(Duration::ZERO, |deadline| deadline.saturating_sub(running.start.elapsed()))
    }

    /// Whether any timer is pending.
    pub(crate) fn is_running(&self) -> bool {
        self.0.as_ref().is_some_and(|running| !running.wheel.is_empty())
    }

    /// The time, where any timer runs and it may have moved on since the last look. `poll` says how often the task was
    /// polled by now.
    pub(crate) fn look(&mut self, poll: u32) -> Option<Duration> {
        let running = self.0.as_mut().filter(|running| !running.wheel.is_empty())?;
        if running.read.0 == Some(poll) && running.read.1 < EVENTS {
            running.read.1 += 1;
            return None;
        }
        running.read = (Some(poll), 1);
        Some(running.start.elapsed())
    }

    /// Takes the next timer that is due by `now`, if one is.
    pub(crate) fn take_due(&mut self, now: Duration) -> Option<(T, u32)> {
        let Running { wheel, chain, .. } = &mut **self.0.as_mut()?;
        wheel.take_due(now, |_| chain).map(|due| (due.item, due.generation))
    }

    /// Ready when a timer may be due.
    pub(crate) fn poll_due(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match &mut self.0 {
            Some(running) => running.poll_due(context),
            None => Poll::Pending,
        }
    }
}

impl<T> Running<T> {
    const fn new(start: Instant) -> Self {
        Self { wheel: Wheel::new(), chain: Chain::new(), start, sleep: None, read: (None, 0) }
    }

    fn poll_due(&mut self, context: &mut Context<'_>) -> Poll<()> {
        // What the clock cannot show never comes.
        let Some(wake) = self.wheel.next_wake().and_then(|wake| self.start.checked_add(wake)) else {
            return Poll::Pending;
        };
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(wake)));
        if sleep.is_elapsed() || sleep.deadline() > wake {
            sleep.as_mut().reset(wake);
        }
        sleep.as_mut().poll(context)
    }
}
