//! What surrounds a machine while its scenario is played: a virtual clock with its timers, and the invokes under way.
//!
//! Time passes only where the scenario says so. An invoke is started by keeping it; it comes to its end where the scenario
//! says so, with what the scenario gives.

use std::time::Duration;

use fsm_runtime::core::{Driver, Error, Machine, Token};
use serde_json::{Value, json};

use crate::coverage::Coverage;

/// The driver of one machine.
pub struct World<'c, M: Machine> {
    coverage: &'c mut Coverage,
    clock: Clock<M::Timer>,
    invokes: Vec<(u32, M::Invoke)>,
    told: Told<M>,
}

/// What the driver was told in one step.
pub struct Told<M: Machine> {
    /// Messages to the outside.
    pub emitted: Vec<M::Message>,
    /// Lines for the log.
    pub log: Vec<String>,
    /// The answer given last.
    pub reply: Option<M::Reply>,
    /// The deferred events that are gone with an error, each with its kind.
    pub failed: Vec<Value>,
}

impl<M: Machine> Default for Told<M> {
    fn default() -> Self {
        Self { emitted: Vec::new(), log: Vec::new(), reply: None, failed: Vec::new() }
    }
}

/// A virtual clock.
#[derive(Debug)]
struct Clock<T> {
    now: Duration,
    started: u64,
    running: Vec<Running<T>>,
}

#[derive(Debug)]
struct Running<T> {
    deadline: Duration,
    order: u64,
    timer: T,
    generation: u32,
}

impl<T> Clock<T> {
    const fn new() -> Self {
        Self { now: Duration::ZERO, started: 0, running: Vec::new() }
    }

    fn start(&mut self, timer: T, generation: u32, delay: Duration) {
        self.started += 1;
        let deadline = self.now.saturating_add(delay);
        self.running.push(Running { deadline, order: self.started, timer, generation });
    }

    /// By deadline and then by start; the clock goes there. Without one it goes to `moment`.
    fn next_due(&mut self, moment: Duration) -> Option<(T, u32)> {
        let due = self.running.iter().enumerate().filter(|(_, running)| running.deadline <= moment);
        let Some((at, _)) = due.min_by_key(|(_, running)| (running.deadline, running.order)) else {
            self.now = moment;
            return None;
        };
        let Running { deadline, timer, generation, .. } = self.running.remove(at);
        self.now = deadline;
        Some((timer, generation))
    }
}

impl<'c, M: Machine> World<'c, M> {
    /// Before the start.
    pub fn new(coverage: &'c mut Coverage) -> Self {
        Self { coverage, clock: Clock::new(), invokes: Vec::new(), told: Told::default() }
    }

    /// Before the start of another machine of the kind.
    pub fn restart(&mut self) {
        self.clock = Clock::new();
        self.invokes.clear();
        self.told = Told::default();
    }

    /// What the scenario has visited so far.
    pub fn coverage(&mut self) -> &mut Coverage {
        self.coverage
    }

    /// The moment that lies `time` ahead.
    #[must_use]
    pub fn ahead(&self, time: Duration) -> Duration {
        self.clock.now.saturating_add(time)
    }

    /// The next timer that is due at `moment` or before; the clock goes there. Without one it goes to `moment`.
    pub fn next_due(&mut self, moment: Duration) -> Option<(M::Timer, u32)> {
        self.clock.next_due(moment)
    }

    /// How long each timer still has to wait, what is due first in front.
    #[must_use]
    pub fn waiting(&self) -> Vec<Duration> {
        let mut left: Vec<_> = self.clock.running.iter().map(|it| it.deadline.saturating_sub(self.clock.now)).collect();
        left.sort();
        left
    }

    /// The invokes under way, in the order of their start.
    pub fn invokes(&self) -> impl Iterator<Item = &M::Invoke> {
        self.invokes.iter().map(|(_, invoke)| invoke)
    }

    /// Takes what was told since it was last taken.
    pub fn take_told(&mut self) -> Told<M> {
        std::mem::take(&mut self.told)
    }

    /// Takes the invoke for which `wanted` holds, the one that was started first.
    pub fn take_invoke(&mut self, wanted: impl Fn(&M::Invoke) -> bool) -> Option<(u32, M::Invoke)> {
        let at = self.invokes.iter().position(|(_, invoke)| wanted(invoke))?;
        Some(self.invokes.remove(at))
    }
}

impl<M: Machine> Driver<M> for World<'_, M> {
    fn transition(&mut self, index: usize) {
        self.coverage.take(index);
    }

    fn start_timer(&mut self, timer: M::Timer, generation: u32, delay: Duration) {
        self.clock.start(timer, generation, delay);
    }

    fn cancel_timer(&mut self, _: M::Timer, generation: u32) {
        self.clock.running.retain(|running| running.generation != generation);
    }

    fn start_invoke(&mut self, invoke: M::Invoke, generation: u32) {
        self.invokes.push((generation, invoke));
    }

    fn cancel_invoke(&mut self, generation: u32) {
        self.invokes.retain(|(running, _)| *running != generation);
    }

    fn emit(&mut self, message: M::Message) {
        self.told.emitted.push(message);
    }

    fn reply(&mut self, reply: M::Reply) {
        self.told.reply = Some(reply);
    }

    fn log(&mut self, text: std::fmt::Arguments<'_>) {
        self.told.log.push(text.to_string());
    }

    fn failed(&mut self, _: Token, event: M::Event, error: Error<M::Error>) {
        let event = M::DEFINITION.events[M::event_index(&event)].name;
        self.told.failed.push(json!({ "event": event, "error": error.name() }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_are_due_by_deadline_and_then_by_start() {
        let second = Duration::from_secs;
        let mut clock = Clock::new();
        for (generation, (timer, delay)) in [("late", 5), ("first", 2), ("second", 2), ("never", 9)].iter().enumerate()
        {
            clock.start(*timer, u32::try_from(generation).unwrap_or_default(), second(*delay));
        }
        assert_eq!(clock.next_due(second(1)), None);
        assert_eq!(clock.now, second(1));
        assert_eq!(clock.next_due(second(6)), Some(("first", 1)));
        // What is started by what is due counts from there.
        clock.start("again", 4, second(3));
        assert_eq!(clock.next_due(second(6)), Some(("second", 2)));
        assert_eq!(clock.next_due(second(6)), Some(("late", 0)));
        assert_eq!(clock.next_due(second(6)), Some(("again", 4)));
        assert_eq!(clock.next_due(second(6)), None);
        assert_eq!((clock.now, clock.running.len()), (second(6), 1));
    }
}
