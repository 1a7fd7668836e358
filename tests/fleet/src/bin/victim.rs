//! What is killed in the crash test: a fleet with a journal under load.
//!
//! `victim DIR SLOW FIRST…`: opens the journal in DIR, whose commits take up to SLOW microseconds longer before and after, tells
//! the state of each key, and then sends to each key the numbers from its FIRST on, some of them at a time, until it is killed. Every line on its standard output is written by one call,
//! and so is there or not: `V key last sum` what was found, `S key n` before a number is sent, `A key n` when it is
//! acknowledged, `E key n sum` when a message comes out, `R` when all is set going.
#![allow(clippy::unwrap_used, reason = "a panic is seen by the test")]

use std::env;
use std::io::{Write as _, stdout};
use std::time::Duration;

use fleet::account::{Message, event, message};
use fleet::slow::Slow;
use fleet::{Accounts, account};
use fsm_runtime::Fleet;
use fsm_runtime::journal::{Journal, MessageId};

/// How many numbers of a key are on their way at a time.
const AT_A_TIME: u64 = 4;

fn say(line: &str) {
    let mut line = line.to_owned();
    line.push('\n');
    // Fails when the other side is gone; then there is nothing to be told any more.
    let _ = stdout().lock().write_all(line.as_bytes()).and_then(|()| stdout().flush());
}

/// A number of a key is the same message whenever it is sent.
fn id(key: u64, n: u64) -> MessageId {
    MessageId(u128::from(key) << 64 | u128::from(n))
}

async fn send(fleet: Accounts, key: u64, n: u64) {
    say(&format!("S {key} {n}"));
    fleet.send_with_id(key, id(key, n), event::Add { n }).await.unwrap();
    say(&format!("A {key} {n}"));
}

async fn load(fleet: Accounts, key: u64, first: u64) {
    if key.is_multiple_of(2) {
        // Half of the machines are kept moving by a timer.
        fleet.send(key, event::Wind).await.unwrap();
    }
    let mut n = first;
    loop {
        let next = n..n + AT_A_TIME;
        let sends = next.clone().map(|n| tokio::spawn(send(fleet.clone(), key, n)));
        // Spawned one after the other on the thread of this task, they are sent in order.
        for sent in sends.collect::<Vec<_>>() {
            sent.await.unwrap();
        }
        n = next.end;
        if n % 64 < AT_A_TIME {
            // Long enough to leave memory.
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    let (journal, longest) = (Journal::open(&args[0]).unwrap(), args[1].parse().unwrap());
    let journal = if longest == 0 { journal } else { Journal::of(Slow::new(journal, longest)) };
    let firsts: Vec<u64> = args[2..].iter().map(|first| first.parse().unwrap()).collect();
    let fleet: Accounts = Fleet::builder(|_| Some(account()))
        .shards(2)
        .passivate_after(Duration::from_millis(16))
        .on_emit(|key, Message::Added(message::Added { n, sum })| say(&format!("E {key} {n} {sum}")))
        .journal(journal)
        .spawn();
    for key in 0..firsts.len() as u64 {
        let seen = fleet.inspect(key, |account| (account.context().last, account.context().sum)).await.unwrap();
        let (last, sum) = seen.unwrap_or_default();
        say(&format!("V {key} {last} {sum}"));
    }
    for (key, first) in (0..).zip(firsts) {
        tokio::spawn(load(fleet.clone(), key, first));
    }
    say("R");
    std::future::pending::<()>().await;
}
