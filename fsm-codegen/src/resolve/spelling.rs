//! The Rust names of everything: those that cannot be spelt, and those that become one.
//!
//! Needs the tree, the symbols and the methods. After this point [`crate::names`] gives each state among its siblings,
//! each event, message, field, tag and method a name of its own, so back-ends need not ask. Names that generated code brings along
//! are the back-end's to keep apart, except the hooks of the `Actions` trait, which users see.

use fsm_model::gather::Gather as _;
use std::collections::{HashMap, HashSet};

use crate::ast::Kind;
use crate::diag::{Code, Diagnostic, shown};
use crate::ir::{Name, StateId};
use crate::names::{self, Case};
use crate::source::Span;

use super::report::Report;
use super::symbols::{Fields, Symbols};
use super::tree::Tree;

/// Methods that the `Actions` trait has for every machine.
const HOOKS: [&str; 2] = ["on_unhandled", "on_error"];

/// What messages call actions, guards, tasks and delays together.
const METHODS: &str = "methods";

/// Everything else that has a name, gathered by the passes before.
pub(super) struct Others<'n> {
    /// All that become methods of the trait `Actions`.
    pub(super) methods: Vec<&'n Name>,
    /// The names of sent events.
    pub(super) sends: Vec<&'n Name>,
}

/// Checks every name of the machine; `stem` says that the machine's own was taken from the file.
pub(super) fn check(tree: &Tree<'_>, symbols: &Symbols, others: Others<'_>, stem: bool, report: &mut Report<'_>) {
    machine(tree.name, stem, report);
    for (id, node) in tree.nodes.enumerated() {
        let children = node.children.iter().chain(&node.histories);
        unique(children.map(|child| tree.name(*child)), Case::Pascal, "states", report);
        // A state with children is a module besides, a region a field. Names that differ in PascalCase differ in
        // snake_case too.
        let region = node.parent.is_some_and(|parent| {
            matches!(tree.nodes[parent].ast.kind.as_ref().map(|kind| kind.value), Some(Kind::Parallel))
        });
        if id != StateId::ROOT
            && (region || !node.children.is_empty())
            && names::check(&tree.name(id).value, Case::Pascal).is_ok()
        {
            rust_name(tree.name(id), Case::Snake, report);
        }
        fields(&symbols.data[id], report);
    }
    for (list, noun) in [(symbols.events.iter(), "events"), (symbols.emits.iter(), "messages")] {
        // A pattern in the place of an event was reported.
        let names = list.clone().map(|event| &event.name).filter(|name| !name.value.contains('*'));
        unique(names, Case::Pascal, noun, report);
        list.for_each(|event| fields(&event.fields, report));
    }
    fields(&symbols.context, report);
    let mut known = HashSet::new();
    let tags = tree.nodes.iter().flat_map(|node| &node.ast.tags).filter(|tag| known.insert(tag.value.as_str()));
    unique(tags, Case::Pascal, "tags", report);
    unique(others.sends.into_iter(), Case::Pascal, "ids of sent events", report);
    unique_methods(others.methods.into_iter(), report);
}

fn fields(fields: &Fields, report: &mut Report<'_>) {
    if !fields.list.is_empty() {
        unique(fields.list.iter().map(|field| &field.name), Case::Snake, "fields", report);
    }
}

/// The machine's name is that of a type and, in `snake_case`, of a module.
fn machine(name: &Name, stem: bool, report: &mut Report<'_>) {
    let fault = names::check(&name.value, Case::Pascal).err().or(names::check(&name.value, Case::Snake).err());
    let Some(fault) = fault else { return };
    if stem {
        let message =
            format!("the file's name `{}` cannot name the machine: it {}", shown(&name.value), fault.reason());
        let diagnostic = Diagnostic::error(Code::InvalidName, name.span, message);
        report.push(diagnostic.help("name it in the file: `machine: …`"));
    } else {
        report_fault(name, fault, Case::Pascal, report);
    }
}

fn report_fault(name: &Name, fault: names::Fault, case: Case, report: &mut Report<'_>) {
    let message = match fault {
        names::Fault::Empty => "an empty name cannot become a Rust name".to_owned(),
        _ => format!("`{}` cannot become a Rust name: it {}", shown(&name.value), fault.reason()),
    };
    report.push(Diagnostic::error(Code::InvalidName, name.span, message).help(valid_name(&name.value, fault, case)));
}

/// A spelling near to `name` that Rust has.
fn valid_name(name: &str, fault: names::Fault, case: Case) -> String {
    let near = match fault {
        names::Fault::Empty | names::Fault::NoWords => String::new(),
        names::Fault::LeadingDigit => format!("n{name}"),
        names::Fault::Reserved => format!("my_{name}"),
        names::Fault::ForeignLetter => {
            name.chars().filter(|char| names::check(&format!("a{char}"), Case::Snake).is_ok()).gather()
        }
    };
    match names::check(&near, case) {
        Ok(_) => format!("write `{}`, for example", shown(&near)),
        Err(_) => "write letters and digits, a letter first: `go_up`, for example".to_owned(),
    }
}

/// The Rust name, or a report and nothing.
fn rust_name(name: &Name, case: Case, report: &mut Report<'_>) -> Option<String> {
    match names::check(&name.value, case) {
        Ok(text) => Some(text),
        Err(fault) => {
            report_fault(name, fault, case, report);
            None
        }
    }
}

fn unique<'n>(list: impl Iterator<Item = &'n Name>, case: Case, noun: &str, report: &mut Report<'_>) {
    let mut taken: HashMap<String, &Name> = HashMap::new();
    for name in list {
        let Some(text) = rust_name(name, case, report) else { continue };
        if let Some(first) = taken.get(&text) {
            report_collision(noun, name, first, &text, report);
        } else {
            taken.insert(text, name);
        }
    }
}

/// Actions, guards, tasks and delays are methods of one trait, which has hooks of its own.
fn unique_methods<'n>(list: impl Iterator<Item = &'n Name>, report: &mut Report<'_>) {
    let mut allowed = Vec::new();
    for name in list {
        if HOOKS.contains(&names::snake(&name.value).as_str()) {
            let message = format!("`{}` is a method that every machine has", shown(&name.value));
            report.error(Code::NameCollision, name.span, message);
        } else {
            allowed.push(name);
        }
    }
    unique(allowed.into_iter(), Case::Snake, METHODS, report);
}

fn report_collision(noun: &str, name: &Name, first: &Name, text: &str, report: &mut Report<'_>) {
    let message = if name.value == first.value {
        format!("two {noun} are called `{}`", shown(&name.value))
    } else {
        format!(
            "the {noun} `{}` and `{}` both become `{}` in Rust",
            shown(&first.value),
            shown(&name.value),
            shown(text)
        )
    };
    let (place, other) = in_order(name.span, first.span);
    let help = (noun == METHODS)
        .then(|| "actions, guards, tasks of invokes and delays without a value are methods of one trait".to_owned());
    report.push(Diagnostic::error(Code::NameCollision, place, message).label(other, "the other one").maybe_help(help));
}

/// The later place first: that is where people add a name.
fn in_order(one: Span, other: Span) -> (Span, Span) {
    if one.lo >= other.lo { (one, other) } else { (other, one) }
}
