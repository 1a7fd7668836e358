//! Questions about a machine at rest, as they travel to it.
//!
//! A question waits in a control lane, or for a machine that is in a step, and there is always room for it. One whose asker
//! has gone away, because he did not want to wait any longer say, is no question any more: so that those do not pile up behind a
//! handler that hangs, they are looked for now and then ([`Pile`]).
//!
//! Invariant: what is looked at runs in the machine's task, and a panic of it goes on in that of its asker
//! ([`answered`]), never in the machine's.

use std::collections::VecDeque;
use std::panic::resume_unwind;
use std::sync::{Arc, Weak};

use tokio::sync::oneshot;

use crate::dispatcher::{Payload, caught};

/// What somebody may not wait for any more.
pub(crate) trait Abandoned {
    /// Whether nobody does.
    fn is_abandoned(&self) -> bool;
}

/// What is to be done with the machine, `dyn FnOnce(…) + Send`, as long as somebody waits for it.
pub(crate) struct Question<A: ?Sized> {
    act: Box<A>,
    asker: Weak<()>,
}

/// Held by whoever asks until he has the answer.
#[must_use]
pub(crate) struct Waiting(#[expect(dead_code, reason = "it is there, and that is all")] Arc<()>);

impl<A: ?Sized> Question<A> {
    pub(crate) fn new(act: Box<A>) -> (Self, Waiting) {
        let asker = Arc::new(());
        (Self { act, asker: Arc::downgrade(&asker) }, Waiting(asker))
    }

    /// To be called with the machine.
    pub(crate) fn into_act(self) -> Box<A> {
        self.act
    }
}

impl<A: ?Sized> Abandoned for Question<A> {
    fn is_abandoned(&self) -> bool {
        self.asker.strong_count() == 0
    }
}

/// What a look gave, or the panic in which it ended.
pub(crate) type Seen<R> = Result<R, Payload>;

/// Looks, and tells whoever asked, if he is still there.
pub(crate) fn answer<T, R>(reply: oneshot::Sender<Seen<R>>, seen: T, look: impl FnOnce(T) -> R) {
    if !reply.is_closed() {
        let _ = reply.send(caught(|| look(seen)));
    }
}

/// What was seen. A panic goes on here.
pub(crate) fn answered<R>(seen: Seen<R>) -> R {
    seen.unwrap_or_else(|panic| resume_unwind(panic))
}

/// From so many on those that were abandoned are looked for.
const FEW: usize = 64;

/// Questions, the oldest first. At most half of a great pile are abandoned ones.
#[derive(Debug)]
pub(crate) struct Pile<C> {
    list: VecDeque<C>,
    /// When the next look is due.
    due: usize,
}

impl<C> Default for Pile<C> {
    fn default() -> Self {
        Self { list: VecDeque::new(), due: FEW }
    }
}

impl<C: Abandoned> Pile<C> {
    /// Puts one more in; gives those that were abandoned, which are to be dropped where no lock is held.
    #[must_use]
    pub(crate) fn push(&mut self, question: C) -> VecDeque<C> {
        let mut abandoned = VecDeque::new();
        if self.list.len() >= self.due {
            (abandoned, self.list) = std::mem::take(&mut self.list).into_iter().partition(C::is_abandoned);
            self.due = FEW.max(2 * self.list.len());
        }
        self.list.push_back(question);
        abandoned
    }
}

impl<C> Pile<C> {
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Takes the oldest out.
    pub(crate) fn pop(&mut self) -> Option<C> {
        self.list.pop_front()
    }

    /// Takes all out of `other`, as newer than what is here.
    pub(crate) fn append(&mut self, other: &mut Self) {
        self.list.append(&mut other.list);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abandoned_questions_do_not_pile_up_around_those_that_wait() {
        let (mut pile, mut waiting) = (Pile::default(), Vec::new());
        for number in 0..100_000 {
            let (question, asker) = Question::<dyn Fn() -> u32>::new(Box::new(move || number));
            if number % 1000 == 7 {
                waiting.push(asker);
            }
            drop(pile.push(question));
            assert!(pile.list.len() <= FEW + 3 * (1 + waiting.len()), "{} at {number}", pile.list.len());
        }
        let left: Vec<u32> =
            std::iter::from_fn(|| pile.pop()).filter(|one| !one.is_abandoned()).map(|one| (one.into_act())()).collect();
        assert_eq!(left, (0..100).map(|number| number * 1000 + 7).collect::<Vec<_>>());
    }
}
