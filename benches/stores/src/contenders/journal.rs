//! The journal's embedded store.

use std::path::Path;

use fsm_runtime::journal::{Commit, Journal, Store};

use super::Contender;

pub struct Own {
    store: Box<dyn Store>,
    positions: Vec<u64>,
}

impl Own {
    pub fn open(dir: &Path) -> Self {
        let store = Journal::open(dir).expect("an empty directory").into_store();
        Self { store, positions: Vec::new() }
    }
}

impl Contender for Own {
    fn commit(&mut self, group: &[Commit]) {
        if !self.positions.is_empty() {
            self.store.delivered(&self.positions).expect("a confirmation");
        }
        self.positions = self.store.commit(group).expect("a commit");
    }
}
