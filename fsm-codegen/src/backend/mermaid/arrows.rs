//! The arrows of a Mermaid diagram: transitions, the ways to the end, what initial markers and history states lead to.
//!
//! Part of `backend::mermaid`. Where each transition is drawn was decided by `plan`; here its lines are written.

use super::plan::Place;
use super::{Writer, text};
use crate::ir::{History, StateId, StateKind, TransitionId};
use crate::labels;

impl Writer<'_> {
    /// The arrows of a scope, and for its final children the way to the end marker. At the top also what a bar behind an
    /// initial marker leads to, and what history states stand for.
    pub(super) fn arrows(&mut self, scope: StateId) {
        for index in 0..self.plan.scopes[scope].arrows.len() {
            self.transition(self.plan.scopes[scope].arrows[index]);
        }
        for child in self.machine.states[scope].children.clone() {
            if self.machine.states[child].kind == StateKind::Final {
                self.arrow(&self.ids[child].clone(), "[*]", &[]);
            }
        }
        if scope == StateId::ROOT {
            self.machine.states.ids().for_each(|state| self.defaults(state));
        }
    }

    fn defaults(&mut self, state: StateId) {
        match &self.machine.states[state].kind {
            StateKind::Compound(initial) if initial.targets.len() > 1 => {
                let bar = self.bar(state);
                initial.targets.iter().for_each(|target| self.arrow(&bar, &self.ids[*target].clone(), &[]));
            }
            StateKind::History(History { default: Some(default), .. }) => {
                let label = text::label_lines(&labels::initial(self.machine, default));
                let source = self.ids[state].clone();
                default.targets.iter().for_each(|target| self.arrow(&source, &self.ids[*target].clone(), &label));
            }
            _ => {}
        }
    }

    fn transition(&mut self, id: TransitionId) {
        let label = self.label(id);
        let owner = self.machine.transitions[id].source;
        let source = self.ids[owner].clone();
        match self.plan.places[id].clone() {
            Place::Line => {}
            Place::Arrow(target) => self.arrow(&source, &self.ids[target].clone(), &label),
            Place::Inner(target) => self.arrow(&self.inner(owner), &self.ids[target].clone(), &label),
            Place::Fork { inside, targets, .. } => {
                let bar = self.junction(id);
                let start = if inside { self.inner(owner) } else { source };
                self.arrow(&start, &bar, &label);
                for target in targets {
                    self.arrow(&bar, &self.ids[target].clone(), &[]);
                }
            }
            Place::Loop => {
                let labels: Vec<_> = self.plan.scopes[owner].loops.iter().flat_map(|id| self.label(*id)).collect();
                self.arrow(&source, &source, &labels);
            }
            Place::Detour { target, .. } => {
                let junction = self.junction(id);
                self.arrow(&source, &junction, &label);
                self.arrow(&junction, &self.ids[target].clone(), &[]);
            }
        }
    }

    /// The lines beside a transition's arrow.
    fn label(&self, id: TransitionId) -> Vec<String> {
        let mut lines = text::label_lines(&labels::transition(self.machine, &self.machine.transitions[id]));
        lines.extend(self.heat.as_ref().map(|heat| heat.transition(id)));
        lines
    }

    pub(super) fn arrow(&mut self, from: &str, to: &str, lines: &[String]) {
        let label = if lines.is_empty() { String::new() } else { format!(" : {}", text::joined(lines)) };
        self.line(&format!("{from} --> {to}{label}"));
    }
}
