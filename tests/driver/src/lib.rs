//! Plays every scenario of `specs/` and of `semantics/` through the code that the build script generates from its spec.
//!
//! ```text
//! specs/NAME.yaml ──► build script ──► OUT_DIR/NAME.rs           the machine, as every user gets it
//!                                  └─► OUT_DIR/corpus.rs         glue: `Tape` as its handlers, events from JSON, a test
//! specs/NAME.scenario.yaml ──► scenario ──► play ──► report      step by step, twice: `Service`, then inherent methods
//! ```
//!
//! The machines of `semantics/` stand for the rules of SEMANTICS.md and take the same way, each in both modes.
//!
//! A spec joins by lying in `specs/` beside its scenario. Types that it names under `use:` live in this crate ([`arm`],
//! [`net`], [`shop`]).

// The generated glue names this crate by its name: it stands in the tests too.
extern crate self as driver;

pub mod arm;
pub mod coverage;
pub mod dice;
pub mod net;
pub mod play;
pub mod scenario;
pub mod shop;
pub mod subject;
pub mod tape;
pub mod world;

include!(concat!(env!("OUT_DIR"), "/corpus.rs"));

/// Transition tours of the machines of `specs/`, as `fsmc testgen` writes them.
#[cfg(test)]
mod tours;

/// The machines of SEMANTICS.md, each in both modes, and a test for each of them.
pub mod semantics {
    include!(concat!(env!("OUT_DIR"), "/semantics.rs"));
}
