//! The static table of selection: for each state and event the transition, where nothing has to be asked.
//!
//! Part of the Rust back-end, read by `select` and `execute`. A table of states × events may not outgrow the spec: it
//! is made only where it has a bounded number of entries for each transition.

use fsm_model::gather::Gather as _;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::bodies::Bodies;
use super::scope::Scope;
use super::select::{self, Group};
use fsm_model::ir::{Id, Machine, StateId, TransitionId};

/// Smaller machines are faster as a match.
const SMALLEST: usize = 64;
/// Entries for each transition, at most: beyond that the match is smaller.
const ENTRIES_A_TRANSITION: usize = 16;
/// The number of an entry without transition.
const UNHANDLED: usize = 0;

/// The table.
pub(super) struct Table {
    /// `CHOICES` and `TRANSITIONS`.
    pub(super) items: TokenStream,
    /// Whether some entries need the match.
    pub(super) undecided: bool,
}

/// The table of a machine for which it pays.
pub(super) fn of(scope: &Scope<'_>, bodies: &Bodies) -> Option<Table> {
    let machine = scope.machine;
    let entries = machine.states.len() * machine.events.len();
    // A constant knows no parameters.
    if scope.leaves > 1 || scope.form.data || machine.generics.is_some() {
        return None;
    }
    if entries < SMALLEST || entries > ENTRIES_A_TRANSITION * machine.transitions.len() + 256 {
        return None;
    }
    let groups: Vec<Vec<Group>> = machine.states.ids().map(|id| select::groups(machine, id)).gather();
    let mut numbers = Numbers { of: vec![None; machine.transitions.len()], list: Vec::new(), undecided: None };
    let rows: Vec<Vec<usize>> = machine.states.ids().map(|id| row(machine, bodies, &groups, &mut numbers, id)).gather();
    let choices = numbers.list.len() + 1;
    let ty = if choices <= usize::from(u8::MAX) + 1 { quote!(u8) } else { quote!(u16) };
    let (states, events) =
        (Literal::usize_unsuffixed(machine.states.len()), Literal::usize_unsuffixed(machine.events.len()));
    let rows = rows.iter().map(|row| {
        let numbers = row.iter().map(|number| Literal::usize_unsuffixed(*number));
        quote!([#(#numbers),*])
    });
    let lifetime = bodies.lifetime(&quote!('static));
    let list = numbers
        .list
        .iter()
        .map(|choice| choice.map_or_else(|| quote!(Transition::Undecided), |id| bodies.value(scope, id)));
    let items = quote! {
        #[doc = " For each state and event an index into `TRANSITIONS`."]
        static CHOICES: [[#ty; #events]; #states] = [#(#rows),*];

        #[doc = " What can be selected without asking."]
        const TRANSITIONS: &[Transition #lifetime] = &[Transition::Unhandled, #(#list),*];
    };
    Some(Table { items, undecided: numbers.undecided.is_some() })
}

/// The numbers of the choices, in the order of their first use.
struct Numbers {
    of: Vec<Option<usize>>,
    /// `None` is the undecided one.
    list: Vec<Option<TransitionId>>,
    undecided: Option<usize>,
}

impl Numbers {
    fn decided(&mut self, id: TransitionId) -> usize {
        let list = &mut self.list;
        *self.of[id.index()].get_or_insert_with(|| {
            list.push(Some(id));
            list.len()
        })
    }

    fn undecided(&mut self) -> usize {
        let list = &mut self.list;
        *self.undecided.get_or_insert_with(|| {
            list.push(None);
            list.len()
        })
    }
}

/// The entries of one state; those of states with children are never read.
fn row(machine: &Machine, bodies: &Bodies, groups: &[Vec<Group>], numbers: &mut Numbers, id: StateId) -> Vec<usize> {
    let mut row = vec![UNHANDLED; machine.events.len()];
    if !machine.states[id].is_leaf() {
        return row;
    }
    let mut chain: Vec<StateId> = machine.chain(id).gather();
    chain.reverse();
    // From the root inwards: what an inner state handles replaces what an outer one would.
    for state in chain {
        for event in &machine.states[state].defer {
            row[event.index()] = numbers.undecided();
        }
        for group in &groups[state.index()] {
            let certain = group.transitions.first().filter(|_| group.certain && group.transitions.len() == 1);
            row[group.event.index()] = match certain {
                Some(first) if !bodies.reads(*first) && !bodies.is_conditional(*first) => numbers.decided(*first),
                _ => numbers.undecided(),
            };
        }
    }
    row
}
