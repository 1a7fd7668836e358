//! Commits of machines through the journal, through SQLite, fjall and redb as they are, and as bare appends: all with the
//! same groups, each group made durable before the next one begins.
//!
//! `cargo run --release -- [DIR [CONTENDER [ROUNDS [SECONDS]]]]`, here. docs/journal.md has the table and what follows from it.

mod contenders;
mod work;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use contenders::{CONTENDERS, Contender};
use work::Work;

const GROUPS: [usize; 4] = [1, 16, 64, 256];
/// Beside the groups, one of many rows in the order of their keys.
const COLUMNS: usize = GROUPS.len() + 1;
const ROUNDS: usize = 7;
const SECONDS: f64 = 1.5;

fn main() {
    let mut args = std::env::args().skip(1);
    let dir = args.next().map_or_else(std::env::temp_dir, PathBuf::from).join("fsm-stores");
    let only = args.next();
    let rounds = args.next().map_or(ROUNDS, |rounds| rounds.parse().expect("a number of rounds"));
    let seconds = args.next().map_or(SECONDS, |seconds| seconds.parse().expect("a number of seconds"));
    let time = Duration::from_secs_f64(seconds);
    let contenders: Vec<_> = CONTENDERS
        .iter()
        .filter(|(name, _)| only.as_ref().is_none_or(|only| name.contains(only) || *name == "bare append"))
        .collect();
    // For each contender and each size of groups, the commits a second of each round.
    let mut rates = vec![vec![Vec::new(); COLUMNS]; contenders.len()];
    for round in 0..rounds {
        for at in 0..contenders.len() {
            // Another one is the first each time.
            let at = (at + round) % contenders.len();
            let (name, open) = contenders[at];
            for (rate, rates) in run(&dir, *open, time).into_iter().zip(&mut rates[at]) {
                eprintln!("round {round}  {name:24} {rate:>9.0}");
                rates.push(rate);
            }
        }
    }
    print(&contenders, &rates);
}

/// Fills a store and gives the commits a second for each size of groups.
fn run(dir: &Path, open: fn(&Path) -> Box<dyn Contender>, time: Duration) -> Vec<f64> {
    let _ = std::fs::remove_dir_all(dir);
    std::fs::create_dir_all(dir).expect("the directory can be made");
    let mut work = Work::new();
    let mut store = open(dir);
    for group in work.first() {
        store.commit(&group);
    }
    let mut rates: Vec<_> = GROUPS.iter().map(|&size| measure(store.as_mut(), &mut work, size, time)).collect();
    let rows = work.fold();
    let start = Instant::now();
    store.commit(&rows);
    rates.push(rows.len() as f64 / start.elapsed().as_secs_f64());
    drop(store);
    std::fs::remove_dir_all(dir).expect("the directory can be removed");
    rates
}

/// Only committing is timed; the work is made in between.
fn measure(store: &mut dyn Contender, work: &mut Work, size: usize, time: Duration) -> f64 {
    let mut spent = Duration::ZERO;
    let mut done = 0;
    while spent < time {
        let groups: Vec<_> = (0..1_024 / size).map(|_| work.group(size)).collect();
        let start = Instant::now();
        for group in &groups {
            store.commit(group);
        }
        spent += start.elapsed();
        done += groups.len() * size;
    }
    done as f64 / spent.as_secs_f64()
}

fn print(contenders: &[&(&str, fn(&Path) -> Box<dyn Contender>)], rates: &[Vec<Vec<f64>>]) {
    let median = |rates: &[f64]| {
        let mut rates = rates.to_vec();
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    };
    let bare: Vec<_> = rates[0].iter().map(|rates| median(rates)).collect();
    println!(
        "| commits a second, in groups of | {} | rows a second, 50,000 in order |",
        GROUPS.map(|size| size.to_string()).join(" | ")
    );
    println!("|---|{}", "---|".repeat(COLUMNS));
    for ((name, _), rates) in contenders.iter().zip(rates) {
        let cells = rates.iter().zip(&bare).map(|(rates, bare)| {
            let rate = median(rates);
            format!("{rate:.0} ({:.0} %)", 100.0 * rate / bare)
        });
        println!("| {name} | {} |", cells.collect::<Vec<_>>().join(" | "));
    }
}
