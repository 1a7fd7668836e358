//! The senders that found the mailbox full, in the order in which they came.
//!
//! Plain data behind the mailbox's lock. A sender that must wait draws a [`Ticket`]; tickets are granted strictly in
//! order, so a late sender never overtakes an early one. Invariants: the tickets in `line` rise, all of them are
//! greater than those granted so far, and at most half of `line` are gaps left by senders that went away.

use std::collections::VecDeque;
use std::task::Waker;

/// A place in the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticket(u64);

/// The line.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    /// Who waits; `None` where a sender went away.
    line: VecDeque<(Ticket, Option<Waker>)>,
    /// How many of `line` are gaps.
    gaps: usize,
    /// The next ticket to be drawn.
    next: u64,
    /// Every ticket below this one left the line, most of them because it was granted.
    granted: u64,
}

impl Waiting {
    /// Joins the end of the line.
    pub(crate) fn join(&mut self, waker: Waker) -> Ticket {
        let ticket = Ticket(self.next);
        self.next += 1;
        self.line.push_back((ticket, Some(waker)));
        ticket
    }

    /// Whether it is the turn of `ticket`, whose owner still waits.
    pub(crate) fn is_granted(&self, ticket: Ticket) -> bool {
        ticket.0 < self.granted
    }

    /// Keeps the waker of a sender up to date; the old one is given back, to be dropped outside of the lock.
    #[must_use]
    pub(crate) fn update(&mut self, ticket: Ticket, waker: &Waker) -> Option<Waker> {
        match self.entry(ticket) {
            Some(Some(old)) if old.will_wake(waker) => None,
            Some(slot) => slot.replace(waker.clone()),
            None => None,
        }
    }

    /// Lets the first in the line go; the caller keeps a place for it and wakes it.
    pub(crate) fn grant(&mut self) -> Option<Waker> {
        while let Some((ticket, waker)) = self.line.pop_front() {
            self.granted = ticket.0 + 1;
            match waker {
                Some(waker) => return Some(waker),
                None => self.gaps -= 1,
            }
        }
        None
    }

    /// A sender that was not granted anything goes away; its waker is given back, to be dropped outside of the lock.
    #[must_use]
    pub(crate) fn leave(&mut self, ticket: Ticket) -> Option<Waker> {
        let waker = self.entry(ticket)?.take()?;
        self.gaps += 1;
        // Senders with time limits may come and go for as long as a handler hangs: the gaps must not pile up.
        if self.gaps * 2 > self.line.len() {
            self.line.retain(|(_, waker)| waker.is_some());
            self.gaps = 0;
        }
        Some(waker)
    }

    /// Empties the line for good, so that everybody can be told.
    pub(crate) fn dissolve(&mut self) -> impl Iterator<Item = Waker> + use<> {
        self.gaps = 0;
        std::mem::take(&mut self.line).into_iter().filter_map(|(_, waker)| waker)
    }

    fn entry(&mut self, ticket: Ticket) -> Option<&mut Option<Waker>> {
        let place = self.line.binary_search_by_key(&ticket, |(ticket, _)| *ticket).ok()?;
        self.line.get_mut(place).map(|(_, waker)| waker)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tickets_are_granted_in_the_order_in_which_they_were_drawn() {
        let mut waiting = Waiting::default();
        let [first, second] = [waiting.join(Waker::noop().clone()), waiting.join(Waker::noop().clone())];
        assert!(waiting.grant().is_some());
        assert!(waiting.is_granted(first) && !waiting.is_granted(second));
    }

    #[test]
    fn a_gap_is_skipped() {
        let mut waiting = Waiting::default();
        let tickets: Vec<_> = (0..4).map(|_| waiting.join(Waker::noop().clone())).collect();
        assert!(waiting.leave(tickets[0]).is_some());
        assert!(waiting.leave(tickets[0]).is_none(), "nobody leaves twice");
        assert!(waiting.grant().is_some());
        assert!(waiting.is_granted(tickets[1]) && !waiting.is_granted(tickets[2]));
    }

    #[test]
    fn gaps_do_not_pile_up_behind_a_sender_that_stays() {
        let mut waiting = Waiting::default();
        let stays = waiting.join(Waker::noop().clone());
        let mut last = waiting.join(Waker::noop().clone());
        for _ in 0..10_000 {
            let newer = waiting.join(Waker::noop().clone());
            assert!(waiting.leave(last).is_some());
            last = newer;
        }
        assert!(waiting.line.len() <= 8, "{}", waiting.line.len());
        assert!(waiting.grant().is_some());
        assert!(waiting.is_granted(stays) && !waiting.is_granted(last));
        assert!(waiting.grant().is_some());
        assert!(waiting.grant().is_none());
    }
}
