//! The shortest way into a state: by which events the machine gets there from its start.
//!
//! Above [`super::facts`], for the lints that warn of states which one would rather not get into. A breadth-first search over
//! [`super::flow`], in which eventless and completion transitions cost nothing; it works as long as the graph is large.
//! Where the machine does not wait (an eventless transition surely leads on, or a completion), no event counts.
//!
//! Invariant: the words claim no more than is known. Guards that must hold stand in brackets; whether they can hold one after
//! the other, whether other regions play along, what history remembers and what the machine raises meanwhile is not known
//! here, so the words say on what the way depends.

use fsm_model::gather::Gather as _;
use std::cell::Cell;
use std::collections::VecDeque;

use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;

use super::facts::Facts;
use super::flow::{Node, Way};
use super::handlers::Group;
use super::uses::Uses;
use super::{guard, shape};
use crate::diag::shown;
use crate::ir::{IndexVec, Machine, StateId, StateKind, TransitionId, Trigger};
use crate::labels;

/// Of a longer way so many events at its beginning and at its end are shown.
const FIRST: usize = 5;
const LAST: usize = 3;

/// So many nodes are looked at to tell ways; further ways are not told.
const MOST_NODES_TOLD: usize = 2_000_000;

/// What can happen next where the machine is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// It can wait for events.
    Waits,
    /// A completion transition is surely taken, if no eventless one is.
    Completes,
    /// An eventless transition is surely taken.
    Passes,
}

impl Pace {
    const COUNT: usize = 3;

    const fn allows(self, trigger: Trigger) -> bool {
        match self {
            Self::Waits => true,
            Self::Completes => matches!(trigger, Trigger::Always | Trigger::Done),
            Self::Passes => matches!(trigger, Trigger::Always),
        }
    }
}

/// A node, and how the machine came to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    node: NodeIndex,
    pace: Pace,
}

impl Place {
    fn index(self) -> usize {
        self.node.index() * Pace::COUNT + self.pace as usize
    }
}

/// The shortest ways from the start to everywhere.
pub(super) struct Ways<'f, 'm> {
    facts: &'f Facts<'m>,
    /// For each place how many events lead there; `None` where none do.
    lengths: Vec<Option<u32>>,
    /// For each place the one before it.
    before: Vec<Option<Place>>,
    paces: IndexVec<StateId, Pace>,
    /// The group of each node that stands for one.
    groups: Vec<Option<usize>>,
    /// The state of each node that stands for entering one.
    states: Vec<Option<StateId>>,
    /// For each leaf what may happen before the machine waits there, if guards let it: an eventless transition, or a
    /// completion.
    hesitant: IndexVec<StateId, [bool; 2]>,
    /// What any way may depend on.
    doubts: Vec<&'static str>,
    /// How many nodes may still be looked at.
    rest: Cell<usize>,
}

impl<'f, 'm> Ways<'f, 'm> {
    pub(super) fn of(facts: &'f Facts<'m>) -> Self {
        let nodes = facts.flow.graph.node_count();
        let mut groups = vec![None; nodes];
        for index in 0..facts.groups.len() {
            groups[facts.flow.offered(index).index()] = Some(index);
        }
        let mut states = vec![None; nodes];
        for state in facts.machine.states.ids() {
            states[facts.flow.entry(state).index()] = Some(state);
        }
        let places = nodes * Pace::COUNT;
        let mut ways = Self {
            facts,
            lengths: vec![None; places],
            before: vec![None; places],
            paces: paces(facts),
            groups,
            states,
            hesitant: hesitant(facts),
            doubts: doubts(facts.machine),
            rest: Cell::new(MOST_NODES_TOLD),
        };
        ways.search();
        ways
    }

    fn search(&mut self) {
        let graph = &self.facts.flow.graph;
        let mut missing: Vec<usize> = graph.node_indices().map(|_| 0).gather();
        for edge in graph.raw_edges().iter().filter(|edge| edge.weight != Way::Known) {
            missing[edge.target().index()] += 1;
        }
        let mut settled = vec![false; self.lengths.len()];
        let mut counted = vec![false; graph.node_count()];
        let start = self.arrival(self.facts.flow.entry(StateId::ROOT), Pace::Waits);
        self.lengths[start.index()] = Some(0);
        let mut waiting = VecDeque::from([start]);
        while let Some(at) = waiting.pop_front() {
            if std::mem::replace(&mut settled[at.index()], true) {
                continue;
            }
            let length = self.lengths[at.index()].unwrap_or(0);
            let group = self.groups[at.node.index()].map(|group| &self.facts.groups[group]);
            if group.is_some_and(|group| !at.pace.allows(group.trigger)) {
                continue;
            }
            let first = !std::mem::replace(&mut counted[at.node.index()], true);
            // Edges come latest first; what was written first is to be preferred.
            let mut edges: Vec<_> = graph.edges(at.node).filter(|edge| *edge.weight() == Way::Leads).gather();
            edges.reverse();
            for edge in edges {
                let to = edge.target();
                if graph[to] == Node::All {
                    missing[to.index()] -= usize::from(first);
                    if missing[to.index()] > 0 {
                        continue;
                    }
                }
                let taken = group.filter(|_| matches!(graph[to], Node::Leaf(_) | Node::Enter));
                let cost = u32::from(taken.is_some_and(|group| !is_silent(group.trigger)));
                let to = self.arrival(to, if taken.is_some() { Pace::Waits } else { at.pace });
                if self.lengths[to.index()].is_none_or(|known| length + cost < known) {
                    self.lengths[to.index()] = Some(length + cost);
                    self.before[to.index()] = Some(at);
                    if cost == 0 { waiting.push_front(to) } else { waiting.push_back(to) }
                }
            }
        }
    }

    fn arrival(&self, node: NodeIndex, pace: Pace) -> Place {
        match self.facts.flow.graph[node] {
            Node::Leaf(leaf) => Place { node, pace: self.paces[leaf] },
            _ => Place { node, pace },
        }
    }

    fn leaf(&self, leaf: StateId) -> Place {
        self.arrival(self.facts.flow.entry(leaf), Pace::Waits)
    }

    /// The shortest way into one of these leaves, as a clause; `None` where none is known.
    pub(super) fn to_one_of(&self, leaves: impl Iterator<Item = StateId>) -> Option<String> {
        let reached = leaves.filter_map(|leaf| Some((self.lengths[self.leaf(leaf).index()]?, leaf)));
        let (_, leaf) = reached.min()?;
        let Told { steps, hesitates } = self.steps(leaf)?;
        let depends = self.depends_on(&steps, hesitates);
        let condition = if depends.is_empty() { String::new() } else { format!(", as far as {depends} allow") };
        if steps.is_empty() {
            return Some(format!("no event is needed to get there{condition}"));
        }
        let mut words: Vec<_> = steps.iter().take(FIRST).map(|step| self.words(step)).gather();
        let hidden = steps.len().saturating_sub(FIRST + LAST);
        if hidden > 0 {
            words.push(format!("… {hidden} more …"));
        }
        words.extend(steps.iter().skip((FIRST + hidden).min(steps.len())).map(|step| self.words(step)));
        Some(format!("the shortest way there{condition}: {}", words.join(", ")))
    }

    /// The length of the way to a leaf, the transitions that are taken on it, and what it depends on.
    #[cfg(test)]
    pub(super) fn told(&self, leaf: StateId) -> Option<(u32, Vec<TransitionId>, String)> {
        let Told { steps, hesitates } = self.steps(leaf)?;
        let taken = steps.iter().filter_map(|step| step.by).gather();
        Some((self.lengths[self.leaf(leaf).index()]?, taken, self.depends_on(&steps, hesitates)))
    }

    /// What happens on the way to a leaf, in order; what is silent and has no condition is left out.
    fn steps(&self, leaf: StateId) -> Option<Told<'_>> {
        let graph = &self.facts.flow.graph;
        let (mut steps, mut hesitates) = (Vec::<Step<'_>>::new(), false);
        let mut at = self.leaf(leaf);
        // The step whose event passes the nodes that come next, backwards.
        let mut passing = false;
        while let Some(before) = self.before[at.index()] {
            self.rest.set(self.rest.get().checked_sub(1)?);
            if let Some(group) = self.groups[before.node.index()].map(|group| &self.facts.groups[group]) {
                let entered = matches!(graph[at.node], Node::Leaf(_) | Node::Enter);
                if entered {
                    steps.push(self.step(group, at.node));
                } else if passing && let Some(step) = steps.last_mut() {
                    step.otherwise |= !group.open.is_empty();
                }
                passing = true;
            } else if let Node::Leaf(leaf) = graph[before.node] {
                passing = false;
                let [eventless, completes] = self.hesitant[leaf];
                hesitates |= match steps.last().map(|step| step.group.trigger) {
                    None | Some(Trigger::Always) => false,
                    Some(Trigger::Done) => eventless,
                    Some(_) => eventless || completes,
                };
            }
            at = before;
        }
        steps.retain(|step| !is_silent(step.group.trigger) || step.condition(self.facts).is_some());
        steps.reverse();
        Some(Told { steps, hesitates })
    }

    /// The transition of a group that leads to a node.
    fn step(&self, group: &'f Group, to: NodeIndex) -> Step<'f> {
        let target = self.states[to.index()];
        let leads = |place: &&usize| {
            let targets = &self.facts.machine.transitions[group.transitions[**place]].targets;
            target.is_some_and(|target| targets.contains(&target))
        };
        let place = group.open.iter().find(leads).copied();
        let otherwise = place.is_some_and(|place| group.open.first().is_some_and(|first| *first < place));
        Step { group, by: place.map(|place| group.transitions[place]), otherwise }
    }

    fn words(&self, step: &Step<'_>) -> String {
        let machine = self.facts.machine;
        let event = match step.group.trigger {
            Trigger::Always | Trigger::Done => String::new(),
            Trigger::InvokeDone(invoke) => format!("done of {}", shown(&machine.invokes[invoke].id.value)),
            Trigger::InvokeError(invoke) => format!("error of {}", shown(&machine.invokes[invoke].id.value)),
            other => shown(&labels::trigger(machine, other)),
        };
        let condition = step.condition(self.facts).map(|condition| format!("[{}]", shown(&condition)));
        let parts = [(!event.is_empty()).then_some(event), condition];
        parts.into_iter().flatten().gather::<Vec<_>>().join(" ")
    }

    /// What could keep the machine from going this way: "guards and regions".
    fn depends_on(&self, steps: &[Step<'_>], hesitates: bool) -> String {
        let is_timer = |step: &Step<'_>| matches!(step.group.trigger, Trigger::Timer(_));
        let more = [
            (hesitates || steps.iter().any(|step| step.condition(self.facts).is_some()), "guards"),
            (self.facts.machine.timers.len() > 1 && steps.iter().any(is_timer), "timers"),
        ];
        let more = more.into_iter().filter(|(is, _)| *is).map(|(_, what)| what);
        let depends: Vec<_> = self.doubts.iter().copied().chain(more).gather();
        match depends.as_slice() {
            [] => String::new(),
            [only] => (*only).to_owned(),
            [first @ .., last] => format!("{} and {last}", first.join(", ")),
        }
    }
}

/// A way as it is told.
struct Told<'f> {
    steps: Vec<Step<'f>>,
    /// Whether it waits in a leaf in which it may not come to wait.
    hesitates: bool,
}

/// A transition on the way.
struct Step<'f> {
    group: &'f Group,
    /// `None` where several lead there in parts.
    by: Option<TransitionId>,
    /// Whether it is taken only where no other is.
    otherwise: bool,
}

impl Step<'_> {
    /// Under which condition it is taken, as in UML.
    fn condition(&self, facts: &Facts<'_>) -> Option<String> {
        let machine = facts.machine;
        let guard = self.by.and_then(|by| machine.transitions[by].guard.as_ref());
        match guard {
            Some(guard) if !guard::is_constant(machine, self.group.state, guard) => Some(labels::guard(machine, guard)),
            _ if self.otherwise => Some("else".to_owned()),
            _ => None,
        }
    }
}

/// Whether nothing need happen for it.
const fn is_silent(trigger: Trigger) -> bool {
    matches!(trigger, Trigger::Always | Trigger::Done)
}

/// What may keep a machine from going any way that its graph shows.
fn doubts(machine: &Machine) -> Vec<&'static str> {
    let doubts = [
        (machine.states.ids().any(|state| shape::is_parallel(machine, state)), "regions"),
        (machine.states.ids().any(|state| shape::is_history(machine, state)), "history"),
        (Uses::of(machine).raised.iter().any(|raised| *raised), "events of its own"),
    ];
    doubts.into_iter().filter(|(is, _)| *is).map(|(_, what)| what).gather()
}

/// For each leaf whether it or a state around it has eventless transitions, and whether its completing its parent has
/// transitions.
fn hesitant(facts: &Facts<'_>) -> IndexVec<StateId, [bool; 2]> {
    let machine = facts.machine;
    let mut hesitant: IndexVec<StateId, [bool; 2]> = machine.states.ids().map(|_| [false; 2]).gather();
    for group in facts.groups.iter().filter(|group| group.trigger == Trigger::Always && !group.open.is_empty()) {
        hesitant[group.state][0] = true;
    }
    for (id, state) in machine.states.enumerated() {
        hesitant[id][0] |= state.parent.is_some_and(|parent| hesitant[parent][0]);
    }
    for group in facts.groups.iter().filter(|group| group.trigger == Trigger::Done && !group.open.is_empty()) {
        let children = &machine.states[group.state].children;
        for child in children.iter().filter(|child| machine.states[**child].kind == StateKind::Final) {
            hesitant[*child][1] = true;
        }
    }
    hesitant
}

fn paces(facts: &Facts<'_>) -> IndexVec<StateId, Pace> {
    let machine = facts.machine;
    let mut completes: IndexVec<StateId, bool> = machine.states.ids().map(|_| false).gather();
    for group in facts.groups.iter().filter(|group| group.trigger == Trigger::Done && group.closer.is_some()) {
        completes[group.state] = true;
    }
    let pace = |id: StateId| {
        let state = &machine.states[id];
        if facts.is_passed(id) {
            Pace::Passes
        } else if state.kind == StateKind::Final && state.parent.is_some_and(|parent| completes[parent]) {
            Pace::Completes
        } else {
            Pace::Waits
        }
    };
    machine.states.ids().map(pace).gather()
}
