//! Whom the answers of a step belong to, and what became of deferred events.
//!
//! Part of [`super`]; machines in a task and those of a fleet keep it alike.

use crate::core::{Outcome, Token};

/// What a step says to whoever asked.
#[derive(Debug)]
pub(crate) struct Answers<R> {
    /// `None` stands for the event of the step itself, a token for one that was deferred.
    replies: Vec<(Option<Token>, R)>,
    /// To whom an answer would go now.
    asker: Option<Token>,
    /// Under which token the event of the step waits, if it does.
    deferred: Option<Token>,
    /// What became of deferred events.
    pub(crate) settled: Vec<(Token, Outcome)>,
}

impl<R> Answers<R> {
    pub(crate) const fn new() -> Self {
        Self { replies: Vec::new(), asker: None, deferred: None, settled: Vec::new() }
    }

    /// Begins a step.
    pub(crate) fn begin(&mut self) {
        self.replies.clear();
        self.asker = None;
        self.deferred = None;
    }

    /// Whether nobody has to be told of anything but the outcome.
    pub(crate) fn is_quiet(&self) -> bool {
        self.deferred.is_none() && self.settled.is_empty()
    }

    /// Under which token the event of the step that was waits, if it does.
    pub(crate) const fn deferred(&self) -> Option<Token> {
        self.deferred
    }

    /// Takes what the machine answered to the event of the step, or to the deferred one under a token.
    pub(crate) fn take_reply(&mut self, asker: Option<Token>) -> Option<R> {
        let at = self.replies.iter().position(|reply| reply.0 == asker)?;
        Some(self.replies.swap_remove(at).1)
    }

    /// The machine answers. The last answer counts.
    pub(crate) fn reply(&mut self, reply: R) {
        drop(self.take_reply(self.asker));
        self.replies.push((self.asker, reply));
    }

    /// The event of the step waits.
    pub(crate) fn defer(&mut self, token: Token) {
        self.deferred = Some(token);
    }

    /// What follows belongs to a deferred event, or to that of the step.
    pub(crate) fn turn_to(&mut self, asker: Option<Token>) {
        self.asker = asker;
    }
}
