//! Which states a transition leaves and enters: domains, entry sets and history (SEMANTICS 5.3, 5.6, 10, 12).
//!
//! SCXML's `getTransitionDomain`, `computeEntrySet` and the functions below it, with XState's `reenter` and parallel
//! domains. Recursion is as deep as states are nested, which front-ends limit.

use std::collections::{BTreeMap, BTreeSet};

use super::value::Value;
use super::{Interpreter, Memory};
use crate::ir::{History, Initial, StateId, StateKind, TransitionId};

/// What stays while a transition is taken: everything strictly below it may be left and entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Domain {
    /// All of a state but itself.
    Below(StateId),
    /// The machine itself too.
    Everything,
}

/// What is entered.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// The states.
    pub(super) states: BTreeSet<StateId>,
    /// Those of them whose initial transition is taken.
    pub(super) by_default: BTreeSet<StateId>,
    /// States that stay and whose initial transition leads on: of it only the data counts (5.7, 17.1).
    pub(super) led: BTreeSet<StateId>,
    /// History states whose default is taken, by their parents, which are entered.
    pub(super) defaults: BTreeMap<StateId, Vec<StateId>>,
    /// The same where the parent stays, by where the entries of the transition begin; each with its parent.
    pub(super) early: BTreeMap<StateId, Vec<(StateId, StateId)>>,
    /// Data that comes back with remembered states.
    pub(super) restored: BTreeMap<StateId, Vec<Value>>,
    /// States whose regions are all cared for, and so those of their ancestors.
    closed: BTreeSet<StateId>,
}

impl<'m> Interpreter<'m> {
    /// The domain of a transition by what is remembered now; `None` where it has no target.
    pub(super) fn domain(&self, id: TransitionId) -> Option<Domain> {
        let transition = &self.machine.transitions[id];
        let targets = self.effective(&transition.targets);
        if targets.is_empty() {
            return None;
        }
        let source = transition.source;
        let inside = |target: &StateId| *target == source || self.machine.is_descendant(*target, source);
        if !transition.reenter && targets.iter().all(inside) {
            return Some(Domain::Below(source));
        }
        let common = self
            .machine
            .chain(source)
            .skip(1)
            .find(|state| targets.iter().all(|target| self.machine.is_descendant(*target, *state)));
        Some(match common {
            Some(state) => Domain::Below(state),
            // The machine itself is the source or a target.
            None if transition.reenter => Domain::Everything,
            None => Domain::Below(StateId::ROOT),
        })
    }

    /// The ids below a domain.
    pub(super) fn range(&self, domain: Domain) -> (StateId, StateId) {
        use crate::ir::Id as _;
        match domain {
            Domain::Below(state) => (StateId::new(state.index() + 1), self.machine.states[state].end),
            Domain::Everything => (StateId::ROOT, self.machine.states[StateId::ROOT].end),
        }
    }

    /// Targets with history states replaced by what they stand for now.
    fn effective(&self, targets: &[StateId]) -> Vec<StateId> {
        let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
        let mut open: Vec<StateId> = targets.iter().rev().copied().collect();
        while let Some(target) = open.pop() {
            let Some(history) = self.history(target) else {
                found.push(target);
                continue;
            };
            // Each once: defaults that stand for each other come to an end.
            if seen.insert(target) {
                let stands_for = match self.memory.get(&target) {
                    Some(memory) => &memory.states,
                    None => self.default_targets(target, history),
                };
                open.extend(stands_for.iter().rev());
            }
        }
        found
    }

    fn history(&self, state: StateId) -> Option<&'m History> {
        match &self.machine.states[state].kind {
            StateKind::History(history) => Some(history),
            _ => None,
        }
    }

    /// The initial transition of a compound state.
    pub(super) fn initial(&self, state: StateId) -> Option<&'m Initial> {
        match &self.machine.states[state].kind {
            StateKind::Compound(initial) => Some(initial),
            _ => None,
        }
    }

    /// The default of a history state, where it has one.
    pub(super) fn history_default(&self, state: StateId) -> Option<&'m Initial> {
        self.history(state).and_then(|history| history.default.as_ref())
    }

    fn default_targets(&self, state: StateId, history: &'m History) -> &'m [StateId] {
        if let Some(default) = &history.default {
            return &default.targets;
        }
        let parent = self.parent(state);
        self.initial(parent).map_or(&self.machine.states[parent].children, |initial| &initial.targets)
    }

    /// The parent of a state that is not the root; a history state always has one.
    fn parent(&self, state: StateId) -> StateId {
        self.machine.states[state].parent.unwrap_or(StateId::ROOT)
    }

    /// What the start enters.
    pub(super) fn start_entries(&self) -> Entries {
        let mut entries = Entries::default();
        self.add_descendants(StateId::ROOT, &mut entries);
        entries
    }

    /// What the transitions enter, by what is remembered now, each below the domain that it had before.
    pub(super) fn entries(&self, taken: &[(TransitionId, Option<Domain>)]) -> Entries {
        let mut all = Entries::default();
        for (id, domain) in taken {
            let Some(domain) = *domain else { continue };
            let (from, to) = self.range(domain);
            if from == to {
                // An atomic state that targets itself, perhaps by a history: nothing is left, nothing is entered.
                continue;
            }
            let targets = &self.machine.transitions[*id].targets;
            let mut entries = Entries::default();
            for target in targets {
                self.add_descendants(*target, &mut entries);
            }
            for target in targets {
                self.add_ancestors(*target, domain, &mut entries);
            }
            if let Domain::Below(state) = domain
                && self.machine.states[state].kind == StateKind::Parallel
            {
                // All its regions are left; those that nobody names come back by default.
                self.add_regions(state, &mut entries);
            }
            let inside = |state: &StateId| from <= *state && *state < to;
            all.states.extend(entries.states.into_iter().filter(inside));
            if let Domain::Below(state) = domain
                && entries.by_default.contains(&state)
            {
                all.led.insert(state);
            }
            all.by_default.extend(entries.by_default.into_iter().filter(inside));
            for (parent, histories) in entries.defaults {
                if inside(&parent) && all.states.contains(&parent) {
                    all.defaults.insert(parent, histories);
                } else {
                    let early = histories.into_iter().map(|history| (parent, history));
                    all.early.entry(from).or_default().extend(early);
                }
            }
            all.restored.extend(entries.restored);
        }
        all
    }

    /// `addDescendantStatesToEnter`.
    fn add_descendants(&self, state: StateId, entries: &mut Entries) {
        match &self.machine.states[state].kind {
            StateKind::History(history) => self.add_remembered(state, history, entries),
            StateKind::Compound(initial) => {
                // A state that is a target of two transitions, or a target and a region, is entered once.
                if entries.states.insert(state) | entries.by_default.insert(state) {
                    self.add_targets(&initial.targets, state, entries);
                }
            }
            StateKind::Parallel => {
                entries.states.insert(state);
                self.add_regions(state, entries);
            }
            StateKind::Atomic | StateKind::Final => {
                entries.states.insert(state);
            }
        }
    }

    fn add_remembered(&self, state: StateId, history: &'m History, entries: &mut Entries) {
        let parent = self.parent(state);
        if let Some(memory) = self.memory.get(&state) {
            entries.restored.extend(memory.data.iter().map(|(state, data)| (*state, data.clone())));
            self.add_targets(&memory.states, parent, entries);
        } else if let Some(default) = &history.default {
            entries.defaults.entry(parent).or_default().push(state);
            self.add_targets(&default.targets, parent, entries);
        } else {
            self.add_descendants(parent, entries);
        }
    }

    /// Targets of an initial transition, or of a history state, below `within`.
    fn add_targets(&self, targets: &[StateId], within: StateId, entries: &mut Entries) {
        for target in targets {
            self.add_descendants(*target, entries);
        }
        for target in targets {
            self.add_ancestors(*target, Domain::Below(within), entries);
        }
    }

    /// `addAncestorStatesToEnter`: what lies between the target and the domain, with the regions that nobody names.
    fn add_ancestors(&self, target: StateId, domain: Domain, entries: &mut Entries) {
        let (from, to) = self.range(domain);
        for state in self.machine.chain(target).skip(1) {
            if state < from || to <= state || !entries.closed.insert(state) {
                return;
            }
            entries.states.insert(state);
            if self.machine.states[state].kind == StateKind::Parallel {
                self.add_regions(state, entries);
            }
        }
    }

    /// The regions of a parallel state in which nothing is entered yet.
    fn add_regions(&self, state: StateId, entries: &mut Entries) {
        for region in &self.machine.states[state].children {
            if entries.states.range(*region..self.machine.states[*region].end).next().is_none() {
                self.add_descendants(*region, entries);
            }
        }
    }

    /// Records what the history states of a state that is left remember of it.
    pub(super) fn remember(&mut self, state: StateId) {
        for history in &self.machine.states[state].histories {
            let deep = self.history(*history).is_some_and(|history| history.deep);
            let children = || self.machine.states[state].children.iter().filter(|child| self.active.contains(child));
            let end = self.machine.states[state].end;
            let below = self.active.range(state..end).copied().filter(|below| *below != state);
            let (states, with_data): (Vec<StateId>, Vec<StateId>) = if deep {
                let leaves = below.clone().filter(|below| self.machine.states[*below].is_leaf());
                (leaves.collect(), below.collect())
            } else if self.machine.states[state].kind == StateKind::Parallel {
                // Its regions are entered by default, so their data is new.
                (children().copied().collect(), Vec::new())
            } else {
                (children().copied().collect(), children().copied().collect())
            };
            let data = with_data.iter().filter_map(|state| Some((*state, self.data.get(state)?.clone()))).collect();
            self.memory.insert(*history, Memory { states, data });
        }
    }
}
