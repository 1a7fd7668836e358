//! What the rest of a program holds of a running machine.
//!
//! A [`Handle`] is one pointer. Handles keep the machine running: when the last one is dropped, the dispatcher works
//! off what the mailbox had taken, and ends. A [`WeakHandle`] does not; it is what a machine's own handlers should hold.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use tokio::sync::{oneshot, watch};

use crate::core::{Machine, Outcome, StepResult};
use crate::dispatcher::{Control, Envelope, Look, Publisher, Reply, Shared};
use crate::error::{AskError, Refused, SendError};
use crate::mailbox::Push;
use crate::report::{Reason, Report};

/// A running machine.
pub struct Handle<M: Machine> {
    shared: Arc<Shared<M>>,
}

impl<M: Machine> Handle<M> {
    /// The handle that is already counted in `shared`.
    pub(crate) fn first(shared: Arc<Shared<M>>) -> Self {
        Self { shared }
    }

    /// Sends an event, waiting while the mailbox is full. Senders that wait get in strictly in order, and events of one
    /// sender are handled in the order in which they were sent.
    ///
    /// Cancel-safe: an event whose future was dropped before it was ready is not sent. Like all fair queues it keeps a
    /// place for a sender whose turn has come until its future is polled or dropped.
    ///
    /// # Errors
    /// [`SendError`], with the event, if the machine takes no more events, or if its own handler sends and would have
    /// to wait.
    pub fn send(&self, event: impl Into<M::Event>) -> Sending<'_, M> {
        Sending { push: self.shared.mailbox.push(Envelope { event: event.into(), reply: None }) }
    }

    /// Sends an event if the mailbox has room for it now.
    ///
    /// # Errors
    /// [`SendError`], with the event, if the mailbox is full or the machine takes no more events.
    pub fn try_send(&self, event: impl Into<M::Event>) -> Result<(), SendError<M::Event>> {
        self.shared.mailbox.try_push(Envelope { event: event.into(), reply: None }).map_err(without_envelope)
    }

    /// Sends an event and waits for what becomes of it. An event that the machine defers is answered
    /// when it is handled for good. Whoever asks a machine that is at its end, or gets there before the event's turn, is
    /// told [`Outcome::Finished`], as by the machine itself.
    ///
    /// If the future is dropped while the mailbox is full, the event is not sent; after that it is handled all the
    /// same, and an error of the machine is traced instead.
    ///
    /// # Errors
    /// See [`AskError`]. A handler that asks its own machine gets [`Refused::Deadlock`]; this is noticed in the machine's
    /// own task, not in others that the handler waits for.
    pub fn ask(&self, event: impl Into<M::Event>) -> Asking<'_, M> {
        let (reply, answer) = oneshot::channel();
        let push = self.shared.mailbox.push(Envelope { event: event.into(), reply: Some(Reply::Result(reply)) });
        Asking { shared: &self.shared, push: Some(push), answer }
    }

    /// Sends an event and lets `look` see the machine and what the step gave, right after that step and before the next
    /// event: an answer in which outcome, configuration and context belong together. In all else as [`Handle::ask`].
    ///
    /// `look` runs in the machine's own task and should be quick.
    ///
    /// # Errors
    /// [`AskError::Refused`] and [`AskError::Lost`], also from a machine at its end ([`Reason::Finished`]), as there is
    /// none to look at any more. What the machine itself reports goes to `look`.
    pub async fn ask_with<R: Send + 'static>(
        &self,
        event: impl Into<M::Event>,
        look: impl FnOnce(&M, StepResult<M>) -> R + Send + 'static,
    ) -> Result<R, AskError<M::Error>> {
        let (reply, answer) = oneshot::channel();
        let look: Look<M> = Box::new(move |machine, result| {
            if reply.is_closed() {
                return Some(result);
            }
            // Whoever goes away now does so without the answer.
            let _ = reply.send(look(machine, result));
            None
        });
        let envelope = Envelope { event: event.into(), reply: Some(Reply::Look(look)) };
        if self.shared.mailbox.is_own_task() {
            return Err(AskError::Refused(Refused::Deadlock));
        }
        self.shared.mailbox.push(envelope).await.map_err(|error| AskError::Refused(error.why))?;
        answer.await.map_err(|_| AskError::Lost(self.shared.reason()))
    }

    /// Sends an event and gives, besides what became of it, the answer that the machine gave in its step (`reply` in the
    /// spec), if it gave one. In all else as [`Handle::ask`].
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn request(&self, event: impl Into<M::Event>) -> Result<(Outcome, Option<M::Reply>), AskError<M::Error>> {
        let (reply, answer) = oneshot::channel();
        if self.shared.mailbox.is_own_task() {
            return Err(AskError::Refused(Refused::Deadlock));
        }
        let envelope = Envelope { event: event.into(), reply: Some(Reply::Request(reply)) };
        if let Err(error) = self.shared.mailbox.push(envelope).await {
            return refused(error.why).map(|outcome| (outcome, None));
        }
        match answer.await {
            Ok((result, reply)) => result.map(|outcome| (outcome, reply)).map_err(AskError::Machine),
            Err(_) => self.shared.lost().map(|outcome| (outcome, None)),
        }
    }

    /// Lets `look` see the machine between two events, ahead of those that wait in the mailbox, and gives its result.
    ///
    /// # Errors
    /// [`Refused`] if the machine ended, or if its own handler asks.
    pub async fn inspect<R: Send + 'static>(&self, look: impl FnOnce(&M) -> R + Send + 'static) -> Result<R, Refused> {
        self.control(move |machine, _| look(machine)).await
    }

    /// The state it is in now; see [`Handle::inspect`].
    ///
    /// # Errors
    /// As for [`Handle::inspect`].
    pub async fn state(&self) -> Result<M::State, Refused>
    where
        M::State: Clone + Send + 'static,
    {
        self.inspect(|machine| machine.state().clone()).await
    }

    /// A receiver that always holds the latest state, from the one now to the last one; after that its `changed` fails.
    ///
    /// # Errors
    /// As for [`Handle::inspect`].
    pub async fn watch(&self) -> Result<watch::Receiver<M::State>, Refused>
    where
        M::State: Clone + Send + Sync + 'static,
    {
        self.control(|machine: &M, publishers| {
            let (sender, receiver) = watch::channel(machine.state().clone());
            // A machine that stays where it is has nothing to tell them; those that have gone away go now.
            publishers.retain_mut(|publish| publish(None));
            publishers.push(Box::new(move |machine| match machine {
                Some(machine) => sender.send(machine.state().clone()).is_ok(),
                None => !sender.is_closed(),
            }));
            receiver
        })
        .await
    }

    /// Takes no new events from now on; the machine ends when it has handled those that the mailbox had taken. Senders
    /// that wait for room get their events back. Returns at once, so a handler may call it.
    pub fn close(&self) {
        self.shared.mailbox.close(Reason::Shutdown);
    }

    /// Closes the mailbox, lets the machine handle what was taken, and waits for its end.
    ///
    /// A handler of the machine that waits for this waits for ever; it calls [`Handle::close`] instead.
    pub async fn shutdown(&self) -> Report {
        self.close();
        self.join().await
    }

    /// Waits for the end of the machine, whatever its reason. This handle keeps it running meanwhile; a
    /// [`WeakHandle`] waits without that.
    pub async fn join(&self) -> Report {
        Report::clone(self.shared.report.wait().await)
    }

    /// How the machine ended, once it has.
    #[must_use]
    pub fn report(&self) -> Option<&Report> {
        self.shared.report.get().map(Box::as_ref)
    }

    /// Whether it takes no more events.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.mailbox.closed().is_some()
    }

    /// A handle that does not keep the machine running.
    #[must_use]
    pub fn downgrade(&self) -> WeakHandle<M> {
        WeakHandle { shared: Arc::clone(&self.shared) }
    }

    async fn control<R: Send + 'static>(
        &self,
        act: impl FnOnce(&M, &mut Vec<Publisher<M>>) -> R + Send + 'static,
    ) -> Result<R, Refused> {
        let mailbox = &self.shared.mailbox;
        if mailbox.is_own_task() {
            return Err(Refused::Deadlock);
        }
        let (reply, answer) = oneshot::channel();
        let control: Control<M> = Box::new(move |machine, publishers| {
            // Whoever asked may have gone away meanwhile.
            if !reply.is_closed() {
                let _ = reply.send(act(machine, publishers));
            }
        });
        mailbox.push_control(control)?;
        answer.await.map_err(|_| Refused::Closed(self.shared.reason()))
    }
}

impl<M: Machine> Clone for Handle<M> {
    fn clone(&self) -> Self {
        self.shared.handles.fetch_add(1, Ordering::Relaxed);
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<M: Machine> Drop for Handle<M> {
    fn drop(&mut self) {
        if self.shared.handles.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.shared.mailbox.close(Reason::Abandoned);
        }
    }
}

impl<M: Machine> fmt::Debug for Handle<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Handle").field(&M::DEFINITION.name).finish()
    }
}

/// A running machine, not kept running.
pub struct WeakHandle<M: Machine> {
    shared: Arc<Shared<M>>,
}

impl<M: Machine> WeakHandle<M> {
    /// A handle to send with, unless all are dropped already.
    #[must_use]
    pub fn upgrade(&self) -> Option<Handle<M>> {
        let handles: &AtomicUsize = &self.shared.handles;
        let counted = handles.fetch_update(Ordering::AcqRel, Ordering::Relaxed, |count| (count > 0).then(|| count + 1));
        counted.ok().map(|_| Handle { shared: Arc::clone(&self.shared) })
    }

    /// Waits for the end of the machine, whatever its reason.
    pub async fn join(&self) -> Report {
        Report::clone(self.shared.report.wait().await)
    }
}

impl<M: Machine> Clone for WeakHandle<M> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<M: Machine> fmt::Debug for WeakHandle<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WeakHandle").field(&M::DEFINITION.name).finish()
    }
}

/// The future of [`Handle::send`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct Sending<'a, M: Machine> {
    push: Push<'a, Envelope<M>, Control<M>>,
}

impl<M: Machine> Future for Sending<'_, M> {
    type Output = Result<(), SendError<M::Event>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.push).poll(context).map_err(without_envelope)
    }
}

/// The future of [`Handle::ask`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct Asking<'a, M: Machine> {
    shared: &'a Shared<M>,
    /// Until the event is in the mailbox.
    push: Option<Push<'a, Envelope<M>, Control<M>>>,
    answer: oneshot::Receiver<StepResult<M>>,
}

// Nothing in it is ever pinned.
impl<M: Machine> Unpin for Asking<'_, M> {}

impl<M: Machine> Future for Asking<'_, M> {
    type Output = Result<Outcome, AskError<M::Error>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Some(push) = &mut this.push {
            if this.shared.mailbox.is_own_task() {
                return Poll::Ready(Err(AskError::Refused(Refused::Deadlock)));
            }
            let pushed = ready!(Pin::new(push).poll(context));
            this.push = None;
            if let Err(error) = pushed {
                return Poll::Ready(refused(error.why));
            }
        }
        let answer = ready!(Pin::new(&mut this.answer).poll(context));
        Poll::Ready(match answer {
            Ok(result) => result.map_err(AskError::Machine),
            Err(_) => this.shared.lost(),
        })
    }
}

impl<M: Machine> Shared<M> {
    /// Why an answer did not come. A task that is dropped lets go of its askers before it closes the mailbox.
    fn reason(&self) -> Reason {
        self.mailbox.closed().unwrap_or(Reason::Aborted)
    }

    /// What is told to whoever asked, and got no answer. A machine at its end would have said so itself.
    fn lost(&self) -> Result<Outcome, AskError<M::Error>> {
        match self.reason() {
            Reason::Finished => Ok(Outcome::Finished),
            reason => Err(AskError::Lost(reason)),
        }
    }
}

/// What is told to whoever asks, and whose event did not get in.
fn refused<E>(why: Refused) -> Result<Outcome, AskError<E>> {
    match why {
        Refused::Closed(Reason::Finished) => Ok(Outcome::Finished),
        why => Err(AskError::Refused(why)),
    }
}

fn without_envelope<M: Machine>(error: SendError<Envelope<M>>) -> SendError<M::Event> {
    SendError { event: error.event.event, why: error.why }
}
