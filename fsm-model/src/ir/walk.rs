//! Questions about the tree of states that analyses, interpreter and back-ends all ask.
//!
//! Part of the IR: pure functions of a finished machine. The words are SCXML's: domain, exit set, entry set.

use super::{EventId, Id, Initial, Machine, State, StateId, StateKind, Transition, Trigger};
use crate::gather::Gather as _;

impl Transition {
    /// The only target, in a machine without regions.
    #[must_use]
    pub fn target(&self) -> Option<StateId> {
        self.targets.first().copied()
    }
}

impl Initial {
    /// The only target, in a machine without regions.
    #[must_use]
    pub fn target(&self) -> StateId {
        self.targets[0]
    }
}

impl State {
    /// Whether it has no children.
    #[must_use]
    pub fn is_leaf(&self) -> bool {
        self.children.is_empty()
    }
}

impl Machine {
    /// `state` and its ancestors, innermost first, the root included.
    pub fn chain(&self, state: StateId) -> impl Iterator<Item = StateId> + '_ {
        std::iter::successors(Some(state), |at| self.states[*at].parent)
    }

    /// Whether `state` lies strictly below `ancestor`.
    #[must_use]
    pub fn is_descendant(&self, state: StateId, ancestor: StateId) -> bool {
        ancestor < state && state < self.states[ancestor].end
    }

    /// `state` and everything below it, in document order.
    pub fn subtree(&self, state: StateId) -> impl DoubleEndedIterator<Item = StateId> + use<> {
        (state.index()..self.states[state].end.index()).map(StateId::new)
    }

    /// All states without children, in document order. Of a compound only these can be where a machine rests.
    pub fn leaves(&self) -> impl Iterator<Item = StateId> + '_ {
        self.states.ids().filter(|state| self.states[*state].is_leaf())
    }

    /// Whether the machine ends when it enters this state.
    #[must_use]
    pub fn is_top_final(&self, state: StateId) -> bool {
        self.states[state].kind == StateKind::Final && self.states[state].parent == Some(StateId::ROOT)
    }

    /// The innermost state that stays active while `transition` is taken; `None` when even the root is left.
    ///
    /// SCXML's transition domain with XState's `reenter`: targets at or below the source keep the source, unless
    /// the transition re-enters. A history state counts as what it stands for while nothing is remembered.
    #[must_use]
    pub fn domain(&self, transition: &Transition) -> Option<StateId> {
        let source = transition.source;
        if transition.targets.is_empty() {
            return Some(source);
        }
        let targets = self.effective_targets(&transition.targets);
        let within = |state: StateId| targets.iter().all(|target| self.is_descendant(*target, state));
        let kept = targets.iter().all(|target| *target == source || self.is_descendant(*target, source));
        if !transition.reenter && kept {
            return Some(source);
        }
        let common = self.chain(source).skip(1).find(|ancestor| within(*ancestor));
        common.or((!transition.reenter).then_some(StateId::ROOT))
    }

    /// The targets with each history state replaced by what it stands for while nothing is remembered: its default, or
    /// what its parent enters by default.
    #[must_use]
    pub fn effective_targets(&self, targets: &[StateId]) -> Vec<StateId> {
        targets.iter().flat_map(|target| self.effective_target(*target)).gather()
    }

    fn effective_target(&self, target: StateId) -> Vec<StateId> {
        let state = &self.states[target];
        let StateKind::History(history) = &state.kind else { return vec![target] };
        if let Some(default) = &history.default {
            return default.targets.clone();
        }
        let Some(parent) = state.parent else { return Vec::new() };
        match &self.states[parent].kind {
            // Another history state of the same parent has a default of its own, else it would be a cycle.
            StateKind::Compound(initial) => self.effective_targets(&initial.targets),
            _ => self.states[parent].children.clone(),
        }
    }

    /// The states entered on the way from `domain` (not entered) to `target` and on to a leaf, in document order.
    #[must_use]
    pub fn entry_path(&self, domain: Option<StateId>, target: StateId) -> Vec<StateId> {
        let mut path: Vec<_> = self.chain(target).take_while(|state| Some(*state) != domain).gather();
        path.reverse();
        let mut at = target;
        while let StateKind::Compound(initial) = &self.states[at].kind {
            let mut below: Vec<_> = self.chain(initial.target()).take_while(|state| *state != at).gather();
            below.reverse();
            path.extend(below);
            at = initial.target();
        }
        path
    }

    /// The leaf in which a machine rests that enters `state`.
    #[must_use]
    pub fn default_leaf(&self, state: StateId) -> StateId {
        let mut at = state;
        while let StateKind::Compound(initial) = &self.states[at].kind {
            at = initial.target();
        }
        at
    }

    /// The events that set `trigger` off; none where it is not one of events.
    #[must_use]
    pub fn trigger_events(&self, trigger: Trigger) -> Vec<EventId> {
        match trigger {
            Trigger::Event(event) => vec![event],
            Trigger::Pattern(pattern) => self.patterns[pattern].events.clone(),
            _ => Vec::new(),
        }
    }

    /// The dotted path below the machine: `Working.Moving`; the machine's own name for the root.
    #[must_use]
    pub fn path(&self, state: StateId) -> String {
        if state == StateId::ROOT {
            return self.states[state].name.value.clone();
        }
        let mut names: Vec<&str> =
            self.chain(state).filter(|at| *at != StateId::ROOT).map(|at| self.states[at].name.value.as_str()).gather();
        names.reverse();
        names.join(".")
    }
}
