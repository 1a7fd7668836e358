//! What a machine does in one world, in the order of SCXML's algorithm: selection, exits, entries, completion.

use std::collections::BTreeSet;

use super::{Internal, World};
use crate::analysis::tests::charts::GUARDS;
use crate::ir::{Action, EventId, Guard, Id, Machine, StateId, StateKind, Transition, TransitionId, Trigger};

/// Internal events beyond these are dropped, as from a queue that is full.
const QUEUE: usize = 3;

/// What one state and those in it do with an event.
#[derive(Default)]
struct Answer {
    selected: Vec<TransitionId>,
    deferred: bool,
}

/// Plays a machine.
pub(super) struct Player<'m> {
    pub(super) machine: &'m Machine,
}

/// The truth of the guards `g0` and `g1`, as bits.
fn rows() -> std::ops::Range<usize> {
    0..1 << GUARDS
}

impl Player<'_> {
    /// Where it begins.
    pub(super) fn start(&self) -> World {
        let mut world = World::default();
        let mut entered = BTreeSet::new();
        self.down(StateId::ROOT, &world, &mut entered);
        self.enter(&entered, &mut world);
        world
    }

    /// The worlds that can follow, and whether the machine can rest in this one; `seen` gets the transitions selected.
    pub(super) fn next(&self, world: &World, seen: &mut BTreeSet<TransitionId>) -> (BTreeSet<World>, bool) {
        let (mut next, mut rests) = (BTreeSet::new(), false);
        if world.ended {
            return (next, true);
        }
        for row in rows() {
            let eventless = self.eventless(world, row);
            if !eventless.is_empty() {
                seen.extend(&eventless);
                next.insert(self.microstep(world, &eventless));
                continue;
            }
            let mut world = world.clone();
            let triggers = if world.queue.is_empty() {
                rests = true;
                let events = self.machine.events.ids().map(Trigger::Event);
                let timers = self.machine.timers.enumerated().filter(|(_, timer)| world.active.contains(&timer.state));
                events.chain(timers.map(|(id, _)| Trigger::Timer(id))).map(|trigger| (trigger, None)).collect()
            } else {
                match world.queue.remove(0) {
                    Internal::Raised(event) => vec![(Trigger::Event(event), None)],
                    Internal::Done(state) => vec![(Trigger::Done, Some(state))],
                }
            };
            for (trigger, owner) in triggers {
                // Guards are asked anew for each event.
                for row in rows() {
                    let selected = self.select(&world, trigger, owner, row);
                    seen.extend(&selected);
                    next.insert(self.microstep(&world, &selected));
                }
            }
        }
        (next, rests)
    }

    fn eventless(&self, world: &World, row: usize) -> Vec<TransitionId> {
        let mut selected = Vec::new();
        for leaf in world.active.iter().filter(|state| self.machine.states[**state].children.is_empty()) {
            let found = self.line(*leaf).into_iter().find_map(|state| self.first(state, Trigger::Always, world, row));
            selected.extend(found.filter(|id| !selected.contains(id)));
        }
        selected
    }

    fn select(&self, world: &World, trigger: Trigger, owner: Option<StateId>, row: usize) -> Vec<TransitionId> {
        let owner = match trigger {
            Trigger::Timer(timer) => Some(self.machine.timers[timer].state),
            _ => owner,
        };
        match owner {
            Some(owner) if world.active.contains(&owner) => {
                self.first(owner, trigger, world, row).into_iter().collect()
            }
            Some(_) => Vec::new(),
            None => self.ask(StateId::ROOT, world, trigger, row).selected,
        }
    }

    fn ask(&self, state: StateId, world: &World, trigger: Trigger, row: usize) -> Answer {
        let mut answer = Answer::default();
        for child in self.machine.states[state].children.iter().filter(|child| world.active.contains(child)) {
            let inner = self.ask(*child, world, trigger, row);
            answer.selected.extend(inner.selected);
            answer.deferred |= inner.deferred;
        }
        if answer.selected.is_empty() && !answer.deferred {
            answer.selected.extend(self.first(state, trigger, world, row));
            let defers = |event: &EventId| trigger == Trigger::Event(*event);
            answer.deferred = answer.selected.is_empty() && self.machine.states[state].defer.iter().any(defers);
        }
        answer
    }

    fn first(&self, state: StateId, trigger: Trigger, world: &World, row: usize) -> Option<TransitionId> {
        let fits = |transition: &Transition| match (transition.trigger, trigger) {
            (Trigger::Pattern(pattern), Trigger::Event(event)) => {
                self.machine.patterns[pattern].events.contains(&event)
            }
            (own, asked) => own == asked,
        };
        self.machine.states[state].transitions.iter().copied().find(|id| {
            let transition = &self.machine.transitions[*id];
            fits(transition) && transition.guard.as_ref().is_none_or(|guard| holds(guard, world, row))
        })
    }

    fn microstep(&self, world: &World, selected: &[TransitionId]) -> World {
        let mut after = world.clone();
        let mut taken: Vec<TransitionId> = Vec::new();
        for id in selected {
            let exits = self.exits(world, *id);
            let rivals: Vec<_> =
                taken.iter().copied().filter(|other| !self.exits(world, *other).is_disjoint(&exits)).collect();
            let source = self.machine.transitions[*id].source;
            let inside = |rival: &TransitionId| {
                let outer = self.machine.transitions[*rival].source;
                source != outer && self.line(source).contains(&outer)
            };
            if rivals.iter().all(inside) {
                taken.retain(|other| !rivals.contains(other));
                taken.push(*id);
            }
        }
        let exits: BTreeSet<_> = taken.iter().flat_map(|id| self.exits(world, *id)).collect();
        for state in &exits {
            self.remember(*state, world, &mut after);
        }
        after.active.retain(|state| !exits.contains(state));
        for id in &taken {
            for action in &self.machine.transitions[*id].actions {
                if let Action::Raise(event) = action {
                    raise(&mut after, Internal::Raised(event.kind));
                }
            }
        }
        let mut entered = BTreeSet::new();
        // What leaves nothing enters nothing, even where another transition leaves its source.
        for id in taken.iter().filter(|id| !self.exits(world, **id).is_empty()) {
            let transition = &self.machine.transitions[*id];
            let domain = self.domain(world, transition);
            let targets: Vec<_> = transition.targets.iter().flat_map(|target| self.meant(*target, &after)).collect();
            for target in &targets {
                self.down(*target, &after, &mut entered);
            }
            for target in targets {
                self.up(target, domain, &after, &mut entered);
            }
        }
        let fresh: BTreeSet<_> = entered.difference(&after.active).copied().collect();
        self.enter(&fresh, &mut after);
        after
    }

    fn remember(&self, state: StateId, world: &World, after: &mut World) {
        for history in &self.machine.states[state].histories {
            let StateKind::History(kind) = &self.machine.states[*history].kind else { continue };
            let below = world.active.iter().copied().filter(|at| *at != state && self.line(*at).contains(&state));
            let kept = below.filter(|at| {
                if kind.deep { self.machine.states[*at].children.is_empty() } else { self.parent(*at) == Some(state) }
            });
            after.memory.insert(*history, kept.collect());
        }
    }

    /// What a target stands for.
    fn meant(&self, target: StateId, world: &World) -> Vec<StateId> {
        let StateKind::History(history) = &self.machine.states[target].kind else { return vec![target] };
        let parent = &self.machine.states[self.parent(target).expect("history has a parent")];
        match (world.memory.get(&target), &history.default, &parent.kind) {
            (Some(states), ..) => states.clone(),
            (None, Some(default), _) => default.targets.clone(),
            (None, None, StateKind::Compound(initial)) => initial.targets.clone(),
            (None, None, _) => parent.children.clone(),
        }
    }

    fn domain(&self, world: &World, transition: &Transition) -> Option<StateId> {
        let source = transition.source;
        let targets: Vec<_> = transition.targets.iter().flat_map(|target| self.meant(*target, world)).collect();
        let below = |target: StateId, state: StateId| target != state && self.line(target).contains(&state);
        if targets.iter().all(|target| *target == source || below(*target, source)) && !transition.reenter {
            return Some(source);
        }
        let mut around = self.line(source).into_iter().skip(1);
        let common = around.find(|state| targets.iter().all(|target| below(*target, *state)));
        common.or((!transition.reenter).then_some(StateId::ROOT))
    }

    fn exits(&self, world: &World, id: TransitionId) -> BTreeSet<StateId> {
        let transition = &self.machine.transitions[id];
        if transition.targets.is_empty() {
            return BTreeSet::new();
        }
        match self.domain(world, transition) {
            None => world.active.clone(),
            Some(domain) => {
                let left =
                    world.active.iter().filter(|state| **state != domain && self.line(**state).contains(&domain));
                left.copied().collect()
            }
        }
    }

    /// Adds a state and what it enters by default.
    fn down(&self, state: StateId, world: &World, entered: &mut BTreeSet<StateId>) {
        entered.insert(state);
        match &self.machine.states[state].kind {
            StateKind::Compound(initial) => {
                let targets: Vec<_> = initial.targets.iter().flat_map(|target| self.meant(*target, world)).collect();
                for target in &targets {
                    self.down(*target, world, entered);
                }
                for target in targets {
                    self.up(target, Some(state), world, entered);
                }
            }
            StateKind::Parallel => self.regions(state, world, entered),
            _ => {}
        }
    }

    /// Adds what lies between a target and the domain.
    fn up(&self, target: StateId, domain: Option<StateId>, world: &World, entered: &mut BTreeSet<StateId>) {
        for state in self.line(target).into_iter().skip(1) {
            if Some(state) == domain {
                if self.machine.states[state].kind == StateKind::Parallel {
                    self.regions(state, world, entered);
                }
                break;
            }
            entered.insert(state);
            if self.machine.states[state].kind == StateKind::Parallel {
                self.regions(state, world, entered);
            }
        }
    }

    /// Adds the regions in which nothing is entered yet.
    fn regions(&self, parallel: StateId, world: &World, entered: &mut BTreeSet<StateId>) {
        for region in &self.machine.states[parallel].children {
            if !entered.iter().any(|state| self.line(*state).contains(region)) {
                self.down(*region, world, entered);
            }
        }
    }

    fn enter(&self, entered: &BTreeSet<StateId>, world: &mut World) {
        world.active.extend(entered);
        for state in entered.iter().filter(|state| self.machine.states[**state].kind == StateKind::Final) {
            let Some(mut complete) = self.parent(*state) else { continue };
            loop {
                if complete == StateId::ROOT {
                    world.ended = true;
                    world.queue.clear();
                    return;
                }
                raise(world, Internal::Done(complete));
                match self.parent(complete) {
                    Some(parallel)
                        if self.machine.states[parallel].kind == StateKind::Parallel
                            && self.is_complete(parallel, world) =>
                    {
                        complete = parallel;
                    }
                    _ => break,
                }
            }
        }
    }

    fn is_complete(&self, state: StateId, world: &World) -> bool {
        let children = &self.machine.states[state].children;
        let is_final = |child: &StateId| self.machine.states[*child].kind == StateKind::Final;
        match self.machine.states[state].kind {
            StateKind::Parallel => children.iter().all(|child| self.is_complete(*child, world)),
            _ => children.iter().any(|child| world.active.contains(child) && is_final(child)),
        }
    }

    fn parent(&self, state: StateId) -> Option<StateId> {
        self.machine.states[state].parent
    }

    /// A state and those around it, innermost first.
    fn line(&self, state: StateId) -> Vec<StateId> {
        std::iter::successors(Some(state), |at| self.parent(*at)).collect()
    }
}

fn raise(world: &mut World, event: Internal) {
    if world.queue.len() < QUEUE && !world.ended {
        world.queue.push(event);
    }
}

fn holds(guard: &Guard, world: &World, row: usize) -> bool {
    match guard {
        Guard::Call(id, _) => row >> id.index() & 1 == 1,
        Guard::Bool(value) => *value,
        Guard::In(state) => world.active.contains(state),
        Guard::Not(inner) => !holds(inner, world, row),
        Guard::And(parts) => parts.iter().all(|part| holds(part, world, row)),
        Guard::Or(parts) => parts.iter().any(|part| holds(part, world, row)),
        Guard::Expr(_) => unreachable!("charts have no expressions"),
    }
}
