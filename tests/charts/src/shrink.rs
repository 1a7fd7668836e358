//! Makes a chart that fails small: pieces of its spec go, and inputs, as long as it fails.
//!
//! Whether a chart without a piece still fails is asked of many such charts at once, since each question about generated
//! code is a crate to build. Then what can go alone goes together, as far as that fails too.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use fsm_codegen::ir::Machine;
use serde_json::Value;

use crate::batch::Batch;
use crate::check::{Checked, Played};
use crate::tree::Tree;
use crate::{Case, Difference, compare, difference, number, regressions};

/// How many seconds a chart is made smaller, unless `RANDOM_SHRINK` says it.
const PATIENCE: u64 = 120;
/// How many charts are asked about at once.
const WIDTH: usize = 50;

/// A chart that fails, and what comes to it.
#[derive(Debug, Clone)]
struct Small {
    spec: Tree,
    inputs: Vec<Value>,
}

impl Small {
    /// As the interpreter plays it; nothing where it is none.
    fn case(&self) -> Option<Case> {
        // The program knows all machines by one name.
        let checked = Checked::new(&self.spec.to_string()).ok().filter(|it| it.machine.name.value == "M")?;
        let inputs: Vec<Value> = self.inputs.iter().map(|input| fit(input, &checked.machine)).collect();
        let played = checked.replay(&inputs).ok()?;
        Some(Case { checked, played: vec![played] })
    }
}

/// An input without the answers of methods that the machine does not have.
fn fit(input: &Value, machine: &Machine) -> Value {
    let mut input = input.clone();
    let guard = |name: &str| machine.guards.iter().any(|guard| guard.name.value == name);
    let action = |name: &str| machine.actions.iter().any(|action| action.name.value == name);
    if let Some(guards) = input.get_mut("guards").and_then(Value::as_object_mut) {
        guards.retain(|name, _| guard(name));
    }
    if let Some(fail) = input.get_mut("fail").and_then(Value::as_array_mut) {
        // Without an error type nothing can fail.
        fail.retain(|name| machine.error.is_some() && name.as_str().is_some_and(action));
    }
    input
}

/// The smallest spec found that fails. `fails` says of each whether it does.
fn smallest(spec: &Tree, until: Instant, mut fails: impl FnMut(&[Tree]) -> Vec<bool>) -> Tree {
    let mut gone = BTreeSet::new();
    let mut order: Vec<usize> = (0..spec.pieces()).collect();
    let sizes = spec.sizes();
    order.sort_by_key(|piece| std::cmp::Reverse(sizes[*piece]));
    loop {
        let before = gone.len();
        let mut asked: BTreeSet<usize> = BTreeSet::new();
        loop {
            let now = spec.without(&gone);
            let more = |piece: usize| spec.without(&gone.iter().copied().chain([piece]).collect());
            let open = order.iter().copied().filter(|piece| !asked.contains(piece));
            let smaller: Vec<(usize, Tree)> =
                open.map(|piece| (piece, more(piece))).filter(|(_, tree)| *tree != now).take(WIDTH).collect();
            if smaller.is_empty() || Instant::now() > until {
                break;
            }
            asked.extend(smaller.iter().map(|(piece, _)| *piece));
            let (pieces, trees): (Vec<usize>, Vec<Tree>) = smaller.into_iter().unzip();
            let alone: Vec<usize> =
                pieces.into_iter().zip(fails(&trees)).filter_map(|(piece, fails)| fails.then_some(piece)).collect();
            let together = |number: usize| gone.iter().copied().chain(alone[..number].iter().copied()).collect();
            let trees: Vec<Tree> = (2..=alone.len()).map(|number| spec.without(&together(number))).collect();
            let most = if trees.is_empty() { None } else { fails(&trees).iter().rposition(|fails| *fails) };
            let number = most.map_or(alone.len().min(1), |at| at + 2);
            gone.extend(alone.into_iter().take(number));
        }
        if gone.len() == before || Instant::now() > until {
            return spec.without(&gone);
        }
    }
}

/// The fewest inputs found that fail.
fn fewest(inputs: Vec<Value>, mut fails: impl FnMut(&[Vec<Value>]) -> Vec<bool>) -> Vec<Value> {
    let mut best = inputs;
    let mut size = best.len();
    while size > 0 {
        // The start stays.
        let ranges: Vec<usize> = (1..best.len()).step_by(size).collect();
        let without = |from: &usize| {
            let kept = best.iter().enumerate().filter(|(at, _)| *at < *from || *at >= from + size);
            kept.map(|(_, input)| input.clone()).collect()
        };
        let tries: Vec<Vec<Value>> = ranges.iter().map(without).collect();
        match fails(&tries).iter().position(|fails| *fails) {
            Some(at) => best = tries[at].clone(),
            None => size /= 2,
        }
    }
    best
}

fn until() -> Instant {
    Instant::now() + Duration::from_secs(number("RANDOM_SHRINK", PATIENCE))
}

/// The report about a chart that fails without generated code; `problem` tells what is wrong with one.
pub(crate) fn interpreted(spec: &str, problem: impl Fn(&Checked) -> Option<String>) -> String {
    let text = |spec: &Tree| Checked::new(&spec.to_string()).ok().and_then(|checked| problem(&checked));
    let small = smallest(&Tree::read(spec), until(), |trees| trees.iter().map(|tree| text(tree).is_some()).collect());
    format!("{}\n{small}", text(&small).unwrap_or_default())
}

/// The report about a chart on which generated code and interpreter differ, which is kept under that name.
pub(crate) fn generated(name: &str, case: &Case, found: &Difference) -> String {
    let until = until();
    let sequence = found.sequence.unwrap_or_default();
    let mut inputs = case.played[sequence].inputs.clone();
    inputs.truncate(found.step + 1);
    let mut small = Small { spec: Tree::read(case.checked.source.text()), inputs };
    let compiles = found.sequence.is_some();
    if compiles {
        small.inputs = fewer_inputs(&small);
    }
    small.spec = smallest(&small.spec.clone(), until, |trees| {
        let of = |spec: &Tree| Small { spec: spec.clone(), inputs: small.inputs.clone() }.case();
        let cases: Vec<Option<Case>> = trees.iter().map(of).collect();
        let known: Vec<usize> = (0..cases.len()).filter(|at| cases[*at].is_some()).collect();
        let differ = compare("single", &cases.iter().flatten().collect::<Vec<_>>());
        let differ: BTreeSet<usize> = differ
            .iter()
            .filter(|(_, difference)| difference.sequence.is_some() == compiles)
            .map(|(at, _)| known[*at])
            .collect();
        (0..trees.len()).map(|at| differ.contains(&at)).collect()
    });
    if compiles {
        small.inputs = fewer_inputs(&small);
    } else {
        small.inputs.truncate(1);
    }
    let Some(case) = small.case() else { return format!("{}\n{}", found.text, small.spec) };
    regressions::keep(name, &small.spec.to_string(), &case.played);
    let now = compare("single", &[&case]).into_iter().next().map(|(_, difference)| difference.text);
    format!("{}\n{}", now.unwrap_or_else(|| found.text.clone()), small.spec)
}

/// With fewer inputs, for which no crate has to be built anew.
fn fewer_inputs(small: &Small) -> Vec<Value> {
    let Some(case) = small.case() else { return small.inputs.clone() };
    let Ok(batch) = Batch::build("single", &[&case.checked]) else { return small.inputs.clone() };
    fewest(case.played[0].inputs.clone(), |tries| {
        let played: Vec<Option<Played>> = tries.iter().map(|inputs| case.checked.replay(inputs).ok()).collect();
        let lines: Vec<(usize, String)> = played.iter().flatten().map(|played| (0, played.line())).collect();
        let mut found = batch.play(&lines).into_iter();
        let differs = |played: &Played| difference(played, &found.next().unwrap_or_default()).is_some();
        let mut differs = differs;
        played.iter().map(|played| played.as_ref().is_some_and(&mut differs)).collect()
    })
}
