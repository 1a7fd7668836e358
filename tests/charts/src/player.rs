//! What the crate `driver` of a run has beside the modules of tests/driver: sequences in, a line for each step out.
//!
//! No module of this crate: `batch` writes it into that one.

use std::time::Duration;

use fsm_runtime::core::{Machine as _, Service};

use coverage::Coverage;
use subject::Subject;
use tape::Tape;
use world::World;

/// Plays the steps of one sequence; a line of JSON for each, up to one that goes wrong.
pub fn play<S: Subject>(steps: &str) -> Vec<String> {
    let mut coverage = Coverage::new(<S as Service>::Machine::DEFINITION);
    let mut world = World::new(&mut coverage);
    let mut subject = S::create(Tape::default());
    let mut lines = Vec::new();
    for placed in scenario::parse(steps).expect("a scenario") {
        match play::take(&mut subject, &placed.step, play::Door::Service, &mut world) {
            Ok(actual) => lines.push(
                serde_json::json!({
                    "outcome": actual.outcome,
                    "configuration": actual.configuration,
                    "actions": actual.actions,
                    "context": actual.context,
                    "emitted": actual.emitted,
                    "log": actual.log,
                    "reply": actual.reply,
                    "failed": actual.failed,
                    "output": actual.output,
                    "waiting": world.waiting().iter().map(Duration::as_millis).collect::<Vec<_>>(),
                    "invokes": invokes::<S>(&world),
                })
                .to_string(),
            ),
            Err(problem) => {
                lines.push(serde_json::json!({ "problem": problem }).to_string());
                break;
            }
        }
    }
    lines
}

/// The ids of the invokes that run.
fn invokes<S: Subject>(world: &World<'_, S::Machine>) -> Vec<&'static str> {
    let mut ids: Vec<&str> = world.invokes().flat_map(|invoke| S::invoke_ids(invoke)).copied().collect();
    ids.sort_unstable();
    ids
}

/// Reads sequences from the standard input, each behind the number of its chart, and plays them.
pub fn serve(plays: &[fn(&str) -> Vec<String>]) {
    // A panic is told as a problem of its step.
    std::panic::set_hook(Box::new(|_| {}));
    for line in std::io::stdin().lines() {
        let line = line.expect("text");
        let (chart, steps) = line.split_once(' ').expect("a chart and its steps");
        let chart: usize = chart.parse().expect("a number");
        for answer in plays[chart](steps) {
            println!("{answer}");
        }
        println!("end");
    }
}
