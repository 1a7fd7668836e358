//! Walks that together take every transition that the search has seen: from where a walk is, to the nearest transition that
//! none has taken yet.

use std::collections::VecDeque;

use super::plays::Play;
use super::search::{Found, Way};
use crate::ir::{IndexVec, Machine, TransitionId};

/// A walk of so many steps is long enough to be read, unless its way to something new is that long: then it may be twice as
/// long as that.
const LONGEST: usize = 40;
/// So many ways are looked at in all.
const BUDGET: usize = 20_000_000;

/// The steps of each walk, from the start of the machine on.
pub(super) fn tours<'f>(machine: &Machine, found: &'f Found) -> Vec<Vec<&'f Play>> {
    let mut walker = Walker {
        found,
        taken: machine.transitions.ids().map(|_| false).collect(),
        before: vec![None; found.ways.len()],
        round: vec![0; found.ways.len()],
        rounds: 0,
        rest: BUDGET,
    };
    let mut tours: Vec<Vec<&Play>> = Vec::new();
    loop {
        let (mut at, mut tour, mut longest) = (0, Vec::new(), LONGEST);
        while tour.len() < longest {
            let Some(way) = walker.nearest(at) else { break };
            longest = longest.max(2 * way.len());
            for step in way {
                step.transitions.iter().for_each(|id| walker.taken[*id] = true);
                tour.push(&step.play);
                at = step.to;
            }
        }
        if tour.is_empty() {
            break;
        }
        tours.push(tour);
    }
    // A machine without transitions can be started all the same.
    if tours.is_empty() {
        tours.extend(found.ways[0].first().map(|start| vec![&start.play]));
    }
    tours
}

struct Walker<'f> {
    found: &'f Found,
    taken: IndexVec<TransitionId, bool>,
    /// The way by which each place was reached in this round, and from where.
    before: Vec<Option<(usize, &'f Way)>>,
    /// The round in which a place was reached last.
    round: Vec<u32>,
    rounds: u32,
    rest: usize,
}

impl<'f> Walker<'f> {
    /// The shortest way to a step that takes something new, that step included.
    fn nearest(&mut self, from: usize) -> Option<Vec<&'f Way>> {
        self.rounds += 1;
        self.round[from] = self.rounds;
        self.before[from] = None;
        let mut open = VecDeque::from([from]);
        while let Some(place) = open.pop_front() {
            for way in &self.found.ways[place] {
                self.rest = self.rest.checked_sub(1)?;
                if way.transitions.iter().any(|id| !self.taken[*id]) {
                    return Some(self.walked(place, way));
                }
                if self.round[way.to] != self.rounds {
                    self.round[way.to] = self.rounds;
                    self.before[way.to] = Some((place, way));
                    open.push_back(way.to);
                }
            }
        }
        None
    }

    fn walked(&self, mut place: usize, last: &'f Way) -> Vec<&'f Way> {
        let mut steps = vec![last];
        while let Some((from, way)) = self.before[place] {
            steps.push(way);
            place = from;
        }
        steps.reverse();
        steps
    }
}
