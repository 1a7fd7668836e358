//! Where each transition is drawn: as an arrow, or as a line in the box of its state.
//!
//! UML draws a transition that leaves its state as an arrow from the state's border, one that stays in it as an arrow
//! from inside, and one that enters and leaves nothing as a line of text in the state. Mermaid has no arrow between a
//! composite state and a state in it (it draws one of no length), so an arrow from inside starts at a box in the
//! composite, and one across the border goes through a junction outside of it. One with several targets goes through a
//! bar, UML's fork.
//! Invariants: both ends of an arrow that is written in a scope are children of that scope, or the scope is the root,
//! because Mermaid gives a state to the last composite that mentions it; and no arrow is written in a parallel state,
//! because Mermaid fails on one that ends at a composite there.

use crate::ir::{IndexVec, Machine, StateId, StateKind, Transition, TransitionId};

/// Where a transition is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// Nothing is left or entered: a line in the source's box.
    Line,
    /// From one border to another.
    Arrow(StateId),
    /// From a border back to it: one loop for all such transitions of a state, as Mermaid loses all but one.
    Loop,
    /// From inside the source to this state below it.
    Inner(StateId),
    /// From border to border through a junction, a child of the scope.
    Detour {
        /// Where it ends.
        target: StateId,
        /// Where the junction stands.
        scope: StateId,
        /// Which of its source's junctions it is, from 1.
        number: usize,
    },
    /// Through a bar, a child of the scope, to several states.
    Fork {
        /// Whether it starts inside of its source.
        inside: bool,
        /// Where it ends.
        targets: Vec<StateId>,
        /// Where the bar stands.
        scope: StateId,
        /// Which of its source's junctions it is, from 1.
        number: usize,
    },
}

/// What is drawn in the scope of one state.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    /// Transitions drawn as lines in this state's box.
    pub(super) lines: Vec<TransitionId>,
    /// Transitions drawn as the one loop at this state's border.
    pub(super) loops: Vec<TransitionId>,
    /// Whether arrows start inside this state.
    pub(super) has_inner: bool,
    /// How many transitions of this state go through junctions and bars.
    pub(super) detours: usize,
    /// Junctions and bars that stand among this state's children, named by their transition.
    pub(super) junctions: Vec<TransitionId>,
    /// Arrows written in this scope; a loop is named by its first transition.
    pub(super) arrows: Vec<TransitionId>,
}

/// The places of all transitions.
pub(super) struct Plan {
    /// By transition.
    pub(super) places: IndexVec<TransitionId, Place>,
    /// By state.
    pub(super) scopes: IndexVec<StateId, Scope>,
}

/// Finds the place of every transition.
pub(super) fn plan(machine: &Machine) -> Plan {
    let mut scopes: IndexVec<StateId, Scope> = machine.states.iter().map(|_| Scope::default()).collect();
    let mut places = IndexVec::default();
    for (id, transition) in machine.transitions.enumerated() {
        let source = transition.source;
        let mut place = place(machine, transition);
        match &mut place {
            Place::Line => scopes[source].lines.push(id),
            Place::Loop => {
                scopes[source].loops.push(id);
                if scopes[source].loops.len() == 1 {
                    let around = parent(machine, source);
                    scopes[common(machine, around, around)].arrows.push(id);
                }
            }
            Place::Arrow(target) => {
                let scope = common(machine, parent(machine, source), parent(machine, *target));
                scopes[scope].arrows.push(id);
            }
            Place::Inner(target) => {
                scopes[source].has_inner = true;
                scopes[common(machine, source, parent(machine, *target))].arrows.push(id);
            }
            Place::Detour { scope, number, .. } => {
                scopes[source].detours += 1;
                *number = scopes[source].detours;
                scopes[*scope].junctions.push(id);
                scopes[StateId::ROOT].arrows.push(id);
            }
            Place::Fork { inside, scope, number, .. } => {
                scopes[source].has_inner |= *inside;
                scopes[source].detours += 1;
                *number = scopes[source].detours;
                scopes[*scope].junctions.push(id);
                scopes[StateId::ROOT].arrows.push(id);
            }
        }
        places.push(place);
    }
    Plan { places, scopes }
}

/// The scope of both if arrows can be written there, else the root.
fn common(machine: &Machine, a: StateId, b: StateId) -> StateId {
    if a == b && machine.states[a].kind != StateKind::Parallel { a } else { StateId::ROOT }
}

/// The root is its own parent here: what belongs to it is written at the top.
fn parent(machine: &Machine, state: StateId) -> StateId {
    machine.states[state].parent.unwrap_or(StateId::ROOT)
}

fn place(machine: &Machine, transition: &Transition) -> Place {
    let source = transition.source;
    let inside = !transition.reenter || source == StateId::ROOT;
    let targets = match transition.targets.as_slice() {
        [] => return Place::Line,
        // The root has no border to draw an arrow to, and a state that is not left enters its children anew.
        [only] if *only == StateId::ROOT || (*only == source && inside) => children_entered(machine, *only),
        targets => targets.to_vec(),
    };
    let target = match targets.as_slice() {
        [] => return Place::Line,
        [only] => *only,
        _ => return fork(machine, transition, inside, targets),
    };
    if machine.is_descendant(target, source) {
        return if inside { Place::Inner(target) } else { detour(target, parent(machine, source)) };
    }
    if machine.is_descendant(source, target) {
        return detour(target, parent(machine, target));
    }
    if target == source { Place::Loop } else { Place::Arrow(target) }
}

/// What a state enters by default.
fn children_entered(machine: &Machine, state: StateId) -> Vec<StateId> {
    match &machine.states[state].kind {
        StateKind::Compound(initial) => initial.targets.clone(),
        StateKind::Parallel => machine.states[state].children.clone(),
        StateKind::Atomic | StateKind::Final | StateKind::History(_) => Vec::new(),
    }
}

/// The bar stands in the innermost state around all that it ties together, outside of what is left.
fn fork(machine: &Machine, transition: &Transition, inside: bool, targets: Vec<StateId>) -> Place {
    let source = transition.source;
    let holds = |state: StateId| targets.iter().all(|target| machine.is_descendant(*target, state));
    let inside = inside && holds(source);
    let scope = if inside { Some(source) } else { machine.chain(source).skip(1).find(|state| holds(*state)) };
    Place::Fork { inside, targets, scope: scope.unwrap_or(StateId::ROOT), number: 0 }
}

/// Junctions are numbered when all of them are known.
fn detour(target: StateId, scope: StateId) -> Place {
    Place::Detour { target, scope, number: 0 }
}
