//! How a machine is set going: [`spawn`] with the defaults, [`options`] with more to say.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use tokio::runtime;
use tokio::sync::SetOnce;

use crate::core::{Machine, Service};
use crate::dispatcher::{Desk, Dispatcher, Runnable, Shared};
use crate::handle::{Handle, WeakHandle};
use crate::mailbox::Mailbox;
use crate::surroundings::{Sink, Surroundings};
use crate::trace::{Observer, Tracer, Transition};

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
pub fn options() -> Options {
    Options::default()
}

/// How a machine is set going.
#[must_use = "options do nothing until `spawn` is called"]
pub struct Options {
    capacity: usize,
    name: Option<String>,
    observer: Option<Observer>,
}

impl Default for Options {
    fn default() -> Self {
        Self { capacity: DEFAULT_CAPACITY, name: None, observer: None }
    }
}

impl Options {
    /// How many events the mailbox holds before senders wait, beside the batch that is being worked off. 0 counts as 1.
    /// Memory is used only as events really queue up.
    pub fn capacity(mut self, capacity: usize) -> Self {
        self.capacity = capacity;
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

    /// Sets `service` going in a task of its own; see [`spawn`].
    ///
    /// # Panics
    /// Outside of a tokio runtime, as [`tokio::spawn`] does.
    pub fn spawn<S>(self, service: S) -> Handle<S::Machine>
    where
        S: Service + Send + 'static,
        S::Machine: Runnable,
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
    pub fn spawn_with<S>(self, make: impl FnOnce(&WeakHandle<S::Machine>) -> S) -> Handle<S::Machine>
    where
        S: Service + Send + 'static,
        S::Machine: Runnable,
    {
        self.launch(make, &runtime::Handle::current(), None)
    }

    /// Sets `service` going in a task of its own on a given runtime; see [`spawn`].
    pub fn spawn_on<S>(self, service: S, runtime: &runtime::Handle) -> Handle<S::Machine>
    where
        S: Service + Send + 'static,
        S::Machine: Runnable,
    {
        self.launch(|_| service, runtime, None)
    }

    /// Sets going a `service` whose machine tells the outside something: `messages` is called with each message that it
    /// emits, in the machine's own task, at its place in the step. It should be quick. Without it they are lost.
    ///
    /// # Panics
    /// Outside of a tokio runtime, as [`tokio::spawn`] does.
    pub fn spawn_emitting<S>(
        self,
        service: S,
        messages: impl FnMut(<S::Machine as Machine>::Message) + Send + 'static,
    ) -> Handle<S::Machine>
    where
        S: Service + Send + 'static,
        S::Machine: Runnable,
    {
        self.launch(|_| service, &runtime::Handle::current(), Some(Box::new(messages)))
    }

    fn launch<S>(
        self,
        make: impl FnOnce(&WeakHandle<S::Machine>) -> S,
        runtime: &runtime::Handle,
        sink: Option<Sink<S::Machine>>,
    ) -> Handle<S::Machine>
    where
        S: Service + Send + 'static,
        S::Machine: Runnable,
    {
        let shared = Arc::new(Shared {
            mailbox: Mailbox::new(self.capacity),
            handles: AtomicUsize::new(1),
            report: SetOnce::new(),
        });
        let tracer = Tracer::new(S::Machine::DEFINITION, self.name, self.observer);
        let world = Surroundings::new(tracer, sink);
        // Both are there before `make` runs: should it panic, nobody who has its handle waits for ever.
        let (handle, desk) = (Handle::first(Arc::clone(&shared)), Desk::new(shared));
        let mut dispatcher = Dispatcher::new(make(&handle.downgrade()), world, desk);
        // A block that captures, because an `async fn` would hold its argument twice.
        runtime.spawn(async move { dispatcher.live().await });
        handle
    }
}
