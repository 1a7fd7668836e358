//! Delays: written out, or by name.
//!
//! Needs nothing. After this point every named delay has an id: those of `delays:`, or without that block whatever
//! is named, each given by a method of the handlers.

use std::collections::HashMap;

use crate::ast;
use crate::diag::words::Declared;
use crate::diag::{Code, Diagnostic, shown};
use crate::ir::{Delay, DelayId, IndexVec, Name, Wait};

use super::report::Report;

/// The named delays of a machine.
#[derive(Clone)]
pub(super) struct Delays {
    /// Declared ones first, then in the order of their first use.
    pub(super) list: IndexVec<DelayId, Delay>,
    closed: bool,
    by_name: HashMap<String, DelayId>,
}

impl Delays {
    /// The delays that `delays:` declares.
    pub(super) fn collect(machine: &ast::Machine, report: &Report<'_>) -> Self {
        let closed = report.is_closed(machine.delays.as_deref());
        let mut delays = Self { list: IndexVec::default(), closed, by_name: HashMap::new() };
        for delay in machine.delays.iter().flatten() {
            let duration = delay.duration.as_ref().map(|duration| duration.value);
            delays.add(Delay { name: delay.name.clone(), duration, declared: true });
        }
        delays
    }

    fn add(&mut self, delay: Delay) -> DelayId {
        let name = delay.name.value.clone();
        *self.by_name.entry(name).or_insert_with(|| self.list.push(delay))
    }

    /// The delay as written; reported where its name is not declared.
    pub(super) fn wait(&mut self, delay: &ast::Delay, report: &mut Report<'_>) -> Option<Wait> {
        let name = match delay {
            ast::Delay::Duration(duration) => return Some(Wait::Fixed(duration.value)),
            ast::Delay::Name(name) => name,
        };
        if self.closed && !self.by_name.contains_key(&name.value) {
            self.report_unknown(name, report);
            return None;
        }
        Some(Wait::Named(self.add(Delay { name: name.clone(), duration: None, declared: false })))
    }

    fn report_unknown(&self, name: &Name, report: &mut Report<'_>) {
        let known = self.list.iter().map(|delay| delay.name.value.as_str());
        let help = report
            .nearest(&name.value, known)
            .unwrap_or_else(|| format!("declare it: {}", report.words().declare(Declared::Delay, &name.value)).into());
        let message = format!("there is no delay `{}`", shown(&name.value));
        report.push(Diagnostic::error(Code::UnknownName, name.span, message).help(help));
    }
}
