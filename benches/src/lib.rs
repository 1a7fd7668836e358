//! The measuring stick: CPU time of this thread, rounds that alternate between the subjects, medians, ratios.
//!
//! Shared by the benchmarks of this crate. Subjects are run in turns within one process, so that a change of the
//! machine's clock or load meets all of them alike; the order changes from round to round.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::{fs, io};

use rustix::time::{ClockId, clock_gettime};

/// How often each subject is measured.
const ROUNDS: usize = 21;

/// What is measured: a name and a function that handles that many events.
pub struct Subject<'a> {
    name: &'a str,
    run: Box<dyn FnMut(usize) + 'a>,
}

impl<'a> Subject<'a> {
    /// A subject; `run` handles the given number of events.
    pub fn new(name: &'a str, run: impl FnMut(usize) + 'a) -> Self {
        Self { name, run: Box::new(run) }
    }
}

/// The nanoseconds of CPU time that this thread has used.
#[must_use]
pub fn cpu_nanoseconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    #[allow(clippy::cast_precision_loss, reason = "differences of seconds are measured, not of years")]
    let nanoseconds = time.tv_sec as f64 * 1e9 + time.tv_nsec as f64;
    nanoseconds
}

/// The seconds of CPU time of the children that were waited for.
///
/// # Errors
///
/// Where there is no `/proc`.
pub fn children_seconds() -> io::Result<f64> {
    // Fields 16 and 17 of proc_pid_stat(5), in ticks of 10 ms.
    let text = fs::read_to_string("/proc/self/stat")?;
    // The second field, the command's name, may hold anything but ends with the last bracket.
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
    Ok((ticks(13) + ticks(14)) / 100.0)
}

/// Measures all subjects in alternating rounds and prints nanoseconds an event, and the ratio to the fastest of the
/// first `controls` subjects.
pub fn compare(title: &str, events: usize, controls: usize, mut subjects: Vec<Subject<'_>>) {
    let mut times = vec![Vec::with_capacity(ROUNDS); subjects.len()];
    for round in 0..=ROUNDS {
        for turn in 0..subjects.len() {
            let at = (turn + round) % subjects.len();
            let start = cpu_nanoseconds();
            (subjects[at].run)(events);
            #[allow(clippy::cast_precision_loss, reason = "event counts are far below 2^52")]
            let each = (cpu_nanoseconds() - start) / events as f64;
            // The first round warms up.
            if round > 0 {
                times[at].push(each);
            }
        }
    }
    let medians: Vec<f64> = times.iter_mut().map(|times| median(times)).collect();
    let control = medians[..controls].iter().copied().fold(f64::INFINITY, f64::min);
    println!("{title}");
    for (subject, median) in subjects.iter().zip(&medians) {
        println!("  {:<34} {median:>7.2} ns  {:>5.2}", subject.name, median / control);
    }
    println!();
}

/// The middle one.
pub fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Runs a future that never really waits.
///
/// # Panics
/// If it waits.
pub fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a benchmark may not wait"),
    }
}

/// Numbers below `limit` that are the same in every run (xorshift, Marsaglia 2003).
#[must_use]
pub fn numbers(limit: usize, count: usize) -> Vec<usize> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap_or_default() % limit
    };
    (0..count).map(|_| next()).collect()
}
