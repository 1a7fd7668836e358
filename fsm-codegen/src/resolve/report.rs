//! Where the passes put their complaints, what names stand for, and where they ask for the nearest name.
//!
//! A wrapper of [`Diagnostics`] that every pass of `resolve` shares. Invariant: however many names are misspelt, the
//! search for nearest names does a bounded amount of work.

use std::collections::HashSet;

use crate::diag::{self, Code, Diagnostic, Diagnostics, Help};
use crate::frontend::expr::classify::ARGUMENT;
use crate::ir::{References, Referent};
use crate::source::{Notation, Span};

/// How many comparisons of two names one spec may cost in all; beyond it messages come without advice.
const COMPARISONS: usize = 200_000;

/// The complaints of `resolve`.
pub(super) struct Report<'d> {
    diagnostics: &'d mut Diagnostics,
    comparisons: usize,
    words: Notation,
    /// Whether the front-end left out what it could not read.
    partial: bool,
    /// What the names that were found stand for.
    references: References,
    /// What was said since one thing began to be looked at several times.
    said: Option<HashSet<(Code, Span, String)>>,
}

impl<'d> Report<'d> {
    /// Complaints that go to `diagnostics`, about a machine in this notation.
    pub(super) fn new(diagnostics: &'d mut Diagnostics, words: Notation) -> Self {
        let partial = diagnostics.has_errors();
        Self { diagnostics, comparisons: COMPARISONS, words, partial, references: References::default(), said: None }
    }

    /// The phrases of the notation.
    pub(super) const fn words(&self) -> Notation {
        self.words
    }

    /// Whether anything is wrong so far, here or in the front-end.
    pub(super) fn has_errors(&self) -> bool {
        self.diagnostics.has_errors()
    }

    /// Whether the front-end had complaints, so that what seems to be missing may only have been unreadable.
    pub(super) const fn is_partial(&self) -> bool {
        self.partial
    }

    /// Whether a block of declarations is written, so that no other names exist.
    ///
    /// One that the front-end could not read comes out empty; to miss every name in it would be noise.
    pub(super) fn is_closed<T>(&self, block: Option<&[T]>) -> bool {
        block.is_some_and(|block| !block.is_empty() || !self.has_errors())
    }

    /// Adds a complaint.
    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        if let Some(said) = &mut self.said
            && !said.insert((diagnostic.code, diagnostic.span, diagnostic.message.clone()))
        {
            return;
        }
        self.diagnostics.push(diagnostic);
    }

    /// From here on one thing is looked at several times: what is said twice is kept once, until [`Self::look_once`].
    pub(super) fn look_often(&mut self) {
        self.said = Some(HashSet::new());
    }

    /// Ends [`Self::look_often`].
    pub(super) fn look_once(&mut self) {
        self.said = None;
    }

    /// Adds an error that needs neither help nor labels.
    pub(super) fn error(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.push(Diagnostic::error(code, span, message));
    }

    /// Adds `advice`, given the place, to what the front-end said about arguments inside of `call`; whether it said
    /// anything, so that arguments are missing.
    pub(super) fn advise(&mut self, call: Span, advice: impl Fn(Span) -> Option<Help>) -> bool {
        if !self.partial {
            return false;
        }
        let mut found = false;
        self.diagnostics.amend(|it| {
            if it.code == Code::InvalidArgument && call.lo <= it.span.lo && it.span.hi <= call.hi {
                found = true;
                let general = it.help.as_ref().is_some_and(|help| help.text == ARGUMENT);
                if let Some(help) = advice(it.span).filter(|_| general) {
                    it.help = Some(help);
                }
            }
        });
        found
    }

    /// Notes what a name stands for.
    pub(super) fn refer(&mut self, place: Span, referent: Referent) {
        self.references.push(place, referent);
    }

    /// What all names stand for.
    pub(super) fn take_references(&mut self) -> References {
        std::mem::take(&mut self.references)
    }

    /// How many comparisons are left.
    pub(super) const fn comparisons(&self) -> usize {
        self.comparisons
    }

    /// Help that names the nearest of `candidates`, if one is near.
    pub(super) fn nearest<'n>(&mut self, name: &str, candidates: impl IntoIterator<Item = &'n str>) -> Option<Help> {
        let mut asked = 0;
        let candidates = candidates.into_iter().take(self.comparisons).inspect(|_| asked += 1);
        let help = diag::did_you_mean(name, candidates);
        self.comparisons -= asked;
        help
    }
}
