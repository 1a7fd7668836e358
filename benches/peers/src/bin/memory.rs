//! What a machine takes that has nothing to do, as a table in Markdown.
//!
//! `cargo run --release --bin memory`, `MACHINES=10000 …` for fewer. Each contender has a process of its own, of one thread,
//! with so many machines in tasks (or actors) of their own, each with a sender: bytes by an allocator that counts, when they
//! are started and once each has handled an event; and the memory that the process has then, by the kernel. Mailboxes are of 8 events
//! where they are bounded.

use std::any::Any;
use std::process::Command;
use std::{env, fs};

use actix::System;
use allocation_counter::measure;
use peers::peer::Peer;
use peers::peers::{Actix, CONTENDERS, Flume, Fsm, Kameo, Mpsc, Ractor};
use tokio::runtime::{Builder, Runtime};

const CAPACITY: usize = 8;

/// Bytes a machine.
struct Figures {
    started: i64,
    after: i64,
    resident: i64,
}

fn main() {
    let machines: usize =
        env::var("MACHINES").ok().and_then(|machines| machines.parse().ok()).unwrap_or(100_000).max(1);
    if let Some(name) = env::args().nth(1) {
        let Figures { started, after, resident } = look(&name, machines);
        println!("{started} {after} {resident}");
        return;
    }
    println!("Bytes for each of {machines} machines that are idle.\n");
    println!("| | started | after an event | resident |\n|---|--:|--:|--:|");
    // The third is the second, as far as memory goes.
    for contender in CONTENDERS.iter().enumerate().filter(|contender| contender.0 != 2).map(|contender| contender.1) {
        let own = env::current_exe().expect("a path");
        let output = Command::new(own).arg(contender.name).output().expect("it runs again");
        let text = String::from_utf8(output.stdout).expect("numbers");
        let cells: Vec<_> = text.split_whitespace().collect();
        println!("| {} | {} |", contender.name, cells.join(" | "));
    }
}

fn look(name: &str, machines: usize) -> Figures {
    match name {
        "fsm-runtime" => tasks::<Fsm>(machines),
        "flume" => tasks::<Flume>(machines),
        "ractor" => tasks::<Ractor>(machines),
        "kameo" => tasks::<Kameo>(machines),
        "actix" => actors(machines),
        _ => tasks::<Mpsc>(machines),
    }
}

fn tasks<P: Peer>(machines: usize) -> Figures {
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
    let mut all = Vec::with_capacity(machines);
    figures(
        machines,
        &mut all,
        |all| {
            runtime.block_on(async {
                for _ in 0..machines {
                    all.push(P::spawn(CAPACITY).await);
                }
            });
            settle(&runtime);
        },
        |all| {
            runtime.block_on(async {
                for (sender, _) in all {
                    P::tell(sender, 1).await;
                }
            });
            settle(&runtime);
        },
    )
}

/// Lets all tasks run until they wait.
fn settle(runtime: &Runtime) {
    runtime.block_on(async {
        for _ in 0..10_000 {
            tokio::task::yield_now().await;
        }
    });
}

fn actors(machines: usize) -> Figures {
    let system = System::new();
    let settle = || {
        system.block_on(async {
            for _ in 0..10_000 {
                tokio::task::yield_now().await;
            }
        });
    };
    let mut all = Vec::with_capacity(machines);
    figures(
        machines,
        &mut all,
        |all| {
            system.block_on(async {
                for _ in 0..machines {
                    all.push(Actix::spawn(CAPACITY));
                }
            });
            settle();
        },
        |all| {
            system.block_on(async {
                for address in all {
                    Actix::send(address, 1);
                }
            });
            settle();
        },
    )
}

fn figures<T: Any>(
    machines: usize,
    all: &mut Vec<T>,
    spawn: impl FnOnce(&mut Vec<T>),
    use_each: impl FnOnce(&mut Vec<T>),
) -> Figures {
    let each = |bytes: i64| bytes / i64::try_from(machines).unwrap_or(i64::MAX);
    // Senders are part of it: the vector was made before.
    let senders = i64::try_from(size_of::<T>() * machines).unwrap_or(0);
    let before = resident();
    let started = measure(|| spawn(all)).bytes_current + senders;
    let after = started + measure(|| use_each(all)).bytes_current;
    Figures { started: each(started), after: each(after), resident: each(resident() - before) }
}

/// By the kernel, in bytes.
fn resident() -> i64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux's /proc");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line for it");
    let kilobytes: i64 = line.trim().trim_end_matches("kB").trim().parse().expect("a number");
    kilobytes * 1024
}
