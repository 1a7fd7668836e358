//! The tables of what the spec declares: context, events, lints.
//!
//! Needs the tree, for events that are only used. After this point every event has its id, and every field a type,
//! unless an error was reported.

use std::collections::HashMap;

use crate::ast::{self, FieldDefault, Value};
use crate::diag::{Code, Diagnostic, Level, shown};
use crate::ir::{EventId, Expr, IndexVec, Name, Type};
use crate::names;
use crate::source::{Span, Spanned};

use super::expressions::{self, Scope};
use super::report::Report;
use super::tree::Tree;
use super::unsupported;

/// Everything that has a name, states and methods aside.
pub(super) struct Symbols {
    /// The extended state.
    pub(super) context: Fields,
    /// Declared events, or inferred ones.
    pub(super) events: IndexVec<EventId, Event>,
    /// Whether there is a block `events:`, so that other events do not exist.
    pub(super) closed: bool,
    by_name: HashMap<String, EventId>,
}

/// An event and its payload.
pub(super) struct Event {
    /// As spelt where it is declared or first used.
    pub(super) name: Name,
    /// The payload.
    pub(super) fields: Fields,
}

/// Fields in the order of their declaration, found by either spelling: the spec's or Rust's.
#[derive(Default)]
pub(super) struct Fields {
    /// The fields.
    pub(super) list: Vec<Field>,
    by_name: HashMap<String, usize>,
}

/// A field of the context or of a payload.
pub(super) struct Field {
    /// As spelt in the spec.
    pub(super) name: Name,
    /// `None` after an error.
    pub(super) ty: Option<Type>,
    /// Its default.
    pub(super) default: Option<Expr>,
}

impl Fields {
    fn new(list: Vec<Field>) -> Self {
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
        let context = Fields::new(machine.context.iter().map(|field| lower_field(field, report)).collect());
        let closed = report.is_closed(machine.events.as_deref());
        let mut symbols = Self { context, events: IndexVec::default(), closed, by_name: HashMap::new() };
        if closed {
            symbols.declare(machine.events.as_deref().unwrap_or_default(), report);
        } else {
            symbols.infer(tree);
        }
        symbols
    }

    fn declare(&mut self, events: &[ast::Event], report: &mut Report<'_>) {
        for event in events {
            if event.name.value == "error" {
                let message = "`error` is the event of an action that failed and cannot be declared";
                report.error(Code::InvalidName, event.name.span, message);
            }
            let fields = event.fields.iter().map(|field| lower_field(field, report)).collect();
            self.add(&event.name, Fields::new(fields));
        }
    }

    fn infer(&mut self, tree: &Tree<'_>) {
        for handler in tree.nodes.iter().flat_map(|node| &node.ast.on) {
            if !unsupported::is_special_event(&handler.event.value) {
                self.add(&handler.event, Fields::default());
            }
        }
    }

    fn add(&mut self, name: &Name, fields: Fields) {
        if !self.by_name.contains_key(&name.value) {
            let id = self.events.push(Event { name: name.clone(), fields });
            self.by_name.insert(name.value.clone(), id);
        }
    }

    /// The event of that name; reported where there is none.
    pub(super) fn event(&self, name: &Name, report: &mut Report<'_>) -> Option<EventId> {
        let found = self.by_name.get(&name.value).copied();
        if found.is_none() {
            let known = self.events.iter().map(|event| event.name.value.as_str());
            let help = report
                .nearest(&name.value, known)
                .unwrap_or_else(|| format!("declare it: `events: {{ {}: {{}} }}`", shown(&name.value)));
            let message = format!("there is no event `{}`", shown(&name.value));
            report.push(Diagnostic::error(Code::UnknownEvent, name.span, message).help(help));
        }
        found
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
        let help = report.nearest(&name.value, Code::lints().map(Code::name));
        let message = format!("there is no lint `{}`", shown(&name.value));
        report.push(Diagnostic::error(Code::UnknownLint, name.span, message).maybe_help(help));
    }
    levels
}

/// A field with the type that is written, or that its JSON default has.
fn lower_field(field: &ast::Field, report: &mut Report<'_>) -> Field {
    let (inferred, default) = match &field.default {
        None => (None, None),
        Some(FieldDefault::Expr(expr)) => {
            expressions::check(expr, &Scope::constant(), report);
            (None, Some(expr.clone()))
        }
        Some(FieldDefault::Json(value)) => match lower_json(value) {
            Ok((ty, default)) => (Some(ty), Some(default)),
            Err(diagnostic) => {
                report.push(diagnostic);
                (None, None)
            }
        },
    };
    let ty = field.ty.clone().or(inferred);
    if ty.is_none() && field.default.is_none() {
        let message = format!("the field `{}` has no type", shown(&field.name.value));
        report.error(Code::MissingKey, field.name.span, message);
    }
    Field { name: field.name.clone(), ty, default }
}

/// The type and the Rust of a JSON value.
fn lower_json(value: &Spanned<Value>) -> Result<(Type, Expr), Diagnostic> {
    let span = value.span;
    let (ty, text) = match &value.value {
        Value::Bool(value) => ("bool", value.to_string()),
        Value::Int(value) => ("i64", value.to_string()),
        Value::Float(value) => ("f64", float_text(*value)),
        Value::List(_) | Value::Map(_) => {
            let message = "a list or a mapping as a default is not supported yet";
            return Err(Diagnostic::error(Code::NotSupported, span, message));
        }
        Value::Null | Value::String(_) => {
            let diagnostic = Diagnostic::error(Code::WrongType, span, "a default of this kind has no Rust type");
            return Err(diagnostic.help("write type and default in Rust: `String = \"…\"`"));
        }
    };
    parse_constant(ty, &text, span)
        .ok_or_else(|| Diagnostic::error(Code::WrongType, span, format!("`{}` is no default", shown(&text))))
}

fn parse_constant(ty: &str, text: &str, span: Span) -> Option<(Type, Expr)> {
    let ty = Type { syntax: Box::new(syn::parse_str(ty).ok()?), span };
    let syntax = Box::new(syn::parse_str(text).ok()?);
    Some((ty, Expr { syntax, text: text.to_owned(), span }))
}

/// A number as Rust spells it, with a point.
fn float_text(value: f64) -> String {
    if value.is_nan() {
        "f64::NAN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "f64::INFINITY" } else { "f64::NEG_INFINITY" }.to_owned()
    } else {
        format!("{value:?}")
    }
}
