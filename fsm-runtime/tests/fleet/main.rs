//! Fleets: what docs/fleet.md promises, with a generated machine on tokio's clock.
#![cfg(all(feature = "tokio", feature = "macros"))]
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod beside;
#[path = "../broken/mod.rs"]
mod broken;
mod end;
mod hard;
mod jam;
mod rig;
mod sending;
mod supervision;
mod within;

fsm_runtime::fsm!("tests/fleet/crew.yaml");
