//! A machine as static data: what diagrams, coverage, tracing and error messages read at run time.

/// A whole machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Definition {
    /// As spelt in the spec.
    pub name: &'static str,
    /// The spec's own version; empty where it has none.
    pub version: &'static str,
    /// A hash of the machine: two specs that mean the same have the same one.
    pub hash: u64,
    /// All states in document order; the first is the machine itself.
    pub states: &'static [StateInfo],
    /// All events, in the order of the generated enum.
    pub events: &'static [EventInfo],
    /// All transitions in document order.
    pub transitions: &'static [TransitionInfo],
    /// The timers of `after` and `every`, in document order.
    pub timers: &'static [TimerInfo],
    /// What runs beside the machine, in document order.
    pub invokes: &'static [InvokeInfo],
}

impl Definition {
    /// Whether `state` is `inner` or one of its ancestors: indices into [`Definition::states`].
    #[must_use]
    pub fn contains(&self, state: usize, inner: usize) -> bool {
        let mut at = inner;
        while at != state && at != 0 {
            at = self.states[at].parent as usize;
        }
        at == state
    }

    /// The index of the state with that dotted path.
    #[must_use]
    pub fn state(&self, path: &str) -> Option<usize> {
        self.states.iter().position(|state| state.path == path)
    }
}

/// A state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StateInfo {
    /// The dotted path below the machine: `Working.Moving`; the machine's name for the machine itself.
    pub path: &'static str,
    /// The parent's index; the machine itself is its own parent.
    pub parent: u32,
    /// What it is.
    pub kind: StateKind,
    /// Its tags, as spelt in the spec.
    pub tags: &'static [&'static str],
}

/// What a state is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StateKind {
    /// Without children.
    Atomic,
    /// With one active child.
    Compound,
    /// With all children active.
    Parallel,
    /// The end of its parent.
    Final,
    /// A stand-in for what was active last in its parent; never active itself.
    History,
}

/// An event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventInfo {
    /// As spelt in the spec.
    pub name: &'static str,
}

/// A transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TransitionInfo {
    /// Index of the source state.
    pub source: u32,
    /// What sets it off.
    pub trigger: Trigger,
    /// Indices of the target states; none for an internal transition.
    pub targets: &'static [u32],
}

/// A timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimerInfo {
    /// Index of the state whose timer it is.
    pub state: u32,
    /// As in the spec: `30s`, `watchdog`.
    pub name: &'static str,
}

/// Something that runs beside the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct InvokeInfo {
    /// Index of the state during which it runs.
    pub state: u32,
    /// Its id.
    pub id: &'static str,
}

/// What sets a transition off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Trigger {
    /// An event: an index into [`Definition::events`].
    Event(u32),
    /// Any of these events.
    Pattern(&'static [u32]),
    /// An action failed.
    Error,
    /// Nothing: it is tried whenever the machine would come to rest.
    Always,
    /// The source is complete.
    Done,
    /// A timer is due: an index into [`Definition::timers`].
    Timer(u32),
    /// An invoke came to its end: an index into [`Definition::invokes`].
    InvokeDone(u32),
    /// An invoke failed: an index into [`Definition::invokes`].
    InvokeError(u32),
}

impl Trigger {
    /// Whether the event with that index sets it off.
    #[must_use]
    pub fn is_event(self, event: usize) -> bool {
        match self {
            Self::Event(own) => own as usize == event,
            Self::Pattern(events) => events.iter().any(|own| *own as usize == event),
            _ => false,
        }
    }
}
