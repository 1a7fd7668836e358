//! What a running machine tells about itself: the transitions of each step, for observers and for `tracing`.
//!
//! The tracer is told of each step by its driver. It writes down what happens during a step and publishes it
//! afterwards, when the new configuration is known. With no observer and no subscriber a step costs two tests: nothing
//! is written down, no path is looked up, and the clock is never read.

mod notes;
mod origin;
mod turns;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
pub use tracing;
use tracing::field::{Empty, display};
use tracing::{Level, Span, debug_span};

use crate::core::{Definition, Machine, Outcome, Token};
use crate::records::{Record, Recorder};
pub(crate) use notes::Cause;
use notes::{Message, Notes, Taken};
pub use origin::{InvalidTraceParent, Origin, TraceId, TraceParent};
pub(crate) use turns::Turns;

/// The target of all spans and events in `tracing`.
pub const TARGET: &str = "fsm";

/// What an observer is called with.
pub(crate) type Observer = Box<dyn FnMut(&Transition<'_>) + Send>;

/// Who joins the span of a step to the trace of its message.
pub(crate) type Linker = Box<dyn FnMut(&Span, &Origin) + Send>;

/// One transition of a running machine, as an observer sees it once its step is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transition<'a> {
    /// The name that the machine was given, or that of its spec.
    pub machine: &'a str,
    /// The number of the event among those of this machine, from 1; `None` where there is no event.
    pub message: Option<u64>,
    /// The id that its sender gave the message ([`Origin::id`]).
    pub message_id: Option<&'a str>,
    /// The trace that its sender said the message belongs to ([`Origin::trace`]).
    pub trace: Option<TraceParent>,
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

/// The path of the state where a transition is written, and that of its first target.
fn ends(definition: &'static Definition, transition: usize) -> (&'static str, Option<&'static str>) {
    let Some(info) = definition.transitions.get(transition) else { return ("", None) };
    let target = info.targets.first().map(|target| path(definition, *target as usize));
    (path(definition, info.source as usize), target)
}

pub(crate) fn event_name(definition: &Definition, event: usize) -> &'static str {
    definition.events.get(event).map_or("", |event| event.name)
}

/// Whether a subscriber of `tracing` wants the spans of steps.
fn is_listened() -> bool {
    tracing::enabled!(target: TARGET, Level::DEBUG)
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

impl Tracer {
    /// A transition is taken.
    pub(crate) fn taken(&mut self, index: usize) {
        if !self.on {
            return;
        }
        let key = self.name.as_deref();
        let notes = self.notes.get_or_insert_default();
        let retried = notes.retried;
        notes.taken.push(Taken { index, retried });
        if notes.span.is_none() {
            return;
        }
        let message = notes.message(retried);
        let (source, target) = ends(self.definition, index);
        notes.turns.turn(|| {
            debug_span!(
                target: TARGET,
                "transition",
                machine = self.definition.name,
                key,
                id = message.cause.message(),
                event = message.cause.event().map(|event| event_name(self.definition, event)),
                transition = index,
                source,
                target = target,
                message_id = message.id(),
                trace_id = message.trace().map(|trace| display(trace.trace_id())),
            )
        });
    }

    /// The event of the step waits in the machine under this token.
    pub(crate) fn deferred(&mut self, token: Token) {
        if self.on {
            let notes = self.notes.get_or_insert_default();
            notes.waiting.push((token, notes.message.clone()));
        }
    }

    /// What follows belongs to an event that waited, or to that of the step again.
    pub(crate) fn turn_to(&mut self, retried: Option<Token>) {
        if self.on {
            self.notes.get_or_insert_default().retried = retried;
        }
    }

    /// An event that waited is handled for good.
    pub(crate) fn settled(&mut self, token: Token) {
        if let Some(notes) = &mut self.notes
            && !notes.waiting.is_empty()
        {
            notes.settled.push(token);
        }
    }

    /// The machine is made anew: nothing waits in it.
    pub(crate) fn clear(&mut self) {
        if let Some(notes) = &mut self.notes {
            notes.waiting.clear();
            notes.settled.clear();
        }
    }

    /// For whoever polls the step, where its transitions have spans.
    #[inline]
    pub(crate) fn turns(&self) -> Option<Arc<Turns>> {
        if !self.on {
            return None;
        }
        self.notes.as_ref().filter(|notes| !notes.span.is_none()).map(|notes| Arc::clone(&notes.turns))
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

    /// The name that the machine was given, which in a fleet stands for its key.
    pub(crate) fn key(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The name that the machine was given, or that of its spec.
    pub(crate) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(self.definition.name)
    }

    /// Has the spans of steps joined to the traces of their messages.
    pub(crate) fn link(&mut self, linker: Linker) {
        self.notes.get_or_insert_default().linker = Some(linker);
    }

    /// Whether anybody would listen to a step that begins now.
    pub(crate) fn is_wanted(&self) -> bool {
        is_listened() || self.is_observed()
    }

    fn is_observed(&self) -> bool {
        self.observer.is_some() || self.recorder.as_ref().is_some_and(|recorder| recorder.is_on())
    }

    /// A step begins to which nobody listens.
    pub(crate) const fn begin_plain(&mut self) {
        self.on = false;
    }

    /// Whose steps come next, where many machines share this tracer.
    pub(crate) fn rename(&mut self, name: Option<String>) {
        self.name = name.map(String::into_boxed_str);
    }

    /// A step begins, perhaps by a message whose sender told where it comes from. The span is for the step, handlers
    /// included.
    #[inline]
    pub(crate) fn begin_from<M: Machine>(&mut self, machine: &M, cause: Cause, origin: Option<&Origin>) -> Span {
        let listened = is_listened();
        self.on = listened || self.is_observed();
        if !self.on {
            return Span::none();
        }
        self.begin_notes(machine, Message { cause, origin: origin.cloned() }, listened)
    }

    /// Somebody listens to the step that begins.
    #[cold]
    fn begin_notes<M: Machine>(&mut self, machine: &M, message: Message, listened: bool) -> Span {
        let mut notes = self.notes.take().unwrap_or_default();
        notes.message = message;
        notes.began = Some(Instant::now());
        notes.from.clear();
        notes.taken.clear();
        notes.retried = None;
        notes.turns.end();
        if notes.message.cause != Cause::Start {
            notes.from.extend(machine.active());
        }
        notes.span = if listened { self.span(&notes) } else { Span::none() };
        if let (Some(linker), Some(origin)) = (&mut notes.linker, &notes.message.origin)
            && !notes.span.is_none()
        {
            linker(&notes.span, origin);
        }
        let span = notes.span.clone();
        self.notes = Some(notes);
        span
    }

    /// The span of a step.
    fn span(&self, notes: &Notes) -> Span {
        let Message { cause, origin } = &notes.message;
        let event = match cause {
            Cause::Start => {
                return debug_span!(target: TARGET, "start", machine = self.definition.name, key = self.key(), to = Empty);
            }
            Cause::Event { event, .. } => event_name(self.definition, *event),
            Cause::Timer => "(timer)",
            Cause::Invoke => "(invoke)",
        };
        let sender = origin.as_ref().and_then(Origin::span);
        debug_span!(
            target: TARGET,
            parent: sender.map_or_else(|| Span::current().id(), Span::id),
            "step",
            machine = self.definition.name,
            key = self.key(),
            id = cause.message(),
            event,
            message_id = notes.message.id(),
            trace_id = notes.message.trace().map(|trace| display(trace.trace_id())),
            from = %Configuration { definition: self.definition, states: &notes.from },
            to = Empty,
        )
    }

    /// The step that [`Tracer::begin_from`] began is over.
    pub(crate) fn end<M: Machine>(&mut self, machine: &M, outcome: Option<Outcome>) {
        if !self.on {
            return;
        }
        // Both are out of the tracer while the observer, which may panic, has a look at the notes.
        let (mut notes, mut observer) = (self.notes.take().unwrap_or_default(), self.observer.take());
        let mut recorder = self.recorder.take();
        notes.to.clear();
        notes.to.extend(machine.active());
        notes.turns.end();
        if !notes.span.is_none() {
            notes.span.record("to", display(Configuration { definition: self.definition, states: &notes.to }));
        }
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
            && let Some(event) = notes.message.cause.event()
        {
            let state = Configuration { definition: self.definition, states: &notes.to };
            self.publish_idle(event, notes.message.id(), state, outcome);
        }
        notes.span = Span::none();
        for token in notes.settled.drain(..) {
            notes.waiting.retain(|waiting| waiting.0 != token);
        }
        (self.notes, self.observer, self.recorder) = (Some(notes), observer, recorder);
    }

    /// The transitions of the step; at the start of the machine the way into the initial state comes first.
    fn transitions<'a>(&'a self, notes: &'a Notes, outcome: Option<Outcome>) -> impl Iterator<Item = Transition<'a>> {
        let definition = self.definition;
        let template = Transition {
            machine: self.name(),
            message: None,
            message_id: None,
            trace: None,
            event: None,
            index: None,
            source: definition.name,
            target: None,
            from: Configuration { definition, states: &notes.from },
            to: Configuration { definition, states: &notes.to },
            outcome,
            took: notes.began.map(|began| began.elapsed()).unwrap_or_default(),
        };
        let start = (notes.message.cause == Cause::Start).then_some(template);
        start.into_iter().chain(notes.taken.iter().map(move |taken| {
            let (message, (source, target)) = (notes.message(taken.retried), ends(definition, taken.index));
            Transition {
                message: message.cause.message(),
                message_id: message.id(),
                trace: message.trace(),
                event: message.cause.event().map(|event| event_name(definition, event)),
                index: Some(taken.index),
                source,
                target,
                ..template
            }
        }))
    }

    /// An event that set off nothing.
    fn publish_idle(&self, event: usize, message_id: Option<&str>, state: Configuration<'_>, outcome: Option<Outcome>) {
        tracing::debug!(
            target: TARGET,
            machine = self.definition.name,
            key = self.key(),
            event = event_name(self.definition, event),
            message_id,
            %state,
            outcome = outcome.map_or("failed", Outcome::name),
            "no transition"
        );
    }
}

fn publish(transition: &Transition<'_>) {
    let &Transition { machine, message, message_id, trace, event, index, source, target, from, to, outcome, took } =
        transition;
    let spec = from.definition.name;
    tracing::debug!(
        target: TARGET,
        machine = spec,
        key = Some(machine).filter(|key| *key != spec),
        id = message,
        message_id,
        trace_id = trace.map(|trace| display(trace.trace_id())),
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
