//! The core: the types and traits that generated code names. `no_std`, no allocation, no clock, no executor.
//!
//! A generated module implements [`Machine`] for its plain data and [`Service`] for the pair of data and handlers; a
//! step tells a [`Driver`] what the world has to do. [`Alarms`] is one for programs without a runtime. Rule numbers
//! refer to SEMANTICS.md.

mod alarms;
mod definition;
mod driver;
mod found;
mod machine;
mod outcome;
mod retry;
mod ring;
mod run;
mod snapshot;
#[cfg(feature = "serde")]
pub mod wire;

pub use alarms::{Alarm, Alarms, Clock, NoRoom};
pub use definition::{Definition, EventInfo, InvokeInfo, StateInfo, StateKind, TimerInfo, TransitionInfo, Trigger};
pub use driver::{Driver, Dropped};
pub use found::{Extent, Fate, Found};
pub use machine::{Done, Failed, Machine, Never, Overflow, Persist, Service, Status, StepResult};
pub use outcome::{Cycle, Error, Outcome, Token};
pub use retry::Retry;
pub use ring::Ring;
pub use run::{Aside, Leaves, Run, Slot};
#[cfg(feature = "serde")]
pub use snapshot::Stored;
pub use snapshot::{Known, Mark, MigrateError, RestoreError, Snapshot, Version};
