//! The journal's stores: what each of them has to keep, and real files that are torn, damaged, locked or full.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod contract;
mod files;
mod model;
#[cfg(unix)]
mod process;
mod scratch;
mod step;

use fsm_runtime::journal::{Memory, Store};

use contract::Held;
use scratch::Scratch;

contract::on!(memory, embedded);

fn memory() -> (Box<dyn Store>, Held) {
    (Box::new(Memory::new()), Box::new(()))
}

fn embedded() -> (Box<dyn Store>, Held) {
    let scratch = Scratch::new();
    (scratch.store(), Box::new(scratch))
}
