//! What comes to a chart, as numbers that always mean something, so that shrinking never breaks a sequence.
//!
//! Which invoke comes to its end depends on which run; the interpreter knows, so it turns each step into an input as the
//! sequence goes on.

use std::time::Duration;

use fsm_codegen::interp::session::{Input, Line, Session};
use fsm_codegen::ir::Machine;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

/// A step: what comes, and what the handlers answer.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// What comes.
    pub(crate) what: What,
    /// The truth of each named guard.
    pub(crate) guards: [bool; 3],
    /// Which actions fail, by the numbers of methods.
    pub(crate) fail: Vec<u8>,
}

/// What comes.
#[derive(Debug, Clone)]
pub(crate) enum What {
    /// An event, with its payload where it has one.
    Event(u8, u8),
    /// Time, in milliseconds.
    Advance(u8),
    /// The end of one of the invokes that run: what it gives.
    Done(u8, u8),
    /// The failure of one of them.
    Failed(u8),
}

/// Sequences behind a start.
pub(crate) fn sequences() -> BoxedStrategy<Vec<Step>> {
    vec(step(), 1..25).boxed()
}

fn step() -> BoxedStrategy<Step> {
    let what = prop_oneof![
        8 => (0..5_u8, any::<u8>()).prop_map(|(event, k)| What::Event(event, k)),
        2 => (1..30_u8).prop_map(What::Advance),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(which, value)| What::Done(which, value)),
        1 => any::<u8>().prop_map(What::Failed),
    ];
    let fail = prop::option::weighted(0.3, vec(0..24_u8, 1..6)).prop_map(Option::unwrap_or_default);
    (what, any::<[bool; 3]>(), fail).prop_map(|(what, guards, fail)| Step { what, guards, fail }).boxed()
}

/// The start, with all guards as they are at first.
pub(crate) fn start(machine: &Machine) -> Line {
    line(machine, Input::Start, [true, false, true], &[])
}

impl Step {
    /// The input that it is now; nothing where no invoke runs that could end.
    pub(crate) fn line(&self, machine: &Machine, session: &Session<'_>) -> Option<Line> {
        let running = |which: u8| {
            let running: Vec<_> = session.interpreter().running().collect();
            let id = running.get(usize::from(which).checked_rem(running.len())?)?;
            Some(machine.invokes[*id].id.value.clone())
        };
        let input = match self.what {
            What::Event(event, k) => {
                let (name, carries) = (crate::spec::EVENTS[usize::from(event)], event < crate::spec::WITH_PAYLOAD);
                Input::Event(name.to_owned(), carries.then(|| json!({ "k": k })))
            }
            What::Advance(time) => Input::Advance(format!("{time}ms"), Duration::from_millis(time.into())),
            What::Done(which, value) => Input::Done(running(which)?, Some(json!(value))),
            What::Failed(which) if machine.error.is_some() => Input::Error(running(which)?, None),
            What::Failed(_) => return None,
        };
        Some(line(machine, input, self.guards, &self.fail))
    }
}

fn line(machine: &Machine, input: Input, guards: [bool; 3], fail: &[u8]) -> Line {
    let mut line = Line::from(input);
    for guard in &machine.guards {
        let name = &guard.name.value;
        let number = name[1..].parse::<usize>().unwrap_or_default();
        line.guards.insert(name.clone(), guards[number]);
    }
    if machine.error.is_some() {
        let called = |name: &String| machine.actions.iter().any(|action| action.name.value == *name);
        line.fail = fail.iter().map(|number| format!("f{number}")).filter(called).collect();
    }
    line
}
