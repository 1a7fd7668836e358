//! Guards without their words.
//!
//! Part of [`super`]: what [`super::reader`] makes of a guard and [`super::table`] decides.

use super::fields::Comparison;

/// A guard without its words.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Formula {
    Constant(bool),
    /// A proposition that may be true or false whatever else is.
    Atom(u32),
    /// A field against a constant.
    Compare(Comparison),
    Not(Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
}

impl Formula {
    pub(super) fn not(self) -> Self {
        match self {
            Self::Constant(value) => Self::Constant(!value),
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    pub(super) fn and(parts: Vec<Self>) -> Self {
        Self::join(parts, false, Self::And)
    }

    pub(super) fn or(parts: Vec<Self>) -> Self {
        Self::join(parts, true, Self::Or)
    }

    /// Joins parts of which one that is constantly `decisive` decides the whole.
    fn join(mut parts: Vec<Self>, decisive: bool, join: fn(Vec<Self>) -> Self) -> Self {
        if parts.contains(&Self::Constant(decisive)) {
            return Self::Constant(decisive);
        }
        parts.retain(|part| *part != Self::Constant(!decisive));
        match parts.len() {
            0 => Self::Constant(!decisive),
            1 => parts.remove(0),
            _ => join(parts),
        }
    }

    /// Whether there is anything in it but comparisons of fields with constants.
    pub(super) fn has_atoms(&self) -> bool {
        let mut waiting = vec![self];
        while let Some(formula) = waiting.pop() {
            match formula {
                Self::Atom(_) => return true,
                Self::Not(inner) => waiting.push(inner),
                Self::And(parts) | Self::Or(parts) => waiting.extend(parts),
                Self::Constant(_) | Self::Compare(_) => {}
            }
        }
        false
    }

    /// What must hold for the whole to hold: the whole itself, and the operands of an `and`.
    pub(super) fn parts(&self) -> impl Iterator<Item = &Self> {
        let operands: &[Self] = if let Self::And(parts) = self { parts } else { &[] };
        std::iter::once(self).chain(operands)
    }
}
