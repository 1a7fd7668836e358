//! The resolved machine: index vectors in declaration order, every name an id.
//!
//! Between `resolve`, which alone makes it, and `analysis`, the back-ends and `interp`, which only read it.
//! Invariants: it exists only if `resolve` found no error; every id points into its vector; states stand in document
//! order (preorder), so a state's descendants are the ids from its own up to [`State::end`]; state 0 is the root, the
//! machine itself. Equality ignores places.

mod calls;
mod equal;
mod ids;
mod make;
mod references;
mod walk;

pub use calls::{Delay, Invoke, Method, Param, ParamType, Task, Timer, Wait};
pub use make::{DEFER_CAPACITY, QUEUE};
pub use references::{References, Referent};

pub use ids::{
    ActionId, DelayId, EventId, GuardId, Id, IndexVec, InvokeId, MessageId, PatternId, SendId, StateId, TaskId,
    TimerId, TransitionId,
};

pub use crate::ast::{Mode, Unhandled};
use crate::diag::Level;
pub use crate::rust::{Arg, ArgKind, Borrow, Call, Expr, Import, Literal, LogPart, Name, Placed, Root, Syntax, Type};
use crate::source::Span;

/// A machine, complete and consistent.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// As spelt in the spec.
    pub name: Name,
    /// Who sees the generated module.
    pub visibility: Placed<syn::Visibility>,
    /// For the generated `State` and all types below it.
    pub attributes: Vec<Placed<syn::Attribute>>,
    /// For the generated `Context`.
    pub context_attributes: Vec<Placed<syn::Attribute>>,
    /// The spec's own version.
    pub version: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether actions can await.
    pub mode: Mode,
    /// Whether the futures of actions are `Send`.
    pub send_futures: bool,
    /// Its generic parameters, as between angle brackets: a `where` clause has become bounds.
    pub generics: Option<Placed<syn::Generics>>,
    /// What becomes of unhandled external events.
    pub unhandled: Unhandled,
    /// How many internal events, and as many sent ones, can wait.
    pub queue: u32,
    /// How many deferred events can wait.
    pub defer_capacity: u32,
    /// Paths that types and expressions name.
    pub uses: Vec<Placed<Import>>,
    /// The extended state.
    pub context: Vec<Field>,
    /// What actions fail with; `None`: they cannot fail.
    pub error: Option<Type>,
    /// The type of the whole machine's output.
    pub output: Option<Type>,
    /// All states in document order; the root first.
    pub states: IndexVec<StateId, State>,
    /// All events: declared ones in the order of their declaration, or inferred ones in the order of their first use.
    pub events: IndexVec<EventId, Event>,
    /// Patterns of events, each once, in the order of their first use.
    pub patterns: IndexVec<PatternId, Pattern>,
    /// Messages to the outside, in the form of events.
    pub emits: IndexVec<MessageId, Event>,
    /// All transitions, state by state in document order; of one state those of `on`, then of `always`, `onDone`, `after`,
    /// `every` and `invoke`, each in document order.
    pub transitions: IndexVec<TransitionId, Transition>,
    /// The timers of `after` and `every`, in document order.
    pub timers: IndexVec<TimerId, Timer>,
    /// The names under which sent events can be cancelled, in the order of their first use.
    pub sends: IndexVec<SendId, Name>,
    /// What runs beside the machine, in document order.
    pub invokes: IndexVec<InvokeId, Invoke>,
    /// The methods that actions call, declared ones first, then in the order of their first use.
    pub actions: IndexVec<ActionId, Method>,
    /// The methods that guards call, likewise.
    pub guards: IndexVec<GuardId, Method>,
    /// The methods that invokes call, in the order of their first use.
    pub tasks: IndexVec<TaskId, Task>,
    /// Named delays, declared ones first, then in the order of their first use.
    pub delays: IndexVec<DelayId, Delay>,
    /// Levels that the spec sets for lints: by code.
    pub lints: Vec<(crate::diag::Code, Level)>,
    /// Where names are used.
    pub references: References,
}

/// A field of the context, of a payload, or of a state's data.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The name.
    pub name: Name,
    /// The type.
    pub ty: Type,
    /// The default; without it `Default::default()` in the context, and none in payloads and data.
    pub default: Option<Expr>,
}

/// A state.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// As spelt among its siblings; the machine's name for the root.
    pub name: Name,
    /// For `#id` targets.
    pub id: Option<Name>,
    /// `None` for the root.
    pub parent: Option<StateId>,
    /// Those that can be active, in document order.
    pub children: Vec<StateId>,
    /// Its history states, in document order. They are never active and have no children.
    pub histories: Vec<StateId>,
    /// One past the last descendant, history states included.
    pub end: StateId,
    /// What it is.
    pub kind: StateKind,
    /// One block.
    pub entry: Vec<Action>,
    /// One block.
    pub exit: Vec<Action>,
    /// Those whose source this is, in the order in which they are tried: for one event the exact name first, then longer
    /// patterns before shorter ones; otherwise in the order of [`Machine::transitions`]. An empty transition (`E: {}`) is one without target, guard
    /// and actions.
    pub transitions: Vec<TransitionId>,
    /// The timers that run while it is active, in document order.
    pub timers: Vec<TimerId>,
    /// What runs beside the machine while it is active, in document order.
    pub invokes: Vec<InvokeId>,
    /// The events that wait while it is active and nothing takes them, patterns expanded, in document order.
    pub defer: Vec<EventId>,
    /// Lives while it is active.
    pub data: Vec<Field>,
    /// Of a final state: what its parent's completion, or the machine, gives.
    pub output: Option<Expr>,
    /// Of a state with children: the type of `event.output` in its `onDone`; `None` where no final child has an output.
    pub done: Option<Type>,
    /// Queryable marks.
    pub tags: Vec<Name>,
    /// What it is for.
    pub description: Option<String>,
    /// Any value, for other tools.
    pub meta: Option<crate::ast::Value>,
}

/// What a [`State`] is.
#[derive(Debug, Clone, PartialEq)]
pub enum StateKind {
    /// Without children.
    Atomic,
    /// With one active child.
    Compound(Initial),
    /// With all children, its regions, active.
    Parallel,
    /// Ends its parent.
    Final,
    /// A stand-in for what was active last in its parent.
    History(History),
}

/// The initial transition of a compound state, or the default of a history state.
#[derive(Debug, Clone)]
pub struct Initial {
    /// Descendants of the compound, or of the history's parent: one, or several in different regions. They contradict
    /// each other nowhere.
    pub targets: Vec<StateId>,
    /// One block, run after the entry of the compound, or of the history's parent.
    pub actions: Vec<Action>,
    /// Data of the targets.
    pub data: Vec<Supply>,
    /// Where it is written.
    pub span: Span,
}

/// A history state.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// Whether it remembers the whole subtree, or only the child.
    pub deep: bool,
    /// What it stands for while nothing is remembered; `None`: its parent is entered by default.
    pub default: Option<Initial>,
}

/// An event, or a message to the outside.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// As spelt in the spec.
    pub name: Name,
    /// The payload.
    pub fields: Vec<Field>,
    /// The type of the answer to it; messages have none.
    pub reply: Option<Type>,
    /// Whether it stands under `events:` or `emits:`.
    pub declared: bool,
    /// For the type of its payload.
    pub attributes: Vec<Placed<syn::Attribute>>,
}

/// `*` or `a.*`.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    /// As spelt in the spec.
    pub name: Name,
    /// What it matches, in the order of [`Machine::events`].
    pub events: Vec<EventId>,
}

/// A transition. Among those of one state that one trigger sets off the first whose guard holds is taken.
#[derive(Debug, Clone)]
pub struct Transition {
    /// The state to which it belongs.
    pub source: StateId,
    /// What sets it off.
    pub trigger: Trigger,
    /// Under which condition; `None` is always.
    pub guard: Option<Guard>,
    /// As written; empty is internal, several lie in different regions. They contradict each other nowhere.
    pub targets: Vec<StateId>,
    /// Whether the source is left although the target lies in it.
    pub reenter: bool,
    /// One block.
    pub actions: Vec<Action>,
    /// Data of the targets.
    pub data: Vec<Supply>,
    /// What it is for.
    pub description: Option<String>,
    /// Any value, for other tools.
    pub meta: Option<crate::ast::Value>,
    /// Where it is written.
    pub span: Span,
}

/// What sets a [`Transition`] off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trigger {
    /// An event.
    Event(EventId),
    /// Any event of a pattern. Neither guard nor actions read it: a transition that does stands in
    /// [`Machine::transitions`] once for each event, with [`Trigger::Event`], the pattern's place kept.
    Pattern(PatternId),
    /// An action failed: the event `error`.
    Error,
    /// Nothing: it is tried whenever the machine would come to rest (`always`).
    Always,
    /// The source is complete (`onDone`).
    Done,
    /// A timer of the source is due (`after`, `every`).
    Timer(TimerId),
    /// An invoke of the source came to its end (its `onDone`).
    InvokeDone(InvokeId),
    /// An invoke of the source failed (its `onError`).
    InvokeError(InvokeId),
}

/// A guard.
#[derive(Debug, Clone, PartialEq)]
pub enum Guard {
    /// A method of the handlers.
    Call(GuardId, Call),
    /// A Rust expression.
    Expr(Expr),
    /// A constant.
    Bool(bool),
    /// All hold.
    And(Vec<Self>),
    /// One holds.
    Or(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
    /// The state is active.
    In(StateId),
}

/// An action.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// A method of the handlers.
    Call(ActionId, Call),
    /// New values for the context; all expressions read the old ones.
    Assign(Vec<Assignment>),
    /// An internal event.
    Raise(Record<EventId>),
    /// An event for later; without a delay, after the internal ones.
    Send {
        /// What is sent.
        event: Record<EventId>,
        /// When.
        delay: Option<Wait>,
        /// Under which name it can be cancelled, and is replaced.
        id: Option<SendId>,
    },
    /// No longer wanted: what was sent under that name.
    Cancel(SendId),
    /// A message to the outside.
    Emit(Record<MessageId>),
    /// The answer to the event that is handled.
    Reply(EventId, Expr),
    /// Text for a log.
    Log(Vec<LogPart>),
    /// One block or the other. A failure in either ends the block around it.
    If {
        /// The condition.
        guard: Guard,
        /// Where it holds.
        then: Vec<Self>,
        /// Where it does not.
        otherwise: Vec<Self>,
    },
}

/// `Fault { code: 7 }`: an event or a message with its payload.
#[derive(Debug, Clone, PartialEq)]
pub struct Record<I> {
    /// Which.
    pub kind: I,
    /// Its fields in the order in which they are written; a field that is absent has a default.
    pub fields: Vec<Assignment>,
}

/// A new value for a field of the context, or of a payload.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// Index into [`Machine::context`], or into [`Event::fields`].
    pub field: usize,
    /// The new value.
    pub value: Expr,
}

/// A value for a field of the data of a state that is entered.
#[derive(Debug, Clone, PartialEq)]
pub struct Supply {
    /// The state.
    pub state: StateId,
    /// Index into [`State::data`].
    pub field: usize,
    /// Evaluated after the transition's actions and before the first entry.
    pub value: Expr,
}
