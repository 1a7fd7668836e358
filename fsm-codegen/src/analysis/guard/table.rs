//! Truth tables: on which combinations of cases a formula holds.
//!
//! Part of [`super`]. A row says of each atom whether it holds, in its lowest bits, and of each compared field in which
//! case its value is. Tables are bit sets of rows; those of comparisons are made once for each.

use fsm_model::gather::Gather as _;
use std::collections::HashMap;

use super::fields::{Case, Comparison};
use super::formula::Formula;
use super::reader::Reader;

/// There are no tables of more rows.
pub(super) const MOST_ROWS: usize = 4_096;

/// A set of rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Rows(Vec<u64>);

impl Rows {
    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Whether `other` has all these rows.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        let others = other.0.iter().copied().chain(std::iter::repeat(0));
        self.0.iter().zip(others).all(|(word, other)| word & !other == 0)
    }

    /// Adds those of another set.
    pub(super) fn add(&mut self, other: &Self) {
        self.0.resize(self.0.len().max(other.0.len()), 0);
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word |= other);
    }

    /// Leaves only those that are in another set of the same table.
    pub(super) fn keep(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word &= other);
    }

    /// Leaves only those that are not.
    fn remove(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word &= !other);
    }

    /// The rows in their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        let words = self.0.iter().enumerate().filter(|(_, word)| **word != 0);
        words.flat_map(|(at, word)| (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| at * 64 + bit))
    }
}

/// The tables of one group of guards.
pub(super) struct Tables {
    atoms: usize,
    cases: Vec<Vec<Case>>,
    /// How far apart the rows of two successive cases of each field stand.
    strides: Vec<usize>,
    full: Rows,
    made: HashMap<Comparison, Rows>,
}

impl Tables {
    /// For all guards that were read; `None` where there are too many rows.
    pub(super) fn of(reader: &Reader<'_>) -> Option<Self> {
        let atoms = reader.atoms.len();
        let most = MOST_ROWS.trailing_zeros() as usize;
        let mut count = (atoms <= most).then(|| 1_usize << atoms)?;
        let mut strides = Vec::new();
        let cases = reader.compared.cases();
        for cases in &cases {
            strides.push(count);
            count *= cases.len();
            if count > MOST_ROWS {
                return None;
            }
        }
        let words = (0..count.div_ceil(64)).map(|word| match count - word * 64 {
            64.. => u64::MAX,
            rest => (1 << rest) - 1,
        });
        Some(Self { atoms, cases, strides, full: Rows(words.gather()), made: HashMap::new() })
    }

    /// All rows.
    pub(super) fn full(&self) -> Rows {
        self.full.clone()
    }

    /// How many rows there are for each combination of cases of the fields: so many stand together.
    pub(super) fn rows_per_case(&self) -> usize {
        1 << self.atoms
    }

    /// Whether an atom holds in a row.
    pub(super) fn atom_holds(row: usize, atom: usize) -> bool {
        row >> atom & 1 == 1
    }

    /// The case in which a field is in a row.
    pub(super) fn case(&self, row: usize, field: usize) -> Case {
        self.cases[field][row / self.strides[field] % self.cases[field].len()]
    }

    /// Where a formula holds.
    pub(super) fn rows(&mut self, formula: &Formula) -> Rows {
        match formula {
            Formula::Constant(true) => self.full(),
            Formula::Constant(false) => self.none(),
            Formula::Atom(atom) => self.atom(*atom),
            Formula::Compare(comparison) => self.comparison(comparison),
            Formula::Not(inner) => {
                let mut rows = self.full();
                rows.remove(&self.rows(inner));
                rows
            }
            Formula::And(parts) => {
                let mut rows = self.full();
                for part in parts {
                    rows.keep(&self.rows(part));
                }
                rows
            }
            Formula::Or(parts) => {
                let mut rows = self.none();
                for part in parts {
                    rows.add(&self.rows(part));
                }
                rows
            }
        }
    }

    fn none(&self) -> Rows {
        Rows(vec![0; self.full.0.len()])
    }

    fn atom(&self, atom: u32) -> Rows {
        const WITHIN_A_WORD: [u64; 6] = [
            0xAAAA_AAAA_AAAA_AAAA,
            0xCCCC_CCCC_CCCC_CCCC,
            0xF0F0_F0F0_F0F0_F0F0,
            0xFF00_FF00_FF00_FF00,
            0xFFFF_0000_FFFF_0000,
            0xFFFF_FFFF_0000_0000,
        ];
        let word = |at: usize| match WITHIN_A_WORD.get(atom as usize) {
            Some(pattern) => *pattern,
            None => u64::from(Self::atom_holds(at, atom as usize - WITHIN_A_WORD.len())) * u64::MAX,
        };
        let mut rows = Rows((0..self.full.0.len()).map(word).gather());
        rows.keep(&self.full);
        rows
    }

    fn comparison(&mut self, comparison: &Comparison) -> Rows {
        if let Some(made) = self.made.get(comparison) {
            return made.clone();
        }
        let (cases, stride) = (&self.cases[comparison.field], self.strides[comparison.field]);
        let mut rows = self.none();
        for (at, _) in cases.iter().enumerate().filter(|(_, case)| comparison.holds(**case)) {
            let period = stride * cases.len();
            for start in (at * stride..self.full.0.len() * 64).step_by(period) {
                for row in start..start + stride {
                    if let Some(word) = rows.0.get_mut(row / 64) {
                        *word |= 1 << (row % 64);
                    }
                }
            }
        }
        rows.keep(&self.full);
        self.made.insert(comparison.clone(), rows.clone());
        rows
    }
}
