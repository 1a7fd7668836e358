//! The journal under sustained load: a fleet whose senders wait for each acknowledgement, for as long as the index has
//! to fold and the files of the log have to go, beside the same fleet on bare appends.
//!
//! `cargo run --release --bin sustained -- [DIR [SECONDS [ROUNDS]]]`, here. docs/journal.md has the table and what it shows.
//! Both have the same machine, senders and shards in front, so a group is what gathers while the one before becomes
//! durable; what differs is the store. They take turns of so many seconds, since what folds must not rest while the
//! other one runs.

#[path = "../../appends.rs"]
mod appends;
mod control;
mod disk;
mod load;
mod report;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use control::{Bare, Counting, Groups};
use disk::{Sizes, Watch};
use fsm_runtime::journal::Journal;
use load::Load;
use report::Run;

/// How long a slice of a run is.
const SLICE: Duration = Duration::from_secs(5);
const SECONDS: u64 = 60;
const ROUNDS: usize = 2;

fn main() {
    let mut args = std::env::args().skip(1);
    let dir = args.next().map_or_else(std::env::temp_dir, PathBuf::from).join("fsm-sustained");
    let seconds = args.next().map_or(SECONDS, |seconds| seconds.parse().expect("a number of seconds"));
    let rounds = args.next().map_or(ROUNDS, |rounds| rounds.parse().expect("a number of rounds"));
    let slices = usize::try_from(seconds / SLICE.as_secs()).expect("few slices").max(1);
    for round in 0..rounds {
        let _ = std::fs::remove_dir_all(&dir);
        let mut runs = Vec::new();
        // Another one begins each time.
        for at in 0..2 {
            runs.push(if (at + round) % 2 == 0 { bare(&dir, slices) } else { journal(&dir, slices) });
        }
        runs.sort_by_key(|run| run.name);
        report::print(round + 1, &runs);
    }
    std::fs::remove_dir_all(&dir).expect("the directory can be removed");
}

fn bare(dir: &Path, slices: usize) -> Run {
    let dir = made(dir.join("bare"));
    let groups = Groups::default();
    let store = Journal::of(Counting::new(Bare::open(&dir), &groups));
    run("bare append", &dir, store, &groups, slices)
}

fn journal(dir: &Path, slices: usize) -> Run {
    let dir = made(dir.join("journal"));
    let groups = Groups::default();
    let open = || Journal::open(&dir).expect("a directory of its own").into_store();
    let mut run = run("journal", &dir, Journal::of(Counting::new(open(), &groups)), &groups, slices);
    let start = Instant::now();
    let mut store = open();
    let opened = start.elapsed();
    store.compact().expect("room");
    run.compacted = Some((opened, start.elapsed() - opened, Sizes::of(&dir)));
    drop(store);
    run
}

fn run(name: &'static str, dir: &Path, journal: Journal, groups: &Groups, slices: usize) -> Run {
    let watch = Watch::of(dir);
    let load = Load::run(journal, groups, SLICE, slices, || watch.lap());
    Run { name, slices: load.slices, all: load.all, groups: groups.total(), end: Sizes::of(dir), compacted: None }
}

fn made(dir: PathBuf) -> PathBuf {
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).expect("the directory can be made");
    dir
}
