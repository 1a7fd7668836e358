//! Fleets with a journal: what docs/fleet.md promises of them.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod acknowledged;
mod bounded;
mod brought_back;
mod counted;
mod failing;
mod rig;
mod within;
