//! Commits of machines through the journal, through SQLite, fjall and redb as they are, and as bare appends: all with the
//! same groups, each group made durable before the next one begins.
//!
//! `cargo run --release -- [DIR [ROUNDS [CONTENDER]]]`, here; with `rows` for the last, how many rows a second each takes in one
//! transaction. docs/journal.md has the table and what follows from it. All
//! contenders are open from beginning to end and take turns of 20 ms, in the last column of 8 s, so that what else the machine does meets them alike; a share is
//! the median over the rounds of what one did beside what bare appends did in the same round. The journal under a load that
//! does not end is another program, `--bin sustained`.

mod appends;
mod contenders;
mod work;

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use contenders::{CONTENDERS, Contender};
use work::Work;

/// Sizes of groups, for how many milliseconds each contender commits in a round, and how many of them at a stretch.
const TURNS: [(usize, u64, u64); 5] =
    [(1, 1_000, 20), (16, 1_000, 20), (64, 1_000, 20), (256, 1_000, 20), (256, 8_000, 8_000)];
const ROUNDS: usize = 7;
/// Before a round, for what goes on in the background.
const REST: Duration = Duration::from_millis(500);

/// One of those that take turns.
struct Entry {
    name: &'static str,
    store: Box<dyn Contender>,
    work: Work,
    /// For each kind of turn, the commits a second of each round.
    rates: [Vec<f64>; TURNS.len()],
}

fn main() {
    let mut args = std::env::args().skip(1);
    let dir = args.next().map_or_else(std::env::temp_dir, PathBuf::from).join("fsm-stores");
    let rounds = args.next().map_or(ROUNDS, |rounds| rounds.parse().expect("a number of rounds"));
    let only = args.next().unwrap_or_default();
    let _ = std::fs::remove_dir_all(&dir);

    let rows = only == "rows";
    let chosen = CONTENDERS.iter().enumerate().filter(|(at, (name, _))| *at == 0 || rows || name.contains(&only));
    let mut entries: Vec<_> = chosen
        .map(|(at, (name, open))| {
            let dir = dir.join(at.to_string());
            std::fs::create_dir_all(&dir).expect("the directory can be made");
            let mut entry = Entry { name, store: open(&dir), work: Work::new(), rates: Default::default() };
            entry.work.first().iter().for_each(|group| entry.store.commit(group));
            entry
        })
        .collect();
    if rows {
        return print_rows(&mut entries, rounds);
    }
    for (turn, (size, time, stretch)) in TURNS.into_iter().enumerate() {
        for round in 0..rounds {
            thread::sleep(REST);
            let mut spent = vec![(0, Duration::ZERO); entries.len()];
            for step in 0..time / stretch {
                for at in 0..entries.len() {
                    // Another one begins each time.
                    let next = (at + round + step as usize) % entries.len();
                    let (commits, time) = measure(&mut entries[next], size, Duration::from_millis(stretch));
                    spent[next].0 += commits;
                    spent[next].1 += time;
                }
            }
            for (entry, (commits, time)) in entries.iter_mut().zip(spent) {
                let rate = commits as f64 / time.as_secs_f64();
                eprintln!("groups of {size:3}  {:24} {rate:>9.0}", entry.name);
                entry.rates[turn].push(rate);
            }
        }
    }
    print(&entries);
    drop(entries);
    std::fs::remove_dir_all(&dir).expect("the directory can be removed");
}

/// What takes part in a transaction of very many rows, in the order of their keys.
fn print_rows(entries: &mut [Entry], rounds: usize) {
    for round in 0..rounds {
        for at in 0..entries.len() {
            let next = (at + round) % entries.len();
            let Entry { store, work, rates, .. } = &mut entries[next];
            let rows = work.rows();
            let start = Instant::now();
            store.commit(&rows);
            rates[0].push(rows.len() as f64 / start.elapsed().as_secs_f64());
        }
    }
    for Entry { name, rates, .. } in entries {
        println!("| {name} | {:.0} rows a second |", median(rates[0].clone()));
    }
}

/// How many commits were made, and in what time. Only committing is timed; the work is made in between.
fn measure(entry: &mut Entry, size: usize, time: Duration) -> (usize, Duration) {
    let mut spent = Duration::ZERO;
    let mut done = 0;
    while spent < time {
        let group = entry.work.group(size);
        let start = Instant::now();
        entry.store.commit(&group);
        spent += start.elapsed();
        done += size;
    }
    (done, spent)
}

fn print(entries: &[Entry]) {
    let heads = TURNS.map(
        |(size, time, stretch)| if time > stretch { size.to_string() } else { format!("{size}, {} s", time / 1_000) },
    );
    println!("| commits a second, in groups of | {} |", heads.join(" | "));
    println!("|---|{}", "---|".repeat(TURNS.len()));
    for Entry { name, rates, .. } in entries {
        let cells = rates.iter().zip(&entries[0].rates).map(|(rates, bare)| {
            let shares = rates.iter().zip(bare).map(|(rate, bare)| rate / bare).collect();
            format!("{:.0} ({:.0} %)", median(rates.clone()), 100.0 * median(shares))
        });
        println!("| {name} | {} |", cells.collect::<Vec<_>>().join(" | "));
    }
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}
