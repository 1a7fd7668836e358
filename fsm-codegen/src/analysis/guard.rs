//! Guards as propositions: which of several, tried in order, can ever be the first that holds.
//!
//! Below [`super::handlers`]. A call and an expression are atoms, equal where they are written alike; `and`, `or`, `not`,
//! `&&`, `||`, `!`, `true` and `false` are themselves, and `in` is decided where the tree of states decides it. Up to
//! six atoms a truth table in a `u64` answers exactly; beyond that only equal and complementary guards are seen, which is
//! less and still never wrong. A guard in which an integer can overflow is false then, whatever surrounds the place: it covers
//! nothing but itself.

use std::collections::HashMap;

use quote::ToTokens;

use super::pure;
use crate::ir::{Arg, ArgKind, Borrow, Call, Guard, Id, Machine, StateId, StateKind};

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
pub(super) fn judge<'g>(machine: &Machine, source: StateId, guards: impl Iterator<Item = Option<&'g Guard>>) -> Judged {
    let mut reader = Reader { machine, source, known: HashMap::new(), atoms: 0, sure: true };
    let asked: Vec<_> = guards.map(|guard| reader.asked(guard)).collect();
    if reader.atoms <= Table::ATOMS { by_table(&asked, Table::full(reader.atoms)) } else { by_text(&asked) }
}

/// A guard as it is judged.
struct Asked {
    /// What holds wherever the guard does.
    formula: Formula,
    /// Whether the guard holds wherever the formula does: nothing in it can overflow.
    sure: bool,
}

/// A guard without its words.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Formula {
    Constant(bool),
    Atom(u32),
    Not(Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
}

impl Formula {
    fn not(self) -> Self {
        match self {
            Self::Constant(value) => Self::Constant(!value),
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    fn and(parts: Vec<Self>) -> Self {
        Self::join(parts, false, Self::And)
    }

    fn or(parts: Vec<Self>) -> Self {
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

    /// What must hold for the whole to hold: the whole itself, and the operands of an `and`.
    fn parts(&self) -> impl Iterator<Item = &Self> {
        let operands: &[Self] = if let Self::And(parts) = self { parts } else { &[] };
        std::iter::once(self).chain(operands)
    }
}

/// Reads guards, numbering atoms as they appear.
struct Reader<'m> {
    machine: &'m Machine,
    source: StateId,
    known: HashMap<String, u32>,
    atoms: u32,
    /// Whether nothing in the present guard can overflow.
    sure: bool,
}

impl Reader<'_> {
    fn asked(&mut self, guard: Option<&Guard>) -> Asked {
        self.sure = true;
        let formula = guard.map_or(Formula::Constant(true), |guard| self.guard(guard));
        Asked { formula, sure: self.sure }
    }

    fn guard(&mut self, guard: &Guard) -> Formula {
        match guard {
            Guard::Call(id, call) => self.known(call_key(id.index(), call)),
            Guard::Expr(expr) => self.expr(&expr.syntax),
            Guard::Bool(value) => Formula::Constant(*value),
            Guard::And(parts) => Formula::and(parts.iter().map(|part| self.guard(part)).collect()),
            Guard::Or(parts) => Formula::or(parts.iter().map(|part| self.guard(part)).collect()),
            Guard::Not(inner) => self.guard(inner).not(),
            Guard::In(state) => self.active(*state),
        }
    }

    /// `in`, asked while the source is active.
    fn active(&mut self, state: StateId) -> Formula {
        if state == self.source || self.machine.is_descendant(self.source, state) {
            Formula::Constant(true)
        } else if self.machine.is_descendant(state, self.source) || self.may_accompany(state) {
            self.known(format!("in {}", state.index()))
        } else {
            Formula::Constant(false)
        }
    }

    /// Whether `state` lies in another region than the source: nothing else beside the source's own line is active.
    fn may_accompany(&self, state: StateId) -> bool {
        let mut around = self.machine.chain(self.source).skip(1);
        let meet = around.find(|ancestor| self.machine.is_descendant(state, *ancestor));
        meet.is_some_and(|meet| self.machine.states[meet].kind == StateKind::Parallel)
    }

    fn expr(&mut self, expr: &syn::Expr) -> Formula {
        match expr {
            syn::Expr::Paren(paren) => self.expr(&paren.expr),
            syn::Expr::Group(group) => self.expr(&group.expr),
            syn::Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Not(_)) => self.expr(&unary.expr).not(),
            syn::Expr::Binary(binary) if matches!(binary.op, syn::BinOp::And(_)) => {
                Formula::and(self.operands(binary, |op| matches!(op, syn::BinOp::And(_))))
            }
            syn::Expr::Binary(binary) if matches!(binary.op, syn::BinOp::Or(_)) => {
                Formula::or(self.operands(binary, |op| matches!(op, syn::BinOp::Or(_))))
            }
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Bool(literal), .. }) => Formula::Constant(literal.value),
            other => self.opaque(other),
        }
    }

    /// The operands of a chain of one operator, in order; a loop, because such chains are as long as one likes.
    fn operands(&mut self, chain: &syn::ExprBinary, same: fn(&syn::BinOp) -> bool) -> Vec<Formula> {
        let mut rights = vec![&*chain.right];
        let mut left = &*chain.left;
        while let syn::Expr::Binary(inner) = left
            && same(&inner.op)
        {
            rights.push(&inner.right);
            left = &inner.left;
        }
        rights.push(left);
        rights.into_iter().rev().map(|operand| self.expr(operand)).collect()
    }

    /// An expression that is only compared as a whole.
    fn opaque(&mut self, expr: &syn::Expr) -> Formula {
        let tokens = expr.to_token_stream();
        self.sure &= !pure::can_overflow(&tokens);
        if pure::reads_the_same_twice(&tokens) { self.known(format!("expr {tokens}")) } else { self.fresh() }
    }

    fn known(&mut self, key: String) -> Formula {
        let next = self.atoms;
        let atom = *self.known.entry(key).or_insert(next);
        self.atoms = self.atoms.max(atom + 1);
        Formula::Atom(atom)
    }

    fn fresh(&mut self) -> Formula {
        self.atoms += 1;
        Formula::Atom(self.atoms - 1)
    }
}

/// A text that is equal for equal calls; how an argument is passed makes no difference to its value.
fn call_key(method: usize, call: &Call) -> String {
    let args: Vec<_> = call.args.iter().map(arg_key).collect();
    format!("call {method}({})", args.join(", "))
}

fn arg_key(arg: &Arg) -> String {
    match &arg.kind {
        ArgKind::Path { borrow, root, fields } => {
            let borrow = if *borrow == Borrow::Mutable { "&mut " } else { "" };
            let fields = fields.iter().map(|field| field.value.as_str());
            format!("{borrow}{}", std::iter::once(root.name()).chain(fields).collect::<Vec<_>>().join("."))
        }
        ArgKind::Literal(literal) => literal.syntax.to_token_stream().to_string(),
    }
}

/// Truth tables of a few atoms: bit `n` tells whether the formula holds where atom `i` has the value of `n`'s bit `i`.
struct Table;

impl Table {
    /// How many atoms fit.
    const ATOMS: u32 = 6;

    /// The table of what always holds.
    const fn full(atoms: u32) -> u64 {
        match 1_u32 << atoms {
            64.. => u64::MAX,
            rows => (1 << rows) - 1,
        }
    }

    fn of(formula: &Formula, full: u64) -> u64 {
        const ATOM: [u64; Table::ATOMS as usize] = [
            0xAAAA_AAAA_AAAA_AAAA,
            0xCCCC_CCCC_CCCC_CCCC,
            0xF0F0_F0F0_F0F0_F0F0,
            0xFF00_FF00_FF00_FF00,
            0xFFFF_0000_FFFF_0000,
            0xFFFF_FFFF_0000_0000,
        ];
        match formula {
            Formula::Constant(value) => full * u64::from(*value),
            Formula::Atom(atom) => ATOM[*atom as usize] & full,
            Formula::Not(inner) => full & !Self::of(inner, full),
            Formula::And(parts) => parts.iter().fold(full, |table, part| table & Self::of(part, full)),
            Formula::Or(parts) => parts.iter().fold(0, |table, part| table | Self::of(part, full)),
        }
    }
}

fn by_table(asked: &[Asked], full: u64) -> Judged {
    let mut judged = Judged::default();
    let mut covered = 0;
    // Each open guard that is sure covers at least one more row, so there are never more than 64 to look through.
    let mut open: Vec<(usize, u64)> = Vec::new();
    let mut written: HashMap<&Formula, usize> = HashMap::new();
    for (index, Asked { formula, sure }) in asked.iter().enumerate() {
        let table = Table::of(formula, full);
        let same = formula.parts().find_map(|part| written.get(part).copied());
        let verdict = if table == 0 {
            Verdict::Never
        } else if table & !covered == 0 {
            let earlier = open.iter().find(|(_, earlier)| table & !earlier == 0).map(|(earlier, _)| *earlier);
            earlier.or(same).map_or(Verdict::Covered, Verdict::After)
        } else if let Some(same) = same {
            Verdict::After(same)
        } else {
            if *sure {
                open.push((index, table));
                covered |= table;
            }
            written.insert(formula, index);
            if covered == full && judged.closer.is_none() {
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
        let judged = judge(&machine, StateId::ROOT, guards.iter().map(Option::as_ref));
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
    fn beyond_six_atoms_equal_and_complementary_guards_are_still_seen() {
        let mut guards: Vec<_> = (0..9).map(|name| Some(call(name))).collect();
        guards.push(Some(call(3)));
        guards.push(Some(Guard::And(vec![call(7), call(10)])));
        guards.push(Some(not(call(4))));
        guards.push(Some(call(11)));
        let (verdicts, closer) = judged(&guards);
        assert_eq!(verdicts[..9], [Open; 9]);
        assert_eq!((&verdicts[9..], closer), (&[After(3), After(7), Open, Covered][..], Some(11)));
    }

    #[test]
    fn a_guard_that_can_overflow_covers_only_itself() {
        let more = || expr("context.a + 1 > 2");
        assert_eq!(judged(&[Some(more()), Some(not(more())), Some(call(0))]), (vec![Open, Open, Open], None));
        let both = Guard::And(vec![call(0), more()]);
        assert_eq!(judged(&[Some(more()), Some(both), Some(more())]), (vec![Open, After(0), After(0)], None));
        let mut guards: Vec<_> = (0..9).map(|name| Some(call(name))).collect();
        guards.extend([Some(more()), Some(not(more()))]);
        assert_eq!(judged(&guards), (vec![Open; 11], None));
    }

    #[test]
    fn a_chain_of_a_thousand_operands_is_read() {
        let text = vec!["context.a"; 1_000].join(" && ");
        assert_eq!(judged(&[Some(expr("context.a")), Some(expr(&text))]), (vec![Open, After(0)], None));
    }
}
