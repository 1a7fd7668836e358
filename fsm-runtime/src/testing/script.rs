//! What the handlers of a test answer.
//!
//! The generated `Scripted` is a `Script` and, for each task that an invoke runs, the [`Answers`] that it gives. All of
//! them are handles: a clone in the test changes what the machine's handlers do.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::{self, Debug, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Log;

/// How long a delay is that the script does not set.
const DELAY: Duration = Duration::from_mins(1);

/// The answers of guards, actions and delays; `E` is what actions fail with. Clones are the same script.
pub struct Script<E> {
    lines: Arc<Mutex<Lines<E>>>,
    log: Log,
}

struct Lines<E> {
    guards: BTreeSet<String>,
    failures: BTreeMap<String, VecDeque<E>>,
    delays: BTreeMap<String, Duration>,
    asked: Vec<String>,
}

impl<E> Script<E> {
    /// These guards hold from now on, by the names that the spec gives them, and no others; in the beginning none does.
    pub fn guards<'n>(&self, hold: impl IntoIterator<Item = &'n str>) {
        self.lines().guards = hold.into_iter().map(str::to_owned).collect();
    }

    /// The next call of an action fails with this; of several failures one a call.
    pub fn fail(&self, action: &str, error: E) {
        self.lines().failures.entry(action.to_owned()).or_default().push_back(error);
    }

    /// How long a delay is that the spec leaves to a method; a minute without it.
    pub fn delay(&self, name: &str, length: Duration) {
        self.lines().delays.insert(name.to_owned(), length);
    }

    /// Takes the calls of guards since the last time. They are not in the trace: how often a guard is asked is no part of
    /// what a machine means.
    #[must_use]
    pub fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut self.lines().asked)
    }

    /// Where calls of actions and tasks are written down.
    #[must_use]
    pub const fn log(&self) -> &Log {
        &self.log
    }

    /// For generated code: a guard is asked.
    #[must_use]
    pub fn ask(&self, guard: &str, arguments: &[&dyn Debug]) -> bool {
        let mut lines = self.lines();
        lines.asked.push(call(guard, arguments));
        lines.guards.contains(guard)
    }

    /// For generated code: an action, or a task, is called.
    pub fn called(&self, name: &str, arguments: &[&dyn Debug]) {
        self.log.push(call(name, arguments));
    }

    /// For generated code: whether the action that was called fails.
    ///
    /// # Errors
    /// Where the script says so.
    pub fn result(&self, action: &str) -> Result<(), E> {
        self.lines().failures.get_mut(action).and_then(VecDeque::pop_front).map_or(Ok(()), Err)
    }

    /// For generated code: how long a delay is.
    #[must_use]
    pub fn length(&self, delay: &str) -> Duration {
        self.lines().delays.get(delay).copied().unwrap_or(DELAY)
    }

    fn lines(&self) -> MutexGuard<'_, Lines<E>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E> Default for Script<E> {
    fn default() -> Self {
        let (guards, failures) = (BTreeSet::new(), BTreeMap::new());
        let lines = Lines { guards, failures, delays: BTreeMap::new(), asked: Vec::new() };
        Self { lines: Arc::new(Mutex::new(lines)), log: Log::default() }
    }
}

impl<E> Clone for Script<E> {
    fn clone(&self) -> Self {
        Self { lines: Arc::clone(&self.lines), log: self.log.clone() }
    }
}

impl<E> Debug for Script<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script").field("guards", &self.lines().guards).finish_non_exhaustive()
    }
}

/// `light_on(3, "red")`, or the bare name of what has no arguments.
fn call(name: &str, arguments: &[&dyn Debug]) -> String {
    let mut text = name.to_owned();
    for (at, argument) in arguments.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{}{argument:?}", if at == 0 { "(" } else { ", " });
    }
    if !arguments.is_empty() {
        text.push(')');
    }
    text
}

/// What the runs of one task give, one after the other. Clones are the same list.
pub struct Answers<T>(Arc<Mutex<VecDeque<T>>>);

impl<T> Answers<T> {
    /// What the next run gives that has no answer yet.
    pub fn give(&self, answer: T) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(answer);
    }

    /// For generated code: the task runs.
    ///
    /// # Panics
    /// Where no answer is left.
    #[must_use]
    pub fn take(&self, task: &str) -> T {
        let answer = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        answer.unwrap_or_else(|| panic!("the task `{task}` runs and was given no answer"))
    }
}

impl<T> Default for Answers<T> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(VecDeque::new())))
    }
}

impl<T> Clone for Answers<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Debug for Answers<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left = self.0.lock().unwrap_or_else(PoisonError::into_inner).len();
        f.debug_struct("Answers").field("left", &left).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guards_are_false_until_they_are_said_to_hold() {
        let script: Script<()> = Script::default();
        assert!(!script.ask("ready", &[]));
        script.clone().guards(["ready"]);
        assert!(script.ask("ready", &[&3, &"a"]));
        assert_eq!(script.take_asked(), ["ready", "ready(3, \"a\")"]);
    }

    #[test]
    fn an_action_fails_once_for_each_failure() {
        let script = Script::default();
        script.fail("move_arm", "stuck");
        script.called("move_arm", &[&1.5]);
        assert_eq!(
            (script.result("move_arm"), script.result("move_arm"), script.result("stop")),
            (Err("stuck"), Ok(()), Ok(()))
        );
        assert_eq!(script.log().take_trace(), ["move_arm(1.5)"]);
    }

    #[test]
    #[should_panic(expected = "the task `fetch` runs and was given no answer")]
    fn a_task_without_an_answer_is_a_mistake_of_the_test() {
        let answers = Answers::default();
        answers.give(3);
        assert_eq!(answers.take("fetch"), 3);
        let _ = answers.take("fetch");
    }
}
