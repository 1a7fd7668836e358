//! The tables.

use std::time::Duration;

use crate::disk::Sizes;
use crate::load::Slice;

/// One contender's run.
pub struct Run {
    pub name: &'static str,
    pub slices: Vec<Slice>,
    pub all: Slice,
    /// Groups, and commits in them.
    pub groups: (u64, u64),
    pub end: Sizes,
    /// How long it took to open it again and to compact it, and what is there then.
    pub compacted: Option<(Duration, Duration, Sizes)>,
}

/// Both runs of a round, the bare appends first.
pub fn print(round: usize, runs: &[Run]) {
    let [bare, journal] = runs else { return };
    println!("\nround {round}\n");
    println!(
        "| seconds | bare append, events a second | journal | share | log, MiB | p99, ms | longest wait, ms | longest pause, ms | longest group, ms | little write beside, ms |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    let mut from = 0.0;
    for (bare, journal) in bare.slices.iter().zip(&journal.slices) {
        let to = from + journal.time.as_secs_f64();
        row(&format!("{from:.0}–{to:.0}"), bare, journal);
        from = to;
    }
    row("all", &bare.all, &journal.all);
    println!();
    for run in runs {
        let (groups, commits) = run.groups;
        let Sizes { log, table } = run.end;
        print!("{}: {commits} commits in groups of {:.0}", run.name, commits as f64 / groups as f64);
        print!("; at the end log {} MiB, table {} MiB", mib(log), mib(table));
        if let Some((opened, took, Sizes { log, table })) = run.compacted {
            print!("; opened in {} ms, compacted in {} ms", opened.as_millis(), took.as_millis());
            print!(", then log {} KiB, table {} MiB", log >> 10, mib(table));
        }
        println!();
    }
}

fn row(name: &str, bare: &Slice, journal: &Slice) {
    let pair = |of: fn(&Slice) -> f64| format!("{:.0} / {:.0}", of(bare), of(journal));
    let (rate, own) = (rate(bare), rate(journal));
    print!("| {name} | {rate:.0} | {own:.0} | {:.0} % | {} ", 100.0 * own / rate, mib(journal.sizes.log));
    print!("| {} ", pair(|slice| part(&slice.waits, 0.99)));
    print!("| {} ", pair(|slice| part(&slice.waits, 1.0)));
    print!("| {} | {} ", pair(|slice| ms(slice.pause)), pair(|slice| ms(slice.group)));
    println!("| {} |", pair(|slice| ms(slice.beside)));
}

fn rate(slice: &Slice) -> f64 {
    slice.waits.len() as f64 / slice.time.as_secs_f64()
}

/// The wait that such a part of all did not exceed, in milliseconds.
fn part(waits: &[u32], part: f64) -> f64 {
    let at = (waits.len() as f64 * part) as usize;
    waits.get(at.min(waits.len().saturating_sub(1))).map_or(0.0, |wait| f64::from(*wait) / 1_000.0)
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn mib(bytes: u64) -> u64 {
    (bytes + (1 << 19)) >> 20
}
