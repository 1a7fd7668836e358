//! What can be seen where an expression or a call stands: `event`, `context`, `state`.
//!
//! Needs the symbols. Each place in a spec has a [`Scope`]; expressions and arguments ask it for fields, and it has the
//! words for what cannot be seen, and why.

use crate::diag::words::Declared;
use crate::diag::{Code, Diagnostic, shown};
use crate::ir::{EventId, Root, StateId, Type};
use crate::source::{Source, Span};
use fsm_model::gather::Gather as _;

use super::report::Report;
use super::symbols::{Field, Fields, Symbols};
use super::tree::Tree;

/// What can be seen where an expression or a call stands.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    /// What `event` is.
    pub(super) event: Visible<'s>,
    /// The state whose data, and whose ancestors' data, `state` is.
    pub(super) state: StateId,
    /// The type of what the whole expression is for, if that is known.
    pub(super) wanted: Option<&'s Type>,
    /// All tables; `None` in a default, which sees nothing.
    tables: Option<(&'s Symbols, &'s Tree<'s>, &'s Source)>,
}

/// What `event` is.
#[derive(Clone, Copy)]
pub(super) enum Visible<'s> {
    /// This event.
    Event(EventId),
    /// The end of something, or a failure.
    Result(&'s Results),
    /// Not known, which was reported, or never asked for.
    Unknown,
    /// It cannot be seen here.
    Not(&'static str),
}

/// What `event` is in `onDone`, `onError` and `on: error`.
pub(super) struct Results {
    /// What has it, in messages: ``the completion of `Working` ``.
    pub(super) owner: String,
    /// `output` or `error`, where there is one.
    pub(super) fields: Fields,
    /// How it could have another.
    pub(super) advice: String,
}

impl<'s> Scope<'s> {
    /// Where an event may be known, in what belongs to `state`.
    pub(super) const fn new(
        event: Visible<'s>,
        state: StateId,
        tables: (&'s Symbols, &'s Tree<'s>, &'s Source),
    ) -> Self {
        Self { event, state, wanted: None, tables: Some(tables) }
    }

    /// A default value, which sees nothing.
    pub(super) const fn constant() -> Self {
        Self { event: Visible::Not("a default value"), state: StateId::ROOT, wanted: None, tables: None }
    }

    /// The same, for a value of this type.
    pub(super) const fn wanting(self, wanted: Option<&'s Type>) -> Self {
        Self { wanted, ..self }
    }

    /// The spec's text.
    pub(super) fn source(&self) -> Option<&'s Source> {
        self.tables.map(|(.., source)| source)
    }

    /// Whether the fields below `root` are known; `Err` where it cannot be seen.
    pub(super) fn see(&self, root: Root) -> Result<bool, Diagnostic> {
        let hidden = |message: String| Diagnostic::error(Code::NotVisible, Span::default(), message);
        let Some((symbols, tree, source)) = self.tables else {
            return Err(hidden(format!("`{}` cannot be seen in a default value", root.name())));
        };
        match root {
            Root::Context => Ok(true),
            Root::Queue => Err(hidden("`queue` can only be an argument of an action".to_owned())
                .help(format!("in the spec itself an event is raised by {}", source.notation().raise()))),
            Root::State => {
                if tree.chain(self.state).any(|state| !symbols.data[state].list.is_empty()) {
                    return Ok(true);
                }
                let message = format!("`state` is the data of a state, and {} has none", tree.described(self.state));
                let data = source.notation().data();
                Err(hidden(message).help(format!("declare it in the state, {data}, or use the context")))
            }
            Root::Event => match self.event {
                Visible::Event(_) | Visible::Result(_) => Ok(true),
                Visible::Unknown => Ok(false),
                Visible::Not(place) => Err(hidden(format!("`event` cannot be seen in {place}"))
                    .help("store what is needed of it by `assign`, or as `data` of the state that is entered")),
            },
        }
    }

    /// Whether `root` may be taken as a whole; nothing is known to be wrong with what cannot be seen.
    pub(super) fn whole(&self, root: Root) -> Result<(), Diagnostic> {
        let error = |message: String| Diagnostic::error(Code::InvalidArgument, Span::default(), message);
        match (root, self.event) {
            (Root::State, _) => {
                Err(error("the data of a state cannot be taken as a whole".to_owned())
                    .help("take its fields: `state.…`"))
            }
            (Root::Event, Visible::Result(results)) => {
                let first = results.fields.names().next();
                let help = first.map_or_else(|| results.advice.clone(), |field| format!("take `event.{field}`"));
                Err(error(format!("{} is no event with a payload", results.owner)).help(help))
            }
            _ => Ok(()),
        }
    }

    /// Whether a name of Rust may be one that the spec brings along, and not what it usually is.
    pub(super) fn may_mean_another(&self, name: &str) -> bool {
        self.tables.is_none_or(|(symbols, ..)| symbols.is_foreign(name))
    }

    /// The fields of that name that can be seen here, with their owners before them: `context.name`.
    pub(super) fn owners(&self, name: &str) -> Vec<String> {
        self.owned(name).map(|(root, _)| format!("{}.{name}", root.name())).gather()
    }

    /// The fields of that name that can be seen here, with their roots.
    pub(super) fn owned(&self, name: &str) -> impl Iterator<Item = (Root, &'s Field)> {
        [Root::Event, Root::Context, Root::State].into_iter().filter_map(|root| Some((root, self.field(root, name)?)))
    }

    /// The field `name` below `root`.
    pub(super) fn field(&self, root: Root, name: &str) -> Option<&'s Field> {
        let (symbols, tree, _) = self.tables?;
        let find = |fields: &'s Fields| fields.find(name).map(|index| &fields.list[index]);
        match (root, self.event) {
            (Root::Context, _) => find(&symbols.context),
            (Root::State, _) => tree.chain(self.state).find_map(|state| find(&symbols.data[state])),
            (Root::Event, Visible::Event(event)) => find(&symbols.events[event].fields),
            (Root::Event, Visible::Result(results)) => find(&results.fields),
            _ => None,
        }
    }

    /// The error that `root` has no field `name`.
    pub(super) fn unknown_field(&self, root: Root, name: &str, span: Span, report: &mut Report<'_>) -> Diagnostic {
        let text = shown(name);
        let Some((symbols, tree, _)) = self.tables else {
            return Diagnostic::error(Code::UnknownField, span, format!("{} has no field `{text}`", root.name()));
        };
        let (owner, help) = match (root, self.event) {
            (Root::Event, Visible::Event(event)) => {
                let event = &symbols.events[event];
                let declared = report.words().declare_field(Declared::Event, &event.name.value, name);
                let advice = || format!("only a declared event has fields: {declared}");
                let near = report.nearest(name, event.fields.names());
                (
                    format!("the event `{}`", shown(&event.name.value)),
                    near.or_else(|| (!symbols.closed).then(|| advice().into())),
                )
            }
            (Root::Event, Visible::Result(results)) => {
                let near = report.nearest(name, results.fields.names());
                (results.owner.clone(), near.or_else(|| Some(results.advice.clone().into())))
            }
            (Root::State, _) => {
                let data = tree.chain(self.state).flat_map(|state| symbols.data[state].names());
                (format!("the data of {}", tree.described(self.state)), report.nearest(name, data))
            }
            _ => ("the context".to_owned(), report.nearest(name, symbols.context.names())),
        };
        Diagnostic::error(Code::UnknownField, span, format!("{owner} has no field `{text}`")).maybe_help(help)
    }
}
