//! The journal's stores: what each of them has to keep, and real files that are torn, damaged, locked or full.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod contract;
mod files;
mod model;
#[cfg(unix)]
mod process;
mod scratch;
