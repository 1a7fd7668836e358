//! Plays every scenario of `specs/` through the code that the build script generates from its spec.
//!
//! ```text
//! specs/NAME.yaml ──► build script ──► OUT_DIR/NAME.rs           the machine, as every user gets it
//!                                  └─► OUT_DIR/corpus.rs         glue: `Tape` as its handlers, events from JSON, a test
//! specs/NAME.scenario.yaml ──► scenario ──► play ──► report      step by step, twice: `Service`, then inherent methods
//! ```
//!
//! A spec joins by lying in `specs/` beside its scenario. Types that it names under `use:` live in this crate ([`arm`],
//! [`shop`]).

pub mod arm;
pub mod coverage;
pub mod play;
pub mod scenario;
pub mod shop;
pub mod subject;
pub mod tape;

include!(concat!(env!("OUT_DIR"), "/corpus.rs"));
