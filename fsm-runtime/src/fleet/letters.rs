//! What travels between a fleet's handle and its shards.
//!
//! Part of [`super`]. Invariant: whoever asked is told exactly once; an asker that is dropped says that the shard ended
//! first.

#[cfg(feature = "journal")]
use std::sync::Arc;
#[cfg(feature = "journal")]
use std::sync::atomic::{AtomicUsize, Ordering};

#[cfg(feature = "journal")]
use tokio::sync::Notify;
use tokio::sync::oneshot;

use super::keeping::Id;
use super::within::Waits;
use crate::core::{Machine, Outcome, StepResult};
#[cfg(feature = "journal")]
use crate::error::SendError;
use crate::error::{AskError, Refused};
use crate::question::{Abandoned, Question};
use crate::report::Reason;
use crate::shared::Unanswered;
use crate::trace::Origin;

/// An event for the machine of a key.
pub(super) struct Envelope<K, M: Machine> {
    pub(super) hash: u64,
    pub(super) key: K,
    pub(super) event: M::Event,
    pub(super) asker: Option<Asker<M>>,
}

/// Something to do for a shard between two events.
pub(super) enum Control<K, M: Machine> {
    /// To see a machine, or that there is none; with the entry of the machine whose handler wants to, if one does.
    Look(u64, K, Look<M>, Option<u32>),
    /// To let go of a machine; whether there was one goes back.
    Forget(u64, K, oneshot::Sender<bool>),
}

impl<K, M: Machine> Abandoned for Control<K, M> {
    fn is_abandoned(&self) -> bool {
        match self {
            Self::Look(_, _, look, _) => look.is_abandoned(),
            Self::Forget(_, _, told) => told.is_closed(),
        }
    }
}

/// Sees a machine between two steps, if it is there, or why it cannot be seen.
pub(super) type Look<M> = Question<dyn FnOnce(Result<Option<&M>, Refused>) + Send>;

/// Where the result of a step goes.
pub(super) enum Asker<M: Machine> {
    /// To [`super::Fleet::ask`].
    Ask(oneshot::Sender<Result<Outcome, AskError<M::Error>>>),
    /// To [`super::Fleet::request`], with the machine's own answer.
    Request(oneshot::Sender<Requested<M>>),
    /// To [`super::Fleet::ask_with`], past the machine.
    Look(Box<LookAfter<M>>),
    /// The same, after it has seen the machine.
    Seen(Box<Seen>),
    /// To [`super::Fleet::send`], where a journal acknowledges; whether the event was handled now.
    #[cfg(feature = "journal")]
    Sent(oneshot::Sender<Result<bool, SendError<M::Event>>>),
    /// To [`super::Fleet::send_batch`], where a journal acknowledges.
    #[cfg(feature = "journal")]
    Counted(Counted),
    /// An event of which more is known than who asked.
    Labelled(Box<Label<M>>),
}

/// What is known of a message. It stands in a box in the place of the asker, so that a plain event is no larger for it.
pub(super) struct Label<M: Machine> {
    /// By what a journal knows it again.
    pub(super) id: Id,
    /// Where it comes from, as far as its sender tells.
    pub(super) origin: Option<Origin>,
    /// Whose handler waits for what becomes of it, if it is one of the same shard.
    pub(super) within: Option<Waits>,
    pub(super) asker: Option<Asker<M>>,
}

/// Sees a machine after a step. What comes of it is kept until the step counts.
pub(super) type LookAfter<M> = Box<dyn FnOnce(Result<(&M, StepResult<M>), Unanswered>) -> Looked<M> + Send>;

/// Tells what somebody saw, or why that does not count.
pub(super) type Seen = Box<dyn FnOnce(Result<(), Unanswered>) + Send>;

/// What comes of a look at a machine after a step.
pub(super) enum Looked<M: Machine> {
    /// Whoever looked was told that there is nothing to see.
    Told,
    /// Whoever looked has gone away.
    Unheard(StepResult<M>),
    /// It is to be told when the step counts.
    Seen(Seen),
}

/// Who asked for an event that came to nothing, and the event.
pub(super) type Left<M> = (Option<Asker<M>>, Option<<M as Machine>::Event>);

/// What [`super::Fleet::request`] gives.
pub(super) type Requested<M> = Result<(Outcome, Option<<M as Machine>::Reply>), AskError<<M as Machine>::Error>>;

impl<M: Machine> Asker<M> {
    /// The result of the step; what nobody hears comes back.
    pub(super) fn tell(self, result: StepResult<M>, reply: impl FnOnce() -> Option<M::Reply>) -> Option<StepResult<M>> {
        let machine = |error| match error {
            AskError::Machine(error) => Some(Err(error)),
            AskError::Refused(_) | AskError::Lost(_) => None,
        };
        match self {
            Self::Ask(asker) => match asker.send(result.map_err(AskError::Machine)).err()? {
                Ok(outcome) => Some(Ok(outcome)),
                Err(error) => machine(error),
            },
            Self::Request(asker) => {
                let answer = result.map(|outcome| (outcome, reply())).map_err(AskError::Machine);
                match asker.send(answer).err()? {
                    Ok((outcome, _)) => Some(Ok(outcome)),
                    Err(error) => machine(error),
                }
            }
            // Whoever sends wants to know that the event was handled, and has no place for how.
            #[cfg(feature = "journal")]
            Self::Sent(asker) => {
                drop(asker.send(Ok(true)));
                Some(result)
            }
            #[cfg(feature = "journal")]
            Self::Counted(mut counted) => {
                counted.handled = true;
                Some(result)
            }
            Self::Seen(tell) => {
                tell(Ok(()));
                None
            }
            // The one has looked, and the other was unpacked, at the beginning of what follows from the step.
            Self::Look(_) | Self::Labelled(_) => Some(result),
        }
    }

    /// An error of a step that leaves nothing; what nobody hears comes back. To a machine that is taken back there is no look.
    pub(super) fn tell_error(self, result: StepResult<M>) -> Option<StepResult<M>> {
        match self {
            Self::Look(look) => {
                drop(look(Err(Unanswered::Lost(Reason::Failed))));
                Some(result)
            }
            asker => asker.tell(result, || None),
        }
    }

    /// Takes off what is known of the message beside who asked, which stays.
    pub(super) fn unpack(asker: &mut Option<Self>) -> Option<Box<Label<M>>> {
        let Self::Labelled(mut label) = asker.take_if(|asker| matches!(asker, Self::Labelled(_)))? else { return None };
        *asker = label.asker.take();
        Some(label)
    }

    /// Whether whoever sent the event waits for it in a handler of the very machine.
    pub(super) fn is_within(&self, at: u32) -> bool {
        matches!(self, Self::Labelled(label) if label.within.as_ref().is_some_and(|waits| waits.is(at)))
    }

    /// Whether whoever sent the event waits for what becomes of it.
    pub(super) const fn waits(&self) -> bool {
        match self {
            Self::Labelled(label) => label.asker.is_some(),
            _ => true,
        }
    }

    /// Whether it is told what became of the event in the end.
    pub(super) const fn waits_for_outcome(&self) -> bool {
        matches!(self, Self::Ask(_) | Self::Request(_) | Self::Look(_))
    }

    /// The event was not taken; gives it back unless it goes to the asker.
    pub(super) fn refuse(self, why: Refused, event: Option<M::Event>) -> Option<M::Event> {
        self.give_up(Unanswered::Refused(why), event)
    }

    /// The event was taken, and its step came to no result, or to none that counts.
    pub(super) fn lose(self, reason: Reason, event: Option<M::Event>) -> Option<M::Event> {
        self.give_up(Unanswered::Lost(reason), event)
    }

    /// There is no result. A machine at its end would have said so itself.
    fn give_up(self, why: Unanswered, event: Option<M::Event>) -> Option<M::Event> {
        let ended = why == Unanswered::Refused(Refused::Closed(Reason::Finished));
        match self {
            // Whoever went away meanwhile needs no answer, here and below.
            Self::Ask(asker) => drop(asker.send(if ended { Ok(Outcome::Finished) } else { Err(AskError::from(why)) })),
            Self::Request(asker) => {
                drop(asker.send(if ended { Ok((Outcome::Finished, None)) } else { Err(AskError::from(why)) }));
            }
            Self::Look(look) => drop(look(Err(why))),
            Self::Seen(tell) => tell(Err(why)),
            #[cfg(feature = "journal")]
            Self::Sent(asker) => {
                let why = match why {
                    Unanswered::Refused(why) => why,
                    Unanswered::Lost(reason) => Refused::Closed(reason),
                };
                return give_back(asker, why, event?);
            }
            #[cfg(feature = "journal")]
            Self::Counted(_) => {}
            Self::Labelled(label) => {
                return match label.asker {
                    Some(asker) => asker.give_up(why, event),
                    None => event,
                };
            }
        }
        event
    }
}

/// Gives an event back to whoever sent it; comes back if nobody waits for that any more.
#[cfg(feature = "journal")]
fn give_back<E>(asker: oneshot::Sender<Result<bool, SendError<E>>>, why: Refused, event: E) -> Option<E> {
    match asker.send(Err(SendError { event, why })) {
        Err(Err(SendError { event, .. })) => Some(event),
        _ => None,
    }
}

/// How many events of a batch are still on their way.
#[cfg(feature = "journal")]
#[derive(Default)]
pub(super) struct Tally {
    open: AtomicUsize,
    handled: AtomicUsize,
    done: Notify,
}

#[cfg(feature = "journal")]
impl Tally {
    /// One more event is on its way.
    pub(super) fn count(self: &Arc<Self>) -> Counted {
        self.open.fetch_add(1, Ordering::Relaxed);
        Counted { tally: Arc::clone(self), handled: false }
    }

    /// Waits until none is; gives how many were handled.
    pub(super) async fn wait(&self) -> usize {
        loop {
            let done = self.done.notified();
            if self.open.load(Ordering::Acquire) == 0 {
                return self.handled.load(Ordering::Relaxed);
            }
            done.await;
        }
    }
}

/// One event of a batch.
#[cfg(feature = "journal")]
pub(super) struct Counted {
    tally: Arc<Tally>,
    pub(super) handled: bool,
}

#[cfg(feature = "journal")]
impl Drop for Counted {
    fn drop(&mut self) {
        if self.handled {
            self.tally.handled.fetch_add(1, Ordering::Relaxed);
        }
        if self.tally.open.fetch_sub(1, Ordering::AcqRel) == 1 {
            // Kept for one who is about to wait.
            self.tally.done.notify_one();
        }
    }
}
