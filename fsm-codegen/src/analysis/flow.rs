//! How a machine moves, as one graph: from where it rests, over the events offered, to where it rests next.
//!
//! Between [`super::handlers`] and [`super::facts`]. Nodes are the leaves (a machine without parallel states rests in
//! exactly one), the groups of transitions ("this event is offered to this state, because no active state below surely
//! takes it"), and ranges of leaves, each the union of two smaller ones. Thanks to the ranges a leaf has one edge
//! upwards instead of one for each transition that it inherits: `n` leaves and `g` groups give `O(n + g log n)` edges.
//!
//! Invariant: a path from a leaf to a group that passes no other leaf exists exactly if the event can be offered to that
//! state while that leaf is active, guards of different states being independent. So reachability forwards (from the
//! start) and backwards (from the final states) are both questions about paths. Leaves in which the machine has ended
//! have no edges.

use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Dfs, EdgeFiltered, EdgeRef, Reversed, VisitMap, Visitable};

use super::handlers::Group;
use crate::ir::{Id, IndexVec, Machine, StateId};

/// What a node stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Node {
    /// The machine rests here.
    Leaf(StateId),
    /// It rests in one of several leaves.
    Range,
    /// The event of a group is offered to its state.
    Offered,
}

type Graph = DiGraph<Node, ()>;

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
    /// The node of each leaf.
    leaves: IndexVec<StateId, Option<NodeIndex>>,
    /// The node of each group.
    offered: Vec<NodeIndex>,
}

impl Flow {
    /// The graph of a machine; `landing` is the leaf in which it rests after entering a state.
    pub(super) fn of(machine: &Machine, landing: &IndexVec<StateId, StateId>, groups: &[Group]) -> Self {
        let mut graph = Graph::with_capacity(3 * machine.states.len() + groups.len(), 8 * groups.len());
        let leaves =
            machine.states.enumerated().map(|(id, state)| state.is_leaf().then(|| graph.add_node(Node::Leaf(id))));
        let leaves = leaves.collect();
        let offered = groups.iter().map(|_| graph.add_node(Node::Offered)).collect();
        let mut flow = Self { graph, leaves, offered };
        let ranges = Ranges::add(machine, &mut flow);
        for (index, group) in groups.iter().enumerate() {
            let here = flow.offered[index];
            ranges.offer(machine, groups, group, here, &mut flow.graph);
            if let (Some(outer), None) = (group.outer, group.closer) {
                flow.graph.add_edge(here, flow.offered[outer], ());
            }
            for target in group.open().filter_map(|id| machine.transitions[id].target()) {
                if let Some(leaf) = flow.leaves[landing[target]] {
                    flow.graph.add_edge(here, leaf, ());
                }
            }
        }
        flow
    }

    /// The node of a leaf.
    pub(super) fn leaf(&self, state: StateId) -> Option<NodeIndex> {
        self.leaves[state]
    }

    /// The node of a group.
    pub(super) fn offered(&self, group: usize) -> NodeIndex {
        self.offered[group]
    }

    /// Everything to which a path leads from one of `starts`, these included.
    pub(super) fn after(&self, starts: impl IntoIterator<Item = NodeIndex>) -> Nodes {
        let mut dfs = Dfs::empty(&self.graph);
        for start in starts {
            dfs.move_to(start);
            while dfs.next(&self.graph).is_some() {}
        }
        Nodes(dfs.discovered)
    }

    /// Everything from which a path leads to one of `ends`, these included.
    pub(super) fn before(&self, ends: impl IntoIterator<Item = NodeIndex>) -> Nodes {
        let reversed = Reversed(&self.graph);
        let mut dfs = Dfs::empty(reversed);
        for end in ends {
            dfs.move_to(end);
            while dfs.next(reversed).is_some() {}
        }
        Nodes(dfs.discovered)
    }

    /// What is offered while the machine rests in one of `starts`: [`Self::after`] within one step.
    pub(super) fn step(&self, starts: impl IntoIterator<Item = NodeIndex>) -> Nodes {
        let within = EdgeFiltered::from_fn(&self.graph, |edge| !matches!(self.graph[edge.target()], Node::Leaf(_)));
        let mut dfs = Dfs::empty(&within);
        for start in starts {
            dfs.move_to(start);
            while dfs.next(&within).is_some() {}
        }
        Nodes(dfs.discovered)
    }
}

/// A balanced tree of ranges over the leaves that can receive events.
struct Ranges {
    /// How many of these leaves stand before each state; one entry more than there are states.
    before: Vec<usize>,
    /// The tree: node 1 is the top, the halves of `n` are `2n` and `2n + 1`, the lower half of the list is the leaves.
    tree: Vec<Option<NodeIndex>>,
}

impl Ranges {
    fn add(machine: &Machine, flow: &mut Flow) -> Self {
        let mut before = vec![0];
        let mut bottom = Vec::new();
        for state in machine.states.ids() {
            bottom.extend(flow.leaves[state].filter(|_| !machine.is_top_final(state)));
            before.push(bottom.len());
        }
        let width = bottom.len().next_power_of_two();
        let mut tree = vec![None; width];
        tree.extend(bottom.into_iter().map(Some));
        tree.resize(2 * width, None);
        for at in (1..width).rev() {
            let halves: Vec<_> = [tree[2 * at], tree[2 * at + 1]].into_iter().flatten().collect();
            if !halves.is_empty() {
                let range = flow.graph.add_node(Node::Range);
                tree[at] = Some(range);
                for half in halves {
                    flow.graph.add_edge(half, range, ());
                }
            }
        }
        Self { before, tree }
    }

    /// Lets the leaves below `group`'s state lead to it, those aside that a nearer group serves.
    fn offer(&self, machine: &Machine, groups: &[Group], group: &Group, here: NodeIndex, graph: &mut Graph) {
        let mut lo = self.before[group.state.index()];
        for inner in group.inner.iter().map(|inner| groups[*inner].state) {
            self.connect(lo, self.before[inner.index()], here, graph);
            lo = self.before[machine.states[inner].end.index()];
        }
        self.connect(lo, self.before[machine.states[group.state].end.index()], here, graph);
    }

    /// Adds edges from as few ranges as make up the leaves `lo..hi`.
    fn connect(&self, lo: usize, hi: usize, here: NodeIndex, graph: &mut Graph) {
        let width = self.tree.len() / 2;
        let (mut lo, mut hi) = (lo + width, hi + width);
        let mut edge = |at: usize| {
            if let Some(range) = self.tree[at] {
                graph.add_edge(range, here, ());
            }
        };
        while lo < hi {
            if lo % 2 == 1 {
                edge(lo);
                lo += 1;
            }
            if hi % 2 == 1 {
                hi -= 1;
                edge(hi);
            }
            lo /= 2;
            hi /= 2;
        }
    }
}
