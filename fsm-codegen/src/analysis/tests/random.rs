//! Small random machines from a seed: the same on every run and every machine.

use super::builder::{Builder, expr, name};
use crate::ir::{Guard, Id, Machine, StateId};
use crate::source::Span;

/// Vigna's xorshift64*.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(high).expect("invariant: 31 bits") % limit
    }

    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// What guards ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guards {
    /// No two states have a guard in common, and none asks for a state: then the facts are exact.
    Independent,
    /// States share guards and ask for states: then the facts err on the careful side.
    Shared,
}

pub(super) fn machine(random: &mut Random, guards: Guards) -> Machine {
    let mut builder = Builder::new();
    let mut parents = vec![0];
    let mut finals = vec![false];
    let count = 2 + random.below(7);
    while parents.len() <= count {
        // Document order: the next state's parent is the last state or one of its ancestors.
        let mut parent = parents.len() - 1;
        while parent != 0 && (finals[parent] || random.chance(60)) {
            parent = parents[parent];
        }
        if parents.len() == count && random.chance(70) {
            parent = 0;
        }
        let is_final = random.chance(if parent == 0 { if parents.len() == count { 80 } else { 20 } } else { 15 });
        builder.state(parent, name(&format!("S{}", parents.len())), is_final);
        parents.push(parent);
        finals.push(is_final);
    }
    let inside = |state: usize, ancestor: usize| {
        std::iter::successors(Some(state), |at| (*at != 0).then(|| parents[*at])).skip(1).any(|at| at == ancestor)
    };
    for (state, is_final) in finals.iter().enumerate() {
        let below: Vec<_> = (1..=count).filter(|at| *at != state && inside(*at, state)).collect();
        if !below.is_empty() && random.chance(60) {
            builder.initial(state, below[random.below(below.len())], Span::default());
        }
        // What the machine itself handles leads out of many a trap.
        let none = *is_final || state == 0 && random.chance(70);
        let transitions = if none { 0 } else { random.below(6) };
        for number in 0..transitions {
            let event = builder.event(name(["A", "B", "C"][random.below(3)]));
            let guard = random.chance(50).then(|| guard(&mut builder, random, guards, state, count, 2));
            let target = match random.below(8) {
                0 => None,
                // The last state is often final.
                1 => Some(count),
                _ => Some(1 + random.below(count)),
            };
            let at = state * 100 + number;
            builder.on(state, event, guard, target, Span::new(at, at + 1));
        }
    }
    builder.build()
}

fn guard(
    builder: &mut Builder,
    random: &mut Random,
    guards: Guards,
    state: usize,
    states: usize,
    depth: usize,
) -> Guard {
    let owner = if guards == Guards::Independent { state } else { 0 };
    let atom = 2 * owner + random.below(2);
    let mut inner = |random: &mut Random| guard(builder, random, guards, state, states, depth - 1);
    match random.below(if depth == 0 { 6 } else { 12 }) {
        0 | 1 => builder.guard(name(&format!("g{atom}"))),
        2 => expr(&format!("context.x{atom}")),
        3 => expr(&format!("!context.x{atom}")),
        4 if guards == Guards::Shared => Guard::In(StateId::new(random.below(states + 1))),
        4 => expr(&format!("context.x{atom} || !context.x{}", 2 * owner)),
        5 => Guard::Bool(random.chance(50)),
        6..9 => Guard::Not(Box::new(inner(random))),
        9 | 10 => Guard::And(vec![inner(random), inner(random)]),
        _ => Guard::Or(vec![inner(random), inner(random)]),
    }
}
