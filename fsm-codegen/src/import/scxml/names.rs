//! What the spec calls the machine, its states and its data.
//!
//! Ids are kept wherever the spec can have them. A state without id, or whose id no Rust name can be made of, or whose
//! Rust name a sibling has already, gets a name of its own, and its `id` keeps what targets call it.

use std::collections::{HashMap, HashSet};

use super::model::{Document, Id, Kind};
use crate::names::{self, Case};

/// The names of a document.
#[derive(Debug)]
pub(super) struct Names {
    /// What the machine is called.
    pub(super) machine: String,
    /// What the states are called among their siblings.
    states: Vec<String>,
    /// The fields of the context by the ids of the data.
    pub(super) fields: HashMap<String, String>,
}

impl Names {
    /// Names everything; `stem` is the name of the file.
    pub(super) fn new(document: &Document, stem: &str) -> Self {
        let usable = |name: &&str| is_name(name);
        // Of standard input the name is `<stdin>`.
        let stem = stem.trim_matches(|char: char| !char.is_alphanumeric());
        let machine = document.name.as_deref().filter(usable).or(Some(stem).filter(usable)).unwrap_or("Machine");
        Self { machine: machine.to_owned(), states: states(document), fields: fields(document) }
    }

    /// The name of a state among its siblings.
    pub(super) fn state(&self, state: Id) -> &str {
        &self.states[state]
    }

    /// The `id` that the state needs, where its name alone does not find it.
    pub(super) fn id<'d>(&self, document: &'d Document, state: Id) -> Option<&'d str> {
        let id = document.states[state].id.as_ref()?.value.as_str();
        (id != self.states[state] || id == self.machine).then_some(id)
    }

    /// What targets call the state.
    pub(super) fn reference(&self, document: &Document, state: Id) -> String {
        let id = document.states[state].id.as_ref();
        format!("#{}", id.map_or(&self.states[state], |id| &id.value))
    }
}

fn is_name(name: &str) -> bool {
    names::check(name, Case::Pascal).is_ok() && names::check(name, Case::Snake).is_ok()
}

/// Counts up the names that are made, so that each is tried once.
#[derive(Default)]
struct Numbers {
    next: HashMap<String, u64>,
}

impl Numbers {
    /// `base` with the next number that makes it free.
    fn name(&mut self, base: &str, free: impl Fn(&str) -> bool) -> String {
        let number = self.next.entry(names::snake(base)).or_insert(0);
        loop {
            *number += 1;
            let name = format!("{base}_{number}");
            if free(&name) {
                return name;
            }
        }
    }
}

fn states(document: &Document) -> Vec<String> {
    let mut all = vec![String::new(); document.states.len()];
    let mut numbers = Numbers::default();
    for parent in &document.states {
        let mut taken = HashSet::new();
        for child in &parent.children {
            let id = document.states[*child].id.as_ref().map(|id| id.value.as_str());
            let kept = id.filter(|id| is_name(id) && !taken.contains(&names::pascal(id)));
            let name = kept.map_or_else(
                || {
                    // Also no other id: targets would find two states.
                    let free = |name: &str| !document.by_id.contains_key(name) && !taken.contains(&names::pascal(name));
                    numbers.name(&base(document, *child), free)
                },
                str::to_owned,
            );
            taken.insert(names::pascal(&name));
            all[*child] = name;
        }
    }
    all
}

/// What the made-up name of a state begins with.
fn base(document: &Document, state: Id) -> String {
    let state = &document.states[state];
    match (&state.id, state.kind) {
        (Some(id), _) if is_name(&id.value) => id.value.clone(),
        (Some(id), _) => words(&id.value, "state"),
        (None, Kind::Final) => "final".to_owned(),
        (None, Kind::History { .. }) => "history".to_owned(),
        (None, Kind::Plain | Kind::Parallel) => "state".to_owned(),
    }
}

/// What can be named after `text`.
fn words(text: &str, kind: &str) -> String {
    let kept: String = text.chars().map(|char| if char.is_ascii_alphanumeric() { char } else { '_' }).collect();
    let name = format!("{kind}_{kept}");
    if is_name(&name) { name } else { kind.to_owned() }
}

fn fields(document: &Document) -> HashMap<String, String> {
    let (mut taken, mut numbers) = (HashSet::new(), Numbers::default());
    let mut fields = HashMap::new();
    for data in &document.data {
        let id = &data.id.value;
        let spelt = id.chars().all(|char| char.is_ascii_alphanumeric() || char == '_');
        let base = if spelt && is_name(id) { id.clone() } else { words(id, "data") };
        let free = |name: &str| !taken.contains(&names::snake(name));
        let name = if free(&base) { base } else { numbers.name(&base, free) };
        taken.insert(names::snake(&name));
        fields.insert(id.clone(), name);
    }
    fields
}
