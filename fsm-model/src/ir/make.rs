//! Beginnings of machines, states and transitions, to be filled.
//!
//! Part of the IR: whoever makes a machine (resolve, tests) names what it has and leaves the rest at nothing.

use super::{IndexVec, Machine, Mode, Name, References, State, StateId, StateKind, Transition, Trigger, Unhandled};
use crate::rust::placed;
use crate::source::Span;

/// How many internal events can wait, where `queue:` does not say it.
pub const QUEUE: u32 = 16;
/// How many deferred events can wait, where `defer_capacity:` does not say it.
pub const DEFER_CAPACITY: u32 = 64;

impl Machine {
    /// A machine without anything in it, not even the root.
    #[must_use]
    pub fn new(name: Name) -> Self {
        Self {
            name,
            visibility: placed(syn::Visibility::Public(<syn::Token![pub]>::default()), Span::default()),
            attributes: Vec::new(),
            context_attributes: Vec::new(),
            version: None,
            description: None,
            mode: Mode::Async,
            send_futures: true,
            generics: None,
            unhandled: Unhandled::Report,
            queue: QUEUE,
            defer_capacity: DEFER_CAPACITY,
            uses: Vec::new(),
            context: Vec::new(),
            error: None,
            output: None,
            states: IndexVec::default(),
            events: IndexVec::default(),
            patterns: IndexVec::default(),
            emits: IndexVec::default(),
            transitions: IndexVec::default(),
            timers: IndexVec::default(),
            sends: IndexVec::default(),
            invokes: IndexVec::default(),
            actions: IndexVec::default(),
            guards: IndexVec::default(),
            tasks: IndexVec::default(),
            delays: IndexVec::default(),
            lints: Vec::new(),
            references: References::default(),
        }
    }
}

impl State {
    /// A state that does nothing; its end is not set.
    #[must_use]
    pub const fn new(name: Name, parent: Option<StateId>, kind: StateKind) -> Self {
        Self {
            name,
            id: None,
            parent,
            children: Vec::new(),
            histories: Vec::new(),
            end: StateId::ROOT,
            kind,
            entry: Vec::new(),
            exit: Vec::new(),
            transitions: Vec::new(),
            timers: Vec::new(),
            invokes: Vec::new(),
            defer: Vec::new(),
            data: Vec::new(),
            output: None,
            done: None,
            tags: Vec::new(),
            description: None,
            meta: None,
        }
    }
}

impl Transition {
    /// A transition that does nothing.
    #[must_use]
    pub const fn new(source: StateId, trigger: Trigger, span: Span) -> Self {
        Self {
            source,
            trigger,
            guard: None,
            targets: Vec::new(),
            reenter: false,
            actions: Vec::new(),
            data: Vec::new(),
            description: None,
            meta: None,
            span,
        }
    }
}
