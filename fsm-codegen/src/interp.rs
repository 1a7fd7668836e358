//! The reference interpreter: runs a machine as SEMANTICS.md says, straight from the IR.
//!
//! Beside the back-ends, which it does not know: the tests hold generated code against it, and `fsmc simulate` shows it.
//! Written in the manner of SCXML's Appendix D: the configuration is a set of states, a step computes exit and entry
//! sets from it. It touches no clock and no executor: time is what [`Interpreter::advance`] is told, and the [`Host`]
//! answers for the user's methods.
//!
//! ```text
//! host     what a step gives, tells and asks
//! session  lines of `fsmc simulate`, steps of a scenario
//! steps    run to completion: eventless, internal, deferred, sent     (SEMANTICS 13 to 16)
//! select   which transitions are taken                                (3, 10)
//! micro    one set of transitions is taken                            (5, 11, 17)
//! tree     exit sets, entry sets, history                             (5, 10, 12)
//! block    actions, one after the other                               (6, 7, 20)
//! clock    timers and delayed events on a virtual clock               (14)
//! eval     expressions, over value and int
//! ```

mod block;
mod clock;
mod eval;
mod host;
mod int;
mod micro;
mod select;
#[cfg(all(feature = "json", feature = "yaml"))]
pub mod session;
mod steps;
mod tree;
mod value;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use crate::ir::{EventId, Expr, InvokeId, Machine, StateId, StateKind, TransitionId, Trigger};

use clock::Clock;
use eval::{Payload, Scope, Trouble};
pub use host::{Error, Host, Note, Outcome, Run, Step, Stuck};
pub use int::{Int, IntType};
pub use value::{Misfit, Text, Type, Value};

/// Where a machine is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Not started.
    Stopped,
    /// At rest.
    Ready,
    /// In a step; outside of one: a step could not be simulated to its end.
    Stepping,
    /// At its end.
    Finished,
}

/// A running machine: plain data over the IR.
#[derive(Debug, Clone)]
pub struct Interpreter<'m> {
    machine: &'m Machine,
    /// Whether some transition waits for the event `error`.
    waits_for_errors: bool,
    /// Whether there are eventless transitions at all.
    has_eventless: bool,
    status: Status,
    active: BTreeSet<StateId>,
    context: Vec<Value>,
    /// Of the active states that have any.
    data: BTreeMap<StateId, Vec<Value>>,
    /// By history state.
    memory: BTreeMap<StateId, Memory>,
    internal: VecDeque<Internal>,
    sent: VecDeque<Sent>,
    deferred: VecDeque<Deferred>,
    retry: Retry,
    tokens: u32,
    clock: Clock,
    /// Of states that were entered since the last macrostep ended.
    to_start: BTreeSet<InvokeId>,
    running: BTreeSet<InvokeId>,
    /// Of the machine, at its end.
    output: Option<Value>,
    report: Report,
}

/// What a history state remembers.
#[derive(Debug, Clone)]
struct Memory {
    /// The child, or all leaves.
    states: Vec<StateId>,
    /// Of all states that are remembered.
    data: BTreeMap<StateId, Vec<Value>>,
}

/// An event of the machine itself, waiting.
#[derive(Debug, Clone)]
enum Internal {
    Raised(EventId, Vec<Value>),
    Done(StateId, Value),
    Failed(Problem),
}

/// An error, and when in its step it came up.
#[derive(Debug, Clone)]
struct Problem {
    order: usize,
    error: Error,
}

/// What is due at once, behind the internal events.
#[derive(Debug, Clone)]
enum Sent {
    Event(Message),
    Timer(crate::ir::TimerId),
}

/// A sent event.
#[derive(Debug, Clone)]
struct Message {
    event: EventId,
    fields: Vec<Value>,
    id: Option<crate::ir::SendId>,
}

#[derive(Debug, Clone)]
struct Deferred {
    token: u32,
    event: EventId,
    fields: Vec<Value>,
    origin: steps::Origin,
}

/// Which deferred events are to be tried again: those from `next` up to `until`.
#[derive(Debug, Clone, Copy, Default)]
struct Retry {
    next: usize,
    until: usize,
}

/// A deferred event while it is tried again, up to the end of its macrostep.
#[derive(Debug, Clone)]
struct Retried {
    token: u32,
    event: EventId,
    /// What becomes of it where no transition is taken; `None` for one that stands at its place again.
    fate: Option<Outcome>,
    /// What had happened in the step before.
    transitioned: bool,
    handled: bool,
    problems: Vec<Problem>,
}

/// What happened in the step under way.
#[derive(Debug, Clone, Default)]
struct Report {
    microsteps: usize,
    /// Events that set nothing off.
    idle: usize,
    transitioned: bool,
    handled: bool,
    /// The errors that nobody took.
    problems: Vec<Problem>,
    /// How many errors there were.
    errors: usize,
    /// The transitions taken last.
    recent: VecDeque<TransitionId>,
    /// The deferred event that is tried again.
    retried: Option<Retried>,
    /// The machine ends with this microstep, with this output.
    ended: Option<Value>,
    livelocked: bool,
}

impl<'m> Interpreter<'m> {
    /// A machine that is not started. A default that cannot be evaluated is an opaque value.
    #[must_use]
    pub fn new(machine: &'m Machine) -> Self {
        let mut interpreter = Self {
            machine,
            waits_for_errors: machine.transitions.iter().any(|it| it.trigger == Trigger::Error),
            has_eventless: machine.transitions.iter().any(|it| it.trigger == Trigger::Always),
            status: Status::Stopped,
            active: BTreeSet::new(),
            context: Vec::new(),
            data: BTreeMap::new(),
            memory: BTreeMap::new(),
            internal: VecDeque::new(),
            sent: VecDeque::new(),
            deferred: VecDeque::new(),
            retry: Retry::default(),
            tokens: 0,
            clock: Clock::default(),
            to_start: BTreeSet::new(),
            running: BTreeSet::new(),
            output: None,
            report: Report::default(),
        };
        interpreter.context = machine.context.iter().map(|field| interpreter.default_of(field)).collect();
        interpreter
    }

    /// Where it is in its life.
    #[must_use]
    pub const fn status(&self) -> Status {
        self.status
    }

    /// All active states in document order; the last ones once it is finished.
    pub fn active(&self) -> impl Iterator<Item = StateId> + '_ {
        self.active.iter().copied()
    }

    /// The active states without children, in document order.
    pub fn leaves(&self) -> impl Iterator<Item = StateId> + '_ {
        self.active().filter(|state| self.machine.states[*state].is_leaf())
    }

    /// The dotted paths of [`Self::leaves`].
    #[must_use]
    pub fn configuration(&self) -> Vec<String> {
        self.leaves().map(|state| self.machine.path(state)).collect()
    }

    /// The context, each field by its name.
    pub fn context(&self) -> impl Iterator<Item = (&'m str, &Value)> {
        self.machine.context.iter().map(|field| field.name.value.as_str()).zip(&self.context)
    }

    /// The data of an active state, a value for each field.
    #[must_use]
    pub fn data(&self, state: StateId) -> Option<&[Value]> {
        self.data.get(&state).map(Vec::as_slice)
    }

    /// The invokes that run now.
    pub fn running(&self) -> impl Iterator<Item = InvokeId> + '_ {
        self.running.iter().copied()
    }

    /// How long each timer and each delayed event still waits, what is due first in front.
    pub fn waiting(&self) -> impl Iterator<Item = Duration> + '_ {
        self.clock.waiting()
    }

    /// What the machine gave at its end.
    #[must_use]
    pub const fn output(&self) -> Option<&Value> {
        self.output.as_ref()
    }

    /// The virtual time since it was made.
    #[must_use]
    pub const fn now(&self) -> Duration {
        self.clock.now()
    }

    /// The events for which some active state has a transition, whatever the guards say; in the order of
    /// [`Machine::events`].
    #[must_use]
    pub fn accepted(&self) -> BTreeSet<EventId> {
        if self.status != Status::Ready {
            return BTreeSet::new();
        }
        let transitions = self.active.iter().flat_map(|state| &self.machine.states[*state].transitions);
        transitions.flat_map(|id| self.machine.trigger_events(self.machine.transitions[*id].trigger)).collect()
    }

    /// Whether the event would be taken now. Nothing changes.
    ///
    /// # Errors
    /// Where a guard is not known.
    pub fn can(&self, host: &mut dyn Host, event: EventId, fields: Vec<Value>) -> Run<bool> {
        if self.status != Status::Ready {
            return Ok(false);
        }
        let selection = self.select(host, select::Cause::Event(event), &Payload::Event(event, fields))?;
        Ok(matches!(selection.fate, select::Fate::Taken(_)))
    }

    fn scope<'a>(&'a self, event: &'a Payload, state: StateId) -> Scope<'a> {
        Scope { machine: self.machine, context: &self.context, event, data: &self.data, state }
    }

    /// The default of a field, or of its type.
    fn default_of(&self, field: &crate::ir::Field) -> Value {
        default_value(self.machine, field)
    }

    /// All that decides what comes next, as text: machines with the same one cannot be told apart. The names of deferred
    /// events and the time that has passed are no part of it.
    #[must_use]
    pub(crate) fn fingerprint(&self) -> String {
        let of = |deferred: &'_ Deferred| format!("{:?}", (deferred.event, &deferred.fields, deferred.origin));
        let deferred = self.deferred.iter().map(of).collect::<Vec<_>>();
        let waiting = self.clock.due().collect::<Vec<_>>();
        let place = (self.status, &self.active, &self.context, &self.data, &self.memory);
        format!("{:?}", (place, deferred, waiting, &self.running))
    }

    /// The machine that runs.
    #[must_use]
    pub const fn machine(&self) -> &'m Machine {
        self.machine
    }

    fn is_final(&self, state: StateId) -> bool {
        self.machine.states[state].kind == StateKind::Final
    }
}

/// The default of a field, or of its type; an opaque value where it cannot be evaluated.
pub(crate) fn default_value(machine: &Machine, field: &crate::ir::Field) -> Value {
    let ty = Type::of(&field.ty.syntax);
    let Some(default) = &field.default else { return ty.default_value() };
    let (event, data) = (Payload::None, BTreeMap::new());
    let scope = Scope { machine, context: &[], event: &event, data: &data, state: StateId::ROOT };
    scope.eval_as(&default.syntax, &ty).unwrap_or_else(|_| Value::Opaque(default.text.clone()))
}

/// An overflow goes on inside; what is beyond the interpreter ends the simulation.
fn known<T>(value: eval::Evaluated<T>, expr: &Expr) -> Run<Option<T>> {
    match value {
        Ok(value) => Ok(Some(value)),
        Err(Trouble::Overflow) => Ok(None),
        Err(Trouble::Cannot(why)) => {
            Err(Stuck::at(expr.span, format!("`{}` cannot be simulated: {why}", crate::diag::shown(&expr.text))))
        }
    }
}
