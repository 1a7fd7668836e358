//! How a machine moves, as one graph: from where it rests, over the events offered, to where it rests next.
//!
//! Between [`super::handlers`] and [`super::facts`]. Nodes are the leaves, the groups of transitions ("this event is
//! offered to this state, because no active state below surely takes it"), entries ("this state is entered by default")
//! and ranges of leaves, each the union of two smaller ones. Thanks to the ranges a leaf has one edge upwards instead of
//! one for each transition that it inherits: `n` leaves and `g` groups give `O(n + g log n)` edges.
//!
//! A node is reached when one of its predecessors is, a [`Node::All`] when all are: an event comes to a parallel state
//! only if every region lets it pass, and the state is complete only if every region is.
//!
//! Invariants: whatever a machine can do is a way in this graph, so what is not reached forwards from the start never
//! happens, and where no way leads from a leaf to an end, no configuration with that leaf leads there either. (Leaves of
//! different regions count as active together at any time, history as remembering whatever could be active, guards of
//! different states as independent.) Without parallel and history states the graph is exact for independent guards.

mod entering;
mod offering;
mod ranges;

use fsm_model::gather::Gather as _;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Dfs, EdgeFiltered, EdgeRef, Reversed, VisitMap, Visitable};

use super::handlers::Group;
use super::shape;
use crate::ir::{IndexVec, Machine, StateId, StateKind};
use entering::Entering;
use ranges::Ranges;

/// What a node stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Node {
    /// The machine rests here, perhaps in other regions too.
    Leaf(StateId),
    /// It rests in one of several leaves.
    Range,
    /// The event of a group is offered to its state.
    Offered,
    /// A state is entered by default, or by its history.
    Enter,
    /// All of several things are the case, at one time or another.
    All,
    /// One of several things is.
    Any,
}

/// What an edge stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// The machine goes on like this.
    Leads,
    /// Nothing goes on like this; but what it leads to needs it.
    Needed,
    /// The machine can be there next, or at the same time; but only if it was there before.
    Known,
}

type Graph = DiGraph<Node, Way>;

/// A set of nodes.
pub(super) struct Nodes(<Graph as Visitable>::Map);

impl Nodes {
    pub(super) fn contains(&self, node: NodeIndex) -> bool {
        self.0.is_visited(&node)
    }
}

/// The graph, and where in it things are.
pub(super) struct Flow {
    /// The graph itself.
    pub(super) graph: Graph,
    /// Where entering a state leads: the leaf itself, or a node of its own. A history state is entered where a
    /// transition leads to it.
    entries: IndexVec<StateId, NodeIndex>,
    /// The node of each group.
    offered: Vec<NodeIndex>,
    /// The nodes at which the machine ends.
    ends: Vec<NodeIndex>,
}

impl Flow {
    /// The graph of a machine.
    pub(super) fn of(machine: &Machine, groups: &[Group]) -> Self {
        let mut graph = Graph::with_capacity(3 * machine.states.len() + groups.len(), 8 * groups.len());
        let node = |id| if shape::is_resting_place(machine, id) { Node::Leaf(id) } else { Node::Enter };
        let entries = machine.states.ids().map(|id| graph.add_node(node(id))).gather();
        let offered = groups.iter().map(|_| graph.add_node(Node::Offered)).gather();
        let mut flow = Self { graph, entries, offered, ends: Vec::new() };
        let ranges = Ranges::add(machine, &mut flow);
        let mut entering = Entering::new(machine);
        entering.defaults(&ranges, &mut flow);
        entering.company(&ranges, &mut flow);
        offering::offer(machine, groups, &ranges, &mut flow);
        for (index, group) in groups.iter().enumerate() {
            for id in group.open() {
                let transition = &machine.transitions[id];
                if !transition.targets.is_empty() {
                    let domain = shape::domain(machine, transition.source, &transition.targets, transition.reenter);
                    entering.targets(flow.offered[index], domain, &transition.targets, &mut flow);
                }
            }
        }
        flow.ends(machine);
        flow
    }

    /// Finds the nodes at which the machine ends.
    fn ends(&mut self, machine: &Machine) {
        self.ends = match machine.states[StateId::ROOT].kind {
            StateKind::Parallel => vec![offering::completion(machine, StateId::ROOT, self)],
            _ => machine.leaves().filter(|leaf| machine.is_top_final(*leaf)).map(|leaf| self.entries[leaf]).gather(),
        };
    }

    fn lead(&mut self, from: NodeIndex, to: NodeIndex) {
        self.graph.add_edge(from, to, Way::Leads);
    }

    /// The node that stands for being in a leaf, or for entering any other state.
    pub(super) fn entry(&self, state: StateId) -> NodeIndex {
        self.entries[state]
    }

    /// The node of a group.
    pub(super) fn offered(&self, group: usize) -> NodeIndex {
        self.offered[group]
    }

    /// The nodes at which the machine ends.
    pub(super) fn end_nodes(&self) -> impl Iterator<Item = NodeIndex> + '_ {
        self.ends.iter().copied()
    }

    /// Everything that can be the case after the start.
    pub(super) fn reached(&self) -> Nodes {
        let mut reached = self.graph.visit_map();
        let mut missing: Vec<usize> = self.graph.node_indices().map(|_| 0).gather();
        for edge in self.graph.raw_edges().iter().filter(|edge| edge.weight != Way::Known) {
            missing[edge.target().index()] += 1;
        }
        let start = self.entries[StateId::ROOT];
        reached.visit(start);
        let mut waiting = vec![start];
        while let Some(node) = waiting.pop() {
            for edge in self.graph.edges(node).filter(|edge| *edge.weight() != Way::Known) {
                let target = edge.target();
                missing[target.index()] -= 1;
                let ready = self.graph[target] != Node::All || missing[target.index()] == 0;
                if ready && reached.visit(target) {
                    waiting.push(target);
                }
            }
        }
        Nodes(reached)
    }

    /// Everything to which a way leads from one of `starts`, these included.
    pub(super) fn after(&self, starts: impl IntoIterator<Item = NodeIndex>) -> Nodes {
        let mut dfs = Dfs::empty(&self.graph);
        for start in starts {
            dfs.move_to(start);
            while dfs.next(&self.graph).is_some() {}
        }
        Nodes(dfs.discovered)
    }

    /// Everything from which a way leads to one of `ends`, these included.
    pub(super) fn before(&self, ends: impl IntoIterator<Item = NodeIndex>) -> Nodes {
        let ways = EdgeFiltered::from_fn(&self.graph, |edge| *edge.weight() != Way::Needed);
        let reversed = Reversed(&ways);
        let mut dfs = Dfs::empty(reversed);
        for end in ends {
            dfs.move_to(end);
            while dfs.next(reversed).is_some() {}
        }
        Nodes(dfs.discovered)
    }

    /// What is offered while the machine rests in one of `starts`: [`Self::after`] within one step.
    pub(super) fn step(&self, starts: impl IntoIterator<Item = NodeIndex>) -> Nodes {
        let goes_on = |node| matches!(self.graph[node], Node::Leaf(_) | Node::Enter);
        let within = EdgeFiltered::from_fn(&self.graph, |edge| *edge.weight() == Way::Leads && !goes_on(edge.target()));
        let mut dfs = Dfs::empty(&within);
        for start in starts {
            dfs.move_to(start);
            while dfs.next(&within).is_some() {}
        }
        Nodes(dfs.discovered)
    }
}
