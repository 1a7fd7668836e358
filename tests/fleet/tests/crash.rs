//! A fleet with a journal is killed at random moments under load, again and again.
//!
//! After each restart what was acknowledged is there, nothing is there twice, the state of each machine is what a fold over
//! its numbers gives, no message came out of a step that is not there; and at the end each message of a step that is there has
//! come out. 20 kills; `CRASHES=500 cargo test -p fleet --test crash` for more.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use fleet::next;

const KEYS: usize = 8;
/// In every second round commits take longer, by so many microseconds at most: what is told too early is seen to be so.
const SLOW: u32 = 2_000;

/// What is known of one key.
#[derive(Default)]
struct Known {
    acknowledged: u64,
    sent: u64,
    emitted: BTreeSet<u64>,
    /// The last number that was found after a restart.
    found: u64,
    /// The sums after the numbers from 1 on, as far as they were asked for.
    sums: Vec<u64>,
}

impl Known {
    /// The sum after the numbers from 1 to `last`.
    fn fold(&mut self, last: u64) -> u64 {
        while self.sums.len() as u64 <= last {
            let n = self.sums.len() as u64;
            let before = self.sums.last().copied().unwrap_or_default();
            self.sums.push(if n == 0 { 0 } else { next(before, n) });
        }
        usize::try_from(last).map_or(0, |last| self.sums[last])
    }

    /// A message came out.
    fn emit(&mut self, n: u64, sum: u64) {
        assert_eq!(sum, self.fold(n), "the message of number {n} is not that of its step");
        self.emitted.insert(n);
    }

    /// What is there after a restart.
    fn verify(&mut self, key: usize, last: u64, sum: u64) {
        assert!(last >= self.acknowledged, "key {key}: {} was acknowledged, and {last} is there", self.acknowledged);
        assert!(last <= self.sent, "key {key}: {} was sent, and {last} is there", self.sent);
        assert!(last >= self.found, "key {key}: {} was there before, and {last} is there", self.found);
        assert_eq!(sum, self.fold(last), "key {key}: a number is missing, or there twice, before {last}");
        let early = self.emitted.iter().next_back().copied().unwrap_or_default();
        assert!(early <= last, "key {key}: a message of number {early} came out, and {last} is there");
        self.found = last;
    }
}

struct Dir(PathBuf);

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A process under test, which does not outlive it.
struct Victim(Child);

impl Victim {
    fn new(dir: &Path, known: &[Known], slow: u32) -> Self {
        let firsts = known.iter().map(|known| (known.acknowledged + 1).to_string());
        let mut command = Command::new(env!("CARGO_BIN_EXE_victim"));
        command.arg(dir).arg(slow.to_string()).args(firsts).stdout(Stdio::piped());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        // One that ended by itself needs no end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Takes in a line; whether the victim is under load from now on.
fn take(line: &str, known: &mut [Known]) -> bool {
    let words: Vec<&str> = line.split(' ').collect();
    let number = |at: usize| -> u64 { words[at].parse().unwrap() };
    if words[0] == "R" {
        return true;
    }
    let key = usize::try_from(number(1)).unwrap();
    let known = &mut known[key];
    match words[0] {
        "V" => known.verify(key, number(2), number(3)),
        "S" => known.sent = known.sent.max(number(2)),
        "A" => {
            assert_eq!(number(2), known.acknowledged + 1, "key {key} is acknowledged in order");
            known.acknowledged += 1;
        }
        "E" => known.emit(number(2), number(3)),
        _ => panic!("{line}"),
    }
    false
}

/// Lets a victim run for so long under load, and kills it.
fn round(dir: &Path, known: &mut [Known], time: Duration, slow: u32) {
    let mut victim = Victim::new(dir, known, slow);
    let mut lines = BufReader::new(victim.0.stdout.take().unwrap());
    let mut line = String::new();
    let mut ready = false;
    while !ready {
        line.clear();
        assert!(lines.read_line(&mut line).unwrap() > 0, "the victim ended by itself");
        ready = take(line.trim_end(), known);
    }
    let killer = thread::spawn(move || {
        thread::sleep(time);
        drop(victim);
    });
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    killer.join().unwrap();
    // Lines are written by one call each; a pipe that is full could cut one all the same.
    let whole = rest.rfind('\n').map_or("", |end| &rest[..end]);
    for line in whole.lines() {
        take(line, known);
    }
}

#[test]
fn a_killed_fleet_loses_nothing_that_it_acknowledged() {
    let crashes: u32 = env::var("CRASHES").ok().and_then(|crashes| crashes.parse().ok()).unwrap_or(20);
    let dir = Dir(Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("crash-{}", std::process::id())));
    let mut known: Vec<Known> = (0..KEYS).map(|_| Known::default()).collect();
    let mut seed = u64::from(std::process::id());
    let began = Instant::now();
    for crash in 0..crashes {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let slow = if crash % 2 == 0 { SLOW } else { 0 };
        round(&dir.0, &mut known, Duration::from_millis((seed >> 33) % 150), slow);
    }
    // The last one has time to deliver what is left.
    round(&dir.0, &mut known, Duration::from_millis(500), 0);
    round(&dir.0, &mut known, Duration::from_millis(500), 0);
    let mut all = 0;
    for (key, known) in known.iter().enumerate() {
        let missing: Vec<u64> = (1..=known.found).filter(|n| !known.emitted.contains(n)).collect();
        assert!(missing.is_empty(), "key {key}: no message of {missing:?} came out");
        all += known.acknowledged;
    }
    assert!(all > 0, "nothing was acknowledged");
    println!("{crashes} kills, {all} acknowledged numbers, {:?}", began.elapsed());
}
