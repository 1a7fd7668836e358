//! Machines for tests without a front-end: built by calls, or from a few lines of a notation of the tests' own.
//!
//! A line each, nesting by indentation: `state A`, `final A`, `initial A`, `on E`, `on E [guard] -> A.B`. A guard is a bool, a
//! name, `not` a guard, `in` a state, or a Rust expression. Targets are paths below the machine. Spans point into the text.

use crate::ir::{
    Call, Event, EventId, Expr, Guard, GuardId, Id, Initial, Machine, Method, Name, State, StateId, StateKind,
    Transition, Trigger,
};
use crate::rust::Syntax;
use crate::source::{Source, Span, Spanned};

/// A machine in the making; states are added in document order.
pub(in crate::analysis) struct Builder {
    machine: Machine,
    initials: Vec<Option<(usize, Span)>>,
}

impl Builder {
    pub(in crate::analysis) fn new() -> Self {
        let mut machine = Machine::new(name("M"));
        machine.states.push(state(name("M"), None, false));
        Self { machine, initials: vec![None] }
    }

    /// Adds a state below `parent`, which is 0 for the machine.
    pub(in crate::analysis) fn state(&mut self, parent: usize, name: Name, is_final: bool) -> usize {
        let id = self.machine.states.push(state(name, Some(StateId::new(parent)), is_final));
        self.machine.states[StateId::new(parent)].children.push(id);
        self.initials.push(None);
        id.index()
    }

    /// Sets the initial state of `parent`; without it the first child is taken.
    pub(in crate::analysis) fn initial(&mut self, parent: usize, target: usize, span: Span) {
        self.initials[parent] = Some((target, span));
    }

    /// The event of that name, new or known.
    pub(in crate::analysis) fn event(&mut self, name: Name) -> EventId {
        let known = self.machine.events.enumerated().find(|(_, event)| event.name == name).map(|(id, _)| id);
        known.unwrap_or_else(|| {
            self.machine.events.push(Event {
                name,
                fields: Vec::new(),
                reply: None,
                declared: true,
                attributes: Vec::new(),
            })
        })
    }

    /// Adds a transition; those of one state are tried in the order in which they are added.
    pub(in crate::analysis) fn on(
        &mut self,
        source: usize,
        event: EventId,
        guard: Option<Guard>,
        target: Option<usize>,
        span: Span,
    ) {
        let id = self.machine.transitions.push(Transition {
            guard,
            targets: target.map(StateId::new).into_iter().collect(),
            ..Transition::new(StateId::new(source), Trigger::Event(event), span)
        });
        self.machine.states[StateId::new(source)].transitions.push(id);
    }

    /// The guard that calls the method of that name.
    pub(in crate::analysis) fn guard(&mut self, name: Name) -> Guard {
        let known = self.machine.guards.enumerated().find(|(_, guard)| guard.name == name).map(|(id, _)| id);
        let id = known.unwrap_or_else(|| self.machine.guards.push(method(name.clone())));
        let span = name.span;
        Guard::Call(id, Call { name, args: Vec::new(), span })
    }

    pub(in crate::analysis) fn build(mut self) -> Machine {
        let machine = &mut self.machine;
        for id in machine.states.ids().rev() {
            let last = machine.states[id].children.last().copied();
            machine.states[id].end = last.map_or(StateId::new(id.index() + 1), |last| machine.states[last].end);
            if let Some(first) = machine.states[id].children.first().copied() {
                let (target, span) = self.initials[id.index()].unwrap_or((first.index(), Span::default()));
                let targets = vec![StateId::new(target)];
                machine.states[id].kind =
                    StateKind::Compound(Initial { targets, actions: Vec::new(), data: Vec::new(), span });
            }
        }
        self.machine
    }
}

fn state(name: Name, parent: Option<StateId>, is_final: bool) -> State {
    State::new(name, parent, if is_final { StateKind::Final } else { StateKind::Atomic })
}

pub(in crate::analysis) fn method(name: Name) -> Method {
    Method { name, params: Vec::new(), declared: true, blocking: false, description: None }
}

pub(in crate::analysis) fn name(text: &str) -> Name {
    Spanned::new(text.to_owned(), Span::default())
}

/// The guard that calls the method `g<number>`.
pub(in crate::analysis) fn call(number: usize) -> Guard {
    let call = Call { name: name(&format!("g{number}")), args: Vec::new(), span: Span::default() };
    Guard::Call(GuardId::new(number), call)
}

/// A guard in Rust.
pub(in crate::analysis) fn expr(text: &str) -> Guard {
    let syntax = Syntax::new(syn::parse_str(text).expect("Rust"));
    Guard::Expr(Expr { syntax, text: text.to_owned(), span: Span::default() })
}

/// Reads the notation.
pub(in crate::analysis) fn machine(text: &str) -> (Machine, Source) {
    let mut reader = Reader { builder: Builder::new(), paths: vec![String::new()], text };
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    let mut owners = Vec::new();
    let mut open: Vec<(usize, usize)> = Vec::new();
    for line in lines() {
        let depth = line.len() - line.trim_start().len();
        open.retain(|(around, _)| *around < depth);
        let owner = open.last().map_or(0, |(_, id)| *id);
        owners.push(owner);
        if let Some(id) = reader.state(owner, line.trim()) {
            open.push((depth, id));
        }
    }
    // A second pass, because targets may stand further down.
    for (line, owner) in lines().zip(owners) {
        reader.transition(owner, line.trim());
    }
    (reader.builder.build(), Source::new("test", text))
}

struct Reader<'t> {
    builder: Builder,
    paths: Vec<String>,
    text: &'t str,
}

impl Reader<'_> {
    fn state(&mut self, owner: usize, line: &str) -> Option<usize> {
        let (word, rest) = line.split_once(' ').expect("a word and what it is about");
        if !matches!(word, "state" | "final") {
            return None;
        }
        let path = if owner == 0 { rest.to_owned() } else { format!("{}.{rest}", self.paths[owner]) };
        self.paths.push(path);
        Some(self.builder.state(owner, Spanned::new(rest.to_owned(), self.span(rest)), word == "final"))
    }

    fn transition(&mut self, owner: usize, line: &str) {
        if let Some(target) = line.strip_prefix("initial ") {
            self.builder.initial(owner, self.path(target), self.span(line));
        }
        if let Some(rest) = line.strip_prefix("on ") {
            let (rest, target) = rest.split_once(" -> ").map_or((rest, None), |(rest, to)| (rest, Some(self.path(to))));
            let (event, guard) = rest.split_once(" [").map_or((rest, None), |(event, guard)| (event, Some(guard)));
            let event_name = Spanned::new(event.to_owned(), self.span(event));
            let event = self.builder.event(event_name);
            let guard = guard.map(|guard| self.guard(guard.trim_end_matches(']')));
            self.builder.on(owner, event, guard, target, self.span(line));
        }
        if let Some(event) = line.strip_prefix("event ") {
            self.builder.event(Spanned::new(event.to_owned(), self.span(event)));
        }
    }

    fn guard(&mut self, text: &str) -> Guard {
        if let Some(inner) = text.strip_prefix("not ") {
            Guard::Not(Box::new(self.guard(inner)))
        } else if let Some(state) = text.strip_prefix("in ") {
            Guard::In(StateId::new(self.path(state)))
        } else if let Ok(value) = text.parse() {
            Guard::Bool(value)
        } else if text.chars().all(char::is_alphanumeric) {
            self.builder.guard(Spanned::new(text.to_owned(), self.span(text)))
        } else {
            expr(text)
        }
    }

    fn path(&self, path: &str) -> usize {
        self.paths.iter().position(|known| known == path).unwrap_or_else(|| panic!("no state `{path}`"))
    }

    /// Where a slice of the text stands in it.
    fn span(&self, part: &str) -> Span {
        let lo = part.as_ptr() as usize - self.text.as_ptr() as usize;
        Span::new(lo, lo + part.len())
    }
}
