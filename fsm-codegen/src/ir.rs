//! The resolved machine: index vectors in declaration order, every name an id.
//!
//! Between `resolve`, which alone makes it, and `analysis`, the back-ends and `interp`, which only read it.
//! Invariants: it exists only if `resolve` found no error; every id points into its vector; states stand in document
//! order (preorder), so a state's descendants are the ids from its own up to [`State::end`]; state 0 is the root, the
//! machine itself. Equality ignores places.

mod ids;
mod walk;

pub use ids::{ActionId, EventId, GuardId, Id, IndexVec, StateId, TransitionId};

pub use crate::ast::{Mode, Unhandled};
use crate::diag::Level;
pub use crate::rust::{Arg, ArgKind, Borrow, Call, Expr, Literal, Name, Root, Type};
use crate::source::{Span, Spanned};

/// A machine, complete and consistent.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// As spelt in the spec.
    pub name: Name,
    /// The spec's own version.
    pub version: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether actions can await.
    pub mode: Mode,
    /// Whether the futures of actions are `Send`.
    pub send_futures: bool,
    /// What becomes of unhandled external events.
    pub unhandled: Unhandled,
    /// Paths that types and expressions name.
    pub uses: Vec<Spanned<syn::UseTree>>,
    /// The extended state.
    pub context: Vec<Field>,
    /// What actions fail with; `None`: they cannot fail.
    pub error: Option<Type>,
    /// All states in document order; the root first.
    pub states: IndexVec<StateId, State>,
    /// All events: declared ones in the order of their declaration, or inferred ones in the order of their first use.
    pub events: IndexVec<EventId, Event>,
    /// All transitions in document order.
    pub transitions: IndexVec<TransitionId, Transition>,
    /// The methods that actions call, declared ones first, then in the order of their first use.
    pub actions: IndexVec<ActionId, Method>,
    /// The methods that guards call, likewise.
    pub guards: IndexVec<GuardId, Method>,
    /// Declared delays.
    pub delays: Vec<Delay>,
    /// Levels that the spec sets for lints: by code.
    pub lints: Vec<(crate::diag::Code, Level)>,
}

/// A field of the context or of a payload.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The name.
    pub name: Name,
    /// The type.
    pub ty: Type,
    /// The default; without it `Default::default()`.
    pub default: Option<Expr>,
}

/// A state.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// As spelt among its siblings; the machine's name for the root.
    pub name: Name,
    /// `None` for the root.
    pub parent: Option<StateId>,
    /// In document order.
    pub children: Vec<StateId>,
    /// One past the last descendant.
    pub end: StateId,
    /// What it is.
    pub kind: StateKind,
    /// One block.
    pub entry: Vec<Action>,
    /// One block.
    pub exit: Vec<Action>,
    /// Those whose source this is, in document order.
    pub transitions: Vec<TransitionId>,
    /// Queryable marks.
    pub tags: Vec<Name>,
    /// What it is for.
    pub description: Option<String>,
}

/// What a [`State`] is.
#[derive(Debug, Clone, PartialEq)]
pub enum StateKind {
    /// Without children.
    Atomic,
    /// With one active child.
    Compound(Initial),
    /// Ends its parent.
    Final,
}

/// The initial transition of a compound state.
#[derive(Debug, Clone, PartialEq)]
pub struct Initial {
    /// A descendant.
    pub target: StateId,
    /// One block, run after the parent's entry.
    pub actions: Vec<Action>,
    /// Where it is written.
    pub span: Span,
}

/// An event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// As spelt in the spec.
    pub name: Name,
    /// The payload.
    pub fields: Vec<Field>,
    /// Whether it stands under `events:`.
    pub declared: bool,
}

/// A transition. Among those of one state and one trigger the first whose guard holds is taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// The state to which it belongs.
    pub source: StateId,
    /// What sets it off.
    pub trigger: Trigger,
    /// Under which condition; `None` is always.
    pub guard: Option<Guard>,
    /// As written; `None` is internal.
    pub target: Option<StateId>,
    /// Whether the source is left although the target lies in it.
    pub reenter: bool,
    /// One block.
    pub actions: Vec<Action>,
    /// What it is for.
    pub description: Option<String>,
    /// Where it is written.
    pub span: Span,
}

/// What sets a [`Transition`] off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trigger {
    /// An event.
    Event(EventId),
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
    /// All expressions read the old values.
    Assign(Vec<Assignment>),
}

/// A new value for a field of the context.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// Index into [`Machine::context`].
    pub field: usize,
    /// The new value.
    pub value: Expr,
}

/// A method of the handlers, with the one signature that all its calls agree on.
#[derive(Debug, Clone, PartialEq)]
pub struct Method {
    /// As spelt in the spec.
    pub name: Name,
    /// Its parameters.
    pub params: Vec<Param>,
    /// Whether it stands under `actions:` or `guards:`.
    pub declared: bool,
    /// Whether it may block the thread.
    pub blocking: bool,
    /// What it is for.
    pub description: Option<String>,
}

/// A parameter of a [`Method`].
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// A Rust name, unique in its method.
    pub name: String,
    /// What it takes.
    pub ty: ParamType,
}

/// The type of a [`Param`].
#[derive(Debug, Clone, PartialEq)]
pub enum ParamType {
    /// A value, or a borrow of a type that stands in the spec: `f32`, `&str`, `&mut Vec<u8>`.
    Rust(Box<syn::Type>),
    /// `&event::Start`: the whole payload.
    Event(EventId),
    /// `&Context`, `&mut Context`.
    Context(Borrow),
}

/// A declared delay.
#[derive(Debug, Clone, PartialEq)]
pub struct Delay {
    /// As spelt in the spec.
    pub name: Name,
    /// `None`: a method gives it.
    pub duration: Option<std::time::Duration>,
}
