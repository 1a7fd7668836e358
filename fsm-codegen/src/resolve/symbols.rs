//! The tables of what the spec declares or only uses: context, events, messages, data, names of sent events, lints.
//!
//! Needs the tree. After this point every event, message and sent event has its id, and every field a type, unless an
//! error was reported.

use fsm_model::gather::Gather as _;
use std::collections::{HashMap, HashSet};

use crate::ast::{self, ActionKind, FieldDefault};
use crate::diag::words::Declared;
use crate::diag::{Code, Diagnostic, Help, Level, did_you_mean, shown};
use crate::ir::{EventId, Expr, Id, IndexVec, MessageId, Name, Referent, SendId, StateId, Type};
use crate::names;
use crate::source::{Span, Spanned};

use super::imports;
use super::json;
use super::patterns::{self, Key};
use super::report::Report;
use super::tree::Tree;
use super::visit;

/// Everything that has a name, states and methods aside.
pub(super) struct Symbols {
    /// The extended state.
    pub(super) context: Fields,
    /// Declared events, or inferred ones.
    pub(super) events: IndexVec<EventId, Event>,
    /// Whether there is a block `events:`, so that other events do not exist.
    pub(super) closed: bool,
    /// Declared messages, or inferred ones.
    pub(super) emits: IndexVec<MessageId, Event>,
    /// Whether there is a block `emits:`.
    pub(super) emits_closed: bool,
    /// The data of each state.
    pub(super) data: IndexVec<StateId, Fields>,
    /// The names of sent events.
    pub(super) sends: IndexVec<SendId, Name>,
    /// What `use:` and `generics:` bring along; `*` stands for all that a glob may bring.
    foreign: HashSet<String>,
    events_by_name: HashMap<String, EventId>,
    emits_by_name: HashMap<String, MessageId>,
    sends_by_name: HashMap<String, SendId>,
}

/// An event, or a message, and its payload.
pub(super) struct Event {
    /// As spelt where it is declared or first used.
    pub(super) name: Name,
    /// The payload.
    pub(super) fields: Fields,
    /// The type of the answer.
    pub(super) reply: Option<Type>,
}

impl Event {
    fn unit(name: Name) -> Self {
        Self { name, fields: Fields::default(), reply: None }
    }
}

/// Fields in the order of their declaration, found by either spelling: the spec's or Rust's.
#[derive(Default)]
pub(super) struct Fields {
    /// The fields.
    pub(super) list: Vec<Field>,
    by_name: HashMap<String, usize>,
}

/// A field of the context, of a payload, or of data.
pub(super) struct Field {
    /// As spelt in the spec.
    pub(super) name: Name,
    /// `None` after an error.
    pub(super) ty: Option<Type>,
    /// Its default.
    pub(super) default: Option<Expr>,
}

impl Fields {
    /// Fields in their order.
    pub(super) fn new(list: Vec<Field>) -> Self {
        let mut by_name = HashMap::new();
        for (index, field) in list.iter().enumerate() {
            by_name.entry(field.name.value.clone()).or_insert(index);
        }
        // The spec's own spelling of one field goes before Rust's spelling of another.
        for (index, field) in list.iter().enumerate() {
            by_name.entry(names::snake(&field.name.value)).or_insert(index);
        }
        Self { list, by_name }
    }

    /// A single field that the language itself gives, such as `output`; `None` for the type after an error.
    pub(super) fn single(name: &str, ty: Option<Type>) -> Self {
        Self::new(vec![Field { name: Spanned::new(name.to_owned(), Span::default()), ty, default: None }])
    }

    fn lower(fields: &[ast::Field], report: &mut Report<'_>) -> Self {
        if fields.is_empty() {
            return Self::default();
        }
        Self::new(fields.iter().map(|field| lower_field(field, report)).gather())
    }

    /// The index of the field that is called `name` in the spec or in Rust.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.by_name.get(name.strip_prefix("r#").unwrap_or(name)).copied()
    }

    /// All names as the spec spells them.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|field| field.name.value.as_str())
    }
}

impl Symbols {
    /// Reads the declarations of `machine`.
    pub(super) fn collect(machine: &ast::Machine, tree: &Tree<'_>, report: &mut Report<'_>) -> Self {
        let mut symbols = Self {
            context: Fields::lower(&machine.context, report),
            events: IndexVec::default(),
            closed: report.is_closed(machine.events.as_deref()),
            emits: IndexVec::default(),
            emits_closed: report.is_closed(machine.emits.as_deref()),
            data: tree.nodes.iter().map(|node| Fields::lower(&node.ast.data, report)).gather(),
            sends: IndexVec::default(),
            foreign: foreign(machine),
            events_by_name: HashMap::new(),
            emits_by_name: HashMap::new(),
            sends_by_name: HashMap::new(),
        };
        symbols.declare(machine, report);
        symbols.infer(tree, report);
        symbols
    }

    fn declare(&mut self, machine: &ast::Machine, report: &mut Report<'_>) {
        let (events, emits) = (self.closed, self.emits_closed);
        for event in machine.events.iter().flatten().filter(|_| events) {
            check_event_name(&event.name, report);
            let fields = Fields::lower(&event.fields, report);
            self.add_event(Event { name: event.name.clone(), fields, reply: event.reply.clone() });
        }
        for message in machine.emits.iter().flatten().filter(|_| emits) {
            if let Some(reply) = &message.reply {
                report.error(Code::InvalidReply, reply.span, "nobody answers a message to the outside");
            }
            let fields = Fields::lower(&message.fields, report);
            self.add_message(Event { name: message.name.clone(), fields, reply: None });
        }
    }

    /// Finds what is only used, state by state: the events handled, what actions name, the events deferred.
    fn infer(&mut self, tree: &Tree<'_>, report: &mut Report<'_>) {
        for node in &tree.nodes {
            let handled = node.ast.on.iter().map(|handler| &handler.event);
            handled.for_each(|name| self.infer_event(name, report));
            visit::actions(node.ast, &mut |action| match &action.kind {
                ActionKind::Raise(event) => self.infer_event(&event.event, report),
                ActionKind::Send { event, id, .. } => {
                    self.infer_event(&event.event, report);
                    if let Some(id) = id.as_ref().filter(|id| !self.sends_by_name.contains_key(&id.value)) {
                        self.sends_by_name.insert(id.value.clone(), self.sends.push(id.clone()));
                    }
                }
                ActionKind::Emit(message) if !self.emits_closed => {
                    self.add_message(Event::unit(message.event.clone()));
                }
                _ => {}
            });
            node.ast.defer.iter().for_each(|name| self.infer_event(name, report));
        }
    }

    fn infer_event(&mut self, name: &Name, report: &mut Report<'_>) {
        if !self.closed && patterns::key(&name.value) == Key::Exact && !self.events_by_name.contains_key(&name.value) {
            check_event_name(name, report);
            self.add_event(Event::unit(name.clone()));
        }
    }

    fn add_event(&mut self, event: Event) {
        if !self.events_by_name.contains_key(&event.name.value) {
            self.events_by_name.insert(event.name.value.clone(), self.events.next_id());
            self.events.push(event);
        }
    }

    fn add_message(&mut self, message: Event) {
        if !self.emits_by_name.contains_key(&message.name.value) {
            self.emits_by_name.insert(message.name.value.clone(), self.emits.next_id());
            self.emits.push(message);
        }
    }

    /// The event of that name; reported where there is none.
    pub(super) fn event(&self, name: &Name, report: &mut Report<'_>) -> Option<EventId> {
        let found = self.events_by_name.get(&name.value).copied();
        match found {
            Some(event) => report.refer(name.span, Referent::Event(event)),
            None => report_unknown(name, Declared::Event, &self.events, report),
        }
        found
    }

    /// The message of that name; reported where there is none.
    pub(super) fn message(&self, name: &Name, report: &mut Report<'_>) -> Option<MessageId> {
        let found = self.emits_by_name.get(&name.value).copied();
        match found {
            Some(message) => report.refer(name.span, Referent::Message(message)),
            None => report_unknown(name, Declared::Message, &self.emits, report),
        }
        found
    }

    /// Whether a name in Rust may stand for something that the spec does not know.
    pub(super) fn is_foreign(&self, name: &str) -> bool {
        self.foreign.contains(name) || self.foreign.contains("*")
    }

    /// What is sent under that name, if anything is.
    pub(super) fn sent(&self, id: &str) -> Option<SendId> {
        self.sends_by_name.get(id).copied()
    }
}

fn report_unknown<I: Id>(name: &Name, what: Declared, known: &IndexVec<I, Event>, report: &mut Report<'_>) {
    let known = known.iter().map(|event| event.name.value.as_str());
    let help = report
        .nearest(&name.value, known)
        .unwrap_or_else(|| format!("declare it: {}", report.words().declare(what, &name.value)).into());
    let code = if what == Declared::Event { Code::UnknownEvent } else { Code::UnknownName };
    let message = format!("there is no {} `{}`", what.noun(), shown(&name.value));
    report.push(Diagnostic::error(code, name.span, message).help(help));
}

fn foreign(machine: &ast::Machine) -> HashSet<String> {
    let params = machine.generics.iter().flat_map(|generics| &generics.value.params);
    let params = params.filter_map(|param| match param {
        syn::GenericParam::Type(param) => Some(param.ident.to_string()),
        syn::GenericParam::Const(param) => Some(param.ident.to_string()),
        syn::GenericParam::Lifetime(_) => None,
    });
    machine.uses.iter().flat_map(|tree| imports::imported(&tree.value)).chain(params).gather()
}

/// An event is neither a pattern nor what the machine itself raises.
fn check_event_name(name: &Name, report: &mut Report<'_>) {
    if name.value == "error" {
        let message = "`error` is the event of an action that failed and cannot be declared";
        let help =
            format!("it can be handled as it is, {}; call an event of your own otherwise", report.words().on_error());
        report.push(Diagnostic::error(Code::InvalidName, name.span, message).help(help));
    } else if name.value.contains('*') {
        let message = format!("`{}` is no name of an event", shown(&name.value));
        let place = report.words().patterns();
        let help = format!("{place}, `*` stands for all events, and `a.*` for those that begin with `a`");
        report.push(Diagnostic::error(Code::InvalidName, name.span, message).help(help));
    }
}

/// The levels that the spec sets for lints.
pub(super) fn lints(machine: &ast::Machine, report: &mut Report<'_>) -> Vec<(Code, Level)> {
    let mut levels = Vec::new();
    for (name, level) in &machine.lints {
        if let Some(code) = Code::lint(&name.value) {
            levels.push((code, *level));
            continue;
        }
        let help = report.nearest(&name.value, Code::lints().map(Code::name)).or_else(|| begun(&name.value));
        let message = format!("there is no lint `{}`", shown(&name.value));
        report.push(Diagnostic::error(Code::UnknownLint, name.span, message).maybe_help(help));
    }
    levels
}

/// The one lint that begins like a misspelt word: `unreachabel`.
fn begun(word: &str) -> Option<Help> {
    let beginning = |code: Code| code.name().split('_').next().unwrap_or_default();
    let near = did_you_mean(word, Code::lints().map(beginning))?;
    let mut found = Code::lints().filter(|code| near.text == format!("did you mean `{}`?", beginning(*code)));
    let name = found.next().filter(|_| found.next().is_none())?.name();
    Some(Help::from(format!("did you mean `{name}`?")).replacing(word, name))
}

/// A field with the type that is written, or that its JSON default has.
fn lower_field(field: &ast::Field, report: &mut Report<'_>) -> Field {
    let (inferred, default) = match &field.default {
        None => (None, None),
        Some(FieldDefault::Expr(expr)) => (None, Some(expr.clone())),
        Some(FieldDefault::Json(value)) => match json::lower(value) {
            Ok((ty, default)) => (Some(ty), Some(default)),
            Err(diagnostic) => {
                report.push(diagnostic);
                (None, None)
            }
        },
    };
    let ty = field.ty.clone().or(inferred);
    // One that could not be read was reported.
    if ty.is_none() && field.default.is_none() && !report.is_partial() {
        let message = format!("the field `{}` has no type", shown(&field.name.value));
        report.error(Code::MissingKey, field.name.span, message);
    }
    Field { name: field.name.clone(), ty, default }
}
