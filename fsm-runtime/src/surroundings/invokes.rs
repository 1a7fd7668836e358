//! What runs beside one machine in a task.
//!
//! Part of [`super`]. Invariants: one that was cancelled never gives a result; dropping this ends them all.

use std::future::Future;
use std::task::{Context, Poll, ready};

use tokio::task::{AbortHandle, Id, JoinError, JoinSet};
use tracing::{Instrument as _, debug_span};

use crate::core::Machine;
use crate::dispatcher::Payload;
use crate::rare::Rare;
use crate::trace::TARGET;

/// What runs beside one machine, if anything ever did.
pub(crate) struct Invokes<M: Machine>(Rare<Beside<M>>);

struct Beside<M: Machine> {
    wanted: Vec<(u32, M::Invoke)>,
    running: Vec<(u32, AbortHandle)>,
    tasks: JoinSet<M::Done>,
    /// The next one that ended and what it gave, from when the dispatcher was woken by it.
    next: Option<(u32, Result<M::Done, Payload>)>,
}

/// How an invoke ended: its generation and its result, or the panic of its task.
pub(crate) type Ended<M> = Result<(u32, <M as Machine>::Done), Payload>;

impl<M: Machine> Default for Beside<M> {
    fn default() -> Self {
        Self { wanted: Vec::new(), running: Vec::new(), tasks: JoinSet::new(), next: None }
    }
}

impl<M: Machine> Invokes<M> {
    pub(super) const fn new() -> Self {
        Self(Rare::new())
    }

    /// To be started when the step is over.
    pub(super) fn want(&mut self, generation: u32, invoke: M::Invoke) {
        self.0.make().wanted.push((generation, invoke));
    }

    /// Whether something waits to be started.
    pub(super) fn has_wanted(&self) -> bool {
        self.0.get().is_some_and(|beside| !beside.wanted.is_empty())
    }

    pub(super) fn cancel(&mut self, generation: u32) {
        if let Some(beside) = self.0.get_mut() {
            beside.cancel(generation);
        }
    }

    /// Starts what waits for it.
    pub(crate) fn start<F>(&mut self, key: Option<&str>, run: impl FnMut(M::Invoke) -> F)
    where
        F: Future<Output = M::Done> + Send + 'static,
        M::Done: Send + 'static,
    {
        if let Some(beside) = self.0.get_mut() {
            beside.start(key, run);
        }
    }

    /// Whether there is, or will be, a result.
    pub(super) fn is_running(&self) -> bool {
        self.0.get().is_some_and(|beside| beside.next.is_some() || !beside.tasks.is_empty())
    }

    /// Ready when there is a result.
    pub(crate) fn poll_done(&mut self, context: &mut Context<'_>) -> Poll<()>
    where
        M::Done: 'static,
    {
        self.0.get_mut().map_or(Poll::Pending, |beside| beside.poll_done(context))
    }

    /// Takes the next result, if there is one. One that was cancelled does not come.
    pub(crate) fn take_done(&mut self) -> Option<Ended<M>>
    where
        M::Done: 'static,
    {
        self.0.get_mut()?.take_done()
    }
}

impl<M: Machine> Beside<M> {
    fn cancel(&mut self, generation: u32) {
        self.wanted.retain(|wanted| wanted.0 != generation);
        if let Some(at) = self.running.iter().position(|running| running.0 == generation) {
            self.running.swap_remove(at).1.abort();
        }
        self.next.take_if(|next| next.0 == generation);
    }

    fn start<F>(&mut self, key: Option<&str>, mut run: impl FnMut(M::Invoke) -> F)
    where
        F: Future<Output = M::Done> + Send + 'static,
        M::Done: Send + 'static,
    {
        for (generation, invoke) in self.wanted.drain(..) {
            let (task, span) =
                (run(invoke), debug_span!(target: TARGET, "invoke", machine = M::DEFINITION.name, key, generation));
            let handle = if span.is_none() { self.tasks.spawn(task) } else { self.tasks.spawn(task.instrument(span)) };
            self.running.push((generation, handle));
        }
    }

    fn poll_done(&mut self, context: &mut Context<'_>) -> Poll<()>
    where
        M::Done: 'static,
    {
        while self.next.is_none() {
            let Some(result) = ready!(self.tasks.poll_join_next_with_id(context)) else { return Poll::Pending };
            self.next = self.accept(result);
        }
        Poll::Ready(())
    }

    fn take_done(&mut self) -> Option<Ended<M>>
    where
        M::Done: 'static,
    {
        while self.next.is_none() {
            let result = self.tasks.try_join_next_with_id()?;
            self.next = self.accept(result);
        }
        let (generation, result) = self.next.take()?;
        Some(result.map(|done| (generation, done)))
    }

    /// The result of an invoke that is still wanted.
    fn accept(&mut self, result: Result<(Id, M::Done), JoinError>) -> Option<(u32, Result<M::Done, Payload>)> {
        let id = result.as_ref().map_or_else(JoinError::id, |done| done.0);
        let at = self.running.iter().position(|running| running.1.id() == id)?;
        let (generation, _) = self.running.swap_remove(at);
        match result.map_err(JoinError::try_into_panic) {
            Ok((_, done)) => Some((generation, Ok(done))),
            Err(Ok(panic)) => Some((generation, Err(panic))),
            // It was aborted by the runtime, which goes away.
            Err(Err(_)) => None,
        }
    }
}
