//! What surrounds a machine on a testbed: a virtual clock with its timers, and the invokes under way.

use std::fmt::{self, Debug};
use std::time::Duration;

use super::Log;
use crate::core::{Definition, Driver, Error, Machine, Token, Trigger};
use crate::coverage::Recorder;

/// The driver of one machine.
pub(super) struct World<M: Machine> {
    pub(super) log: Log,
    pub(super) recorder: Recorder,
    pub(super) now: Duration,
    started: u64,
    timers: Vec<Running<M::Timer>>,
    invokes: Vec<(u32, M::Invoke)>,
    /// The transitions of the step, as in the trace.
    pub(super) taken: Vec<String>,
}

struct Running<T> {
    deadline: Duration,
    order: u64,
    timer: T,
    generation: u32,
}

impl<M: Machine> World<M> {
    pub(super) fn new(log: Log, recorder: Recorder) -> Self {
        let (timers, invokes, taken) = (Vec::new(), Vec::new(), Vec::new());
        Self { log, recorder, now: Duration::ZERO, started: 0, timers, invokes, taken }
    }

    /// The next timer that is due by `moment`, by deadline and then by start; the clock goes there. Without one it goes to
    /// `moment`.
    pub(super) fn next_due(&mut self, moment: Duration) -> Option<(M::Timer, u32)> {
        let due = self.timers.iter().enumerate().filter(|(_, running)| running.deadline <= moment);
        let Some((at, _)) = due.min_by_key(|(_, running)| (running.deadline, running.order)) else {
            self.now = moment;
            return None;
        };
        let Running { deadline, timer, generation, .. } = self.timers.remove(at);
        self.now = deadline;
        Some((timer, generation))
    }

    /// How long each timer still waits, what is due first in front.
    pub(super) fn waiting(&self) -> Vec<Duration> {
        let mut left: Vec<_> = self.timers.iter().map(|it| it.deadline.saturating_sub(self.now)).collect();
        left.sort();
        left
    }

    /// The invokes under way, in the order of their start.
    pub(super) fn invokes(&self) -> impl Iterator<Item = &M::Invoke> {
        self.invokes.iter().map(|(_, invoke)| invoke)
    }

    /// Takes the invoke for which `wanted` holds, the one that was started first.
    pub(super) fn take_invoke(&mut self, wanted: impl Fn(&M::Invoke) -> bool) -> Option<(u32, M::Invoke)> {
        let at = self.invokes.iter().position(|(_, invoke)| wanted(invoke))?;
        Some(self.invokes.remove(at))
    }
}

impl<M: Machine<Message: Debug, Reply: Debug>> Driver<M> for World<M> {
    fn transition(&mut self, index: usize) {
        let line = transition(M::DEFINITION, index);
        self.taken.push(line.clone());
        self.log.push(line);
        self.recorder.taken(index);
    }

    fn start_timer(&mut self, timer: M::Timer, generation: u32, delay: Duration) {
        self.started += 1;
        let deadline = self.now.saturating_add(delay);
        self.timers.push(Running { deadline, order: self.started, timer, generation });
    }

    fn cancel_timer(&mut self, _: M::Timer, generation: u32) {
        self.timers.retain(|running| running.generation != generation);
    }

    fn start_invoke(&mut self, invoke: M::Invoke, generation: u32) {
        self.invokes.push((generation, invoke));
    }

    fn cancel_invoke(&mut self, generation: u32) {
        self.invokes.retain(|(running, _)| *running != generation);
    }

    fn emit(&mut self, message: M::Message) {
        self.log.push(format!("emit {message:?}"));
    }

    fn reply(&mut self, reply: M::Reply) {
        self.log.push(format!("reply {reply:?}"));
    }

    fn log(&mut self, text: fmt::Arguments<'_>) {
        self.log.push(format!("log {text}"));
    }

    fn failed(&mut self, _: Token, event: M::Event, error: Error<M::Error>) {
        let event = M::DEFINITION.events[M::event_index(&event)].name;
        self.log.push(format!("failed {event}: {}", error.name()));
    }
}

/// `Closed --Open--> Opened`, as `fsmc coverage` writes it, without guards: they are not known at run time.
fn transition(definition: &Definition, index: usize) -> String {
    let info = &definition.transitions[index];
    let path = |state: u32| definition.states[state as usize].path;
    let event = |event: u32| definition.events[event as usize].name;
    let trigger = match info.trigger {
        Trigger::Event(one) => event(one).to_owned(),
        Trigger::Pattern(events) => format!("({} events)", events.len()),
        Trigger::Error => "error".to_owned(),
        Trigger::Always => "always".to_owned(),
        Trigger::Done => "done".to_owned(),
        Trigger::Timer(timer) => format!("after {}", definition.timers[timer as usize].name),
        Trigger::InvokeDone(invoke) => format!("done({})", definition.invokes[invoke as usize].id),
        Trigger::InvokeError(invoke) => format!("error({})", definition.invokes[invoke as usize].id),
    };
    let targets: Vec<&str> = info.targets.iter().map(|target| path(*target)).collect();
    let target = if targets.is_empty() { "(internal)".to_owned() } else { targets.join(", ") };
    format!("{} --{trigger}--> {target}", path(info.source))
}
