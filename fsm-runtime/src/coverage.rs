//! What of a machine has run: how often each transition was taken and each state was entered.
//!
//! A [`Recorder`] listens to a running machine ([`Recorder::observer`] for `Options::on_transition`) or to a plain one
//! ([`Recorder::driver`] around its driver) and counts in two arrays, by the indices of [`Definition`]. What it has
//! counted becomes a line of a file ([`Recorder::append_to`]), and `fsmc coverage` adds up such lines. Clones count
//! together, from any thread.
//!
//! A driver is told of transitions and not of states. So a transition counts as the entry of its targets and of what
//! is around them and not around its source; whatever else is active after a step has been entered once at least.
//! `fsmc coverage`, which knows the spec, adds what transitions enter by default.

mod record;

use core::fmt;
use core::future::Future;
use core::time::Duration;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::core::{Definition, Driver, Dropped, Error, Machine, Outcome, StateKind, Token};

/// Counts what runs. Clones count together.
#[derive(Debug, Clone)]
pub struct Recorder(Arc<Counters>);

#[derive(Debug)]
struct Counters {
    definition: &'static Definition,
    transitions: Box<[AtomicUsize]>,
    states: Box<[AtomicUsize]>,
}

impl Recorder {
    /// A recorder of machines with this definition, which has counted nothing yet: `Recorder::new(&robot::DEFINITION)`.
    #[must_use]
    pub fn new(definition: &'static Definition) -> Self {
        let zeros = |length: usize| (0..length).map(|_| AtomicUsize::new(0)).collect();
        let (transitions, states) = (zeros(definition.transitions.len()), zeros(definition.states.len()));
        Self(Arc::new(Counters { definition, transitions, states }))
    }

    /// The machine that it is for.
    #[must_use]
    pub fn definition(&self) -> &'static Definition {
        self.0.definition
    }

    /// What listens to a running machine: `options().on_transition(recorder.observer())`.
    #[cfg(feature = "tokio")]
    pub fn observer(&self) -> impl FnMut(&crate::Transition<'_>) + Send + 'static + use<> {
        let recorder = self.clone();
        move |transition| {
            if let Some(index) = transition.index {
                recorder.taken(index);
            }
            recorder.active(transition.to.states().iter().copied());
        }
    }

    /// What listens to a plain machine: `Service::handle(&mut robot, &mut recorder.driver(()), &event)`. It does not see
    /// where the machine comes to rest: tell it by [`Recorder::rests`].
    #[must_use]
    pub fn driver<D>(&self, driver: D) -> Recording<'_, D> {
        Recording { recorder: self, driver }
    }

    /// A step of this machine is over.
    pub fn rests<M: Machine>(&self, machine: &M) {
        self.active(machine.active());
    }

    /// A transition is taken: an index into [`Definition::transitions`].
    pub fn taken(&self, transition: usize) {
        let Counters { definition, transitions, .. } = &*self.0;
        let (Some(info), Some(counter)) = (definition.transitions.get(transition), transitions.get(transition)) else {
            return;
        };
        add_one(counter);
        for (at, target) in info.targets.iter().enumerate() {
            let earlier = &info.targets[..at];
            let mut state = *target as usize;
            let is_around = |inner: &u32, state: usize| definition.contains(state, *inner as usize);
            while !is_around(&info.source, state) && !earlier.iter().any(|inner| is_around(inner, state)) {
                if definition.states[state].kind != StateKind::History {
                    add_one(&self.0.states[state]);
                }
                state = definition.states[state].parent as usize;
            }
        }
    }

    /// These states are active after a step, and so are all around them.
    fn active(&self, leaves: impl Iterator<Item = usize>) {
        let Counters { definition, states, .. } = &*self.0;
        for leaf in leaves {
            let mut state = leaf;
            while let (Some(counter), Some(info)) = (states.get(state), definition.states.get(state)) {
                // Where one was active before, all around it were.
                if counter.compare_exchange(0, 1, Ordering::Relaxed, Ordering::Relaxed).is_err() || state == 0 {
                    break;
                }
                state = info.parent as usize;
            }
        }
    }

    /// How often each transition was taken, by its index in [`Definition::transitions`].
    #[must_use]
    pub fn transitions(&self) -> Vec<usize> {
        self.0.transitions.iter().map(|counter| counter.load(Ordering::Relaxed)).collect()
    }

    /// How often each state was entered at least, by its index in [`Definition::states`].
    #[must_use]
    pub fn states(&self) -> Vec<usize> {
        self.0.states.iter().map(|counter| counter.load(Ordering::Relaxed)).collect()
    }

    /// Adds a line with what was counted to a file, which is made if need be, and counts from zero again: so a recorder
    /// may be written several times, by several threads and processes into one file.
    ///
    /// # Errors
    /// Where the file cannot be written; what was counted is kept then.
    pub fn append_to(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let take = |counters: &[AtomicUsize]| -> Vec<usize> {
            counters.iter().map(|counter| counter.swap(0, Ordering::Relaxed)).collect()
        };
        let (transitions, states) = (take(&self.0.transitions), take(&self.0.states));
        let mut line = self.record(&transitions, &states).to_string();
        line.push('\n');
        let mut options = std::fs::OpenOptions::new();
        // In one piece, so that lines of several writers do not run into one another.
        let written = options.create(true).append(true).open(path).and_then(|mut file| file.write_all(line.as_bytes()));
        if written.is_err() {
            let give_back = |counters: &[AtomicUsize], counts: &[usize]| {
                counters.iter().zip(counts).for_each(|(counter, count)| {
                    counter.fetch_add(*count, Ordering::Relaxed);
                });
            };
            give_back(&self.0.transitions, &transitions);
            give_back(&self.0.states, &states);
        }
        written
    }

    fn record<'c>(&self, transitions: &'c [usize], states: &'c [usize]) -> record::Record<'c> {
        record::Record { definition: self.0.definition, transitions, states }
    }
}

/// The record as a line, without its end.
impl fmt::Display for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.record(&self.transitions(), &self.states()).fmt(f)
    }
}

/// Nobody waits for one counter to tell something about another.
fn add_one(counter: &AtomicUsize) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// A driver, and a recorder that hears of the transitions.
#[derive(Debug)]
pub struct Recording<'r, D> {
    recorder: &'r Recorder,
    driver: D,
}

impl<D> Recording<'_, D> {
    /// The driver without the recorder.
    pub fn into_inner(self) -> D {
        self.driver
    }
}

impl<M: Machine, D: Driver<M>> Driver<M> for Recording<'_, D> {
    fn transition(&mut self, index: usize) {
        self.recorder.taken(index);
        self.driver.transition(index);
    }

    fn start_timer(&mut self, timer: M::Timer, generation: u32, delay: Duration) {
        self.driver.start_timer(timer, generation, delay);
    }

    fn cancel_timer(&mut self, timer: M::Timer, generation: u32) {
        self.driver.cancel_timer(timer, generation);
    }

    fn start_invoke(&mut self, invoke: M::Invoke, generation: u32) {
        self.driver.start_invoke(invoke, generation);
    }

    fn cancel_invoke(&mut self, generation: u32) {
        self.driver.cancel_invoke(generation);
    }

    fn emit(&mut self, message: M::Message) {
        self.driver.emit(message);
    }

    fn reply(&mut self, reply: M::Reply) {
        self.driver.reply(reply);
    }

    fn log(&mut self, text: fmt::Arguments<'_>) {
        self.driver.log(text);
    }

    fn dropped(&mut self, event: Dropped) {
        self.driver.dropped(event);
    }

    fn deferred(&mut self, token: Token) {
        self.driver.deferred(token);
    }

    fn retried(&mut self, token: Token) {
        self.driver.retried(token);
    }

    fn resumed(&mut self) {
        self.driver.resumed();
    }

    fn settled(&mut self, token: Token, outcome: Outcome) {
        self.driver.settled(token, outcome);
    }

    fn failed(&mut self, token: Token, event: M::Event, error: Error<M::Error>) {
        self.driver.failed(token, event, error);
    }

    fn block<T: Send + 'static>(
        &mut self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = T> + Send {
        self.driver.block(work)
    }
}
