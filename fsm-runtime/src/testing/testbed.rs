//! A machine on a test stand: events by hand, time by hand.

use std::fmt::Debug;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::world::World;
use super::{Log, assert_same};
use crate::core::{Error, Machine, Outcome, Service, Status, StepResult};
use crate::coverage::Recorder;

/// A machine with its handlers, driven step by step. Nothing happens by itself: time passes in [`Testbed::advance`], an invoke
/// comes to its end in [`Testbed::complete`].
pub struct Testbed<S: Service> {
    service: S,
    world: World<S::Machine>,
}

impl<S> Testbed<S>
where
    S: Service<Machine: Machine<Timer: Send, Invoke: Send, Message: Debug, Reply: Debug>>,
{
    /// A machine that is not started. Transitions, messages, answers and lines of the log are written to `log`, beside the
    /// calls of handlers that write there too.
    #[must_use]
    pub fn new(service: S, log: Log) -> Self {
        let recorder = Recorder::new(S::Machine::DEFINITION);
        Self { service, world: World::new(log, recorder) }
    }

    /// The same, with a recorder that has perhaps counted other machines before.
    #[must_use]
    pub fn recorded_by(mut self, recorder: &Recorder) -> Self {
        self.world.recorder = recorder.clone();
        self
    }

    /// The machine with its handlers.
    pub const fn service(&self) -> &S {
        &self.service
    }

    /// The same, to be changed between two steps.
    pub const fn service_mut(&mut self) -> &mut S {
        &mut self.service
    }

    /// What has run so far.
    pub const fn recorder(&self) -> &Recorder {
        &self.world.recorder
    }

    /// The paths of the active states without active children.
    pub fn configuration(&self) -> Vec<&'static str> {
        self.service.machine().active().map(|state| S::Machine::DEFINITION.states[state].path).collect()
    }

    /// Takes the trace since the last time: transitions, calls, messages, in the order in which they happened.
    #[must_use]
    pub fn take_trace(&self) -> Vec<String> {
        self.world.log.take_trace()
    }

    /// How long each timer and each delayed event still waits, what is due first in front.
    pub fn waiting(&self) -> Vec<Duration> {
        self.world.waiting()
    }

    /// What runs beside the machine, in the order of its start.
    pub fn running(&self) -> impl Iterator<Item = &<S::Machine as Machine>::Invoke> {
        self.world.invokes()
    }

    /// Enters the initial state.
    ///
    /// # Errors
    /// As [`Service::start`].
    pub fn start(&mut self) -> StepResult<S::Machine> {
        self.world.taken.clear();
        let result = ready(self.service.start(&mut self.world));
        self.over(result)
    }

    /// Handles an event.
    ///
    /// # Errors
    /// As [`Service::handle`].
    pub fn handle(&mut self, event: impl Into<<S::Machine as Machine>::Event>) -> StepResult<S::Machine> {
        self.world.taken.clear();
        let result = ready(self.service.handle(&mut self.world, &event.into()));
        self.over(result)
    }

    /// Lets time pass: what is due happens in order, each in a step of its own. Gives the first error, or the strongest
    /// outcome.
    ///
    /// # Errors
    /// As [`Service::fire`].
    pub fn advance(&mut self, time: Duration) -> StepResult<S::Machine> {
        self.world.taken.clear();
        let moment = self.world.now.saturating_add(time);
        let mut result = Ok(self.at_rest());
        while let Some((timer, generation)) = self.world.next_due(moment) {
            let step = ready(self.service.fire(&mut self.world, timer, generation));
            result = stronger(result, step);
        }
        self.over(result)
    }

    /// Runs an invoke that is under way to its end: the first for which `wanted` holds, with what the handlers give.
    ///
    /// # Errors
    /// As [`Service::complete`].
    ///
    /// # Panics
    /// Where there is none.
    pub fn complete(&mut self, wanted: impl Fn(&<S::Machine as Machine>::Invoke) -> bool) -> StepResult<S::Machine> {
        self.world.taken.clear();
        let (generation, invoke) = self.world.take_invoke(wanted).expect("such an invoke is under way");
        let done = ready(self.service.run(invoke));
        let result = ready(self.service.complete(&mut self.world, generation, done));
        self.over(result)
    }

    /// Compares what a step gave with what is expected: the outcome (or the kind of error) by the names that
    /// `fsmc simulate` has for them, the configuration, and the transitions that were taken.
    ///
    /// # Panics
    /// Where something differs.
    #[track_caller]
    pub fn expect(&self, result: &StepResult<S::Machine>, outcome: &str, configuration: &[&str], taken: &[&str]) {
        let found = result.as_ref().map_or_else(Error::name, |outcome| outcome.name());
        assert_eq!(found, outcome, "the outcome of the step");
        assert_same(&self.world.taken, taken);
        assert_eq!(self.configuration(), configuration, "the configuration after the step");
    }

    fn at_rest(&self) -> Outcome {
        if self.service.machine().status() == Status::Finished { Outcome::Finished } else { Outcome::Handled }
    }

    fn over(&mut self, result: StepResult<S::Machine>) -> StepResult<S::Machine> {
        self.world.recorder.rests(self.service.machine());
        result
    }
}

/// What two steps one after the other give as one.
fn stronger<E>(first: Result<Outcome, Error<E>>, second: Result<Outcome, Error<E>>) -> Result<Outcome, Error<E>> {
    let rank = |outcome: Outcome| match outcome {
        Outcome::Finished => 2,
        Outcome::Transitioned => 1,
        _ => 0,
    };
    let (first, second) = (first?, second?);
    Ok(if rank(second) > rank(first) { second } else { first })
}

/// The result of a future that waits for nothing outside of itself.
fn ready<F: Future>(future: F) -> F::Output {
    /// A handler may yield, but not for ever.
    const POLLS: usize = 10_000;
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..POLLS {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
    panic!("a handler waits for something that does not come: on a testbed there is no executor");
}
