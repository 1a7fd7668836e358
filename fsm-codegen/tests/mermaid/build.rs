//! Machines built by hand, with names that no spec may have: the back-end must survive them all the same.

use std::collections::BTreeMap;

use fsm_codegen::ir::{
    Action, ActionId, Arg, ArgKind, Assignment, Borrow, Call, Event, EventId, Expr, Field, Guard, GuardId, History, Id,
    Initial, Literal, Machine, Name, Root, State, StateId, StateKind, Syntax, Transition, Trigger, Type,
};
use fsm_codegen::source::{Span, Spanned};

/// A state before its names are resolved. Targets are names, several with ` & ` between them; the first state of that
/// name in document order is meant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    name: String,
    children: Vec<Draft>,
    kind: Kind,
    initial: Option<(String, Vec<String>)>,
    entry: Vec<String>,
    exit: Vec<String>,
    tags: Vec<String>,
    description: Option<String>,
    on: Vec<On>,
}

/// What a [`Draft`] is.
#[derive(Debug, Clone, Copy, Default)]
enum Kind {
    /// Compound if it has an initial state.
    #[default]
    Plain,
    Final,
    Parallel,
    History {
        deep: bool,
    },
}

/// A transition before its names are resolved.
#[derive(Debug, Clone, Default)]
pub(crate) struct On {
    event: String,
    guard: Option<String>,
    target: Option<String>,
    reenter: bool,
    actions: Vec<String>,
}

/// `event`, without anything else.
pub(crate) fn on(event: &str) -> On {
    On { event: event.to_owned(), ..On::default() }
}

impl On {
    /// A Rust expression, or a method after a question mark.
    pub(crate) fn guard(mut self, guard: &str) -> Self {
        self.guard = Some(guard.to_owned());
        self
    }

    pub(crate) fn to(mut self, target: &str) -> Self {
        self.target = Some(target.to_owned());
        self
    }

    pub(crate) fn reenter(mut self) -> Self {
        self.reenter = true;
        self
    }

    /// A method, a call, or `field := expression`.
    pub(crate) fn run(mut self, action: &str) -> Self {
        self.actions.push(action.to_owned());
        self
    }
}

/// A state without children.
pub(crate) fn state(name: &str) -> Draft {
    Draft { name: name.to_owned(), ..Draft::default() }
}

/// A final state.
pub(crate) fn last(name: &str) -> Draft {
    Draft { kind: Kind::Final, ..state(name) }
}

/// A state with regions.
pub(crate) fn parallel(name: &str) -> Draft {
    Draft { kind: Kind::Parallel, ..state(name) }
}

/// A history state; its initial state is its default.
pub(crate) fn history(name: &str, deep: bool) -> Draft {
    Draft { kind: Kind::History { deep }, ..state(name) }
}

impl Draft {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn initial(mut self, target: &str, actions: &[&str]) -> Self {
        self.initial = Some((target.to_owned(), actions.iter().map(|action| (*action).to_owned()).collect()));
        self
    }

    pub(crate) fn with(mut self, children: impl IntoIterator<Item = Draft>) -> Self {
        self.children.extend(children);
        self
    }

    pub(crate) fn entry(mut self, action: &str) -> Self {
        self.entry.push(action.to_owned());
        self
    }

    pub(crate) fn exit(mut self, action: &str) -> Self {
        self.exit.push(action.to_owned());
        self
    }

    pub(crate) fn tag(mut self, tag: &str) -> Self {
        self.tags.push(tag.to_owned());
        self
    }

    pub(crate) fn about(mut self, description: &str) -> Self {
        self.description = Some(description.to_owned());
        self
    }

    pub(crate) fn on(mut self, transition: On) -> Self {
        self.on.push(transition);
        self
    }

    /// The whole as a machine.
    pub(crate) fn machine(self) -> Machine {
        let mut names = BTreeMap::new();
        number(&self, &mut 0, &mut names);
        let mut maker = Maker { names, machine: empty(&self) };
        maker.state(&self, None);
        maker.machine
    }
}

fn number(draft: &Draft, next: &mut usize, names: &mut BTreeMap<String, StateId>) {
    names.entry(draft.name.clone()).or_insert(StateId::new(*next));
    *next += 1;
    for child in &draft.children {
        number(child, next, names);
    }
}

fn empty(draft: &Draft) -> Machine {
    Machine { description: draft.description.clone(), ..Machine::new(name(&draft.name)) }
}

struct Maker {
    names: BTreeMap<String, StateId>,
    machine: Machine,
}

impl Maker {
    /// Apart from [`Self::push`], so that deep machines need little stack.
    fn state(&mut self, draft: &Draft, parent: Option<StateId>) -> StateId {
        let id = self.push(draft, parent);
        for child in &draft.children {
            let child = self.state(child, Some(id));
            let is_history = matches!(self.machine.states[child].kind, StateKind::History(_));
            let parent = &mut self.machine.states[id];
            if is_history { parent.histories.push(child) } else { parent.children.push(child) }
        }
        self.machine.states[id].end = StateId::new(self.machine.states.len());
        id
    }

    fn push(&mut self, draft: &Draft, parent: Option<StateId>) -> StateId {
        let initial = draft.initial.as_ref().map(|(targets, actions)| Initial {
            targets: targets.split(" & ").map(|target| self.names[target]).collect(),
            data: Vec::new(),
            actions: actions.iter().map(|action| self.action(action)).collect(),
            span: Span::default(),
        });
        let kind = match (draft.kind, initial) {
            (Kind::Plain, Some(initial)) => StateKind::Compound(initial),
            (Kind::Plain, None) => StateKind::Atomic,
            (Kind::Final, _) => StateKind::Final,
            (Kind::Parallel, _) => StateKind::Parallel,
            (Kind::History { deep }, default) => StateKind::History(History { deep, default }),
        };
        let state = State {
            entry: draft.entry.iter().map(|action| self.action(action)).collect(),
            exit: draft.exit.iter().map(|action| self.action(action)).collect(),
            tags: draft.tags.iter().map(|tag| name(tag)).collect(),
            description: draft.description.clone().filter(|_| parent.is_some()),
            ..State::new(name(&draft.name), parent, kind)
        };
        let id = self.machine.states.push(state);
        for on in &draft.on {
            let transition = self.transition(id, on);
            let transition = self.machine.transitions.push(transition);
            self.machine.states[id].transitions.push(transition);
        }
        id
    }

    fn transition(&mut self, source: StateId, on: &On) -> Transition {
        Transition {
            guard: on.guard.as_deref().map(guard),
            targets: on
                .target
                .iter()
                .flat_map(|targets| targets.split(" & "))
                .map(|target| self.names[target])
                .collect(),
            reenter: on.reenter,
            actions: on.actions.iter().map(|action| self.action(action)).collect(),
            ..Transition::new(source, Trigger::Event(self.event(&on.event)), Span::default())
        }
    }

    fn event(&mut self, event: &str) -> EventId {
        let known = self.machine.events.enumerated().find(|(_, known)| known.name.value == event).map(|(id, _)| id);
        known.unwrap_or_else(|| {
            self.machine.events.push(Event {
                name: name(event),
                fields: Vec::new(),
                reply: None,
                declared: false,
                attributes: Vec::new(),
            })
        })
    }

    fn action(&mut self, action: &str) -> Action {
        let Some((field, value)) = action.split_once(" := ") else {
            return Action::Call(ActionId::new(0), call(action));
        };
        let known = self.machine.context.iter().position(|known| known.name.value == field);
        let field = known.unwrap_or_else(|| {
            let ty = Type { syntax: Syntax::new(syn::parse_quote!(u32)), span: Span::default() };
            self.machine.context.push(Field { name: name(field), ty, default: None });
            self.machine.context.len() - 1
        });
        Action::Assign(vec![Assignment { field, value: expr(value) }])
    }
}

fn guard(guard: &str) -> Guard {
    match guard.strip_prefix('?') {
        Some(method) => Guard::Call(GuardId::new(0), call(method)),
        None => Guard::Expr(expr(guard)),
    }
}

fn name(text: &str) -> Name {
    Spanned::new(text.to_owned(), Span::default())
}

fn expr(text: &str) -> Expr {
    let syntax = syn::parse_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    Expr { syntax: Syntax::new(syntax), text: text.to_owned(), span: Span::default() }
}

/// `name`, or `name(arguments)` where the arguments are paths and literals.
fn call(text: &str) -> Call {
    let parts = text.strip_suffix(')').and_then(|text| text.split_once('('));
    let (method, args) = match parts.filter(|(method, _)| syn::parse_str::<syn::Ident>(method).is_ok()) {
        Some((method, args)) => (method, args.split(", ").map(arg).collect()),
        None => (text, Vec::new()),
    };
    Call { name: name(method), args, span: Span::default() }
}

fn arg(text: &str) -> Arg {
    let (borrow, path) = match (text.strip_prefix("&mut "), text.strip_prefix('&')) {
        (Some(path), _) => (Borrow::Mutable, path),
        (None, Some(path)) => (Borrow::Shared, path),
        (None, None) => (Borrow::Value, text),
    };
    let mut fields = path.split('.');
    let root =
        [Root::Event, Root::Context, Root::State].into_iter().find(|root| fields.clone().next() == Some(root.name()));
    let kind = match root {
        Some(root) => ArgKind::Path { borrow, root, fields: fields.by_ref().skip(1).map(name).collect() },
        None => ArgKind::Literal(Literal { syntax: expr(text).syntax, ty: Syntax::new(syn::parse_quote!(i64)) }),
    };
    Arg { kind, span: Span::default() }
}
