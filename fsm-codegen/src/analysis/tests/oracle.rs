//! Facts against brute force: every configuration of small random machines is explored, every event is offered in each,
//! with every truth of the guards. The oracle shares no code with the analyses, nor with `ir::walk`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::random::{Guards, Random, machine};
use crate::analysis::facts::{Facts, Fate};
use crate::analysis::ways::Ways;
use crate::analysis::{check, trap};
use crate::config::Config;
use crate::diag::Diagnostics;
use crate::ir::{Guard, Machine, StateId, StateKind, TransitionId, Trigger};
use crate::source::Notation;

/// What exploring found.
#[derive(Default)]
struct Explored {
    /// From each leaf in which the machine was found at rest, the leaves where one event can take it.
    steps: BTreeMap<StateId, BTreeSet<StateId>>,
    taken: BTreeSet<TransitionId>,
    /// Every move from one leaf to another, with the transition that makes it.
    moves: BTreeSet<(StateId, TransitionId, StateId)>,
}

fn explore(machine: &Machine) -> Explored {
    let mut explored = Explored::default();
    let mut waiting = vec![rest(machine, StateId::ROOT)];
    while let Some(leaf) = waiting.pop() {
        if explored.steps.contains_key(&leaf) {
            continue;
        }
        let mut next = BTreeSet::new();
        if !has_ended(machine, leaf) {
            for event in machine.events.ids() {
                for transition in outcomes(machine, leaf, Trigger::Event(event)) {
                    explored.taken.insert(transition);
                    if let Some(to) =
                        machine.transitions[transition].targets.first().map(|target| rest(machine, *target))
                    {
                        explored.moves.insert((leaf, transition, to));
                        next.insert(to);
                    }
                }
            }
        }
        waiting.extend(&next);
        explored.steps.insert(leaf, next);
    }
    explored
}

fn rest(machine: &Machine, state: StateId) -> StateId {
    match &machine.states[state].kind {
        StateKind::Compound(initial) => rest(machine, initial.targets[0]),
        _ => state,
    }
}

fn has_ended(machine: &Machine, leaf: StateId) -> bool {
    machine.states[leaf].kind == StateKind::Final && machine.states[leaf].parent == Some(StateId::ROOT)
}

fn line(machine: &Machine, leaf: StateId) -> Vec<StateId> {
    let mut line = vec![leaf];
    while let Some(parent) = machine.states[line[line.len() - 1]].parent {
        line.push(parent);
    }
    line
}

/// The transitions that one trigger can set off in one leaf, over every truth of the guards.
fn outcomes(machine: &Machine, leaf: StateId, trigger: Trigger) -> BTreeSet<TransitionId> {
    let line = line(machine, leaf);
    let candidates: Vec<_> = line
        .iter()
        .flat_map(|state| &machine.states[*state].transitions)
        .filter(|id| machine.transitions[**id].trigger == trigger)
        .collect();
    let mut atoms = BTreeSet::new();
    candidates
        .iter()
        .filter_map(|id| machine.transitions[**id].guard.as_ref())
        .for_each(|guard| collect(guard, &mut atoms));
    let atoms: Vec<String> = atoms.into_iter().collect();
    let mut found = BTreeSet::new();
    for row in 0..1_usize << atoms.len() {
        let truth = |atom: &str| atoms.iter().position(|known| known == atom).is_some_and(|at| row >> at & 1 == 1);
        let holds = |id: &&&TransitionId| {
            machine.transitions[***id].guard.as_ref().is_none_or(|guard| holds(guard, &line, &truth))
        };
        found.extend(candidates.iter().find(holds).map(|id| **id));
    }
    found
}

fn collect(guard: &Guard, atoms: &mut BTreeSet<String>) {
    match guard {
        Guard::Call(_, call) => _ = atoms.insert(call.name.value.clone()),
        Guard::Expr(expr) => atoms.extend(expr.text.split(" || ").map(|part| part.trim_start_matches('!').to_owned())),
        Guard::And(parts) | Guard::Or(parts) => parts.iter().for_each(|part| collect(part, atoms)),
        Guard::Not(inner) => collect(inner, atoms),
        Guard::Bool(_) | Guard::In(_) => {}
    }
}

fn holds(guard: &Guard, line: &[StateId], truth: &impl Fn(&str) -> bool) -> bool {
    match guard {
        Guard::Call(_, call) => truth(&call.name.value),
        Guard::Expr(expr) => expr.text.split(" || ").any(|part| match part.strip_prefix('!') {
            Some(negated) => !truth(negated),
            None => truth(part),
        }),
        Guard::Bool(value) => *value,
        Guard::And(parts) => parts.iter().all(|part| holds(part, line, truth)),
        Guard::Or(parts) => parts.iter().any(|part| holds(part, line, truth)),
        Guard::Not(inner) => !holds(inner, line, truth),
        Guard::In(state) => line.contains(state),
    }
}

impl Explored {
    fn active(&self, machine: &Machine) -> BTreeSet<StateId> {
        self.steps.keys().flat_map(|leaf| line(machine, *leaf)).collect()
    }

    /// The leaves from which no top-level final state is reached; none where none is reached at all.
    fn traps(&self, machine: &Machine) -> BTreeSet<StateId> {
        let ends = |leaf: &StateId| {
            let (mut seen, mut waiting) = (BTreeSet::new(), vec![*leaf]);
            while let Some(at) = waiting.pop() {
                if seen.insert(at) {
                    waiting.extend(&self.steps[&at]);
                }
            }
            seen.into_iter().any(|at| has_ended(machine, at))
        };
        if self.steps.keys().any(|leaf| has_ended(machine, *leaf)) {
            self.steps.keys().copied().filter(|leaf| !ends(leaf)).collect()
        } else {
            BTreeSet::new()
        }
    }

    /// Transitions that are never taken although their source is active at times.
    fn dead(&self, machine: &Machine) -> BTreeSet<TransitionId> {
        let active = self.active(machine);
        let dead = machine
            .transitions
            .enumerated()
            .filter(|(id, transition)| active.contains(&transition.source) && !self.taken.contains(id));
        dead.map(|(id, _)| id).collect()
    }
}

/// The same three facts as the analyses see them.
fn analysed(machine: &Machine) -> (BTreeSet<StateId>, BTreeSet<TransitionId>, BTreeSet<StateId>) {
    let facts = Facts::of(machine);
    let active = machine.states.ids().filter(|state| facts.reachable[*state]).collect();
    let dead = |id: &TransitionId| !matches!(facts.fate(*id), Fate::Taken | Fate::SourceUnreachable);
    let dead = machine.transitions.ids().filter(dead).collect();
    let traps = machine.leaves().filter(|leaf| facts.trapped[*leaf]).collect();
    (active, dead, traps)
}

/// Each outermost trapped state belongs to one trap, which is entered by the transitions that lead in.
fn assert_traps_are_whole(machine: &Machine, explored: &Explored, seed: u64) {
    let facts = Facts::of(machine);
    let traps = trap::traps(&facts);
    let is_outermost = |id: StateId| !machine.states[id].parent.is_some_and(|parent| facts.trapped[parent]);
    let sides = machine.states.ids().filter(|id| facts.trapped[*id] && is_outermost(*id)).count();
    assert_eq!(traps.iter().map(|trap| 1 + trap.more).sum::<usize>(), sides, "seed {seed}: {traps:?} {machine:#?}");
    assert!(traps.iter().all(|trap| facts.trapped[trap.entrance] && is_outermost(trap.entrance)));
    let leaves = explored.traps(machine);
    let leads_in = |(from, _, to): &&(_, _, _)| !leaves.contains(from) && leaves.contains(to);
    let leading_in: BTreeSet<_> = explored.moves.iter().filter(leads_in).map(|(_, by, _)| *by).collect();
    let ways_in: BTreeSet<_> = traps.iter().flat_map(|trap| trap.ways_in.iter().copied()).collect();
    assert_eq!(ways_in, leading_in, "seed {seed}: {machine:#?}");
}

/// The ways that are told are as short as ways can be, and the machine can go them.
fn assert_ways_are_shortest(machine: &Machine, explored: &Explored, seed: u64) {
    let facts = Facts::of(machine);
    let ways = Ways::of(&facts);
    let start = rest(machine, StateId::ROOT);
    let mut lengths = BTreeMap::from([(start, 0_u32)]);
    let mut waiting = VecDeque::from([start]);
    while let Some(at) = waiting.pop_front() {
        for next in &explored.steps[&at] {
            if !lengths.contains_key(next) {
                lengths.insert(*next, lengths[&at] + 1);
                waiting.push_back(*next);
            }
        }
    }
    for leaf in machine.leaves() {
        let told = ways.told(leaf).filter(|_| lengths.contains_key(&leaf) || facts.reachable[leaf]);
        assert_eq!(told.as_ref().map(|told| told.0), lengths.get(&leaf).copied(), "seed {seed}: {machine:#?}");
        let Some((length, taken, _)) = told else { continue };
        assert_eq!(taken.len(), length as usize, "seed {seed}: {machine:#?}");
        let end = taken.iter().fold(start, |at, by| {
            let made = explored.moves.iter().find(|made| (made.0, made.1) == (at, *by));
            made.unwrap_or_else(|| panic!("seed {seed}: no {by:?} from {at:?}: {machine:#?}")).2
        });
        assert_eq!(end, leaf, "seed {seed}: {taken:?} {machine:#?}");
    }
}

#[test]
fn facts_are_those_of_an_exhaustive_exploration() {
    let mut seen = [0_usize; 3];
    for seed in 0..10_000 {
        let machine = machine(&mut Random::new(seed), Guards::Independent);
        let explored = explore(&machine);
        let (active, dead, traps) = analysed(&machine);
        assert_eq!(active, explored.active(&machine), "reachable, seed {seed}: {machine:#?}");
        assert_eq!(dead, explored.dead(&machine), "dead, seed {seed}: {machine:#?}");
        assert_eq!(traps, explored.traps(&machine), "traps, seed {seed}: {machine:#?}");
        assert_traps_are_whole(&machine, &explored, seed);
        assert_ways_are_shortest(&machine, &explored, seed);
        check(&machine, Notation::Yaml, &Config::default(), &mut Diagnostics::default());
        seen[0] += machine.states.len() - active.len();
        seen[1] += dead.len();
        seen[2] += traps.len();
    }
    assert!(seen.iter().all(|count| *count > 300), "too few faults to speak of: {seen:?}");
}

#[test]
fn with_guards_shared_between_states_there_is_no_false_alarm() {
    let mut seen = [0_usize; 2];
    for seed in 0..6_000 {
        let machine = machine(&mut Random::new(seed), Guards::Shared);
        let explored = explore(&machine);
        let (active, dead, traps) = analysed(&machine);
        assert!(active.is_superset(&explored.active(&machine)), "unreachable, seed {seed}: {machine:#?}");
        let false_dead: Vec<_> = dead.iter().filter(|id| explored.taken.contains(id)).collect();
        assert!(false_dead.is_empty(), "dead, seed {seed}, {false_dead:?}: {machine:#?}");
        let possible = explored.traps(&machine);
        // A state that is never active is no false trap; neither is one where no final state is really in reach.
        let ends = explored.steps.keys().any(|leaf| has_ended(&machine, *leaf));
        let false_trap =
            traps.iter().find(|leaf| ends && explored.steps.contains_key(leaf) && !possible.contains(leaf));
        assert_eq!(false_trap, None, "trap, seed {seed}: {machine:#?}");
        seen[0] += dead.len();
        seen[1] += explored.dead(&machine).len();
    }
    assert!(seen[0] * 10 > seen[1] * 8, "most dead transitions are still seen: {seen:?}");
}
