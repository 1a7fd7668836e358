//! What handles and dispatcher share, and what travels between them.
//!
//! An [`Envelope`] is an event on its way; a [`Reply`] leads back to whoever asked. Invariant: whoever asked is told
//! exactly once, with what became of the event or why it has no answer; a reply that is dropped says that the machine
//! ended first.

use std::sync::atomic::AtomicUsize;

use tokio::sync::oneshot;

use crate::core::{Machine, Outcome, StepResult};
use crate::dead_letter::{DeadLetter, Undelivered};
use crate::ending::Ending;
use crate::error::{AskError, Refused};
use crate::mailbox::Mailbox;
use crate::meter::{Meter, Metering as _};
use crate::question::Question;
use crate::report::{Reason, Report};
use crate::trace::Origin;
use crate::watching::Inside;

/// What handles and dispatcher share.
pub(crate) struct Shared<M: Machine> {
    pub(crate) mailbox: Mailbox<Envelope<M>, Control<M>>,
    /// How many handles keep the machine running.
    pub(crate) handles: AtomicUsize,
    pub(crate) report: Ending<Report<M::Output>>,
    pub(crate) meter: Meter,
    /// Told of events that the machine never handles.
    pub(crate) dead_letters: Option<Box<DeadLetters<M>>>,
}

/// Whom an event goes to that the machine does not handle.
pub(crate) type DeadLetters<M> = Box<dyn Fn(DeadLetter<<M as Machine>::Event>) + Send + Sync>;

/// An event in the mailbox.
pub(crate) struct Envelope<M: Machine> {
    pub(crate) event: M::Event,
    /// Who asked, and where the event comes from, where there is anything to say: so that a plain event is small.
    pub(crate) reply: Option<Reply<M>>,
}

impl<M: Machine> Envelope<M> {
    /// Where the event comes from, if its sender told.
    pub(crate) fn origin(&self) -> Option<&Origin> {
        match &self.reply {
            Some(Reply::From(from)) => Some(&from.0),
            _ => None,
        }
    }
}

/// Where the result of a step goes.
pub(crate) enum Reply<M: Machine> {
    /// To [`crate::Handle::ask`].
    Result(oneshot::Sender<Answer<StepResult<M>>>),
    /// To [`crate::Handle::request`], with the machine's own answer.
    Request(oneshot::Sender<Answer<WithReply<M>>>),
    /// To [`crate::Handle::ask_with`], past the machine.
    Look(Box<Look<M>>),
    /// To whoever asked, if anybody did, for an event whose sender told where it comes from.
    From(Box<(Origin, Option<Self>)>),
}

/// What a step gave, and what the machine answered in it.
pub(crate) type WithReply<M> = (StepResult<M>, Option<<M as Machine>::Reply>);

/// An answer, or why there is none although the machine goes on.
pub(crate) type Answer<T> = Result<T, Unanswered>;

/// Why a question has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// Its event never reached the machine.
    Refused(Refused),
    /// It did, and that step came to no result.
    Lost(Reason),
}

/// Looks at the machine after a step; gives the result back where nobody waits for it any more.
pub(crate) type Look<M> = Box<dyn FnOnce(Answer<(&M, StepResult<M>)>) -> Option<StepResult<M>> + Send>;

/// Something to do with the machine between two steps.
pub(crate) type Control<M> = Question<dyn FnOnce(Inside<'_, M>) + Send>;

impl<M: Machine> Reply<M> {
    /// Tells whoever asked that there is no answer.
    pub(crate) fn give_up(self, why: Unanswered) {
        match self {
            // Whoever went away meanwhile needs no answer.
            Self::Result(reply) => drop(reply.send(Err(why))),
            Self::Request(reply) => drop(reply.send(Err(why))),
            Self::Look(look) => drop(look(Err(why))),
            Self::From(from) => {
                if let Some(reply) = from.1 {
                    reply.give_up(why);
                }
            }
        }
    }
}

impl<E> From<Unanswered> for AskError<E> {
    fn from(why: Unanswered) -> Self {
        match why {
            Unanswered::Refused(refused) => Self::Refused(refused),
            Unanswered::Lost(reason) => Self::Lost(reason),
        }
    }
}

impl<M: Machine> Shared<M> {
    /// Why an answer did not come. A task that is dropped lets go of its askers before it closes the mailbox.
    pub(crate) fn reason(&self) -> Reason {
        self.mailbox.closed().unwrap_or(Reason::Aborted)
    }

    /// What is told to whoever asked, and got no answer. A machine at its end would have said so itself.
    pub(crate) fn lost(&self) -> Result<Outcome, AskError<M::Error>> {
        match self.reason() {
            Reason::Finished => Ok(Outcome::Finished),
            reason => Err(AskError::Lost(reason)),
        }
    }

    /// An event was lost for want of room: tells its asker, and whoever keeps dead letters.
    pub(crate) fn lose(&self, lost: Option<Envelope<M>>) {
        let Some(Envelope { event, reply }) = lost else { return };
        self.meter.overflowed();
        if let Some(reply) = reply {
            reply.give_up(Unanswered::Refused(Refused::Overflow));
        }
        self.bury(event, Undelivered::Overflow);
    }

    /// The machine does not handle an event.
    pub(crate) fn bury(&self, event: M::Event, why: Undelivered) {
        if let Some(dead_letters) = &self.dead_letters {
            dead_letters(DeadLetter::new(event, why));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Reply;
    use crate::core::{Definition, Machine, Never, Status};

    /// A machine of which nothing but its types is used.
    struct Nothing;

    impl Machine for Nothing {
        type State = ();
        type Event = ();
        type Context = ();
        type Error = Never;
        type Timer = Never;
        type Invoke = Never;
        type Done = Never;
        type Output = Never;
        type Message = Never;
        type Reply = Never;

        const DEFINITION: &'static Definition = &Definition {
            name: "Nothing",
            version: "",
            hash: 0,
            states: &[],
            events: &[],
            transitions: &[],
            timers: &[],
            invokes: &[],
        };

        fn state(&self) -> &() {
            &()
        }

        fn context(&self) -> &() {
            &()
        }

        fn status(&self) -> Status {
            Status::Stopped
        }

        fn event_index((): &()) -> usize {
            0
        }

        fn active(&self) -> impl Iterator<Item = usize> {
            std::iter::empty()
        }
    }

    #[test]
    fn an_event_travels_with_two_words() {
        assert_eq!(size_of::<Option<Reply<Nothing>>>(), 2 * size_of::<usize>());
    }
}
