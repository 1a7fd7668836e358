//! What travels between a fleet's handle and its shards.
//!
//! Part of [`super`]. Invariant: whoever asked is told exactly once; an asker that is dropped says that the shard ended
//! first.

use tokio::sync::oneshot;

use crate::core::{Machine, Outcome, StepResult};
use crate::error::{AskError, Refused};
use crate::report::Reason;

/// An event for the machine of a key.
pub(super) struct Envelope<K, M: Machine> {
    pub(super) hash: u64,
    pub(super) key: K,
    pub(super) event: M::Event,
    pub(super) asker: Option<Asker<M>>,
}

/// Something to do for a shard between two events.
pub(super) enum Control<K, M: Machine> {
    /// To see a machine, or that there is none.
    Look(u64, K, Look<M>),
    /// To let go of a machine; whether there was one goes back.
    Forget(u64, K, oneshot::Sender<bool>),
}

/// Sees a machine between two steps, if it is there, or why it cannot be seen.
pub(super) type Look<M> = Box<dyn FnOnce(Result<Option<&M>, Refused>) + Send>;

/// Where the result of a step goes.
pub(super) enum Asker<M: Machine> {
    /// To [`super::Fleet::ask`].
    Ask(oneshot::Sender<Result<Outcome, AskError<M::Error>>>),
    /// To [`super::Fleet::request`], with the machine's own answer.
    Request(oneshot::Sender<Requested<M>>),
}

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
        }
    }

    /// There is no result.
    pub(super) fn refuse(self, why: Refused) {
        let ended = matches!(why, Refused::Closed(Reason::Finished));
        match self {
            Self::Ask(asker) => {
                // Whoever went away meanwhile needs no answer, here and below.
                let _ = asker.send(if ended { Ok(Outcome::Finished) } else { Err(AskError::Refused(why)) });
            }
            Self::Request(asker) => {
                let _ = asker.send(if ended { Ok((Outcome::Finished, None)) } else { Err(AskError::Refused(why)) });
            }
        }
    }

    /// The event was taken, and its step came to no result.
    pub(super) fn lose(self, reason: Reason) {
        match self {
            Self::Ask(asker) => drop(asker.send(Err(AskError::Lost(reason)))),
            Self::Request(asker) => drop(asker.send(Err(AskError::Lost(reason)))),
        }
    }
}
