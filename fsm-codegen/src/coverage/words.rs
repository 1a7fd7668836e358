//! A transition in a line of text, as lists of what ran and what did not have it.

use crate::ir::{Machine, StateId, Transition};
use crate::labels;

/// `Closed --Open [unlocked]--> Opened`; `(internal)` stands for a transition that leads nowhere.
#[must_use]
pub(crate) fn describe(machine: &Machine, transition: &Transition) -> String {
    let guard = transition.guard.as_ref().map(|guard| format!(" [{}]", labels::guard(machine, guard)));
    let targets: Vec<String> = transition.targets.iter().map(|target| path(machine, *target)).collect();
    let target = if targets.is_empty() { "(internal)".to_owned() } else { targets.join(", ") };
    let label = format!("{}{}", trigger(machine, transition), guard.unwrap_or_default());
    format!("{} --{label}--> {target}", path(machine, transition.source))
}

pub(super) fn trigger(machine: &Machine, transition: &Transition) -> String {
    let trigger = labels::trigger(machine, transition.trigger);
    if trigger.is_empty() { "always".to_owned() } else { trigger }
}

pub(super) fn path(machine: &Machine, state: StateId) -> String {
    labels::one_line(&machine.path(state))
}
