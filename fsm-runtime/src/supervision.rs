//! What is done when a step fails: the machine goes on, ends, or is made anew.
//!
//! [`Supervision`] is the policy, [`Supervisor`] follows it for one machine. After an *error* of an action the machine is
//! as whole as after any step (SEMANTICS.md says where it stands), so it goes on unless the policy says otherwise. After a
//! *panic* it was interrupted half-way and can only end or be made anew. Every failure is told to
//! [`crate::Options::on_failure`], with the transition that was being taken.
//!
//! Invariant: more restarts than the limit allows are never tried; the machine then ends with the reason of its last failure.

mod backoff;

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use crate::core::{Error, Machine, Service};
use crate::report::Reason;
use crate::timers::Timers;
use crate::trace;
pub use backoff::Backoff;

/// What is done when a step fails, in [`crate::Options::spawn_supervised`] and in [`crate::fleet::Builder::supervise`].
///
/// By default an error lets the machine go on, a panic has it made anew, at most 5 times within a minute, after a
/// [`Backoff`] from 100 ms to 30 s.
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use = "a policy does nothing by itself"]
pub struct Supervision {
    on_error: Option<Then>,
    on_panic: Then,
    backoff: Backoff,
    most: u32,
    within: Duration,
}

/// What follows a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Then {
    /// The machine is made anew; what waits in the mailbox waits for it.
    Restart,
    /// The machine ends: [`Reason::Failed`] or [`Reason::Panicked`].
    Stop,
    /// As [`Then::Stop`], and [`crate::Options::on_failure`] is to see to the rest: to tell a machine that uses this one,
    /// say. A machine of a fleet takes all of the fleet along.
    Escalate,
}

impl Default for Supervision {
    fn default() -> Self {
        Self {
            on_error: None,
            on_panic: Then::Restart,
            backoff: Backoff::default(),
            most: 5,
            within: Duration::from_mins(1),
        }
    }
}

impl Supervision {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// What follows an error that nobody in the machine took. Without this the machine goes on.
    pub const fn on_error(mut self, then: Then) -> Self {
        self.on_error = Some(then);
        self
    }

    /// What follows a panic of a handler or of an invoke.
    pub const fn on_panic(mut self, then: Then) -> Self {
        self.on_panic = then;
        self
    }

    /// How long to wait before the machine is made anew.
    pub const fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// How many restarts are allowed within a time; one more, and the machine ends.
    pub const fn limit(mut self, restarts: u32, within: Duration) -> Self {
        self.most = restarts;
        self.within = within;
        self
    }

    /// What follows a failure; `None` if the machine goes on.
    pub(crate) const fn follows<E>(&self, cause: &Cause<'_, E>) -> Option<Then> {
        match cause {
            Cause::Error(_) => self.on_error,
            Cause::Panic(_) => Some(self.on_panic),
        }
    }
}

/// When a machine restarted, as far as that counts for the limit.
#[derive(Debug, Default)]
pub(crate) struct Restarts(VecDeque<Instant>);

impl Restarts {
    /// How long to wait before the next restart; `None` if there were too many.
    pub(crate) fn wait(&mut self, policy: &Supervision) -> Option<Duration> {
        let now = Instant::now();
        while self.0.front().is_some_and(|restart| now.duration_since(*restart) > policy.within) {
            self.0.pop_front();
        }
        let recent = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        if recent >= policy.most {
            return None;
        }
        self.0.push_back(now);
        Some(policy.backoff.wait(recent))
    }
}

/// A failed step, as [`crate::Options::on_failure`] sees it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Failure<'a, E> {
    /// The name that the machine was given, or that of its spec.
    pub machine: &'a str,
    /// The event's name; `start`, `(timer)` or `(invoke)` where it was none.
    pub event: &'static str,
    /// The transition that was being taken, an index into [`crate::Definition::transitions`]; `None` before the first
    /// one of the step.
    pub transition: Option<usize>,
    /// The path of the state where that transition is written.
    pub source: Option<&'static str>,
    /// What went wrong.
    pub cause: &'a Cause<'a, E>,
    /// What follows; `None` if the machine goes on.
    pub then: Option<Then>,
}

/// What went wrong in a step.
#[derive(Debug)]
pub enum Cause<'a, E> {
    /// The step gave an error.
    Error(&'a Error<E>),
    /// A handler, or an invoke, panicked; with the message, where it is text.
    Panic(Option<&'a str>),
}

impl<E: fmt::Debug> fmt::Display for Failure<'_, E> {
    /// `Robot failed on Start, in the transition of Idle: Action(Jammed)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed on {}", self.machine, self.event)?;
        if let Some(source) = self.source {
            write!(f, ", in the transition of {source}")?;
        }
        match self.cause {
            Cause::Error(error) => write!(f, ": {error:?}"),
            Cause::Panic(message) => write!(f, ": it panicked: {}", message.unwrap_or("(no text)")),
        }
    }
}

/// From where a machine is made anew.
#[non_exhaustive]
pub struct Restart<'a, M> {
    /// The number of this restart, from 1.
    pub count: u64,
    /// Why: [`Reason::Failed`] or [`Reason::Panicked`].
    pub reason: Reason,
    /// The machine that failed, as it stands. After a panic its configuration and its data may not belong together.
    pub machine: &'a M,
    /// The machine as it was before the step that failed, where [`crate::Options::remember`] keeps it.
    pub last: Option<&'a M>,
}

impl<M: Machine> fmt::Debug for Restart<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Restart").field("count", &self.count).field("reason", &self.reason).finish_non_exhaustive()
    }
}

/// Whom failures are told to.
pub(crate) type Hook<M> = Box<dyn FnMut(&Failure<'_, <M as Machine>::Error>) + Send>;

/// Makes the service anew.
pub(crate) type Factory<S> = Box<dyn FnMut(&Restart<'_, <S as Service>::Machine>) -> S + Send>;

/// Keeps a copy of a machine.
pub(crate) type Keep<M> = fn(&M) -> M;

/// Lays a machine down before each step; it is told what is left of a timer, by its generation.
pub(crate) type Memory<S> = Box<dyn FnMut(&S, &dyn Fn(u32) -> Duration) + Send>;

/// Follows the policy for one machine.
pub(crate) struct Supervisor<S: Service> {
    policy: Option<(Supervision, Factory<S>)>,
    hook: Option<Hook<S::Machine>>,
    keep: Option<Keep<S::Machine>>,
    memory: Option<Memory<S>>,
    last: Option<S::Machine>,
    restarts: Restarts,
}

impl<S: Service> Supervisor<S> {
    /// `None` where there is nothing to do, so that a machine without supervision carries none along.
    pub(crate) fn new(
        policy: Option<(Supervision, Factory<S>)>,
        hook: Option<Hook<S::Machine>>,
        keep: Option<Keep<S::Machine>>,
        memory: Option<Memory<S>>,
    ) -> Option<Box<Self>> {
        let keep = keep.filter(|_| policy.is_some());
        (policy.is_some() || hook.is_some())
            .then(|| Box::new(Self { policy, hook, keep, memory, last: None, restarts: Restarts::default() }))
    }

    /// Whether it keeps the machine as it was before each step.
    pub(crate) const fn remembers(&self) -> bool {
        self.keep.is_some() || self.memory.is_some()
    }

    /// A step begins.
    pub(crate) fn remember(&mut self, service: &S, timers: &Timers<<S::Machine as Machine>::Timer>) {
        if let Some(keep) = self.keep {
            self.last = Some(keep(service.machine()));
        }
        if let Some(memory) = &mut self.memory {
            memory(service, &|generation| timers.left(generation));
        }
    }

    /// A step failed: what follows, `None` if nothing does.
    pub(crate) fn judge(
        &mut self,
        machine: &str,
        event: &'static str,
        transition: Option<usize>,
        cause: &Cause<'_, <S::Machine as Machine>::Error>,
    ) -> Option<Then> {
        let policy = self.policy.as_ref().map(|(policy, _)| policy);
        let then = match policy {
            Some(policy) => policy.follows(cause),
            None => Supervision::new().on_panic(Then::Stop).follows(cause),
        };
        if let Some(hook) = &mut self.hook {
            let definition = S::Machine::DEFINITION;
            let info = transition.and_then(|index| definition.transitions.get(index));
            let source = info.map(|info| trace::path(definition, info.source as usize));
            hook(&Failure { machine, event, transition, source, cause, then });
        }
        then
    }

    /// How long to wait before the next restart; `None` if there were too many.
    pub(crate) fn wait(&mut self) -> Option<Duration> {
        let (policy, _) = self.policy.as_ref()?;
        self.restarts.wait(policy)
    }

    /// A new service in the place of the one that failed.
    pub(crate) fn make(&mut self, count: u64, reason: Reason, machine: &S::Machine) -> Option<S> {
        let (_, make) = self.policy.as_mut()?;
        Some(make(&Restart { count, reason, machine, last: self.last.as_ref() }))
    }
}
