//! A kit for tests of machines: a clock that is moved by hand, handlers that follow a script, traces to compare.
//!
//! ```text
//! Scripted (generated) ──► Script   what guards answer, which actions fail, how long delays are
//!                            │
//!                            ▼
//! Testbed ───────────────► Log      what was called and taken, line by line ──► assert_trace!
//!    └► World: manual clock, invokes under way, a coverage recorder
//! ```
//!
//! The compiler generates `testing::Scripted` beside a machine where it is asked to
//! (`fsm_codegen::configure().testing(true)`, `fsmc compile --testing`); it records every call and answers by its
//! [`Script`]. A [`Testbed`] drives the machine without executor and without time: what is awaited has to be ready, as
//! what `Scripted` gives is. `fsmc testgen` writes tests of this form.

mod diff;
mod log;
mod script;
mod testbed;
mod world;

pub use diff::assert_same;
pub use log::Log;
/// For generated code, and for tests that want the same version.
#[cfg(feature = "proptest")]
pub use proptest;
pub use script::{Answers, Script};
pub use testbed::Testbed;

/// Compares what a [`Testbed`](crate::testing::Testbed) or a [`Log`](crate::testing::Log) has written down since it was last
/// asked with a list of lines, and panics with the difference.
///
/// ```
/// # let log = fsm_runtime::testing::Log::default();
/// log.push("Closed --Open--> Opened");
/// log.push("light_on(3)");
/// fsm_runtime::assert_trace!(log, ["Closed --Open--> Opened", "light_on(3)"]);
/// fsm_runtime::assert_trace!(log, []);
/// ```
#[macro_export]
macro_rules! assert_trace {
    ($traced:expr, [$($line:expr),* $(,)?] $(,)?) => {{
        let expected: &[&str] = &[$(::core::convert::AsRef::<str>::as_ref(&$line)),*];
        $crate::testing::assert_same(&$traced.take_trace(), expected);
    }};
}
