//! What a heat map has beside the diagram: counts and colours.
//!
//! Boxes have colours of their own, text included, so that they can be read on light and on dark pages. A state with
//! children has a coloured border only: what is drawn in it has the colours of the page.

use crate::coverage::Counts;
use crate::ir::{Machine, StateId, StateKind, TransitionId};

/// A state is entered seldom if it was entered less often than the tenth part of what was entered most.
const SELDOM: u64 = 10;

/// The classes of states without children, coldest first, then those of states with children.
const CLASSES: [(&str, &str); 6] = [
    ("never", "fill:#f8c9c4,stroke:#c62828,color:#410e0b"),
    ("seldom", "fill:#fbe7a1,stroke:#b28704,color:#332900"),
    ("often", "fill:#bfe6c0,stroke:#2e9e4a,color:#0b2e0d"),
    ("neverIn", "fill:transparent,stroke:#c62828,stroke-width:3px"),
    ("seldomIn", "fill:transparent,stroke:#b28704,stroke-width:3px"),
    ("oftenIn", "fill:transparent,stroke:#2e9e4a,stroke-width:3px"),
];

/// The counts of one diagram.
pub(super) struct Heat<'a> {
    machine: &'a Machine,
    counts: &'a Counts,
}

impl<'a> Heat<'a> {
    pub(super) const fn new(machine: &'a Machine, counts: &'a Counts) -> Self {
        Self { machine, counts }
    }

    /// What stands behind the machine's name.
    pub(super) fn title(&self) -> String {
        let (states, transitions) = (self.counts.states(self.machine), self.counts.transitions());
        format!("{} % of states, {} % of transitions", states.percent(), transitions.percent())
    }

    /// What stands beside a transition.
    pub(super) fn transition(&self, id: TransitionId) -> String {
        match self.counts.transitions[id] {
            0 => "(never)".to_owned(),
            count => format!("({count}×)"),
        }
    }

    /// Each class with its look and its states. History states and the machine itself, which are not counted, have none.
    pub(super) fn classes(&self) -> [(&'static str, &'static str, Vec<StateId>); CLASSES.len()] {
        let counted = self.machine.states.enumerated().skip(1);
        let counted = counted.filter(|(_, state)| !matches!(state.kind, StateKind::History(_)));
        let counted: Vec<(StateId, u64)> = counted.map(|(id, _)| (id, self.counts.states[id])).collect();
        let most = counted.iter().map(|(_, count)| *count).max().unwrap_or_default();
        let class = |count: u64| match count {
            0 => 0,
            count if count < most.div_ceil(SELDOM) => 1,
            _ => 2,
        };
        let mut classes = CLASSES.map(|(name, style)| (name, style, Vec::new()));
        for (state, count) in counted {
            let within = if self.machine.states[state].is_leaf() { 0 } else { CLASSES.len() / 2 };
            classes[class(count) + within].2.push(state);
        }
        classes
    }
}
