//! Whom the answers of a step belong to, and what became of deferred events.
//!
//! Part of [`super`]; machines in a task and those of a fleet keep it alike.

use crate::core::{Error, Machine, Outcome, Token};
use crate::rare::Rare;

/// What a step says to whoever asked.
pub(crate) struct Answers<M: Machine>(Rare<Said<M>>);

struct Said<M: Machine> {
    /// `None` stands for the event of the step itself, a token for one that was deferred.
    replies: Vec<(Option<Token>, M::Reply)>,
    /// To whom an answer would go now.
    asker: Option<Token>,
    /// Under which token the event of the step waits, if it does.
    deferred: Option<Token>,
    /// What became of deferred events.
    settled: Vec<Settled<M>>,
}

/// What became of a deferred event, under its token.
pub(crate) type Settled<M> = (Token, Result<Outcome, Gone<M>>);

/// A deferred event that is gone with an error.
pub(crate) struct Gone<M: Machine> {
    pub(crate) event: M::Event,
    /// Until whoever asked has taken it.
    pub(crate) error: Option<Error<M::Error>>,
}

impl<M: Machine> Default for Said<M> {
    fn default() -> Self {
        Self { replies: Vec::new(), asker: None, deferred: None, settled: Vec::new() }
    }
}

impl<M: Machine> Answers<M> {
    pub(crate) const fn new() -> Self {
        Self(Rare::new())
    }

    /// Begins a step.
    pub(crate) fn begin(&mut self) {
        if let Some(said) = self.0.get_mut() {
            said.replies.clear();
            said.asker = None;
            said.deferred = None;
        }
    }

    /// Whether nobody has to be told of anything but the outcome.
    pub(crate) fn is_quiet(&self) -> bool {
        self.0.get().is_none_or(|said| said.deferred.is_none() && said.settled.is_empty())
    }

    /// Under which token the event of the step that was waits, if it does.
    pub(crate) fn deferred(&self) -> Option<Token> {
        self.0.get()?.deferred
    }

    /// Takes what the machine answered to the event of the step, or to the deferred one under a token.
    pub(crate) fn take_reply(&mut self, asker: Option<Token>) -> Option<M::Reply> {
        let said = self.0.get_mut()?;
        let at = said.replies.iter().position(|reply| reply.0 == asker)?;
        Some(said.replies.swap_remove(at).1)
    }

    /// The machine answers. The last answer counts.
    pub(crate) fn reply(&mut self, reply: M::Reply) {
        let asker = self.0.make().asker;
        drop(self.take_reply(asker));
        self.0.make().replies.push((asker, reply));
    }

    /// The event of the step waits.
    pub(crate) fn defer(&mut self, token: Token) {
        self.0.make().deferred = Some(token);
    }

    /// What follows belongs to a deferred event, or to that of the step.
    pub(crate) fn turn_to(&mut self, asker: Option<Token>) {
        if asker.is_some() {
            self.0.make().asker = asker;
        } else if let Some(said) = self.0.get_mut() {
            said.asker = None;
        }
    }

    /// What became, in the end, of a deferred event.
    pub(crate) fn settle(&mut self, token: Token, outcome: Outcome) {
        self.0.make().settled.push((token, Ok(outcome)));
    }

    /// A deferred event is gone with an error.
    #[cold]
    pub(crate) fn fail(&mut self, token: Token, event: M::Event, error: Error<M::Error>) {
        self.0.make().settled.push((token, Err(Gone { event, error: Some(error) })));
    }

    /// What became of deferred events.
    pub(crate) fn settled(&mut self) -> &mut [Settled<M>] {
        self.0.get_mut().map_or(&mut [], |said| &mut said.settled)
    }

    /// Takes what became of deferred events.
    pub(crate) fn take_settled(&mut self) -> Vec<Settled<M>> {
        self.0.get_mut().map(|said| std::mem::take(&mut said.settled)).unwrap_or_default()
    }
}
