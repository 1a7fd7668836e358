//! The words between which a key chooses, each with what it means.
//!
//! Read by the lowering, and by `crate::schema`, which offers the same words to editors.

use crate::ast::{History, Kind, Mode, Unhandled};
use crate::diag::Level;

/// Of `type:`.
pub(crate) const KINDS: &[(&str, Kind)] = &[
    ("atomic", Kind::Atomic),
    ("compound", Kind::Compound),
    ("parallel", Kind::Parallel),
    ("final", Kind::Final),
    ("history", Kind::History),
];

/// Of `history:`, beside `true` and `false`.
pub(crate) const HISTORIES: &[(&str, History)] = &[("shallow", History::Shallow), ("deep", History::Deep)];

/// Of `mode:`.
pub(crate) const MODES: &[(&str, Mode)] = &[("async", Mode::Async), ("sync", Mode::Sync)];

/// Of `unhandled:`.
pub(crate) const UNHANDLED: &[(&str, Unhandled)] = &[
    ("report", Unhandled::Report),
    ("error", Unhandled::Error),
    ("ignore", Unhandled::Ignore),
    ("defer", Unhandled::Defer),
];

/// Of each lint under `lints:`.
pub(crate) const LEVELS: &[(&str, Level)] = &[("allow", Level::Allow), ("warn", Level::Warn), ("deny", Level::Deny)];
