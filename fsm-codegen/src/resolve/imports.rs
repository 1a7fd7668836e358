//! Names that types and `use:` bring along, against those that the generated module has anyway.
//!
//! Needs the symbols. After this point every type in the spec means in the generated module what it means outside.
//! `mod event` holds a struct for each event: a payload type of that name would mean the struct. Messages are alike.

use fsm_model::gather::Gather as _;
use std::collections::HashMap;

use syn::UseTree;
use syn::visit::{self, Visit};

use crate::diag::{Code, Diagnostic, shown};
use crate::names;
use crate::rust::{Import, Placed};
use crate::source::Span;

use super::report::Report;
use super::symbols::{Event, Symbols};

/// What every generated module, or its module of payloads, defines or imports.
const GENERATED: &[&str] =
    &["Actions", "Context", "DEFINITION", "Event", "Future", "Machine", "State", "Transition", "event", "fsm", "state"];

/// Checks the imports, and the events against the types of payloads.
pub(super) fn check(uses: &[Placed<Import>], symbols: &Symbols, report: &mut Report<'_>) {
    for tree in uses {
        for name in imported(&tree.value) {
            if GENERATED.contains(&name.as_str()) {
                let message = format!("`{name}` is the name of an item that every generated module has");
                let help = format!("import it under another name: `… as My{}`", names::pascal(&name));
                report.push(Diagnostic::error(Code::NameCollision, tree.span, message).help(help));
            }
        }
    }
    check_payloads("event", symbols.events.iter(), report);
    check_payloads("message", symbols.emits.iter(), report);
}

/// The structs of one kind of payload stand in one module, where a type of the same name would mean the struct.
fn check_payloads<'s>(noun: &str, events: impl Iterator<Item = &'s Event> + Clone, report: &mut Report<'_>) {
    let types = payload_types(events.clone());
    for event in events {
        let Some(place) = types.get(&names::pascal(&event.name.value)) else { continue };
        let message = format!("the {noun} `{}` and a type of a payload have one name", shown(&event.name.value));
        report.push(
            Diagnostic::error(Code::NameCollision, event.name.span, message)
                .label(*place, format!("here it would mean the {noun}'s own struct"))
                .help(format!(
                    "write the type with its whole path, such as `std::string::String`, or rename the {noun}"
                )),
        );
    }
}

/// The names under which a `use` imports; `*` of a glob.
pub(super) fn imported(tree: &UseTree) -> Vec<String> {
    match tree {
        UseTree::Path(path) => imported(&path.tree),
        UseTree::Name(name) => vec![name.ident.to_string()],
        UseTree::Rename(rename) => vec![rename.rename.to_string()],
        UseTree::Group(group) => group.items.iter().flat_map(imported).gather(),
        UseTree::Glob(_) => vec!["*".to_owned()],
    }
}

/// The first segment of every path in a payload's types, with the place of its type.
fn payload_types<'s>(events: impl Iterator<Item = &'s Event>) -> HashMap<String, Span> {
    let mut found = HashMap::new();
    for ty in events.flat_map(|event| &event.fields.list).filter_map(|field| field.ty.as_ref()) {
        Paths { span: ty.span, found: &mut found }.visit_type(&ty.syntax);
    }
    found
}

struct Paths<'f> {
    span: Span,
    found: &'f mut HashMap<String, Span>,
}

impl Visit<'_> for Paths<'_> {
    fn visit_path(&mut self, path: &syn::Path) {
        if let Some(first) = path.segments.first().filter(|_| path.leading_colon.is_none()) {
            self.found.entry(first.ident.to_string()).or_insert(self.span);
        }
        visit::visit_path(self, path);
    }
}
