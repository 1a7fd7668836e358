//! Diagnostics: one value for every complaint, collected by all stages, shown by several faces.
//!
//! Below every stage. A stage pushes and goes on; the driver of fsm-codegen decides where to stop. The faces
//! ([`terminal`], [`cargo`], [`json`], [`sarif`], [`tokens`]) are the only code that turns a diagnostic into text.
//! Invariant: at most [`Diagnostics::LIMIT`] are kept, whatever the input.

pub mod cargo;
mod codes;
#[cfg(feature = "explain")]
pub mod explain;
pub mod fix;
mod help;
#[cfg(feature = "json")]
pub mod json;
mod nearest;
#[cfg(feature = "json")]
pub mod sarif;
#[cfg(feature = "report")]
pub mod terminal;
pub mod tokens;
pub mod words;

pub use codes::{Code, Kind};
pub use help::{Edit, Help};
pub use nearest::{did_you_mean, nearest};

use crate::gather::Gather as _;
use crate::source::{Source, Span};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The machine is compiled all the same.
    Warning,
    /// There is no machine.
    Error,
}

impl Severity {
    /// `warning` or `error`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What a lint does, as `lints:` in a spec and `--deny` on the command line set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Says nothing.
    Allow,
    /// Warns.
    Warn,
    /// Is an error.
    Deny,
}

impl Level {
    /// `allow`, `warn` or `deny`, as a spec writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Deny => "deny",
        }
    }

    /// The severity of what a lint of this level finds.
    #[must_use]
    pub const fn severity(self) -> Option<Severity> {
        match self {
            Self::Allow => None,
            Self::Warn => Some(Severity::Warning),
            Self::Deny => Some(Severity::Error),
        }
    }
}

/// A second place that explains the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// Why it matters, a few words: `first defined here`.
    pub text: String,
}

/// One complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Diagnostic {
    /// Which kind; stable, has a page in the docs.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// One sentence without a full stop that names what is wrong.
    pub message: String,
    /// The place to underline.
    pub span: Span,
    /// Other places that belong to it.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Option<Help>,
}

impl Diagnostic {
    /// An error.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, span, message)
    }

    /// A complaint of the given severity.
    pub fn new(code: Code, severity: Severity, span: Span, message: impl Into<String>) -> Self {
        Self { code, severity, message: message.into(), span, labels: Vec::new(), help: None }
    }

    /// With a second place.
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// With advice.
    pub fn help(mut self, help: impl Into<Help>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With advice, where there is any.
    pub fn maybe_help(mut self, help: Option<impl Into<Help>>) -> Self {
        self.help = help.map(Into::into);
        self
    }

    /// The edit of `source` that mends it, where there is one right answer.
    #[must_use]
    pub fn fix(&self, source: &Source) -> Option<Edit> {
        self.help.as_ref()?.edit(source, self.span)
    }
}

/// All complaints about one spec.
#[derive(Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    dropped: usize,
    errors: usize,
}

impl Diagnostics {
    /// How many are kept; further ones are only counted.
    pub const LIMIT: usize = 1_000;

    /// Adds one; beyond [`Self::LIMIT`] it is counted only.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.errors += usize::from(diagnostic.severity == Severity::Error);
        if self.list.len() < Self::LIMIT {
            self.list.push(diagnostic);
        } else {
            self.dropped += 1;
        }
    }

    /// Adds all of `others`, as of another machine in the same file.
    pub fn extend(&mut self, others: Self) {
        let dropped: usize = others.dropped;
        // Of those that were not kept nobody knows more than how many of them are errors.
        let unkept = others.errors - others.list.iter().filter(|it| it.severity == Severity::Error).count();
        others.list.into_iter().for_each(|diagnostic| self.push(diagnostic));
        self.dropped += dropped;
        self.errors += unkept;
    }

    /// Whether a machine can come of it.
    #[must_use]
    pub const fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All that were kept, in the order of [`Self::sort`] once that was called.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// Changes those that were kept: a later stage knows advice that an earlier one could not.
    pub fn amend(&mut self, change: impl FnMut(&mut Diagnostic)) {
        self.list.iter_mut().for_each(change);
    }

    /// How many were counted but not kept.
    #[must_use]
    pub const fn dropped(&self) -> usize {
        self.dropped
    }

    /// Orders them as they stand in the source; those at one place stay in the order of their discovery. What was found
    /// twice is said once: a transition of two events is read for each of them.
    pub fn sort(&mut self) {
        self.list.sort_by_key(|diagnostic| (diagnostic.span.lo, diagnostic.span.hi));
        let mut kept: Vec<Diagnostic> = Vec::with_capacity(self.list.len());
        for diagnostic in std::mem::take(&mut self.list) {
            let mut here = kept.iter().rev().take_while(|earlier| earlier.span == diagnostic.span);
            if here.any(|earlier| *earlier == diagnostic) {
                self.errors -= usize::from(diagnostic.severity == Severity::Error);
            } else {
                kept.push(diagnostic);
            }
        }
        self.list = kept;
    }

    /// Makes every warning what `level` says (`--deny warnings`).
    pub fn turn_warnings(&mut self, level: Level) {
        match level {
            Level::Warn => {}
            Level::Deny => {
                self.list.iter_mut().for_each(|diagnostic| diagnostic.severity = Severity::Error);
                self.errors = self.list.len() + self.dropped;
            }
            Level::Allow => {
                self.list.retain(|diagnostic| diagnostic.severity == Severity::Error);
                self.dropped = self.errors - self.list.len();
            }
        }
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// A name as messages show it: control characters escaped, at most 60 characters.
#[must_use]
pub fn shown(name: &str) -> String {
    const LONGEST: usize = 60;
    let mut text: String = name.chars().take(LONGEST).flat_map(char::escape_debug).gather();
    if name.chars().nth(LONGEST).is_some() {
        text.push('…');
    }
    text.replace("\\\"", "\"").replace("\\'", "'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_kept_is_bounded() {
        let mut diagnostics = Diagnostics::default();
        for _ in 0..Diagnostics::LIMIT + 5 {
            diagnostics.push(Diagnostic::error(Code::UnknownKey, Span::default(), "x"));
        }
        assert_eq!(
            (diagnostics.iter().len(), diagnostics.dropped(), diagnostics.has_errors()),
            (Diagnostics::LIMIT, 5, true)
        );
    }
}
