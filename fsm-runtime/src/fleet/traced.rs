//! Sending to a machine of a fleet with a word about where the message comes from.
//!
//! Part of [`super`], and to a fleet what [`crate::Traced`] is to a single machine.

use std::fmt;

use super::{Fleet, Key};
use crate::core::{Machine, Outcome, StepResult};
use crate::dispatcher::Runnable;
use crate::error::{AskError, SendError};
#[cfg(feature = "journal")]
use crate::journal::MessageId;
use crate::trace::Origin;

/// A fleet with the origin of the next message: what [`Fleet::traced`] gives.
#[must_use = "nothing is sent until `send` or `ask` is called"]
pub struct Traced<'a, K: Key, M: Machine> {
    fleet: &'a Fleet<K, M>,
    origin: Origin,
}

impl<K: Key, M: Runnable> Fleet<K, M> {
    /// The way to send a message with its own id and the trace that it belongs to: they stand in the spans and events of
    /// its step and in [`crate::trace::Transition`], also where the machine defers the event.
    ///
    /// `fleet.traced(Origin::new().id("order-17").trace(header.parse()?)).send(17, Start { … }).await?`
    ///
    /// The id is for whoever reads the trace; by which one a journal knows a message again, [`Fleet::send_with_id`] tells
    /// it. Costs an allocation a message.
    pub fn traced(&self, origin: Origin) -> Traced<'_, K, M> {
        Traced { fleet: self, origin }
    }
}

impl<K: Key, M: Runnable> Traced<'_, K, M> {
    /// As [`Fleet::send`].
    ///
    /// # Errors
    /// As [`Fleet::send`].
    pub async fn send(self, key: K, event: impl Into<M::Event>) -> Result<(), SendError<M::Event>> {
        self.fleet.send_from(key, event.into(), Some(self.origin)).await
    }

    /// As [`Fleet::try_send`].
    ///
    /// # Errors
    /// As [`Fleet::try_send`].
    pub fn try_send(self, key: K, event: impl Into<M::Event>) -> Result<(), SendError<M::Event>> {
        self.fleet.try_send_from(key, event.into(), Some(self.origin))
    }

    /// As [`Fleet::send_with_id`].
    ///
    /// # Errors
    /// As [`Fleet::send_with_id`].
    ///
    /// # Panics
    /// As [`Fleet::send_with_id`].
    #[cfg(feature = "journal")]
    pub async fn send_with_id(
        self,
        key: K,
        id: MessageId,
        event: impl Into<M::Event>,
    ) -> Result<bool, SendError<M::Event>> {
        self.fleet.send_known(key, event.into(), Some(id), Some(self.origin)).await
    }

    /// As [`Fleet::ask`].
    ///
    /// # Errors
    /// As [`Fleet::ask`].
    pub async fn ask(self, key: K, event: impl Into<M::Event>) -> Result<Outcome, AskError<M::Error>> {
        self.fleet.ask_from(key, event.into(), Some(self.origin)).await
    }

    /// As [`Fleet::ask_with`].
    ///
    /// # Errors
    /// As [`Fleet::ask_with`].
    pub async fn ask_with<R: Send + 'static>(
        self,
        key: K,
        event: impl Into<M::Event>,
        look: impl FnOnce(&M, StepResult<M>) -> R + Send + 'static,
    ) -> Result<R, AskError<M::Error>> {
        self.fleet.ask_with_from(key, event.into(), look, Some(self.origin)).await
    }

    /// As [`Fleet::request`].
    ///
    /// # Errors
    /// As [`Fleet::request`].
    pub async fn request(
        self,
        key: K,
        event: impl Into<M::Event>,
    ) -> Result<(Outcome, Option<M::Reply>), AskError<M::Error>> {
        self.fleet.request_from(key, event.into(), Some(self.origin)).await
    }
}

impl<K: Key, M: Machine> fmt::Debug for Traced<'_, K, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Traced").field("fleet", self.fleet).field("origin", &self.origin).finish()
    }
}
