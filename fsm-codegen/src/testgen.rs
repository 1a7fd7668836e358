//! Transition tours: the text of a Rust test that takes every transition of a machine.
//!
//! Above the interpreter, which says what each step does; the kit of fsm-runtime plays the same steps through generated
//! code.
//!
//! ```text
//! values   what payloads and results could be: constants that guards compare with, and their neighbours
//! plays    what can come to a machine where it is, each with the guards that hold and the action that fails
//! search   breadth first over configurations, up to a bound: a graph of steps
//! tours    walks through the graph, always to the nearest transition that was not taken yet
//! write    the walks as Rust
//! ```
//!
//! Invariants: what is written was played by the interpreter, step by step; a transition that no walk takes is listed, with
//! a reason as far as one is known; time and memory are bounded by [`search::BUDGET`], whatever the machine.

mod plays;
mod search;
mod tours;
mod values;
mod values_text;
mod write;

use crate::ir::{Machine, TransitionId, Trigger};
use crate::labels;
use crate::source::Source;

/// A test, and what it leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tests {
    /// The Rust file.
    pub text: String,
    /// The transitions that are not taken, a line each: place, transition, reason.
    pub missing: Vec<String>,
    /// How many transitions are taken.
    pub taken: usize,
    /// By how many tours.
    pub tours: usize,
}

/// Why there can be no test.
#[must_use]
pub fn obstacle(machine: &Machine) -> Option<&'static str> {
    match () {
        () if machine.generics.is_some() => Some("it has generic parameters, and a test needs types"),
        () if !machine.send_futures => {
            Some("with `send_futures: false` it has no `Service` that a testbed could drive")
        }
        () => None,
    }
}

/// Whether a text is a path to a module.
#[must_use]
pub fn is_module(path: &str) -> bool {
    syn::parse_str::<syn::Path>(path).is_ok_and(|path| path.segments.iter().all(|segment| segment.arguments.is_none()))
}

/// Writes the test. `module` is the path under which the test finds the generated module, without `use`.
#[must_use]
pub fn tests(machine: &Machine, source: &Source, module: &str) -> Tests {
    let found = search::search(machine);
    let walks = tours::tours(machine, &found);
    write::write(machine, source, module, &found, &walks)
}

/// A transition as a testbed writes it into its trace.
fn taken_line(machine: &Machine, id: TransitionId) -> String {
    let transition = &machine.transitions[id];
    let trigger = match transition.trigger {
        Trigger::Event(event) => machine.events[event].name.value.clone(),
        Trigger::Pattern(pattern) => format!("({} events)", machine.patterns[pattern].events.len()),
        Trigger::Error => "error".to_owned(),
        Trigger::Always => "always".to_owned(),
        Trigger::Done => "done".to_owned(),
        Trigger::Timer(timer) => format!("after {}", labels::wait(machine, machine.timers[timer].wait)),
        Trigger::InvokeDone(invoke) => format!("done({})", machine.invokes[invoke].id.value),
        Trigger::InvokeError(invoke) => format!("error({})", machine.invokes[invoke].id.value),
    };
    let targets: Vec<String> = transition.targets.iter().map(|target| machine.path(*target)).collect();
    let target = if targets.is_empty() { "(internal)".to_owned() } else { targets.join(", ") };
    format!("{} --{trigger}--> {target}", machine.path(transition.source))
}

#[cfg(all(test, feature = "yaml"))]
mod examples;
