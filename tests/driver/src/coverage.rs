//! What the scenarios of one spec have visited: a scenario that leaves a state or a transition out is not finished.

use fsm_runtime::core::{Definition, StateKind, TransitionInfo, Trigger};

/// The states and transitions of one machine that were seen.
#[derive(Debug)]
pub struct Coverage {
    definition: &'static Definition,
    states: Vec<bool>,
    transitions: Vec<bool>,
}

impl Coverage {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(definition: &'static Definition) -> Self {
        Self {
            definition,
            states: vec![false; definition.states.len()],
            transitions: vec![false; definition.transitions.len()],
        }
    }

    /// Marks a transition, and its targets: a state that is left again within the step was active all the same.
    pub fn take(&mut self, transition: usize) {
        self.transitions[transition] = true;
        for target in self.definition.transitions[transition].targets {
            self.visit(*target as usize);
        }
    }

    /// Marks a state and its ancestors.
    pub fn visit(&mut self, state: usize) {
        let mut at = state;
        while !std::mem::replace(&mut self.states[at], true) {
            at = self.definition.states[at].parent as usize;
        }
    }

    /// A line for each state and each transition that was not seen.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let unseen = |seen: &[bool]| -> Vec<usize> { (0..seen.len()).filter(|at| !seen[*at]).collect() };
        // A history state stands for others and is never active itself.
        let can_be_active = |at: &usize| self.definition.states[*at].kind != StateKind::History;
        let states = unseen(&self.states).into_iter().filter(can_be_active);
        let states = states.map(|at| format!("the state {} is never active", self.path(at)));
        let transitions = unseen(&self.transitions)
            .into_iter()
            .map(|at| format!("transition {at} is never taken: {}", self.describe(&self.definition.transitions[at])));
        states.chain(transitions).collect()
    }

    fn describe(&self, transition: &TransitionInfo) -> String {
        let invoke = |invoke: u32| self.definition.invokes[invoke as usize].id;
        let trigger = match transition.trigger {
            Trigger::Event(event) => self.definition.events[event as usize].name.to_owned(),
            Trigger::Error => "error".to_owned(),
            Trigger::Always => "always".to_owned(),
            Trigger::Done => "onDone".to_owned(),
            Trigger::Timer(timer) => format!("after {}", self.definition.timers[timer as usize].name),
            Trigger::InvokeDone(at) => format!("onDone of {}", invoke(at)),
            Trigger::InvokeError(at) => format!("onError of {}", invoke(at)),
            _ => "a pattern".to_owned(),
        };
        let targets: Vec<String> = transition.targets.iter().map(|target| self.path(*target as usize)).collect();
        let target = if targets.is_empty() { "(internal)".to_owned() } else { targets.join(", ") };
        format!("{} on `{trigger}` to {target}", self.path(transition.source as usize))
    }

    fn path(&self, state: usize) -> String {
        format!("`{}`", self.definition.states[state].path)
    }
}

#[cfg(test)]
mod tests {
    use fsm_runtime::core::{EventInfo, StateInfo, StateKind};

    use super::*;

    const fn state(path: &'static str, parent: u32) -> StateInfo {
        StateInfo { path, parent, kind: StateKind::Atomic, tags: &[] }
    }

    static LAMP: Definition = Definition {
        name: "Lamp",
        version: "",
        states: &[state("Lamp", 0), state("Off", 0), state("On", 0), state("On.Dim", 2)],
        events: &[EventInfo { name: "press" }],
        hash: 0,
        timers: &[],
        invokes: &[],
        transitions: &[TransitionInfo { source: 1, trigger: Trigger::Event(0), targets: &[2] }],
    };

    #[test]
    fn what_was_not_seen_is_named() {
        let mut coverage = Coverage::new(&LAMP);
        coverage.visit(3);
        let missing = coverage.missing();
        assert_eq!(
            missing,
            ["the state `Off` is never active", "transition 0 is never taken: `Off` on `press` to `On`"]
        );
    }
}
