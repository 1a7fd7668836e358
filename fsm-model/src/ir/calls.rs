//! What is called by name, and what waits: methods, invokes, timers, delays.

use std::time::Duration;

use super::{Borrow, Call, DelayId, EventId, Name, StateId, Syntax, TaskId, Type};
use crate::source::Span;

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
    Rust(Syntax<syn::Type>),
    /// `&event::Start`: the whole payload.
    Event(EventId),
    /// `&Context`, `&mut Context`; by value a clone, for what owns its arguments.
    Context(Borrow),
    /// `&mut Queue`: raises events from code.
    Queue,
}

/// A method that runs beside the machine, and what it gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// The method; its parameters are owned.
    pub method: Method,
    /// `-> Report`; `None` is `()`.
    pub output: Option<Type>,
}

/// Something that runs beside the machine while a state is active.
#[derive(Debug, Clone)]
pub struct Invoke {
    /// The state.
    pub state: StateId,
    /// What runs.
    pub task: TaskId,
    /// The call as written.
    pub call: Call,
    /// Its name in simulations and traces: `id`, else that of the method. Unique in the machine.
    pub id: Name,
    /// Whether `id` was written.
    pub named: bool,
    /// Where it is written.
    pub span: Span,
}

/// A timer that runs while a state is active. Its transitions are those of the state with
/// [`Trigger::Timer`](super::Trigger::Timer).
#[derive(Debug, Clone)]
pub struct Timer {
    /// The state.
    pub state: StateId,
    /// When it is due, from the state's entry, or since it was due last.
    pub wait: Wait,
    /// Whether it starts anew when it is due (`every`).
    pub repeats: bool,
    /// Where it is written.
    pub span: Span,
}

/// How long something waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wait {
    /// Written out.
    Fixed(Duration),
    /// By name.
    Named(DelayId),
}

/// A named delay.
#[derive(Debug, Clone, PartialEq)]
pub struct Delay {
    /// As spelt in the spec.
    pub name: Name,
    /// `None`: a method of the handlers gives it.
    pub duration: Option<Duration>,
    /// Whether it stands under `delays:`.
    pub declared: bool,
}
