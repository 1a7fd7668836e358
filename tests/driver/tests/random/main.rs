//! Generated code against a reference, on random machines (`build/random.rs`) and random events.
//!
//! Configuration, context, outcome and the actions in their order must be equal after every step.

#![allow(
    clippy::eq_op,
    clippy::nonminimal_bool,
    clippy::overly_complex_bool_expr,
    clippy::redundant_comparisons,
    reason = "random guards make no sense"
)]

mod reference;

use driver::coverage::Coverage;
use driver::dice::Dice;
use driver::play::{self, Door};
use driver::scenario::{Expect, Input, Step};
use driver::subject::Subject;
use driver::tape::Tape;
use driver::world::World;
use fsm_codegen::ir::{EventId, Id, Machine};
use fsm_codegen::source::Source;
use fsm_codegen::{Config, check};
use fsm_runtime::core::Machine as _;
use reference::{Answers, Done, Reference};

include!(concat!(env!("OUT_DIR"), "/random.rs"));

/// Compares one machine with the reference.
type Compare = fn(&Machine, &mut Dice) -> Tally;

/// Runs, each from a start; a machine that ends begins a new one.
const RUNS: usize = 40;
/// Events in a run, at most.
const EVENTS: usize = 60;

/// How often each outcome was seen.
type Tally = std::collections::BTreeMap<&'static str, usize>;

#[test]
fn generated_code_agrees_with_the_rules_on_random_machines() {
    let mut tally = Tally::new();
    for (number, (text, compare)) in MACHINES.iter().enumerate() {
        let source = Source::new(format!("random_{number:02}.yaml"), *text);
        let machine = check(&source, &Config::default()).machine.expect("the build script has compiled it");
        for (outcome, count) in compare(&machine, &mut Dice::new(number as u64)) {
            *tally.entry(outcome).or_default() += count;
        }
    }
    // Machines on which nothing happens would agree with anything.
    for outcome in ["transitioned", "handled", "rejected", "unhandled", "finished", "action", "overflow"] {
        assert!(tally.get(outcome).is_some_and(|count| *count > 500), "{outcome} is rare: {tally:?}");
    }
}

fn compare<S: Subject>(machine: &Machine, dice: &mut Dice) -> Tally {
    let mut tally = Tally::new();
    let mut coverage = Coverage::new(S::Machine::DEFINITION);
    for run in 0..RUNS {
        let door = if run % 2 == 0 { Door::Service } else { Door::Inherent };
        let (mut subject, mut reference) = (S::create(Tape::default()), Reference::new(machine));
        let mut world = World::new(&mut coverage);
        let mut history = Vec::new();
        for event in 0..EVENTS {
            // The first step is the start.
            let event = (event > 0).then(|| EventId::new(dice.below(machine.events.len())));
            let answers = answers(machine, dice);
            let step = step(machine, event, &answers);
            history.push(format!("{:?} fail {:?} guards {:?} k {}", step.input, step.fail, step.guards, answers.k));
            let expected = match event {
                None => reference.start(&answers),
                Some(event) => reference.handle(event, &answers),
            };
            let problem = match play::take(&mut subject, &step, door, &mut world) {
                Ok(actual) => difference(&reference, &expected, &actual),
                Err(problem) => Some(problem),
            };
            if let Some(problem) = problem {
                panic!("{}, run {run}:\n{}\n{problem}", machine.name.value, history.join("\n"));
            }
            *tally.entry(expected.outcome).or_default() += 1;
            if reference.finished && dice.once_in(2) {
                break;
            }
        }
    }
    tally
}

/// Guards are true as often as false; one action in eight fails where actions can.
fn answers(machine: &Machine, dice: &mut Dice) -> Answers {
    let guards = machine.guards.iter().map(|guard| (guard.name.value.clone(), dice.once_in(2))).collect();
    let can_fail = machine.error.is_some() && dice.once_in(2);
    let fails = machine.actions.iter().filter(|_| can_fail && dice.once_in(8));
    let fail = fails.map(|action| action.name.value.clone()).collect();
    Answers { guards, fail, k: u8::try_from(dice.below(256)).unwrap_or_default() }
}

fn step(machine: &Machine, event: Option<EventId>, answers: &Answers) -> Step {
    let input = event.map_or(Input::Start, |event| {
        let event = &machine.events[event];
        let payload = (!event.fields.is_empty()).then(|| ("k".to_owned(), answers.k.into()));
        Input::Event(event.name.value.clone(), payload.into_iter().collect())
    });
    Step { input, guards: answers.guards.clone(), fail: answers.fail.clone(), expect: Expect::default() }
}

fn difference(reference: &Reference<'_>, expected: &Done, actual: &play::Actual) -> Option<String> {
    let configuration = reference.configuration();
    let equal = expected.outcome == actual.outcome
        && expected.actions == actual.actions
        && configuration == actual.configuration
        && actual.context["n"] == reference.n;
    (!equal).then(|| format!("expected {expected:?} {configuration:?} n = {}\ngot {actual:?}", reference.n))
}
