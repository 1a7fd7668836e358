//! A flat machine as a table of transitions.

use std::fmt::Write as _;

/// How many different actions there are.
const ACTIONS: usize = 5;

/// States × events.
pub(crate) struct Grid {
    /// How many states there are.
    pub(crate) states: usize,
    /// How many events there are.
    pub(crate) events: usize,
    /// For each state and event: target and action.
    pub(crate) cells: Vec<Vec<Option<(usize, usize)>>>,
}

impl Grid {
    /// Three states, three events, two thirds of the pairs handled.
    pub(crate) fn flat3() -> Self {
        Self::new(3, 3, |state, event| (state != event).then_some(((state + event + 1) % 3, (state + event) % 2)))
    }

    /// Every event handled in every state.
    pub(crate) fn dense(size: usize) -> Self {
        Self::new(size, size, |state, event| Some(((state * 7 + event * 3 + 1) % size, (state + event) % ACTIONS)))
    }

    /// A tenth of the pairs handled.
    pub(crate) fn sparse(size: usize) -> Self {
        Self::new(size, size, |state, event| {
            let handled = (state * 31 + event * 17) % 10 == 0;
            handled.then_some(((state * 7 + event * 3 + 1) % size, (state + event) % ACTIONS))
        })
    }

    fn new(states: usize, events: usize, cell: impl Fn(usize, usize) -> Option<(usize, usize)>) -> Self {
        let cells = (0..states).map(|state| (0..events).map(|event| cell(state, event)).collect()).collect();
        Self { states, events, cells }
    }

    /// The actions that are used.
    pub(crate) fn actions(&self) -> usize {
        self.cells.iter().flatten().flatten().map(|(_, action)| action + 1).max().unwrap_or(0)
    }

    /// The machine in YAML.
    pub(crate) fn spec(&self, name: &str, mode: &str) -> String {
        let mut text = format!("machine: {name}\nmode: {mode}\ninitial: S0\nevents:\n");
        for event in 0..self.events {
            // Writing to a string cannot fail; so below.
            let _ = writeln!(text, "  E{event}: {{}}");
        }
        text.push_str("states:\n");
        for (state, cells) in self.cells.iter().enumerate() {
            let _ = writeln!(text, "  S{state}:\n    on:");
            for (event, cell) in cells.iter().enumerate() {
                if let Some((target, action)) = cell {
                    let _ =
                        writeln!(text, "      E{event}: {{ target: S{target}, reenter: true, actions: a{action} }}");
                }
            }
        }
        text
    }
}
