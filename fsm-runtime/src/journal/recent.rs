//! The last steps that were committed, to notice that two of one process run the same machine.
//!
//! A table of fixed size, by the hash of the key: it forgets, so it finds what happens at about the same time, at the cost
//! of one hash a commit. Other processes are kept away by the lock on the directory.

use std::hash::{BuildHasher, RandomState};

use super::{Commit, StoreError};

const PLACES: usize = 1 << 14;

#[derive(Debug)]
pub(super) struct Recent {
    hasher: RandomState,
    /// The hash of a key and the number of its last step; 0 where there is none.
    places: Vec<(u64, u64)>,
}

impl Recent {
    pub(super) fn new() -> Self {
        Self { hasher: RandomState::new(), places: vec![(0, 0); PLACES] }
    }

    /// Notes the steps of a batch, or finds one that does not follow the one that is known.
    pub(super) fn follow(&mut self, batch: &[Commit]) -> Result<(), StoreError> {
        match batch.iter().find(|commit| !self.note(commit)) {
            None => Ok(()),
            Some(Commit { key, sequence, .. }) => {
                // Steps were noted that are not made.
                self.forget();
                Err(StoreError::Stale { key: key.clone(), sequence: *sequence })
            }
        }
    }

    pub(super) fn forget(&mut self) {
        self.places.fill((0, 0));
    }

    fn note(&mut self, commit: &Commit) -> bool {
        let hash = self.hasher.hash_one(&commit.key);
        // The remainder is less than a usize.
        let place = &mut self.places[usize::try_from(hash % PLACES as u64).unwrap_or_default()];
        let known = std::mem::replace(place, (hash, commit.sequence));
        known.0 != hash || known.1 == 0 || known.1.checked_add(1) == Some(commit.sequence)
    }
}
