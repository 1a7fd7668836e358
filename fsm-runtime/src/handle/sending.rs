//! The futures of sending and asking.
//!
//! Part of [`super`]. Both can be dropped at any point: an event that is not in the mailbox by then was not sent.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::sync::oneshot;

use crate::core::{Machine, Outcome, StepResult};
use crate::error::{AskError, Refused, SendError};
use crate::mailbox::Push;
use crate::report::Reason;
use crate::shared::{Answer, Control, Envelope, Shared};

/// The future of [`crate::Handle::send`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct Sending<'a, M: Machine> {
    shared: &'a Shared<M>,
    push: Push<'a, Envelope<M>, Control<M>>,
}

impl<'a, M: Machine> Sending<'a, M> {
    pub(super) fn new(shared: &'a Shared<M>, envelope: Envelope<M>) -> Self {
        Self { shared, push: shared.mailbox.push(envelope) }
    }
}

impl<M: Machine> Future for Sending<'_, M> {
    type Output = Result<(), SendError<M::Event>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match ready!(Pin::new(&mut self.push).poll(context)) {
            Ok(false) => Poll::Ready(Ok(())),
            Ok(true) => {
                self.shared.lose(self.push.take());
                Poll::Ready(Ok(()))
            }
            Err(why) => match self.push.take() {
                Some(Envelope { event, .. }) => Poll::Ready(Err(SendError { event, why })),
                // It was given back before.
                None => Poll::Pending,
            },
        }
    }
}

/// The future of [`crate::Handle::ask`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct Asking<'a, M: Machine> {
    shared: &'a Shared<M>,
    /// Until the event is in the mailbox.
    push: Option<Push<'a, Envelope<M>, Control<M>>>,
    answer: oneshot::Receiver<Answer<StepResult<M>>>,
}

// Nothing in it is ever pinned.
impl<M: Machine> Unpin for Asking<'_, M> {}

impl<'a, M: Machine> Asking<'a, M> {
    pub(super) fn new(
        shared: &'a Shared<M>,
        envelope: Envelope<M>,
        answer: oneshot::Receiver<Answer<StepResult<M>>>,
    ) -> Self {
        Self { shared, push: Some(shared.mailbox.push(envelope)), answer }
    }
}

impl<M: Machine> Future for Asking<'_, M> {
    type Output = Result<Outcome, AskError<M::Error>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Some(push) = &mut this.push {
            if this.shared.mailbox.is_own_task() {
                return Poll::Ready(Err(AskError::Refused(Refused::Deadlock)));
            }
            let pushed = ready!(Pin::new(&mut *push).poll(context));
            if let Ok(true) = pushed {
                this.shared.lose(push.take());
            }
            this.push = None;
            if let Err(why) = pushed {
                return Poll::Ready(refused(why));
            }
        }
        let answer = ready!(Pin::new(&mut this.answer).poll(context));
        Poll::Ready(match answer {
            Ok(Ok(result)) => result.map_err(AskError::Machine),
            Ok(Err(why)) => Err(AskError::from(why)),
            Err(_) => this.shared.lost(),
        })
    }
}

/// What is told to whoever asks, and whose event did not get in.
pub(super) fn refused<E>(why: Refused) -> Result<Outcome, AskError<E>> {
    match why {
        Refused::Closed(Reason::Finished) => Ok(Outcome::Finished),
        why => Err(AskError::Refused(why)),
    }
}

pub(super) fn without_envelope<M: Machine>(error: SendError<Envelope<M>>) -> SendError<M::Event> {
    SendError { event: error.event.event, why: error.why }
}
