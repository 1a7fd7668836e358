//! Where a machine can get, breadth first.
//!
//! Two machines are in the same place if nothing that comes can tell them apart: states, context, data, what waits and
//! what runs. From each place first what may take a transition that was never taken comes, so that many regions and long
//! chains are seen to their ends; then all the rest. Of one configuration only so many places are gone on from before
//! others have had their turn, or a counter would be all that is seen. A machine of usual size is seen as a whole, so
//! that the ways through what was found are shortest ones.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::plays::{Input, Play, Seen, failures_matter, inputs};
use super::values::Constants;
use crate::interp::{Error, Interpreter, Stuck};
use crate::ir::{Id as _, IndexVec, Machine, StateId, TransitionId, Trigger};
use crate::source::Span;

/// What a search may cost: a unit for each step, more for those of large machines.
pub(super) const BUDGET: usize = 100_000;
/// So much is looked at once every transition was seen, for shorter ways from one to the next.
const AFTERWARDS: usize = 20_000;
/// So many places of one configuration, before others have had their turn.
const PLACES: usize = 64;
/// So many answers of guards to one input, and one more for each guard that is asked where none holds.
const ANSWERS: usize = 24;
/// So many actions fail, one after the other, in one input.
const FAILURES: usize = 8;
/// So many ways to take a transition are kept, beside those that lead to new places.
const WAYS: u32 = 64;
/// So many bytes of what a place is made of are worth one step.
const BYTES: usize = 256;
/// So many bytes wait to be gone on from.
const WAITING: usize = 64 << 20;
/// So many complaints of the interpreter are kept.
const COMPLAINTS: usize = 200;

/// A step from one place to another.
#[derive(Debug, Clone)]
pub(super) struct Way {
    pub(super) to: usize,
    pub(super) play: Play,
    pub(super) transitions: Vec<TransitionId>,
}

/// What a search has found.
#[derive(Debug)]
pub(super) struct Found {
    /// The ways on from each place; the first is the machine before its start.
    pub(super) ways: Vec<Vec<Way>>,
    /// The states that were active.
    pub(super) visited: IndexVec<StateId, bool>,
    /// Where the interpreter could not go on, and why.
    pub(super) complaints: Vec<(Span, String)>,
    /// The transitions of steps that could not be played to their end.
    pub(super) broken: Vec<(TransitionId, String)>,
    /// Whether something was left out for want of time or room.
    pub(super) cut: bool,
}

/// Looks for ways to take every transition.
pub(super) fn search(machine: &Machine) -> Found {
    let mut search = Search {
        machine,
        constants: Constants::of(machine),
        found: Found {
            ways: vec![Vec::new()],
            visited: machine.states.ids().map(|_| false).collect(),
            complaints: Vec::new(),
            broken: Vec::new(),
            cut: false,
        },
        known: HashMap::new(),
        places: HashMap::new(),
        waiting: VecDeque::new(),
        rest: VecDeque::new(),
        aside: VecDeque::new(),
        bytes: 0,
        kept: machine.transitions.ids().map(|_| 0).collect(),
        unseen: machine.transitions.len(),
        failing: failures_matter(machine),
        spent: 0,
        limit: BUDGET,
    };
    let start = Interpreter::new(machine);
    search.waiting.push_back(Place { index: 0, interpreter: start, size: 0, played: Vec::new() });
    search.run();
    search.found
}

/// A place to go on from.
struct Place<'m> {
    index: usize,
    interpreter: Interpreter<'m>,
    /// The bytes of its fingerprint.
    size: usize,
    /// Which of its inputs were played.
    played: Vec<bool>,
}

struct Search<'m> {
    machine: &'m Machine,
    constants: Constants,
    found: Found,
    /// Each place by the hash of its fingerprint.
    known: HashMap<u64, usize>,
    /// How many places of a configuration there are.
    places: HashMap<Vec<StateId>, usize>,
    /// The places whose turn has not come.
    waiting: VecDeque<Place<'m>>,
    /// Those where what may show something new was played.
    rest: VecDeque<Place<'m>>,
    /// Those of configurations that have had their turn.
    aside: VecDeque<Place<'m>>,
    bytes: usize,
    /// How many ways to take each transition are kept.
    kept: IndexVec<TransitionId, u32>,
    /// How many transitions were not taken yet.
    unseen: usize,
    failing: bool,
    spent: usize,
    limit: usize,
}

impl<'m> Search<'m> {
    fn run(&mut self) {
        while self.spent < self.limit {
            if let Some(mut place) = self.waiting.pop_front() {
                self.inputs(&mut place, true);
                self.rest.push_back(place);
            } else if let Some(mut place) = self.rest.pop_front() {
                self.inputs(&mut place, false);
                self.bytes -= place.size;
            } else if self.unseen > 0
                && let Some(place) = self.aside.pop_front()
            {
                self.waiting.push_back(place);
            } else {
                return;
            }
        }
        self.found.cut |= self.unseen > 0;
    }

    /// Plays what comes to a place and was not played there: all of it, or what may show something new.
    fn inputs(&mut self, place: &mut Place<'m>, fresh: bool) {
        let inputs = inputs(&place.interpreter, &self.constants);
        place.played.resize(inputs.len(), false);
        for (at, input) in inputs.into_iter().enumerate() {
            if self.spent >= self.limit {
                return;
            }
            if !place.played[at] && (!fresh || self.may_show_something(&place.interpreter, &input)) {
                place.played[at] = true;
                self.answers(place.index, &place.interpreter, input, place.size);
            }
        }
    }

    /// Whether it is no event, or one for which an active state has a transition that was never taken.
    fn may_show_something(&self, interpreter: &Interpreter<'_>, input: &Input) -> bool {
        let Input::Event(event, _) = input else { return true };
        let mut transitions = interpreter.active().flat_map(|state| &self.machine.states[state].transitions);
        transitions.any(|id| {
            let is_of_event = match self.machine.transitions[*id].trigger {
                Trigger::Event(own) => own == *event,
                Trigger::Pattern(pattern) => self.machine.patterns[pattern].events.binary_search(event).is_ok(),
                _ => false,
            };
            is_of_event && self.kept[*id] == 0
        })
    }

    /// Plays an input under all answers of the guards that it asks, and with each action failing that it calls.
    fn answers(&mut self, place: usize, interpreter: &Interpreter<'m>, input: Input, size: usize) {
        let mut open = VecDeque::from([Play::of(input)]);
        let (mut tried, mut most) = (BTreeSet::from([BTreeSet::new()]), None);
        while let Some(play) = open.pop_front() {
            let seen = self.play(place, interpreter, &play, size);
            if play.fails.is_some() || self.spent >= self.limit {
                continue;
            }
            let most = *most.get_or_insert(ANSWERS + seen.asked.len());
            for guard in seen.asked.difference(&play.guards) {
                let mut guards = play.guards.clone();
                guards.insert(*guard);
                if tried.len() >= most {
                    self.found.cut = true;
                } else if tried.insert(guards.clone()) {
                    open.push_back(Play { guards, ..play.clone() });
                }
            }
            if self.failing {
                let failing = seen.called.iter().take(FAILURES);
                open.extend(failing.map(|action| Play { fails: Some(*action), ..play.clone() }));
            }
        }
    }

    /// Plays a step and keeps where it leads.
    fn play(&mut self, place: usize, before: &Interpreter<'m>, play: &Play, size: usize) -> Seen {
        let (mut interpreter, mut seen) = (before.clone(), Seen::default());
        let result = play.on(&mut interpreter, &mut seen);
        self.spent += 1 + size / BYTES + seen.transitions.len() / 8;
        match result {
            Err(stuck) => {
                self.complain(&stuck, &seen);
                // What was asked before may lead around it.
                return seen;
            }
            // It ends wherever it is cut.
            Ok(Err(Error::Livelock(_) | Error::Poisoned)) => return seen,
            Ok(_) => {}
        }
        interpreter.active().for_each(|state| self.found.visited[state] = true);
        for id in &seen.transitions {
            self.found.visited[self.machine.transitions[*id].source] = true;
        }
        let to = self.place(interpreter, &seen);
        let wanted = seen.transitions.iter().any(|id| self.kept[*id] < WAYS);
        if let Some((to, is_new)) = to
            && (is_new || wanted)
            && (to != place || wanted)
        {
            for id in &seen.transitions {
                self.unseen -= usize::from(self.kept[*id] == 0);
                self.kept[*id] = self.kept[*id].saturating_add(1);
            }
            if self.unseen == 0 && self.limit == BUDGET {
                self.limit = BUDGET.min(self.spent + AFTERWARDS);
            }
            self.found.ways[place].push(Way { to, play: play.clone(), transitions: seen.transitions.clone() });
        }
        seen
    }

    /// The place where a machine is, and whether it is new. There is none where no room is left and the step shows nothing
    /// new.
    fn place(&mut self, interpreter: Interpreter<'m>, seen: &Seen) -> Option<(usize, bool)> {
        let fingerprint = interpreter.fingerprint();
        let mut hasher = DefaultHasher::new();
        fingerprint.hash(&mut hasher);
        let hash = hasher.finish();
        if let Some(place) = self.known.get(&hash) {
            return Some((*place, false));
        }
        let is_first = seen.transitions.iter().any(|id| self.kept[*id] == 0);
        let places = self.places.entry(interpreter.active().collect()).or_default();
        let room = self.bytes + fingerprint.len() <= WAITING;
        self.found.cut |= !room;
        if !room && !is_first {
            return None;
        }
        *places += 1;
        let place = self.found.ways.len();
        self.found.ways.push(Vec::new());
        self.known.insert(hash, place);
        if room {
            self.bytes += fingerprint.len();
            let new = Place { index: place, interpreter, size: fingerprint.len(), played: Vec::new() };
            if *places > PLACES { self.aside.push_back(new) } else { self.waiting.push_back(new) }
        }
        Some((place, true))
    }

    fn complain(&mut self, stuck: &Stuck, seen: &Seen) {
        if let Some(span) = stuck.span
            && self.found.complaints.len() < COMPLAINTS
            && !self.found.complaints.iter().any(|(known, _)| *known == span)
        {
            self.found.complaints.push((span, stuck.message.clone()));
        }
        for id in &seen.transitions {
            let is_known = self.found.broken.iter().any(|(known, _)| known.index() == id.index());
            if self.found.broken.len() < COMPLAINTS && !is_known {
                self.found.broken.push((*id, stuck.message.clone()));
            }
        }
    }
}
