//! The compiler's growth: checking and generating 100, 1,000 and 10,000 states.
//!
//! Each state has two events of its own, a guard, a named action and an assignment; every tenth state is compound.
//! Growth must be linear; for 10,000 states the project promises half a second, two seconds and 300 MB.

use std::fmt::Write as _;

use divan::Bencher;
use divan::counter::ItemsCount;
use fsm_codegen::source::Source;
use fsm_codegen::{Config, backend, check};

const SIZES: &[usize] = &[100, 1_000, 10_000];

/// Set in the process that compiles once, to see what one compilation takes.
const ONCE: &str = "FSM_BENCH_ONCE";

fn main() -> std::io::Result<()> {
    if std::env::var_os(ONCE).is_some() {
        println!("10,000 states in a process of their own: {} bytes of Rust, peak {}", generate(10_000), peak_memory());
        return Ok(());
    }
    divan::main();
    // proc-macro2 keeps every text that a thread ever parsed: only a fresh process tells what one compilation needs.
    std::process::Command::new(std::env::current_exe()?).env(ONCE, "1").status()?;
    Ok(())
}

/// Checks, generates and formats; the length of the text.
fn generate(size: usize) -> usize {
    let (source, config) = (spec(size), Config::default());
    let machine = check(&source, &config).machine.expect("the machine has no errors");
    backend::format::format(&backend::rust::emit(&machine, &source, &config), &source).len()
}

/// A machine of `size` states.
fn spec(size: usize) -> Source {
    let mut text = String::from("machine: Big\ncontext: { count: u32 }\ninitial: s0\nstates:\n");
    for group in 0..size / 10 {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "  s{group}:\n    entry: enter\n    exit: leave\n    initial: c0\n    on: {{ next: s{} }}\n    states:",
            (group + 1) % (size / 10)
        );
        for child in 0..9 {
            let _ = writeln!(
                text,
                "      c{child}:\n        on:\n          e{}: {{ target: c{}, guard: context.count < {size}, actions: [work, {{ assign: {{ count: context.count + 1 }} }}] }}\n          f{}: {{ target: c{}, actions: 'work' }}",
                group % 20,
                (child + 1) % 9,
                child,
                (child + 4) % 9,
            );
        }
    }
    Source::new("big.yaml", text)
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn check_only(bencher: Bencher<'_, '_>, size: usize) {
    let (source, config) = (spec(size), Config::default());
    bencher.counter(ItemsCount::new(size)).bench_local(|| check(&source, &config).machine.is_some());
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn check_and_generate(bencher: Bencher<'_, '_>, size: usize) {
    bencher.counter(ItemsCount::new(size)).bench_local(|| generate(size));
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn check_and_draw(bencher: Bencher<'_, '_>, size: usize) {
    let (source, config) = (spec(size), Config::default());
    bencher.counter(ItemsCount::new(size)).bench_local(|| {
        let machine = check(&source, &config).machine.expect("the machine has no errors");
        backend::mermaid::emit(&machine).len()
    });
}

/// What Linux says about this process; elsewhere nothing is known.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".to_owned(), |line| line.trim().to_owned())
}
