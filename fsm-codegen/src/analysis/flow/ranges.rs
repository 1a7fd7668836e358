//! A balanced tree of ranges over the leaves that can receive events.
//!
//! Part of [`super`]: lets whole subtrees lead to one node by few edges.

use fsm_model::gather::Gather as _;
use petgraph::graph::NodeIndex;

use super::{Flow, Node, Way};
use crate::analysis::shape;
use crate::ir::{Id, Machine, StateId};

/// The ranges.
pub(super) struct Ranges {
    /// How many of these leaves stand before each state; one entry more than there are states.
    before: Vec<usize>,
    /// The tree: node 1 is the top, the halves of `n` are `2n` and `2n + 1`, the lower half of the list is the leaves.
    tree: Vec<Option<NodeIndex>>,
}

impl Ranges {
    pub(super) fn add(machine: &Machine, flow: &mut Flow) -> Self {
        let mut before = vec![0];
        let mut bottom = Vec::new();
        for state in machine.states.ids() {
            if shape::is_resting_place(machine, state) && !machine.is_top_final(state) {
                bottom.push(flow.entries[state]);
            }
            before.push(bottom.len());
        }
        let width = bottom.len().next_power_of_two();
        let mut tree = vec![None; width];
        tree.extend(bottom.into_iter().map(Some));
        tree.resize(2 * width, None);
        for at in (1..width).rev() {
            let halves: Vec<_> = [tree[2 * at], tree[2 * at + 1]].into_iter().flatten().gather();
            if !halves.is_empty() {
                let range = flow.graph.add_node(Node::Range);
                tree[at] = Some(range);
                for half in halves {
                    flow.lead(half, range);
                }
            }
        }
        Self { before, tree }
    }

    /// How many leaves stand before `state`.
    pub(super) fn start(&self, state: StateId) -> usize {
        self.before[state.index()]
    }

    /// How many leaves stand before what follows the subtree of `state`.
    pub(super) fn end(&self, machine: &Machine, state: StateId) -> usize {
        self.before[machine.states[state].end.index()]
    }

    /// Lets the leaves of a subtree lead to a node.
    pub(super) fn connect_subtree(&self, machine: &Machine, state: StateId, to: NodeIndex, way: Way, flow: &mut Flow) {
        self.connect(self.start(state)..self.end(machine, state), to, way, flow);
    }

    /// Adds edges from as few ranges as make up these leaves.
    pub(super) fn connect(&self, leaves: std::ops::Range<usize>, to: NodeIndex, way: Way, flow: &mut Flow) {
        let width = self.tree.len() / 2;
        let (mut lo, mut hi) = (leaves.start + width, leaves.end + width);
        let mut edge = |at: usize| {
            if let Some(range) = self.tree[at] {
                flow.graph.add_edge(range, to, way);
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
