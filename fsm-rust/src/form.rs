//! Which parts a machine's code needs at all.
//!
//! Part of the Rust back-end, found out once. A machine that takes one transition an event, in one region and without
//! memory, gets the short form of a step; every other gets a loop (`engine`), with the queues that it uses and no other.

use super::arithmetic::Fields;
use super::place::Place;
use super::shape;
use fsm_model::ir::{
    Action, Assignment, Expr, Field, Guard, Initial, Machine, ParamType, StateId, StateKind, Supply, Transition,
    Trigger, Unhandled, Wait,
};

/// The parts.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "each part is there or not, whatever the others are")]
pub(super) struct Form {
    /// A step is a loop.
    pub(super) engine: bool,
    /// More than one leaf can be active.
    pub(super) regions: bool,
    /// There are internal events.
    pub(super) queue: bool,
    /// Errors are events.
    pub(super) error_event: bool,
    /// Some transition on an error reads it.
    pub(super) reads_error: bool,
    /// Events or timers can be due at once.
    pub(super) due: bool,
    /// Sent events can be pending.
    pub(super) delayed: bool,
    /// Events can wait for a change of state.
    pub(super) defers: bool,
    /// There are history states.
    pub(super) history: bool,
    /// States have data.
    pub(super) data: bool,
    /// There are `after` or `every`.
    pub(super) timers: bool,
    /// Something runs beside the machine.
    pub(super) invokes: bool,
    /// There are eventless transitions.
    pub(super) always: bool,
    /// A guard can leave the range of a type.
    pub(super) faults: bool,
    /// Some expression can.
    pub(super) overflows: bool,
    /// Handlers are cloned: for invokes and for what blocks.
    pub(super) clones: bool,
    /// The machine gives something at its end.
    pub(super) output: bool,
}

impl Form {
    pub(super) fn new(machine: &Machine) -> Self {
        let has = |trigger: fn(Trigger) -> bool| machine.transitions.iter().any(|it| trigger(it.trigger));
        let acts = |wanted: &dyn Fn(&Action) -> bool| blocks(machine).any(|(_, block)| any_action(block, wanted));
        let error_event = has(|trigger| trigger == Trigger::Error);
        let raises = acts(&|action| matches!(action, Action::Raise(_)))
            || machine.actions.iter().any(|method| method.params.iter().any(|param| param.ty == ParamType::Queue));
        let queue = raises || error_event || has(|trigger| trigger == Trigger::Done);
        let zero = |wait: Wait| may_be_zero(machine, wait);
        let due = acts(&|action| matches!(action, Action::Send { delay, .. } if delay.is_none_or(zero)))
            || machine.timers.iter().any(|timer| zero(timer.wait));
        let delayed =
            acts(&|action| matches!(action, Action::Send { delay: Some(delay), .. } if may_wait(machine, *delay)));
        let defers =
            machine.unhandled == Unhandled::Defer || machine.states.iter().any(|state| !state.defer.is_empty());
        let history = machine.states.iter().any(|state| matches!(state.kind, StateKind::History(_)));
        let data = machine.states.iter().any(|state| !state.data.is_empty());
        let regions =
            shape::most_leaves(machine) > 1 || machine.states.iter().any(|state| state.kind == StateKind::Parallel);
        let (timers, invokes) = (!machine.timers.is_empty(), !machine.invokes.is_empty());
        let always = has(|trigger| trigger == Trigger::Always);
        let blocking = machine.actions.iter().any(|method| method.blocking);
        let drives = blocking
            || acts(&|action| {
                matches!(action, Action::Emit(_) | Action::Reply(..) | Action::Log(_) | Action::Cancel(_))
            });
        let faults = faults(machine);
        let output = machine.output.is_some();
        let reads_error = machine.transitions.iter().any(|it| it.trigger == Trigger::Error && reads_event(it));
        let engine =
            [queue, due, delayed, defers, history, data, regions, timers, invokes, always, drives, faults, output];
        Self {
            engine: engine.contains(&true),
            regions: shape::most_leaves(machine) > 1,
            queue,
            error_event,
            reads_error,
            due,
            delayed,
            defers,
            history,
            data,
            timers,
            invokes,
            always,
            faults,
            overflows: faults || overflows(machine),
            clones: invokes || blocking,
            output,
        }
    }

    /// Whether a state itself keeps something that goes on while it is active.
    pub(super) const fn has_timers(&self) -> bool {
        self.timers || self.delayed
    }
}

/// Whether a wait can be over at once: a method may say so.
pub(super) fn may_be_zero(machine: &Machine, wait: Wait) -> bool {
    fixed(machine, wait).is_none_or(|duration| duration.is_zero())
}

fn may_wait(machine: &Machine, wait: Wait) -> bool {
    fixed(machine, wait).is_none_or(|duration| !duration.is_zero())
}

/// How long a wait is, where the spec says it.
pub(super) fn fixed(machine: &Machine, wait: Wait) -> Option<std::time::Duration> {
    match wait {
        Wait::Fixed(duration) => Some(duration),
        Wait::Named(delay) => machine.delays[delay].duration,
    }
}

/// Every block of the machine, with what it can see.
pub(super) fn blocks(machine: &Machine) -> impl Iterator<Item = (Place, &[Action])> {
    let of_states = machine.states.enumerated().flat_map(|(id, state)| {
        let initial = match &state.kind {
            StateKind::Compound(initial) => initial.actions.as_slice(),
            StateKind::History(history) => history.default.as_ref().map_or(&[][..], |default| &default.actions),
            StateKind::Atomic | StateKind::Parallel | StateKind::Final => &[],
        };
        // The default of a history belongs to its parent.
        let at = if matches!(state.kind, StateKind::History(_)) { state.parent.unwrap_or(id) } else { id };
        [state.entry.as_slice(), state.exit.as_slice(), initial].map(|block| (Place::of_state(at), block))
    });
    let of_transitions =
        machine.transitions.iter().map(|it| (Place::of_transition(machine, it), it.actions.as_slice()));
    of_states.chain(of_transitions)
}

/// Whether an action of the block, or of a block inside it, is wanted.
pub(super) fn any_action(block: &[Action], wanted: &dyn Fn(&Action) -> bool) -> bool {
    block.iter().any(|action| {
        wanted(action)
            || matches!(action, Action::If { then, otherwise, .. } if any_action(then, wanted) || any_action(otherwise, wanted))
    })
}

/// Every action of the block, those of blocks inside it included.
pub(super) fn each_action<'m>(block: &'m [Action], visit: &mut dyn FnMut(&'m Action)) {
    for action in block {
        visit(action);
        if let Action::If { then, otherwise, .. } = action {
            each_action(then, visit);
            each_action(otherwise, visit);
        }
    }
}

/// Every guard of the machine, those of `if` included, with what it can see.
pub(super) fn guards(machine: &Machine) -> Vec<(Place, &Guard)> {
    let mut found: Vec<(Place, &Guard)> = Vec::new();
    for transition in &machine.transitions {
        found.extend(transition.guard.iter().map(|guard| (Place::of_transition(machine, transition), guard)));
    }
    for (place, block) in blocks(machine) {
        add_guards(place, block, &mut found);
    }
    found
}

fn add_guards<'m>(place: Place, block: &'m [Action], found: &mut Vec<(Place, &'m Guard)>) {
    for action in block {
        if let Action::If { guard, then, otherwise } = action {
            found.push((place, guard));
            add_guards(place, then, found);
            add_guards(place, otherwise, found);
        }
    }
}

fn faults(machine: &Machine) -> bool {
    guards(machine).into_iter().any(|(place, guard)| can_overflow(machine, place, guard))
}

/// Whether an expression of an action, a supply or an output can leave the range of its type.
fn overflows(machine: &Machine) -> bool {
    let checked =
        |place: Place, expr: &Expr, ty: &syn::Type| Fields::new(machine, place).value(&expr.syntax, ty).is_checked();
    let of = |place: Place, all: &[Assignment], fields: &[Field]| {
        all.iter().any(|one| checked(place, &one.value, &fields[one.field].ty.syntax))
    };
    let acts = |place: Place, block: &[Action]| {
        any_action(block, &|action| match action {
            Action::Assign(all) => of(place, all, &machine.context),
            Action::Raise(record) | Action::Send { event: record, .. } => {
                of(place, &record.fields, &machine.events[record.kind].fields)
            }
            Action::Emit(record) => of(place, &record.fields, &machine.emits[record.kind].fields),
            Action::Reply(event, expr) => {
                machine.events[*event].reply.as_ref().is_some_and(|ty| checked(place, expr, &ty.syntax))
            }
            Action::Call(..) | Action::Cancel(_) | Action::Log(_) | Action::If { .. } => false,
        })
    };
    let supplies = |place: Place, data: &[Supply]| {
        data.iter().any(|one| checked(place, &one.value, &machine.states[one.state].data[one.field].ty.syntax))
    };
    let initial = |id: StateId, initial: &Initial| supplies(Place::of_state(id), &initial.data);
    let of_states = machine.states.enumerated().any(|(id, state)| {
        let output = match state.parent {
            Some(StateId::ROOT) => machine.output.as_ref(),
            Some(parent) => machine.states[parent].done.as_ref(),
            None => None,
        };
        let gives = state.output.as_ref().zip(output);
        let gives = gives.is_some_and(|(output, ty)| checked(Place::of_state(id), output, &ty.syntax));
        gives
            || match &state.kind {
                StateKind::Compound(found) => initial(id, found),
                StateKind::History(found) => found.default.as_ref().is_some_and(|found| initial(id, found)),
                StateKind::Atomic | StateKind::Parallel | StateKind::Final => false,
            }
    });
    of_states
        || blocks(machine).any(|(place, block)| acts(place, block))
        || machine.transitions.iter().any(|it| supplies(Place::of_transition(machine, it), &it.data))
}

/// Whether a guard can leave the range of a type.
pub(super) fn can_overflow(machine: &Machine, place: Place, guard: &Guard) -> bool {
    match guard {
        Guard::Expr(expr) => Fields::new(machine, place).condition(&expr.syntax).is_checked(),
        Guard::And(all) | Guard::Or(all) => all.iter().any(|inner| can_overflow(machine, place, inner)),
        Guard::Not(inner) => can_overflow(machine, place, inner),
        Guard::Call(..) | Guard::Bool(_) | Guard::In(_) => false,
    }
}

/// Whether guard, actions or data of a transition read its trigger.
pub(super) fn reads_event(transition: &Transition) -> bool {
    transition.guard.as_ref().is_some_and(super::guards::reads_event) || super::bodies::reads_event(transition)
}
