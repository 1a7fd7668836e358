//! The same machine behind several mailboxes.
//!
//! [`light`] is the machine, generated, of three states and with events of 16 bytes. [`peer`] says what a way to bring events
//! to it has to offer, [`peers`] has the ways: fsm-runtime, hand-written actors on channels, and actor frameworks, each used
//! as its documentation recommends. `speed` and `memory` run them beside each other.

pub mod light;
pub mod peer;
pub mod peers;
