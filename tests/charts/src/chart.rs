//! Random charts: a small model of its own, from which a spec is printed.
//!
//! Whatever the numbers in it are, a chart has a spec without errors: states are named by an index into all states,
//! taken modulo their number, and what would be refused is left out by `spec`. So every part of a chart can be made
//! smaller alone, and proptest's shrinking works well.

use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;

/// A machine.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub(crate) struct Chart {
    /// Whether the root is parallel.
    pub(crate) parallel: bool,
    /// The top-level states.
    pub(crate) states: Vec<Node>,
    /// What the root does.
    pub(crate) root: Doing,
    /// `mode: sync`.
    pub(crate) sync: bool,
    /// Whether actions can fail.
    pub(crate) fails: bool,
    /// Which policy for unhandled events.
    pub(crate) unhandled: u8,
    /// Whether queues are short.
    pub(crate) short: bool,
}

/// A state.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// What it is.
    pub(crate) kind: Kind,
    /// What it does.
    pub(crate) doing: Doing,
}

/// What a state is.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// Without children.
    Atomic,
    /// Ends its parent; with an output where it says so.
    Final(Option<Value>),
    /// One child active.
    Compound(Vec<Node>),
    /// All children active.
    Parallel(Vec<Node>),
}

/// What a state does; most of it makes sense only for some kinds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Doing {
    /// `entry:`.
    pub(crate) entry: Vec<Act>,
    /// `exit:`.
    pub(crate) exit: Vec<Act>,
    /// `initial:`.
    pub(crate) initial: Initial,
    /// `on:`.
    pub(crate) on: Vec<(Key, Edge)>,
    /// `always:`.
    pub(crate) always: Vec<Edge>,
    /// `after:`, in milliseconds.
    pub(crate) after: Vec<(u8, Edge)>,
    /// `every:`.
    pub(crate) every: Option<(u8, Edge)>,
    /// `invoke:`, what its success and its failure set off.
    pub(crate) invoke: Option<(Vec<Edge>, Vec<Edge>)>,
    /// `onDone:`.
    pub(crate) done: Vec<Edge>,
    /// `defer:`.
    pub(crate) defer: Option<Key>,
    /// Whether it has data.
    pub(crate) data: bool,
    /// A history state among its children.
    pub(crate) history: Option<History>,
}

/// A history state.
#[derive(Debug, Clone)]
pub(crate) struct History {
    /// Whether it remembers all.
    pub(crate) deep: bool,
    /// What it stands for as long as it remembers nothing.
    pub(crate) default: Option<Initial>,
}

/// An initial transition, or the default of a history state.
#[derive(Debug, Clone, Default)]
pub(crate) struct Initial {
    /// Which descendant it leads to.
    pub(crate) target: u8,
    /// `actions:`.
    pub(crate) actions: Vec<Act>,
    /// A value for the target's data.
    pub(crate) supply: Option<Value>,
}

/// Under which key of `on:` or `defer:` something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    /// One event.
    Event(u8),
    /// `a.*`.
    Prefix,
    /// `*`.
    Star,
    /// `error`.
    Error,
}

/// A transition.
#[derive(Debug, Clone)]
pub(crate) struct Edge {
    /// `guard:`.
    pub(crate) guard: Option<Guard>,
    /// `target:`.
    pub(crate) targets: Vec<u8>,
    /// `reenter:`.
    pub(crate) reenter: bool,
    /// `actions:`.
    pub(crate) actions: Vec<Act>,
    /// A value for the target's data.
    pub(crate) supply: Option<Value>,
}

/// A guard.
#[derive(Debug, Clone)]
pub(crate) enum Guard {
    /// A method.
    Named(u8),
    /// `context.n < 150`, and what overflows.
    Low,
    /// Overflows for large `n`.
    High,
    /// The payload, where there is one.
    Payload,
    /// The data, where there are any.
    Data,
    /// `in:`.
    In(u8),
    /// `and:`.
    And(Vec<Self>),
    /// `or:`.
    Or(Vec<Self>),
    /// `not:`.
    Not(Box<Self>),
}

/// A value of type `u8`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value {
    /// A constant.
    Constant(u8),
    /// Overflows for large `n`.
    Sum,
    /// The other field of the context.
    Other,
    /// The payload, else as `Other`.
    Payload,
    /// The data, else as `Other`.
    Data,
}

/// An action.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// A method; each call is one of its own.
    Call,
    /// `assign:`.
    Assign(Value),
    /// Both fields at once, each the old value of the other.
    Swap,
    /// `raise:`, as long as there is fuel or without end.
    Raise(u8, bool),
    /// `send:` at once, under a name or not.
    Send(u8, Option<u8>),
    /// `send:` with a delay in milliseconds.
    Later(u8, u8, Option<u8>),
    /// `cancel:`.
    Cancel(u8),
    /// `if:`.
    If(Guard, Vec<Self>, Vec<Self>),
    /// `log:`.
    Log,
    /// `emit:`, a message with a field or without.
    Emit(Option<Value>),
    /// `reply:`, where there is an event to answer.
    Reply(Value),
}

/// Charts of some ten states: larger ones take rustc longer than they find.
pub(crate) fn charts() -> BoxedStrategy<Chart> {
    let head =
        (prop::bool::weighted(0.25), any::<bool>(), prop::bool::weighted(0.7), 0..8_u8, prop::bool::weighted(0.15));
    (vec(top(), 2..4), doing(), head)
        .prop_map(|(states, root, (parallel, sync, fails, unhandled, short))| Chart {
            parallel,
            states,
            root,
            sync,
            fails,
            unhandled,
            short,
        })
        .boxed()
}

/// A top-level state.
fn top() -> BoxedStrategy<Node> {
    prop_oneof![2 => node(), 1 => leaf()].boxed()
}

fn leaf() -> BoxedStrategy<Node> {
    let kind = prop_oneof![4 => Just(Kind::Atomic), 1 => weighted(0.5, value()).prop_map(Kind::Final)];
    (kind, doing()).prop_map(|(kind, doing)| Node { kind, doing }).boxed()
}

fn node() -> BoxedStrategy<Node> {
    let inner = leaf().prop_recursive(2, 6, 3, |inner| {
        let kind = prop_oneof![
            2 => vec(inner.clone(), 1..4).prop_map(Kind::Compound),
            1 => vec(inner, 2..4).prop_map(Kind::Parallel),
        ];
        (kind, doing()).prop_map(|(kind, doing)| Node { kind, doing }).boxed()
    });
    inner.boxed()
}

fn doing() -> BoxedStrategy<Doing> {
    let blocks = (acts(0.4), acts(0.3), initial());
    let edges = (
        vec((key(), edge()), 0..3),
        some(0.1, edge()),
        some(0.1, (0..20_u8, edge()).boxed()),
        weighted(0.05, (1..20_u8, edge())),
        weighted(0.15, (some(0.9, edge()), some(0.7, edge()))),
        some(0.5, edge()),
    );
    let rest = (weighted(0.15, key()), prop::bool::weighted(0.15), weighted(0.5, history()));
    (blocks, edges, rest)
        .prop_map(|((entry, exit, initial), (on, always, after, every, invoke, done), (defer, data, history))| Doing {
            entry,
            exit,
            initial,
            on,
            always,
            after,
            every,
            invoke,
            done,
            defer,
            data,
            history,
        })
        .boxed()
}

fn history() -> BoxedStrategy<History> {
    (any::<bool>(), weighted(0.5, initial())).prop_map(|(deep, default)| History { deep, default }).boxed()
}

fn initial() -> BoxedStrategy<Initial> {
    (any::<u8>(), acts(0.3), weighted(0.7, value()))
        .prop_map(|(target, actions, supply)| Initial { target, actions, supply })
        .boxed()
}

/// None, one or two.
fn some<T: std::fmt::Debug + 'static>(chance: f64, item: BoxedStrategy<T>) -> BoxedStrategy<Vec<T>> {
    weighted(chance, vec(item, 1..3)).prop_map(Option::unwrap_or_default).boxed()
}

fn key() -> BoxedStrategy<Key> {
    prop_oneof![
        8 => (0..5_u8).prop_map(Key::Event),
        1 => Just(Key::Prefix),
        1 => Just(Key::Star),
        1 => Just(Key::Error),
    ]
    .boxed()
}

fn edge() -> BoxedStrategy<Edge> {
    let targets = prop_oneof![2 => Just(Vec::new()), 6 => vec(any::<u8>(), 1..2), 1 => vec(any::<u8>(), 2..5)];
    let rest = (prop::bool::weighted(0.15), acts(0.5), weighted(0.5, value()));
    (weighted(0.4, guard()), targets, rest)
        .prop_map(|(guard, targets, (reenter, actions, supply))| Edge { guard, targets, reenter, actions, supply })
        .boxed()
}

fn guard() -> BoxedStrategy<Guard> {
    prop_oneof![
        6 => simple_guard(),
        1 => vec(simple_guard(), 2..4).prop_map(Guard::And),
        1 => vec(simple_guard(), 2..4).prop_map(Guard::Or),
        1 => simple_guard().prop_map(|guard| Guard::Not(Box::new(guard))),
        1 => vec(simple_guard(), 2..3).prop_map(|guards| Guard::Not(Box::new(Guard::Or(guards)))),
    ]
    .boxed()
}

fn simple_guard() -> BoxedStrategy<Guard> {
    prop_oneof![
        4 => (0..3_u8).prop_map(Guard::Named),
        1 => Just(Guard::Low),
        1 => Just(Guard::High),
        1 => Just(Guard::Payload),
        1 => Just(Guard::Data),
        2 => any::<u8>().prop_map(Guard::In),
    ]
    .boxed()
}

fn value() -> BoxedStrategy<Value> {
    prop_oneof![
        (0..=255_u8).prop_map(Value::Constant),
        Just(Value::Sum),
        Just(Value::Other),
        Just(Value::Payload),
        Just(Value::Data),
    ]
    .boxed()
}

fn acts(chance: f64) -> BoxedStrategy<Vec<Act>> {
    weighted(chance, vec(act(), 1..4)).prop_map(Option::unwrap_or_default).boxed()
}

fn act() -> BoxedStrategy<Act> {
    let branches = (guard(), vec(simple_act(), 0..3), vec(simple_act(), 0..3));
    prop_oneof![
        12 => simple_act(),
        1 => branches.prop_map(|(guard, then, otherwise)| Act::If(guard, then, otherwise)),
    ]
    .boxed()
}

fn simple_act() -> BoxedStrategy<Act> {
    let id = || weighted(0.5, 0..2_u8);
    prop_oneof![
        8 => Just(Act::Call),
        3 => value().prop_map(Act::Assign),
        1 => Just(Act::Swap),
        2 => (0..5_u8, prop::bool::weighted(0.03)).prop_map(|(event, endless)| Act::Raise(event, endless)),
        1 => (0..5_u8, id()).prop_map(|(event, id)| Act::Send(event, id)),
        1 => (0..5_u8, 0..20_u8, id()).prop_map(|(event, delay, id)| Act::Later(event, delay, id)),
        1 => (0..2_u8).prop_map(Act::Cancel),
        1 => Just(Act::Log),
        1 => weighted(0.7, value()).prop_map(Act::Emit),
        1 => value().prop_map(Act::Reply),
    ]
    .boxed()
}
