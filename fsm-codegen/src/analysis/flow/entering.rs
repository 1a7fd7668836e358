//! The part of the graph that leads from transitions to leaves: what is entered.
//!
//! Part of [`super`]. Where a target lies in a region, the other regions are entered by default if their parallel state
//! is entered or is the domain.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::graph::NodeIndex;

use super::{Flow, Node, Ranges, Way};
use crate::analysis::shape;
use crate::ir::{History, IndexVec, Machine, StateId, StateKind};

/// A transition with targets in several regions enters the others one by one up to so many; beyond that it counts as
/// entering all, which is more than it does and keeps the graph small.
const MOST_REGIONS: usize = 64;

pub(super) struct Entering<'m> {
    machine: &'m Machine,
    /// For each state the innermost region in which it lies.
    regions: IndexVec<StateId, Option<StateId>>,
    /// For a region that was asked for: the node that enters the regions before it, itself included, and the one that
    /// enters those after it, itself included.
    sides: BTreeMap<StateId, (NodeIndex, NodeIndex)>,
}

impl<'m> Entering<'m> {
    pub(super) fn new(machine: &'m Machine) -> Self {
        Self { machine, regions: shape::regions(machine), sides: BTreeMap::new() }
    }

    /// What entering each state by default leads to.
    pub(super) fn defaults(&mut self, ranges: &Ranges, flow: &mut Flow) {
        let machine = self.machine;
        for (id, state) in machine.states.enumerated() {
            let here = flow.entries[id];
            match &state.kind {
                StateKind::Compound(initial) => self.targets(here, Some(id), &initial.targets, flow),
                StateKind::Parallel => {
                    for region in &state.children {
                        flow.lead(here, flow.entries[*region]);
                    }
                }
                StateKind::History(history) => {
                    if let Some(parent) = state.parent {
                        self.history(id, parent, history, ranges, flow);
                    }
                }
                StateKind::Atomic | StateKind::Final => {}
            }
        }
    }

    /// What a history state leads to: its default, and whatever it may remember.
    fn history(&mut self, id: StateId, parent: StateId, history: &History, ranges: &Ranges, flow: &mut Flow) {
        let here = flow.entries[id];
        match &history.default {
            Some(default) => self.targets(here, Some(parent), &default.targets, flow),
            None => flow.lead(here, flow.entries[parent]),
        }
        if history.deep {
            // The leaves that come back were active before.
            let machine = self.machine;
            let leaves = machine.subtree(parent).filter(|state| shape::is_resting_place(machine, *state));
            for leaf in leaves {
                flow.graph.add_edge(here, flow.entries[leaf], Way::Known);
            }
            return;
        }
        let machine = self.machine;
        let remembered = match machine.states[parent].kind {
            StateKind::Parallel => std::slice::from_ref(&parent),
            _ => &machine.states[parent].children,
        };
        for state in remembered {
            let both = flow.graph.add_node(Node::All);
            let active = flow.graph.add_node(Node::Any);
            ranges.connect_subtree(machine, *state, active, Way::Needed, flow);
            flow.graph.add_edge(active, both, Way::Needed);
            flow.lead(here, both);
            flow.lead(both, flow.entries[*state]);
        }
    }

    /// Leaves of one parallel state are active together.
    pub(super) fn company(&self, ranges: &Ranges, flow: &mut Flow) {
        let machine = self.machine;
        let outermost = shape::outermost_parallels(machine);
        for parallel in machine.states.ids().filter(|state| outermost[*state] == Some(*state)) {
            let company = flow.graph.add_node(Node::Any);
            ranges.connect_subtree(machine, parallel, company, Way::Known, flow);
            for leaf in machine.subtree(parallel).filter(|state| shape::is_resting_place(machine, *state)) {
                flow.graph.add_edge(company, flow.entries[leaf], Way::Known);
            }
        }
    }

    /// Lets `from` lead to all that is entered where everything below `domain` is left for these targets.
    pub(super) fn targets(&mut self, from: NodeIndex, domain: Option<StateId>, targets: &[StateId], flow: &mut Flow) {
        let mut entered: BTreeMap<StateId, BTreeSet<StateId>> = BTreeMap::new();
        for target in targets {
            flow.lead(from, flow.entries[*target]);
            let machine = self.machine;
            let outwards = |region: &StateId| machine.states[*region].parent.and_then(|parent| self.regions[parent]);
            for region in std::iter::successors(self.regions[*target], outwards) {
                let Some(parallel) = machine.states[region].parent else { break };
                if domain.is_some_and(|domain| domain != parallel && !machine.is_descendant(parallel, domain)) {
                    break;
                }
                entered.entry(parallel).or_default().insert(region);
            }
        }
        for (parallel, regions) in entered {
            self.others(from, parallel, &regions, flow);
        }
    }

    /// Lets `from` lead to the regions of a parallel state in which no target lies.
    fn others(&mut self, from: NodeIndex, parallel: StateId, with: &BTreeSet<StateId>, flow: &mut Flow) {
        let regions = &self.machine.states[parallel].children;
        match with.first() {
            Some(only) if with.len() == 1 => {
                self.sides(parallel, flow);
                let Ok(at) = regions.binary_search(only) else { return };
                let neighbours = [at.checked_sub(1), Some(at + 1)].map(|at| at.and_then(|at| regions.get(at)));
                if let Some(before) = neighbours[0] {
                    flow.lead(from, self.sides[before].0);
                }
                if let Some(after) = neighbours[1] {
                    flow.lead(from, self.sides[after].1);
                }
            }
            _ if regions.len() <= MOST_REGIONS => {
                for region in regions.iter().filter(|region| !with.contains(region)) {
                    flow.lead(from, flow.entries[*region]);
                }
            }
            _ => flow.lead(from, flow.entries[parallel]),
        }
    }

    /// Makes the nodes that enter the regions on one side of each.
    fn sides(&mut self, parallel: StateId, flow: &mut Flow) {
        let regions = &self.machine.states[parallel].children;
        if regions.first().is_none_or(|first| self.sides.contains_key(first)) {
            return;
        }
        let mut side = |order: &mut dyn Iterator<Item = &StateId>| {
            let mut last = None;
            let mut nodes = BTreeMap::new();
            for region in order {
                let node = flow.graph.add_node(Node::Enter);
                flow.lead(node, flow.entries[*region]);
                if let Some(last) = last {
                    flow.lead(node, last);
                }
                last = Some(node);
                nodes.insert(*region, node);
            }
            nodes
        };
        let (before, after) = (side(&mut regions.iter()), side(&mut regions.iter().rev()));
        self.sides.extend(regions.iter().map(|region| (*region, (before[region], after[region]))));
    }
}
