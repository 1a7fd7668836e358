//! FSM0103: states from which the machine can never end, where it has a final state in reach.
//!
//! A lint over [`super::facts`]. States that lead to each other, or on to each other, are one trap: it is reported once,
//! at the state by which the machine gets into it.

use fsm_model::gather::Gather as _;
use std::collections::BTreeMap;

use petgraph::unionfind::UnionFind;

use super::MOST_LABELS;
use super::facts::{Facts, Fate};
use super::flow::{Node, Nodes};
use super::ways::Ways;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity, shown};
use crate::ir::{IndexVec, StateId, TransitionId};

/// States that the machine gets into and never out of.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Trap {
    /// Where it gets in; the outermost state without a way out.
    pub(super) entrance: StateId,
    /// How many further such states, side by side, belong to it.
    pub(super) more: usize,
    /// Its leaves.
    pub(super) leaves: Vec<StateId>,
    /// The transitions that lead in.
    pub(super) ways_in: Vec<TransitionId>,
}

pub(super) fn report(facts: &Facts<'_>, severity: Severity, diagnostics: &mut Diagnostics) {
    let traps = traps(facts);
    if traps.is_empty() {
        return;
    }
    let ways = Ways::of(facts);
    let finals = facts.reachable_leaves().filter(|leaf| facts.machine.is_top_final(*leaf));
    let finals: Vec<_> = finals.take(MOST_LABELS).gather();
    for trap in traps {
        let way = ways.to_one_of(trap.leaves.iter().copied());
        diagnostics.push(complaint(facts, &trap, &finals, way, severity));
    }
}

fn complaint(
    facts: &Facts<'_>,
    trap: &Trap,
    finals: &[StateId],
    way: Option<String>,
    severity: Severity,
) -> Diagnostic {
    let machine = facts.machine;
    let path = shown(&machine.path(trap.entrance));
    let whole = match trap.more {
        0 => format!("`{path}`"),
        1 => format!("`{path}` and one state after it"),
        more => format!("`{path}` and {more} states after it"),
    };
    let message = format!("no way leads from {whole} to a final state");
    let mut diagnostic = Diagnostic::new(Code::Trap, severity, machine.states[trap.entrance].name.span, message);
    for way in trap.ways_in.iter().take(MOST_LABELS) {
        diagnostic = diagnostic.label(machine.transitions[*way].span, "from here on the machine cannot end");
    }
    for leaf in finals {
        diagnostic = diagnostic.label(machine.states[*leaf].name.span, "a final state, out of reach from there");
    }
    let way = way.map_or_else(String::new, |way| format!("; {way}"));
    let make_final = facts.words.make_final();
    diagnostic.help(format!("add a transition that leads on to a final state, or {make_final}{way}"))
}

/// All traps, in document order of their entrances.
pub(super) fn traps(facts: &Facts<'_>) -> Vec<Trap> {
    if !facts.machine.states.ids().any(|state| facts.trapped[state]) {
        return Vec::new();
    }
    let outermost = outermost(facts);
    let regions = regions(facts, &outermost);
    let region = |state: StateId| regions.find(facts.flow.entry(state).index());
    // Any leaf tells the trap of the outermost trapped state in which it lies.
    let mut leaves: IndexVec<StateId, Option<StateId>> = facts.machine.states.ids().map(|_| None).gather();
    for leaf in facts.reachable_leaves() {
        if let Some(outer) = outermost[leaf] {
            leaves[outer].get_or_insert(leaf);
        }
    }

    let mut traps: BTreeMap<usize, Trap> = BTreeMap::new();
    for way in ways_in(facts) {
        let landings = facts.machine.transitions[way].targets.iter().map(|target| facts.landing[*target]);
        let mut entrances = landings.filter_map(|landing| outermost[landing]);
        if let Some((entrance, leaf)) = entrances.find_map(|outer| Some((outer, leaves[outer]?))) {
            let trap = traps.entry(region(leaf)).or_insert(Trap {
                entrance,
                more: 0,
                leaves: Vec::new(),
                ways_in: Vec::new(),
            });
            trap.entrance = trap.entrance.min(entrance);
            trap.ways_in.push(way);
        }
    }
    let mut counted = None;
    for leaf in facts.reachable_leaves().filter(|leaf| facts.trapped[*leaf]) {
        let Some(trap) = traps.get_mut(&region(leaf)) else { continue };
        trap.leaves.push(leaf);
        if counted != outermost[leaf] {
            counted = outermost[leaf];
            trap.more += usize::from(counted != Some(trap.entrance));
        }
    }
    let mut traps: Vec<_> = traps.into_values().gather();
    traps.sort_by_key(|trap| trap.entrance);
    traps
}

/// For each trapped state the outermost trapped state in which it lies.
fn outermost(facts: &Facts<'_>) -> IndexVec<StateId, Option<StateId>> {
    let mut outermost: IndexVec<StateId, Option<StateId>> = IndexVec::default();
    for (id, state) in facts.machine.states.enumerated() {
        let around = state.parent.and_then(|parent| outermost[parent]);
        outermost.push(around.or(facts.trapped[id].then_some(id)));
    }
    outermost
}

/// The nodes of the graph, those united that belong to one trap.
fn regions(facts: &Facts<'_>, outermost: &IndexVec<StateId, Option<StateId>>) -> UnionFind<usize> {
    let flow = &facts.flow;
    let mut regions = UnionFind::new(flow.graph.node_count());
    let mut representative: IndexVec<StateId, Option<usize>> = facts.machine.states.ids().map(|_| None).gather();
    let mut leaves = Vec::new();
    for leaf in facts.reachable_leaves() {
        let node = flow.entry(leaf);
        if let Some(outer) = outermost[leaf] {
            regions.union(*representative[outer].get_or_insert(node.index()), node.index());
            leaves.push(node);
        }
    }
    // Only what leads on to another leaf ties states together; a shared handler without target does not.
    let trapped = flow.after(leaves);
    let leading = leading(facts);
    for edge in flow.graph.raw_edges() {
        if trapped.contains(edge.source()) && leading.contains(edge.target()) {
            regions.union(edge.source().index(), edge.target().index());
        }
    }
    regions
}

/// The leaves, and all nodes from which an edge leads on to one.
fn leading(facts: &Facts<'_>) -> Nodes {
    let graph = &facts.flow.graph;
    facts.flow.before(graph.node_indices().filter(|node| matches!(graph[*node], Node::Leaf(_))))
}

/// The transitions that lead from states that can end to states that cannot.
fn ways_in(facts: &Facts<'_>) -> Vec<TransitionId> {
    let open = facts.reachable_leaves().filter(|leaf| !facts.trapped[*leaf]);
    let offered = facts.flow.step(open.map(|leaf| facts.flow.entry(leaf)));
    let leads_in = |id: &TransitionId| {
        let mut targets = facts.machine.transitions[*id].targets.iter();
        facts.fate(*id) == Fate::Taken
            && facts.is_open_in(*id, |group| offered.contains(facts.flow.offered(group)))
            && targets.any(|target| facts.trapped[facts.landing[*target]])
    };
    facts.machine.transitions.ids().filter(leads_in).gather()
}
