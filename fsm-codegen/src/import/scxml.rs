//! W3C SCXML becomes a spec.
//!
//! ```text
//! text ─► limits ─► xml ─► read ─► model::Document ─► check, data ─► names, events ─► lower ─► YAML
//! ```
//!
//! What an SCXML document means, the spec means too, by the rules of SEMANTICS.md: external transitions say
//! `reenter: true`, event descriptors become keys that keep document order ([`events`]), and the simple expressions of
//! ECMAScript become Rust ([`expr`]). What cannot be said is an error at its place; logs alone, which have no effect, only
//! get a warning.

mod check;
mod data;
mod events;
mod expr;
mod limits;
mod lower;
mod model;
mod names;
mod read;
mod xml;

use super::{Imported, yaml};
use crate::diag::{Code, Diagnostic, Diagnostics, shown};
use crate::source::{Source, Span};
use events::{Done, Events};
use model::Document;
use names::Names;

/// What the document alone does not tell.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Options {
    /// Events that come from outside and that no transition names in full: `*` and prefixes match them too.
    pub events: Vec<String>,
}

/// Translates a document.
#[must_use]
pub fn import(source: &Source, options: &Options) -> Imported {
    let mut diagnostics = Diagnostics::default();
    let text = translate(source, options, &mut diagnostics);
    diagnostics.sort();
    let text = text.filter(|_| !diagnostics.has_errors());
    Imported { text, diagnostics }
}

/// Translates a document as it comes from a file; also of one that is no text there is a [`Source`] in which its
/// diagnostics are shown.
#[must_use]
pub fn import_bytes(name: &str, bytes: &[u8], options: &Options) -> (Source, Imported) {
    match Source::from_bytes(name, bytes) {
        Ok(source) => {
            let imported = import(&source, options);
            (source, imported)
        }
        Err(unreadable) => {
            let mut diagnostics = Diagnostics::default();
            diagnostics.push(unreadable.diagnostic);
            (unreadable.source, Imported { text: None, diagnostics })
        }
    }
}

fn translate(source: &Source, options: &Options, diagnostics: &mut Diagnostics) -> Option<String> {
    let xml = match xml::parse(source) {
        Ok(xml) => xml,
        Err(error) => {
            diagnostics.push(error);
            return None;
        }
    };
    let document = read::read(&xml, source, diagnostics);
    if document.states.is_empty() {
        return None;
    }
    check::check(&document, diagnostics);
    let types = data::check(&document, diagnostics);
    extra_events(options, diagnostics);
    if diagnostics.has_errors() {
        return None;
    }
    let names = Names::new(&document, source.stem());
    let events = Events::new(&document, &options.events, diagnostics);
    let spec = lower::lower(&document, &names, &events, &types, diagnostics);
    Some(header(source, &document, &events) + &yaml::write(&spec))
}

/// The names that the caller adds.
fn extra_events(options: &Options, diagnostics: &mut Diagnostics) {
    for name in options.events.iter().filter(|name| !is_event_name(name)) {
        let message = format!("`{}` cannot be the name of an event", shown(name));
        diagnostics.push(Diagnostic::error(Code::InvalidName, Span::default(), message));
    }
}

/// Whether SCXML, YAML and the spec's own language all take this for the name of one event.
#[must_use]
pub fn is_event_name(name: &str) -> bool {
    let bad = |char: char| char.is_whitespace() || char.is_control() || "*{}()".contains(char);
    !name.is_empty() && name != "error" && !events::is_platform(name) && !name.chars().any(bad)
}

/// Where the spec comes from, and what is not exactly as it was.
fn header(source: &Source, document: &Document, events: &Events) -> String {
    let name: String = source.name().chars().filter(|char| !char.is_control()).collect();
    let mut text = format!("# Imported from {name}.\n");
    if (0..document.states.len()).any(|state| events.done(state) == Done::Raised) {
        text.push_str(
            "# A state whose end others hear of raises SCXML's event, behind those that were raised before.\n",
        );
    }
    text
}
