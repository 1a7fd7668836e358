//! What a running machine tells about itself: the transitions of each step, for observers and for `tracing`.
//!
//! The tracer is told of each step by its driver. It writes down what happens during a step and publishes it
//! afterwards, when the new configuration is known. With no observer and no subscriber a step costs two tests: nothing
//! is written down, no path is looked up, and the clock is never read.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tracing::{Level, Span};

use crate::core::{Definition, Machine, Outcome};
use crate::records::{Record, Recorder};

/// The target of all spans and events in `tracing`.
pub const TARGET: &str = "fsm";

/// What an observer is called with.
pub(crate) type Observer = Box<dyn FnMut(&Transition<'_>) + Send>;

/// One transition of a running machine, as an observer sees it once its step is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transition<'a> {
    /// The name that the machine was given, or that of its spec.
    pub machine: &'a str,
    /// The number of the event among those of this machine, from 1; `None` where there is no event.
    pub message: Option<u64>,
    /// The event's name; `None` where the machine enters its initial state, and in steps by timers and invokes.
    pub event: Option<&'static str>,
    /// An index into [`Definition::transitions`]; `None` where the machine enters its initial state.
    pub index: Option<usize>,
    /// The path of the state where the transition is written; the machine's name at the start.
    pub source: &'static str,
    /// The path of its target; `None` for an internal transition.
    pub target: Option<&'static str>,
    /// The configuration before the step; empty at the start.
    pub from: Configuration<'a>,
    /// The configuration after the step, of which the transition may be one of several.
    pub to: Configuration<'a>,
    /// What became of the event; `None` if the step failed.
    pub outcome: Option<Outcome>,
    /// How long the step took, handlers included.
    pub took: Duration,
}

impl fmt::Display for Transition<'_> {
    /// `Robot: Idle → Working.Moving on Start`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.machine)?;
        if !self.from.is_empty() {
            write!(f, "{} ", self.from)?;
        }
        write!(f, "→ {}", self.to)?;
        self.event.map_or(Ok(()), |event| write!(f, " on {event}"))
    }
}

/// The active states without children, in document order. Shown as their paths.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Configuration<'a> {
    definition: &'static Definition,
    states: &'a [usize],
}

impl<'a> Configuration<'a> {
    /// Their indices in [`Definition::states`].
    #[must_use]
    pub fn states(&self) -> &'a [usize] {
        self.states
    }

    /// Their dotted paths.
    pub fn paths(&self) -> impl Iterator<Item = &'static str> + use<'a> {
        let definition = self.definition;
        self.states.iter().map(|&state| path(definition, state))
    }

    /// Whether no state is active.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.states.is_empty()
    }
}

impl fmt::Display for Configuration<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.paths().enumerate().try_for_each(|(at, path)| {
            f.write_str(if at == 0 { "" } else { ", " })?;
            f.write_str(path)
        })
    }
}

impl fmt::Debug for Configuration<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.paths()).finish()
    }
}

/// The path of a state; empty for an index that the definition lacks.
pub(crate) fn path(definition: &Definition, state: usize) -> &'static str {
    definition.states.get(state).map_or("", |state| state.path)
}

pub(crate) fn event_name(definition: &Definition, event: usize) -> &'static str {
    definition.events.get(event).map_or("", |event| event.name)
}

/// Writes down what happens in a step, and publishes it.
pub(crate) struct Tracer {
    definition: &'static Definition,
    name: Option<Box<str>>,
    observer: Option<Observer>,
    /// Whoever wants each transition as a record of its own.
    pub(crate) recorder: Option<Box<Recorder>>,
    /// Whether anybody listens to the step that is running.
    on: bool,
    /// Kept apart, since most of a million machines have no listener.
    notes: Option<Box<Notes>>,
}

/// What is known of a step.
#[derive(Default)]
struct Notes {
    cause: Cause,
    began: Option<Instant>,
    from: Vec<usize>,
    taken: Vec<usize>,
    to: Vec<usize>,
}

/// What a step begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Cause {
    /// The machine enters its initial state.
    #[default]
    Start,
    /// An event: an index into [`Definition::events`], and its number among those of this machine.
    Event { event: usize, message: u64 },
    /// A timer is due.
    Timer,
    /// An invoke came to its end.
    Invoke,
}

impl Cause {
    const fn event(self) -> Option<usize> {
        match self {
            Self::Event { event, .. } => Some(event),
            Self::Start | Self::Timer | Self::Invoke => None,
        }
    }

    const fn message(self) -> Option<u64> {
        match self {
            Self::Event { message, .. } => Some(message),
            Self::Start | Self::Timer | Self::Invoke => None,
        }
    }
}

impl Tracer {
    /// A transition is taken.
    pub(crate) fn taken(&mut self, index: usize) {
        if self.on {
            self.notes.get_or_insert_default().taken.push(index);
        }
    }

    pub(crate) fn new(
        definition: &'static Definition,
        name: Option<String>,
        observer: Option<Observer>,
        recorder: Option<Box<Recorder>>,
    ) -> Self {
        Self { definition, name: name.map(String::into_boxed_str), observer, recorder, on: false, notes: None }
    }

    /// The last transitions, where they are kept.
    pub(crate) fn records(&self) -> Vec<Arc<Record>> {
        self.recorder.as_ref().map(|recorder| recorder.last()).unwrap_or_default()
    }

    /// Whether anybody listens to the step that is running.
    pub(crate) const fn is_on(&self) -> bool {
        self.on
    }

    /// The name that the machine was given, or that of its spec.
    pub(crate) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(self.definition.name)
    }

    /// A step begins. The span is for the step, handlers included.
    pub(crate) fn begin<M: Machine>(&mut self, machine: &M, cause: Cause) -> Span {
        let listened = tracing::enabled!(target: TARGET, Level::DEBUG);
        self.on =
            listened || self.observer.is_some() || self.recorder.as_ref().is_some_and(|recorder| recorder.is_on());
        if !self.on {
            return Span::none();
        }
        let notes = self.notes.get_or_insert_default();
        notes.cause = cause;
        notes.began = Some(Instant::now());
        notes.from.clear();
        notes.taken.clear();
        if cause == Cause::Start {
            return tracing::debug_span!(target: TARGET, "start", machine = self.name());
        }
        notes.from.extend(machine.active());
        let event = match cause {
            Cause::Event { event, .. } => event_name(self.definition, event),
            Cause::Timer => "(timer)",
            Cause::Start | Cause::Invoke => "(invoke)",
        };
        tracing::debug_span!(target: TARGET, "step", machine = self.name(), id = cause.message(), event)
    }

    /// The step that [`Tracer::begin`] began is over.
    pub(crate) fn end<M: Machine>(&mut self, machine: &M, outcome: Option<Outcome>) {
        if !self.on {
            return;
        }
        // Both are out of the tracer while the observer, which may panic, has a look at the notes.
        let (mut notes, mut observer) = (self.notes.take().unwrap_or_default(), self.observer.take());
        let mut recorder = self.recorder.take();
        notes.to.clear();
        notes.to.extend(machine.active());
        self.transitions(&notes, outcome).for_each(|transition| {
            publish(&transition);
            if let Some(observer) = &mut observer {
                observer(&transition);
            }
            if let Some(recorder) = &mut recorder {
                recorder.record(&transition);
            }
        });
        if notes.taken.is_empty()
            && let Some(event) = notes.cause.event()
        {
            let state = Configuration { definition: self.definition, states: &notes.to };
            self.publish_idle(event, state, outcome);
        }
        (self.notes, self.observer, self.recorder) = (Some(notes), observer, recorder);
    }

    /// The transitions of the step; at the start of the machine the way into the initial state comes first.
    fn transitions<'a>(&'a self, notes: &'a Notes, outcome: Option<Outcome>) -> impl Iterator<Item = Transition<'a>> {
        let definition = self.definition;
        let template = Transition {
            machine: self.name(),
            message: notes.cause.message(),
            event: notes.cause.event().map(|event| event_name(definition, event)),
            index: None,
            source: definition.name,
            target: None,
            from: Configuration { definition, states: &notes.from },
            to: Configuration { definition, states: &notes.to },
            outcome,
            took: notes.began.map(|began| began.elapsed()).unwrap_or_default(),
        };
        let start = (notes.cause == Cause::Start).then_some(template);
        start.into_iter().chain(notes.taken.iter().map(move |&index| {
            let info = definition.transitions.get(index);
            Transition {
                index: Some(index),
                source: info.map_or("", |info| path(definition, info.source as usize)),
                target: info.and_then(|info| info.targets.first()).map(|target| path(definition, *target as usize)),
                ..template
            }
        }))
    }

    /// An event that set off nothing.
    fn publish_idle(&self, event: usize, state: Configuration<'_>, outcome: Option<Outcome>) {
        tracing::debug!(
            target: TARGET,
            machine = self.name(),
            event = event_name(self.definition, event),
            %state,
            outcome = outcome.map_or("failed", Outcome::name),
            "no transition"
        );
    }
}

fn publish(transition: &Transition<'_>) {
    let &Transition { machine, message, event, index, source, target, from, to, outcome, took } = transition;
    tracing::debug!(
        target: TARGET,
        machine,
        id = message,
        event,
        transition = index,
        source,
        target = target,
        from = %from,
        to = %to,
        outcome = outcome.map_or("failed", Outcome::name),
        ?took,
        "transition"
    );
}
