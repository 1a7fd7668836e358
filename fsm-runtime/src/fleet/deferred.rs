//! Whoever asked for events that wait in their machines, and what is told once those are handled for good.
//!
//! Part of [`super::shard`]. An asker waits beside the machine until a step settles its event, and from then on in the notes
//! of that step, until it counts. Invariant: a machine that fails with that step, or after it, takes nobody along who has
//! moved to the notes.

use super::Key;
use super::after::After;
use super::job::{Notes, Step};
use super::letters::{Asker, Looked};
use super::shard::Shard;
use super::supervising::Doom;
use crate::core::{Machine, Service, StepResult, Token};
use crate::dead_letter::Undelivered;
use crate::dispatcher::{Runnable, caught};
use crate::report::Reason;
use crate::surroundings::Gone;
use crate::trace;

impl<K: Key, S, G> Shard<K, S, G>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
    G: Step<S>,
{
    /// Puts aside who asked for an event that waits in its machine, and calls in who asked for those that are settled.
    pub(super) fn put_aside(&mut self, notes: &mut Notes<S::Machine>, after: &mut After<S::Machine>) {
        let at = after.at;
        if let Some(token) = notes.answers.deferred() {
            self.desk.report.deferred += 1;
            // Whoever sent it knows all there is to know; who asks is told at the end, which may be in this very step.
            if let Some(asker) = after.asker.take_if(|asker| asker.waits_for_outcome()) {
                self.waiting.entry(at).or_default().push((token, asker));
            }
        }
        let Some(waiting) = self.waiting.get_mut(&at) else { return };
        for (token, _) in notes.answers.settled() {
            if let Some(found) = waiting.iter().position(|waiting| waiting.0 == *token) {
                notes.askers.push(waiting.swap_remove(found));
            }
        }
        if waiting.is_empty() {
            self.waiting.remove(&at);
        }
    }

    /// What follows from deferred events that failed in a step that counts: the machine goes on, or not, as it is behind it.
    pub(super) fn judge_deferred(&mut self, slot: u32, at: u32, machine: &S::Machine, notes: &mut Notes<S::Machine>) {
        let transition = notes.tracer.last();
        for (token, settled) in notes.answers.settled() {
            let Err(Gone { event, error: Some(error) }) = settled else { continue };
            self.desk.report.failed += u64::from(*token != Token::OWN);
            let name = trace::event_name(S::Machine::DEFINITION, S::Machine::event_index(event));
            if let Some(then) = self.judge_error(at, name, transition, error) {
                let last = self.policy.copy(machine);
                let doom = || Doom { reason: Reason::Failed, then, last };
                self.flight.slot(slot).doomed.get_or_insert_with(doom);
            }
        }
    }

    /// Tells whoever asked for deferred events that are handled for good.
    pub(super) fn settle(&mut self, at: u32, notes: &mut Notes<S::Machine>) {
        for (token, settled) in notes.answers.take_settled() {
            if token != Token::OWN {
                self.desk.report.deferred = self.desk.report.deferred.saturating_sub(1);
            }
            let found = notes.askers.iter().position(|waiting| waiting.0 == token);
            let asker = found.map(|found| notes.askers.swap_remove(found).1);
            let tell = |result: StepResult<S::Machine>| match asker {
                Some(asker) => asker.tell(result, || notes.answers.take_reply(Some(token))),
                None => Some(result),
            };
            match settled {
                Ok(outcome) => drop(tell(Ok(outcome))),
                Err(gone) => self.lose_deferred(at, token, gone, tell),
            }
        }
    }

    /// A deferred event is gone with an error, which is no error of the step.
    #[cold]
    fn lose_deferred(
        &self,
        at: u32,
        token: Token,
        gone: Gone<S::Machine>,
        tell: impl FnOnce(StepResult<S::Machine>) -> Option<StepResult<S::Machine>>,
    ) {
        let Gone { event, error } = gone;
        let unheard = match error {
            Some(error) => tell(Err(error)),
            // Whoever looked has it; that it counts is told.
            None => tell(Ok(crate::core::Outcome::Handled)),
        };
        if let Some(Err(error)) = unheard {
            let name = trace::event_name(S::Machine::DEFINITION, S::Machine::event_index(&event));
            self.unheard(at, name, &error);
        }
        // What the machine had raised or sent itself came from nobody.
        if token != Token::OWN {
            self.bury(at, event, Undelivered::Failed);
        }
    }
}

/// Shows the machine to those who want to see it right after this step; what they saw is told when it counts.
pub(super) fn show_after<M: Machine>(machine: &M, notes: &mut Notes<M>, after: &mut After<M>) {
    if matches!(after.asker, Some(Asker::Look(_)))
        && let Some(result) = after.result.take()
    {
        (after.asker, after.result) = seen(after.asker.take(), machine, result);
    }
    let Notes { answers, askers, .. } = notes;
    for (token, settled) in answers.settled() {
        let looks = |waiting: &(Token, Asker<_>)| waiting.0 == *token && matches!(waiting.1, Asker::Look(_));
        let Some(found) = askers.iter().position(looks) else { continue };
        let result = match settled {
            Ok(outcome) => Ok(*outcome),
            Err(gone) => match gone.error.take() {
                Some(error) => Err(error),
                None => continue,
            },
        };
        let (_, asker) = askers.swap_remove(found);
        let (asker, unheard) = seen(Some(asker), machine, result);
        askers.extend(asker.map(|asker| (*token, asker)));
        if let (Err(gone), Some(Err(error))) = (settled, unheard) {
            gone.error = Some(error);
        }
    }
}

/// Lets whoever wants to look see the machine; gives what is to be told later, or the result that nobody took.
fn seen<M: Machine>(
    asker: Option<Asker<M>>,
    machine: &M,
    result: StepResult<M>,
) -> (Option<Asker<M>>, Option<StepResult<M>>) {
    let Some(Asker::Look(look)) = asker else { return (asker, Some(result)) };
    // Whoever looks and panics has its answer in that.
    match caught(|| look(Ok((machine, result)))) {
        Ok(Looked::Seen(tell)) => (Some(Asker::Seen(Box::new(tell))), None),
        Ok(Looked::Unheard(result)) => (None, Some(result)),
        Ok(Looked::Told) | Err(_) => (None, None),
    }
}
