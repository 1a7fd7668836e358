//! How a machine is set going: [`spawn`] with the defaults, [`options`] with more to say.

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime;
use tokio::time::Instant;
use tracing::Span;

use crate::core::{Machine, Persist, Service};
use crate::dead_letter::DeadLetter;
use crate::dispatcher::{Desk, Dispatcher, Runnable};
use crate::ending::Ending;
use crate::handle::{Handle, WeakHandle};
use crate::mailbox::{Mailbox, Overflow};
use crate::meter::{Meter, Metering as _};
use crate::records::Recorder;
use crate::shared::{DeadLetters, Shared};
use crate::supervision::{Factory, Failure, Hook, Keep, Memory, Restart, Supervision, Supervisor};
use crate::surroundings::{Sink, Surroundings};
use crate::trace::{Linker, Observer, Origin, Tracer, Transition};

/// The capacity of a mailbox unless [`Options::capacity`] says otherwise.
pub const DEFAULT_CAPACITY: usize = 1024;

/// Sets `service` going in a task of its own, with the default [`Options`].
///
/// The task enters the initial state (a machine that is already started goes on where it is) and then handles what
/// its handles send, one event at a time.
///
/// # Panics
/// Outside of a tokio runtime, as [`tokio::spawn`] does.
pub fn spawn<S>(service: S) -> Handle<S::Machine>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
{
    options().spawn(service)
}

/// The defaults, to be changed: `options().capacity(64).spawn(robot)`.
pub fn options<M: Machine>() -> Options<M> {
    Options::default()
}

/// How a machine `M` is set going.
#[must_use = "options do nothing until `spawn` is called"]
pub struct Options<M: Machine> {
    capacity: usize,
    overflow: Overflow,
    name: Option<String>,
    observer: Option<Observer>,
    linker: Option<Linker>,
    records: usize,
    sink: Option<Sink<M>>,
    dead_letters: Option<DeadLetters<M>>,
    on_failure: Option<Hook<M>>,
    keep: Option<Keep<M>>,
    #[cfg(feature = "metrics")]
    labels: Vec<crate::meter::Label>,
}

impl<M: Machine> Default for Options<M> {
    fn default() -> Self {
        Self {
            capacity: DEFAULT_CAPACITY,
            overflow: Overflow::Wait,
            name: None,
            observer: None,
            linker: None,
            records: 0,
            sink: None,
            dead_letters: None,
            on_failure: None,
            keep: None,
            #[cfg(feature = "metrics")]
            labels: Vec::new(),
        }
    }
}

impl<M: Machine> Options<M> {
    /// How many events the mailbox holds before [`Options::overflow`] takes effect, beside the batch that is being worked
    /// off. 0 counts as 1. Memory is used only as events really queue up.
    pub fn capacity(mut self, capacity: usize) -> Self {
        self.capacity = capacity;
        self
    }

    /// What happens to events for which the mailbox has no room; by default their senders wait.
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.overflow = overflow;
        self
    }

    /// A name for this one machine in traces; that of the spec by default.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Calls `observer` for every transition, after its step and before the next event, in the machine's own task. It
    /// should be quick. A second one replaces the first.
    pub fn on_transition(mut self, observer: impl FnMut(&Transition<'_>) + Send + 'static) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Calls `link` with the span of each step whose message came with an [`Origin`], before anything happens in it, in the
    /// machine's own task, while `tracing` listens: where a program that exports its spans sets the span's parent in the
    /// trace of the sender.
    pub fn link_spans(mut self, link: impl FnMut(&Span, &Origin) + Send + 'static) -> Self {
        self.linker = Some(Box::new(link));
        self
    }

    /// Keeps the last transitions, so many of them, for [`Handle::records`] and the report.
    pub fn records(mut self, last: usize) -> Self {
        self.records = last;
        self
    }

    /// Calls `messages` with each message that the machine emits, in the machine's own task, at its place in the step. It
    /// should be quick. Without it they are lost.
    pub fn on_emit(self, mut messages: impl FnMut(M::Message) + Send + 'static) -> Self {
        self.on_emit_traced(move |message, _| messages(message))
    }

    /// As [`Options::on_emit`], with the [`Origin`] of the message whose step emits, where its sender told: what is sent on
    /// belongs to the same trace. A message that was deferred keeps it; a timer and an invoke have none.
    pub fn on_emit_traced(mut self, messages: impl FnMut(M::Message, Option<&Origin>) + Send + 'static) -> Self {
        self.sink = Some(Box::new(messages));
        self
    }

    /// Calls `keep` with each event that the machine does not handle, and why: no state asks for it, its step failed, the
    /// mailbox was full, the machine ended before its turn. It is called in the task where that shows, the machine's or
    /// a sender's, and should be quick; into a channel it leads by
    /// `.dead_letters(move |letter| drop(channel.send(letter)))`.
    pub fn dead_letters(mut self, keep: impl Fn(DeadLetter<M::Event>) + Send + Sync + 'static) -> Self {
        self.dead_letters = Some(Box::new(keep));
        self
    }

    /// Calls `hook` with each failed step, before what follows from it, in the machine's own task.
    pub fn on_failure(mut self, hook: impl FnMut(&Failure<'_, M::Error>) + Send + 'static) -> Self {
        self.on_failure = Some(Box::new(hook));
        self
    }

    /// Keeps a copy of the machine before each step, so that one that fails can be made anew from there
    /// ([`Restart::last`]). Costs a clone of the machine a step. How much is left of its timers is not kept:
    /// [`Options::spawn_resuming`] keeps that too.
    pub fn remember(mut self) -> Self
    where
        M: Clone,
    {
        self.keep = Some(M::clone);
        self
    }
}

#[cfg(feature = "metrics")]
impl<M: Machine> Options<M> {
    /// A label of this machine's [metrics](crate::metrics), beside `machine`. There should be few values of it: each
    /// makes series of its own.
    pub fn label(mut self, label: &'static str, value: impl Into<String>) -> Self {
        self.labels.push(crate::meter::Label::new(label, value.into()));
        self
    }
}

impl<M: Runnable> Options<M> {
    /// Sets `service` going in a task of its own; see [`spawn`].
    ///
    /// # Panics
    /// Outside of a tokio runtime, as [`tokio::spawn`] does.
    pub fn spawn<S>(self, service: S) -> Handle<M>
    where
        S: Service<Machine = M> + Send + 'static,
    {
        self.spawn_on(service, &runtime::Handle::current())
    }

    /// Sets a service going whose handlers, or what they start, send to their own machine: `make` is given the handle
    /// that they keep, before the machine is there. As [`Arc::new_cyclic`] does for pointers.
    ///
    /// `options().spawn_with(|own| Robot::new(Worker::new(own.clone())))`
    ///
    /// # Panics
    /// Outside of a tokio runtime, as [`tokio::spawn`] does.
    pub fn spawn_with<S>(self, make: impl FnOnce(&WeakHandle<M>) -> S) -> Handle<M>
    where
        S: Service<Machine = M> + Send + 'static,
    {
        self.launch(&runtime::Handle::current(), None, None, make)
    }

    /// Sets `service` going in a task of its own on a given runtime; see [`spawn`].
    pub fn spawn_on<S>(self, service: S, runtime: &runtime::Handle) -> Handle<M>
    where
        S: Service<Machine = M> + Send + 'static,
    {
        self.launch(runtime, None, None, |_| service)
    }

    /// Sets a service going that `make` makes, and makes anew when a step fails and the policy says so: then it goes on from
    /// where it was before that step, its timers with what is left of them, its invokes anew. The handles, and what waits
    /// in the mailbox, live through it. A machine that fails before its first event begins in its initial state again.
    ///
    /// `options().spawn_resuming(Supervision::new(), || Robot::new(Worker::new()))`
    ///
    /// Costs a snapshot a step.
    ///
    /// # Panics
    /// Outside of a tokio runtime, as [`tokio::spawn`] does.
    pub fn spawn_resuming<S>(self, policy: Supervision, mut make: impl FnMut() -> S + Send + 'static) -> Handle<M>
    where
        S: Persist<Machine = M> + Send + 'static,
        S::Snapshot: Send + 'static,
    {
        let (service, laid_down) = (make(), Arc::<Mutex<Option<(S::Snapshot, Instant)>>>::default());
        let last = Arc::clone(&laid_down);
        let memory: Memory<S> = Box::new(move |service, left| {
            let snapshot = service.snapshot(|_, generation| left(generation));
            // Each change is whole, here and below.
            *laid_down.lock().unwrap_or_else(PoisonError::into_inner) = Some((snapshot, Instant::now()));
        });
        let factory: Factory<S> = Box::new(move |_| {
            let taken = last.lock().unwrap_or_else(PoisonError::into_inner).take();
            match taken {
                // It was made by this very spec, so it fits.
                Some((snapshot, at)) => make().restore(snapshot, at.elapsed()).expect("a snapshot of the same spec"),
                None => make(),
            }
        });
        self.launch(&runtime::Handle::current(), Some((policy, factory)), Some(memory), |_| service)
    }

    /// Sets a service going that `make` makes, and makes anew when a step fails and the policy says so: from the initial
    /// state by `Robot::new`, from a snapshot by `Robot::restore`. The first time, `make` is given `None`. The handles,
    /// and what waits in the mailbox, live through it.
    ///
    /// `options().spawn_supervised(Supervision::new(), |_| Robot::new(Worker::new()))`
    ///
    /// # Panics
    /// Outside of a tokio runtime, as [`tokio::spawn`] does.
    pub fn spawn_supervised<S>(
        self,
        policy: Supervision,
        mut make: impl FnMut(Option<&Restart<'_, M>>) -> S + Send + 'static,
    ) -> Handle<M>
    where
        S: Service<Machine = M> + Send + 'static,
    {
        let service = make(None);
        let factory: Factory<S> = Box::new(move |restart| make(Some(restart)));
        self.launch(&runtime::Handle::current(), Some((policy, factory)), None, |_| service)
    }

    fn launch<S>(
        self,
        runtime: &runtime::Handle,
        policy: Option<(Supervision, Factory<S>)>,
        memory: Option<Memory<S>>,
        make: impl FnOnce(&WeakHandle<M>) -> S,
    ) -> Handle<M>
    where
        S: Service<Machine = M> + Send + 'static,
    {
        #[cfg(feature = "metrics")]
        let meter = Meter::new(M::DEFINITION.name, self.labels);
        #[cfg(not(feature = "metrics"))]
        let meter = Meter;
        meter.started();
        let shared = Arc::new(Shared {
            mailbox: Mailbox::new(self.capacity, self.overflow),
            handles: AtomicUsize::new(1),
            report: Ending::new(),
            meter: meter.clone(),
            dead_letters: self.dead_letters.map(Box::new),
        });
        let mut tracer = Tracer::new(self.name, self.observer, Recorder::keeping(self.records));
        if let Some(linker) = self.linker {
            tracer.link(linker);
        }
        let world = Surroundings::new(tracer, meter, self.sink);
        let supervisor = Supervisor::new(policy, self.on_failure, self.keep, memory);
        // Both are there before `make` runs: should it panic, nobody who has its handle waits for ever.
        let (handle, desk) = (Handle::first(Arc::clone(&shared)), Desk::new(shared));
        let task = runtime.spawn(Dispatcher::new(make(&handle.downgrade()), world, supervisor, desk).live());
        handle.shared.mailbox.bind(task.abort_handle());
        handle
    }
}
