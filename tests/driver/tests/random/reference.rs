//! A machine stepped by the letter of SEMANTICS.md: slow, plain, and written without a look at the back-end.
//!
//! The configuration is the set of active states; what is left and what is entered are differences of sets. Of
//! expressions it knows those that random machines use.

use std::collections::{BTreeMap, BTreeSet};

use fsm_codegen::ir::{Action, EventId, Guard, Machine, StateId, StateKind, Transition, Trigger};

/// What the surroundings answer during one step.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// The truth of each named guard.
    pub(crate) guards: BTreeMap<String, bool>,
    /// The actions that fail.
    pub(crate) fail: BTreeSet<String>,
    /// The field `k` of the event, where it has one.
    pub(crate) k: u8,
}

/// A machine at rest.
pub(crate) struct Reference<'m> {
    machine: &'m Machine,
    /// In document order, the machine itself included; empty before the start.
    active: BTreeSet<StateId>,
    /// The context.
    pub(crate) n: u8,
    /// Whether it is at its end.
    pub(crate) finished: bool,
}

/// What a step did.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// The outcome, or the kind of the first error.
    pub(crate) outcome: &'static str,
    /// The named actions in the order in which they ran.
    pub(crate) actions: Vec<String>,
}

/// What cannot be computed.
struct Overflow;

impl<'m> Reference<'m> {
    pub(crate) fn new(machine: &'m Machine) -> Self {
        Self { machine, active: BTreeSet::new(), n: 0, finished: false }
    }

    /// The active states without children, as paths.
    pub(crate) fn configuration(&self) -> Vec<String> {
        let leaves = self.active.iter().filter(|state| self.machine.states[**state].children.is_empty());
        leaves.map(|state| self.machine.path(*state)).collect()
    }

    pub(crate) fn start(&mut self, answers: &Answers) -> Done {
        let mut step = Step { reference: self, answers, actions: Vec::new(), error: None };
        step.enter(StateId::ROOT);
        step.finish("transitioned")
    }

    pub(crate) fn handle(&mut self, event: EventId, answers: &Answers) -> Done {
        if self.finished {
            return Done { outcome: "finished", actions: Vec::new() };
        }
        let machine = self.machine;
        let (mut asked, mut fault) = (false, None);
        for state in self.active.iter().rev() {
            for id in &machine.states[*state].transitions {
                let transition = &machine.transitions[*id];
                if transition.trigger != Trigger::Event(event) {
                    continue;
                }
                asked = true;
                let guard = transition.guard.as_ref();
                let holds = guard.map_or(Some(true), |guard| self.holds(guard, answers).ok());
                if holds.is_none() {
                    fault = Some("overflow");
                }
                if holds == Some(true) {
                    return self.take(transition, answers, fault);
                }
            }
        }
        if let Some(outcome) = fault {
            return Done { outcome, actions: Vec::new() };
        }
        Done { outcome: if asked { "rejected" } else { "unhandled" }, actions: Vec::new() }
    }

    fn take(&mut self, transition: &Transition, answers: &Answers, fault: Option<&'static str>) -> Done {
        let before = self.active.clone();
        let exits: Vec<StateId> = self.exit_set(transition);
        let mut step = Step { reference: self, answers, actions: Vec::new(), error: fault };
        for state in exits.iter().rev() {
            step.leave(*state);
        }
        step.block(&transition.actions);
        if let Some(target) = transition.target() {
            step.enter(target);
        }
        let moved = !exits.is_empty() || step.reference.active != before;
        step.finish(if moved { "transitioned" } else { "handled" })
    }

    /// The active states below the domain, in document order.
    fn exit_set(&self, transition: &Transition) -> Vec<StateId> {
        let Some(target) = transition.target() else { return Vec::new() };
        let source = transition.source;
        let domain = if !transition.reenter && (target == source || self.is_below(target, source)) {
            Some(source)
        } else {
            let mut ancestors = self.ancestors(source).into_iter();
            let common = ancestors.find(|ancestor| self.is_below(target, *ancestor));
            common.or(if transition.reenter { None } else { Some(StateId::ROOT) })
        };
        let left = |state: &&StateId| domain.is_none_or(|domain| self.is_below(**state, domain));
        self.active.iter().filter(left).copied().collect()
    }

    /// Proper ancestors, innermost first.
    fn ancestors(&self, state: StateId) -> Vec<StateId> {
        let mut list = Vec::new();
        let mut at = state;
        while let Some(parent) = self.machine.states[at].parent {
            list.push(parent);
            at = parent;
        }
        list
    }

    fn is_below(&self, state: StateId, ancestor: StateId) -> bool {
        self.ancestors(state).contains(&ancestor)
    }

    /// An overflow anywhere in what is evaluated makes the whole guard false.
    fn holds(&self, guard: &Guard, answers: &Answers) -> Result<bool, Overflow> {
        Ok(match guard {
            Guard::Call(id, _) => answers.guards[&self.machine.guards[*id].name.value],
            Guard::Bool(value) => *value,
            Guard::In(state) => self.active.contains(state),
            Guard::Not(inner) => !self.holds(inner, answers)?,
            Guard::And(all) => {
                for one in all {
                    if !self.holds(one, answers)? {
                        return Ok(false);
                    }
                }
                true
            }
            Guard::Or(all) => {
                for one in all {
                    if self.holds(one, answers)? {
                        return Ok(true);
                    }
                }
                false
            }
            Guard::Expr(expr) => match expr.text.as_str() {
                "context.n < 150" => self.n < 150,
                "context.n + 100 > 150" => self.n.checked_add(100).ok_or(Overflow)? > 150,
                "event.k > 100" => answers.k > 100,
                other => panic!("the reference does not know the guard `{other}`"),
            },
        })
    }
}

/// A step under way.
struct Step<'r, 'm> {
    reference: &'r mut Reference<'m>,
    answers: &'r Answers,
    actions: Vec<String>,
    /// The kind of the first error.
    error: Option<&'static str>,
}

impl Step<'_, '_> {
    fn leave(&mut self, state: StateId) {
        let machine = self.reference.machine;
        self.block(&machine.states[state].exit);
        self.reference.active.remove(&state);
    }

    /// Makes `target` active, and with it its ancestors and, by initial transitions, a state without children.
    fn enter(&mut self, target: StateId) {
        let machine = self.reference.machine;
        let mut wanted = BTreeSet::from([target]);
        let mut by_default = BTreeSet::new();
        let mut at = target;
        while let StateKind::Compound(initial) = &machine.states[at].kind {
            by_default.insert(at);
            at = initial.target();
            wanted.insert(at);
        }
        wanted.extend(self.reference.ancestors(at));
        for state in wanted {
            if self.reference.active.insert(state) {
                self.block(&machine.states[state].entry);
                match &machine.states[state].kind {
                    StateKind::Compound(initial) if by_default.contains(&state) => self.block(&initial.actions),
                    _ => {}
                }
            }
        }
    }

    /// Runs a block up to the first action that fails.
    fn block(&mut self, actions: &[Action]) {
        for action in actions {
            if let Err(error) = self.action(action) {
                self.error.get_or_insert(error);
                return;
            }
        }
    }

    fn action(&mut self, action: &Action) -> Result<(), &'static str> {
        match action {
            Action::Call(id, _) => {
                let name = &self.reference.machine.actions[*id].name.value;
                self.actions.push(name.clone());
                if self.answers.fail.contains(name) { Err("action") } else { Ok(()) }
            }
            Action::Assign(all) => {
                for assignment in all {
                    self.reference.n = match assignment.value.text.as_str() {
                        "context.n + 100" => self.reference.n.checked_add(100).ok_or("overflow")?,
                        "event.k" => self.answers.k,
                        "7" => 7,
                        other => panic!("the reference does not know the value `{other}`"),
                    };
                }
                Ok(())
            }
            other => panic!("the random machines have no {other:?}"),
        }
    }

    /// The end of the step, and of the machine where a final child of it is active.
    fn finish(mut self, outcome: &'static str) -> Done {
        let machine = self.reference.machine;
        let is_end = |state: &StateId| {
            machine.states[*state].kind == StateKind::Final && machine.states[*state].parent == Some(StateId::ROOT)
        };
        let last = self.reference.active.clone();
        let ends = last.iter().any(is_end);
        if ends {
            for state in last.iter().rev() {
                self.leave(*state);
            }
            // What was active last stays readable.
            self.reference.active = last;
            self.reference.finished = true;
        }
        let outcome = self.error.unwrap_or(if ends { "finished" } else { outcome });
        Done { outcome, actions: self.actions }
    }
}
