//! Sending with a word about where the message comes from.
//!
//! Part of [`super`]. The ways to send are those of the handle; the [`Origin`] goes along in a box, in the place of whoever
//! asks, so that messages without one are no larger.

use std::fmt;

use tokio::sync::oneshot;

use super::{Asking, Handle, Sending, sending};
use crate::core::{Machine, Outcome};
use crate::error::{AskError, SendError};
use crate::shared::{Envelope, Reply};
use crate::trace::Origin;

/// A handle with the origin of the next message: what [`Handle::traced`] gives.
#[must_use = "nothing is sent until `send` or `ask` is called"]
pub struct Traced<'a, M: Machine> {
    handle: &'a Handle<M>,
    origin: Origin,
}

impl<M: Machine> Handle<M> {
    /// The way to send a message with its own id and the trace that it belongs to: they stand in the spans and events of
    /// its step, in [`crate::trace::Transition`] and in [`crate::Record`]s, also where the machine defers the event.
    ///
    /// `handle.traced(Origin::new().id("order-17").trace(header.parse()?)).send(Start { … }).await?`
    ///
    /// Costs an allocation a message.
    pub fn traced(&self, origin: Origin) -> Traced<'_, M> {
        Traced { handle: self, origin }
    }
}

impl<'a, M: Machine> Traced<'a, M> {
    /// As [`Handle::send`].
    ///
    /// # Errors
    /// As [`Handle::send`].
    pub fn send(self, event: impl Into<M::Event>) -> Sending<'a, M> {
        Sending::new(&self.handle.shared, envelope(self.origin, event, None))
    }

    /// As [`Handle::try_send`].
    ///
    /// # Errors
    /// As [`Handle::try_send`].
    pub fn try_send(self, event: impl Into<M::Event>) -> Result<(), SendError<M::Event>> {
        self.handle.try_put(envelope(self.origin, event, None))
    }

    /// As [`Handle::send_urgent`].
    ///
    /// # Errors
    /// As [`Handle::send_urgent`].
    pub fn send_urgent(self, event: impl Into<M::Event>) -> Result<(), SendError<M::Event>> {
        let envelope = envelope(self.origin, event, None);
        self.handle.shared.mailbox.push_urgent(envelope).map_err(sending::without_envelope)
    }

    /// As [`Handle::ask`].
    ///
    /// # Errors
    /// As [`Handle::ask`].
    pub fn ask(self, event: impl Into<M::Event>) -> Asking<'a, M> {
        let (reply, answer) = oneshot::channel();
        Asking::new(&self.handle.shared, envelope(self.origin, event, Some(Reply::Result(reply))), answer)
    }

    /// As [`Handle::request`].
    ///
    /// # Errors
    /// As [`Handle::request`].
    pub async fn request(self, event: impl Into<M::Event>) -> Result<(Outcome, Option<M::Reply>), AskError<M::Error>> {
        let (reply, answer) = oneshot::channel();
        self.handle.put_request(envelope(self.origin, event, Some(Reply::Request(reply))), answer).await
    }
}

fn envelope<M: Machine>(origin: Origin, event: impl Into<M::Event>, reply: Option<Reply<M>>) -> Envelope<M> {
    Envelope { event: event.into(), reply: Some(Reply::From(Box::new((origin, reply)))) }
}

impl<M: Machine> fmt::Debug for Traced<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Traced").field("handle", self.handle).field("origin", &self.origin).finish()
    }
}
