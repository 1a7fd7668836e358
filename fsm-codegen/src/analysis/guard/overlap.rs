//! Which guards of one group can hold together, and an example of when they do.
//!
//! Part of [`super`]. Where two guards hold for some values of the fields that they compare, whatever the named guards and
//! other expressions in them say, they overlap for certain. Where these must play along, nobody but the author knows whether
//! they can.

use fsm_model::gather::Gather as _;
use std::collections::BTreeSet;

use super::Verdict;
use super::formula::Formula;
use super::reader::{Asked, Reader};
use super::table::{Rows, Tables};
use crate::ir::{Guard, Machine, StateId, Trigger};

/// A guard is compared with so many before it.
const MOST_EARLIER: usize = 64;

/// How many conditions an example names.
const MOST_CONDITIONS: usize = 4;

/// Two guards that can hold at once.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::analysis) struct Overlap {
    /// The index of the earlier one.
    pub(in crate::analysis) earlier: usize,
    /// The index of the later one.
    pub(in crate::analysis) later: usize,
    /// Whether there surely are such values.
    pub(in crate::analysis) certain: bool,
    /// When both hold: "`context.battery = 20`, not `locked`"; empty where that goes without saying.
    pub(in crate::analysis) example: String,
}

/// For each guard that can be the first to hold an earlier one that can hold as well, one that certainly can if there is
/// one. Guards that always hold are left out; so are groups too large for a table.
pub(in crate::analysis) fn overlaps<'g>(
    machine: &Machine,
    source: StateId,
    trigger: Trigger,
    guards: impl Iterator<Item = Option<&'g Guard>>,
    verdicts: &[Verdict],
) -> Vec<Overlap> {
    let mut reader = Reader::new(machine, source, trigger);
    let asked: Vec<_> = guards.map(|guard| reader.asked(guard)).gather();
    let Some(mut tables) = Tables::of(&reader) else { return Vec::new() };
    let mut found = Vec::new();
    let mut earlier: Vec<(usize, Rows)> = Vec::new();
    let full = tables.full();
    for (later, Asked { formula, .. }) in asked.iter().enumerate() {
        let rows = tables.rows(formula);
        if verdicts.get(later) != Some(&Verdict::Open) || full.is_within(&rows) {
            continue;
        }
        let mut possible = None;
        for (index, others) in &earlier {
            let mut both = others.clone();
            both.keep(&rows);
            let Some(first) = both.iter().next() else { continue };
            let sure = asked[*index].sure && asked[later].sure;
            let certain = both.iter().find(|row| sure && is_certain(&tables, &both, *row));
            if certain.is_some() || possible.is_none() {
                possible = Some((*index, certain.unwrap_or(first), certain.is_some()));
            }
            if certain.is_some() {
                break;
            }
        }
        if let Some((index, row, certain)) = possible {
            let example = example(&reader, &tables, [&asked[index].formula, formula], row, certain);
            found.push(Overlap { earlier: index, later, certain, example });
        }
        if earlier.len() < MOST_EARLIER {
            earlier.push((later, rows));
        }
    }
    found
}

/// Whether, with the fields as in the row with which they begin, all truths of the atoms are among these rows.
fn is_certain(tables: &Tables, rows: &Rows, row: usize) -> bool {
    let count = tables.rows_per_case();
    row.is_multiple_of(count)
        && rows.iter().skip_while(|at| *at < row).take_while(|at| *at < row + count).count() == count
}

/// What is the case in a row, of all that these guards ask for.
fn example(reader: &Reader<'_>, tables: &Tables, guards: [&Formula; 2], row: usize, certain: bool) -> String {
    let (mut atoms, mut fields) = (BTreeSet::new(), BTreeSet::new());
    for guard in guards {
        mentions(guard, &mut atoms, &mut fields);
    }
    if certain {
        // They say nothing to it.
        atoms.clear();
    }
    let atoms = atoms.into_iter().map(|atom| {
        let text = &reader.atoms[atom];
        if Tables::atom_holds(row, atom) { format!("`{text}`") } else { format!("not `{text}`") }
    });
    let fields = fields.into_iter().map(|field| reader.compared.example(field, tables.case(row, field)));
    let mut conditions: Vec<_> = atoms.chain(fields).gather();
    if conditions.len() > MOST_CONDITIONS {
        conditions.truncate(MOST_CONDITIONS);
        conditions.push("…".to_owned());
    }
    conditions.join(", ")
}

fn mentions(formula: &Formula, atoms: &mut BTreeSet<usize>, fields: &mut BTreeSet<usize>) {
    match formula {
        Formula::Constant(_) => {}
        Formula::Atom(atom) => _ = atoms.insert(*atom as usize),
        Formula::Compare(comparison) => _ = fields.insert(comparison.field),
        Formula::Not(inner) => mentions(inner, atoms, fields),
        Formula::And(parts) | Formula::Or(parts) => parts.iter().for_each(|part| mentions(part, atoms, fields)),
    }
}
