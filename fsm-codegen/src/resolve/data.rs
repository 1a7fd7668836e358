//! The data of states: its names against those of ancestors, and whether every way in supplies it.
//!
//! Two passes. [`check_names`] needs the symbols. [`check_supply`] needs a machine without other mistakes; after it
//! every state that can be entered has a value for each field of its data. What a history state restores has its data
//! from where it was, so only its default counts.

use fsm_model::gather::Gather as _;
use std::collections::HashMap;

use crate::diag::{Code, Diagnostic, shown};
use crate::ir::{self, IndexVec, Machine, StateId, StateKind, Supply};
use crate::names;
use crate::source::Span;

use super::report::Report;
use super::symbols::Symbols;
use super::tree::Tree;

/// No field hides that of an ancestor, and none is called like what generated code puts beside it.
pub(super) fn check_names(tree: &Tree<'_>, symbols: &Symbols, report: &mut Report<'_>) {
    for (state, fields) in symbols.data.enumerated() {
        let Some(first) = fields.list.first() else { continue };
        if state == StateId::ROOT {
            let message = "the machine has no data besides its context";
            let place = report.words().context();
            let help = format!("write the fields {place}, which lives as long as the machine");
            report.push(Diagnostic::error(Code::InvalidStructure, first.name.span, message).help(help));
        }
        for field in &fields.list {
            let name = &field.name;
            if names::snake(&name.value) == "state" {
                let message = "data cannot be called `state`: that is the name of the state itself";
                report.error(Code::NameCollision, name.span, message);
            }
            let hidden = tree.chain(state).skip(1).find_map(|outer| {
                let outer = &symbols.data[outer];
                outer.find(&names::snake(&name.value)).map(|index| &outer.list[index].name)
            });
            if let Some(hidden) = hidden {
                let message = format!("`{}` hides the data of an ancestor", shown(&name.value));
                report.push(
                    Diagnostic::error(Code::ShadowedData, name.span, message)
                        .label(hidden.span, "the ancestor's")
                        .help("`state.…` finds both: give them different names"),
                );
            }
        }
    }
}

/// Every state that is entered is given the data that it has no defaults for.
pub(super) fn check_supply(machine: &Machine, report: &mut Report<'_>) {
    if machine.states.iter().all(|state| state.data.is_empty()) {
        return;
    }
    let needs = Needs::of(machine, report);
    if let Some(lacking) = needs.below(StateId::ROOT) {
        let (span, targets) = match &machine.states[StateId::ROOT].kind {
            StateKind::Compound(initial) => (initial.span, initial.targets.as_slice()),
            _ => (machine.name.span, &[][..]),
        };
        report_missing(machine, lacking, span, "the start of the machine", targets, report);
    }
    needs.check_histories(machine, report);
    for transition in machine.transitions.iter().filter(|transition| !transition.targets.is_empty()) {
        let domain = machine.domain(transition);
        let way = Way { machine, needs: &needs, domain, targets: &transition.targets, data: &transition.data };
        if let Some(lacking) = way.lacking() {
            report_missing(machine, lacking, transition.span, "this transition", &transition.targets, report);
        }
        for supply in &transition.data {
            if domain == Some(supply.state) {
                let path = shown(&machine.path(supply.state));
                let message = format!("this transition does not enter `{path}`, so it cannot give it data");
                let reenter = report.words().reenter();
                let help = format!("{reenter}, or change the data in an action by `&mut state.…`");
                report.push(Diagnostic::error(Code::ConflictingKeys, supply.value.span, message).help(help));
            }
        }
    }
}

/// A field that nothing supplies.
#[derive(Clone, Copy)]
struct Lacking {
    state: StateId,
    field: usize,
}

fn report_missing(
    machine: &Machine,
    lacking: Lacking,
    span: Span,
    what: &str,
    targets: &[StateId],
    report: &mut Report<'_>,
) {
    let field = &machine.states[lacking.state].data[lacking.field];
    let name = shown(&field.name.value);
    let path = shown(&machine.path(lacking.state));
    let message = format!("{what} enters `{path}` without its data `{name}`");
    let help = if targets.contains(&lacking.state) {
        let target = &machine.states[lacking.state].name.value;
        let data = report.words().supply(target, &field.name.value);
        format!("give it to the target, {data}, or give the field a default")
    } else {
        "only targets can be given data; give the field a default, or target that state itself".to_owned()
    };
    report.push(
        Diagnostic::error(Code::MissingData, span, message)
            .label(field.name.span, "this field has no default")
            .help(help),
    );
}

/// What each state lacks when it is entered by default, from its children on downwards.
struct Needs {
    below: IndexVec<StateId, Option<Lacking>>,
    /// Of a parallel state: the regions that lack something, in document order.
    regions: HashMap<StateId, Vec<StateId>>,
}

impl Needs {
    /// Children come before their parents: ids are in document order.
    fn of(machine: &Machine, report: &mut Report<'_>) -> Self {
        let mut needs = Self { below: machine.states.iter().map(|_| None).gather(), regions: HashMap::new() };
        for state in machine.states.ids().rev() {
            match &machine.states[state].kind {
                StateKind::Compound(initial) => {
                    let way = Way::of_initial(machine, &needs, state, initial);
                    // The initial transition is the place to supply it: it is reported there, and only there.
                    if let Some(lacking) = way.lacking().filter(|_| state != StateId::ROOT) {
                        report_missing(
                            machine,
                            lacking,
                            initial.span,
                            "this initial transition",
                            &initial.targets,
                            report,
                        );
                    } else if state == StateId::ROOT {
                        needs.below[state] = way.lacking();
                    }
                }
                StateKind::Parallel => {
                    let lacking = machine.states[state].children.iter().copied();
                    let lacking: Vec<StateId> =
                        lacking.filter(|region| needs.entered(machine, *region, &[]).is_some()).gather();
                    if let Some(first) = lacking.first() {
                        needs.below[state] = needs.entered(machine, *first, &[]);
                        needs.regions.insert(state, lacking);
                    }
                }
                _ => {}
            }
        }
        needs
    }

    /// The defaults of history states, once all else is known.
    fn check_histories(&self, machine: &Machine, report: &mut Report<'_>) {
        for state in &machine.states {
            let (StateKind::History(ir::History { default: Some(default), .. }), Some(parent)) =
                (&state.kind, state.parent)
            else {
                continue;
            };
            if let Some(lacking) = Way::of_initial(machine, self, parent, default).lacking() {
                report_missing(machine, lacking, default.span, "this default", &default.targets, report);
            }
        }
    }

    fn below(&self, state: StateId) -> Option<Lacking> {
        self.below[state]
    }

    /// What `state` lacks when it is entered with `data`, and nothing below it is named.
    fn entered(&self, machine: &Machine, state: StateId, data: &[Supply]) -> Option<Lacking> {
        own(machine, state, data).or_else(|| self.below(state))
    }
}

/// What a state itself lacks.
fn own(machine: &Machine, state: StateId, data: &[Supply]) -> Option<Lacking> {
    let lacks = |(field, it): (usize, &ir::Field)| {
        let given = data.iter().any(|supply| supply.state == state && supply.field == field);
        (it.default.is_none() && !given).then_some(Lacking { state, field })
    };
    machine.states[state].data.iter().enumerate().find_map(lacks)
}

/// A way from a domain to targets.
struct Way<'w> {
    machine: &'w Machine,
    needs: &'w Needs,
    domain: Option<StateId>,
    targets: &'w [StateId],
    data: &'w [Supply],
}

impl<'w> Way<'w> {
    const fn of_initial(machine: &'w Machine, needs: &'w Needs, state: StateId, initial: &'w ir::Initial) -> Self {
        Self { machine, needs, domain: Some(state), targets: initial.targets.as_slice(), data: initial.data.as_slice() }
    }

    /// The first thing that is entered on this way without its data.
    fn lacking(&self) -> Option<Lacking> {
        self.targets.iter().find_map(|target| self.path(*target).or_else(|| self.at(*target)))
    }

    /// What the target, and what is entered below it by default, lacks.
    fn at(&self, target: StateId) -> Option<Lacking> {
        let state = &self.machine.states[target];
        match &state.kind {
            // Its default is looked at where it is written; without one the parent is entered by default.
            StateKind::History(history) if history.default.is_some() => None,
            StateKind::History(_) => self.needs.below(state.parent?),
            _ if self.domain == Some(target) => self.needs.below(target),
            _ => self.needs.entered(self.machine, target, self.data),
        }
    }

    /// What the ancestors of the target lack, and the regions beside them.
    fn path(&self, target: StateId) -> Option<Lacking> {
        // The domain can lie below the parent of a history state whose default does.
        let outside = |state: &StateId| self.domain.is_none_or(|domain| self.machine.is_descendant(*state, domain));
        for state in self.machine.chain(target).skip(1).take_while(outside) {
            if let Some(lacking) = own(self.machine, state, self.data) {
                return Some(lacking);
            }
            if let Some(lacking) = self.beside(state) {
                return Some(lacking);
            }
        }
        self.domain.filter(|domain| self.machine.is_descendant(target, *domain)).and_then(|domain| self.beside(domain))
    }

    /// What regions of a parallel state lack that hold none of the targets.
    fn beside(&self, state: StateId) -> Option<Lacking> {
        let regions = self.needs.regions.get(&state)?;
        let holds = |region: StateId, target: StateId| region == target || self.machine.is_descendant(target, region);
        let free = regions.iter().find(|region| !self.targets.iter().any(|target| holds(**region, *target)))?;
        self.needs.entered(self.machine, *free, &[])
    }
}
