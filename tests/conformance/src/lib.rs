//! SCION's suite of SCXML tests, as data that every driver plays.
//!
//! [`suite`] reads the tests that `setup.sh` installed, [`others`] lists those that cannot be imported, each with its
//! reason, [`cases`] gives each test its machine, and [`play`] compares a machine, however it is run, with what a test expects: the whole configuration after
//! each event. A driver is a [`play::Player`]: a machine, its start, its events and a virtual clock.

pub mod cases;
pub mod others;
pub mod play;
pub mod suite;
