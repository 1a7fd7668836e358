//! What generated state machines run on.
//!
//! [`core`] is what generated code names: `no_std`, without allocation. Everything above it stands behind a feature:
//! `tokio` (mailbox, dispatcher, handle) and `macros` (`fsm!`). Nothing here knows the compiler.
#![cfg_attr(not(feature = "tokio"), no_std)]

pub mod core;

pub use crate::core::{Definition, Driver, Error, Machine, Outcome, Service, Status};
