//! A machine as static data: what diagrams, coverage, tracing and error messages read at run time.

/// A whole machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definition {
    /// As spelt in the spec.
    pub name: &'static str,
    /// The spec's own version; empty where it has none.
    pub version: &'static str,
    /// All states in document order; the first is the machine itself.
    pub states: &'static [StateInfo],
    /// All events, in the order of the generated enum.
    pub events: &'static [EventInfo],
    /// All transitions in document order.
    pub transitions: &'static [TransitionInfo],
}

/// A state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateInfo {
    /// The dotted path below the machine: `Working.Moving`; the machine's name for the machine itself.
    pub path: &'static str,
    /// The parent's index; the machine itself is its own parent.
    pub parent: u32,
    /// What it is.
    pub kind: StateKind,
}

/// What a state is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StateKind {
    /// Without children.
    Atomic,
    /// With one active child.
    Compound,
    /// The end of its parent.
    Final,
}

/// An event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventInfo {
    /// As spelt in the spec.
    pub name: &'static str,
}

/// A transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransitionInfo {
    /// Index of the source state.
    pub source: u32,
    /// What sets it off.
    pub trigger: Trigger,
    /// Index of the target state; `None` for an internal transition.
    pub target: Option<u32>,
}

/// What sets a transition off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trigger {
    /// An event: an index into [`Definition::events`].
    Event(u32),
}
