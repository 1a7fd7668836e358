//! Commits to fill a store with.

use fsm_runtime::journal::{Commit, MessageId, Millis};

/// A commit of that machine's step, with an id and a state that say which it is.
pub(crate) fn commit(key: &str, sequence: u64) -> Commit {
    Commit {
        key: key.into(),
        sequence,
        message: Some(MessageId::of(format!("{key} {sequence}").as_bytes())),
        at: Millis(1_000 + sequence),
        event: format!("event {sequence}").into(),
        state: format!("{key} after {sequence}").into(),
        ..Commit::default()
    }
}
