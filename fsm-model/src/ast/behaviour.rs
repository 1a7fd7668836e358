//! What a state does, as it is written: transitions, guards, actions, invokes.

use super::{Call, Delay, Expr, LogPart, Name, Text, Type, Value};
use crate::source::{Span, Spanned};

/// An entry of `on:`.
#[derive(Debug, Clone)]
pub struct Handler {
    /// An event or a pattern.
    pub event: Name,
    /// The transitions in the order in which they are tried; `E: {}` gives one without guard, target and actions.
    pub transitions: Vec<Transition>,
}

/// A transition, its trigger aside.
#[derive(Debug, Clone, Default)]
pub struct Transition {
    /// `target:`; `None` is an internal transition.
    pub targets: Option<Vec<Text>>,
    /// `guard:`.
    pub guard: Option<Guard>,
    /// `actions:`.
    pub actions: Vec<Action>,
    /// `reenter:`.
    pub reenter: Option<Spanned<bool>>,
    /// `data:` of the target.
    pub data: Vec<Assignment>,
    /// `description:`.
    pub description: Option<Text>,
    /// `meta:`.
    pub meta: Option<Spanned<Value>>,
    /// The whole transition.
    pub span: Span,
}

/// A guard.
#[derive(Debug, Clone)]
pub struct Guard {
    /// What it asks.
    pub kind: GuardKind,
    /// The whole guard.
    pub span: Span,
}

impl Guard {
    /// In place of one that could not be read, which was reported: what depends on it is looked at all the same.
    #[must_use]
    pub const fn unreadable(span: Span) -> Self {
        Self { kind: GuardKind::Bool(true), span }
    }
}

/// What a [`Guard`] asks.
#[derive(Debug, Clone)]
pub enum GuardKind {
    /// A method: `ready`, `at_least(context.jobs)`.
    Call(Call),
    /// A Rust expression.
    Expr(Expr),
    /// `true`, `false`.
    Bool(bool),
    /// `{ and: […] }`.
    And(Vec<Guard>),
    /// `{ or: […] }`.
    Or(Vec<Guard>),
    /// `{ not: g }`.
    Not(Box<Guard>),
    /// `{ in: target }`.
    In(Text),
}

/// An action.
#[derive(Debug, Clone)]
pub struct Action {
    /// What it does.
    pub kind: ActionKind,
    /// The whole action.
    pub span: Span,
}

/// What an [`Action`] does.
#[derive(Debug, Clone)]
pub enum ActionKind {
    /// A method: `lamp_on`, `begin(&event.job)`.
    Call(Call),
    /// `{ assign: { field: expr } }`; all expressions read the old values.
    Assign(Vec<Assignment>),
    /// `{ raise: E }`.
    Raise(EventValue),
    /// `{ send: E, delay: d, id: x }`.
    Send {
        /// What is sent.
        event: EventValue,
        /// When.
        delay: Option<Delay>,
        /// Under which name it can be cancelled.
        id: Option<Text>,
    },
    /// `{ cancel: x }`.
    Cancel(Text),
    /// `{ emit: 'M { … }' }`.
    Emit(EventValue),
    /// `{ reply: expr }`.
    Reply(Expr),
    /// `{ log: "text {context.jobs}" }`.
    Log(Vec<LogPart>),
    /// `{ if: guard, then: […], else: […] }`.
    If {
        /// The condition.
        guard: Guard,
        /// Where it holds.
        then: Vec<Action>,
        /// Where it does not.
        otherwise: Vec<Action>,
    },
}

/// `field: expr`.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The field.
    pub field: Name,
    /// Its new value.
    pub value: Expr,
}

/// `Fault { code: 7 }`, or a bare `Stop`.
#[derive(Debug, Clone)]
pub struct EventValue {
    /// The event.
    pub event: Name,
    /// The payload.
    pub fields: Vec<Assignment>,
}

/// An entry of `invoke:`.
#[derive(Debug, Clone)]
pub struct Invoke {
    /// `src:`, a method.
    pub src: Call,
    /// What the method gives: `-> Report`.
    pub output: Option<Type>,
    /// `id:`.
    pub id: Option<Text>,
    /// `onDone:`.
    pub on_done: Vec<Transition>,
    /// `onError:`.
    pub on_error: Vec<Transition>,
    /// The whole entry.
    pub span: Span,
}
