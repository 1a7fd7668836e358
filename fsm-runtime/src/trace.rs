//! What a running machine tells about itself: the transitions of each step, for observers and for `tracing`.
//!
//! The tracer is told of each step by its driver. It writes down what happens during a step and publishes it
//! afterwards, when the new configuration is known. With no observer and no subscriber a step costs two tests: nothing
//! is written down, no path is looked up, and the clock is never read.

mod notes;
mod origin;
mod transition;
mod turns;

use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::sync::Arc;

use tokio::time::Instant;
pub use tracing;
use tracing::field::{Empty, display};
use tracing::{Level, Span, debug_span};

use crate::core::{Definition, Machine, Outcome, Token};
use crate::rare::Rare;
use crate::records::{Record, Recorder};
pub(crate) use notes::Cause;
pub(crate) use notes::Waiting;
use notes::{Message, Notes, Taken};
pub use origin::{InvalidTraceParent, Origin, TraceId, TraceParent};
pub use transition::{Configuration, Transition};
pub(crate) use turns::Turns;

/// The target of all spans and events in `tracing`.
pub const TARGET: &str = "fsm";

/// What an observer is called with.
pub(crate) type Observer = Box<dyn FnMut(&Transition<'_>) + Send>;

/// Who joins the span of a step to the trace of its message.
pub(crate) type Linker = Box<dyn FnMut(&Span, &Origin) + Send>;

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
pub(crate) fn is_listened() -> bool {
    tracing::enabled!(target: TARGET, Level::DEBUG)
}

/// Writes down what happens in a step of a machine `M`, and publishes it.
pub(crate) struct Tracer<M> {
    audience: Rare<Audience>,
    /// Kept apart, since most of a million machines have no listener.
    notes: Option<Box<Notes>>,
    /// The transition of the step that was taken last, whether anybody listens or not.
    last: Option<NonZeroU32>,
    /// Whether anybody listens to the step that is running.
    on: bool,
    machine: PhantomData<fn(&M)>,
}

/// Who listens beside `tracing`, and to whom.
#[derive(Default)]
struct Audience {
    /// The name that the machine was given.
    name: Option<Box<str>>,
    observer: Option<Observer>,
    /// Whoever wants each transition as a record of its own.
    recorder: Option<Recorder>,
}

impl<M: Machine> Tracer<M> {
    /// A transition is taken.
    pub(crate) fn taken(&mut self, index: usize) {
        self.last = u32::try_from(index).ok().and_then(|index| NonZeroU32::new(index.wrapping_add(1)));
        if self.on {
            self.note_taken(index);
        }
    }

    #[cold]
    fn note_taken(&mut self, index: usize) {
        let key = self.audience.get().and_then(|audience| audience.name.as_deref());
        let notes = self.notes.get_or_insert_default();
        let retried = notes.retried;
        notes.taken.push(Taken { index, retried });
        if notes.span.is_none() {
            return;
        }
        let message = notes.message(retried);
        let (source, target) = ends(M::DEFINITION, index);
        notes.turns.turn(|| {
            debug_span!(
                target: TARGET,
                "transition",
                machine = M::DEFINITION.name,
                key,
                id = message.cause.message(),
                event = message.cause.event().map(|event| event_name(M::DEFINITION, event)),
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

    /// Where the message comes from that what happens now belongs to, if its sender told.
    pub(crate) fn origin(&self) -> Option<&Origin> {
        let notes = self.notes.as_ref().filter(|_| self.on)?;
        notes.message(notes.retried).origin.as_ref()
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

    pub(crate) fn new(name: Option<String>, observer: Option<Observer>, recorder: Option<Recorder>) -> Self {
        let mut audience = Rare::new();
        if name.is_some() || observer.is_some() || recorder.is_some() {
            *audience.make() = Audience { name: name.map(String::into_boxed_str), observer, recorder };
        }
        Self { audience, notes: None, last: None, on: false, machine: PhantomData }
    }

    /// The last transitions, where they are kept.
    pub(crate) fn records(&self) -> Vec<Arc<Record>> {
        self.audience.get().and_then(|audience| audience.recorder.as_ref()).map(Recorder::last).unwrap_or_default()
    }

    /// The recorder, which is there from now on.
    pub(crate) fn recorder(&mut self) -> &mut Recorder {
        self.audience.make().recorder.get_or_insert_default()
    }

    /// Whether anybody listens to the step that is running.
    pub(crate) const fn is_on(&self) -> bool {
        self.on
    }

    /// The name that the machine was given, which in a fleet stands for its key.
    pub(crate) fn key(&self) -> Option<&str> {
        self.audience.get()?.name.as_deref()
    }

    /// The name that the machine was given, or that of its spec.
    pub(crate) fn name(&self) -> &str {
        self.key().unwrap_or(M::DEFINITION.name)
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
        let awaited = self.notes.as_ref().is_some_and(|notes| !notes.waiting.is_empty());
        awaited
            || self.audience.get().is_some_and(|audience| {
                audience.observer.is_some() || audience.recorder.as_ref().is_some_and(Recorder::is_on)
            })
    }

    /// A step begins to which nobody listens.
    pub(crate) const fn begin_plain(&mut self) {
        self.last = None;
        self.on = false;
    }

    /// The last transition of the step that was: an index into [`Definition::transitions`].
    pub(crate) fn last(&self) -> Option<usize> {
        self.last.map(|last| last.get() as usize - 1)
    }

    /// Whose step comes next, where many machines share this tracer.
    pub(crate) fn rename(&mut self, name: Option<String>) {
        self.audience.make().name = name.map(String::into_boxed_str);
    }

    /// What waits in the machine whose step comes next, where many machines share this tracer.
    pub(crate) fn lend(&mut self, waiting: Waiting) {
        self.notes.get_or_insert_default().waiting = waiting;
    }

    /// What waits in the machine whose step is over, if anything does.
    pub(crate) fn give_back(&mut self) -> Option<Waiting> {
        let waiting = &mut self.notes.as_mut()?.waiting;
        (!waiting.is_empty()).then(|| std::mem::take(waiting))
    }

    /// A step begins, perhaps by a message whose sender told where it comes from. The span is for the step, handlers
    /// included.
    #[inline]
    pub(crate) fn begin_from(&mut self, machine: &M, cause: Cause, origin: Option<&Origin>) -> Span {
        self.last = None;
        let listened = is_listened();
        // Whoever takes what the step emits wants to know the origin, too.
        self.on = listened || origin.is_some() || self.is_observed();
        if !self.on {
            return Span::none();
        }
        self.begin_notes(machine, Message { cause, origin: origin.cloned() }, listened)
    }

    /// Somebody listens to the step that begins.
    #[cold]
    fn begin_notes(&mut self, machine: &M, message: Message, listened: bool) -> Span {
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
                return debug_span!(target: TARGET, "start", machine = M::DEFINITION.name, key = self.key(), to = Empty);
            }
            Cause::Event { event, .. } => event_name(M::DEFINITION, *event),
            Cause::Timer => "(timer)",
            Cause::Invoke => "(invoke)",
        };
        let sender = origin.as_ref().and_then(Origin::span);
        debug_span!(
            target: TARGET,
            parent: sender.map_or_else(|| Span::current().id(), Span::id),
            "step",
            machine = M::DEFINITION.name,
            key = self.key(),
            id = cause.message(),
            event,
            message_id = notes.message.id(),
            trace_id = notes.message.trace().map(|trace| display(trace.trace_id())),
            from = %Configuration { definition: M::DEFINITION, states: &notes.from },
            to = Empty,
        )
    }

    /// The step that [`Tracer::begin_from`] began is over.
    pub(crate) fn end(&mut self, machine: &M, outcome: Option<Outcome>) {
        if !self.on {
            return;
        }
        // Both are out of the tracer while the observer, which may panic, has a look at the notes.
        let mut notes = self.notes.take().unwrap_or_default();
        let audience = self.audience.get_mut();
        let (mut observer, mut recorder) =
            audience.map(|audience| (audience.observer.take(), audience.recorder.take())).unwrap_or_default();
        notes.to.clear();
        notes.to.extend(machine.active());
        notes.turns.end();
        if !notes.span.is_none() {
            notes.span.record("to", display(Configuration { definition: M::DEFINITION, states: &notes.to }));
        }
        self.transitions(&notes, outcome).for_each(|transition| {
            transition.publish();
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
            let state = Configuration { definition: M::DEFINITION, states: &notes.to };
            self.publish_idle(event, notes.message.id(), state, outcome);
        }
        notes.span = Span::none();
        for token in notes.settled.drain(..) {
            notes.waiting.retain(|waiting| waiting.0 != token);
        }
        self.notes = Some(notes);
        if let Some(audience) = self.audience.get_mut() {
            (audience.observer, audience.recorder) = (observer, recorder);
        }
    }

    /// The transitions of the step; at the start of the machine the way into the initial state comes first.
    fn transitions<'a>(&'a self, notes: &'a Notes, outcome: Option<Outcome>) -> impl Iterator<Item = Transition<'a>> {
        let definition = M::DEFINITION;
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
            machine = M::DEFINITION.name,
            key = self.key(),
            event = event_name(M::DEFINITION, event),
            message_id,
            %state,
            outcome = outcome.map_or("failed", Outcome::name),
            "no transition"
        );
    }
}
