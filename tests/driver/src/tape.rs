//! The handlers of every machine of the corpus: a tape that records actions and plays back answers.
//!
//! The generated glue implements each machine's `Actions` for [`Tape`]; every method is one call of what is here.
//! Complaints (a guard that the scenario does not answer) are collected, not panicked: the player knows the step.

use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use fsm_runtime::core::Error;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What a delay is that the handlers have to give.
pub const DELAY: Duration = Duration::from_mins(1);

/// An action, or a task of an invoke, that the scenario lets fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// Its name as the spec spells it.
    pub action: &'static str,
}

/// What is recorded, and played back, during one step.
#[derive(Debug, Clone, Default)]
pub struct Tape {
    actions: Vec<&'static str>,
    guards: BTreeMap<String, bool>,
    fail: BTreeSet<String>,
    unhandled: usize,
    failures: usize,
    errors: usize,
    /// What the task that runs now gives; `None` lets it fail.
    answer: Option<Value>,
    complaints: Arc<Mutex<Vec<String>>>,
}

/// What a step left on a [`Tape`].
#[derive(Debug)]
pub struct Recording {
    /// The user's actions in the order in which they ran.
    pub actions: Vec<&'static str>,
    /// How often `on_unhandled` was called.
    pub unhandled: usize,
    /// How often `on_error` was called with the error of an action.
    pub failures: usize,
    /// How often `on_error` was called with an error of the machine itself.
    pub errors: usize,
    /// What the scenario lacks.
    pub complaints: Vec<String>,
}

impl Tape {
    /// A tape for one step: the answers of guards, and the actions that fail.
    #[must_use]
    pub fn new(guards: BTreeMap<String, bool>, fail: BTreeSet<String>) -> Self {
        Self { guards, fail, ..Self::default() }
    }

    /// Whether nothing but guards was called so far.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.actions.is_empty() && self.unhandled + self.failures + self.errors == 0
    }

    /// What was recorded.
    #[must_use]
    pub fn finish(self) -> Recording {
        Recording {
            actions: self.actions,
            unhandled: self.unhandled,
            failures: self.failures,
            errors: self.errors,
            complaints: std::mem::take(&mut *self.complaints.lock().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    /// An action of a machine whose actions await: the machine is suspended once before it runs.
    ///
    /// # Errors
    /// Where the scenario says so.
    pub async fn act<E: From<Failure>>(&mut self, action: &'static str) -> Result<(), E> {
        suspend().await;
        self.act_now(action)
    }

    /// An action of a machine of `mode: sync`.
    ///
    /// # Errors
    /// Where the scenario says so.
    pub fn act_now<E: From<Failure>>(&mut self, action: &'static str) -> Result<(), E> {
        self.actions.push(action);
        if self.fail.contains(action) { Err(Failure { action }.into()) } else { Ok(()) }
    }

    /// What the next task gives; `None` lets it fail.
    pub fn set_answer(&mut self, answer: Option<Value>) {
        self.answer = answer;
    }

    /// A task, run for an invoke.
    ///
    /// # Errors
    /// Where the scenario says so.
    ///
    /// # Panics
    /// If what the scenario gives is not of the task's type.
    pub fn task<T: DeserializeOwned, E: From<Failure>>(self, task: &'static str) -> Result<T, E> {
        let answer = self.answer.ok_or(Failure { action: task })?;
        Ok(serde_json::from_value(answer).unwrap_or_else(|error| panic!("what `{task}` gives: {error}")))
    }

    /// A task of a machine without `error:`.
    ///
    /// # Panics
    /// If the scenario lets it fail, or gives what is not of its type.
    #[must_use]
    pub fn infallible_task<T: DeserializeOwned>(self, task: &'static str) -> T {
        let result: Result<T, Failure> = self.task(task);
        result.unwrap_or_else(|_| panic!("`{task}` cannot fail, the spec has no `error:`"))
    }

    /// Takes the result of an action of a machine without `error:`.
    pub fn infallible(&self, result: Result<(), Failure>) {
        if let Err(failure) = result {
            self.complain(format!("`{}` cannot fail, the spec has no `error:`", failure.action));
        }
    }

    /// A guard's answer: by its name, or by a call of it as the spec writes it.
    #[must_use]
    pub fn ask(&self, guard: &'static str, calls: &[&'static str]) -> bool {
        let mut given = calls.iter().chain([&guard]).filter_map(|key| self.guards.get(*key));
        match (given.next(), given.next()) {
            (Some(answer), None) => *answer,
            (None, _) => {
                self.complain(format!("the guard `{guard}` was asked and not given"));
                false
            }
            (Some(answer), Some(_)) => {
                self.complain(format!("the guard `{guard}` was given twice: handlers cannot tell its calls apart"));
                *answer
            }
        }
    }

    /// The hook of unhandled events.
    pub fn unhandled(&mut self) {
        self.unhandled += 1;
    }

    /// The hook of errors: of failed actions, and of the machine's own.
    pub fn error<E>(&mut self, error: &Error<E>) {
        match error {
            Error::Action(_) => self.failures += 1,
            _ => self.errors += 1,
        }
    }

    fn complain(&self, complaint: String) {
        self.complaints.lock().unwrap_or_else(PoisonError::into_inner).push(complaint);
    }
}

/// Comes back at the second poll.
async fn suspend() {
    let mut polled = false;
    poll_fn(|context| {
        if polled {
            return Poll::Ready(());
        }
        polled = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tape(guards: &[(&str, bool)]) -> Tape {
        Tape::new(guards.iter().map(|(name, answer)| ((*name).to_owned(), *answer)).collect(), BTreeSet::new())
    }

    #[test]
    fn a_guard_is_answered_by_its_name_or_by_its_call() {
        assert!(tape(&[("ready", true)]).ask("ready", &["ready(event.job)"]));
        assert!(tape(&[("ready(event.job)", true)]).ask("ready", &["ready(event.job)", "ready(context.job)"]));
        assert!(!tape(&[("ready", false)]).ask("ready", &[]));
    }

    #[test]
    fn a_guard_that_is_not_given_is_named() {
        let tape = tape(&[("steady", true)]);
        assert!(!tape.ask("ready", &[]));
        assert_eq!(tape.finish().complaints, ["the guard `ready` was asked and not given"]);
    }
}
