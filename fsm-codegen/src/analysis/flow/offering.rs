//! The part of the graph that leads from leaves to groups: which events come as far as which states.
//!
//! Part of [`super`].

use petgraph::graph::NodeIndex;

use super::{Flow, Node, Ranges, Way};
use crate::analysis::handlers::Group;
use crate::analysis::shape;
use crate::ir::{IndexVec, Machine, StateId, StateKind, Trigger};

/// Adds the edges that lead to the groups.
pub(super) fn offer(machine: &Machine, groups: &[Group], ranges: &Ranges, flow: &mut Flow) {
    let offering = Offering { machine, groups, ranges, regions: shape::regions(machine) };
    for (index, group) in groups.iter().enumerate() {
        let here = flow.offered[index];
        if group.trigger == Trigger::Done {
            // The completion of the machine is its end, which nothing follows.
            if group.state == StateId::ROOT {
                continue;
            }
            let done = completion(machine, group.state, flow);
            flow.lead(done, here);
        } else {
            offering.pass(group.state, &group.inner, here, group.needs_all_regions(), flow);
        }
    }
}

struct Offering<'a> {
    machine: &'a Machine,
    groups: &'a [Group],
    ranges: &'a Ranges,
    regions: IndexVec<StateId, Option<StateId>>,
}

impl Offering<'_> {
    /// Lets what passes all of `inner`, the nearest groups below `scope`, lead to `here`: from leaves that no group
    /// serves, and from the groups themselves. Recursion goes as deep as parallel states stand inside one another.
    fn pass(&self, scope: StateId, inner: &[usize], here: NodeIndex, all: bool, flow: &mut Flow) {
        let mut lo = self.ranges.start(scope);
        let mut rest = inner;
        while let [first, behind @ ..] = rest {
            let state = self.groups[*first].state;
            let region = if all { self.outermost_region(scope, state) } else { None };
            let parallel = region.and_then(|region| self.machine.states[region].parent);
            let passed = parallel.unwrap_or(state);
            let end = self.machine.states[passed].end;
            if parallel.is_some() {
                let inside = rest.partition_point(|group| self.groups[*group].state < end);
                self.join(&rest[..inside], here, scope, flow);
                rest = &rest[inside..];
            } else {
                if !self.groups[*first].closes() {
                    flow.lead(flow.offered[*first], here);
                }
                rest = behind;
            }
            self.ranges.connect(lo..self.ranges.start(passed), here, Way::Leads, flow);
            lo = self.ranges.end(self.machine, passed);
        }
        self.ranges.connect(lo..self.ranges.end(self.machine, scope), here, Way::Leads, flow);
    }

    /// Lets what passes each region of one parallel state lead to `here`; `inner` are the groups in it. Regions without
    /// any let everything pass.
    fn join(&self, inner: &[usize], here: NodeIndex, scope: StateId, flow: &mut Flow) {
        let joint = flow.graph.add_node(Node::All);
        let mut rest = inner;
        while let [first, ..] = rest {
            let Some(region) = self.outermost_region(scope, self.groups[*first].state) else { break };
            let end = self.machine.states[region].end;
            let inside = rest.partition_point(|group| self.groups[*group].state < end);
            let passing = flow.graph.add_node(Node::Any);
            flow.lead(passing, joint);
            if self.groups[*first].state == region {
                if !self.groups[*first].closes() {
                    flow.lead(flow.offered[*first], passing);
                }
            } else {
                self.pass(region, &rest[..inside], passing, true, flow);
            }
            rest = &rest[inside..];
        }
        flow.lead(joint, here);
    }

    /// The outermost region below `scope` in which `state` lies.
    fn outermost_region(&self, scope: StateId, state: StateId) -> Option<StateId> {
        let outwards = |region: &StateId| self.machine.states[*region].parent.and_then(|parent| self.regions[parent]);
        let regions = std::iter::successors(self.regions[state], outwards);
        regions.take_while(|region| self.machine.is_descendant(*region, scope)).last()
    }
}

/// The node that is reached when a state can be complete; a state that cannot be has one that nothing leads to.
pub(super) fn completion(machine: &Machine, state: StateId, flow: &mut Flow) -> NodeIndex {
    match &machine.states[state].kind {
        StateKind::Final => flow.entries[state],
        StateKind::Compound(_) => {
            let complete = flow.graph.add_node(Node::Any);
            for child in &machine.states[state].children {
                if machine.states[*child].kind == StateKind::Final {
                    flow.lead(flow.entries[*child], complete);
                }
            }
            complete
        }
        StateKind::Parallel => {
            let complete = flow.graph.add_node(Node::All);
            for region in &machine.states[state].children {
                let region = completion(machine, *region, flow);
                flow.lead(region, complete);
            }
            complete
        }
        StateKind::Atomic | StateKind::History(_) => flow.graph.add_node(Node::Any),
    }
}
