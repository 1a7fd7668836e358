//! Random statecharts: the interpreter against generated code.
//!
//! ```text
//! chart, steps   what is random, as data that shrink well
//! spec           a chart as YAML
//! check          both notations there and back; the interpreter alone: legal configurations, nothing by chance
//! batch          a hundred charts as generated code in one crate, played by the player of tests/driver
//! tally          how often what took part
//! shrink, tree   a chart that differs is made small
//! regressions/   what once differed: a spec and a scenario each, made as small as possible
//! ```
//!
//! `RANDOM_CHARTS`, `RANDOM_SEED` and `RANDOM_FIRST` say how many and which; CONTRIBUTING.md tells more.
#![cfg(test)]
#![allow(
    clippy::format_push_string,
    clippy::format_collect,
    reason = "specs are put together from many pieces, and none is long"
)]

mod batch;
mod chart;
mod check;
#[path = "../../driver/build/glue.rs"]
#[allow(dead_code, reason = "the build script of tests/driver includes files as well")]
mod glue;
mod regressions;
mod shrink;
mod spec;
mod steps;
mod tally;
mod tree;

use proptest::collection::vec;
use proptest::strategy::{BoxedStrategy, Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;

use batch::Batch;
use chart::Chart;
use check::{Checked, Played};
use steps::Step;
use tally::Tally;

/// How many charts go into one crate.
const BATCH: usize = 100;
/// How many sequences each chart plays.
const SEQUENCES: usize = 6;
/// How many charts that differ are made small.
const SHRUNK: usize = 3;
/// How many charts that differ end the run.
const ENOUGH: usize = 20;

/// A chart, and what came of each of its sequences.
struct Case {
    checked: Checked,
    played: Vec<Played>,
}

impl Case {
    /// A chart through all that needs no generated code.
    fn new((chart, sequences): &(Chart, Vec<Vec<Step>>)) -> Result<Self, String> {
        let spec = spec::spec(chart);
        let checked = Checked::new(&spec)?;
        if let Err(problem) = checked.round_trip() {
            let report = shrink::interpreted(&spec, |checked| checked.round_trip().err());
            return Err(format!("{problem}\n{report}"));
        }
        let play = |steps: &Vec<Step>| checked.play(steps);
        let played: Vec<Played> =
            sequences.iter().map(play).collect::<Result<_, _>>().map_err(|problem| format!("{problem}\n{spec}"))?;
        // Nothing happens by chance.
        let again = checked.replay(&played[0].inputs)?;
        if again.outputs == played[0].outputs {
            Ok(Self { checked, played })
        } else {
            Err("two runs differ".to_owned())
        }
    }
}

fn cases() -> BoxedStrategy<(Chart, Vec<Vec<Step>>)> {
    (chart::charts(), vec(steps::sequences(), SEQUENCES)).boxed()
}

/// A number from the environment.
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// Charts of a seed, one after the other; the seed says all about them.
fn runner(seed: u64) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// What generated code does otherwise than the interpreter.
#[derive(Debug)]
struct Difference {
    /// In which sequence; `None` where it does not compile, or not without a warning.
    sequence: Option<usize>,
    /// At which step of it.
    step: usize,
    /// What each of them does.
    text: String,
}

/// At which step the program did otherwise than the interpreter, and how.
fn difference(played: &Played, found: &[Value]) -> Option<(usize, String)> {
    let (step, expected) =
        played.outputs.iter().enumerate().find(|(step, expected)| found.get(*step) != Some(expected))?;
    let found = found.get(step).unwrap_or(&Value::Null);
    let inputs: String = played.inputs[..=step].iter().map(|input| format!("  {input}\n")).collect();
    Some((step, format!("{inputs}interpreter: {expected}\ngenerated:   {found}")))
}

/// Compares some charts: those that differ, and how.
fn compare(name: &str, cases: &[&Case]) -> Vec<(usize, Difference)> {
    let mut differing = Vec::new();
    let mut left: Vec<usize> = (0..cases.len()).collect();
    while !left.is_empty() {
        let charts: Vec<&Checked> = left.iter().map(|at| &cases[*at].checked).collect();
        match Batch::build(name, &charts) {
            Ok(batch) => {
                let sequences = |(chart, at): (usize, &usize)| {
                    cases[*at].played.iter().map(move |played| (chart, played.line())).collect::<Vec<_>>()
                };
                let lines: Vec<(usize, String)> = left.iter().enumerate().flat_map(sequences).collect();
                let mut found = batch.play(&lines).into_iter();
                let warned = batch
                    .warned
                    .iter()
                    .map(|(number, text)| (left[*number], Difference { sequence: None, step: 0, text: text.clone() }));
                differing.extend(warned);
                for at in left {
                    let differs = |(sequence, played): (usize, &Played)| {
                        let (step, text) = difference(played, &found.next().unwrap_or_default())?;
                        Some((at, Difference { sequence: Some(sequence), step, text }))
                    };
                    let all: Vec<_> = cases[at].played.iter().enumerate().filter_map(differs).collect();
                    differing.extend(all.into_iter().next());
                }
                break;
            }
            Err(failed) => {
                // The others are compared without them.
                let text = |problem: &String| format!("it does not compile\n{problem}");
                differing.extend(failed.iter().map(|(number, problem)| {
                    (left[*number], Difference { sequence: None, step: 0, text: text(problem) })
                }));
                let mut number = 0..;
                left.retain(|_| number.next().is_some_and(|number| !failed.contains_key(&number)));
            }
        }
    }
    differing
}

#[test]
fn generated_code_agrees_with_the_interpreter() {
    let (count, seed) = (number("RANDOM_CHARTS", 200), number("RANDOM_SEED", 1));
    let skipped = usize::try_from(number("RANDOM_FIRST", 0)).unwrap_or(usize::MAX);
    println!("{count} charts of the seed {seed}, from chart {skipped}");
    let (mut runner, strategy) = (runner(seed), cases());
    for _ in 0..skipped {
        let _ = strategy.new_tree(&mut runner);
    }
    let (mut tally, mut states, mut steps, mut problems) = (Tally::default(), 0, 0, Vec::new());
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let end = skipped.saturating_add(count);
    for first in (skipped..end).step_by(BATCH) {
        let mut batch = Vec::new();
        for at in first..end.min(first + BATCH) {
            match Case::new(&strategy.new_tree(&mut runner).expect("a chart").current()) {
                Ok(case) => batch.push((at, case)),
                Err(problem) => problems.push(format!("chart {at}: {problem}")),
            }
        }
        for (_, Case { checked, played }) in &batch {
            states += checked.machine.states.len();
            steps += played.iter().map(|played| played.outputs.len()).sum::<usize>();
            for played in played {
                tally.add(&checked.machine, played);
            }
        }
        let differing = compare("batch", &batch.iter().map(|(_, case)| case).collect::<Vec<_>>());
        println!("{} charts, {} of this batch differ", end.min(first + BATCH) - skipped, differing.len());
        for (chart, found) in &differing {
            println!("chart {}: {}", batch[*chart].0, found.text);
        }
        for (chart, found) in differing {
            let (at, case) = &batch[chart];
            let report = if problems.len() < SHRUNK {
                shrink::generated(&format!("seed_{seed}_chart_{at}"), case, &found)
            } else {
                found.text
            };
            problems.push(format!("chart {at}: {report}"));
        }
        if problems.len() >= ENOUGH {
            break;
        }
    }
    println!("{states} states, {steps} steps\n{tally}");
    assert!(problems.is_empty(), "seed {seed}\n{}", problems.join("\n\n"));
    assert!(count < BATCH || tally.rare(count).is_empty(), "{:?} are rare", tally.rare(count));
}
