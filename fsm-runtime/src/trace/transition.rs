//! A transition as observers see it, and the configurations before and after it.
//!
//! Part of [`super`]. Both borrow from the step that is over, and cost nothing where nobody looks.

use std::fmt;
use std::time::Duration;

use super::{TARGET, TraceParent, path};
use crate::core::{Definition, Outcome};

/// One transition of a running machine, as an observer sees it once its step is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transition<'a> {
    /// The name that the machine was given, or that of its spec; in a fleet without names its key.
    pub machine: &'a str,
    /// The number of the event among those of this machine, from 1; `None` where there is no event.
    pub message: Option<u64>,
    /// The id that its sender gave the message ([`crate::trace::Origin::id`]).
    pub message_id: Option<&'a str>,
    /// The trace that its sender said the message belongs to ([`crate::trace::Origin::trace`]).
    pub trace: Option<TraceParent>,
    /// The event's name; `None` where the machine enters its initial state, and in steps by timers and invokes.
    pub event: Option<&'static str>,
    /// An index into [`Definition::transitions`]; `None` where the machine enters its initial state.
    pub index: Option<usize>,
    /// The path of the state where the transition is written; the machine's name at the start.
    pub source: &'static str,
    /// The path of its target; `None` for an internal transition.
    pub target: Option<&'static str>,
    /// The configuration before the step; empty at the start.
    pub from: Configuration<'a>,
    /// The configuration after the step, of which the transition may be one of several.
    pub to: Configuration<'a>,
    /// What became of the event; `None` if the step failed.
    pub outcome: Option<Outcome>,
    /// How long the step took, handlers included.
    pub took: Duration,
}

impl Transition<'_> {
    /// Tells `tracing`.
    pub(super) fn publish(&self) {
        let &Transition { machine, message, message_id, trace, event, index, source, target, from, to, outcome, took } =
            self;
        let spec = from.definition.name;
        tracing::debug!(
            target: TARGET,
            machine = spec,
            key = Some(machine).filter(|key| *key != spec),
            id = message,
            message_id,
            trace_id = trace.map(|trace| display(trace.trace_id())),
            event,
            transition = index,
            source,
            target = target,
            from = %from,
            to = %to,
            outcome = outcome.map_or("failed", Outcome::name),
            ?took,
            "transition"
        );
    }
}

impl fmt::Display for Transition<'_> {
    /// `Robot: Idle → Working.Moving on Start`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.machine)?;
        if !self.from.is_empty() {
            write!(f, "{} ", self.from)?;
        }
        write!(f, "→ {}", self.to)?;
        self.event.map_or(Ok(()), |event| write!(f, " on {event}"))
    }
}

/// The active states without children, in document order. Shown as their paths.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Configuration<'a> {
    pub(super) definition: &'static Definition,
    pub(super) states: &'a [usize],
}

impl<'a> Configuration<'a> {
    /// Their indices in [`Definition::states`].
    #[must_use]
    pub fn states(&self) -> &'a [usize] {
        self.states
    }

    /// Their dotted paths.
    pub fn paths(&self) -> impl Iterator<Item = &'static str> + use<'a> {
        let definition = self.definition;
        self.states.iter().map(|&state| path(definition, state))
    }

    /// Whether no state is active.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.states.is_empty()
    }
}

impl fmt::Display for Configuration<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.paths().enumerate().try_for_each(|(at, path)| {
            f.write_str(if at == 0 { "" } else { ", " })?;
            f.write_str(path)
        })
    }
}

impl fmt::Debug for Configuration<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.paths()).finish()
    }
}
