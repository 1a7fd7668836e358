//! What a message costs on its way to the machine, as a table in Markdown.
//!
//! `cargo run --release --bin speed`, `ROUNDS=15 …` for more rounds. In each round all contenders have their turn, each time in
//! another order, in one process. The figure is CPU time of the whole process (senders, receiver, kernel; what getrusage
//! sums up, from the clock that counts it in nanoseconds) for each message, and the median of the rounds.

use std::env;
use std::time::Duration;

use peers::peer::Stage;
use peers::peers::{CONTENDERS, Contender};
use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::Builder;

const CAPACITY: usize = 1024;
const TOLD: u64 = 400_000;
const ASKED: u64 = 100_000;

/// One column of the table.
struct Column {
    title: &'static str,
    messages: u64,
    run: fn(&Contender, &Stage) -> Option<()>,
}

const COLUMNS: [Column; 3] = [
    Column {
        title: "tell, 1 sender",
        messages: TOLD,
        run: |contender, stage| {
            (contender.tell)(stage, CAPACITY, 1, TOLD);
            Some(())
        },
    },
    Column {
        title: "tell, 4 senders",
        messages: TOLD,
        run: |contender, stage| {
            (contender.tell)(stage, CAPACITY, 4, TOLD / 4);
            Some(())
        },
    },
    Column {
        title: "ask",
        messages: ASKED,
        run: |contender, stage| {
            contender.ask?(stage, CAPACITY, ASKED);
            Some(())
        },
    },
];

fn main() {
    let rounds = env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(9);
    let workers = Builder::new_multi_thread().worker_threads(2).enable_time().build().expect("a runtime");
    let current = Builder::new_current_thread().enable_time().build().expect("a runtime");
    for (title, stage) in [("Two workers", Stage::Workers(workers)), ("One thread", Stage::Current(current))] {
        let mut figures = vec![vec![Vec::new(); COLUMNS.len()]; CONTENDERS.len()];
        for round in 0..rounds {
            for at in 0..CONTENDERS.len() {
                // Nobody always comes after the same neighbour.
                let contender = if round % 2 == 0 { at } else { CONTENDERS.len() - 1 - at };
                let contender = (contender + round / 2) % CONTENDERS.len();
                for (column, figures) in COLUMNS.iter().zip(&mut figures[contender]) {
                    figures.extend(measure(column, &CONTENDERS[contender], &stage));
                }
            }
        }
        print(title, rounds, &figures);
    }
}

/// CPU nanoseconds a message.
fn measure(column: &Column, contender: &Contender, stage: &Stage) -> Option<f64> {
    let before = cpu_time();
    (column.run)(contender, stage)?;
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let messages = column.messages as f64;
    Some(cpu_time().saturating_sub(before).as_secs_f64() * 1e9 / messages)
}

fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    // It counts up from the start of the process.
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

fn print(title: &str, rounds: usize, figures: &[Vec<Vec<f64>>]) {
    println!(
        "\n{title}: CPU nanoseconds a message, median of {rounds} rounds; in brackets the ratio to tokio's `recv`.\n"
    );
    let titles: Vec<&str> = COLUMNS.iter().map(|column| column.title).collect();
    println!("| | {} |\n|---|{}", titles.join(" | "), "--:|".repeat(COLUMNS.len()));
    let base: Vec<f64> = figures[1].iter().filter_map(|figures| median(figures)).collect();
    for (contender, figures) in CONTENDERS.iter().zip(figures) {
        let cells: String = figures.iter().zip(&base).map(|(figures, base)| cell(median(figures), *base)).collect();
        println!("| {} |{cells}", contender.name);
    }
}

fn cell(figure: Option<f64>, base: f64) -> String {
    figure.map_or_else(|| " – |".to_owned(), |figure| format!(" {figure:.0} ({:.2}) |", figure / base))
}

fn median(figures: &[f64]) -> Option<f64> {
    let mut figures = figures.to_vec();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}
