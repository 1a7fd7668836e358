//! Questions about a finished machine: facts first, then diagnostics made from them.
//!
//! After `resolve`, beside the back-ends; reads the IR and changes nothing. [`Facts`] computes once what every lint asks
//! (which states are reachable, which transitions can be taken, from where the machine can end); each lint below turns
//! facts into diagnostics of its own code. Adding one is a module and a line of [`LINTS`].
//!
//! Invariants: work and memory grow with what is written (states, transitions, guards), never with states × events nor
//! with leaves × inherited transitions; no lint speaks where a fact is uncertain; the same machine gets the same words.

mod completion;
mod dead;
mod eventless;
mod facts;
mod flow;
mod guard;
mod handlers;
mod history;
mod invokes;
mod overlap;
mod pure;
mod regions;
mod shape;
#[cfg(test)]
mod tests;
mod trap;
mod unhandled;
mod unreachable;
mod unused;
mod uses;
mod ways;

use crate::config::Config;
use crate::diag::{Code, Diagnostics, Level, Severity};
use crate::ir::Machine;
use crate::source::Notation;
use facts::Facts;

/// How many places one diagnostic shows besides its own.
const MOST_LABELS: usize = 3;

/// Turns facts into diagnostics of one code.
type Lint = fn(&Facts<'_>, Severity, &mut Diagnostics);

/// Every lint, in the order of its number.
const LINTS: &[(Code, Lint)] = &[
    (Code::UnreachableState, unreachable::report),
    (Code::DeadTransition, dead::report),
    (Code::Trap, trap::report),
    (Code::UnusedEvent, unused::report_events),
    (Code::UnusedDelay, unused::report_delays),
    (Code::UnusedAction, unused::report_actions),
    (Code::UnusedGuard, unused::report_guards),
    (Code::UnhandledEvent, unhandled::report),
    (Code::UnusedMessage, unused::report_messages),
    (Code::UnheardEvent, unused::report_unheard),
    (Code::EventlessCycle, eventless::report),
    (Code::HistoryWithoutDefault, history::report),
    (Code::RegionCrossing, regions::report),
    (Code::IgnoredCompletion, completion::report),
    (Code::UnhandledFailure, invokes::report),
    (Code::OverlappingGuards, overlap::report),
    (Code::EmptyHistory, history::report_empty),
];

/// Runs every analysis and reports what the lints' levels ask for, to people who write in this notation.
pub fn check(machine: &Machine, words: Notation, config: &Config, diagnostics: &mut Diagnostics) {
    let mut facts = Facts::of(machine);
    facts.words = words;
    for (code, lint) in LINTS {
        if let Some(severity) = level(*code, machine, config).severity() {
            lint(&facts, severity, diagnostics);
        }
    }
}

/// The level of a lint: its default, then what the spec says, then what the user of the compiler says; the last counts.
fn level(code: Code, machine: &Machine, config: &Config) -> Level {
    let settings = machine.lints.iter().chain(&config.lints);
    let last = settings.filter(|(set, _)| *set == code).map(|(_, level)| *level).next_back();
    last.or(code.default_level()).unwrap_or(Level::Deny)
}
