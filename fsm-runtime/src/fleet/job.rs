//! One step of one machine, as a future that owns everything it works on.
//!
//! Part of [`super`]. A step that waits leaves its shard to others, so it can borrow nothing from there: machine,
//! driver and event go into the future and come back with the result. [`Notes`] is that driver: it writes down what the
//! step asks for, and the shard acts on it afterwards.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tracing::{Instrument as _, Level, Span, debug_span};

use super::letters::Asker;
use crate::core::{Driver, Dropped, Machine, Outcome, Service, StepResult, Token};
use crate::dispatcher::{Runnable, caught};
use crate::meter::{Began, Meter, Metering as _};
use crate::surroundings::{Answers, keeps_answers};
use crate::trace::{Cause, Origin, TARGET, Tracer, Transition, Turns, event_name};

/// What a step is about.
pub(super) enum Work<M: Machine> {
    /// The machine enters its initial state, or goes on from a snapshot.
    Start,
    Event(M::Event),
    /// A timer is due. What is given away by the step is kept in an `Option`, here and below.
    Fire(Option<M::Timer>, u32),
    /// An invoke came to its end.
    Complete(u32, Option<M::Done>),
}

impl<M: Machine> Work<M> {
    /// `message` is the number of an event.
    fn cause(&self, message: u64) -> Cause {
        match self {
            Self::Start => Cause::Start,
            Self::Event(event) => Cause::Event { event: M::event_index(event), message },
            Self::Fire(..) => Cause::Timer,
            Self::Complete(..) => Cause::Invoke,
        }
    }

    /// The event's name, or what stands for it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Event(event) => event_name(M::DEFINITION, M::event_index(event)),
            Self::Fire(..) => "(timer)",
            Self::Complete(..) => "(invoke)",
        }
    }
}

/// Where the work of steps goes that came to no result, with the machine as it was before.
pub(super) type Lost<M> = Arc<Mutex<Vec<LostStep<M>>>>;

/// What is left of a step that came to no result.
pub(super) type LostStep<M> = (Work<M>, Option<M>);

/// A machine on its way through a step, with all that it takes along; used again and again.
///
/// It goes from hand to hand in its box, which is one word: machine, event and result are written where they are read.
pub(super) struct Papers<S: Service> {
    /// There from the beginning of a step until it is over.
    pub(super) service: Option<S>,
    pub(super) notes: Notes<S::Machine>,
    /// There from the beginning of a step until its result is seen.
    pub(super) work: Option<Work<S::Machine>>,
    /// What the step gave, once it is over.
    pub(super) result: StepResult<S::Machine>,
    /// When the step began.
    pub(super) began: Option<Began>,
    /// The machine as it was before the step, where that is kept.
    pub(super) last: Option<S::Machine>,
    lost: Lost<S::Machine>,
}

/// What a step gave of which there is no result yet.
const NOTHING: Outcome = Outcome::Handled;

impl<S: Service> Papers<S> {
    pub(super) fn new(audience: &Audience, lost: &Lost<S::Machine>) -> Self {
        Self {
            service: None,
            notes: Notes::new(audience),
            work: None,
            result: Ok(NOTHING),
            began: None,
            last: None,
            lost: Arc::clone(lost),
        }
    }

    /// Begins a step; gives its span where anybody listens. `name` gives what the machine is called and the number of the
    /// event.
    pub(super) fn begin(
        &mut self,
        service: S,
        work: Work<S::Machine>,
        origin: Option<&Origin>,
        meter: &Meter,
        name: impl FnOnce() -> (String, u64),
    ) -> Option<(Span, Arc<Turns>)> {
        let notes = &mut self.notes;
        notes.answers.begin();
        let mut span = None;
        if origin.is_some() || notes.tracer.is_wanted() {
            let (name, number) = name();
            notes.tracer.rename(Some(name));
            let own = notes.tracer.begin_from(service.machine(), work.cause(number), origin);
            span = notes.tracer.turns().map(|turns| (own, turns));
        } else {
            notes.tracer.begin_plain();
        }
        self.service = Some(service);
        self.work = Some(work);
        self.began = Some(meter.begin());
        span
    }

    /// Begins a step by an event of which nobody wants to know anything.
    pub(super) fn begin_plain(&mut self, service: S, event: <S::Machine as Machine>::Event, meter: &Meter) {
        let notes = &mut self.notes;
        notes.answers.begin();
        notes.tracer.begin_plain();
        self.service = Some(service);
        self.work = Some(Work::Event(event));
        self.began = Some(meter.begin());
    }

    /// Whether nothing follows from the step that is over, beside its answer.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self.result, Ok(Outcome::Transitioned | Outcome::Handled | Outcome::Rejected)) && self.notes.is_quiet()
    }

    /// Takes the result out.
    pub(super) fn take_result(&mut self) -> StepResult<S::Machine> {
        std::mem::replace(&mut self.result, Ok(NOTHING))
    }
}

impl<S: Service> Drop for Papers<S> {
    /// The step panicked, or is dropped half-way.
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            // The list is whole whatever happened to whoever held the lock.
            self.lost.lock().unwrap_or_else(PoisonError::into_inner).push((work, self.last.take()));
        }
    }
}

/// Makes the future of a step. Its type has no name, so a shard is generic over the function that makes it.
pub(super) trait Step<S: Service>: Copy + Send + 'static {
    type Future: Future<Output = Box<Papers<S>>> + Send + 'static;

    fn begin(self, papers: Box<Papers<S>>) -> Self::Future;
}

impl<S, F, T> Step<S> for F
where
    S: Service,
    F: Fn(Box<Papers<S>>) -> T + Copy + Send + 'static,
    T: Future<Output = Box<Papers<S>>> + Send + 'static,
{
    type Future = T;

    fn begin(self, papers: Box<Papers<S>>) -> T {
        self(papers)
    }
}

/// The step of the machine in the papers. They stay where they are in the future: taken apart, they would be in there twice.
#[expect(clippy::manual_async_fn, reason = "an `async fn` would hold its argument twice")]
pub(super) fn step<S>(mut papers: Box<Papers<S>>) -> impl Future<Output = Box<Papers<S>>> + Send + 'static
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
{
    async move {
        if let Papers { service: Some(service), notes, work: Some(work), result, .. } = &mut *papers {
            *result = match work {
                Work::Event(event) => service.handle(notes, event).await,
                Work::Start => service.start(notes).await,
                Work::Fire(timer, generation) => match timer.take() {
                    Some(timer) => service.fire(notes, timer, *generation).await,
                    None => Ok(NOTHING),
                },
                Work::Complete(generation, done) => match done.take() {
                    Some(done) => service.complete(notes, *generation, done).await,
                    None => Ok(NOTHING),
                },
            };
        }
        papers
    }
}

/// What an invoke does.
pub(super) type Running<D> = Pin<Box<dyn Future<Output = D> + Send>>;

/// What a step asked for that concerns others, in the order in which it did.
pub(super) enum Asked<M: Machine> {
    StartInvoke(u32, M::Invoke),
    /// The same, taken from the handlers.
    Run(u32, Running<M::Done>),
    CancelInvoke(u32),
    /// A message, and where that of the step comes from.
    Emit(M::Message, Option<Box<Origin>>),
}

impl<M: Machine> Asked<M> {
    /// The same, with what an invoke does taken from the handlers as they are now, in a span below that of its step.
    pub(super) fn ready<S>(self, service: &S, key: Option<&str>) -> Self
    where
        S: Service<Machine = M>,
    {
        match self {
            Self::StartInvoke(generation, invoke) => {
                let run = service.run(invoke);
                let span = debug_span!(target: TARGET, "invoke", machine = M::DEFINITION.name, key, generation);
                Self::Run(generation, if span.is_none() { Box::pin(run) } else { Box::pin(run.instrument(span)) })
            }
            other => other,
        }
    }
}

/// A timer that a step started or took back.
pub(super) enum TimerChange<T> {
    Start(T, u32, Duration),
    Cancel(u32),
}

/// The driver of a step.
pub(super) struct Notes<M: Machine> {
    pub(super) tracer: Tracer<M>,
    pub(super) answers: Answers<M>,
    /// Who asked for the deferred events that are settled with the step, until that counts.
    pub(super) askers: Vec<(Token, Asker<M>)>,
    pub(super) timers: Vec<TimerChange<M::Timer>>,
    pub(super) asked: Vec<Asked<M>>,
    /// Lines for the log of a step that has no span, and whose machine is named by the shard.
    pub(super) lines: Vec<String>,
}

/// Whoever observes all machines of a fleet.
pub(super) type Observer = Arc<dyn Fn(&Transition<'_>) + Send + Sync>;

/// Who joins the spans of steps to the traces of their messages.
pub(super) type Linker = Arc<dyn Fn(&Span, &Origin) + Send + Sync>;

/// Who listens to all steps of a fleet.
#[derive(Clone, Default)]
pub(super) struct Audience {
    pub(super) observer: Option<Observer>,
    pub(super) linker: Option<Linker>,
}

impl<M: Machine> Notes<M> {
    fn new(audience: &Audience) -> Self {
        let observer = audience.observer.clone().map(|observer| {
            Box::new(move |transition: &Transition<'_>| observer(transition)) as crate::trace::Observer
        });
        let mut tracer = Tracer::new(None, observer, None);
        if let Some(linker) = audience.linker.clone() {
            tracer.link(Box::new(move |span, origin| {
                // Its panic leaves the span where it is, and the step goes on.
                let _ = caught(|| linker(span, origin));
            }));
        }
        Self {
            tracer,
            answers: Answers::new(),
            askers: Vec::new(),
            timers: Vec::new(),
            asked: Vec::new(),
            lines: Vec::new(),
        }
    }

    /// Tells observers of the step that is over, and takes what its invokes do from the handlers.
    pub(super) fn observe<S>(&mut self, service: &S, outcome: Option<Outcome>)
    where
        S: Service<Machine = M>,
    {
        self.tracer.end(service.machine(), outcome);
        if self.asked.iter().any(|asked| matches!(asked, Asked::StartInvoke(..))) {
            let (asked, key) = (std::mem::take(&mut self.asked), self.tracer.key());
            self.asked = asked.into_iter().map(|asked| asked.ready(service, key)).collect();
        }
    }

    /// Whether the step that was leaves nothing to do and nothing to tell.
    pub(super) fn is_quiet(&self) -> bool {
        self.timers.is_empty()
            && self.asked.is_empty()
            && self.lines.is_empty()
            && self.answers.is_quiet()
            && !self.tracer.is_on()
    }
}

impl<M: Machine> Driver<M> for Notes<M> {
    fn transition(&mut self, index: usize) {
        self.tracer.taken(index);
    }

    fn start_timer(&mut self, timer: M::Timer, generation: u32, delay: Duration) {
        self.timers.push(TimerChange::Start(timer, generation, delay));
    }

    fn cancel_timer(&mut self, _: M::Timer, generation: u32) {
        self.timers.push(TimerChange::Cancel(generation));
    }

    fn start_invoke(&mut self, invoke: M::Invoke, generation: u32) {
        self.asked.push(Asked::StartInvoke(generation, invoke));
    }

    fn cancel_invoke(&mut self, generation: u32) {
        self.asked.push(Asked::CancelInvoke(generation));
    }

    fn emit(&mut self, message: M::Message) {
        let origin = self.tracer.origin().cloned().map(Box::new);
        self.asked.push(Asked::Emit(message, origin));
    }

    fn reply(&mut self, reply: M::Reply) {
        self.answers.reply(reply);
    }

    fn log(&mut self, text: fmt::Arguments<'_>) {
        if self.tracer.is_on() {
            tracing::info!(target: TARGET, machine = M::DEFINITION.name, key = self.tracer.key(), "{text}");
        } else if tracing::enabled!(target: TARGET, Level::INFO) {
            self.lines.push(text.to_string());
        }
    }

    fn dropped(&mut self, event: Dropped) {
        // Whoever hears this has the step in a span, and its machine has its name here.
        tracing::debug!(target: TARGET, machine = M::DEFINITION.name, key = self.tracer.key(), ?event, "nobody took it");
    }

    keeps_answers!();
}
