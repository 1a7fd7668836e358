//! Two versions of a machine: what changed between them, and whether what was stored by the old one fits the new one.
//!
//! Beside the back-ends: reads two finished [`Machine`]s, cannot fail. [`Diff`] is one value; [`text`] and [`json`] are
//! its faces. Each [`Change`] says itself whom it concerns: snapshots of the old machine, or messages (events on the
//! wire) that were meant for it. The verdicts are nothing but the sum of that. What *fits* can be read as the new
//! machine's own, and means the same there; how the machine goes on from it is up to the new spec. Both are judged in
//! the form that serde's derived traits give in a format that describes itself, such as JSON. Whenever that cannot be
//! told, the answer is that it does not fit.
//!
//! Invariants: equal machines have no changes; the order is that of the specs, so the text is the same every time.

mod behaviour;
mod fields;
#[cfg(feature = "json")]
pub mod json;
mod machine;
mod origin;
mod states;
pub mod text;
mod wire;

use fsm_rust::hash;

use crate::ir::Machine;

/// What is different.
#[derive(Debug, Clone)]
pub struct Diff {
    /// The machine before.
    pub old: Identity,
    /// The machine after.
    pub new: Identity,
    /// All changes, grouped, each group in the order of the specs.
    pub changes: Vec<Change>,
}

/// By what a snapshot knows its machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// As the spec spells it.
    pub machine: String,
    /// The spec's own version, where it has one.
    pub version: Option<String>,
    /// The hash of what it is made of.
    pub hash: u64,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Of what.
    pub group: Group,
    /// In which direction.
    pub sign: Sign,
    /// What is there now, or was; of what changed, both.
    pub what: String,
    /// What it was called before, as a guess.
    pub origin: Option<String>,
    /// What there is to know about it.
    pub note: Option<String>,
    /// Why old snapshots do not fit any more.
    pub snapshots: Option<String>,
    /// Why old messages do not fit any more.
    pub messages: Option<String>,
}

/// What a [`Change`] is about, in the order in which they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// The machine as a whole.
    Machine,
    /// The extended state.
    Context,
    /// States, regions and history states.
    States,
    /// What states hold.
    Data,
    /// Transitions of states that both machines have.
    Transitions,
    /// `after` and `every`.
    Timers,
    /// What runs beside the machine.
    Invokes,
    /// Events and their payloads.
    Events,
    /// Messages to the outside.
    Emits,
}

/// The direction of a [`Change`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is another one.
    Changed,
}

/// Whether what was stored fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It does, and the new machine takes it as its own.
    Same,
    /// It does, but it bears the mark of another version.
    Fits,
    /// It does not, for so many reasons.
    Broken(usize),
}

impl Diff {
    /// The difference between two versions of a machine.
    #[must_use]
    pub fn new(old: &Machine, new: &Machine) -> Self {
        let mut changes = Vec::new();
        machine::compare(old, new, &mut changes);
        states::compare(old, new, &mut changes);
        behaviour::compare(old, new, &mut changes);
        wire::compare(old, new, &mut changes);
        // Stable: within a group the order is that of the specs.
        changes.sort_by_key(|change: &Change| change.group);
        Self { old: Identity::of(old), new: Identity::of(new), changes }
    }

    /// Whether snapshots of the old machine fit.
    #[must_use]
    pub fn snapshots(&self) -> Verdict {
        let reasons = self.changes.iter().filter(|change| change.snapshots.is_some()).count();
        let same = self.old.version == self.new.version && self.old.hash == self.new.hash;
        match (reasons, same) {
            (0, true) => Verdict::Same,
            (0, false) => Verdict::Fits,
            (reasons, _) => Verdict::Broken(reasons),
        }
    }

    /// Whether events that were written for the old machine fit.
    #[must_use]
    pub fn messages(&self) -> Verdict {
        match self.changes.iter().filter(|change| change.messages.is_some()).count() {
            0 => Verdict::Same,
            reasons => Verdict::Broken(reasons),
        }
    }

    /// Whether nothing that was stored is lost.
    #[must_use]
    pub fn fits(&self) -> bool {
        let is_broken = |verdict| matches!(verdict, Verdict::Broken(_));
        !is_broken(self.snapshots()) && !is_broken(self.messages())
    }
}

impl Identity {
    fn of(machine: &Machine) -> Self {
        Self { machine: machine.name.value.clone(), version: machine.version.clone(), hash: hash(machine) }
    }
}

impl Change {
    fn new(group: Group, sign: Sign, what: impl Into<String>) -> Self {
        Self { group, sign, what: what.into(), origin: None, note: None, snapshots: None, messages: None }
    }

    fn note(self, note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), ..self }
    }

    fn snapshots(self, why: impl Into<String>) -> Self {
        Self { snapshots: Some(why.into()), ..self }
    }

    fn messages(self, why: impl Into<String>) -> Self {
        Self { messages: Some(why.into()), ..self }
    }
}

impl Group {
    /// As a heading, and for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::Context => "context",
            Self::States => "states",
            Self::Data => "data",
            Self::Transitions => "transitions",
            Self::Timers => "timers",
            Self::Invokes => "invokes",
            Self::Events => "events",
            Self::Emits => "emits",
        }
    }
}

impl Sign {
    /// As a character in front of a line.
    #[must_use]
    pub const fn symbol(self) -> char {
        match self {
            Self::Added => '+',
            Self::Removed => '-',
            Self::Changed => '~',
        }
    }

    /// As a word, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}
