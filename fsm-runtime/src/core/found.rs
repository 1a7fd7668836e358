//! The transitions that one event sets off, as selection finds them.
//!
//! Named by the generated code of machines that can take more than one transition a step. Without regions selection
//! ends in a single transition; with them in a [`Found`].

/// What a state machine offered an event to, and what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// A transition was taken.
    Taken,
    /// There are transitions, and every guard was false.
    Rejected,
    /// No active state has a transition for it.
    Unhandled,
    /// A state wants it to wait.
    Deferred,
}

/// The states that a transition touches, as intervals of document order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// The transition, an index into [`Definition::transitions`](super::Definition::transitions).
    pub index: u32,
    /// From the first state that it may leave to one past the last; empty where it leaves none.
    pub exits: (u32, u32),
    /// From its source to one past the source's last descendant.
    pub source: (u32, u32),
}

impl Extent {
    /// Whether both leave the same state.
    const fn conflicts(&self, other: &Self) -> bool {
        self.exits.0 < other.exits.1 && other.exits.0 < self.exits.1
    }

    /// Whether its source lies strictly below that of `other`.
    const fn is_below(&self, other: &Self) -> bool {
        other.source.0 < self.source.0 && self.source.1 <= other.source.1
    }
}

/// The transitions that one event sets off in the regions of a machine, in the order in which they were selected.
///
/// Adding one is SCXML's `removeConflictingTransitions` (Appendix D), a transition at a time.
#[derive(Debug, Clone, Copy)]
pub struct Found<T, const N: usize> {
    list: [Option<(T, &'static Extent)>; N],
    len: usize,
    /// Whether there is a transition whose guard was false.
    pub rejected: bool,
    deferred: bool,
    answers: usize,
}

impl<T: Copy, const N: usize> Found<T, N> {
    /// None yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { list: [None; N], len: 0, rejected: false, deferred: false, answers: 0 }
    }

    /// Adds a transition, unless it is there already or one before it takes its place. More than `N`, the number of
    /// leaves that can be active, are never found.
    pub fn add(&mut self, transition: T, extent: &'static Extent) {
        self.answers += 1;
        let meets = |other: &Extent| other.index == extent.index || other.conflicts(extent);
        if self.list[..self.len].iter().flatten().any(|(_, other)| meets(other)) {
            self.displace(transition, extent);
        } else if let Some(place) = self.list.get_mut(self.len) {
            *place = Some((transition, extent));
            self.len += 1;
        }
    }

    /// Adds a transition in the place of those that it takes precedence over, unless there is another one.
    #[cold]
    fn displace(&mut self, transition: T, extent: &'static Extent) {
        let mut kept = 0;
        let mut removed = [false; N];
        for (at, (_, other)) in self.iter().enumerate() {
            if other.index == extent.index {
                return;
            }
            if other.conflicts(extent) {
                if !extent.is_below(other) {
                    return;
                }
                removed[at] = true;
            }
        }
        for (at, removed) in removed.iter().enumerate().take(self.len) {
            if !removed {
                self.list[kept] = self.list[at];
                kept += 1;
            }
        }
        if kept < N {
            self.list[kept] = Some((transition, extent));
            kept += 1;
        }
        self.len = kept;
    }

    /// A state wants the event to wait.
    pub const fn defer(&mut self) {
        self.deferred = true;
        self.answers += 1;
    }

    /// How many states have answered so far, by a transition, whatever took its place, or by wanting the event to wait:
    /// what lies around those is not asked.
    #[must_use]
    pub const fn answers(&self) -> usize {
        self.answers
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All of them, each with its extent.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (T, &'static Extent)> {
        self.list[..self.len].iter().copied().flatten()
    }

    /// The transition at that place.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<T> {
        self.list.get(at).copied().flatten().map(|(transition, _)| transition)
    }

    /// What the next transition behind the one at `at` leaves and enters; empty where there is none. Transitions that
    /// leave anything stand in document order, and what they leave does not overlap.
    #[must_use]
    pub fn rest(&self, at: usize) -> (u32, u32) {
        let exits = self.iter().skip(at + 1).map(|(_, extent)| extent.exits);
        { exits }.find(|exits| exits.0 < exits.1).unwrap_or_default()
    }

    /// What becomes of the event.
    #[must_use]
    pub const fn fate(&self) -> Fate {
        match (self.is_empty(), self.deferred, self.rejected) {
            (false, ..) => Fate::Taken,
            (_, true, _) => Fate::Deferred,
            (_, _, true) => Fate::Rejected,
            _ => Fate::Unhandled,
        }
    }
}

impl<T: Copy, const N: usize> Default for Found<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::{Extent, Fate, Found};

    const fn extent(index: u32, exits: (u32, u32), source: (u32, u32)) -> Extent {
        Extent { index, exits, source }
    }

    fn indices(found: &Found<char, 3>) -> Vec<u32> {
        found.iter().map(|(_, extent)| extent.index).collect()
    }

    #[test]
    fn an_earlier_transition_preempts_a_later_one_that_leaves_the_same() {
        let mut found = Found::new();
        found.add('a', const { &extent(0, (1, 9), (2, 3)) });
        found.add('b', const { &extent(1, (5, 9), (6, 7)) });
        assert_eq!(indices(&found), [0]);
    }

    #[test]
    fn a_later_transition_of_a_descendant_preempts_an_earlier_one() {
        let mut found = Found::new();
        found.add('a', const { &extent(0, (1, 9), (1, 9)) });
        found.add('b', const { &extent(1, (5, 9), (6, 7)) });
        assert_eq!(indices(&found), [1]);
    }

    #[test]
    fn transitions_that_leave_nothing_never_conflict_and_one_is_found_once() {
        let mut found = Found::new();
        assert_eq!(found.fate(), Fate::Unhandled);
        found.add('a', const { &extent(0, (1, 9), (1, 9)) });
        found.add('b', const { &extent(1, (0, 0), (6, 7)) });
        found.add('a', const { &extent(0, (1, 9), (1, 9)) });
        assert_eq!((indices(&found), found.fate()), (vec![0, 1], Fate::Taken));
        assert_eq!(found.rest(0), (0, 0));
    }
}
