//! States, their transitions, timers and invokes.

use super::actions::call_of;
use super::{Printer, fields, words};
use crate::backend::spelling::rust;
use crate::ir::{History, Initial, InvokeId, StateId, StateKind, TimerId, TransitionId, Trigger};

impl Printer<'_> {
    /// The statements of a state, and its children.
    pub(super) fn content(&mut self, id: StateId) {
        let state = &self.machine.states[id];
        if !state.tags.is_empty() {
            let tags: Vec<String> = state.tags.iter().map(|tag| words::name(&tag.value)).collect();
            self.line(&format!("tags {};", tags.join(", ")));
        }
        if !state.data.is_empty() {
            self.line(&format!("data {}", fields(&state.data)));
        }
        for (word, block) in [("entry", &state.entry), ("exit", &state.exit)] {
            if !block.is_empty() {
                let actions = self.block(id, block);
                self.line(&format!("{word}{actions};"));
            }
        }
        state.invokes.iter().for_each(|invoke| self.invoke(*invoke));
        for (event, transitions) in self.patterns.handlers(id) {
            let head = format!("on {}", words::pattern(&event));
            for transition in transitions {
                self.transition(&head, transition);
            }
        }
        self.transitions("always", id, Trigger::Always);
        state.timers.iter().for_each(|timer| self.timer(id, *timer));
        self.transitions("done", id, Trigger::Done);
        let deferred: Vec<String> = self.patterns.defer(id).into_iter().map(words::pattern).collect();
        if !deferred.is_empty() {
            self.line(&format!("defer {};", deferred.join(", ")));
        }
        if let Some(output) = &state.output {
            self.line(&format!("output {};", rust::one_line(output)));
        }
        self.children(id);
    }

    fn children(&mut self, id: StateId) {
        let state = &self.machine.states[id];
        if !state.children.is_empty() {
            self.blank();
        }
        if let StateKind::Compound(initial) = &state.kind {
            let line = self.initial(id, initial);
            self.line(&line);
        }
        let mut children: Vec<StateId> = state.children.iter().chain(&state.histories).copied().collect();
        children.sort_unstable();
        let mut before = None;
        for child in children {
            // Short ones stand together, long ones apart.
            let is_long = self.is_long(child);
            if before.is_some_and(|before| before || is_long) {
                self.blank();
            }
            before = Some(is_long);
            self.state(child);
        }
    }

    /// Whether a state takes more than a line.
    fn is_long(&self, id: StateId) -> bool {
        let state = &self.machine.states[id];
        let history = matches!(state.kind, StateKind::History(_));
        let does = !state.entry.is_empty() || !state.exit.is_empty() || !state.transitions.is_empty();
        let has = !state.children.is_empty() || !state.data.is_empty() || !state.invokes.is_empty();
        let says = !state.tags.is_empty() || !state.defer.is_empty() || state.output.is_some();
        state.description.is_some() || state.meta.is_some() || (!history && (does || has || says))
    }

    fn state(&mut self, id: StateId) {
        let state = &self.machine.states[id];
        self.docs(state.description.as_deref());
        self.meta(state.meta.as_ref());
        let name = match &state.id {
            Some(id) => format!("{} as {}", words::name(&state.name.value), words::name(&id.value)),
            None => words::name(&state.name.value),
        };
        let word = match &state.kind {
            StateKind::History(history) => {
                let line = self.history(id, &name, history);
                return self.line(&line);
            }
            StateKind::Atomic | StateKind::Compound(_) => "state",
            StateKind::Parallel => "parallel",
            StateKind::Final => "final",
        };
        let before = self.text.len();
        self.open(&format!("{word} {name}"));
        let inside = self.text.len();
        self.content(id);
        if self.text.len() > inside {
            return self.close();
        }
        self.text.truncate(before);
        self.depth -= 1;
        self.line(&format!("{word} {name};"));
    }

    /// The default of a history state, whose guards see what its parent sees.
    fn history(&self, id: StateId, name: &str, history: &History) -> String {
        let deep = if history.deep { "deep " } else { "" };
        let default = history.default.as_ref().map(|default| {
            let parent = self.machine.states[id].parent.unwrap_or(StateId::ROOT);
            let targets = default.targets.iter().map(|target| self.names.target(id, *target));
            let targets = targets_of(targets);
            format!(" => {targets}{}{}", self.supplies(&default.data), self.block(parent, &default.actions))
        });
        format!("{deep}history {name}{};", default.unwrap_or_default())
    }

    fn initial(&self, parent: StateId, initial: &Initial) -> String {
        let targets = targets_of(initial.targets.iter().map(|target| self.names.initial(parent, *target)));
        format!("initial {targets}{}{};", self.supplies(&initial.data), self.block(parent, &initial.actions))
    }

    /// All transitions of a state with one trigger.
    fn transitions(&mut self, head: &str, state: StateId, trigger: Trigger) {
        let ids = self.machine.states[state].transitions.iter();
        for id in ids.filter(|id| self.machine.transitions[**id].trigger == trigger) {
            self.transition(head, *id);
        }
    }

    fn transition(&mut self, head: &str, id: TransitionId) {
        let transition = &self.machine.transitions[id];
        let source = transition.source;
        self.docs(transition.description.as_deref());
        self.meta(transition.meta.as_ref());
        let mut line = head.to_owned();
        if let Some(guard) = &transition.guard {
            line.extend([" if ", &self.guard(source, guard)]);
        }
        if !transition.targets.is_empty() {
            let targets = targets_of(transition.targets.iter().map(|target| self.names.target(source, *target)));
            let reenter = if transition.reenter { "reenter " } else { "" };
            line.extend([" => ", reenter, &targets, &self.supplies(&transition.data)]);
        }
        line += &self.block(source, &transition.actions);
        self.line(&(line + ";"));
    }

    fn timer(&mut self, state: StateId, timer: TimerId) {
        let found = &self.machine.timers[timer];
        let word = if found.repeats { "every" } else { "after" };
        let head = format!("{word} {}", self.delay(found.wait));
        self.transitions(&head, state, Trigger::Timer(timer));
    }

    fn invoke(&mut self, id: InvokeId) {
        let invoke = &self.machine.invokes[id];
        let mut head = format!("invoke {}", call_of(&invoke.call));
        if let Some(output) = &self.machine.tasks[invoke.task].output {
            head.extend([" -> ", &rust::ty(output)]);
        }
        if invoke.named {
            head.extend([" as ", &words::name(&invoke.id.value)]);
        }
        let before = self.text.len();
        self.open(&head);
        let inside = self.text.len();
        self.transitions("done", invoke.state, Trigger::InvokeDone(id));
        self.transitions("error", invoke.state, Trigger::InvokeError(id));
        if self.text.len() > inside {
            return self.close();
        }
        self.text.truncate(before);
        self.depth -= 1;
        self.line(&(head + ";"));
    }
}

/// `Working`, `[A, B]`.
fn targets_of(targets: impl Iterator<Item = String>) -> String {
    let targets: Vec<String> = targets.map(|target| words::target(&target)).collect();
    match &targets[..] {
        [one] => one.clone(),
        all => format!("[{}]", all.join(", ")),
    }
}
