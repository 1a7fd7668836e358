//! The control: bare appends.

use fsm_runtime::journal::Commit;

use super::Contender;
use crate::appends::Appends;

impl Contender for Appends {
    fn commit(&mut self, group: &[Commit]) {
        self.append(group);
    }
}
