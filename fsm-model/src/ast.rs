//! What a front-end delivers: the spec as it is written, with spans, nothing resolved.
//!
//! Between `frontend` and `resolve`. Names are text, targets are text, absent things are absent. There are no
//! invariants beyond those of the types: a state may have two parents' worth of mistakes, and `resolve` says so.
//! Every form of the language has its place here.

mod behaviour;

use std::time::Duration;

use crate::diag::Level;
pub use crate::rust::{Call, Expr, Import, LogPart, Name, Placed, Syntax, Type};
use crate::source::{Span, Spanned};
pub use behaviour::{Action, ActionKind, Assignment, EventValue, Guard, GuardKind, Handler, Invoke, Transition};

/// Text that is no name: a description, a target as written, an id.
pub type Text = Spanned<String>;

/// A whole spec.
#[derive(Debug, Clone, Default)]
pub struct Machine {
    /// `machine:` or `id:`; without it the file's stem is the name.
    pub name: Option<Name>,
    /// `visibility:`, of the generated module; it is public unless said otherwise.
    pub visibility: Option<Placed<syn::Visibility>>,
    /// `attributes:` of generated types, by their names: `State`, `Context`, `event.Start`, `message.Told`.
    pub attributes: Vec<(Name, Vec<Placed<syn::Attribute>>)>,
    /// `version:`, a string or an integer.
    pub version: Option<Text>,
    /// `mode:`.
    pub mode: Option<Spanned<Mode>>,
    /// `send_futures:`; true unless said otherwise.
    pub send_futures: Option<Spanned<bool>>,
    /// `generics:`, as it stands between the angle brackets.
    pub generics: Option<Placed<syn::Generics>>,
    /// `use:`, paths that types and expressions may name.
    pub uses: Vec<Placed<Import>>,
    /// `context:`.
    pub context: Vec<Field>,
    /// `error:`, what actions and invokes fail with.
    pub error: Option<Type>,
    /// `output:`, the type of the whole machine's output.
    pub output: Option<Type>,
    /// `events:`; `None` means inferred.
    pub events: Option<Vec<Event>>,
    /// `emits:`; messages to the outside, in the form of events.
    pub emits: Option<Vec<Event>>,
    /// `actions:`; `None` means inferred.
    pub actions: Option<Vec<Method>>,
    /// `guards:`; `None` means inferred.
    pub guards: Option<Vec<Method>>,
    /// `delays:`; `None` means inferred.
    pub delays: Option<Vec<DelayDeclaration>>,
    /// `unhandled:`.
    pub unhandled: Option<Spanned<Unhandled>>,
    /// `queue:`, the capacity of the queue of internal events.
    pub queue: Option<Spanned<u32>>,
    /// `defer_capacity:`.
    pub defer_capacity: Option<Spanned<u32>>,
    /// `lints:`, names not yet checked.
    pub lints: Vec<(Name, Level)>,
    /// The machine itself as the root of the states; its `name` is the machine's.
    pub root: State,
}

/// `mode:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Actions are `async fn`.
    #[default]
    Async,
    /// Actions are plain functions.
    Sync,
}

/// `unhandled:`, what becomes of an external event that nobody handles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unhandled {
    /// The hook is called and the outcome says so.
    #[default]
    Report,
    /// An error.
    Error,
    /// The outcome says so, the hook is not called.
    Ignore,
    /// It is kept until the state changes.
    Defer,
}

/// `name: Type = default`, of `context`, an event's payload, or a state's `data`.
#[derive(Debug, Clone)]
pub struct Field {
    /// The name.
    pub name: Name,
    /// The type; `None` where it follows from a JSON default, or could not be read.
    pub ty: Option<Type>,
    /// The default.
    pub default: Option<FieldDefault>,
}

impl Field {
    /// A field of which the front-end could read the name alone, and said so. It is kept, so that nobody misses it.
    #[must_use]
    pub const fn unreadable(name: Name) -> Self {
        Self { name, ty: None, default: None }
    }
}

/// The default of a [`Field`].
#[derive(Debug, Clone)]
pub enum FieldDefault {
    /// Rust, after the `=`.
    Expr(Expr),
    /// A bare bool, number, list or mapping (XState's form); the type is inferred from it.
    Json(Spanned<Value>),
}

/// A value without meaning to the compiler: `meta`, `params`, a JSON default.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A number with a fraction or an exponent, or beyond `i64`.
    Float(f64),
    /// Text.
    String(String),
    /// A list.
    List(Vec<Self>),
    /// A mapping, in the order of the source.
    Map(Vec<(String, Self)>),
}

/// An entry of `events:` or `emits:`.
#[derive(Debug, Clone)]
pub struct Event {
    /// The name.
    pub name: Name,
    /// The payload.
    pub fields: Vec<Field>,
    /// `reply:`, the type of the answer.
    pub reply: Option<Type>,
}

/// An entry of `actions:` or `guards:`.
#[derive(Debug, Clone)]
pub struct Method {
    /// The name.
    pub name: Name,
    /// `blocking: true`.
    pub blocking: Option<Spanned<bool>>,
    /// `description:`.
    pub description: Option<Text>,
}

/// An entry of `delays:`.
#[derive(Debug, Clone)]
pub struct DelayDeclaration {
    /// The name.
    pub name: Name,
    /// `None` means a method that gives the duration.
    pub duration: Option<Spanned<Duration>>,
}

/// A delay where it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delay {
    /// Written out.
    Duration(Spanned<Duration>),
    /// A name of `delays:`.
    Name(Name),
}

/// A state, or the machine as a whole.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// Its key among its siblings.
    pub name: Name,
    /// `id:`, for `#id` targets.
    pub id: Option<Name>,
    /// `type:`.
    pub kind: Option<Spanned<Kind>>,
    /// `history:`.
    pub history: Option<Spanned<History>>,
    /// `initial:`.
    pub initial: Option<Initial>,
    /// `states:`, in document order.
    pub states: Vec<State>,
    /// `on:`, in document order.
    pub on: Vec<Handler>,
    /// `always:`.
    pub always: Vec<Transition>,
    /// `after:`, each delay with its transitions.
    pub after: Vec<(Delay, Vec<Transition>)>,
    /// `every:`, likewise.
    pub every: Vec<(Delay, Vec<Transition>)>,
    /// `entry:`.
    pub entry: Vec<Action>,
    /// `exit:`.
    pub exit: Vec<Action>,
    /// `invoke:`.
    pub invoke: Vec<Invoke>,
    /// `onDone:`.
    pub on_done: Vec<Transition>,
    /// `defer:`, events or patterns.
    pub defer: Vec<Name>,
    /// `data:`.
    pub data: Vec<Field>,
    /// `target:`, `actions:` and `data:` of a history state: its default.
    pub default: Option<Transition>,
    /// `tags:`.
    pub tags: Vec<Name>,
    /// `description:`.
    pub description: Option<Text>,
    /// `meta:`.
    pub meta: Option<Spanned<Value>>,
    /// `output:` of a final state.
    pub output: Option<Expr>,
    /// Where each key that was written stands, for messages about that key as a whole.
    pub keys: Vec<(StateKey, Span)>,
}

impl State {
    /// Where `key` stands, if it was written.
    #[must_use]
    pub fn key(&self, key: StateKey) -> Option<Span> {
        self.keys.iter().find(|(written, _)| *written == key).map(|(_, span)| *span)
    }
}

/// The keys of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is the key of that name")]
pub enum StateKey {
    Id,
    Type,
    Initial,
    States,
    On,
    Entry,
    Exit,
    Always,
    After,
    Every,
    Invoke,
    OnDone,
    Defer,
    Data,
    History,
    Target,
    Tags,
    Description,
    Meta,
    Output,
}

/// `type:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// No children.
    Atomic,
    /// One child active at a time.
    Compound,
    /// All children active at a time.
    Parallel,
    /// The end of its parent.
    Final,
    /// A stand-in for what was active last.
    History,
}

/// `history:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum History {
    /// Remembers the child.
    Shallow,
    /// Remembers the whole subtree.
    Deep,
}

/// `initial:`, a transition without trigger and guard.
#[derive(Debug, Clone)]
pub struct Initial {
    /// A child, a path to a descendant, or one for each region.
    pub targets: Vec<Text>,
    /// Run after the parent's entry and before the child's.
    pub actions: Vec<Action>,
    /// The data of the target.
    pub data: Vec<Assignment>,
    /// The whole value.
    pub span: Span,
}
