//! What the rest of a program holds of a running machine.
//!
//! A [`Handle`] is one pointer. Handles keep the machine running: when the last one is dropped, the dispatcher works
//! off what the mailbox had taken, and ends. A [`WeakHandle`] does not; it is what a machine's own handlers should hold.
//! Here stand the ways to send, to ask and to end; [`crate::watching`] has those to look.

mod sending;
mod traced;
mod weak;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::oneshot;

use crate::core::{Machine, Outcome, StepResult};
use crate::dispatcher::caught;
use crate::error::{AskError, Refused, SendError};
use crate::question::answered;
use crate::report::{Reason, Report};
use crate::shared::{Answer, Envelope, Look, Reply, Shared, WithReply};
pub use sending::{Asking, Sending};
pub use traced::Traced;
pub use weak::WeakHandle;

/// A running machine.
pub struct Handle<M: Machine> {
    pub(crate) shared: Arc<Shared<M>>,
}

impl<M: Machine> Handle<M> {
    /// The handle that is already counted in `shared`.
    pub(crate) fn first(shared: Arc<Shared<M>>) -> Self {
        Self { shared }
    }

    /// Sends an event, waiting while the mailbox is full unless [`crate::Overflow`] says otherwise. Senders that wait get in strictly in order, and events of one
    /// sender are handled in the order in which they were sent.
    ///
    /// Cancel-safe: an event whose future was dropped before it was ready is not sent. Like all fair queues it keeps a
    /// place for a sender whose turn has come until its future is polled or dropped.
    ///
    /// # Errors
    /// [`SendError`], with the event, if the machine takes no more events, or if its own handler sends and would have
    /// to wait.
    pub fn send(&self, event: impl Into<M::Event>) -> Sending<'_, M> {
        Sending::new(&self.shared, Envelope { event: event.into(), reply: None })
    }

    /// Sends an event if the mailbox has room for it now, or makes room ([`crate::Overflow::DropOldest`]).
    ///
    /// # Errors
    /// [`SendError`], with the event, if the mailbox is full or the machine takes no more events.
    pub fn try_send(&self, event: impl Into<M::Event>) -> Result<(), SendError<M::Event>> {
        self.try_put(Envelope { event: event.into(), reply: None })
    }

    fn try_put(&self, envelope: Envelope<M>) -> Result<(), SendError<M::Event>> {
        let lost = self.shared.mailbox.try_push(envelope).map_err(sending::without_envelope)?;
        self.shared.lose(lost);
        Ok(())
    }

    /// Sends an event that goes before all those that wait in the mailbox, in a lane of its own that holds as many. To
    /// stop a robot, say, that has a thousand moves before it. After 16 urgent events one of the others has its turn.
    ///
    /// # Errors
    /// [`SendError`], with the event, if the lane is full or the machine takes no more events.
    pub fn send_urgent(&self, event: impl Into<M::Event>) -> Result<(), SendError<M::Event>> {
        let envelope = Envelope { event: event.into(), reply: None };
        self.shared.mailbox.push_urgent(envelope).map_err(sending::without_envelope)
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
        Asking::new(&self.shared, Envelope { event: event.into(), reply: Some(Reply::Result(reply)) }, answer)
    }

    /// Sends an event and lets `look` see the machine and what the step gave, right after that step and before the next
    /// event: an answer in which outcome, configuration and context belong together. In all else as [`Handle::ask`].
    ///
    /// `look` runs in the machine's own task and should be quick. A panic of it is one of whoever asks.
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
        let look: Look<M> = Box::new(move |seen| {
            let (machine, result) = match seen {
                Ok(seen) => seen,
                Err(why) => {
                    // Whoever went away needs no answer, here and below.
                    let _ = reply.send(Err(why));
                    return None;
                }
            };
            if reply.is_closed() {
                return Some(result);
            }
            let _ = reply.send(Ok(caught(|| look(machine, result))));
            None
        });
        self.put(Envelope { event: event.into(), reply: Some(Reply::Look(Box::new(look))) })
            .await
            .map_err(AskError::Refused)?;
        match answer.await {
            Ok(answer) => answer.map(answered).map_err(AskError::from),
            Err(_) => Err(AskError::Lost(self.shared.reason())),
        }
    }

    /// Sends an event and gives, besides what became of it, the answer that the machine gave in its step (`reply` in the
    /// spec), if it gave one. In all else as [`Handle::ask`].
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn request(&self, event: impl Into<M::Event>) -> Result<(Outcome, Option<M::Reply>), AskError<M::Error>> {
        let (reply, answer) = oneshot::channel();
        let envelope = Envelope { event: event.into(), reply: Some(Reply::Request(reply)) };
        self.put_request(envelope, answer).await
    }

    async fn put_request(
        &self,
        envelope: Envelope<M>,
        answer: oneshot::Receiver<Answer<WithReply<M>>>,
    ) -> Result<(Outcome, Option<M::Reply>), AskError<M::Error>> {
        if let Err(why) = self.put(envelope).await {
            return sending::refused(why).map(|outcome| (outcome, None));
        }
        match answer.await {
            Ok(Ok((result, reply))) => result.map(|outcome| (outcome, reply)).map_err(AskError::Machine),
            Ok(Err(why)) => Err(AskError::from(why)),
            Err(_) => self.shared.lost().map(|outcome| (outcome, None)),
        }
    }

    /// Puts in a question; waiting for its answer would be waiting for oneself in the machine's own task.
    async fn put(&self, envelope: Envelope<M>) -> Result<(), Refused> {
        if self.shared.mailbox.is_own_task() {
            return Err(Refused::Deadlock);
        }
        let mut push = self.shared.mailbox.push(envelope);
        if (&mut push).await? {
            self.shared.lose(push.take());
        }
        Ok(())
    }

    /// Takes no new events from now on; the machine ends when it has handled those that the mailbox had taken. Senders
    /// that wait for room get their events back. Returns at once, so a handler may call it.
    pub fn close(&self) {
        self.shared.mailbox.close(Reason::Shutdown);
    }

    /// Closes the mailbox, lets the machine handle what was taken, and waits for its end.
    ///
    /// A handler of the machine that waits for this waits for ever; it calls [`Handle::close`] instead.
    pub async fn shutdown(&self) -> Report<M::Output>
    where
        M::Output: Clone,
    {
        self.close();
        self.join().await
    }

    /// Ends the machine after the step that is running, whatever waits in the mailbox: that is dropped, counted in the
    /// report and given to [`crate::Options::dead_letters`]. Returns at once, so a handler may call it; [`Handle::join`]
    /// waits for the end.
    pub fn stop(&self) {
        self.shared.mailbox.halt(Reason::Stopped);
    }

    /// Ends the machine now, also in the middle of a step whose handler never comes to its end: the step is dropped where
    /// it waits. Its event counts as handled, whoever asked for it is told [`AskError::Lost`], and what waits is dropped as
    /// by [`Handle::stop`]; the report says [`Reason::Aborted`]. A handler that blocks its thread cannot be ended.
    ///
    /// To shut down in time: `if timeout(limit, handle.shutdown()).await.is_err() { handle.abort() }`.
    pub fn abort(&self) {
        self.shared.mailbox.abort();
    }

    /// Waits for the end of the machine, whatever its reason; the report has its output. This handle keeps it running
    /// meanwhile; a [`WeakHandle`] waits without that.
    pub async fn join(&self) -> Report<M::Output>
    where
        M::Output: Clone,
    {
        Report::clone(self.shared.report.wait().await)
    }

    /// How the machine ended, once it has.
    #[must_use]
    pub fn report(&self) -> Option<&Report<M::Output>> {
        self.shared.report.get()
    }

    /// Whether it takes no more events.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.mailbox.closed().is_some()
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
