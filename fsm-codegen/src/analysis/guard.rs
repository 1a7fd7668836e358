//! Guards as propositions: which of several, tried in order, can ever be the first that holds.
//!
//! Below [`super::handlers`]. A call and an expression are atoms, equal where they are written alike; `and`, `or`, `not`,
//! `&&`, `||`, `!`, `true` and `false` are themselves, and `in` is decided where the tree of states decides it. Comparisons
//! of one field with constants tell few cases of its values apart ([`fields`]); nothing changes a field while the guards of
//! one selection are asked. Up to [`table::MOST_ROWS`] combinations of cases a truth table answers exactly; beyond that only
//! equal and complementary guards are seen, which is less and still never wrong. A guard in which an integer can overflow is
//! false then, whatever surrounds the place: it covers nothing but itself.

mod fields;
mod formula;
mod kinds;
mod overlap;
mod reader;
mod table;
mod text;

use fsm_model::gather::Gather as _;
use std::collections::HashMap;

use crate::ir::{Guard, Machine, StateId, Trigger};
use formula::Formula;
pub(super) use overlap::{Overlap, overlaps};
use reader::{Asked, Reader};
use table::{Rows, Tables};

/// What becomes of one guard after those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It can be the first that holds.
    Open,
    /// It cannot hold at all.
    Never,
    /// Whenever it holds, the one at that index holds before it.
    After(usize),
    /// Whenever it holds, one of those before it does.
    Covered,
}

/// What is known about guards tried one after the other.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// One for each guard.
    pub(super) verdicts: Vec<Verdict>,
    /// The first guard with which one of them surely holds.
    pub(super) closer: Option<usize>,
}

/// Judges the guards of one state's transitions on one trigger, in their order; `None` always holds.
pub(super) fn judge<'g>(
    machine: &Machine,
    source: StateId,
    trigger: Trigger,
    guards: impl Iterator<Item = Option<&'g Guard>>,
) -> Judged {
    let mut reader = Reader::new(machine, source, trigger);
    let asked: Vec<_> = guards.map(|guard| reader.asked(guard)).gather();
    match Tables::of(&reader) {
        Some(tables) => by_table(&asked, tables),
        None => by_text(&asked),
    }
}

/// Whether a guard holds, or does not, whatever is the case.
pub(super) fn is_constant(machine: &Machine, source: StateId, guard: &Guard) -> bool {
    let mut reader = Reader::new(machine, source, Trigger::Always);
    matches!(reader.asked(Some(guard)).formula, Formula::Constant(_))
}

/// The fields of the context of which alone the truth of a guard depends, by their indices; `None` where something else
/// counts, or can come in between: a method, a value of another type, an overflow. No guard asks for none.
pub(super) fn context_asked(
    machine: &Machine,
    source: StateId,
    trigger: Trigger,
    guard: Option<&Guard>,
) -> Option<Vec<usize>> {
    let mut reader = Reader::new(machine, source, trigger);
    let Asked { formula, sure } = reader.asked(guard);
    let is_known = sure && !formula.has_atoms();
    is_known.then(|| reader.compared.fields_of_context())?
}

/// So many earlier guards are looked at to find one that alone covers a later one.
const MOST_COVERS: usize = 64;

fn by_table(asked: &[Asked], mut tables: Tables) -> Judged {
    let mut judged = Judged::default();
    let full = tables.full();
    let mut covered = Rows::default();
    let mut open: Vec<(usize, Rows)> = Vec::new();
    let mut written: HashMap<&Formula, usize> = HashMap::new();
    for (index, Asked { formula, sure }) in asked.iter().enumerate() {
        let rows = tables.rows(formula);
        let same = formula.parts().find_map(|part| written.get(part).copied());
        let verdict = if rows.is_empty() {
            Verdict::Never
        } else if rows.is_within(&covered) {
            let earlier = open.iter().find(|(_, earlier)| rows.is_within(earlier)).map(|(earlier, _)| *earlier);
            earlier.or(same).map_or(Verdict::Covered, Verdict::After)
        } else if let Some(same) = same {
            Verdict::After(same)
        } else {
            if *sure {
                covered.add(&rows);
                if open.len() < MOST_COVERS {
                    open.push((index, rows));
                }
            }
            written.insert(formula, index);
            if judged.closer.is_none() && full.is_within(&covered) {
                judged.closer = Some(index);
            }
            Verdict::Open
        };
        judged.verdicts.push(verdict);
    }
    judged
}

fn by_text(asked: &[Asked]) -> Judged {
    let mut judged = Judged::default();
    let mut earlier: HashMap<&Formula, usize> = HashMap::new();
    for (index, Asked { formula, sure }) in asked.iter().enumerate() {
        let before = formula.parts().find_map(|part| earlier.get(part));
        let verdict = match (formula, before, judged.closer) {
            (Formula::Constant(false), ..) => Verdict::Never,
            (_, Some(before), _) => Verdict::After(*before),
            (_, None, Some(closer)) if asked[closer].formula == Formula::Constant(true) => Verdict::After(closer),
            (_, None, Some(_)) => Verdict::Covered,
            (_, None, None) => {
                let other = earlier.get(&formula.clone().not());
                if *formula == Formula::Constant(true) || *sure && other.is_some_and(|other| asked[*other].sure) {
                    judged.closer = Some(index);
                }
                earlier.insert(formula, index);
                Verdict::Open
            }
        };
        judged.verdicts.push(verdict);
    }
    judged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::tests::builder::{Builder, call, expr};
    use Verdict::{After, Covered, Never, Open};

    fn judged(guards: &[Option<Guard>]) -> (Vec<Verdict>, Option<usize>) {
        let machine = Builder::new().build();
        let judged = judge(&machine, StateId::ROOT, Trigger::Always, guards.iter().map(Option::as_ref));
        (judged.verdicts, judged.closer)
    }

    fn not(guard: Guard) -> Guard {
        Guard::Not(Box::new(guard))
    }

    #[test]
    fn what_follows_an_unguarded_one_is_never_first() {
        let found = judged(&[Some(call(0)), None, Some(call(1)), None, Some(Guard::Bool(true))]);
        assert_eq!(found, (vec![Open, Open, After(1), After(1), After(1)], Some(1)));
        assert_eq!(judged(&[Some(Guard::Bool(false)), None]), (vec![Never, Open], Some(1)));
    }

    #[test]
    fn equal_and_complementary_guards_are_seen() {
        assert_eq!(judged(&[Some(call(0)), Some(call(1)), Some(call(0))]), (vec![Open, Open, After(0)], None));
        let found = judged(&[Some(call(0)), Some(not(call(0))), Some(call(1))]);
        assert_eq!(found, (vec![Open, Open, Covered], Some(1)));
        let found = judged(&[Some(expr("context.a > 1")), Some(expr("!( context.a>1 )")), None]);
        assert_eq!(found, (vec![Open, Open, Covered], Some(1)));
        assert_eq!(judged(&[Some(expr("context.a && !context.a"))]), (vec![Never], None));
    }

    #[test]
    fn parts_of_a_guard_count() {
        let both = Guard::And(vec![call(0), call(1)]);
        let one = Guard::Or(vec![call(0), call(1)]);
        assert_eq!(judged(&[Some(call(1)), Some(both.clone())]), (vec![Open, After(0)], None));
        assert_eq!(judged(&[Some(both), Some(call(1)), Some(call(0)), Some(one)]).0, vec![Open, Open, Open, Covered]);
    }

    #[test]
    fn what_may_differ_between_two_readings_is_never_the_same() {
        let found =
            judged(&[Some(expr("rand::random()")), Some(expr("rand::random()")), Some(not(expr("rand::random()")))]);
        assert_eq!(found, (vec![Open, Open, Open], None));
    }

    #[test]
    fn beyond_the_tables_equal_and_complementary_guards_are_still_seen() {
        let mut guards: Vec<_> = (0..20).map(|name| Some(call(name))).collect();
        guards.push(Some(call(3)));
        guards.push(Some(Guard::And(vec![call(7), call(30)])));
        guards.push(Some(not(call(4))));
        guards.push(Some(call(31)));
        let (verdicts, closer) = judged(&guards);
        assert_eq!(verdicts[..20], [Open; 20]);
        assert_eq!((&verdicts[20..], closer), (&[After(3), After(7), Open, Covered][..], Some(22)));
    }

    #[test]
    fn a_guard_that_can_overflow_covers_only_itself() {
        let more = || expr("context.a + 1 > 2");
        assert_eq!(judged(&[Some(more()), Some(not(more())), Some(call(0))]), (vec![Open, Open, Open], None));
        let both = Guard::And(vec![call(0), more()]);
        assert_eq!(judged(&[Some(more()), Some(both), Some(more())]), (vec![Open, After(0), After(0)], None));
        let mut guards: Vec<_> = (0..20).map(|name| Some(call(name))).collect();
        guards.extend([Some(more()), Some(not(more()))]);
        assert_eq!(judged(&guards), (vec![Open; 22], None));
    }

    #[test]
    fn a_chain_of_a_thousand_operands_is_read() {
        let text = vec!["context.a"; 1_000].join(" && ");
        assert_eq!(judged(&[Some(expr("context.a")), Some(expr(&text))]), (vec![Open, After(0)], None));
    }
}
