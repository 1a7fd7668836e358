//! The ways to send and to wait for what becomes of the event.
//!
//! Part of [`super`]. What is waited for carries along in whose handler that is, so that a machine that would wait for
//! itself is told so by its shard. With a journal every answer waits until its step is durable.

use tokio::sync::oneshot;

use super::keeping::{Id, NO_ID};
use super::letters::{Asker, Envelope, Label, LookAfter, Looked};
use super::within::{Still, Waits};
use super::{Fleet, Key, reason};
use crate::core::{Outcome, StepResult};
use crate::dispatcher::{Runnable, caught};
use crate::error::{AskError, SendError};
use crate::question::answered;
use crate::trace::Origin;

impl<K: Key, M: Runnable> Fleet<K, M> {
    /// Sends an event and waits for what becomes of it; one that the machine defers is answered when it is handled for
    /// good. Whoever asks a machine that is at its end is told [`Outcome::Finished`].
    ///
    /// If the future is dropped while the mailbox is full, the event is not sent; after that it is handled all the same.
    ///
    /// # Errors
    /// See [`AskError`]. A handler that asks the machine that it belongs to gets [`crate::Refused::Deadlock`]; this is noticed
    /// in the handler itself, not in tasks that it waits for. Other machines it may ask, as long as they do not ask back; it is
    /// refused too where their shard is its own and takes no more events before its step is over ([`Fleet::send`]).
    pub async fn ask(&self, key: K, event: impl Into<M::Event>) -> Result<Outcome, AskError<M::Error>> {
        self.ask_from(key, event.into(), None).await
    }

    /// Sends an event and lets `look` see the machine and what the step gave, right after that step and before the next
    /// event for it: an answer in which outcome, configuration and context belong together. In all else as [`Fleet::ask`].
    ///
    /// `look` runs in the task of the shard and should be quick. With a journal what it gives is told when the step is
    /// durable.
    ///
    /// # Errors
    /// [`AskError::Refused`] and [`AskError::Lost`], also from a machine at its end ([`crate::Reason::Finished`]). What the
    /// machine itself reports goes to `look`.
    pub async fn ask_with<R: Send + 'static>(
        &self,
        key: K,
        event: impl Into<M::Event>,
        look: impl FnOnce(&M, StepResult<M>) -> R + Send + 'static,
    ) -> Result<R, AskError<M::Error>> {
        self.ask_with_from(key, event.into(), look, None).await
    }

    /// Sends an event and gives, besides what became of it, the answer that the machine gave in its step (`reply` in the
    /// spec), if it gave one. In all else as [`Fleet::ask`].
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn request(
        &self,
        key: K,
        event: impl Into<M::Event>,
    ) -> Result<(Outcome, Option<M::Reply>), AskError<M::Error>> {
        self.request_from(key, event.into(), None).await
    }

    pub(super) async fn ask_from(
        &self,
        key: K,
        event: M::Event,
        origin: Option<Origin>,
    ) -> Result<Outcome, AskError<M::Error>> {
        let (asker, answer) = oneshot::channel();
        self.put(self.asking(key, event, Asker::Ask(asker), NO_ID, origin), answer).await
    }

    pub(super) async fn request_from(
        &self,
        key: K,
        event: M::Event,
        origin: Option<Origin>,
    ) -> Result<(Outcome, Option<M::Reply>), AskError<M::Error>> {
        let (asker, answer) = oneshot::channel();
        self.put(self.asking(key, event, Asker::Request(asker), NO_ID, origin), answer).await
    }

    pub(super) async fn ask_with_from<R: Send + 'static>(
        &self,
        key: K,
        event: M::Event,
        look: impl FnOnce(&M, StepResult<M>) -> R + Send + 'static,
        origin: Option<Origin>,
    ) -> Result<R, AskError<M::Error>> {
        let (asker, answer) = oneshot::channel();
        let look: LookAfter<M> = Box::new(move |seen| {
            let (machine, result) = match seen {
                Ok(seen) => seen,
                Err(why) => {
                    // Whoever went away needs no answer, here and below.
                    let _ = asker.send(Err(AskError::from(why)));
                    return Looked::Told;
                }
            };
            if asker.is_closed() {
                return Looked::Unheard(result);
            }
            let answer = caught(|| look(machine, result));
            Looked::Seen(Box::new(move |counts| drop(asker.send(counts.map(|()| answer).map_err(AskError::from)))))
        });
        self.put(self.asking(key, event, Asker::Look(Box::new(look)), NO_ID, origin), answer).await.map(answered)
    }

    /// An event for whose step somebody waits, and what is to be held meanwhile.
    pub(super) fn asking(
        &self,
        key: K,
        event: M::Event,
        asker: Asker<M>,
        id: Id,
        origin: Option<Origin>,
    ) -> (Envelope<K, M>, Still) {
        let hash = self.shared.hash(&key);
        let (within, still) = Waits::here(self.door(hash));
        let plain = origin.is_none() && within.is_none() && id == NO_ID;
        let asker =
            if plain { asker } else { Asker::Labelled(Box::new(Label { id, origin, within, asker: Some(asker) })) };
        (Envelope { hash, key, event, asker: Some(asker) }, still)
    }

    /// Puts a question in and waits for the answer.
    async fn put<T>(
        &self,
        (envelope, still): (Envelope<K, M>, Still),
        answer: oneshot::Receiver<Result<T, AskError<M::Error>>>,
    ) -> Result<T, AskError<M::Error>> {
        let door = self.door(envelope.hash);
        self.push(envelope).await.map_err(|SendError { why, .. }| AskError::Refused(why))?;
        let answer = answer.await;
        drop(still);
        answer.unwrap_or_else(|_| Err(AskError::Lost(reason(door))))
    }
}
