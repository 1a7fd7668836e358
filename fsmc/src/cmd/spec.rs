//! Where a machine is written: in a file of its own, or in the `fsm! { … }` of a Rust file.

use std::path::Path;

use fsm_codegen::diag::{Diagnostic, Diagnostics};
use fsm_codegen::frontend::tokens::file::{self, Written};
use fsm_codegen::source::Source;
use fsm_codegen::{Checked, Config};

use super::{Failure, is_stdin, read};
use crate::args::SpecArgs;

/// One machine, read and not checked.
pub(super) struct Spec {
    source: Source,
    written: Place,
}

enum Place {
    /// The whole file is the spec.
    File,
    /// It is one of those in a Rust file.
    Macro(Written),
    /// The file cannot be read as text.
    Unreadable(Box<Diagnostic>),
}

impl Spec {
    /// All machines of a file: those of a Rust file may be several, or none.
    pub(super) fn all(path: &Path) -> Result<Vec<Self>, Failure> {
        let (name, bytes) = read(path)?;
        Ok(Self::read(path, &name, &bytes).1)
    }

    /// The specs that a Rust file names by `fsm!("path")`: they are files of their own.
    pub(super) fn named(path: &Path, source: &Source) -> Vec<String> {
        if is_rust(path, source) { file::paths(source) } else { Vec::new() }
    }

    /// The text of a file, and its machines.
    pub(super) fn read(path: &Path, name: &str, bytes: &[u8]) -> (Source, Vec<Self>) {
        let (source, places) = match Source::from_bytes(name, bytes) {
            Ok(source) if is_rust(path, &source) => {
                let source = source.in_rust();
                let places = match file::machines(&source) {
                    Ok(found) => found.into_iter().map(Place::Macro).collect(),
                    Err(diagnostic) => {
                        let before = file::machines_before(&source, &diagnostic).into_iter().map(Place::Macro);
                        before.chain([Place::Unreadable(diagnostic)]).collect()
                    }
                };
                (source, places)
            }
            Ok(source) => (source, vec![Place::File]),
            Err(unreadable) => (unreadable.source, vec![Place::Unreadable(Box::new(unreadable.diagnostic))]),
        };
        let spec = |written| Self { source: source.clone(), written };
        let specs = places.into_iter().map(spec).collect();
        (source, specs)
    }

    /// The machine of a file, or the one that the user names of several.
    pub(super) fn one(args: &SpecArgs) -> Result<Self, Failure> {
        let file = args.spec.display();
        let mut all = Self::all(&args.spec)?;
        if let Some(torn) = all.pop_if(|last| matches!(last.written, Place::Unreadable(_))) {
            return Ok(torn);
        }
        if let Some(wanted) = &args.machine
            && all.iter().all(|spec| matches!(spec.written, Place::Macro(_)))
        {
            let names = list(&all);
            all.retain(|spec| spec.name().as_ref() == Some(wanted));
            return all.pop().ok_or_else(|| Failure(format!("{file} has no machine `{wanted}`, only {names}")));
        }
        match all.pop() {
            None => Err(Failure(format!("{file} has no `fsm! {{ … }}`"))),
            Some(only) if all.is_empty() => Ok(only),
            Some(last) => {
                all.push(last);
                Err(Failure(format!("{file} has several machines, say which by --machine: {}", list(&all))))
            }
        }
    }

    pub(super) const fn source(&self) -> &Source {
        &self.source
    }

    fn name(&self) -> Option<String> {
        match &self.written {
            Place::Macro(written) => written.name(),
            Place::File | Place::Unreadable(_) => None,
        }
    }

    /// Reads, resolves and analyses it.
    pub(super) fn check(&self, config: &Config) -> Checked {
        match &self.written {
            Place::File => fsm_codegen::check(&self.source, config),
            Place::Macro(written) => fsm_codegen::check_written(written, &self.source, config),
            Place::Unreadable(diagnostic) => {
                let mut diagnostics = Diagnostics::default();
                diagnostics.push((**diagnostic).clone());
                Checked { machine: None, diagnostics }
            }
        }
    }
}

/// A file by its name; what comes without one by a line that begins a machine.
fn is_rust(path: &Path, source: &Source) -> bool {
    let begins = |line: &str| {
        let word = line.trim_start().split('!').next().unwrap_or_default();
        word.len() < line.trim_start().len() && (word == "fsm" || word.ends_with("::fsm"))
    };
    path.extension().is_some_and(|extension| extension == "rs") || (is_stdin(path) && source.text().lines().any(begins))
}

/// The names of machines, for messages.
fn list(specs: &[Spec]) -> String {
    let names: Vec<String> = specs.iter().filter_map(Spec::name).map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
